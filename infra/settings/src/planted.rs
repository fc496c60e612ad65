//! Bugs that are planted on purpose, to see that torture finds them. Only under the feature `planted-bugs`, which no build for
//! use has: there neither this module nor what asks it exists, and the variables mean nothing.

use std::sync::LazyLock;

/// Names the bug, and after a colon how rarely it shows: `PT_PLANT=drop-one-event:10000`. `torture --list` names them all.
const PLANT: &str = "PT_PLANT";

/// Makes a role one of the next version.
const NEXT: &str = "PT_NEXT";

static PLANTED: LazyLock<Option<(String, Option<u64>)>> = LazyLock::new(|| {
    let text = std::env::var(PLANT).ok().filter(|text| !text.is_empty())?;
    let (name, rate) = match text.split_once(':') {
        Some((name, rate)) => (name.to_owned(), rate.parse().ok()),
        None => (text, None),
    };
    eprintln!("a bug is planted: {name}");
    Some((name, rate))
});

/// Whether this bug is planted.
pub fn planted(bug: &str) -> bool {
    PLANTED.as_ref().is_some_and(|(name, _)| name == bug)
}

/// One time in how many this bug shows, if it is planted.
pub fn planted_rate(bug: &str, usual: u64) -> Option<u64> {
    PLANTED.as_ref().filter(|(name, _)| name == bug).map(|(_, rate)| rate.unwrap_or(usual).max(1))
}

/// Whether this process is to be one of the next version.
pub fn is_next_version() -> bool {
    std::env::var(NEXT).is_ok_and(|value| value == "1")
}
