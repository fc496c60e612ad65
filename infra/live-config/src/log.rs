//! Following the config topic.

use std::sync::Arc;
use std::time::Duration;

use event_log::{Fold, Followed, Kafka, Received};
use tokio_util::sync::CancellationToken;

use crate::edit::{Edit, appended_at};
use crate::history::{Change, History};

/// The config topic, followed in the background until the token it was given is cancelled. Clones see the same.
#[derive(Clone, Debug)]
pub struct ConfigLog(Followed<History>);

impl ConfigLog {
    /// Begins to follow. Must be called within a Tokio runtime.
    pub fn follow(kafka: Kafka, topic: Arc<str>, stop: CancellationToken) -> Self {
        Self(Followed::follow(kafka, topic, stop))
    }

    /// The history so far; none until the topic was read to its end for the first time.
    pub fn now(&self) -> Option<Arc<History>> {
        self.0.now()
    }

    /// The history once it has this version, or none if that takes longer than `patience`.
    pub async fn reach(&self, version: u64, patience: Duration) -> Option<Arc<History>> {
        self.0.reach(patience, |history| history.version() >= version).await
    }

    /// The next history that hasn't been waited for yet; none once nothing is followed any more.
    pub async fn changed(&mut self) -> Option<Arc<History>> {
        self.0.changed().await
    }
}

impl Fold for History {
    fn take(&mut self, record: &Received) {
        match Edit::of_record(record) {
            Ok(edit) => {
                let version = record.offset.cast_unsigned() + 1;
                self.push(Change { version, at: appended_at(record), edit });
            }
            // It stays where it is; it can't count.
            Err(error) => tracing::error!(
                topic = %record.topic, offset = record.offset, error = &error as &dyn std::error::Error,
                "a record of the config topic can't be read, and doesn't count"
            ),
        }
    }
}
