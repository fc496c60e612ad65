//! The report: JSON for programs, a page and a few lines for people.

mod chart;
mod page;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::check::Check;
use crate::cluster::Exit;
use crate::faults::Inflicted;
use crate::ledger::Answer;
use crate::observed::Observed;
use crate::options::Options;
use crate::probe::{Probe, Probes};

/// So many findings of a check are shown to people; the JSON has all.
const SHOWN: usize = 8;

/// What a run came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether every check was held against something, and holds.
    pub holds: bool,
    /// By which the faults were drawn.
    pub seed: u64,
    /// How to do the same again.
    pub again: String,
    /// The bug that was planted.
    pub plant: Option<String>,
    /// How long faults were inflicted, in seconds.
    pub duration: u64,
    /// What there was of everything.
    pub counts: BTreeMap<&'static str, usize>,
    /// What commands were asked for, by kind.
    pub commands: BTreeMap<String, usize>,
    /// What was answered, by kind of answer.
    pub answers: BTreeMap<&'static str, usize>,
    /// How long partitions took to answer again, over all faults and by kind of fault.
    pub recoveries: BTreeMap<String, Recoveries>,
    /// How long rows took to catch up after the cause of a fault was gone.
    pub views: Recoveries,
    /// The checks.
    pub checks: Vec<Check>,
    /// The faults.
    pub faults: Vec<Inflicted>,
    /// Roles that ended by themselves.
    pub exits: Vec<Exit>,
    /// The probes, by partition.
    pub probes: BTreeMap<i32, Vec<Probe>>,
}

/// How long something took, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recoveries {
    /// How often it was measured.
    pub count: usize,
    /// How often it never came to its end.
    pub stuck: usize,
    /// Half of them took less.
    pub p50: Option<u64>,
    /// The longest.
    pub max: Option<u64>,
}

impl Recoveries {
    fn of(took: impl Iterator<Item = Option<u64>>) -> Self {
        let (mut all, mut stuck) = (Vec::new(), 0);
        for one in took {
            match one {
                Some(took) => all.push(took),
                None => stuck += 1,
            }
        }
        all.sort_unstable();
        Self {
            count: all.len() + stuck,
            stuck,
            p50: all.get(all.len().saturating_sub(1) / 2).copied(),
            max: all.last().copied(),
        }
    }
}

impl Report {
    /// Of all that a run left.
    pub fn of(
        options: &Options,
        seed: u64,
        observed: &Observed,
        faults: Vec<Inflicted>,
        checks: Vec<Check>,
        exits: Vec<Exit>,
        probes: &Probes,
    ) -> Self {
        let inflicted = || faults.iter().filter(|fault| fault.skipped.is_none());
        let mut recoveries =
            BTreeMap::from([("all".to_owned(), Recoveries::of(inflicted().map(Inflicted::slowest)))]);
        for fault in inflicted() {
            recoveries.entry(fault.kind.clone()).or_insert_with(|| {
                Recoveries::of(inflicted().filter(|other| other.kind == fault.kind).map(Inflicted::slowest))
            });
        }
        let mut commands = BTreeMap::new();
        let mut answers = BTreeMap::new();
        for op in &observed.ops {
            let kind = if op.intent.is_probe { "probe".to_owned() } else { format!("{:?}", op.intent.kind) };
            *commands.entry(kind.to_lowercase()).or_default() += 1;
            for (_, answer) in op.answers() {
                *answers.entry(name(answer)).or_default() += 1;
            }
        }
        Self {
            holds: checks.iter().all(|check| check.findings.is_empty() && check.held_against > 0),
            seed,
            again: options.again(seed),
            plant: options.plant.clone(),
            duration: options.duration,
            counts: counts(observed, inflicted().count(), faults.len()),
            commands,
            answers,
            recoveries,
            views: Recoveries::of(inflicted().map(|fault| fault.views)),
            checks,
            faults,
            exits,
            probes: probes.all(),
        }
    }

    /// Whether every check holds.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// Every check, and what it found.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Writes `report.json` and `report.html`.
    ///
    /// # Errors
    /// When that can't be written.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        std::fs::write(dir.join("report.json"), serde_json::to_vec_pretty(self)?)?;
        std::fs::write(dir.join("report.html"), page::of(self))?;
        Ok(())
    }
}

fn counts(observed: &Observed, inflicted: usize, planned: usize) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("commands asked for", observed.ops.len()),
        ("requests", observed.ops.iter().map(|op| op.attempts.len()).sum()),
        (
            "commands asked for again after an answer",
            observed.ops.iter().filter(|op| asked_again(op)).count(),
        ),
        ("shipments", observed.histories().len()),
        ("command records", observed.commands.len()),
        ("events", observed.events.len()),
        ("snapshots", observed.snapshots.len()),
        ("replies", observed.replies.len()),
        ("dead letters", observed.dead_letters.len()),
        ("pieces of poison", observed.poison.len()),
        ("faults", inflicted),
        ("faults left out", planned - inflicted),
    ])
}

fn asked_again(op: &crate::ledger::Op) -> bool {
    op.answers().filter(|(_, answer)| answer.is_definite()).count() > 1
}

fn name(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accepted { .. } => "accepted",
        Answer::Rejected { .. } => "refused",
        Answer::Taken => "taken, not yet decided",
        Answer::Unavailable => "come again later",
        Answer::Lost => "none",
        Answer::Broken { .. } => "nonsense",
    }
}

/// Milliseconds as people read them.
fn seconds(millis: Option<u64>) -> String {
    millis.map_or_else(|| "never".to_owned(), |millis| format!("{:.1} s", millis as f64 / 1000.0))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            let verdict = match check {
                _ if !check.findings.is_empty() => "FAILS",
                _ if check.held_against == 0 => "EMPTY",
                _ => "holds",
            };
            writeln!(f, "{verdict}  {:<22} {} ({})", check.name, check.claim, check.held_against)?;
            for finding in check.findings.iter().take(SHOWN) {
                writeln!(f, "         {}: {}", finding.of, finding.text)?;
            }
            if check.findings.len() > SHOWN {
                writeln!(f, "         and {} more", check.findings.len() - SHOWN)?;
            }
        }
        let count = |name: &str| self.counts.get(name).copied().unwrap_or(0);
        writeln!(
            f,
            "{} faults ({} left out), {} commands in {} requests, {} events of {} shipments",
            count("faults"),
            count("faults left out"),
            count("commands asked for"),
            count("requests"),
            count("events"),
            count("shipments")
        )?;
        if let Some(all) = self.recoveries.get("all") {
            writeln!(
                f,
                "recovery: p50 {}, max {}; rows: p50 {}, max {}",
                seconds(all.p50),
                seconds(all.max),
                seconds(self.views.p50),
                seconds(self.views.max)
            )?;
        }
        writeln!(f, "{} ends of roles that were not asked for", self.exits.len())?;
        write!(f, "{}", if self.holds { "everything holds" } else { "NOT everything holds" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_longest_are_told() {
        let of = |took: &[Option<u64>]| Recoveries::of(took.iter().copied());
        let some = of(&[Some(30), Some(10), Some(20)]);
        assert_eq!((some.count, some.stuck, some.p50, some.max), (3, 0, Some(20), Some(30)));
        let stuck = of(&[Some(30), None]);
        assert_eq!((stuck.count, stuck.stuck, stuck.p50, stuck.max), (2, 1, Some(30), Some(30)));
        assert_eq!(of(&[]), Recoveries::default());
    }
}
