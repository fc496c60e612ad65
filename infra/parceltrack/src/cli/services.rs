//! `parceltrack services`.

use clap::{Args, Subcommand};
use reqwest::Url;

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack services
  parceltrack services take-out query-api 10.0.0.7:8092 --reason 'new disk'
  parceltrack services put-back query-api 10.0.0.7:8092")]
pub(crate) struct ServicesArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ServicesCommand>,
    /// For scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The gateway to ask, with the key of `client.key` [default: `client.gateway`, else that of the system on this machine]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) gateway: Option<Url>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ServicesCommand {
    /// No more requests for this instance, until it is put back
    TakeOut {
        /// Its service, such as query-api
        service: String,
        /// Its name
        instance: String,
        /// Why, for the next operator
        #[arg(long)]
        reason: Option<String>,
    },
    /// Into rotation again
    PutBack {
        /// Its service
        service: String,
        /// Its name
        instance: String,
    },
}
