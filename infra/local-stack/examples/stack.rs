//! The local stack on its own: `cargo run --release -p local-stack --example stack -- --data .local/stack`.

use clap::Parser;
use local_stack::cli::{StackArgs, run};

/// Starts Kafka, Cassandra and the schema registry, prints where they listen, and stays.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    stack: StackArgs,
}

#[tokio::main]
async fn main() {
    if let Err(error) = run(Args::parse().stack).await {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        eprintln!("{text}");
        std::process::exit(1);
    }
}
