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

    /// How many times a connection to a broker broke, or all of them were away, as far as events were polled.
    pub(crate) fn disconnects(&self) -> u64 {
        self.disconnects.load(Ordering::Relaxed)
    }
}

impl ClientContext for LogContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let role = self.role;
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
                self.disconnects.fetch_add(1, Ordering::Relaxed);
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
