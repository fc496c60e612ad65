//! What a process says of itself in words, beside its metrics: which partitions it owns, how far it is behind.
//!
//! Its parts set what they know; whoever makes the process known to others passes it on.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The partitions that it owns: `0,3,5`.
pub const PARTITIONS: &str = "partitions";
/// Records that it is behind.
pub const LAG: &str = "lag";

/// By name, the parts that it is put together of.
static FACTS: Mutex<BTreeMap<&'static str, BTreeMap<usize, String>>> = Mutex::new(BTreeMap::new());

/// Says a fact, in the place of what was said under this name before.
pub fn set(name: &'static str, value: impl Into<String>) {
    set_part(name, 0, value);
}

/// Says one part of a fact: that of one worker among several.
pub fn set_part(name: &'static str, part: usize, value: impl Into<String>) {
    facts().entry(name).or_default().insert(part, value.into());
}

/// All that was said; the parts of a fact with commas between.
pub fn all() -> BTreeMap<&'static str, String> {
    let joined = |parts: &BTreeMap<usize, String>| {
        let said: Vec<&str> = parts.values().map(String::as_str).filter(|part| !part.is_empty()).collect();
        said.join(",")
    };
    facts().iter().map(|(name, parts)| (*name, joined(parts))).collect()
}

/// Partitions as they are written in a fact.
pub fn partitions(owned: impl IntoIterator<Item = i32>) -> String {
    let numbers: Vec<String> = owned.into_iter().map(|partition| partition.to_string()).collect();
    numbers.join(",")
}

fn facts() -> MutexGuard<'static, BTreeMap<&'static str, BTreeMap<usize, String>>> {
    FACTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_word_counts_and_parts_come_together() {
        super::set("a fact", "7");
        super::set("a fact", "8");
        super::set_part("of workers", 1, super::partitions([4, 5]));
        super::set_part("of workers", 0, super::partitions([0, 3]));
        super::set_part("of workers", 2, "");
        let all = super::all();
        assert_eq!((all["a fact"].as_str(), all["of workers"].as_str()), ("8", "0,3,4,5"));
    }
}
