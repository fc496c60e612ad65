//! From lines to commands under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth::{End, Principal};
use axum::body::BodyDataStream;
use futures::future::{BoxFuture, ready};
use futures::{FutureExt, Stream, StreamExt, stream};
use http_api::{Prefer, Problem, codes};
use shipment_domain::ShipmentCommand;
use telemetry::TraceContext;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::command_line::{self, Read};
use super::lines::{Lines, Next};
use super::outcome_line::OutcomeLine;
use crate::answer::Answer;
use crate::app::App;
use crate::exchange::Sent;
use crate::failure::Failure;
use crate::idempotency_key::IdempotencyKey;
use crate::limits::STREAM_PATIENCE;
use crate::refusal::Within;

/// The pause before a command that was not let in is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// Whose commands they are, as long as what was shown is good.
pub(super) struct Caller {
    pub(super) principal: Principal,
    pub(super) denied: End,
}

/// Reads lines, and sends their commands one after the other.
pub(super) struct Intake {
    app: App,
    caller: Caller,
    lines: Lines<BodyDataStream>,
    key: Option<IdempotencyKey>,
    prefer: Prefer,
    trace: TraceContext,
    /// Nobody knows whether a command was taken: Kafka is away, and what follows would only pile up.
    lost: Arc<AtomicBool>,
    ended: bool,
}

/// An outcome to come.
type Coming = BoxFuture<'static, OutcomeLine>;

impl Intake {
    pub(super) fn new(
        app: App,
        caller: Caller,
        body: BodyDataStream,
        key: Option<IdempotencyKey>,
        prefer: Prefer,
        trace: TraceContext,
    ) -> Self {
        let lines = Lines::new(body, app.streams.max_line_bytes, app.streams.idle);
        Self { app, caller, lines, key, prefer, trace, lost: Arc::default(), ended: false }
    }

    /// The outcomes as they become known, with as many commands in flight as may be.
    pub(super) fn outcomes(self) -> impl Stream<Item = OutcomeLine> + Send {
        let in_flight = self.app.streams.in_flight;
        let coming = stream::unfold(self, |mut intake| async move {
            let coming = intake.next().await?;
            Some((coming, intake))
        });
        coming.buffer_unordered(in_flight)
    }

    async fn next(&mut self) -> Option<Coming> {
        while !self.ended {
            let shutdown = self.app.shutdown.clone();
            let next = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Some(self.end(Failure::Stopping.problem(), 1)),
                denied = &mut self.caller.denied => return Some(self.end(denied.problem(), 1)),
                next = self.lines.next() => next,
            };
            match next {
                // Only a sender with more to say needs to know that nothing more is taken.
                Next::Line(_) | Next::TooLong if self.lost.load(Ordering::Acquire) => {
                    return Some(self.end(Failure::NotReady.problem(), 0));
                }
                Next::Line(line) if line.trim_ascii().is_empty() => {}
                Next::Line(line) => return Some(self.line(&line).await),
                Next::TooLong => return Some(self.refused(too_long(self.app.streams.max_line_bytes))),
                Next::Idle => return Some(self.end(too_slow(self.app.streams.idle), 1)),
                Next::End | Next::Broken => self.ended = true,
            }
        }
        None
    }

    async fn line(&mut self, line: &[u8]) -> Coming {
        let number = self.lines.number();
        let fallback = match &self.key {
            None => IdempotencyKey::generate(),
            Some(key) => match key.of_line(number) {
                Some(key) => key,
                None => return self.refused(Problem::http(codes::INVALID_HEADER).detail(
                    "the stream's Idempotency-Key is too long for lines to have keys made of it; at most 230 characters",
                )),
            },
        };
        let Read { key, command } =
            match command_line::read(&self.app, &self.caller.principal, line, fallback) {
                Ok(read) => read,
                Err(problem) => return self.refused(problem),
            };
        let room = room(&self.app, line.len()).await;
        match send(&self.app, &command, &self.trace.child()).await {
            Ok(sent) => self.under_way(sent, key, room),
            Err(failure) => {
                let problem = failure.problem();
                if failure.is_the_commands_own() {
                    return ready(OutcomeLine::of(number, Some(&key), Err(problem))).boxed();
                }
                self.end(problem, 0)
            }
        }
    }

    fn under_way(&self, sent: Sent, key: IdempotencyKey, room: Option<[OwnedSemaphorePermit; 2]>) -> Coming {
        let (app, prefer, lost) = (self.app.clone(), self.prefer, Arc::clone(&self.lost));
        let number = self.lines.number();
        async move {
            let _room = room;
            let answer = match sent.became(&prefer, app.deadline()).await {
                (what, Ok(became)) => Answer::of(&app, &what, &became, Within::Line),
                (_, Err(failure)) => {
                    if !failure.is_the_commands_own() {
                        lost.store(true, Ordering::Release);
                    }
                    Err(failure.problem())
                }
            };
            OutcomeLine::of(number, Some(&key), answer)
        }
        .boxed()
    }

    fn refused(&self, problem: Problem) -> Coming {
        ready(OutcomeLine::of(self.lines.number(), None, Err(problem))).boxed()
    }

    /// Reads nothing more, and says from which line on.
    fn end(&mut self, problem: Problem, after: u64) -> Coming {
        self.ended = true;
        let number = self.lines.number() + after;
        tracing::info!(line = number, status = problem.status().as_u16(), "a stream of commands was ended");
        let said = problem.to_json();
        let why = said["detail"].as_str().unwrap_or_default();
        let detail = format!("{why}; nothing was read from line {number} on: send again from there");
        ready(OutcomeLine::of(number, None, Err(problem.detail(detail)))).boxed()
    }
}

/// Waits for room among the commands of all streams, by number and by bytes.
async fn room(app: &App, bytes: usize) -> Option<[OwnedSemaphorePermit; 2]> {
    let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    // Always in this order, so that two streams can't wait for each other.
    let place = Arc::clone(&app.streams.window).acquire_owned().await.ok()?;
    let bytes = Arc::clone(&app.streams.kibibytes).acquire_many_owned(kibibytes).await.ok()?;
    Some([place, bytes])
}

/// Sends the command, if need be after a wait: a later line must not overtake it.
async fn send(app: &App, command: &ShipmentCommand, trace: &TraceContext) -> Result<Sent, Failure> {
    let give_up = Instant::now() + STREAM_PATIENCE;
    let sent = loop {
        match app.try_to_send(command, trace) {
            Err(failure) if failure.may_pass() && Instant::now() < give_up => {
                if app.shutdown.is_cancelled() {
                    break Err(Failure::Stopping);
                }
                tokio::time::sleep(AGAIN).await;
            }
            outcome => break outcome,
        }
    };
    sent.inspect_err(|failure| failure.count(command))
}

fn too_long(max_bytes: usize) -> Problem {
    Problem::http(codes::BODY_TOO_LARGE)
        .detail(format!("a line may have {max_bytes} bytes, and this one has more; it was skipped"))
        .member("max_line_bytes", max_bytes)
}

fn too_slow(idle: Duration) -> Problem {
    Problem::http(codes::BODY_TOO_SLOW).detail(format!("nothing came for {} s", idle.as_secs_f32()))
}
