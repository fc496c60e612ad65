//! Following the config topic.

use std::sync::Arc;
use std::time::Duration;

use event_log::{Error, Isolation, Kafka, Offsets, ReaderEvent, ReaderStream, Received, Start};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::edit::{Edit, appended_at};
use crate::history::{Change, History};

/// The first pause before the topic is opened again; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(200);
/// How long Kafka may take to say which topic it is.
const ASK: Duration = Duration::from_secs(5);
/// The longest.
const LONGEST: Duration = Duration::from_secs(5);

/// The config topic, followed in the background until the token it was given is cancelled. Clones see the same.
#[derive(Clone, Debug)]
pub struct ConfigLog {
    seen: watch::Receiver<Option<Arc<History>>>,
}

impl ConfigLog {
    /// Begins to follow. Must be called within a Tokio runtime.
    pub fn follow(kafka: Kafka, topic: Arc<str>, stop: CancellationToken) -> Self {
        let (sender, seen) = watch::channel(None);
        tokio::spawn(async move {
            tokio::select! {
                () = keep(&kafka, &topic, &sender) => {}
                () = stop.cancelled() => {}
            }
        });
        Self { seen }
    }

    /// The history so far; none until the topic was read to its end for the first time.
    pub fn now(&self) -> Option<Arc<History>> {
        self.seen.borrow().clone()
    }

    /// The history once it has this version, or none if that takes longer than `patience`.
    pub async fn reach(&self, version: u64, patience: Duration) -> Option<Arc<History>> {
        let mut seen = self.seen.clone();
        let there = seen.wait_for(|history| history.as_ref().is_some_and(|h| h.version() >= version));
        let reached = timeout(patience, there).await.ok()?.ok()?;
        reached.clone()
    }

    /// The next history that hasn't been waited for yet; none once nothing is followed any more.
    pub async fn changed(&mut self) -> Option<Arc<History>> {
        loop {
            self.seen.changed().await.ok()?;
            let history = self.seen.borrow_and_update().clone();
            if history.is_some() {
                return history;
            }
        }
    }
}

async fn keep(kafka: &Kafka, topic: &Arc<str>, seen: &watch::Sender<Option<Arc<History>>>) {
    let (mut reading, mut pause) = (Reading::default(), FIRST);
    loop {
        let before = reading.next;
        let error = reading.read(kafka, topic, seen).await;
        if matches!(error, Error::OffsetGone { .. }) {
            // Made anew under the same name: all that it says is new.
            reading = Reading::default();
        }
        // Told once: not each time that it still can't be read.
        if pause == FIRST || reading.next > before {
            pause = FIRST;
            tracing::warn!(%topic, error = &error as &dyn std::error::Error, "the config topic can't be read; trying again");
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// What was read, and where to go on.
#[derive(Default)]
struct Reading {
    history: History,
    next: i64,
    /// The topic that was read last: made anew under the same name it is another.
    topic_id: Option<Uuid>,
}

impl Reading {
    /// Reads until that fails, and shows the history whenever the topic's end is reached: so what was written in one
    /// transaction is shown in one go.
    async fn read(
        &mut self,
        kafka: &Kafka,
        topic: &Arc<str>,
        seen: &watch::Sender<Option<Arc<History>>>,
    ) -> Error {
        match topic_id(kafka, topic).await {
            Ok(id) => {
                if self.topic_id.is_some_and(|before| before != id) {
                    *self = Self::default();
                }
                self.topic_id = Some(id);
            }
            Err(error) => return error,
        }
        let start = if self.next == 0 { Start::Beginning } else { Start::At(self.next) };
        let mut stream = match ReaderStream::open(kafka, topic, vec![(0, start)], Isolation::Committed).await
        {
            Ok(stream) => stream,
            Err(error) => return error,
        };
        loop {
            match stream.next().await {
                Ok(ReaderEvent::Record(record)) => {
                    self.next = record.offset + 1;
                    self.take(&record);
                }
                Ok(ReaderEvent::Eof(_)) => {
                    let version = self.history.version();
                    seen.send_if_modified(|shown| {
                        let is_new = shown.as_ref().is_none_or(|shown| shown.version() != version);
                        if is_new {
                            *shown = Some(Arc::new(self.history.clone()));
                        }
                        is_new
                    });
                }
                Err(error) => return error,
            }
        }
    }

    fn take(&mut self, record: &Received) {
        match change(record) {
            Ok(change) => self.history.push(change),
            // It stays where it is; it can't count.
            Err(error) => tracing::error!(
                topic = %record.topic, offset = record.offset, error = &error as &dyn std::error::Error,
                "a record of the config topic can't be read, and doesn't count"
            ),
        }
    }
}

async fn topic_id(kafka: &Kafka, topic: &Arc<str>) -> Result<Uuid, Error> {
    let (kafka, topic) = (kafka.clone(), Arc::clone(topic));
    let asking = tokio::task::spawn_blocking(move || {
        Offsets::new(&kafka, Isolation::Committed, ASK)?.topic_id(&topic)
    });
    asking.await.map_err(|_| Error::Ended)?
}

/// A record as the change that it is.
pub(crate) fn change(record: &Received) -> Result<Change, crate::Unreadable> {
    let edit = Edit::of_record(record)?;
    Ok(Change { version: version_at(record.offset), at: appended_at(record), edit })
}

/// The version of what lies at an offset.
pub(crate) fn version_at(offset: i64) -> u64 {
    offset.cast_unsigned() + 1
}
