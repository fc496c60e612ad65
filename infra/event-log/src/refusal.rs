//! Why a broker that was reached turns a client away.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::Kafka;
use crate::context::LogContext;

/// How long a broker has to turn a client away that was just made.
const TRY: Duration = Duration::from_secs(1);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// Why a broker that was reached turns a client away, with what to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name or the password is wrong, or given in a way that the broker doesn't take.
    #[error(
        "it doesn't take this name and password; look at `sasl.username`, `sasl.password` and `sasl.mechanism` where \
         `kafka.properties_file` points"
    )]
    Credentials,
    /// One of the two doesn't speak TLS, or the broker's certificate isn't known here.
    #[error(
        "there is no TLS between it and here; look at `security.protocol` and `ssl.ca.location` where \
         `kafka.properties_file` points"
    )]
    Tls,
    /// It ended the connection at the first words, as one does that speaks another protocol.
    #[error(
        "it hung up at the first words, as a broker does that wants TLS; look at `security.protocol` where \
         `kafka.properties_file` points"
    )]
    Protocol,
}

impl Refusal {
    /// Of a client whose queue can't be looked into, by another one like it. Blocks for a second where nobody turns it away.
    pub(crate) fn tried(kafka: &Kafka) -> Option<Self> {
        let consumer: BaseConsumer<LogContext> =
            kafka.config().create_with_context(LogContext::new("trial")).ok()?;
        let until = Instant::now() + TRY;
        loop {
            let refusal = consumer.context().refusal();
            if refusal.is_some() || Instant::now() >= until {
                return refusal;
            }
            // Its errors are in its log, too; and it reads nothing.
            let _ = consumer.poll(LOOK);
        }
    }

    /// In a line that librdkafka writes about a connection that failed.
    pub(crate) fn in_log(message: &str) -> Option<Self> {
        let says = |text| message.contains(text);
        if says("Local: ") && says("SASL authentication error") {
            // The connection broke while it was asked for credentials; that says nothing of them.
            None
        } else if says("SASL authentication") || (says("SASL") && says("handshake failed")) {
            Some(Self::Credentials)
        } else if says("SSL handshake failed") {
            Some(Self::Tls)
        } else if says("security.protocol") || (says("closed by peer") && says("in state APIVERSION_QUERY")) {
            Some(Self::Protocol)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn librdkafkas_words_are_understood() {
        for (message, refusal) in [
            (
                "[thrd:sasl_ssl://k:9092/bootstrap]: sasl_ssl://k:9092/bootstrap: SASL authentication error: Authentication failed \
                 during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512 (after 31ms in state AUTH_REQ)",
                Some(Refusal::Credentials),
            ),
            (
                "k:9092/1: SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: \
                 SCRAM-SHA-512 (after 2ms in state AUTH_HANDSHAKE)",
                Some(Refusal::Credentials),
            ),
            (
                "ssl://k:9092/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker \
                 certificate could not be verified, verify that ssl.ca.location is correctly configured",
                Some(Refusal::Tls),
            ),
            (
                "k:9092/bootstrap: Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol \
                 configuration (connecting to a SSL listener?) or broker version is < 0.10",
                Some(Refusal::Protocol),
            ),
            (
                "k:9092/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN (after 0ms in state \
                 APIVERSION_QUERY)",
                Some(Refusal::Protocol),
            ),
            (
                "GroupCoordinator: SASL authentication error: SaslAuthenticateRequest failed: Local: Broker transport failure (after 0ms in \
                 state DOWN)",
                None,
            ),
            (
                "k:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)",
                None,
            ),
            ("k:9092/1: Disconnected: connection closed by peer (after 1234ms in state UP)", None),
        ] {
            assert_eq!(Refusal::in_log(message), refusal, "{message}");
        }
    }
}
