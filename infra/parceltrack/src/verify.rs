//! `parceltrack verify`: events, snapshots and tables of a running system, held against each other.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use serde::Serialize;
use settings::Settings;
use verifier::{Finding, Kind, Options, Progress, Stage, Summary, Told, Verifier};

use crate::cli::VerifyArgs;

/// Nothing can be said: what is needed could not be read.
pub(crate) fn not_done() -> ExitCode {
    ExitCode::from(2)
}

/// What a line of JSON is.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Finding(&'a Finding),
    Summary(&'a Summary),
}

pub(crate) async fn verify(settings: &Settings, args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let stop = telemetry::shutdown::on_signals()?;
    let verifier = Verifier::connect(settings).await?;
    let options = Options {
        shipment: args.shipment,
        rows: !args.skip_rows,
        lists: !args.skip_lists,
        repair: args.repair,
        concurrency: args.concurrency.unsigned_abs() as usize,
    };
    let bar = if args.json { ProgressBar::hidden() } else { bar() };
    let found = Mutex::new(Found::default());
    let tell = |told: Told<'_>| match told {
        Told::Going(progress) => show(&bar, progress),
        // Who reads the lines may be gone: the exit code still tells.
        Told::Found(finding) if args.json => _ = print(&Line::Finding(finding)),
        Told::Found(finding) => found.lock().unwrap_or_else(PoisonError::into_inner).add(finding, args.limit),
    };
    let outcome = verifier.run(options, tell, &stop).await;
    bar.finish_and_clear();
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let summary = outcome.inspect_err(|_| found.tell())?;
    if args.json {
        print(&Line::Summary(&summary))?;
    } else {
        found.tell();
        println!("{}", text(&summary, options));
    }
    Ok(if summary.clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(line: &Line<'_>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    writeln!(out)
}

/// What was found, for people: of each kind how many, and the first few.
#[derive(Default)]
struct Found {
    kinds: BTreeMap<(bool, Kind), (u64, Vec<String>)>,
}

impl Found {
    fn add(&mut self, finding: &Finding, limit: usize) {
        let (count, named) = self.kinds.entry((finding.repaired, finding.kind)).or_default();
        *count += 1;
        if named.len() < limit {
            named.push(finding.to_string());
        }
    }

    fn tell(&self) {
        for ((repaired, kind), (count, named)) in &self.kinds {
            let repaired = if *repaired { ", repaired" } else { "" };
            println!("{kind}: {} ({}{repaired})", HumanCount(*count), kind.meaning());
            for finding in named {
                println!("  {finding}");
            }
            let more = count - named.len() as u64;
            if more > 0 {
                println!("  and {} more; --json names all", HumanCount(more));
            }
        }
    }
}

fn text(summary: &Summary, options: Options) -> String {
    let seconds = summary.seconds.max(0.001);
    let n = |count: u64| HumanCount(count).to_string();
    let entries = summary.entries.values().sum::<u64>();
    let mut lines = vec![format!(
        "compared … {} shipments, {} events, {} snapshots, {} rows, {} rows of history, {} list entries",
        n(summary.shipments),
        n(summary.events),
        n(summary.snapshots),
        n(summary.rows),
        n(summary.event_rows),
        n(entries),
    )];
    let ghosts = summary.ghosts.values().sum::<u64>();
    if ghosts > 0 {
        lines.push(format!("ghosts … {} list entries of where shipments were: readers drop them", n(ghosts)));
    }
    let lag = summary.lag;
    if lag.shipments > 0 {
        let behind = "the projector hasn't come to them yet; so far their rows are right";
        lines.push(format!("lag … {} events of {} shipments: {behind}", n(lag.events), n(lag.shipments)));
    }
    if summary.unsettled > 0 {
        let changing = "changed at every look, so nothing is said of their lists";
        lines.push(format!("unsettled … {} shipments {changing}", n(summary.unsettled)));
    }
    if summary.dead_letters.waiting > 0 {
        let reasons =
            summary.dead_letters.by_reason.iter().map(|(reason, count)| format!("{count} {reason}"));
        let reasons: Vec<_> = reasons.collect();
        lines.push(format!(
            "dead letters … {} wait: {}; see `parceltrack dead-letters list`",
            n(summary.dead_letters.waiting),
            reasons.join(", ")
        ));
    }
    if options.shipment.is_none() {
        let rate = HumanCount((summary.shipments as f64 / seconds) as u64);
        lines.push(format!("took … {seconds:.1} s, {rate} shipments a second"));
    }
    let repaired = match summary.repaired {
        0 => String::new(),
        count => format!(", {} repaired", n(count)),
    };
    lines.push(match summary.findings {
        0 if summary.repaired > 0 => format!("verified … nothing amiss any more{repaired}"),
        0 => "verified … nothing amiss".to_owned(),
        count => format!("findings … {}{repaired}", n(count)),
    });
    lines.join("\n")
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:<26} [{bar:30}] {percent:>3}%  {wide_msg}");
    ProgressBar::new(1000)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "))
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_prefix(match progress.stage {
        Stage::SetUp => "topics and tables".to_owned(),
        Stage::Reading(partition) => format!("reading partition {partition}"),
        Stage::Comparing(partition) => format!("comparing partition {partition}"),
        Stage::Scanning => "reading the tables whole".to_owned(),
        Stage::LookingAgain => "looking again".to_owned(),
        Stage::Repairing => "repairing".to_owned(),
    });
    bar.set_position((progress.part * 1000.0) as u64);
    let rate = format!("{} {}/s", HumanCount(progress.rate as u64), progress.stage.unit());
    bar.set_message(match progress.left {
        Some(left) => format!("{rate}, {} left", HumanDuration(left)),
        None => rate,
    });
}
