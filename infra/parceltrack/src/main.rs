//! The one binary: every role and every tool is a subcommand.
#![forbid(unsafe_code)]

mod acls;
mod apply;
mod cli;
mod config;
mod dead_letters;
mod feed;
mod keys;
mod lag;
mod local;
mod log;
mod presence;
mod rebuild;
mod remote;
mod rights;
mod run;
mod schemas;
mod services;
mod status;
mod tables;
mod tail;
mod terminal;
mod topics;
mod trace;
mod track;
mod up;
mod verify;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use settings::{Settings, Sources};
use telemetry::logs::{Level, Writing};

use crate::cli::{Cli, Command};

/// For C's part too. It saves a fifth of a command's time; see `docs/performance.md`.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let failure = match cli.command {
        Command::Verify(_) => verify::not_done(),
        _ => ExitCode::FAILURE,
    };
    start(cli).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        failure
    })
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut set = cli.settings.set.clone();
    set.extend(cli.command.data_dir().map(|dir| format!("local_stack.dir={}", dir.display())));
    let sources = Sources::of_process(cli.settings.config.clone(), set);
    let settings = local::settings(sources.clone(), &cli.command)?;
    let writing = match &cli.command {
        Command::Run { .. } => Some(log::of_role(&settings)?),
        // Who looks for a wrong level among the settings must get to see them.
        Command::Config(_) => None,
        _ => Some(log::of_tool(&settings)?),
    };
    // What a tool posts begins its traces here, too.
    telemetry::sampling::set_ratio(settings.tracing.sample_ratio.now());
    let level = writing.as_ref().map(Writing::level);
    let done = runtime.block_on(dispatch(cli, sources, &settings, level));
    // A thread that is still blocked in a call to a service that is away must not hold the end up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}

async fn dispatch(
    cli: Cli,
    sources: Sources,
    settings: &Settings,
    level: Option<Level>,
) -> anyhow::Result<ExitCode> {
    let done = match cli.command {
        Command::Verify(args) => return verify::verify(settings, &args).await,
        Command::Run { role } => run::run(sources, role, level.context("a role writes log lines")?).await,
        Command::Up(args) => up::up(settings, &cli.settings, &args).await,
        Command::Down(_) => status::down(&settings.local_stack.dir).await,
        Command::Status(args) => status::status(&settings.local_stack.dir, settings, args.json).await,
        Command::Apply => apply::apply(settings).await,
        Command::Topics(command) => topics::topics(settings, &command).await,
        Command::Acls(args) => acls::acls(settings, &args).await,
        Command::Schemas(command) => schemas::schemas(settings, &command).await,
        Command::Tables(command) => tables::tables(settings, &command).await,
        Command::Config(args) => config::config(settings, &args).await,
        Command::Services(args) => services::services(settings, &args).await,
        Command::Keys(args) => keys::keys(settings, &args).await,
        Command::Token(args) => keys::token(settings, &args),
        Command::Feed(args) => feed::feed(settings, &args).await,
        Command::Simulate(args) => feed::simulate(settings, &args).await,
        Command::Tail(args) => tail::tail(settings, &args).await,
        Command::Track(args) => track::track(settings, &args).await,
        Command::Trace(args) => trace::trace(settings, &args).await,
        Command::Rebuild(args) => rebuild::rebuild(settings, &args).await,
        Command::DeadLetters(command) => dead_letters::dead_letters(settings, &command).await,
        Command::Stack(args) => Ok(local_stack::cli::run(args).await?),
    };
    done.map(|()| ExitCode::SUCCESS)
}
