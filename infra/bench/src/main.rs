//! `bench`: what ParcelTrack does, beside the least that the same work needs on the same libraries.
//!
//! Each bench is a small file: what it measures on both sides in one run of some seconds. What they share: `rounds` lets
//! ours and bare take turns, `row` and `report` make of it a table, JSON lines and charts, `ground` and `world` give each
//! run services and topics of its own, `process` runs what is measured as a process, so that its time and memory are
//! nobody else's. The bare programs are in `bare`.
#![forbid(unsafe_code)]

mod bare;
mod chart;
mod cleaner;
mod cli;
mod drain;
mod gateway;
mod ground;
mod handled;
mod http;
mod list;
mod load;
mod machine;
mod measure;
mod parcels;
mod platform;
mod post;
mod posting;
mod process;
mod project;
mod pure;
mod read;
mod reply;
mod report;
mod rounds;
mod row;
mod settled;
mod size;
mod sizes;
mod stats;
mod streams;
mod usage;
mod visible;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::cli::{Cli, Options, What};
use crate::ground::Ground;
use crate::machine::Machine;
use crate::measure::{Found, Terms};
use crate::report::Report;

/// As in `parceltrack`: the bare programs are to be as well tuned.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    raise_open_files();
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    match cli.what {
        What::Bare(bare) => bare::run(bare),
        What::Report { page } => {
            let report = Report::load(&cli.options.out)?;
            match page {
                Some(page) => report.write_into(&page, &cli.options.out),
                None => show(&report, cli.options.json),
            }
        }
        what => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(interruptible(&what, &cli.options)),
    }
}

/// Ctrl-C drops all that runs, and with it every process that was started.
async fn interruptible(what: &What, options: &Options) -> Result<()> {
    tokio::select! {
        done = measure(what, options) => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted; nothing is saved"),
    }
}

/// Raises the soft limit of open files to the hard one: each connection takes one.
fn raise_open_files() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

async fn measure(what: &What, options: &Options) -> Result<()> {
    let full = options.full || std::env::var("FULL").is_ok_and(|full| full == "1");
    let terms = Terms { rounds: options.rounds, full };
    if matches!(what, What::Core) {
        return finish(pure::measure(terms)?, options);
    }
    let mut ground = Ground::start(options, &parceltrack(options)?).await?;
    let mut found = Found::default();
    let wanted =
        |one: &What| matches!(what, What::All) || std::mem::discriminant(what) == std::mem::discriminant(one);
    if matches!(what, What::All) {
        found.add(pure::measure(terms)?);
    }
    if wanted(&What::Drain) {
        found.add(drain::measure(&ground, terms).await?);
    }
    if wanted(&What::Reply) {
        found.add(reply::measure(&ground, terms).await?);
    }
    if wanted(&What::Post) {
        found.add(post::measure(&ground, terms).await?);
    }
    if wanted(&What::Size) {
        found.add(size::measure(&ground, terms).await?);
    }
    if wanted(&What::Project) {
        found.add(project::measure(&mut ground, terms).await?);
    }
    if wanted(&What::Read) {
        found.add(read::measure(&mut ground, terms).await?);
    }
    if wanted(&What::Visible) {
        found.add(visible::measure(&mut ground, terms).await?);
    }
    if wanted(&What::List) {
        found.add(list::measure(&mut ground, terms).await?);
    }
    if wanted(&What::Cleaner) {
        found.add(cleaner::measure(&ground, terms).await?);
    }
    if wanted(&What::Gateway) {
        found.add(gateway::measure(&ground, terms).await?);
    }
    if wanted(&What::Platform) {
        found.add(platform::measure(&mut ground, terms).await?);
    }
    if wanted(&What::Streams) {
        found.add(streams::measure(&mut ground, terms).await?);
    }
    ground.end().await?;
    finish(found, options)
}

fn finish(found: Found, options: &Options) -> Result<()> {
    let report = Report { machine: Machine::here(), rows: found.rows };
    report.save(&options.out, &found.charts)?;
    show(&report, options.json)
}

fn show(report: &Report, json: bool) -> Result<()> {
    if json {
        for row in &report.rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        for line in report.machine.lines() {
            println!("{line}");
        }
        print!("\n{}", report.table());
    }
    Ok(())
}

/// The one beside this program: built together, of the same sources.
fn parceltrack(options: &Options) -> Result<PathBuf> {
    if let Some(path) = &options.parceltrack {
        return Ok(path.clone());
    }
    let this = std::env::current_exe()?;
    Ok(this.parent().context("this program lies nowhere")?.join("parceltrack"))
}
