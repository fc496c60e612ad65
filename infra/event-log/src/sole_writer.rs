//! Writing to a topic of one partition, with everything that was decided on still true.
//!
//! A topic has no compare-and-set. It has transactions whose producer, by its id, can be only one at a time (KIP-98): so who
//! writes first takes over the one transactional id of all writers, which ends whatever another was about to write, then
//! reads the topic to its end, decides, and writes in a transaction. If that commits, nobody else wrote in between: they would have had
//! to take over the id before, and then the commit is refused, and all begins anew. It also tells what became of a commit
//! that wasn't answered: with the id taken over again, the topic says it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::Rng;
use tokio::sync::Mutex;

use crate::{
    Fault, Fold, Isolation, Kafka, Outgoing, Reader, ReaderEvent, Start, TransactionSettings,
    TransactionalProducer,
};

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

/// Writes to a topic by what its records make so far. Cheap to clone; clones take turns.
#[derive(Clone)]
pub struct SoleWriter {
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
    #[error("the topic can't be read")]
    Read(#[source] crate::Error),
    /// It can't be written to.
    #[error("the topic can't be written to")]
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

/// What the topic holds.
struct Seen<F> {
    state: F,
    /// Where it ends.
    end: i64,
    /// Whether a record lies at the offset that was asked for.
    has_wanted: bool,
}

/// Why there is nothing to decide on yet.
enum Unseen {
    TakeOver(Fault),
    Read(crate::Error),
}

impl SoleWriter {
    /// Writes to this topic.
    pub fn new(kafka: Kafka, topic: Arc<str>) -> Self {
        Self { kafka, topic, turn: Arc::default() }
    }

    /// Lets `decide` see what the records make, and writes what it returns, all or none: records of the topic, at least one unless
    /// there are none at all, and such of other topics as belong to them. Returns what the records then make.
    ///
    /// `decide` may be called several times: when somebody else wrote in between.
    ///
    /// # Errors
    /// When `decide` refuses, or Kafka can't be read or written.
    pub async fn write<F: Fold, R: Send + 'static>(
        &self,
        decide: impl FnMut(&F) -> Result<Vec<Outgoing>, R> + Send + 'static,
    ) -> Result<F, WriteError<R>> {
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

    /// What the topic's committed records make.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn read<F: Fold>(&self) -> Result<F, crate::Error> {
        let writer = self.clone();
        let read = tokio::task::spawn_blocking(move || writer.seen(None));
        Ok(read.await.map_err(|_| crate::Error::Ended)??.state)
    }

    fn write_blocking<F: Fold, R>(
        &self,
        mut decide: impl FnMut(&F) -> Result<Vec<Outgoing>, R>,
    ) -> Result<F, WriteError<R>> {
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
            let (mut producer, seen) = match self.look(unanswered) {
                Ok(seen) => seen,
                Err(because) => {
                    unseen = Some(because);
                    continue;
                }
            };
            unseen = None;
            if seen.has_wanted {
                return Ok(seen.state);
            }
            let records = decide(&seen.state).map_err(WriteError::Refused)?;
            if records.is_empty() {
                return Ok(seen.state);
            }
            match self.transact(&mut producer, &records, seen.end) {
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

    /// Takes over from all others, and then reads all that they wrote.
    fn look<F: Fold>(&self, wanted: Option<i64>) -> Result<(TransactionalProducer, Seen<F>), Unseen> {
        let settings = TransactionSettings {
            transactional_id: format!("{}.writer", self.topic),
            transaction_timeout: TRANSACTION_TIMEOUT,
            call_timeout: CALL_TIMEOUT,
        };
        let producer = TransactionalProducer::init(&self.kafka, settings).map_err(Unseen::TakeOver)?;
        let seen = self.seen(wanted).map_err(Unseen::Read)?;
        Ok((producer, seen))
    }

    fn seen<F: Fold>(&self, wanted: Option<i64>) -> Result<Seen<F>, crate::Error> {
        let mut seen = Seen { state: F::default(), end: 0, has_wanted: false };
        let start = [(0, Start::Beginning)];
        let mut reader = Reader::open(&self.kafka, &self.topic, &start, Isolation::Committed)?;
        loop {
            match reader.next(READ_PATIENCE)? {
                Some(ReaderEvent::Record(record)) => {
                    seen.state.take(&record);
                    seen.has_wanted |= wanted == Some(record.offset);
                }
                Some(ReaderEvent::Eof(end)) => return Ok(Seen { end: end.offset, ..seen }),
                None => return Err(crate::Error::Ended),
            }
        }
    }

    /// The state that has what was committed: its markers may still be on their way.
    fn read_back<F: Fold>(&self, offset: i64) -> Option<F> {
        let begun = Instant::now();
        while begun.elapsed() < READ_PATIENCE {
            if let Ok(seen) = self.seen(Some(offset))
                && seen.has_wanted
            {
                return Some(seen.state);
            }
            std::thread::sleep(LOOK);
        }
        None
    }

    /// Writes, if the topic's first record lies where what was seen ended. Otherwise that was not all there is: a broker that has just
    /// become leader may tell of an end that is too early, and somebody may write without taking over.
    fn transact(
        &self,
        producer: &mut TransactionalProducer,
        records: &[Outgoing],
        end: i64,
    ) -> Result<Tried, Fault> {
        let offsets = match self.send(producer, records) {
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

    /// The offsets of the topic's own records.
    fn send(&self, producer: &mut TransactionalProducer, records: &[Outgoing]) -> Result<Vec<i64>, Fault> {
        producer.begin()?;
        for (tag, record) in records.iter().enumerate() {
            producer.send(record, tag)?;
        }
        let written = producer.drain()?.into_iter();
        Ok(written.filter(|(tag, _)| records[*tag].topic == self.topic).map(|(_, at)| at.offset).collect())
    }
}
