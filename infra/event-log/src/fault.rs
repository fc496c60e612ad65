//! What can go wrong in a transaction, sorted by what to do about it.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::context::is_disconnect;

/// A failed transactional call.
///
/// | fault | what happened | what to do |
/// |---|---|---|
/// | [`TooLarge`](Fault::TooLarge) | one record was refused, the transaction is untouched | leave it out, or abort |
/// | [`Abortable`](Fault::Abortable) | this transaction can't be committed | `abort`, seek back, go on |
/// | [`Indefinite`](Fault::Indefinite) | nobody knows whether it got through | `Rotation::discard_all`, then read offsets and state again |
/// | [`Poisoned`](Fault::Poisoned) | a call on a producer that had such a fault | the same |
/// | [`Fenced`](Fault::Fenced) | a newer producer has this transactional id, or the broker gave the transaction up | the same; whether this process is the older one, its [`GroupConsumer`](crate::GroupConsumer) learns |
/// | [`Fatal`](Fault::Fatal) | librdkafka gave the producer up, or its set-up is wrong | the same as indefinite; when it comes again, stop |
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The record is larger than any topic takes; nothing was enqueued and the transaction stands.
    #[error("a record of {bytes} bytes is larger than {topic} takes")]
    TooLarge {
        /// The topic.
        topic: String,
        /// The record's size.
        bytes: usize,
    },
    /// The transaction must be aborted; the producer can be used again after that.
    #[error("{call} of {transactional_id} failed, the transaction must be aborted")]
    Abortable {
        /// Which call.
        call: &'static str,
        /// Whose.
        transactional_id: String,
        /// The tags of the records that could not be written, if that is why.
        failed: Vec<usize>,
        /// What librdkafka says.
        #[source]
        source: Box<KafkaError>,
    },
    /// Whether the call took effect, or still will, is unknown. The producer is poisoned.
    #[error("{call} of {transactional_id} has no definite outcome, its producer must be replaced")]
    Indefinite {
        /// Which call.
        call: &'static str,
        /// Whose.
        transactional_id: String,
        /// What librdkafka says, when it says anything.
        #[source]
        source: Option<Box<KafkaError>>,
    },
    /// A call on a producer after a fault that ended its life.
    #[error("{call} of {transactional_id} was refused, its producer had an indefinite or fatal fault before")]
    Poisoned {
        /// Which call.
        call: &'static str,
        /// Whose.
        transactional_id: String,
    },
    /// Another producer was started under the same transactional id, or the broker aborted a transaction that was open for
    /// too long; both raise the epoch. The producer is poisoned.
    #[error(
        "{call} of {transactional_id} was fenced off: a newer producer has its id, or its transaction took too long"
    )]
    Fenced {
        /// Which call.
        call: &'static str,
        /// Whose.
        transactional_id: String,
        /// What librdkafka says.
        #[source]
        source: Box<KafkaError>,
    },
    /// The producer can't go on. It is poisoned.
    #[error("{call} of {transactional_id} failed for good")]
    Fatal {
        /// Which call.
        call: &'static str,
        /// Whose.
        transactional_id: String,
        /// What librdkafka says.
        #[source]
        source: Box<KafkaError>,
    },
}

impl Fault {
    /// Whether the transaction can be aborted and the producer used on. Otherwise all producers of the worker go.
    pub fn is_abortable(&self) -> bool {
        matches!(self, Self::Abortable { .. } | Self::TooLarge { .. })
    }

    pub(crate) fn sort(call: &'static str, transactional_id: &str, source: KafkaError) -> Self {
        let transactional_id = transactional_id.to_owned();
        let kind = kind(&source);
        let source = Box::new(source);
        match kind {
            Kind::Fenced => Self::Fenced { call, transactional_id, source },
            Kind::Indefinite => Self::Indefinite { call, transactional_id, source: Some(source) },
            Kind::Abortable => Self::Abortable { call, transactional_id, failed: Vec::new(), source },
            Kind::Fatal => Self::Fatal { call, transactional_id, source },
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Fenced,
    Indefinite,
    Abortable,
    Fatal,
}

fn kind(error: &KafkaError) -> Kind {
    let Some(code) = error.rdkafka_error_code() else { return Kind::Fatal };
    if is_fencing(code) {
        return Kind::Fenced;
    }
    // Before the question whether it is abortable: librdkafka calls a lost produce request abortable too, but that request
    // may still reach the broker after the abort.
    if is_indefinite(code) {
        return Kind::Indefinite;
    }
    match error {
        KafkaError::Transaction(error) if error.is_fatal() => Kind::Fatal,
        KafkaError::Transaction(error) if error.txn_requires_abort() => Kind::Abortable,
        // Definite answers of a broker that is not ready. The call itself retries them; what is left here ran out of time.
        KafkaError::Transaction(error) if error.is_retriable() => Kind::Indefinite,
        KafkaError::Transaction(_) => Kind::Fatal,
        // A record that could not be enqueued or delivered, by a definite answer.
        _ => Kind::Abortable,
    }
}

/// Whether the answer to a delivery or a call says nothing about its effect.
pub(crate) fn is_indefinite(code: RDKafkaErrorCode) -> bool {
    is_disconnect(code)
        || matches!(
            code,
            RDKafkaErrorCode::MessageTimedOut
                | RDKafkaErrorCode::TimedOutQueue
                | RDKafkaErrorCode::PurgeInflight
                | RDKafkaErrorCode::WaitingForCoordinator
                | RDKafkaErrorCode::NotEnoughReplicasAfterAppend
        )
}

fn is_fencing(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::Fenced
            | RDKafkaErrorCode::ProducerFenced
            | RDKafkaErrorCode::InvalidProducerEpoch
            | RDKafkaErrorCode::TransactionCoordinatorFenced
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_delivery_is_indefinite_and_a_refused_one_abortable() {
        let lost = KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut);
        let refused = KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge);
        assert_eq!(kind(&lost), Kind::Indefinite);
        assert_eq!(kind(&refused), Kind::Abortable);
    }

    #[test]
    fn a_newer_epoch_is_fencing() {
        let fenced = KafkaError::MessageProduction(RDKafkaErrorCode::InvalidProducerEpoch);
        assert_eq!(kind(&fenced), Kind::Fenced);
    }
}
