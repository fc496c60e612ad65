//! Whether a request may pass, in the order in which that is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth::{Call, Class, Denied, Principal, Role, browser};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_api::{Problem, codes};
use pingora_http::RequestHeader;
use settings::keys::Gateway;

use crate::answer::Answer;
use crate::doorkeeper::Doorkeeper;
use crate::exchange::Exchange;
use crate::limit::Limiter;
use crate::own::{self, Own};
use crate::streams::{OpenStream, Streams};
use crate::table::{Found, Methods, Table};
use crate::{classes, cors, headers, metrics, paths, retry};

/// When another try is worth it for who has too many streams open: one may end at any time.
const FULL: Duration = Duration::from_secs(10);

/// Why a request goes no further.
pub(crate) enum Stop {
    /// It was answered by one of our own pages.
    Answer(Box<Answer>),
    /// It is refused.
    Refused(Box<Problem>),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

/// Everything that a request must get past.
pub(crate) struct Admission {
    pub(crate) settings: Gateway,
    table: Table,
    own: Own,
    doorkeeper: Arc<dyn Doorkeeper>,
    limiters: [Limiter; Class::ALL.len()],
    failed_authentications: Limiter,
    streams: Streams,
}

impl Admission {
    pub(crate) fn new(settings: Gateway, own: Own, doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        Self {
            settings,
            table: Table::new(),
            own,
            doorkeeper,
            limiters: std::array::from_fn(|_| Limiter::new()),
            failed_authentications: Limiter::new(),
            streams: Streams::default(),
        }
    }

    /// The call that a request is, if it may pass.
    pub(crate) async fn ask(
        &self,
        request: &RequestHeader,
        exchange: &mut Exchange,
    ) -> Result<&'static Call, Stop> {
        let (method, headers) = (&request.method, &request.headers);
        if let Some(fault) = paths::fault(request.raw_path()) {
            return Err(Problem::http(codes::INVALID_PARAMETER).detail(fault).into());
        }
        let path = request.uri.path();
        exchange.add(cors::of_answer(&self.settings.cors_origins.now(), headers));
        if let Some(route) = own::route(path) {
            exchange.route = route;
            self.limit(Class::Track, &exchange.origin(), route != "/livez", exchange)?;
            return Err(match self.own.answer(method, path).await {
                Ok(answer) => Stop::Answer(Box::new(answer)),
                Err(problem) => problem.into(),
            });
        }
        if cors::is_preflight(&self.settings.cors_origins.now(), method, headers)
            && let Some(methods) = self.table.methods(path)
        {
            exchange.route = methods.route;
            exchange.add(cors::of_preflight(&methods.list));
            return Err(Stop::Answer(Box::new(Answer::empty(StatusCode::NO_CONTENT))));
        }
        let call = match self.table.find(method, path) {
            Found::Call(call) => call,
            Found::OtherMethods(methods) => return Err(other_methods(methods, method, exchange).into()),
            Found::Nothing => return Err(Problem::http(codes::NO_SUCH_ADDRESS).into()),
        };
        exchange.route = call.path;
        exchange.call = Some(call);
        let turned_away = |denied: &Denied| {
            let to_sign_in = browser::to_sign_in(denied, Some(call), method, &request.uri, headers);
            to_sign_in.map_or_else(
                || denied.problem().into(),
                |answer| Stop::Answer(Box::new(Answer::of_head(answer))),
            )
        };
        let principal =
            self.authenticated(headers, call, exchange).await?.map_err(|denied| turned_away(&denied))?;
        let caller = caller(&principal, exchange);
        self.limit(call.class, &caller, true, exchange)?;
        call.admit(principal.role()).map_err(|denied| turned_away(&denied))?;
        if call.class == Class::Live {
            exchange.stream = Some(self.stream(&caller)?);
        }
        exchange.max_body = classes::max_body(&self.settings, call.class);
        if let (Some(most), Some(length)) = (exchange.max_body, content_length(headers))
            && length > most
        {
            return Err(too_large(most).into());
        }
        exchange.repeatable = retry::is_repeatable(method, call.class, headers::has_idempotency_key(headers));
        Ok(call)
    }

