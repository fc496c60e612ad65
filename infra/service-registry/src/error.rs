//! What can be wrong with a lease, or with reaching the registry.

/// What can be wrong with a lease, or with reaching the registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that can't be part of a key.
    #[error("a {what} must be 1 to 120 of the characters {allowed}")]
    Name {
        /// Whose name.
        what: &'static str,
        /// What it may be made of.
        allowed: &'static str,
    },
    /// An address that nobody could connect to.
    #[error("an address must be host:port with a port above zero, such as 10.0.0.7:8092 or [::1]:8092")]
    Address,
    /// A lease that says something no lease may say.
    #[error("a lease's {what}")]
    Lease {
        /// What is wrong, to follow "a lease's".
        what: String,
    },
    /// The key of a record names no instance.
    #[error("the key must be service/instance, or service/instance#status")]
    Key,
    /// The value of a record is not the JSON that its key announces.
    #[error("the value is not the JSON of a lease or of an override")]
    Value(#[source] serde_json::Error),
    /// Kafka can't be spoken to, or did not take a record.
    #[error("the registry topic can't be used")]
    Log(#[from] event_log::Error),
}
