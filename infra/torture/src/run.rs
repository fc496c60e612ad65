//! A run, from nothing to its report.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use schema_registry::Codecs;
use view_store::{CqlOptions, ViewStore};

use crate::cluster::{Cluster, Parts};
use crate::faults::{Inflicted, Plan, Planned, Tormentor};
use crate::ledger::Ledger;
use crate::load::{Load, codecs, command_client};
use crate::observed::Observed;
use crate::options::Options;
use crate::probe::Prober;
use crate::report::Report;
use crate::{check, observe};

/// Before the first fault and after the last, everything runs undisturbed for so long.
const CALM: Duration = Duration::from_secs(5);
/// How long clients may take, in the end, to be answered.
const LAST_ANSWERS: Duration = Duration::from_secs(90);

/// Runs, and leaves the report in the folder that is returned with it.
///
/// # Errors
/// When the run itself fails: the system can't be started, brought up again or read.
pub async fn run(options: &Options, seed: u64) -> anyhow::Result<(Report, PathBuf)> {
    let (binary, planted) = options.binaries()?;
    let kinds = options.kinds()?;
    let dir = std::path::absolute(options.dir.join(format!("seed-{seed}")))?;
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("can't clear {}", dir.display()))?;
    }
    std::fs::create_dir_all(&dir).with_context(|| format!("can't make {}", dir.display()))?;
    let ledger = Ledger::create(&dir.join("ledger.jsonl"))?;
    let parts = Parts { dir: dir.clone(), binary, planted, plant: options.plant.clone() };
    let cluster = Cluster::start(parts, &ledger).await?;
    let outcome = tortured(&cluster, &ledger, options, seed, &kinds).await;
    let exits = cluster.exits();
    let phones = cluster.phones();
    let stopping = cluster.stop();
    let (inflicted, probes, observed, verified) = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            stopping.await;
            return Err(error.context(format!("logs are in {}", dir.display())));
        }
    };
    stopping.await;
    ledger.flush().context("the ledger has holes")?;
    let mut checks = check::all(&observed, &phones);
    if !kinds.is_empty() {
        checks.push(check::recovery(&inflicted));
    }
    checks.push(verified);
    let report = Report::of(options, seed, &observed, inflicted, checks, exits, &probes);
    report.write(&dir)?;
    if !options.keep {
        clear_data(&dir);
    }
    Ok((report, dir))
}

type Outcome = (Vec<Inflicted>, crate::probe::Probes, Observed, check::Check);

async fn tortured(
    cluster: &Cluster,
    ledger: &Ledger,
    options: &Options,
    seed: u64,
    kinds: &[&'static str],
) -> anyhow::Result<Outcome> {
    let codecs: Codecs = codecs(cluster).await?;
    let probing =
        Prober::start(command_client(cluster, &codecs, "torture-probe").await?, ledger, seed).await?;
    let load = Load::start(cluster, &codecs, ledger, seed, options.rate).await?;
    tokio::time::sleep(CALM).await;

    let tables = CqlOptions::local([cluster.cql.clone()], cluster.installation.keyspace.clone());
    let views = ViewStore::connect(&tables).await?.reader().await?;
    let tormentor = Tormentor::new(cluster, ledger, probing.probes.clone(), views);
    let mut inflicted = torment(&tormentor, ledger, options, Plan::new(seed, kinds)).await?;

    cluster.mend_stack(ledger).await?;
    cluster.bring_up().await?;
    tokio::time::sleep(CALM).await;
    let poison = load.finish(LAST_ANSWERS).await;
    let probes = probing.probes.clone();
    drop(probing);
    for fault in &mut inflicted {
        tormentor.weigh(fault);
    }
    let observed = observe::everything(cluster, &codecs, ledger, poison).await?;
    let (code, said, errors) = cluster.tool(&["verify", "--json"]).await?;
    let verified = check::verify(code, &said, &errors);
    Ok((inflicted, probes, observed, verified))
}

async fn torment(
    tormentor: &Tormentor<'_>,
    ledger: &Ledger,
    options: &Options,
    plan: Plan,
) -> anyhow::Result<Vec<Inflicted>> {
    let begun = Instant::now();
    let bar = bar(options);
    let mut inflicted = Vec::new();
    for planned in plan {
        if begun.elapsed() >= options.length() {
            break;
        }
        show(&bar, ledger, &planned, begun);
        let fault = tormentor.inflict(&planned).await?;
        if let Some(why) = &fault.skipped {
            bar.suspend(|| eprintln!("{} {} left out: {why}", fault.number, fault.kind));
        }
        inflicted.push(fault);
    }
    if let Some(left) = options.length().checked_sub(begun.elapsed()) {
        // No faults were wanted.
        tokio::time::sleep(left).await;
    }
    bar.finish_and_clear();
    Ok(inflicted)
}

fn bar(options: &Options) -> ProgressBar {
    let bar = ProgressBar::new(options.duration);
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} [{bar:30}] {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn show(bar: &ProgressBar, ledger: &Ledger, planned: &Planned, begun: Instant) {
    let (asked, answered) = ledger.counts();
    bar.set_position(begun.elapsed().as_secs());
    bar.set_message(format!(
        "{asked} commands, {answered} answered; fault {}: {}",
        planned.number, planned.kind
    ));
}

/// Logs, ledger and report stay; what Kafka and the database wrote is large and of no use without them.
fn clear_data(dir: &Path) {
    for folder in ["stack/kafka", "stack/cassandra", "stack/registry", "state", "small-disk"] {
        // Whatever can't be removed is only in the way of the next run, which says so.
        let _ = std::fs::remove_dir_all(dir.join(folder));
    }
}