    /// Who calls. An address that keeps failing is not listened to for a while, so that keys can't be guessed.
    async fn authenticated(
        &self,
        headers: &HeaderMap,
        call: &Call,
        exchange: &Exchange,
    ) -> Result<Result<Principal, Denied>, Stop> {
        let (quota, now) = (self.settings.rate_denied.now(), Instant::now());
        let headers = &*browser::shown(headers, call);
        let shows = auth::shows_credentials(headers);
        if shows || browser::takes_credentials(call) {
            let verdict = self.failed_authentications.look(&exchange.origin(), quota, now);
            if !verdict.passes {
                metrics::LIMITED.with_label_values(&["denied"]).inc();
                let detail = "too many requests with credentials that are not good came from this address";
                return Err(too_many(verdict.more_in).detail(detail).into());
            }
        }
        Ok(self.doorkeeper.authenticate(headers).await.inspect_err(|denied| {
            if shows && matches!(denied, Denied::Invalid(_)) {
                self.failed_authentications.take(&exchange.origin(), quota, now);
            }
        }))
    }

    /// Notes that a service answered so: signing in with what is not good counts as showing it.
    pub(crate) fn answered(&self, status: StatusCode, exchange: &Exchange) {
        if status == StatusCode::UNAUTHORIZED && exchange.call.is_some_and(browser::takes_credentials) {
            let quota = self.settings.rate_denied.now();
            self.failed_authentications.take(&exchange.origin(), quota, Instant::now());
        }
    }

    /// A live stream of the caller's: who opens some and keeps them must leave room for others.
    fn stream(&self, caller: &str) -> Result<OpenStream, Problem> {
        let most = self.settings.live_open.now();
        self.streams.open(caller, most).ok_or_else(|| {
            metrics::LIMITED.with_label_values(&["live_open"]).inc();
            too_many(FULL).detail(format!("{most} live streams of one caller may be open at once"))
        })
    }

    fn limit(&self, class: Class, caller: &str, counts: bool, exchange: &mut Exchange) -> Result<(), Stop> {
        if !counts {
            return Ok(());
        }
        let quota = classes::rate(&self.settings, class);
        let verdict = self.limiters[class as usize].take(caller, quota, Instant::now());
        exchange.add_quota(class, verdict);
        if verdict.passes {
            return Ok(());
        }
        metrics::LIMITED.with_label_values(&[class.name()]).inc();
        let detail = format!("{quota} requests of the kind {} are allowed in a minute", class.name());
        Err(too_many(verdict.more_in).detail(detail).into())
    }
}

/// By what a caller is known from others: its name, or where it calls from when it has none.
fn caller(principal: &Principal, exchange: &Exchange) -> String {
    let nameless = principal.role() == Role::Public || *principal == Principal::unchecked();
    if nameless { exchange.origin() } else { principal.name().to_owned() }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn other_methods(methods: Methods, method: &Method, exchange: &mut Exchange) -> Problem {
    exchange.route = methods.route;
    let allow = HeaderValue::try_from(methods.list).unwrap_or(HeaderValue::from_static(""));
    Problem::http(codes::METHOD_NOT_ALLOWED)
        .detail(format!("{method} is not taken here"))
        .header(header::ALLOW, allow)
}

fn too_many(wait: Duration) -> Problem {
    Problem::http(codes::TOO_MANY_REQUESTS).retry_after(wait)
}

/// A body with more bytes than this kind of call takes.
pub(crate) fn too_large(most: u64) -> Problem {
    Problem::http(codes::BODY_TOO_LARGE).detail(format!("the body may have {most} bytes"))
}
