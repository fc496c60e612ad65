//! The command line. Every role and every tool is a subcommand of the one binary.

mod acls;
mod config;
mod keys;
mod services;
mod trace;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use settings::Settings;

pub(crate) use self::acls::AclsArgs;
pub(crate) use self::config::{ConfigArgs, ConfigCommand, Place, Reason};
pub(crate) use self::keys::{KeysArgs, KeysCommand, TokenArgs};
pub(crate) use self::services::{ServicesArgs, ServicesCommand};
pub(crate) use self::trace::TraceArgs;

/// Parcel tracking on event sourcing: commands in, events in Kafka, views in ScyllaDB, status out.
#[derive(Debug, Parser)]
#[command(
    name = "parceltrack",
    version,
    about,
    max_term_width = 110,
    after_help = "\
Examples:
  parceltrack up --sample             start everything here, play real scan histories through it, and stay
  parceltrack track 1Z12345E0205271688 --watch
  parceltrack feed scans.jsonl        post a file of carriers' scans; run it again and nothing doubles
  parceltrack config --explain        every setting, its value now and where it came from"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where settings come from, beside the environment.
#[derive(Debug, Clone, Args)]
pub(crate) struct SettingsArgs {
    /// A TOML file of settings [default: PARCELTRACK_CONFIG, else ./parceltrack.toml where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One setting, over file and environment; as often as needed
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the local stack and every role as child processes, and stay (Ctrl-C stops all)
    Up(UpArgs),
    /// Stop what `up` started, in order
    Down(DataArgs),
    /// What runs: pid, address, health, restarts, lag
    Status(StatusArgs),
    /// Run one role in this process
    Run {
        /// Which one
        role: RoleName,
    },
    /// Create and check topics, schemas and tables: what a deployment runs before its roles
    Apply,
    /// Kafka topics
    #[command(subcommand)]
    Topics(TopicsCommand),
    /// What each role may do in Kafka
    Acls(AclsArgs),
    /// Avro schemas in the registry
    #[command(subcommand)]
    Schemas(SchemasCommand),
    /// Tables of the views
    #[command(subcommand)]
    Tables(TablesCommand),
    /// Settings: what is set here, and the config topic that all roles follow
    Config(ConfigArgs),
    /// Who runs where; take an instance out of rotation, and put it back
    Services(ServicesArgs),
    /// API keys: make, list and revoke them
    Keys(KeysArgs),
    /// A token for development, signed with `auth.development_secret`
    Token(TokenArgs),
    /// Post files of carriers' scans as commands
    Feed(FeedArgs),
    /// Play a plausible carrier network
    Simulate(SimulateArgs),
    /// Print events as they lie in the topic, and follow
    Tail(TailArgs),
    /// A parcel's timeline in the terminal
    Track(TrackArgs),
    /// What became of one command, and when: its records, its row, and the spans of its trace
    Trace(TraceArgs),
    /// Build the views anew from the beginning of the events, beside the live ones, and flip
    Rebuild(RebuildArgs),
    /// Hold events, snapshots and tables of the running system against each other
    Verify(VerifyArgs),
    /// Parked records: read them, try them again, discard them
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// Kafka, the database and the registry alone: what tests stand on
    #[command(hide = true)]
    Stack(local_stack::cli::StackArgs),
}

impl SettingsArgs {
    /// The same again, for a child process.
    pub(crate) fn to_args(&self) -> impl Iterator<Item = OsString> {
        let config = self.config.iter().flat_map(|file| ["--config".into(), file.as_os_str().to_owned()]);
        config.chain(self.set.iter().flat_map(|set| ["--set".into(), OsString::from(set)]))
    }
}

impl Command {
    /// The data folder, where the command line names one.
    pub(crate) fn data_dir(&self) -> Option<&Path> {
        match self {
            Self::Up(UpArgs { data, .. }) | Self::Down(data) | Self::Status(StatusArgs { data, .. }) => {
                data.data.as_deref()
            }
            _ => None,
        }
    }
}

