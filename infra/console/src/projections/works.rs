//! What takes long, one thing at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use projector::{DeadLetter, Error, RebuildProgress, Retried};
use telemetry::chain;
use tokio_util::sync::CancellationToken;

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
    pub(crate) who: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) progress: Progress,
    pub(crate) stopping: bool,
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

/// What goes on, and what did last.
#[derive(Default)]
pub(crate) struct Works(Mutex<Held>);

#[derive(Default)]
struct Held {
    running: Option<(Running, CancellationToken)>,
    last: Option<Done>,
}

impl Works {
    /// What goes on now.
    pub(crate) fn running(&self) -> Option<Running> {
        self.held().running.as_ref().map(|(running, _)| running.clone())
    }

    /// What was done last, by this process.
    pub(crate) fn last(&self) -> Option<Done> {
        self.held().last.clone()
    }

    /// Stops what goes on; it ends a moment later.
    pub(crate) fn stop(&self) {
        if let Some((running, cancel)) = &mut self.held().running {
            running.stopping = true;
            cancel.cancel();
        }
    }

    pub(super) fn take(&self, work: Work, who: &str, cancel: &CancellationToken) -> Result<(), Work> {
        let mut held = self.held();
        if let Some((running, _)) = &held.running {
            return Err(running.work);
        }
        let running = Running {
            work,
            who: who.to_owned(),
            since: Utc::now(),
            progress: Progress::Waiting,
            stopping: false,
        };
        held.running = Some((running, cancel.clone()));
        Ok(())
    }

    pub(super) fn end(&self, outcome: Result<String, String>) {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        Work::RetryAll => {
            let (mut tried, mut failed) = (0, 0);
            let told = |_: &DeadLetter, retried: Result<&Retried, &Error>, of: usize| {
                tried += 1;
                failed += usize::from(retried.is_err());
                works.tell(Progress::Retries { tried, failed, of });
            };
            connected.letters.retry_all(told, cancel).await.map(|retries| match retries.failed {
                0 => format!("{} dead letters were retried.", retries.tried),
                failed => format!(
                    "{failed} of {} dead letters could not be retried; they are still listed.",
                    retries.tried
                ),
            })
        }
    };
    done.map_err(|error| match error {
        error if error.is_cancelled() && work == Work::Rebuild => {
            "It was stopped. What was written stays: begun again, it goes on from there.".to_owned()
        }
        error if error.is_cancelled() => "It was stopped; what was done so far is done.".to_owned(),
        error => chain(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_and_the_last_is_remembered() {
        let (works, cancel) = (Works::default(), CancellationToken::new());
        works.take(Work::Rebuild, "key:1", &cancel).unwrap();
        assert_eq!(works.take(Work::RetryAll, "key:2", &cancel), Err(Work::Rebuild));
        works.tell(Progress::Retries { tried: 1, failed: 0, of: 2 });
        let running = works.running().unwrap();
        assert_eq!((running.who.as_str(), running.stopping), ("key:1", false));
        assert_eq!(running.progress, Progress::Retries { tried: 1, failed: 0, of: 2 });
        works.stop();
        assert!(works.running().unwrap().stopping && cancel.is_cancelled());
        works.end(Ok("done".to_owned()));
        assert!(works.running().is_none());
        let last = works.last().unwrap();
        assert_eq!((last.work, last.outcome), (Work::Rebuild, Ok("done".to_owned())));
        works.take(Work::RetryAll, "key:2", &CancellationToken::new()).unwrap();
    }
}
