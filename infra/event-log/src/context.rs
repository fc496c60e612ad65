//! librdkafka's own log lines and errors, as tracing events under the target `kafka`.

use std::sync::atomic::{AtomicU64, Ordering};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// The context of every client that needs no callbacks.
pub(crate) struct LogContext {
    role: &'static str,
    disconnects: AtomicU64,
}

impl LogContext {
    pub(crate) fn new(role: &'static str) -> Self {
        Self { role, disconnects: AtomicU64::new(0) }
    }

    /// How many connections broke that had been working, as far as events were polled.
    ///
    /// librdkafka reports that as an error only to a consumer, but always in its log; and the same break again within 30 s
    /// not at all, so that this tells none from some rather than how many.
    pub(crate) fn disconnects(&self) -> u64 {
        self.disconnects.load(Ordering::Relaxed)
    }
}

impl ClientContext for LogContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let role = self.role;
        if facility == "FAIL" && message.contains("in state UP") {
            self.disconnects.fetch_add(1, Ordering::Relaxed);
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

    fn stats_raw(&self, _statistics: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let role = self.role;
        match error.rdkafka_error_code() {
            // The end of a partition is news, not trouble; it comes to the reader as an event.
            Some(RDKafkaErrorCode::PartitionEOF) => {}
            Some(code) if is_disconnect(code) => {
                tracing::warn!(target: "kafka", role, reason, "connection to a broker lost");
            }
            _ => tracing::warn!(target: "kafka", role, reason, "client error"),
        }
    }
}

impl ConsumerContext for LogContext {}

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
}
