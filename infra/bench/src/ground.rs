//! The ground that benches stand on: services of their own, on free ports, with fresh data.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use local_stack::{Endpoints, Part, Stack, StackSettings};

use crate::cli::Options;
use crate::world::World;

/// Services that only the benches use.
pub(crate) struct Ground {
    stacks: Vec<Stack>,
    endpoints: Endpoints,
    dir: PathBuf,
    parceltrack: PathBuf,
    set: Vec<String>,
    bare: Vec<String>,
}

impl Ground {
    /// Kafka and the schema registry. The database is started once a bench asks for it: idle as it may be, it would take
    /// memory and time from what doesn't need it.
    pub(crate) async fn start(options: &Options, parceltrack: &Path) -> Result<Self> {
        let dir = &options.data;
        if !parceltrack.exists() {
            bail!("there is no {}: build it first (`make bench` does)", parceltrack.display());
        }
        if dir.exists() {
            std::fs::remove_dir_all(dir).with_context(|| format!("wiping {}", dir.display()))?;
        }
        let settings = StackSettings {
            cql: Part::Omit,
            log_cleaner_lines: true,
            ..StackSettings::on_free_ports(dir.join("log"))
        };
        let stack = Stack::start(settings, local_stack::terminal()).await?;
        let endpoints = stack.endpoints().clone();
        let parceltrack = std::path::absolute(parceltrack)?;
        Ok(Self {
            stacks: vec![stack],
            endpoints,
            dir: std::path::absolute(dir)?,
            parceltrack,
            set: options.set.clone(),
            bare: options.bare.clone(),
        })
    }

    /// The database, if it doesn't run yet.
    pub(crate) async fn start_database(&mut self) -> Result<()> {
        if self.endpoints.cql.is_none() {
            let settings = StackSettings::on_free_ports(self.dir.join("views")).using(&self.endpoints);
            let stack = Stack::start(settings, local_stack::terminal()).await?;
            self.endpoints.cql.clone_from(&stack.endpoints().cql);
            self.stacks.push(stack);
        }
        Ok(())
    }

    /// Topics of their own under a name that nobody else uses.
    pub(crate) async fn world(&self, name: &str) -> Result<World> {
        self.world_with(name, &[]).await
    }

    /// The same with other settings of every topic.
    pub(crate) async fn world_with(&self, name: &str, topics: &[(&'static str, &str)]) -> Result<World> {
        let world = World::make(&self.endpoints, &self.dir, &self.parceltrack, name, topics).await?;
        Ok(world.with(&self.set, &self.bare))
    }

    /// What the broker has said.
    pub(crate) fn broker_log(&self) -> PathBuf {
        self.dir.join("log/logs/kafka-1.log")
    }

    /// Stops all, and wipes the data.
    pub(crate) async fn end(self) -> Result<()> {
        // What was started last may need what was started first.
        for stack in self.stacks.into_iter().rev() {
            stack.stop().await;
        }
        std::fs::remove_dir_all(&self.dir).with_context(|| format!("wiping {}", self.dir.display()))
    }
}
