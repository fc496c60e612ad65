//! Which checks must find which planted bug: that some check fails isn't enough, for it might fail for another reason.

use crate::check::Check;

/// Each bug that can be planted, and the checks of which one at least must name it.
const FOUND_BY: [(&str, &[&str]); 5] = [
    ("drop-one-event", &["history rows"]),
    ("reuse-producer", &["sequences", "snapshots", "exactly once", "one reply each"]),
    ("dedup-off", &["commands once", "first answer again"]),
    ("offsets-first", &["one reply each"]),
    ("restore-first-eof", &["sequences", "snapshots"]),
];

/// The checks that found the bug planted, which is named as for `--plant`; none of those of an unknown bug.
pub fn found_by<'a>(plant: &str, checks: &'a [Check]) -> Vec<&'a str> {
    let bug = plant.split(':').next().unwrap_or(plant);
    let expected = FOUND_BY.iter().find(|(name, _)| *name == bug).map_or(&[][..], |(_, checks)| checks);
    checks
        .iter()
        .filter(|check| !check.findings.is_empty() && expected.contains(&check.name.as_str()))
        .map(|check| check.name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(name: &str) -> Check {
        let mut check = Check::new(name, "");
        check.expect(false, "it", || "is wrong".to_owned());
        check
    }

    #[test]
    fn only_the_checks_meant_for_a_bug_find_it() {
        let checks = [failing("recovery"), failing("history rows")];
        assert_eq!(found_by("drop-one-event:500", &checks), ["history rows"]);
        assert_eq!(found_by("dedup-off", &checks), Vec::<&str>::new());
        assert_eq!(found_by("dedup-off", &[Check::new("commands once", "")]), Vec::<&str>::new());
    }
}
