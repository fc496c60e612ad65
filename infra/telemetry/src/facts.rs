//! What a process says of itself in words, beside its metrics: which partitions it owns, how far it is behind.
//!
//! Its parts set what they know; whoever makes the process known to others passes it on.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The partitions that it owns, `0,3,5`; with `.N` after it those of worker N.
pub const PARTITIONS: &str = "partitions";
/// Records that it is behind.
pub const LAG: &str = "lag";

static FACTS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Says a fact, in the place of what was said under this name before.
pub fn set(name: impl Into<String>, value: impl Into<String>) {
    facts().insert(name.into(), value.into());
}

/// All that was said.
pub fn all() -> BTreeMap<String, String> {
    facts().clone()
}

/// Partitions as they are written in a fact.
pub fn partitions(owned: impl IntoIterator<Item = i32>) -> String {
    let numbers: Vec<String> = owned.into_iter().map(|partition| partition.to_string()).collect();
    numbers.join(",")
}

fn facts() -> MutexGuard<'static, BTreeMap<String, String>> {
    FACTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_word_counts() {
        super::set("lag", "7");
        super::set("lag", super::partitions([0, 3]));
        assert_eq!(super::all()["lag"], "0,3");
    }
}