/// The long-running roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Decides commands, writes events
    CommandHandler,
    /// HTTP in, commands topic out, outcome back
    CommandApi,
    /// Writes the views from the events
    Projector,
    /// Answers reads
    QueryApi,
    /// The config topic over HTTP
    ConfigService,
    /// The registry over HTTP, for people, Prometheus and Eureka's clients
    DiscoveryService,
    /// One address for all services
    Gateway,
    /// Pages for whoever keeps the system running
    Console,
}

impl RoleName {
    /// All of them, those first that others wait for.
    pub(crate) const ALL: [Self; 8] = [
        Self::CommandHandler,
        Self::Projector,
        Self::CommandApi,
        Self::QueryApi,
        Self::ConfigService,
        Self::DiscoveryService,
        Self::Gateway,
        Self::Console,
    ];

    /// As in `parceltrack run NAME`, and as the config topic names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CommandHandler => "command-handler",
            Self::CommandApi => "command-api",
            Self::Projector => "projector",
            Self::QueryApi => "query-api",
            Self::ConfigService => "config-service",
            Self::DiscoveryService => "discovery-service",
            Self::Gateway => "gateway",
            Self::Console => "console",
        }
    }

    /// The setting that says where it listens.
    pub(crate) const fn listen_key(self) -> &'static str {
        match self {
            Self::CommandHandler => "command_handler.ops_listen",
            Self::CommandApi => "command_api.listen",
            Self::Projector => "projector.ops_listen",
            Self::QueryApi => "query_api.listen",
            Self::ConfigService => "config_service.listen",
            Self::DiscoveryService => "discovery_service.listen",
            Self::Gateway => "gateway.ops_listen",
            Self::Console => "console.listen",
        }
    }

    /// Where it listens: the APIs with all they have, the others with health and metrics.
    pub(crate) fn listen(self, settings: &Settings) -> SocketAddr {
        match self {
            Self::CommandHandler => settings.command_handler.ops_listen,
            Self::CommandApi => settings.command_api.listen,
            Self::Projector => settings.projector.ops_listen,
            Self::QueryApi => settings.query_api.listen,
            Self::ConfigService => settings.config_service.listen,
            Self::DiscoveryService => settings.discovery_service.listen,
            Self::Gateway => settings.gateway.ops_listen,
            Self::Console => settings.console.listen,
        }
    }
}

