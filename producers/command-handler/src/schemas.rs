//! Where the schemas of writers that aren't known here come from.

/// Gives schemas by their id. Blocking: a worker asks while it decides.
pub trait Schemas: Send + Sync {
    /// The schema; `None` when the registry has none under this id.
    fn schema(&self, id: u32) -> Result<Option<String>, Unavailable>;
}

/// The registry doesn't answer.
#[derive(Debug, thiserror::Error)]
#[error("the schema registry doesn't say what schema {id} is")]
pub struct Unavailable {
    /// The schema asked for.
    pub id: u32,
    /// Why not.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}
