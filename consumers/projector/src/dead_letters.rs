//! What was parked, by the projector and by the command handler; what to do about it.
//!
//! The dead letters topic is the only truth: a resolution is one more record in it, which names the letter it resolves.

mod follow;
mod letter;
pub(crate) mod log;
mod resolve;
mod show;

use event_log::{Isolation, ReaderEvent, ReaderStream, Received, Start};
use tokio_util::sync::CancellationToken;

use crate::{Error, Projector};
pub use letter::{BadPosition, DeadLetter, LetterPosition, Source};
use log::{Fate, Log};
pub use resolve::Retried;
pub use show::Shown;

/// What retrying all came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Retries {
    /// How many were tried.
    pub tried: usize,
    /// How many of these could not be retried.
    pub failed: usize,
}

/// The dead letters of an installation.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    projector: Projector,
}

impl DeadLetters {
    /// Of the installation that the projector is connected to.
    pub fn of(projector: Projector) -> Self {
        Self { projector }
    }

    /// Those that nobody has dealt with yet, the oldest first. A record that was parked more than once is one letter.
    ///
    /// # Errors
    /// When Kafka is away.
    pub async fn list(&self) -> Result<Vec<DeadLetter>, Error> {
        let mut open: Vec<DeadLetter> = Log::read(&self.projector).await?.into_open();
        open.sort_by(|a, b| (&a.parked_at, a.at).cmp(&(&b.parked_at, b.at)));
        Ok(open)
    }

    /// One letter, whether dealt with or not.
    ///
    /// # Errors
    /// [`Error::NoDeadLetter`] where there is none, and when Kafka is away.
    pub async fn show(&self, at: LetterPosition) -> Result<Shown, Error> {
        let record = self.record(at).await?;
        let letter = DeadLetter::of(&record).ok_or(missing(at))?;
        Ok(Shown::of(letter, record))
    }

    /// Tries again: posts a command anew, projects an event or an outcome again. Then the letter is dealt with.
    ///
    /// # Errors
    /// [`Error::NoDeadLetter`] or [`Error::AlreadyResolved`]; [`Error::NotRetriable`] or [`Error::StillUnprojectable`] where trying again
    /// doesn't help; and when Kafka or the database is away.
    pub async fn retry(&self, at: LetterPosition, cancel: &CancellationToken) -> Result<Retried, Error> {
        let (letter, record) = self.open(at).await?;
        self.retry_record(&letter, &record, cancel).await
    }

    /// The same for one of those [listed](Self::list) just now: the topic isn't read once more to see whether somebody has
    /// dealt with it meanwhile.
    async fn retry_listed(&self, letter: &DeadLetter, cancel: &CancellationToken) -> Result<Retried, Error> {
        let record = self.record(letter.at).await?;
        self.retry_record(letter, &record, cancel).await
    }

    /// Retries all that are open, the oldest first. One that fails doesn't keep the others from being tried; `told` hears of each, and
    /// how many there are in all.
    ///
    /// # Errors
    /// When the letters can't be listed, or [`Error::Cancelled`]: what was retried so far is done.
    pub async fn retry_all(
        &self,
        mut told: impl FnMut(&DeadLetter, Result<&Retried, &Error>, usize) + Send,
        cancel: &CancellationToken,
    ) -> Result<Retries, Error> {
        let (letters, mut sum) = (self.list().await?, Retries::default());
        for letter in &letters {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let retried = self.retry_listed(letter, cancel).await;
            sum.tried += 1;
            sum.failed += usize::from(retried.is_err());
            told(letter, retried.as_ref(), letters.len());
        }
        Ok(sum)
    }

    async fn retry_record(
        &self,
        letter: &DeadLetter,
        record: &Received,
        cancel: &CancellationToken,
    ) -> Result<Retried, Error> {
        let retried = resolve::retry(&self.projector, letter, record, cancel).await?;
        resolve::record(&self.projector, letter, Fate::Retried, "", cancel).await?;
        Ok(retried)
    }

    /// Says that a letter is dealt with, and why. Its shipment doesn't count as incomplete any more for its sake.
    ///
    /// # Errors
    /// [`Error::NoDeadLetter`] or [`Error::AlreadyResolved`], and when Kafka or the database is away.
    pub async fn discard(
        &self,
        at: LetterPosition,
        reason: &str,
        cancel: &CancellationToken,
    ) -> Result<DeadLetter, Error> {
        let (letter, _) = self.open(at).await?;
        resolve::unmark(&self.projector, &letter, cancel).await?;
        resolve::record(&self.projector, &letter, Fate::Discarded, reason, cancel).await?;
        Ok(letter)
    }

    async fn open(&self, at: LetterPosition) -> Result<(DeadLetter, Received), Error> {
        let record = self.record(at).await?;
        let letter = DeadLetter::of(&record).ok_or(missing(at))?;
        let log = Log::read(&self.projector).await?;
        let how = match log.fate(&letter) {
            Fate::Open => return Ok((letter, record)),
            Fate::Retried => "it was retried",
            Fate::Discarded => "it was discarded",
        };
        Err(Error::AlreadyResolved { partition: at.partition, offset: at.offset, how })
    }

    async fn record(&self, at: LetterPosition) -> Result<Received, Error> {
        let topic = &self.projector.topics.dead_letters;
        record_at(&self.projector, topic, at.partition, at.offset).await?.ok_or(missing(at))
    }
}

fn missing(at: LetterPosition) -> Error {
    Error::NoDeadLetter { partition: at.partition, offset: at.offset }
}

/// The record at an offset, if it is still there.
async fn record_at(
    projector: &Projector,
    topic: &str,
    partition: i32,
    offset: i64,
) -> Result<Option<Received>, Error> {
    let starts = vec![(partition, Start::At(offset))];
    let mut stream = match ReaderStream::open(&projector.kafka, topic, starts, Isolation::Committed).await {
        Err(event_log::Error::OffsetGone { .. }) => return Ok(None),
        opened => opened?,
    };
    let Ok(next) = tokio::time::timeout(log::ASK, stream.next()).await else {
        return Err(Error::Kafka(event_log::Error::Unreachable {
            bootstrap: projector.kafka.bootstrap().to_owned(),
            doing: format!("reading {topic}[{partition}]@{offset}"),
            waited: log::ASK,
        }));
    };
    match next {
        Ok(ReaderEvent::Record(record)) if record.offset == offset => Ok(Some(record)),
        Ok(_) | Err(event_log::Error::OffsetGone { .. } | event_log::Error::UnknownTopic { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