/// Where `up` keeps its data.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    /// Where data, logs and local secrets live [default: .local]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Return once all runs; `parceltrack down` stops it
    #[arg(long)]
    pub(crate) detach: bool,
    /// Play the sample of real scan histories, and show one to try
    #[arg(long)]
    pub(crate) sample: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// For scripts
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TopicsCommand {
    /// Create what is missing
    Apply {
        /// Also set the configuration of topics that deviate
        #[arg(long)]
        repair: bool,
    },
    /// Refuse what deviates, with the fix
    Verify {
        /// For scripts
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemasCommand {
    /// Would our schemas be accepted?
    Check,
    /// Check, then register
    Apply,
    /// Rebuild an empty registry with the ids that the topics' records carry, or refuse
    Restore {
        /// A schema that some record was written with and that isn't ours; as often as needed
        #[arg(long, value_name = "ID=FILE", value_parser = id_and_file)]
        schema: Vec<(u32, PathBuf)>,
    },
}

fn id_and_file(text: &str) -> Result<(u32, PathBuf), String> {
    let parts = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let parsed = parts.and_then(|(id, file)| Some((id.trim().parse().ok()?, PathBuf::from(file))));
    parsed.ok_or_else(|| "it looks like 17=order.avsc".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum TablesCommand {
    /// Create what is missing
    Apply,
    /// Refuse what deviates
    Verify,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack feed producers/carrier-feed/samples/carrier-scans.jsonl
  zcat scans.csv.gz | parceltrack feed --format csv -
  parceltrack feed --mapping ours.toml --rejects bad-lines.txt scans.jsonl")]
pub(crate) struct FeedArgs {
    /// JSON Lines or CSV; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Of standard input, or where a file's ending doesn't tell
    #[arg(long, value_parser = ["jsonl", "csv"])]
    pub(crate) format: Option<String>,
    /// More rules from raw codes and texts to statuses; they come before the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Where lines that can't be read are kept
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// For scripts
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack simulate --shipments 1000 --rate 200
  parceltrack simulate --shipments 100000 --rate 5000 --seed 7 --json")]
pub(crate) struct SimulateArgs {
    /// How many shipments
    #[arg(long, default_value_t = 100)]
    pub(crate) shipments: u64,
    /// Commands a second; 0 for as fast as it goes
    #[arg(long, default_value_t = 50.0)]
    pub(crate) rate: f64,
    /// The same seed plays the same network
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// For scripts
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack tail                              new events, as they come
  parceltrack tail --from earliest --json       the whole history, one JSON object a line
  parceltrack tail --from 2026-11-01T00:00:00Z
  parceltrack tail --from 3:1200                partition 3 from offset 1200")]
pub(crate) struct TailArgs {
    /// `earliest`, `latest`, an RFC 3339 time, or `PARTITION:OFFSET`
    #[arg(long, default_value = "latest")]
    pub(crate) from: String,
    /// Only this shipment's
    #[arg(long, value_name = "ID")]
    pub(crate) shipment: Option<shipment_events::ShipmentId>,
    /// Stop at the end instead of following
    #[arg(long)]
    pub(crate) no_follow: bool,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TrackArgs {
    /// A tracking number or shipment id
    pub(crate) number: String,
    /// Stay, and show what happens
    #[arg(long)]
    pub(crate) watch: bool,
    /// For scripts
    #[arg(long)]
    pub(crate) json: bool,
    /// The gateway to ask [default: `client.gateway`, else that of the system on this machine]
    #[arg(long, value_name = "URL")]
    pub(crate) gateway: Option<reqwest::Url>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RebuildArgs {
    /// Flip back to the generation that was live before
    #[arg(long, conflicts_with = "drop_old")]
    pub(crate) back: bool,
    /// Drop the generations that aren't live
    #[arg(long)]
    pub(crate) drop_old: bool,
    /// For scripts: no bar, the outcome as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack verify                            all of it, while the system runs
  parceltrack verify --json | jq -c 'select(.type == \"finding\")'
  parceltrack verify --shipment 0190a5b2-0000-7000-8000-0000000000ab
  parceltrack verify --repair                   write rows that are wrong anew, from the events
  parceltrack verify --skip-rows --skip-lists   events and snapshots only

Exit code: 0 nothing is amiss, 1 something is, 2 it could not be looked at (or was interrupted).
What each finding means: docs/verify.md")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct VerifyArgs {
    /// Only this shipment
    #[arg(long, value_name = "ID")]
    pub(crate) shipment: Option<shipment_events::ShipmentId>,
    /// Write rows that are wrong anew from the events, and look again
    #[arg(long, conflicts_with = "skip_rows")]
    pub(crate) repair: bool,
    /// Leave out the rows of shipments and their histories
    #[arg(long)]
    pub(crate) skip_rows: bool,
    /// Leave out the lists
    #[arg(long)]
    pub(crate) skip_lists: bool,
    /// Of how many shipments rows are read at once; less is gentler to the database
    #[arg(long, default_value_t = 256, value_name = "N", value_parser = 1..=4096)]
    pub(crate) concurrency: i64,
    /// How many findings of each kind are named
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(crate) limit: usize,
    /// One JSON object a line: each finding, and a summary at the end
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// What is parked
    List {
        /// For scripts
        #[arg(long)]
        json: bool,
    },
    /// One record whole
    Show {
        /// `PARTITION:OFFSET` in the dead letters topic
        at: String,
        /// The payload too: decoded if it can be, else in hex. It may hold personal data
        #[arg(long)]
        payload: bool,
        /// For scripts
        #[arg(long)]
        json: bool,
    },
    /// Try again: post a command anew, project an event once more
    Retry {
        /// `PARTITION:OFFSET` in the dead letters topic, or `all`
        at: String,
        /// For scripts
        #[arg(long)]
        json: bool,
    },
    /// Say that it is dealt with
    Discard {
        /// `PARTITION:OFFSET` in the dead letters topic
        at: String,
        /// Why; kept beside it
        #[arg(long)]
        reason: String,
        /// For scripts
        #[arg(long)]
        json: bool,
    },
}
