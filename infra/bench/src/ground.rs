//! The ground that benches stand on: services of their own, on free ports, with fresh data.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use local_stack::{Endpoints, Part, Stack, StackSettings};

use crate::world::World;

/// Services that only the benches use.
pub(crate) struct Ground {
    stacks: Vec<Stack>,
    endpoints: Endpoints,
    dir: PathBuf,
    parceltrack: PathBuf,
}

impl Ground {
    /// Kafka and the schema registry. The database is started once a bench asks for it: idle as it may be, it would take
    /// memory and time from what doesn't need it.
    pub(crate) async fn start(dir: &Path, parceltrack: &Path) -> Result<Self> {
        if !parceltrack.exists() {
            bail!("there is no {}: build it first (`make bench` does)", parceltrack.display());
        }
        if dir.exists() {
            std::fs::remove_dir_all(dir).with_context(|| format!("wiping {}", dir.display()))?;
        }
        let settings = StackSettings { cql: Part::Omit, ..StackSettings::on_free_ports(dir.join("log")) };
        let stack = Stack::start(settings, local_stack::terminal()).await?;
        let endpoints = stack.endpoints().clone();
        let parceltrack = std::path::absolute(parceltrack)?;
        Ok(Self { stacks: vec![stack], endpoints, dir: std::path::absolute(dir)?, parceltrack })
    }

    /// Topics of their own under a name that nobody else uses.
    pub(crate) async fn world(&self, name: &str) -> Result<World> {
        World::make(&self.endpoints, &self.dir, &self.parceltrack, name).await
    }

    /// Stops all, and wipes the data.
    pub(crate) async fn end(self) -> Result<()> {
        for stack in self.stacks {
            stack.stop().await;
        }
        std::fs::remove_dir_all(&self.dir).with_context(|| format!("wiping {}", self.dir.display()))
    }
}
