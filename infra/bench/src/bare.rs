//! The bare programs: plain code on the same libraries that does the least that the same work needs. They know nothing of
//! parcels, decode nothing and keep nothing; what they write has the size of what ours writes.

mod get;
mod handler;
mod post;
mod proxy;
pub(crate) mod rows;
mod still;

use axum::Router;
use axum::serve::ListenerExt as _;
use clap::{Args, Subcommand};

pub(crate) use get::GetArgs;
pub(crate) use handler::HandlerArgs;
pub(crate) use post::PostArgs;
pub(crate) use proxy::ProxyArgs;
pub(crate) use still::StillArgs;

/// Which one; for the benches to start, each in a process of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Bare {
    /// In one transaction after the other: commands in; event, snapshot and reply out
    Handler(HandlerArgs),
    /// HTTP in, command out, reply back
    Post(PostArgs),
    /// Rows read and shown over HTTP
    Get(GetArgs),
    /// One answer for whatever is asked over HTTP
    Still(StillArgs),
    /// Whatever is asked over HTTP, passed on
    Proxy(ProxyArgs),
}

/// What every program is told that is asked over HTTP.
#[derive(Debug, Args)]
struct ApiArgs {
    #[arg(long)]
    bootstrap: String,
    /// What all topics' names begin with
    #[arg(long)]
    prefix: String,
    #[arg(long)]
    port: u16,
}

impl ApiArgs {
    /// Answers as the router says, at once.
    async fn serve(&self, router: Router) -> anyhow::Result<()> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", self.port)).await?;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        Ok(axum::serve(listener, router).await?)
    }
}

/// Runs until it is killed.
pub(crate) fn run(bare: Bare) -> anyhow::Result<()> {
    match bare {
        Bare::Handler(args) => handler::run(&args),
        Bare::Post(args) => post::run(&args),
        Bare::Get(args) => get::run(&args),
        Bare::Still(args) => still::run(&args),
        Bare::Proxy(args) => proxy::run(&args),
    }
}
