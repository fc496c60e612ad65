//! How many streams each caller has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The streams that callers have open. A caller is forgotten with its last one, so there are no more than there are streams.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<Box<str>, u64>>>);

/// A caller's stream; dropping it makes room for another one.
#[derive(Debug)]
pub(crate) struct OpenStream {
    streams: Streams,
    caller: Box<str>,
}

impl Streams {
    /// One more of this caller's; none where it has so many already.
    pub(crate) fn open(&self, caller: &str, most: u64) -> Option<OpenStream> {
        let mut counts = self.counts();
        let count = counts.get(caller).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        let caller: Box<str> = caller.into();
        counts.insert(caller.clone(), count + 1);
        Some(OpenStream { streams: self.clone(), caller })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Box<str>, u64>> {
        // Nothing is left half-changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut counts = self.streams.counts();
        if let Some(count) = counts.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_so_many_at_once_and_is_forgotten_with_its_last() {
        let streams = Streams::default();
        let held: Vec<_> = (0..5).filter_map(|_| streams.open("a", 3)).collect();
        assert_eq!(held.len(), 3);
        let other = streams.open("b", 3);
        assert!(other.is_some(), "another caller has streams of its own");
        drop(held);
        assert!(streams.open("a", 1).is_some());
        drop(other);
        assert!(streams.counts().is_empty());
    }
}
