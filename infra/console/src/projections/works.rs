//! What takes long, one thing at a time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use projector::{DeadLetter, Error, RebuildProgress, Retried};
use record_view::shown_text;
use telemetry::chain;
use tokio_util::sync::CancellationToken;
use view_store::Detail;

use super::Connected;

/// What can be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The views anew, beside the live ones, and a flip.
    Rebuild,
    /// The generation that was live before is live again.
    FlipBack,
    /// Every generation that isn't live is dropped.
    DropOld,
    /// Every dead letter is tried again.
    RetryAll,
}

impl Work {
    /// In words.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rebuild => "a rebuild",
            Self::FlipBack => "a flip back",
            Self::DropOld => "dropping old generations",
            Self::RetryAll => "retrying all dead letters",
        }
    }

    /// As the audit topic has it.
    pub(super) const fn action(self) -> &'static str {
        match self {
            Self::Rebuild => "projections.rebuild",
            Self::FlipBack => "projections.flip-back",
            Self::DropOld => "projections.drop-old",
            Self::RetryAll => "dead-letters.retry-all",
        }
    }

    /// What it is done to.
    pub(super) const fn target(self) -> &'static str {
        match self {
            Self::RetryAll => "dead-letters",
            _ => "projections",
        }
    }

    /// Whether it can be stopped halfway and gone on with later.
    pub(crate) const fn can_be_stopped(self) -> bool {
        matches!(self, Self::Rebuild | Self::RetryAll)
    }
}

/// What goes on.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) work: Work,
    /// Where it goes on.
    pub(crate) console: String,
    pub(crate) who: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) progress: Progress,
    /// Who told it to stop.
    pub(crate) stopped_by: Option<String>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Progress {
    /// It waits for its turn: nobody else may be at it.
    Waiting,
    /// A rebuild.
    Rebuild(RebuildProgress),
    /// Dead letters tried, failed, and in all.
    Retries { tried: usize, failed: usize, of: usize },
}

/// What was done last.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) work: Work,
    pub(crate) who: String,
    pub(crate) at: DateTime<Utc>,
    /// What came of it, in words.
    pub(crate) outcome: Result<String, String>,
}

/// What goes on in this console, and what did last.
#[derive(Default)]
pub(crate) struct Works {
    console: String,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    running: Option<(Running, CancellationToken)>,
    last: Option<Done>,
}

/// Held by what goes on; without it, nothing does. However it ends, the next may begin.
pub(super) struct Place(Option<Arc<Works>>);

impl Place {
    pub(super) fn end(mut self, outcome: Result<String, String>) {
        if let Some(works) = self.0.take() {
            works.end(outcome);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(works) = self.0.take() {
            works.end(Err("It ended unexpectedly; the console's log says more.".to_owned()));
        }
    }
}

impl Works {
    /// Of the console that has this name in the registry.
    pub(super) fn of(console: String) -> Self {
        Self { console, held: Mutex::default() }
    }

    /// Where it goes on.
    pub(crate) fn console(&self) -> &str {
        &self.console
    }

    /// What goes on now.
    pub(crate) fn running(&self) -> Option<Running> {
        self.held().running.as_ref().map(|(running, _)| running.clone())
    }

    /// What was done last, by this process.
    pub(crate) fn last(&self) -> Option<Done> {
        self.held().last.clone()
    }

    /// Stops this one, if it still goes on.
    pub(super) fn stop(&self, seen: &Running, who: &str) -> bool {
        match &mut self.held().running {
            Some((running, cancel)) if (running.work, running.since) == (seen.work, seen.since) => {
                running.stopped_by = Some(who.to_owned());
                cancel.cancel();
                true
            }
            _ => false,
        }
    }

    pub(super) fn take(
        self: &Arc<Self>,
        work: Work,
        who: &str,
        cancel: &CancellationToken,
    ) -> Result<Place, Work> {
        let mut held = self.held();
        if let Some((running, _)) = &held.running {
            return Err(running.work);
        }
        let running = Running {
            work,
            console: self.console.clone(),
            who: who.to_owned(),
            since: Utc::now(),
            progress: Progress::Waiting,
            stopped_by: None,
        };
        held.running = Some((running, cancel.clone()));
        Ok(Place(Some(Arc::clone(self))))
    }

    fn end(&self, outcome: Result<String, String>) {
        let mut held = self.held();
        if let Some((Running { work, who, .. }, _)) = held.running.take() {
            held.last = Some(Done { work, who, at: Utc::now(), outcome });
        }
    }

