//! One system among others on the same ground: topics, a group and folders of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use event_codec::{Encoder, contract};
use event_log::{Admin, Kafka, TopicSettings, Topics};
use local_stack::Endpoints;
use local_stack::ports::free_port;
use schema_registry::{Auth, Codecs, Contracts, Registry};
use settings::{Settings, Sources};
use shipment_domain::ShipmentCommand;
use view_store::{CqlOptions, ViewStore};

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
    set: Vec<String>,
    bare: Vec<String>,
}

impl World {
    pub(crate) async fn make(
        endpoints: &Endpoints,
        dir: &Path,
        parceltrack: &Path,
        name: &str,
        other: &[(&'static str, &str)],
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
            set: Vec::new(),
            bare: Vec::new(),
        };
        let mut specs = world.topics.specs();
        for spec in &mut specs {
            spec.config.extend(other.iter().map(|(name, value)| (*name, (*value).to_owned())));
        }
        world.admin()?.apply(&specs, false).await?;
        Ok(world)
    }

    /// The same with settings of ours and of the bare handler.
    pub(crate) fn with(self, set: &[String], bare: &[String]) -> Self {
        Self { set: set.to_vec(), bare: bare.to_vec(), ..self }
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
        Ok(self.codecs().await?.encoder(&contract::command())?)
    }

    /// The contract as the registry has it.
    pub(crate) async fn codecs(&self) -> Result<Codecs> {
        let url = self.endpoints.registry.as_deref().context("no schema registry")?;
        let registry = Registry::connect(url, Auth::None, Duration::from_secs(10))?;
        Ok(Codecs::open(registry, Contracts::ours(self.name())).await?)
    }

    /// A role's process, ready to work.
    pub(crate) async fn run(&self, role: &str) -> Result<Running> {
        let (mut running, port) = self.start_role(role)?;
        running.wait_until_ready(port).await?;
        Ok(running)
    }

    /// A role's process, and the port where it tells how it is.
    pub(crate) fn start_role(&self, role: &str) -> Result<(Running, u16)> {
        let port = free_port()?;
        let listen = format!("{}.ops_listen=127.0.0.1:{port}", role.replace('-', "_"));
        Ok((self.spawn(role, &[listen])?, port))
    }

    /// An API's process, ready to be asked; and its port.
    pub(crate) async fn run_api(&self, role: &str) -> Result<(Running, u16)> {
        self.run_api_with(role, &[]).await
    }

    /// The same with settings of its own.
    pub(crate) async fn run_api_with(&self, role: &str, own: &[String]) -> Result<(Running, u16)> {
        let port = free_port()?;
        let listen = format!("{}.listen=127.0.0.1:{port}", role.replace('-', "_"));
        let mut running = self.spawn(role, &[&[listen], own].concat())?;
        running.wait_until_ready(port).await?;
        Ok((running, port))
    }

    /// A gateway's process with settings of its own, ready to be asked; and its port.
    pub(crate) async fn run_gateway(&self, own: &[String]) -> Result<(Running, u16)> {
        let (port, ops) = (free_port()?, free_port()?);
        let listen =
            [format!("gateway.listen=127.0.0.1:{port}"), format!("gateway.ops_listen=127.0.0.1:{ops}")];
        let mut running = self.spawn("gateway", &[&listen[..], own].concat())?;
        running.wait_until_ready(ops).await?;
        Ok((running, port))
    }

    fn spawn(&self, role: &str, own: &[String]) -> Result<Running> {
        let mut args = vec!["run".to_owned(), role.to_owned()];
        args.extend(self.sets());
        args.extend(own.iter().flat_map(|set| ["--set".to_owned(), set.clone()]));
        Running::spawn(&self.parceltrack, args, &self.endpoints, &self.dir, role)
    }

    /// Makes topics, schemas and tables, as before any role is run.
    pub(crate) async fn apply(&self) -> Result<()> {
        let mut args = vec!["apply".to_owned()];
        args.extend(self.sets());
        let running = Running::spawn(&self.parceltrack, args, &self.endpoints, &self.dir, "apply")?;
        running.succeed(Duration::from_mins(2)).await
    }

    /// The settings as a role in this process would have them.
    pub(crate) fn loaded_settings(&self) -> Result<Settings> {
        let sources = self.settings().into_iter().chain(self.set.clone()).fold(Sources::none(), Sources::set);
        let sources =
            self.endpoints.env().into_iter().fold(sources, |all, (name, value)| all.env(name, value));
        Ok(Settings::load(&sources)?)
    }

    /// The base keyspace.
    pub(crate) fn keyspace(&self) -> String {
        self.name().replace('-', "_")
    }

    /// A generation's keyspace.
    pub(crate) fn generation(&self, number: u32) -> String {
        format!("{}_g{number}", self.keyspace())
    }

    /// The database.
    pub(crate) fn cql(&self) -> Result<String> {
        self.endpoints.cql.clone().context("no database")
    }

    fn sets(&self) -> Vec<String> {
        let sets = self.settings().into_iter().chain(self.set.clone());
        sets.flat_map(|set| ["--set".to_owned(), set]).collect()
    }

    fn settings(&self) -> Vec<String> {
        let secret = self.dir.join("secret").display().to_string();
        vec![
            format!("cql.keyspace={}", self.keyspace()),
            format!("projector.instance={}", self.name()),
            format!("query_api.phone_hash_key_file={secret}"),
            format!("query_api.cursor_key_file={secret}"),
            format!("kafka.topic_prefix={}", self.name()),
            format!("kafka.partitions={PARTITIONS}"),
            "auth.required=false".to_owned(),
            format!("auth.development_secret_file={secret}"),
            format!("command_handler.instance={}", self.name()),
            format!("command_handler.state_dir={}", self.dir.join("state").display()),
            format!("command_api.namespace_secret_file={secret}"),
            format!("config.copy_dir={}", self.dir.join("config").display()),
        ]
    }

    /// Another program's process, which finds its files in this world's folder.
    pub(crate) fn run_other(&self, program: &Path, args: Vec<String>, name: &str) -> Result<Running> {
        Running::spawn(program, args, &self.endpoints, &self.dir, name)
    }

    /// The folder of this world.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A bare program's process: this very binary, under another subcommand.
    pub(crate) fn run_bare(&self, program: &str, args: &[(&str, String)]) -> Result<Running> {
        let mut line = vec!["bare".to_owned(), program.to_owned()];
        let place = [("bootstrap", self.bootstrap.clone()), ("prefix", self.name().to_owned())];
        line.extend(place.iter().chain(args).flat_map(|(name, value)| [format!("--{name}"), value.clone()]));
        if program == "handler" {
            line.extend(self.bare.iter().map(|setting| format!("--{setting}")));
        }
        Running::spawn(&std::env::current_exe()?, line, &self.endpoints, &self.dir, program)
    }

    /// Workers of a handler, ours and bare: as told, or as many as the settings have.
    pub(crate) fn workers(&self) -> Result<usize> {
        Ok(self.loaded_settings()?.command_handler.workers)
    }

    /// The same of one that is asked over HTTP; and its port.
    pub(crate) async fn run_bare_api(
        &self,
        program: &str,
        args: &[(&str, String)],
    ) -> Result<(Running, u16)> {
        let port = free_port()?;
        let args: Vec<_> = args.iter().cloned().chain([("port", port.to_string())]).collect();
        let mut running = self.run_bare(program, &args)?;
        running.wait_until_ready(port).await?;
        Ok((running, port))
    }

    /// Deletes topics and folders: what is over must not take the broker's time or the disk.
    pub(crate) async fn end(self) -> Result<()> {
        let specs = self.topics.specs();
        let names: Vec<&str> = specs.iter().map(|spec| &*spec.name).collect();
        self.admin()?.delete(&names).await?;
        // Or the database goes on compacting what nobody reads any more, beside whatever is measured next.
        if let Ok(cql) = self.cql() {
            let options = CqlOptions::local([cql], self.keyspace());
            let dropped = async { ViewStore::connect(&options).await?.drop_everything().await };
            if let Err(error) = dropped.await {
                eprintln!("{} is left in the database: {error}", self.keyspace());
            }
        }
        Ok(std::fs::remove_dir_all(&self.dir)?)
    }

    fn admin(&self) -> Result<Admin> {
        Ok(Admin::new(&self.kafka, Duration::from_secs(30))?)
    }
}
