//! What the registry has just said it doesn't have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long its word is taken for it.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// So many ids are remembered. Beyond, all are forgotten: they cost a question each.
const MOST: usize = 1_000;

/// Ids without a schema. Clones share them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Absent {
    since: Arc<Mutex<HashMap<u32, Instant>>>,
}

impl Absent {
    pub(crate) fn add(&self, id: u32) {
        let mut since = self.lock();
        if since.len() >= MOST {
            since.clear();
        }
        since.insert(id, Instant::now());
    }

    pub(crate) fn contains(&self, id: u32) -> bool {
        self.lock().get(&id).is_some_and(|since| since.elapsed() < GOOD_FOR)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Instant>> {
        // Whole even after a panic: each change of the map is one call.
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_a_bounded_number() {
        let absent = Absent::default();
        for id in 0..2_500 {
            absent.add(id);
        }
        assert!(absent.contains(2_499));
        assert!(!absent.contains(0));
        assert!(absent.lock().len() <= MOST);
    }
}
