//! Pingora's hooks, in the order in which it calls them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http_api::{Problem, codes};
use pingora_core::protocols::l4::socket::SocketAddr;
use pingora_core::upstreams::peer::{HttpPeer, HttpUpstreamRequestPolicy};
use pingora_core::{Error, ErrorSource, ErrorType, Result};
use pingora_http::{RequestHeader, ResponseHeader};
use pingora_proxy::{FailToProxy, ProxyHttp, ProxyWarnLogContext, Session};

use crate::admission::{self, Admission, Stop};
use crate::answer::Answer;
use crate::exchange::Exchange;
use crate::per_service::PerService;
use crate::pool::{Breaking, Outcome, Pool};
use crate::retry::{Budget, RETRIES};
use crate::upstreams::Upstreams;
use crate::{classes, front, headers, metrics};

/// How long a connection to an instance may take.
const CONNECT: Duration = Duration::from_secs(1);

/// How long a connection to an instance is kept: shorter than the 100 s for which the services keep one that is idle, so that
/// they never end one which is about to be used.
const KEPT: Duration = Duration::from_secs(60);

/// What is left of a body that nobody wants is read for so long, and then the connection ended.
const DRAIN_BODY: Duration = Duration::from_secs(2);

/// The gateway as Pingora knows it. Clones share what they know: each lane has one, with connections to instances of its own.
#[derive(Clone)]
pub(crate) struct Proxy {
    admission: Arc<Admission>,
    upstreams: Upstreams,
    pools: Arc<PerService<Arc<Pool>>>,
    budget: Arc<Budget>,
    tls: bool,
}

impl Proxy {
    pub(crate) fn new(admission: Admission, upstreams: Upstreams, tls: bool) -> Self {
        let pools = Arc::default();
        show_breakers(&pools, &upstreams);
        Self { admission: Arc::new(admission), upstreams, pools, budget: Arc::new(Budget::new()), tls }
    }

    fn breaking(&self) -> Breaking {
        let settings = &self.admission.settings;
        Breaking {
            failures: settings.breaker_failures.now(),
            pause: Duration::from_millis(settings.breaker_open_ms.now()),
        }
    }

    /// Tells the pool how a request to an instance ended.
    fn ended(&self, exchange: &mut Exchange, outcome: Outcome) {
        let (breaking, now) = (self.breaking(), Instant::now());
        let Some(call) = exchange.call else { return };
        if let Some(slot) = &mut exchange.slot {
            let opened = slot.ended(outcome, breaking, now);
            if opened {
                metrics::OPENED.with_label_values(&[call.service.name()]).inc();
                let (service, instance) = (call.service.name(), slot.address());
                tracing::warn!(service, %instance, "an instance does not answer, and is passed over");
            }
        }
        let reason = match outcome {
            Outcome::Answered => return,
            Outcome::Unreachable => "unreachable",
            Outcome::Failed => "failed",
        };
        metrics::FAILURES.with_label_values(&[call.service.name(), reason]).inc();
    }

    /// Whether a request that was sent, and not answered, is sent again.
    fn goes_again(&self, error: &Error, session: &Session, exchange: &Exchange) -> bool {
        exchange.repeatable
            && !is_late(error.etype())
            && *error.esource() == ErrorSource::Upstream
            && !is_answered(session)
            && !session.as_ref().retry_buffer_truncated()
            && exchange.tried.len() <= RETRIES
            && self.budget.spend()
    }

    /// Answers, and reads what is left of the request's body: who still sends it would be reset before the answer is read.
    async fn write(session: &mut Session, exchange: &mut Exchange, answer: Answer) -> Result<()> {
        let head = answer.head(exchange)?;
        exchange.answers(answer.status.as_u16());
        let bodyless = answer.body.is_empty() || session.req_header().method == http::Method::HEAD;
        session.write_response_header(Box::new(head), bodyless).await?;
        if !bodyless {
            session.write_response_body(Some(answer.body), true).await?;
        }
        if !session.is_body_empty() {
            let _ = session.drain_request_body().await;
        }
        Ok(())
    }
}

#[async_trait]
impl ProxyHttp for Proxy {
    type CTX = Exchange;

    fn new_ctx(&self) -> Exchange {
        Exchange::new(self.tls)
    }

    /// Nothing of what modules would do is wanted: answers pass as they are.
    fn init_downstream_modules(&self, _: &mut pingora_core::modules::http::HttpModules) {}

