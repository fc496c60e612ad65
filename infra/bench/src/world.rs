//! One system among others on the same ground: topics, a group and folders of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use event_codec::{Encoder, contract};
use event_log::{Admin, Kafka, TopicSettings, Topics};
use local_stack::Endpoints;
use local_stack::ports::free_port;
use schema_registry::{Auth, Codecs, Contracts, Registry};
use shipment_domain::ShipmentCommand;

use crate::process::Running;

/// Partitions of each topic, as a local system has them.
pub(crate) const PARTITIONS: i32 = 6;

/// A system whose roles can be run.
pub(crate) struct World {
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) bootstrap: String,
    endpoints: Endpoints,
    dir: PathBuf,
    parceltrack: PathBuf,
}

impl World {
    pub(crate) async fn make(
        endpoints: &Endpoints,
        dir: &Path,
        parceltrack: &Path,
        name: &str,
    ) -> Result<Self> {
        let bootstrap = endpoints.kafka.clone().context("no Kafka")?;
        let kafka = Kafka::at(&bootstrap);
        let topics = Topics::new(TopicSettings {
            prefix: name.to_owned(),
            partitions: PARTITIONS,
            replication: 1,
            journal: String::new(),
        });
        let dir = dir.join("worlds").join(name);
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("secret"), "a secret for one run alone, of no worth")?;
        let world = Self {
            kafka,
            topics,
            bootstrap,
            endpoints: endpoints.clone(),
            dir,
            parceltrack: parceltrack.to_owned(),
        };
        world.admin()?.apply(&world.topics.specs(), false).await?;
        Ok(world)
    }

    /// What all names of this world begin with.
    pub(crate) fn name(&self) -> &str {
        &self.topics.settings().prefix
    }

    /// The command handlers' group, ours and bare alike.
    pub(crate) fn handler_group(&self) -> String {
        format!("{}.command-handler", self.name())
    }

    /// Writes commands as the registry has their schema.
    pub(crate) async fn command_encoder(&self) -> Result<Encoder<ShipmentCommand>> {
        let url = self.endpoints.registry.as_deref().context("no schema registry")?;
        let registry = Registry::connect(url, Auth::None, Duration::from_secs(10))?;
        let codecs = Codecs::open(registry, Contracts::ours(self.name())).await?;
        Ok(codecs.encoder(&contract::command())?)
    }

    /// A role's process, ready to work.
    pub(crate) async fn run(&self, role: &str) -> Result<Running> {
        let port = free_port()?;
        let listen = format!("{}.ops_listen=127.0.0.1:{port}", role.replace('-', "_"));
        self.run_with(role, &[listen], port).await
    }

    /// An API's process, ready to be asked; and its port.
    pub(crate) async fn run_api(&self, role: &str) -> Result<(Running, u16)> {
        let port = free_port()?;
        let listen = format!("{}.listen=127.0.0.1:{port}", role.replace('-', "_"));
        Ok((self.run_with(role, &[listen], port).await?, port))
    }

    async fn run_with(&self, role: &str, listen: &[String], port: u16) -> Result<Running> {
        let mut args = vec!["run".to_owned(), role.to_owned()];
        args.extend(self.settings().iter().chain(listen).flat_map(|set| ["--set".to_owned(), set.clone()]));
        let mut running = Running::spawn(&self.parceltrack, args, &self.endpoints, &self.dir, role)?;
        running.wait_until_ready(port).await?;
        Ok(running)
    }

    fn settings(&self) -> Vec<String> {
        let secret = self.dir.join("secret").display().to_string();
        vec![
            format!("kafka.topic_prefix={}", self.name()),
            format!("kafka.partitions={PARTITIONS}"),
            format!("command_handler.instance={}", self.name()),
            format!("command_handler.state_dir={}", self.dir.join("state").display()),
            format!("command_api.namespace_secret_file={secret}"),
        ]
    }

    /// A bare program's process: this very binary, under another subcommand.
    pub(crate) fn run_bare(&self, program: &str, args: &[(&str, String)]) -> Result<Running> {
        let mut line = vec!["bare".to_owned(), program.to_owned()];
        let place = [("bootstrap", self.bootstrap.clone()), ("prefix", self.name().to_owned())];
        line.extend(place.iter().chain(args).flat_map(|(name, value)| [format!("--{name}"), value.clone()]));
        Running::spawn(&std::env::current_exe()?, line, &self.endpoints, &self.dir, program)
    }

    /// The same of one that is asked over HTTP; and its port.
    pub(crate) async fn run_bare_api(&self, program: &str) -> Result<(Running, u16)> {
        let port = free_port()?;
        let mut running = self.run_bare(program, &[("port", port.to_string())])?;
        running.wait_until_ready(port).await?;
        Ok((running, port))
    }

    /// Deletes topics and folders: what is over must not take the broker's time or the disk.
    pub(crate) async fn end(self) -> Result<()> {
        let specs = self.topics.specs();
        let names: Vec<&str> = specs.iter().map(|spec| &*spec.name).collect();
        self.admin()?.delete(&names).await?;
        Ok(std::fs::remove_dir_all(&self.dir)?)
    }

    fn admin(&self) -> Result<Admin> {
        Ok(Admin::new(&self.kafka, Duration::from_secs(30))?)
    }
}
