//! Writing to the config topic, with everything that was decided on still true.
//!
//! A topic has no compare-and-set. It has transactions whose producer, by its id, can be only one at a time (KIP-98): so who
//! writes first takes over the one transactional id of all writers, which ends whatever another was about to write, then
//! reads the topic to its end, decides, and writes in a transaction. If that commits, nobody else wrote in between: they would have had
//! to take over the id before, and then the commit is refused, and all begins anew. It also tells what became of a commit
//! that wasn't answered: with the id taken over again, the topic says it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_log::{
    Fault, Isolation, Kafka, Reader, ReaderEvent, Start, TransactionSettings, TransactionalProducer,
};
use rand::Rng;
use tokio::sync::Mutex;

use crate::edit::Edit;
use crate::history::History;
use crate::log::{change, version_at};

/// How long one call to Kafka may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// After this the broker aborts what was left open.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the end of the topic may be out of sight.
const READ_PATIENCE: Duration = Duration::from_secs(8);
/// How long a write may wait for those before it in this process.
const TURN: Duration = Duration::from_secs(5);
/// After this nothing is tried again: whoever asked is still there to be answered.
const DEADLINE: Duration = Duration::from_secs(20);
/// Between two looks whether what was committed can be read.
const LOOK: Duration = Duration::from_millis(20);
/// How often it is tried when others come in between, or Kafka is in passing disorder.
const TRIES: u32 = 6;
/// The longest pause after the first try, at random; twice as long after each further one, so that those who overtook each
/// other don't go on doing so.
const PAUSE: Duration = Duration::from_millis(200);

