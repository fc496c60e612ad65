//! Why a projector stops. What can be waited out isn't here.

/// What makes a projector, a rebuild or a look at dead letters end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing.
    #[error("the projector's settings are not complete")]
    Settings(#[from] settings::Error),
    /// Kafka refuses something that waiting doesn't mend.
    #[error("the projector can't go on with Kafka")]
    Kafka(#[from] event_log::Error),
    /// The database refuses something that waiting doesn't mend.
    #[error("the projector can't go on with the database")]
    Store(#[from] view_store::Error),
    /// The registry's client can't be made.
    #[error("the projector can't go on with the schema registry")]
    Registry(#[from] schema_registry::Error),
    /// The ops endpoints can't be served.
    #[error("the projector's health and metrics can't be served")]
    Ops(#[from] telemetry::ops::Error),
    /// Another rebuild has the lock.
    #[error(
        "another rebuild is running, or was killed within the last seconds; wait for it (the lock is a member of the consumer \
         group that ends in .rebuild)"
    )]
    Locked,
    /// The lock went to somebody else.
    #[error(
        "the rebuild's lock was lost: Kafka hasn't heard of this process for too long; run it again, it goes on where it was"
    )]
    LockLost,
    /// There is no dead letter there.
    #[error(
        "there is no dead letter at {partition}:{offset}; `parceltrack dead-letters list` shows those there are"
    )]
    NoDeadLetter {
        /// The partition asked for.
        partition: i32,
        /// The offset asked for.
        offset: i64,
    },
    /// It was dealt with before.
    #[error("the dead letter at {partition}:{offset} was dealt with already: {how}")]
    AlreadyResolved {
        /// Its partition.
        partition: i32,
        /// Its offset.
        offset: i64,
        /// How.
        how: &'static str,
    },
    /// Trying again is of no use.
    #[error("{at} can't be retried: {reason}")]
    NotRetriable {
        /// The dead letter.
        at: String,
        /// Why, and what to do instead.
        reason: String,
    },
    /// It was tried again, and nothing has changed.
    #[error("{at} still can't be projected ({code}): {text}")]
    StillUnprojectable {
        /// The dead letter.
        at: String,
        /// A stable word.
        code: &'static str,
        /// In words.
        text: String,
    },
    /// It was told to stop.
    #[error("stopped before it was done")]
    Cancelled,
    /// A part of it ended in a way that it never should.
    #[error("a part of the projector ended unexpectedly")]
    Panicked(#[from] tokio::task::JoinError),
}

impl Error {
    /// Whether it ended because it was told to.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Store(view_store::Error::Cancelled))
    }
}
