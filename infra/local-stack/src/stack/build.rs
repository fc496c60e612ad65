//! From settings to components that are ready to be started.

use std::fs;
use std::path::{Path, PathBuf};

use super::Stack;
use crate::cassandra::Node;
use crate::component::{Component, Name};
use crate::endpoints::Endpoints;
use crate::kafka::{Broker, Secured};
use crate::packages::{Package, cache_dir};
use crate::ports::{free_port, is_free, owner};
use crate::progress::Progress;
use crate::registry::{self, Registry};
use crate::security::Security;
use crate::settings::StackSettings;
use crate::state::Hold;
use crate::watch::Watch;
use crate::{Error, java};

/// Fetching and formatting block for long, so all of this runs on a thread of its own.
pub(super) async fn prepare(settings: StackSettings, progress: Progress) -> Result<(Stack, usize), Error> {
    let (watch, _cancel) = Watch::new(progress.clone());
    tokio::task::spawn_blocking(move || prepare_blocking(&settings, &watch, progress))
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

fn prepare_blocking(
    settings: &StackSettings,
    watch: &Watch,
    progress: Progress,
) -> Result<(Stack, usize), Error> {
    let data = absolute(&settings.data_dir)?;
    let hold = Hold::take(&data, watch)?;
    let brokers = if settings.kafka.starts() { settings.brokers } else { 0 };
    check_layout(&data, brokers)?;
    let cache = absolute(&settings.cache_dir.clone().unwrap_or_else(cache_dir))?;
    let security = settings.security.as_ref().map(Security::absolute).transpose()?;
    let builder = Builder { settings, data, java: java::find()?, cache, watch, security };

    let mut components = builder.brokers(brokers)?;
    let kafka = if brokers > 0 {
        let ports: Vec<String> = components.iter().map(|one| format!("127.0.0.1:{}", one.port)).collect();
        Some(ports.join(","))
    } else {
        settings.kafka.external()
    };
    let mut cql = settings.cql.external();
    if settings.cql.starts() {
        let node = builder.cassandra()?;
        cql = Some(format!("127.0.0.1:{}", node.port));
        components.push(node);
    }
    let mut schemas = settings.registry.external();
    if settings.registry.starts() {
        let component = builder.registry(kafka.as_deref().ok_or(Error::RegistryWithoutKafka)?)?;
        schemas = Some(registry::url(component.port));
        components.push(component);
    }
    let endpoints = Endpoints { kafka, cql, registry: schemas };
    Ok((Stack { endpoints, components, progress, hold: Some(hold) }, usize::from(brokers)))
}

/// An error that says who has the port, rather than a component that fails to bind it.
pub(super) fn claim_port(name: Name, port: u16) -> Result<(), Error> {
    if is_free(port) {
        return Ok(());
    }
    let flag = match name {
        Name::Kafka(_) => "`--set local_stack.kafka_port=PORT`; of the stack alone `--kafka-port PORT`",
        Name::Cassandra => "`--set local_stack.cql_port=PORT`; of the stack alone `--cql-port PORT`",
        Name::Registry => "`--set local_stack.registry_port=PORT`; of the stack alone `--registry-port PORT`",
    };
    Err(Error::PortTaken { name, port, owner: owner(port), flag })
}

fn port_for(name: Name, wanted: u16, offset: u8) -> Result<u16, Error> {
    if wanted == 0 {
        return free_port();
    }
    let port = wanted.saturating_add(u16::from(offset));
    claim_port(name, port)?;
    Ok(port)
}

struct Builder<'a> {
    settings: &'a StackSettings,
    data: PathBuf,
    java: PathBuf,
    cache: PathBuf,
    watch: &'a Watch,
    security: Option<Security>,
}

impl Builder<'_> {
    fn brokers(&self, count: u8) -> Result<Vec<Component>, Error> {
        if count == 0 {
            return Ok(Vec::new());
        }
        // Ports are checked before anything is fetched: a mistake is told at once.
        let ports: Vec<u16> = (0..count)
            .map(|at| port_for(Name::Kafka(at + 1), self.settings.kafka_port, at))
            .collect::<Result<_, _>>()?;
        let controllers: Vec<u16> = (0..count).map(|_| free_port()).collect::<Result<_, _>>()?;
        let package = Package::Kafka.ensure(&self.cache, self.watch)?;
        let broker = |(id, port): (u8, u16)| {
            let name = Name::Kafka(id);
            let dir = self.data.join("kafka").join(id.to_string());
            let heap_mb = self.settings.kafka_heap_mb;
            let proxied = self.settings.proxied.get(usize::from(id) - 1).copied();
            let cleaner_lines = self.settings.log_cleaner_lines;
            let security = self.security.as_ref().map(Secured::new).transpose()?;
            let controllers = &controllers;
            let broker =
                Broker { id, port, proxied, heap_mb, cleaner_lines, security, controllers, dir: &dir };
            let spec = broker.prepare(&self.java, &package, self.log(name))?;
            Ok(Component::new(name, port, spec).over_tls(self.ca()))
        };
        (1..=count).zip(ports).map(broker).collect()
    }

    fn cassandra(&self) -> Result<Component, Error> {
        let name = Name::Cassandra;
        let port = port_for(name, self.settings.cql_port, 0)?;
        let package = Package::Cassandra.ensure(&self.cache, self.watch)?;
        let dir = self.data.join("cassandra");
        let heap_mb = self.settings.cassandra_heap_mb;
        let (storage_port, sync) = (free_port()?, self.settings.cql_sync);
        let security = self.security.as_ref();
        let node = Node { port, storage_port, sync, heap_mb, security, dir: &dir };
        let spec = node.prepare(&self.java, &package, self.log(name))?;
        Ok(Component::new(name, port, spec).over_tls(self.ca()))
    }

    fn registry(&self, kafka: &str) -> Result<Component, Error> {
        let name = Name::Registry;
        let port = port_for(name, self.settings.registry_port, 0)?;
        let package = Package::Registry.ensure(&self.cache, self.watch)?;
        let dir = self.data.join("registry");
        let registry = Registry { port, heap_mb: self.settings.registry_heap_mb, kafka, dir: &dir };
        Ok(Component::new(name, port, registry.prepare(&self.java, &package, self.log(name))?))
    }

    fn ca(&self) -> Option<PathBuf> {
        self.security.as_ref().map(|security| security.ca.clone())
    }

    fn log(&self, name: Name) -> PathBuf {
        self.data.join("logs").join(format!("{name}.log"))
    }
}

/// Brokers cannot be added to a cluster's data by starting more of them.
fn check_layout(data: &Path, brokers: u8) -> Result<(), Error> {
    if brokers == 0 {
        return Ok(());
    }
    let path = data.join("brokers");
    match fs::read_to_string(&path).ok().and_then(|text| text.trim().parse::<u8>().ok()) {
        Some(made) if made != brokers => {
            Err(Error::OtherLayout { path: data.to_owned(), made, wanted: brokers })
        }
        Some(_) => Ok(()),
        None => fs::write(&path, brokers.to_string()).map_err(Error::io("write", &path)),
    }
}

/// The components run in folders of their own, where a relative path would mean another place.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(Error::io("resolve", path))
}