/// Writes to the config topic. Cheap to clone; clones take turns.
#[derive(Clone)]
pub struct Writer {
    kafka: Kafka,
    topic: Arc<str>,
    /// A process doesn't overtake itself.
    turn: Arc<Mutex<()>>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError<R> {
    /// The one who decides refused.
    #[error("refused")]
    Refused(R),
    /// The topic can't be read.
    #[error("the config topic can't be read")]
    Read(#[source] event_log::Error),
    /// It can't be written to.
    #[error("the config topic can't be written to")]
    Write(#[source] Box<Fault>),
    /// Others of this process have been writing for too long.
    #[error("other changes are being written")]
    Busy,
    /// Others wrote in between each time.
    #[error("others wrote at the same time, {TRIES} times in a row")]
    Contended,
    /// Nobody knows whether it was written: a commit wasn't answered, and Kafka can't be asked.
    #[error("Kafka didn't say whether it was written; read before you try again")]
    Unknown,
    /// The process is ending.
    #[error("the process is ending")]
    Ending,
}

/// How a try went.
enum Tried {
    /// The last record lies at this offset.
    Committed(i64),
    /// Not committed for certain.
    Overtaken,
    /// Perhaps committed: if so, the last record lies at this offset.
    Unanswered(i64),
}

/// Why there is nothing to decide on yet.
enum Unseen {
    TakeOver(Fault),
    Read(event_log::Error),
}

impl Writer {
    /// Writes to this topic.
    pub fn new(kafka: Kafka, topic: Arc<str>) -> Self {
        Self { kafka, topic, turn: Arc::default() }
    }

    /// Lets `decide` see the whole history, and writes the edits that it returns, all or none. Returns the history with them.
    ///
    /// `decide` may be called several times: when somebody else wrote in between.
    ///
    /// # Errors
    /// When `decide` refuses, or Kafka can't be read or written.
    pub async fn write<R: Send + 'static>(
        &self,
        decide: impl FnMut(&History) -> Result<Vec<Edit>, R> + Send + 'static,
    ) -> Result<History, WriteError<R>> {
        // Waited for here, not on a thread: who hangs up meanwhile has written nothing.
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turn).lock_owned());
        let turn = turn.await.map_err(|_| WriteError::Busy)?;
        let writer = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            writer.write_blocking(decide)
        });
        written.await.unwrap_or(Err(WriteError::Ending))
    }

    fn write_blocking<R>(
        &self,
        mut decide: impl FnMut(&History) -> Result<Vec<Edit>, R>,
    ) -> Result<History, WriteError<R>> {
        let begun = Instant::now();
        let mut unanswered: Option<i64> = None;
        let mut unseen = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                if begun.elapsed() > DEADLINE {
                    break;
                }
                let longest = PAUSE * 2_u32.pow(attempt - 1);
                std::thread::sleep(rand::rng().random_range(Duration::ZERO..longest));
            }
            let (mut producer, history, end) = match self.look() {
                Ok(seen) => seen,
                Err(because) => {
                    unseen = Some(because);
                    continue;
                }
            };
            unseen = None;
            if unanswered.is_some_and(|offset| history.has(version_at(offset))) {
                return Ok(history);
            }
            let edits = decide(&history).map_err(WriteError::Refused)?;
            if edits.is_empty() {
                return Ok(history);
            }
            match self.transact(&mut producer, &edits, end) {
                Ok(Tried::Committed(offset)) => return self.read_back(offset).ok_or(WriteError::Unknown),
                Ok(Tried::Overtaken) => {}
                // What was unanswered before is known not to be there: this lies where it would.
                Ok(Tried::Unanswered(offset)) => unanswered = Some(offset),
                Err(fault) => return Err(WriteError::Write(Box::new(fault))),
            }
        }
        Err(match (unanswered, unseen) {
            (Some(_), _) => WriteError::Unknown,
            (None, Some(Unseen::Read(error))) => WriteError::Read(error),
            (None, Some(Unseen::TakeOver(fault))) => WriteError::Write(Box::new(fault)),
            (None, None) => WriteError::Contended,
        })
    }

    /// Takes over from all others, and then reads all that they wrote; with the offset where that ends.
    fn look(&self) -> Result<(TransactionalProducer, History, i64), Unseen> {
        let settings = TransactionSettings {
            transactional_id: format!("{}.writer", self.topic),
            transaction_timeout: TRANSACTION_TIMEOUT,
            call_timeout: CALL_TIMEOUT,
        };
        let producer = TransactionalProducer::init(&self.kafka, settings).map_err(Unseen::TakeOver)?;
        let (history, end) = self.read().map_err(Unseen::Read)?;
        Ok((producer, history, end))
    }

    fn read(&self) -> Result<(History, i64), event_log::Error> {
        let mut history = History::default();
        let start = [(0, Start::Beginning)];
        let mut reader = Reader::open(&self.kafka, &self.topic, &start, Isolation::Committed)?;
        loop {
            match reader.next(READ_PATIENCE)? {
                Some(ReaderEvent::Record(record)) => {
                    // What can't be read doesn't count; who follows the topic says so.
                    if let Ok(change) = change(&record) {
                        history.push(change);
                    }
                }
                Some(ReaderEvent::Eof(end)) => return Ok((history, end.offset)),
                None => return Err(event_log::Error::Ended),
            }
        }
    }

    /// The history that has what was committed: its markers may still be on their way.
    fn read_back(&self, offset: i64) -> Option<History> {
        let begun = Instant::now();
        while begun.elapsed() < READ_PATIENCE {
            if let Ok((history, _)) = self.read()
                && history.has(version_at(offset))
            {
                return Some(history);
            }
            std::thread::sleep(LOOK);
        }
        None
    }

    /// Writes, if the first record lies where the history ended. Otherwise that was not all there is: a broker that has just
    /// become leader may tell of an end that is too early, and somebody may write without taking over.
    fn transact(
        &self,
        producer: &mut TransactionalProducer,
        edits: &[Edit],
        end: i64,
    ) -> Result<Tried, Fault> {
        let offsets = match self.send(producer, edits) {
            Ok(offsets) => offsets,
            Err(fault @ Fault::TooLarge { .. }) => return Err(fault),
            // Whoever takes over next ends what was begun.
            Err(_) => return Ok(Tried::Overtaken),
        };
        if offsets.iter().min() != Some(&end) {
            // If that fails, too, the next take-over does it.
            let _ = producer.abort();
            return Ok(Tried::Overtaken);
        }
        let last = offsets.into_iter().max().unwrap_or(end);
        Ok(if producer.commit().is_ok() { Tried::Committed(last) } else { Tried::Unanswered(last) })
    }

    fn send(&self, producer: &mut TransactionalProducer, edits: &[Edit]) -> Result<Vec<i64>, Fault> {
        producer.begin()?;
        for (tag, edit) in edits.iter().enumerate() {
            producer.send(&edit.to_record(&self.topic), tag)?;
        }
        Ok(producer.drain()?.into_iter().map(|(_, at)| at.offset).collect())
    }
}
