//! The bare programs: plain code on the same libraries that does the least that the same work needs. They know nothing of
//! parcels, decode nothing and keep nothing; what they write has the size of what ours writes.

mod get;
mod handler;
mod post;
pub(crate) mod rows;

use clap::Subcommand;

pub(crate) use get::GetArgs;
pub(crate) use handler::HandlerArgs;
pub(crate) use post::PostArgs;

/// Which one; for the benches to start, each in a process of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Bare {
    /// In one transaction after the other: commands in; event, snapshot and reply out
    Handler(HandlerArgs),
    /// HTTP in, command out, reply back
    Post(PostArgs),
    /// Rows read and shown over HTTP
    Get(GetArgs),
}

/// Runs until it is killed.
pub(crate) fn run(bare: Bare) -> anyhow::Result<()> {
    match bare {
        Bare::Handler(args) => handler::run(&args),
        Bare::Post(args) => post::run(&args),
        Bare::Get(args) => get::run(&args),
    }
}
