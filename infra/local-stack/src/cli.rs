//! The stack on its own, from a command line: `parceltrack stack`, `make test`, and the example.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use crate::component::Name;
use crate::endpoints::Endpoints;
use crate::settings::{Part, StackSettings};
use crate::{Error, Stack, terminal};

/// Starts the local stack, prints where it listens, and stays until SIGTERM or Ctrl-C.
#[derive(Debug, Clone, clap::Args)]
pub struct StackArgs {
    /// Where data, logs and configuration live
    #[arg(long, default_value = ".local/stack")]
    pub data: PathBuf,
    /// How many brokers: 1 or 3
    #[arg(long, default_value_t = 1)]
    pub brokers: u8,
    /// The first broker's port; 0 picks free ones
    #[arg(long, default_value_t = 9092)]
    pub kafka_port: u16,
    /// The database's port; 0 picks a free one
    #[arg(long, default_value_t = 9042)]
    pub cql_port: u16,
    /// The schema registry's port; 0 picks a free one
    #[arg(long, default_value_t = 8081)]
    pub registry_port: u16,
    /// Heap of each broker, MiB
    #[arg(long, default_value_t = 512)]
    pub kafka_heap: u32,
    /// Heap of the database, MiB
    #[arg(long, default_value_t = 768)]
    pub cassandra_heap: u32,
    /// Heap of the registry, MiB
    #[arg(long, default_value_t = 256)]
    pub registry_heap: u32,
    /// Start only Kafka
    #[arg(long)]
    pub only_kafka: bool,
    /// Write the endpoints to this file, as `export` lines, once everything answers
    #[arg(long)]
    pub env_file: Option<PathBuf>,
}

impl StackArgs {
    fn settings(&self) -> StackSettings {
        let settings = StackSettings {
            brokers: self.brokers,
            kafka_port: self.kafka_port,
            cql_port: self.cql_port,
            registry_port: self.registry_port,
            kafka_heap_mb: self.kafka_heap,
            cassandra_heap_mb: self.cassandra_heap,
            registry_heap_mb: self.registry_heap,
            ..StackSettings::new(&self.data)
        };
        if self.only_kafka {
            return StackSettings { cql: Part::Omit, registry: Part::Omit, ..settings };
        }
        settings.using(&Endpoints::from_env())
    }
}

/// Runs until told to stop.
///
/// # Errors
/// The stack could not be started, or the endpoints not be written.
pub async fn run(args: StackArgs) -> Result<(), Error> {
    let no_signal = Error::io("listen for", "SIGTERM");
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signal)?;
    let mut stack = tokio::select! {
        stack = Stack::start(args.settings(), terminal()) => stack?,
        // What was started so far goes with the future.
        () = stopped(&mut terminate) => return Ok(()),
    };
    if let Some(path) = &args.env_file {
        let exports: Vec<String> =
            stack.endpoints().env().iter().map(|(name, value)| format!("export {name}={value}")).collect();
        let exports = exports.join("\n") + "\n";
        let partial = path.with_extension("partial");
        std::fs::write(&partial, exports).map_err(Error::io("write", &partial))?;
        std::fs::rename(&partial, path).map_err(Error::io("rename", &partial))?;
    }
    print!("{}", stack.endpoints());
    tokio::select! {
        () = stopped(&mut terminate) => (),
        () = keep_up(&mut stack) => (),
    }
    stack.stop().await;
    Ok(())
}

async fn stopped(terminate: &mut tokio::signal::unix::Signal) {
    tokio::select! {
        _ = terminate.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
}

/// Starts again what ends by itself, later and later while it keeps ending.
pub async fn keep_up(stack: &mut Stack) {
    const SHORTEST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(30);
    const HEALTHY: Duration = Duration::from_mins(2);
    let mut pause = SHORTEST;
    let mut last: Option<(Name, Instant)> = None;
    loop {
        let exit = stack.next_exit().await;
        let again = last.is_some_and(|(name, at)| name == exit.name && at.elapsed() < HEALTHY);
        pause = if again { (pause * 2).min(LONGEST) } else { SHORTEST };
        last = Some((exit.name, Instant::now()));
        eprintln!("{} ended ({}); starting it again in {} s", exit.name, exit.status, pause.as_secs());
        tokio::time::sleep(pause).await;
        while let Err(error) = stack.start_component(exit.name).await {
            pause = (pause * 2).min(LONGEST);
            eprintln!("{error}\nstarting {} again in {} s", exit.name, pause.as_secs());
            tokio::time::sleep(pause).await;
        }
    }
}
