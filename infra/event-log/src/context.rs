//! librdkafka's own log lines and errors, as tracing events under the target `kafka`.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rdkafka::Statistics;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::figures::Figures;
use crate::metrics;
use crate::refusal::Refusal;

/// The context of every client that needs no callbacks.
pub(crate) struct LogContext {
    role: &'static str,
    figures: OnceLock<Figures>,
    disconnects: AtomicU64,
    ended_at: AtomicI64,
    refusal: Mutex<Option<Refusal>>,
    all_away: AtomicBool,
}

/// That no end of a partition was met.
const NO_END: i64 = -1;

impl LogContext {
    pub(crate) fn new(role: &'static str) -> Self {
        Self {
            role,
            figures: OnceLock::new(),
            disconnects: AtomicU64::new(0),
            ended_at: AtomicI64::new(NO_END),
            refusal: Mutex::default(),
            all_away: AtomicBool::new(false),
        }
    }

    /// The offset at which the last end of a partition was met; each is told once.
    ///
    /// rdkafka's error names the partition alone. But it is handed to this context first, on the polling thread, with
    /// librdkafka's own words, which say where.
    pub(crate) fn ended_at(&self) -> Option<i64> {
        Some(self.ended_at.swap(NO_END, Ordering::Relaxed)).filter(|offset| *offset != NO_END)
    }

    /// How many connections broke that had been working, as far as events were polled.
    ///
    /// librdkafka reports that as an error only to a consumer, but always in its log; and the same break again within 30 s
    /// not at all, so that this tells none from some rather than how many.
    pub(crate) fn disconnects(&self) -> u64 {
        self.disconnects.load(Ordering::Relaxed)
    }

    /// Why a broker turned this client away, if no connection that worked was there since. To who waits for an answer it only looks as
    /// if there were no broker.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether it is another than before.
    fn note(&self, refusal: Option<Refusal>) -> bool {
        let before = &mut *self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(before, refusal) != refusal
    }

    /// Whether it was said that no broker is reached, and none has been since. What fails then is said many times a second.
    fn is_all_away(&self) -> bool {
        self.all_away.load(Ordering::Relaxed)
    }

    fn one_is_there(&self) {
        self.all_away.store(false, Ordering::Relaxed);
    }
}

impl ClientContext for LogContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let role = self.role;
        if facility == "FAIL" {
            let worked = message.contains("in state UP");
            let refusal = Refusal::in_log(message);
            if worked {
                self.one_is_there();
                self.disconnects.fetch_add(1, Ordering::Relaxed);
                metrics::DISCONNECTS.with_label_values(&[&label(role)]).inc();
            }
            let is_new = (worked || refusal.is_some()) && self.note(refusal);
            if self.is_all_away() && !is_new {
                tracing::debug!(target: "kafka", role, facility, "{message}");
                return;
            }
        }
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => tracing::error!(target: "kafka", role, facility, "{message}"),
            // CONFWARN says that a consumer's property was given to a producer or the other way round: one set of
            // properties serves both kinds, so that is as it should be.
            RDKafkaLogLevel::Warning if facility == "CONFWARN" => {
                tracing::debug!(target: "kafka", role, facility, "{message}");
            }
            RDKafkaLogLevel::Warning => tracing::warn!(target: "kafka", role, facility, "{message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "kafka", role, facility, "{message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "kafka", role, facility, "{message}"),
        }
    }

    fn stats(&self, statistics: Statistics) {
        if statistics.brokers.values().any(|broker| broker.state == "UP") {
            self.one_is_there();
        }
        self.figures.get_or_init(|| Figures::of(&label(self.role))).take(&statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let role = self.role;
        match error.rdkafka_error_code() {
            // The end of a partition is news, not trouble; it comes to the reader as an event.
            Some(RDKafkaErrorCode::PartitionEOF) => {
                self.one_is_there();
                self.ended_at.store(end_in(reason).unwrap_or(NO_END), Ordering::Relaxed);
            }
            Some(code) if is_disconnect(code) => {
                let is_known = if code == RDKafkaErrorCode::AllBrokersDown {
                    self.all_away.swap(true, Ordering::Relaxed)
                } else {
                    self.is_all_away()
                };
                if is_known {
                    tracing::debug!(target: "kafka", role, reason, "no broker is reached yet");
                    return;
                }
                tracing::warn!(target: "kafka", role, reason, "connection to a broker lost");
            }
            _ => tracing::warn!(target: "kafka", role, reason, "client error"),
        }
    }
}

impl ConsumerContext for LogContext {}

/// As the metrics call this kind of client.
fn label(role: &str) -> String {
    role.replace(' ', "_")
}

/// The offset in "Fetch from broker 2 reached end of partition at offset 17 (HighwaterMark 17)".
fn end_in(reason: &str) -> Option<i64> {
    let (_, rest) = reason.split_once("at offset ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A broken connection: the client mends it by itself, but does not say whether a request got through.
pub(crate) fn is_disconnect(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::NetworkException
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::RequestTimedOut
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_partition_is_told_with_its_offset_and_once() {
        let context = LogContext::new("test");
        assert_eq!(context.ended_at(), None);
        let eof = KafkaError::Global(RDKafkaErrorCode::PartitionEOF);
        context.error(eof, "Fetch from broker 2 reached end of partition at offset 17 (HighwaterMark 19)");
        assert_eq!((context.ended_at(), context.ended_at()), (Some(17), None));
    }

    #[test]
    fn a_connection_that_worked_and_broke_is_counted_and_one_that_never_worked_is_not() {
        let context = LogContext::new("test");
        let failed = |line| context.log(RDKafkaLogLevel::Info, "FAIL", line);
        failed(
            "[thrd:b/1]: b/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)",
        );
        assert_eq!(context.disconnects(), 0);
        failed("[thrd:b/1]: b/1: Disconnected: connection closed by peer (after 1234ms in state UP)");
        assert_eq!(context.disconnects(), 1);
    }

    #[test]
    fn that_no_broker_is_reached_is_known_until_one_is() {
        let away = |context: &LogContext| {
            context.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
            context.is_all_away()
        };
        let context = LogContext::new("test");
        context.error(KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), "b/1: refused");
        assert!(!context.is_all_away());
        assert!(away(&context));
        context.log(
            RDKafkaLogLevel::Error,
            "FAIL",
            "b/1: Connect failed: Connection refused (after 0ms in state CONNECT)",
        );
        assert!(context.is_all_away());
        context.error(KafkaError::Global(RDKafkaErrorCode::PartitionEOF), "at offset 3");
        assert!(!context.is_all_away());
        assert!(away(&context));
        let up = rdkafka::statistics::Broker { state: "UP".to_owned(), ..Default::default() };
        context.stats(Statistics { brokers: [("b".to_owned(), up)].into(), ..Statistics::default() });
        assert!(!context.is_all_away());
    }

    #[test]
    fn a_refusal_counts_until_a_connection_worked() {
        let context = LogContext::new("test");
        let failed = |line| context.log(RDKafkaLogLevel::Error, "FAIL", line);
        failed("b/1: SASL authentication error: invalid credentials (after 3ms in state AUTH_REQ)");
        failed("b/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)");
        assert_eq!(
            (context.refusal(), context.refusal()),
            (Some(Refusal::Credentials), Some(Refusal::Credentials))
        );
        failed("b/1: Disconnected: connection closed by peer (after 1234ms in state UP)");
        assert_eq!(context.refusal(), None);
    }
}
