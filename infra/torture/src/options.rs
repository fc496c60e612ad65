//! What was asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::bugs::Bug;
use crate::faults::KINDS;

/// Tortures a system of its own, and holds all that it said against its log and its tables.
///
/// Starts three Kafka brokers, the database, the schema registry and several of each role on free ports; lets clients loose on
/// them; kills, freezes, cuts off and restarts what there is, in an order drawn from a seed; and checks in the end that nothing
/// was lost, nothing was doubled, and nothing stayed stuck. Leaves report.json, report.html, ledger.jsonl and every role's log.
#[derive(Clone, Debug, clap::Parser)]
#[command(
    version,
    after_help = "\
Examples:
  torture                                    # 15 minutes, by a seed of its own, which it prints
  torture --duration 180 --seed 42           # the same faults in the same order as any other run of seed 42
  torture --faults kill_broker,meddle        # only these kinds; --list shows them all
  torture --plant dedup-off --duration 60    # with a bug planted, which must be found: needs a binary with test-only switches
Exit code 0: every check holds. 1: one doesn't. 2: the run itself failed.
With --plant, 0: none of the checks meant for the bug found it. 1: one did."
)]
pub struct Options {
    /// Seconds of faults
    #[arg(long, default_value_t = 900)]
    pub duration: u64,
    /// The same seed draws the same faults in the same order
    #[arg(long)]
    pub seed: Option<u64>,
    /// Commands a second, about
    #[arg(long, default_value_t = 60.0)]
    pub rate: f64,
    /// Only faults of these kinds, or `none` [default: all; with a bug planted, those that bring it to light]
    #[arg(long, value_delimiter = ',', value_name = "KIND")]
    pub faults: Vec<String>,
    /// Show the kinds of faults and the bugs that can be planted, and end
    #[arg(long)]
    pub list: bool,
    /// Plant this bug; needs `--planted`
    #[arg(long, value_name = "BUG")]
    pub plant: Option<String>,
    /// The binary of the roles [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The binary built with test-only switches [default: parceltrack-planted beside this program, if it is there]
    #[arg(long, value_name = "FILE")]
    pub planted: Option<PathBuf>,
    /// Where a folder for this run is made
    #[arg(long, default_value = ".local/torture")]
    pub dir: PathBuf,
    /// Keep the data of Kafka and the database, too
    #[arg(long)]
    pub keep: bool,
    /// Print the report as JSON, instead of a summary
    #[arg(long)]
    pub json: bool,
}

impl Options {
    /// How long faults are inflicted.
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.duration)
    }

    /// The bug to plant.
    ///
    /// # Errors
    /// When there is no such bug.
    pub fn bug(&self) -> anyhow::Result<Option<&'static Bug>> {
        self.plant.as_deref().map(Bug::named).transpose()
    }

    /// The kinds of faults to draw from.
    ///
    /// # Errors
    /// When one is unknown, or the bug to plant.
    pub fn kinds(&self) -> anyhow::Result<Vec<&'static str>> {
        let bug = self.bug()?;
        match self.faults.as_slice() {
            [] => Ok(bug.map_or(KINDS.to_vec(), |bug| bug.faults.to_vec())),
            [none] if none == "none" => Ok(Vec::new()),
            wanted => wanted
                .iter()
                .map(|name| {
                    let known = KINDS.into_iter().find(|kind| kind == name);
                    known.with_context(|| format!("`{name}` is no kind of fault; --list shows them"))
                })
                .collect(),
        }
    }

    /// The binary of the roles, and that with test-only switches.
    ///
    /// # Errors
    /// When one that is needed isn't there.
    pub fn binaries(&self) -> anyhow::Result<(PathBuf, Option<PathBuf>)> {
        let here = std::env::current_exe()?;
        let beside = |name: &str| here.with_file_name(name);
        let binary = self.binary.clone().unwrap_or_else(|| beside("parceltrack"));
        if !binary.exists() {
            bail!("there is no {}; build it with `cargo build --release -p parceltrack`", binary.display());
        }
        let planted =
            self.planted.clone().or_else(|| Some(beside("parceltrack-planted")).filter(|p| p.exists()));
        if let Some(missing) = planted.as_ref().filter(|path| !path.exists()) {
            bail!("there is no {}; `infra/scripts/torture.sh` builds it", missing.display());
        }
        if self.plant.is_some() && planted.is_none() {
            bail!(
                "a bug can only be planted in a binary with test-only switches; `infra/scripts/torture.sh` builds it"
            );
        }
        Ok((std::path::absolute(binary)?, planted.map(std::path::absolute).transpose()?))
    }

    /// How to do the same again.
    pub fn again(&self, seed: u64) -> String {
        let mut words = vec![format!("torture --duration {} --seed {seed}", self.duration)];
        if (self.rate - 60.0).abs() > f64::EPSILON {
            words.push(format!("--rate {}", self.rate));
        }
        if !self.faults.is_empty() {
            words.push(format!("--faults {}", self.faults.join(",")));
        }
        words.extend(self.plant.as_ref().map(|plant| format!("--plant {plant}")));
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn options(args: &[&str]) -> Options {
        Options::parse_from(["torture"].iter().chain(args))
    }

    #[test]
    fn what_it_says_to_type_is_what_was_asked_for() {
        let asked = options(&[
            "--duration",
            "60",
            "--faults",
            "meddle,kill_api",
            "--plant",
            "dedup-off",
            "--rate",
            "9",
        ]);
        let again = asked.again(7);
        let words: Vec<&str> = again.split_whitespace().skip(1).collect();
        let said = options(&words);
        assert_eq!((said.duration, said.seed), (60, Some(7)));
        assert_eq!((&said.faults, &said.plant), (&asked.faults, &asked.plant));
        assert_eq!(said.kinds().unwrap(), ["meddle", "kill_api"]);
    }

    #[test]
    fn a_bug_brings_its_own_faults_unless_others_are_asked_for() {
        assert_eq!(options(&["--plant", "offsets-first"]).kinds().unwrap(), ["kill_handler"]);
        assert_eq!(options(&["--plant", "offsets-first", "--faults", "meddle"]).kinds().unwrap(), ["meddle"]);
        assert!(options(&["--plant", "off-by-one"]).kinds().is_err());
    }

    #[test]
    fn unknown_faults_are_refused_and_none_is_none() {
        assert!(options(&["--faults", "earthquake"]).kinds().is_err());
        assert_eq!(options(&["--faults", "none"]).kinds().unwrap(), Vec::<&str>::new());
        assert_eq!(options(&[]).kinds().unwrap().len(), KINDS.len());
    }
}
