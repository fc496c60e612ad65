//! `torture`: see `torture --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use torture::bugs::BUGS;
use torture::faults::KINDS;
use torture::options::Options;
use torture::run::run;

fn main() -> ExitCode {
    let options = Options::parse();
    if options.list {
        println!("Faults:\n  {}\nBugs to plant:", KINDS.join("\n  "));
        for bug in &BUGS {
            println!("  {:18} {}", bug.name, bug.what);
        }
        return ExitCode::SUCCESS;
    }
    let seed = options.seed.unwrap_or_else(|| rand::random_range(1..1_000_000));
    eprintln!("seed {seed}: {}", options.again(seed));
    let code = match start(&options, seed) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    };
    eprintln!("seed {seed}: {}", options.again(seed));
    code
}

fn start(options: &Options, seed: u64) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stop = async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            // Dropped half-way, it kills what it started.
            outcome = run(options, seed) => outcome.map(Some),
            stopped = stop => stopped.map(|()| None).map_err(Into::into),
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    let Some((report, dir)) = outcome? else {
        eprintln!("stopped; nothing was checked");
        return Ok(ExitCode::from(2));
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    eprintln!("the report is {}", dir.join("report.html").display());
    let Some(bug) = options.bug()? else {
        return Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    };
    let (name, by) = (bug.name, bug.found_by(report.checks()));
    if by.is_empty() {
        eprintln!("{name} was NOT found");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{name} was found by: {}", by.join(", "));
    Ok(ExitCode::FAILURE)
}