    async fn request_filter(&self, session: &mut Session, exchange: &mut Exchange) -> Result<bool> {
        session.set_total_drain_timeout(Some(DRAIN_BODY));
        // For what we answer ourselves, too: who doesn't read must not hold a connection.
        let idle = Duration::from_millis(self.admission.settings.idle_ms.now());
        session.set_write_timeout(Some(idle));
        exchange.body_done = session.is_body_empty();
        let address = session.client_addr().and_then(SocketAddr::as_inet).map(std::net::SocketAddr::ip);
        let request = session.req_header();
        exchange.begin(&request.method, &request.headers, address);
        let stop = match self.admission.ask(session.req_header(), exchange).await {
            Ok(call) => {
                let settings = &self.admission.settings;
                let timeout = classes::timeout(settings, call.class);
                session.set_read_timeout(Some(timeout));
                if classes::is_endless(call.class) {
                    front::mark_endless();
                } else {
                    exchange.body_until = Some(exchange.began + timeout);
                }
                self.budget.earn(settings.retry_budget_percent.now());
                return Ok(false);
            }
            Err(stop) => stop,
        };
        let answer = match stop {
            Stop::Answer(answer) => *answer,
            Stop::Refused(problem) => Answer::refused(*problem, session.req_header(), exchange).await,
        };
        if !session.is_body_empty() {
            // Its body is still on the way, and may have no end.
            session.set_keepalive(None);
        }
        Self::write(session, exchange, answer).await?;
        Ok(true)
    }

    async fn upstream_peer(&self, _: &mut Session, exchange: &mut Exchange) -> Result<Box<HttpPeer>> {
        let call = exchange.call.ok_or_else(|| Error::explain(ErrorType::InternalError, "no call"))?;
        let up = self.upstreams.of(call.service);
        // The one before is done with; what it got of the body comes again.
        exchange.slot = None;
        exchange.body = 0;
        let picked = self.pools[call.service].pick(&up, &exchange.tried, rand::random(), Instant::now());
        let slot = picked.map_err(|wait| {
            let detail = format!("no instance of the {} answers now", call.service.name());
            exchange.problem = Some(Problem::unavailable(detail, wait));
            Error::explain(ErrorType::HTTPStatus(503), "no instance")
        })?;
        let mut peer = HttpPeer::new(slot.address(), false, String::new());
        exchange.tried.push(slot.address());
        exchange.slot = Some(slot);
        let timeout = classes::timeout(&self.admission.settings, call.class);
        let options = &mut peer.options;
        options.connection_timeout = Some(CONNECT);
        options.total_connection_timeout = Some(CONNECT);
        options.read_timeout = Some(timeout);
        options.write_timeout = Some(timeout);
        options.idle_timeout = Some(KEPT);
        options.http_upstream_request_policy = HttpUpstreamRequestPolicy::deny_upgrades();
        Ok(Box::new(peer))
    }

    fn fail_to_connect(
        &self,
        _: &mut Session,
        _: &HttpPeer,
        exchange: &mut Exchange,
        mut error: Box<Error>,
    ) -> Box<Error> {
        // A lack of our own, of sockets say, tells nothing of the instance.
        if is_refusal(error.etype()) {
            self.ended(exchange, Outcome::Unreachable);
        }
        // Nothing was sent.
        let again = exchange.tried.len() <= RETRIES;
        if again {
            metrics::RETRIES.with_label_values(&[exchange.service(), "unreachable"]).inc();
        } else {
            let detail = format!("no instance of the {} takes connections now", exchange.service());
            exchange.problem = Some(Problem::unavailable(detail, CONNECT));
        }
        error.set_retry(again);
        error
    }

    async fn upstream_request_filter(
        &self,
        _: &mut Session,
        request: &mut RequestHeader,
        exchange: &mut Exchange,
    ) -> Result<()> {
        let (caller, tls) = (exchange.address, exchange.tls);
        match exchange.goes() {
            Some((id, trace)) => headers::for_service(request, id, trace, caller, tls),
            None => Error::e_explain(ErrorType::InternalError, "a request without a context"),
        }
    }

    async fn request_body_filter(
        &self,
        _: &mut Session,
        body: &mut Option<Bytes>,
        end: bool,
        exchange: &mut Exchange,
    ) -> Result<()> {
        exchange.body_done |= end;
        let Some(part) = body else { return Ok(()) };
        exchange.body += part.len() as u64;
        if let Some(most) = exchange.max_body
            && exchange.body > most
        {
            exchange.problem = Some(admission::too_large(most));
            return Err(Error::explain(ErrorType::HTTPStatus(413), "the body is too large").into_down());
        }
        if exchange.body_until.is_some_and(|until| Instant::now() > until) {
            exchange.problem = Some(Problem::http(codes::BODY_TOO_SLOW));
            return Err(Error::explain(ErrorType::HTTPStatus(408), "the body is too slow").into_down());
        }
        Ok(())
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        answer: &mut ResponseHeader,
        exchange: &mut Exchange,
    ) -> Result<()> {
        if answer.status.is_informational() {
            return Ok(());
        }
        self.ended(exchange, Outcome::Answered);
        exchange.came_back(Some(answer.status.as_u16()));
        self.admission.answered(answer.status, exchange);
        if session.is_process_shutting_down() {
            session.set_keepalive(None);
        }
        exchange.answers(answer.status.as_u16());
        headers::for_caller(answer, exchange.request_id(), exchange.tls)?;
        exchange.add_to(answer)
    }