    fn tell(&self, progress: Progress) {
        if let Some((running, _)) = &mut self.held().running {
            running.progress = progress;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does it, and says what came of it.
pub(super) async fn run(
    connected: &Connected,
    work: Work,
    works: &Works,
    cancel: &CancellationToken,
) -> Result<String, String> {
    let projector = &connected.projector;
    let done = match work {
        Work::Rebuild => {
            let tell = |progress: &RebuildProgress| works.tell(Progress::Rebuild(progress.clone()));
            projector.rebuild(tell, cancel).await.map(|rebuilt| {
                let resumed = if rebuilt.resumed { ", after an interrupted run had begun it" } else { "" };
                format!(
                    "Generation {} is live: {} events in {:.1} s{resumed}. Generation {} is kept.",
                    rebuilt.generation, rebuilt.events, rebuilt.seconds, rebuilt.previous
                )
            })
        }
        Work::FlipBack => projector.flip_back(cancel).await.map(|back| {
            format!(
                "Generation {} is live again, instead of {}; it was {} records behind.",
                back.generation, back.previous, back.behind
            )
        }),
        Work::DropOld => projector.drop_old(cancel).await.map(|dropped| {
            let dropped: Vec<_> = dropped.iter().map(u32::to_string).collect();
            if dropped.is_empty() {
                "There was no generation but the live one.".to_owned()
            } else {
                format!("Dropped generation {}.", dropped.join(", "))
            }
        }),
        Work::RetryAll => return retry_all(connected, works, cancel).await,
    };
    done.map_err(|error| match error {
        error if error.is_cancelled() && work == Work::Rebuild => {
            "It was stopped. What was written stays: begun again, it goes on from there.".to_owned()
        }
        error => failed(&error),
    })
}

async fn retry_all(
    connected: &Connected,
    works: &Works,
    cancel: &CancellationToken,
) -> Result<String, String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut tried = 0;
    let told = |_: &DeadLetter, retried: Result<&Retried, &Error>, of: usize| {
        tried += 1;
        if let Err(error) = retried {
            *reasons.entry(reason(error)).or_default() += 1;
        }
        works.tell(Progress::Retries { tried, failed: reasons.values().sum(), of });
    };
    let retries = connected.letters.retry_all(told, cancel).await.map_err(|error| failed(&error))?;
    if reasons.is_empty() {
        return Ok(format!("{} dead letters were retried.", retries.tried));
    }
    Err(in_vain(retries.tried, &reasons))
}

fn failed(error: &Error) -> String {
    if error.is_cancelled() {
        return "It was stopped; what was done so far is done.".to_owned();
    }
    chain(error)
}

/// Why a letter could not be retried: the same for all that have the same reason, and nothing out of the letter, for operators
/// read it in the audit topic.
fn reason(error: &Error) -> String {
    match error {
        Error::StillUnprojectable { code, .. } => format!("still can't be projected ({code})"),
        Error::NotRetriable { reason, .. } => shown_text(reason, Detail::Public),
        error => shown_text(&chain(error), Detail::Public),
    }
}

/// Reasons that are told, the most frequent first.
const REASONS: usize = 3;

fn in_vain(tried: usize, reasons: &BTreeMap<String, usize>) -> String {
    let failed: usize = reasons.values().sum();
    let mut by_count: Vec<(&String, usize)> =
        reasons.iter().map(|(reason, count)| (reason, *count)).collect();
    by_count.sort_by_key(|(_, count)| Reverse(*count));
    let mut told: Vec<String> =
        by_count.iter().take(REASONS).map(|(reason, count)| format!("{count} × {reason}")).collect();
    let rest: usize = by_count.iter().skip(REASONS).map(|(_, count)| count).sum();
    if rest > 0 {
        told.push(format!("{rest} for other reasons"));
    }
    let told = told.join("; ");
    format!("{failed} of {tried} dead letters could not be retried, and are still listed: {told}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_and_the_last_is_remembered() {
        let (works, cancel) = (Arc::new(Works::default()), CancellationToken::new());
        let place = works.take(Work::Rebuild, "key:1", &cancel).unwrap();
        assert_eq!(works.take(Work::RetryAll, "key:2", &cancel).err(), Some(Work::Rebuild));
        works.tell(Progress::Retries { tried: 1, failed: 0, of: 2 });
        let running = works.running().unwrap();
        assert_eq!((running.who.as_str(), &running.stopped_by), ("key:1", &None));
        assert_eq!(running.progress, Progress::Retries { tried: 1, failed: 0, of: 2 });
        assert!(works.stop(&running, "key:3"));
        assert_eq!(works.running().unwrap().stopped_by.as_deref(), Some("key:3"));
        assert!(cancel.is_cancelled());
        place.end(Ok("done".to_owned()));
        assert!(works.running().is_none() && !works.stop(&running, "key:3"));
        let last = works.last().unwrap();
        assert_eq!((last.work, last.outcome), (Work::Rebuild, Ok("done".to_owned())));
        let _place = works.take(Work::RetryAll, "key:2", &CancellationToken::new()).unwrap();
        assert!(!works.stop(&running, "key:3"), "another one goes on");
    }

    #[test]
    fn what_ends_without_a_word_keeps_nobody_from_beginning() {
        let (works, cancel) = (Arc::new(Works::default()), CancellationToken::new());
        drop(works.take(Work::Rebuild, "key:1", &cancel).unwrap());
        assert!(works.last().unwrap().outcome.unwrap_err().contains("unexpectedly"));
        works.take(Work::Rebuild, "key:1", &cancel).unwrap().end(Ok(String::new()));
        assert!(works.last().unwrap().outcome.is_ok());
    }

    #[test]
    fn what_could_not_be_retried_is_told_with_the_reasons() {
        let still = |at: &str| Error::StillUnprojectable {
            at: at.to_owned(),
            code: "undecodable",
            text: "\"Ada\"".to_owned(),
        };
        assert_eq!(reason(&still("0:1")), reason(&still("0:2")), "one reason");
        let mut reasons = BTreeMap::from([(reason(&still("0:1")), 38), ("b".to_owned(), 2)]);
        let text = in_vain(50, &reasons);
        assert_eq!(
            text,
            "40 of 50 dead letters could not be retried, and are still listed: 38 × still can't be projected (undecodable); 2 × b."
        );
        reasons.extend([("c".to_owned(), 1), ("d".to_owned(), 1)]);
        let text = in_vain(50, &reasons);
        assert!(text.contains("1 × c; 1 for other reasons.") && !text.contains("Ada"), "{text}");
    }
}
