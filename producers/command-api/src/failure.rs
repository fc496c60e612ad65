//! Why a command has no outcome.

use std::time::Duration;

use http_api::{Problem, codes};
use shipment_domain::ShipmentCommand;

use crate::limits::RECORD_BYTES;
use crate::metrics::{self, outcome};

/// Why a command has no outcome. The cause of those that are ours to mend is in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// Kafka, or the replies, aren't reached at the moment. Nothing was sent.
    NotReady,
    /// As many commands wait as may. Nothing was sent.
    Busy,
    /// The role is ending. Nothing was sent.
    Stopping,
    /// The command makes a record that the topic doesn't take. Nothing was sent.
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// Kafka did not say within the deadline that it has the command. It may have it or not.
    Unconfirmed,
    /// A defect of ours. Nothing was sent.
    Defect,
}

impl Failure {
    pub(crate) fn of_client(error: &command_client::Error) -> Self {
        match error {
            command_client::Error::Busy { .. } => Self::Busy,
            command_client::Error::Closed => Self::Stopping,
            command_client::Error::NotSent(event_log::Error::TooLarge { bytes, .. })
            | command_client::Error::NotAcknowledged {
                source: event_log::Error::TooLarge { bytes, .. },
                ..
            } => Self::TooLarge { bytes: *bytes },
            command_client::Error::NotSent(source) => {
                tracing::error!(error = %source, "a command could not be sent");
                Self::NotReady
            }
            command_client::Error::NotAcknowledged { command_id, source } => {
                tracing::warn!(%command_id, error = %source, "a command was not acknowledged");
                Self::Unconfirmed
            }
            command_client::Error::NoReply { .. } => Self::Unconfirmed,
            error => {
                tracing::error!(%error, "a command could not be posted");
                Self::Defect
            }
        }
    }

    /// Whether the same command may be let in a little later.
    pub(crate) fn may_pass(self) -> bool {
        matches!(self, Self::NotReady | Self::Busy)
    }

    /// Whether it is about this command alone, so that those after it may be tried.
    pub(crate) fn is_the_commands_own(self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::Defect)
    }

    /// As it is counted: the sender's own fault is no failure of ours.
    pub(crate) fn outcome(self) -> &'static str {
        match self {
            Self::TooLarge { .. } => outcome::REFUSED,
            Self::NotReady | Self::Busy | Self::Stopping | Self::Unconfirmed | Self::Defect => {
                outcome::FAILED
            }
        }
    }

    /// Counts a command that is given up for it before it was sent.
    pub(crate) fn count(self, command: &ShipmentCommand) {
        metrics::POSTED.with_label_values(&[command.body.type_name(), self.outcome()]).inc();
    }

    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::NotReady => Problem::unavailable(
                "commands can't be posted at the moment; this one was not sent. Try again, with the same Idempotency-Key",
                Duration::from_secs(2),
            ),
            Self::Busy => Problem::http(codes::OVERLOADED)
                .detail("too many commands wait for their outcome; this one was not sent. Try again")
                .retry_after(Duration::from_secs(1)),
            Self::Stopping => Problem::unavailable(
                "this server is stopping; the command was not sent. Try again, with the same Idempotency-Key",
                Duration::from_secs(1),
            ),
            Self::Unconfirmed => Problem::unavailable(
                "it is not known whether the command was taken. Retry with the same Idempotency-Key: it is done once, \
                 however often it comes",
                Duration::from_secs(5),
            ),
            Self::TooLarge { bytes } => Problem::http(codes::BODY_TOO_LARGE)
                .detail(format!(
                    "the command makes a record of {bytes} bytes, and one may have {RECORD_BYTES}"
                ))
                .member("max_record_bytes", RECORD_BYTES),
            Self::Defect => Problem::internal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn whatever_passes_says_when_to_come_again() {
        for failure in [Failure::NotReady, Failure::Busy, Failure::Stopping, Failure::Unconfirmed] {
            let response = failure.problem().into_response();
            assert_eq!(response.status().as_u16(), 503, "{failure:?}");
            assert!(response.headers().contains_key(header::RETRY_AFTER), "{failure:?}");
        }
        let large = Failure::TooLarge { bytes: 300_000 }.problem();
        assert_eq!(large.status().as_u16(), 413);
        assert!(large.to_json()["detail"].as_str().unwrap().contains("262144"));
        assert_eq!(Failure::Defect.problem().status().as_u16(), 500);
    }

    #[test]
    fn what_the_client_says_is_sorted() {
        let of = |error| Failure::of_client(&error);
        let too_large = || event_log::Error::TooLarge { topic: "t".to_owned(), bytes: 7 };
        let command_id = shipment_events::CommandId::new(uuid::Uuid::nil());
        assert_eq!(of(command_client::Error::Busy { waiting: 1 }), Failure::Busy);
        assert_eq!(of(command_client::Error::Closed), Failure::Stopping);
        assert_eq!(of(command_client::Error::NotSent(too_large())), Failure::TooLarge { bytes: 7 });
        let refused = command_client::Error::NotAcknowledged { command_id, source: too_large() };
        assert_eq!(of(refused), Failure::TooLarge { bytes: 7 });
        let lost = command_client::Error::NotAcknowledged { command_id, source: event_log::Error::Ended };
        assert_eq!(of(lost), Failure::Unconfirmed);
        let no_topic = event_log::Error::UnknownTopic { topic: "t".to_owned() };
        assert_eq!(of(command_client::Error::NotSent(no_topic)), Failure::NotReady);
    }
}
