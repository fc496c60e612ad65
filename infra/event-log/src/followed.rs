//! Following a topic of one partition in the background.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Error, Fold, Isolation, Kafka, Offsets, ReaderEvent, ReaderStream, Start};

/// The first pause before the topic is opened again; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(200);
/// The longest.
const LONGEST: Duration = Duration::from_secs(5);
/// How long Kafka may take to say which topic it is.
const ASK: Duration = Duration::from_secs(5);

/// What a topic's committed records make, followed in the background until the token it was given is cancelled. Clones see the
/// same. While Kafka is away it stays what it was.
#[derive(Clone, Debug)]
pub struct Followed<F> {
    seen: watch::Receiver<Option<Arc<F>>>,
}

impl<F: Fold> Followed<F> {
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

    /// What it is so far; none until the topic was read to its end for the first time.
    pub fn now(&self) -> Option<Arc<F>> {
        self.seen.borrow().clone()
    }

    /// Whether it is still followed.
    pub fn goes_on(&self) -> bool {
        self.seen.has_changed().is_ok()
    }

    /// What it is once that is as wanted, or none if that takes longer than `patience`.
    pub async fn reach(&self, patience: Duration, is_wanted: impl Fn(&F) -> bool) -> Option<Arc<F>> {
        let mut seen = self.seen.clone();
        let there = seen.wait_for(|state| state.as_ref().is_some_and(|state| is_wanted(state)));
        let reached = timeout(patience, there).await.ok()?.ok()?;
        reached.clone()
    }

    /// What it is after the next change that hasn't been waited for yet; none once nothing is followed any more.
    pub async fn changed(&mut self) -> Option<Arc<F>> {
        loop {
            self.seen.changed().await.ok()?;
            let state = self.seen.borrow_and_update().clone();
            if state.is_some() {
                return state;
            }
        }
    }
}

async fn keep<F: Fold>(kafka: &Kafka, topic: &Arc<str>, seen: &watch::Sender<Option<Arc<F>>>) {
    let (mut reading, mut pause) = (Reading::<F>::new(), FIRST);
    loop {
        let before = reading.next;
        let error = reading.read(kafka, topic, seen).await;
        if matches!(error, Error::OffsetGone { .. }) {
            // Made anew under the same name: all that it says is new.
            reading = Reading::new();
        }
        // Told once: not each time that it still can't be read.
        if pause == FIRST || reading.next > before {
            pause = FIRST;
            tracing::warn!(%topic, error = &error as &dyn std::error::Error, "a topic can't be followed; trying again");
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// What was read, and where to go on.
struct Reading<F> {
    state: F,
    /// Whether the state was not shown yet as it is.
    is_new: bool,
    next: i64,
    /// The topic that was read last: made anew under the same name it is another.
    topic_id: Option<Uuid>,
}

impl<F: Fold> Reading<F> {
    fn new() -> Self {
        Self { state: F::default(), is_new: true, next: 0, topic_id: None }
    }

    /// Reads until that fails, and shows the state whenever the topic's end is reached: so what was written in one transaction is
    /// shown in one go.
    async fn read(&mut self, kafka: &Kafka, topic: &Arc<str>, seen: &watch::Sender<Option<Arc<F>>>) -> Error {
        match topic_id(kafka, topic).await {
            Ok(id) => {
                if self.topic_id.is_some_and(|before| before != id) {
                    *self = Self::new();
                }
                self.topic_id = Some(id);
            }
            Err(error) => return error,
        }
        let start = if self.next == 0 { Start::Beginning } else { Start::At(self.next) };
        let opened = ReaderStream::open(kafka, topic, vec![(0, start)], Isolation::Committed).await;
        let mut stream = match opened {
            Ok(stream) => stream,
            Err(error) => return error,
        };
        loop {
            match stream.next().await {
                Ok(ReaderEvent::Record(record)) => {
                    self.next = record.offset + 1;
                    self.state.take(&record);
                    self.is_new = true;
                }
                Ok(ReaderEvent::Eof(_)) => self.show(seen),
                Err(error) => return error,
            }
        }
    }

    fn show(&mut self, seen: &watch::Sender<Option<Arc<F>>>) {
        if std::mem::take(&mut self.is_new) {
            seen.send_replace(Some(Arc::new(self.state.clone())));
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
