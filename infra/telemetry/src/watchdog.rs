//! Ends a process one of whose threads stands still for ever.
//!
//! A call into a library written in C may never return: two of its threads may wait for each other's locks. No timeout of ours
//! gets out of that, and whatever the thread holds, it holds as long as the process lives. So the process ends, with a core
//! dump where the system keeps them, and whoever supervises it starts it anew; it is as if it had been killed, which
//! everything here is made for.
//!
//! ```
//! use std::time::Duration;
//! use telemetry::watchdog::Pulse;
//!
//! let pulse = Pulse::start("worker 0", Duration::from_secs(40));
//! for _batch in 0..3 {
//!     pulse.beat();
//! }
//! // Whoever is gone isn't waited for.
//! drop(pulse);
//! ```

use std::fmt;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// How long the log gets to say why.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Who looks so often, and has not looked for so long, is gone.
const GONE: Duration = Duration::from_secs(10);

static LOOKED: Mutex<Option<Instant>> = Mutex::new(None);

static WATCHED: LazyLock<Mutex<Vec<Watched>>> = LazyLock::new(|| {
    let spawned = thread::Builder::new().name("watchdog".to_owned()).spawn(watch);
    if let Err(error) = spawned {
        tracing::error!(%error, "no watchdog: a thread that hangs won't be noticed");
    }
    Mutex::default()
});

/// Whether the process is sane, as far as the watchdog can see.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    /// It looks, and none of the threads that it looks at stands still for longer than it may.
    pub live: bool,
    /// Milliseconds since it looked.
    pub looked_ms_ago: u64,
    /// Whom it looks at.
    pub threads: Vec<Seen>,
}

/// A thread as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its name.
    pub thread: String,
    /// For so many milliseconds nothing was heard of it.
    pub still_ms: u64,
    /// After so many the process ends.
    pub at_most_ms: u64,
}

/// What the watchdog saw last.
pub fn health() -> Health {
    let threads: Vec<Seen> = watched().iter().map(Watched::seen).collect();
    let looked = *LOOKED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    let ago = looked.elapsed();
    let live = ago < GONE && threads.iter().all(|seen| seen.still_ms <= seen.at_most_ms);
    Health { live, looked_ms_ago: u64::try_from(ago.as_millis()).unwrap_or(u64::MAX), threads }
}

/// The sign of life of one thread: whoever lets it rest for too long ends the process.
pub struct Pulse {
    beats: Arc<AtomicU64>,
}

impl Pulse {
    /// Begins to be watched. `most` is how long this thread may stay away at most, everything that it waits for included.
    pub fn start(name: impl Into<String>, most: Duration) -> Self {
        let beats = Arc::new(AtomicU64::new(0));
        watched().push(Watched::new(name.into(), Arc::clone(&beats), most));
        Self { beats }
    }

    /// Still here. Costs an addition.
    pub fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").field("beats", &self.beats).finish()
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        watched().retain(|watched| !Arc::ptr_eq(&watched.beats, &self.beats));
    }
}

/// A thread that is watched.
struct Watched {
    name: String,
    beats: Arc<AtomicU64>,
    /// Looks in a row at most that find it where it was.
    most: u32,
    seen: u64,
    rested: u32,
}

impl Watched {
    fn new(name: String, beats: Arc<AtomicU64>, most: Duration) -> Self {
        let most = u32::try_from(most.as_millis().div_ceil(LOOK.as_millis())).unwrap_or(u32::MAX);
        Self { name, beats, most, seen: 0, rested: 0 }
    }

    fn seen(&self) -> Seen {
        let look = LOOK.as_millis() as u64;
        let (still_ms, at_most_ms) = (u64::from(self.rested) * look, u64::from(self.most) * look);
        Seen { thread: self.name.clone(), still_ms, at_most_ms }
    }

    /// Looks, and tells whether it has rested for too long. Time is counted in looks: when the whole process was stopped for a
    /// while, or the machine, nobody looked either.
    fn is_stuck(&mut self) -> bool {
        let beats = self.beats.load(Ordering::Relaxed);
        self.rested = if beats == self.seen { self.rested + 1 } else { 0 };
        self.seen = beats;
        self.rested > self.most
    }
}

fn watched() -> MutexGuard<'static, Vec<Watched>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch() {
    loop {
        thread::sleep(LOOK);
        *LOOKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let stuck = watched().iter_mut().find_map(|watched| watched.is_stuck().then(|| watched.name.clone()));
        if let Some(thread) = stuck {
            // Who logs may have to wait, too: where nobody takes the lines, that may be what it stands still for.
            let say = move || {
                tracing::error!(thread, "this thread stands still: the process ends, to be started anew");
            };
            let _ = thread::Builder::new().name("last words".to_owned()).spawn(say);
            thread::sleep(LAST_WORDS);
            process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched_for(most: Duration) -> (Pulse, Watched) {
        let beats = Arc::new(AtomicU64::new(0));
        (Pulse { beats: Arc::clone(&beats) }, Watched::new("a".to_owned(), beats, most))
    }

    #[test]
    fn who_beats_in_time_is_never_stuck() {
        let (pulse, mut watched) = watched_for(LOOK * 3);
        for _ in 0..10 {
            pulse.beat();
            assert_eq!([(); 3].map(|()| watched.is_stuck()), [false; 3]);
        }
    }

    #[test]
    fn who_rests_for_longer_is_stuck() {
        let (_pulse, mut watched) = watched_for(LOOK * 3);
        assert_eq!([(); 4].map(|()| watched.is_stuck()), [false, false, false, true]);
    }

    #[test]
    fn who_rests_is_seen_to() {
        let (_pulse, mut watched) = watched_for(LOOK * 3);
        assert_eq!([(); 2].map(|()| watched.is_stuck()), [false; 2]);
        assert_eq!(watched.seen(), Seen { thread: "a".to_owned(), still_ms: 500, at_most_ms: 750 });
    }

    #[test]
    fn who_is_gone_is_not_watched_any_more() {
        let pulse = Pulse::start("short-lived", Duration::from_secs(60));
        let is_watched = |name: &str| watched().iter().any(|watched| watched.name == name);
        assert!(is_watched("short-lived"));
        drop(pulse);
        assert!(!is_watched("short-lived"));
    }
}
