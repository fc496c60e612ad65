//! `parceltrack rebuild`: the views anew, beside the live ones; and back.

use std::time::Duration;

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use projector::{Error, Projector, RebuildProgress, Stage};
use serde_json::json;
use settings::Settings;
use tokio_util::sync::CancellationToken;

use crate::cli::RebuildArgs;

pub(crate) async fn rebuild(settings: &Settings, args: &RebuildArgs) -> anyhow::Result<()> {
    let stop = telemetry::shutdown::on_signals()?;
    let projector = Projector::connect(settings).await?;
    if args.back {
        back(&projector, args.json, &stop).await
    } else if args.drop_old {
        drop_old(&projector, args.json, &stop).await
    } else {
        forth(&projector, args.json, &stop).await
    }
}

async fn forth(projector: &Projector, json: bool, stop: &CancellationToken) -> anyhow::Result<()> {
    let bar = if json { ProgressBar::hidden() } else { bar() };
    let rebuilt = projector.rebuild(|progress| show(&bar, progress), stop).await;
    bar.finish_and_clear();
    let rebuilt = match rebuilt {
        Err(Error::Cancelled) => {
            anyhow::bail!("interrupted; what was written stays: run it again, and it goes on from there")
        }
        other => other?,
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&rebuilt)?);
        return Ok(());
    }
    println!(
        "generation {} is live: {} events in {} ({} a second){}",
        rebuilt.generation,
        HumanCount(rebuilt.events),
        HumanDuration(Duration::from_secs_f64(rebuilt.seconds)),
        HumanCount((rebuilt.events as f64 / rebuilt.seconds.max(0.001)) as u64),
        if rebuilt.resumed { ", after an interrupted run had begun it" } else { "" }
    );
    println!(
        "generation {} is kept: `parceltrack rebuild --back` goes back to it, `--drop-old` drops it",
        rebuilt.previous
    );
    Ok(())
}

async fn back(projector: &Projector, json: bool, stop: &CancellationToken) -> anyhow::Result<()> {
    let back = projector.flip_back(stop).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&back)?);
        return Ok(());
    }
    println!("generation {} is live again, instead of {}", back.generation, back.previous);
    if back.behind > 0 {
        eprintln!(
            "warning: it is up to {} records behind; the projector catches it up now",
            HumanCount(back.behind.unsigned_abs())
        );
    }
    Ok(())
}

async fn drop_old(projector: &Projector, json: bool, stop: &CancellationToken) -> anyhow::Result<()> {
    let dropped = projector.drop_old(stop).await?;
    if json {
        println!("{}", json!({ "dropped": dropped }));
    } else if dropped.is_empty() {
        println!("there is no generation but the live one");
    } else {
        let dropped: Vec<_> = dropped.iter().map(u32::to_string).collect();
        println!("dropped generation {}", dropped.join(", "));
    }
    Ok(())
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} [{bar:40}] {percent:>3}%  {wide_msg}");
    ProgressBar::new(1)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "))
}

fn show(bar: &ProgressBar, progress: &RebuildProgress) {
    bar.set_prefix(format!("generation {}", progress.generation));
    bar.set_length(progress.total.max(1));
    bar.set_position(if progress.total == 0 { 1 } else { progress.done });
    let rate = HumanCount(progress.rate as u64);
    let mut message = match (progress.stage, progress.left) {
        (Stage::Filling, Some(left)) => format!("{rate} events/s, {} left", HumanDuration(left)),
        (Stage::Filling, None) => "reading".to_owned(),
        (Stage::Flipping, _) => "caught up, flipping".to_owned(),
        (Stage::HandingOver, _) => "live; waiting for the projectors to take over".to_owned(),
    };
    if progress.retries > 0 {
        let retries = progress.retries.to_string();
        message.extend([", ", &retries, " requests repeated: the database is away or busy"]);
    }
    bar.set_message(message);
}