    fn error_while_proxy(
        &self,
        _: &HttpPeer,
        session: &mut Session,
        mut error: Box<Error>,
        exchange: &mut Exchange,
        reused: bool,
    ) -> Box<Error> {
        let theirs = *error.esource() == ErrorSource::Upstream && !is_answered(session);
        let late = is_late(error.etype());
        let waited = *error.etype() == ErrorType::ReadTimedout && !exchange.body_done;
        let streams = exchange.call.is_some_and(|call| classes::is_endless(call.class));
        if theirs && waited && !streams {
            // The instance waited for what the caller didn't send.
            exchange.problem = Some(Problem::http(codes::BODY_TOO_SLOW));
        } else if theirs && (late || !reused) {
            // A kept connection that was ended meanwhile says nothing of the instance.
            self.ended(exchange, Outcome::Failed);
        }
        exchange.came_back(None);
        let again = self.goes_again(&error, session, exchange);
        if again {
            metrics::RETRIES.with_label_values(&[exchange.service(), "broken_off"]).inc();
        }
        error.set_retry(again);
        error
    }

    async fn fail_to_proxy(
        &self,
        session: &mut Session,
        error: &Error,
        exchange: &mut Exchange,
    ) -> FailToProxy {
        let begun = is_answered(session);
        let problem = exchange.problem.take().or_else(|| problem(error));
        if let (false, Some(problem)) = (begun, problem) {
            session.set_keepalive(None);
            let answer = Answer::refused(problem, session.req_header(), exchange).await;
            if let Err(error) = Self::write(session, exchange, answer).await {
                tracing::debug!(%error, "a caller was gone before it was told of an error");
            }
        }
        FailToProxy { error_code: exchange.status.unwrap_or(0), can_reuse_downstream: false }
    }

    /// Pingora's own lines would hold paths and addresses: ours are written by the exchange.
    fn suppress_error_log(&self, _: &Session, exchange: &Exchange, error: &Error) -> bool {
        let (reason, source) = (error.etype().as_str(), error.esource().as_str());
        let (route, request_id) = (exchange.route, exchange.request_id());
        tracing::debug!(reason, source, route, request_id, "a request failed");
        true
    }

    fn suppress_proxy_warn_log(
        &self,
        _: &Session,
        exchange: &Exchange,
        error: &Error,
        _: ProxyWarnLogContext,
    ) -> bool {
        let (reason, service, request_id) =
            (error.etype().as_str(), exchange.service(), exchange.request_id());
        tracing::info!(reason, service, request_id, "a request is sent again");
        true
    }

    fn request_summary(&self, _: &Session, exchange: &Exchange) -> String {
        format!("{} {}", exchange.method, exchange.route)
    }
}

/// Shows how the breakers stand, as long as these pools are used: one closes by time alone, too.
fn show_breakers(pools: &PerService<Arc<Pool>>, upstreams: &Upstreams) {
    let upstreams = upstreams.clone();
    let pools: Vec<_> = pools.iter().map(|(service, pool)| (service, Arc::downgrade(pool))).collect();
    telemetry::metrics::before_each_scrape(move || {
        let mut used = false;
        for (service, pool) in &pools {
            let Some(pool) = pool.upgrade() else { continue };
            used = true;
            for (state, instances) in pool.breakers(&upstreams.of(*service), Instant::now()) {
                metrics::BREAKERS.with_label_values(&[service.name(), state]).set(instances);
            }
        }
        used
    });
}

/// Whether the answer has begun; `100 Continue` is none yet.
fn is_answered(session: &Session) -> bool {
    session.response_written().is_some_and(|head| !head.status.is_informational())
}

fn is_late(error: &ErrorType) -> bool {
    matches!(error, ErrorType::ReadTimedout | ErrorType::WriteTimedout)
}

fn is_refusal(error: &ErrorType) -> bool {
    use ErrorType::{ConnectError, ConnectNoRoute, ConnectRefused, ConnectTimedout};
    matches!(error, ConnectRefused | ConnectTimedout | ConnectNoRoute | ConnectError)
}

/// What an error is answered with; none where nobody is left to be answered.
fn problem(error: &Error) -> Option<Problem> {
    use ErrorType::{
        ConnectNoRoute, ConnectRefused, ConnectTimedout, ConnectionClosed, ReadError, ReadTimedout,
        WriteError, WriteTimedout,
    };
    match (error.esource(), error.etype()) {
        (ErrorSource::Downstream, ConnectionClosed | ReadError | WriteError | WriteTimedout) => None,
        (ErrorSource::Downstream, ReadTimedout) => Some(Problem::http(codes::BODY_TOO_SLOW)),
        (ErrorSource::Downstream, _) => Some(
            Problem::http(codes::INVALID_HEADER).detail("the request's headers or framing are not valid"),
        ),
        (ErrorSource::Upstream, ConnectTimedout | ConnectRefused | ConnectNoRoute) => {
            Some(Problem::unavailable("the service takes no connections now", CONNECT))
        }
        (ErrorSource::Upstream, ReadTimedout | WriteTimedout) => Some(Problem::http(codes::GATEWAY_TIMEOUT)),
        (ErrorSource::Upstream, _) => Some(Problem::http(codes::BAD_GATEWAY)),
        _ => Some(Problem::internal()),
    }
}
