//! The bugs that can be planted: what each is, the faults that bring it to light, and the checks that must find it.

use anyhow::Context;

use crate::check::Check;

/// A bug that can be planted.
#[derive(Debug)]
pub struct Bug {
    /// As roles know it, by `PT_PLANT`.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    /// The kinds of faults that bring it to light; the others would only take time.
    pub faults: &'static [&'static str],
    /// The checks of which one at least must name it. That some check fails isn't enough: it might fail for another reason.
    checks: &'static [&'static str],
}

/// All of them.
pub const BUGS: [Bug; 5] = [
    Bug {
        name: "drop-one-event",
        what: "the projector skips one event in 10,000, or in as many as are told after a colon",
        faults: &["kill_projector", "freeze_projector"],
        checks: &["history rows"],
    },
    Bug {
        name: "reuse-producer",
        what: "the handler goes on with a producer after an end of a transaction without a definite answer",
        faults: &["torn_transaction"],
        checks: &["sequences", "snapshots", "exactly once", "one reply each"],
    },
    Bug {
        name: "dedup-off",
        what: "the handler forgets which commands it has accepted",
        faults: &["kill_api", "freeze_handler"],
        checks: &["commands once", "first answer again"],
    },
    Bug {
        name: "offsets-first",
        what: "the handler commits offsets before it writes what follows from the commands",
        faults: &["kill_handler"],
        checks: &["one reply each"],
    },
    Bug {
        name: "restore-first-eof",
        what: "a restore takes the first end that it meets for the end of the snapshots",
        faults: &["late_markers"],
        checks: &["sequences", "snapshots"],
    },
];

impl Bug {
    /// The bug that was named, as for `--plant`: its name, and how rarely it shows after a colon.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(plant: &str) -> anyhow::Result<&'static Self> {
        let name = plant.split(':').next().unwrap_or(plant);
        let known = BUGS.iter().find(|bug| bug.name == name);
        known.with_context(|| format!("`{name}` is no bug that can be planted; --list shows them"))
    }

    /// The checks that found it.
    pub fn found_by<'a>(&self, checks: &'a [Check]) -> Vec<&'a str> {
        let meant = checks.iter().filter(|check| self.checks.contains(&check.name.as_str()));
        meant.filter(|check| !check.findings.is_empty()).map(|check| check.name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use tracking_view::PhoneKey;

    use super::*;
    use crate::check;
    use crate::faults::KINDS;
    use crate::observed::Observed;

    fn failing(name: &str) -> Check {
        let mut check = Check::new(name, "");
        check.expect(false, "it", || "is wrong".to_owned());
        check
    }

    #[test]
    fn only_the_checks_meant_for_a_bug_find_it() {
        let checks = [failing("recovery"), failing("history rows")];
        assert_eq!(Bug::named("drop-one-event:500").unwrap().found_by(&checks), ["history rows"]);
        let bug = Bug::named("dedup-off").unwrap();
        assert!(bug.found_by(&checks).is_empty());
        assert!(bug.found_by(&[Check::new("commands once", "")]).is_empty());
        assert!(Bug::named("off-by-one").is_err());
    }

    #[test]
    fn the_faults_and_the_checks_of_every_bug_are_there() {
        let all = check::all(&Observed::default(), &PhoneKey::new(b"any"));
        for bug in &BUGS {
            assert!(
                bug.checks.iter().all(|name| all.iter().any(|check| check.name == *name)),
                "{}",
                bug.name
            );
            assert!(bug.faults.iter().all(|fault| KINDS.contains(fault)), "{}", bug.name);
        }
    }
}
