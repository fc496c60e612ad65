//! `parceltrack config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use reqwest::Url;

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack config --explain                                    what can be set, and what is set here
  parceltrack config set log.level=debug --reason 'looking into #12'   in the topic, for every role
  parceltrack config set projector.lag_interval_ms=1000 --application projector
  printf %s \"$PASSWORD\" | parceltrack config set cql.password=- --type secret
  parceltrack config set log.level=info --wait 10
  parceltrack config instances
  parceltrack config history
  parceltrack config diff --from 12
  parceltrack config rollback --to 12 --dry-run")]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ConfigCommand>,
    /// Every key: what it means, its value now and where that came from
    #[arg(long)]
    pub(crate) explain: bool,
    /// For scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The gateway to ask, with the key of `client.key` [default: `client.gateway`, else that of the system on this machine]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) gateway: Option<Url>,
}

/// Whose entries, and for which profile.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// A role, `parceltrack` for all roles, or any other application
    #[arg(long, default_value = "parceltrack")]
    pub(crate) application: String,
    /// `default` counts for every profile, under that profile's own entries
    #[arg(long, default_value = "default")]
    pub(crate) profile: String,
}

/// Who changes something, and why.
#[derive(Debug, Clone, Args)]
pub(crate) struct Reason {
    /// Why; kept beside the change
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Who [default: $USER]
    #[arg(long)]
    pub(crate) author: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ConfigCommand {
    /// What is set in the topic
    List {
        #[command(flatten)]
        place: Place,
    },
    /// One value
    Get {
        /// `section.key`, or any property of another application
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Set a value; it is checked before it is written
    Set {
        /// `NAME=VALUE`; the value `-` is read from standard input
        #[arg(value_name = "NAME=VALUE")]
        assignment: String,
        /// What it is [default: as it looks]
        #[arg(long, value_parser = ["text", "number", "boolean", "secret"])]
        r#type: Option<String>,
        /// Only if the entry is at this version
        #[arg(long, value_name = "VERSION")]
        if_version: Option<u64>,
        /// Only check it
        #[arg(long)]
        dry_run: bool,
        /// Wait so many seconds until every instance runs on it, and fail if one doesn't
        #[arg(long, value_name = "SECONDS", conflicts_with = "dry_run", value_parser = clap::value_parser!(u64).range(1..=60))]
        wait: Option<u64>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        why: Reason,
    },
    /// Which version each instance runs on
    Instances,
    /// Delete a value: what is under it counts again
    Delete {
        /// Its name
        name: String,
        /// Only if the entry is at this version
        #[arg(long, value_name = "VERSION")]
        if_version: Option<u64>,
        /// Only say whether it could be
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        why: Reason,
    },
    /// What changed, the last change first
    History {
        /// Only of this name
        name: Option<String>,
        /// At most so many changes
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        place: Place,
    },
    /// What is otherwise than at a version
    Diff {
        /// A version; 0 is before everything
        #[arg(long)]
        from: u64,
        /// Another one [default: now]
        #[arg(long)]
        to: Option<u64>,
        #[command(flatten)]
        place: Place,
    },
    /// Set everything back to what it was at a version, in one go
    Rollback {
        /// The version
        #[arg(long)]
        to: u64,
        /// Only say how many entries would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        why: Reason,
    },
    /// Print changes as they come
    Watch {
        #[command(flatten)]
        place: Place,
    },
    /// All values as JSON, but secrets
    Export {
        #[command(flatten)]
        place: Place,
    },
    /// Set all values of a file in one go
    Import {
        /// As `export` writes it; null deletes; `-` for standard input
        file: PathBuf,
        /// Delete what isn't in the file
        #[arg(long)]
        replace: bool,
        /// Only check it
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        why: Reason,
    },
}
