//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::bare::Bare;

/// What ParcelTrack does, beside the least that the same work needs on the same libraries.
///
/// Ours and bare take turns in one run, on Kafka, a database and a schema registry that are started for it alone.
#[derive(Debug, Parser)]
#[command(
    name = "bench",
    version,
    max_term_width = 110,
    after_help = "\
Examples:
  bench all                           every bench, in 18 minutes; `make bench` builds and does this
  bench drain --rounds 9              one bench, with more rounds
  bench reply --json | jq .ratio      for scripts
  bench report --page docs/performance.md"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Every bench
    All,
    /// Commands a second that one handler works off
    Drain,
    /// From a command to its visible reply, at several rates
    Reply,
    /// Commands a second that the pure core decides, with neither Kafka nor disk
    Core,
    /// Scans posted over HTTP by 64 connections
    Post,
    /// Memory, speed and restart of a handler at many shipments
    Size,
    /// Events a second that become rows, live and in a rebuild
    Project,
    /// Shipments read over HTTP by 64 connections: by id, and in a list
    Read,
    /// From a scan posted over HTTP to who sees it in the query API
    Visible,
    /// A list's page when most have left it, beside one that nobody ever left
    List,
    /// Bytes that compaction writes for each that is appended
    Cleaner,
    /// Requests a second through the gateway, beside nginx, by 64 connections
    Gateway,
    /// From a change of the configuration to every role; from a crash to who asks who is there
    Platform,
    /// Live streams held at once by one query API, and how late a change comes to them
    Streams,
    /// Show what was measured last, or put it into a page
    Report {
        /// The page: a Markdown file that has room for the figures
        #[arg(long)]
        page: Option<PathBuf>,
    },
    /// A bare program; the benches start it
    #[command(subcommand, hide = true)]
    Bare(Bare),
}

/// How to measure, and where to put it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Rounds of ours and bare [default: 5, or what a bench says]
    #[arg(long, global = true)]
    pub(crate) rounds: Option<usize>,
    /// Also what takes very long (or FULL=1 in the environment)
    #[arg(long, global = true)]
    pub(crate) full: bool,
    /// Where results go
    #[arg(long, global = true, default_value = ".local/bench-results")]
    pub(crate) out: PathBuf,
    /// Where services keep their data; wiped before and after
    #[arg(long, global = true, default_value = ".local/bench")]
    pub(crate) data: PathBuf,
    /// The `parceltrack` to measure [default: the one beside this program]
    #[arg(long, global = true)]
    pub(crate) parceltrack: Option<PathBuf>,
    /// A setting of what is measured, as `parceltrack --set` takes it; as often as needed
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// A setting of the bare handler, as `bench bare handler --help` lists them; as often as needed
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub(crate) bare: Vec<String>,
    /// Print JSON lines instead of a table
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
