mod ask;
mod build;

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::component::{Component, ComponentStatus, Name};
use crate::endpoints::Endpoints;
use crate::progress::{Progress, Step};
use crate::settings::StackSettings;
use crate::state::Hold;
use crate::{Error, kafka};

pub use self::ask::Coordinates;

/// A component that ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Which one.
    pub name: Name,
    /// How.
    pub status: ExitStatus,
}

/// The running services. Dropping it kills them; [`Stack::stop`] stops them in order.
pub struct Stack {
    endpoints: Endpoints,
    components: Vec<Component>,
    progress: Progress,
    /// `None` where nothing is started here.
    hold: Option<Hold>,
}

impl Stack {
    /// Starts what the settings ask for and waits until each component answers.
    ///
    /// # Errors
    /// A package, a port, the data folder or a component is not to be had; nothing is left running then.
    pub async fn start(settings: StackSettings, progress: Progress) -> Result<Self, Error> {
        settings.check()?;
        if settings.starts_nothing() {
            let existing = Endpoints {
                kafka: settings.kafka.external(),
                cql: settings.cql.external(),
                registry: settings.registry.external(),
            };
            return Ok(Self::external(existing));
        }
        let copies = settings.copies;
        let (mut stack, brokers) = build::prepare(settings, progress).await?;
        let copies = copies.map_or(brokers.clamp(1, 3) as i16, i16::from);
        match stack.start_all(brokers, copies).await {
            Ok(()) => Ok(stack),
            Err(error) => {
                stack.stop_all().await;
                Err(error)
            }
        }
    }

    /// Services that run elsewhere already: nothing is started, watched or stopped.
    pub fn external(endpoints: Endpoints) -> Self {
        Self { endpoints, components: Vec::new(), progress: crate::silent(), hold: None }
    }

    /// Where the services answer.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Every component that this stack runs.
    pub fn status(&mut self) -> Vec<ComponentStatus> {
        self.components.iter_mut().map(Component::status).collect()
    }

    /// Asks each component whether it answers its own protocol.
    pub async fn health(&self) -> Vec<(Name, bool)> {
        let mut health = Vec::new();
        for component in &self.components {
            health.push((component.name, component.answers().await));
        }
        health
    }

    /// The components that ended by themselves since the last call; each is told once.
    pub fn try_wait(&mut self) -> Vec<Exit> {
        self.components
            .iter_mut()
            .filter_map(|component| component.note_exit().map(|status| Exit { name: component.name, status }))
            .collect()
    }

    /// Waits for the next component that ends by itself, and keeps the logs small meanwhile. Can be dropped at any time.
    pub async fn next_exit(&mut self) -> Exit {
        loop {
            let ended = self.components.iter_mut().find_map(|component| {
                component.note_exit().map(|status| Exit { name: component.name, status })
            });
            if let Some(exit) = ended {
                return exit;
            }
            self.components.iter_mut().for_each(Component::tend_log);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Starts a component that does not run, on the port it had, and waits until it answers.
    ///
    /// # Errors
    /// It is not of this stack, its port is taken, or it does not come up.
    pub async fn start_component(&mut self, name: Name) -> Result<(), Error> {
        let progress = self.progress.clone();
        let component = self.component(name)?;
        component.note_exit();
        if component.pid().is_none() {
            build::claim_port(name, component.port)?;
            progress(&Step::Starting(name));
            component.spawn()?;
            self.record()?;
        }
        let component = self.component(name)?;
        let took = component.wait_ready().await?;
        progress(&Step::Ready { name, port: component.port, took });
        Ok(())
    }

    /// Stops a component in an orderly way.
    ///
    /// # Errors
    /// It is not of this stack.
    pub async fn stop_component(&mut self, name: Name) -> Result<(), Error> {
        let progress = self.progress.clone();
        let component = self.component(name)?;
        progress(&Step::Stopping(name));
        let forced = component.stop().await;
        progress(&Step::Stopped { name, forced });
        self.record()
    }

    /// Kills a component with SIGKILL.
    ///
    /// # Errors
    /// It is not of this stack.
    pub async fn kill_component(&mut self, name: Name) -> Result<(), Error> {
        self.component(name)?.kill().await;
        self.record()
    }

    /// Stops and starts a component.
    ///
    /// # Errors
    /// It is not of this stack, or it does not come up again.
    pub async fn restart(&mut self, name: Name) -> Result<(), Error> {
        self.stop_component(name).await?;
        self.start_component(name).await
    }

    /// Freezes a component with SIGSTOP: its connections stay open and nothing is answered.
    ///
    /// # Errors
    /// It is not of this stack.
    pub fn pause(&mut self, name: Name) -> Result<(), Error> {
        self.component(name)?.signal(Signal::SIGSTOP);
        Ok(())
    }

    /// Lets a frozen component go on.
    ///
    /// # Errors
    /// It is not of this stack.
    pub fn resume(&mut self, name: Name) -> Result<(), Error> {
        self.component(name)?.signal(Signal::SIGCONT);
        Ok(())
    }

    /// Stops everything: the registry before the Kafka that it writes to.
    pub async fn stop(mut self) {
        self.stop_all().await;
    }

    fn component(&mut self, name: Name) -> Result<&mut Component, Error> {
        self.components
            .iter_mut()
            .find(|component| component.name == name)
            .ok_or(Error::NoSuchComponent { name })
    }

    /// Kafka and the database come up side by side; the registry needs Kafka.
    async fn start_all(&mut self, brokers: usize, copies: i16) -> Result<(), Error> {
        for component in self.components.iter_mut().filter(|component| component.name != Name::Registry) {
            (self.progress)(&Step::Starting(component.name));
            component.spawn()?;
        }
        self.record()?;
        let begun = Instant::now();
        // Kafka's brokers are first in the list, so that the registry need not wait for the database.
        for at in 0..brokers {
            self.wait_ready(at, begun).await?;
        }
        if brokers > 0 {
            self.wait_for_cluster(brokers).await?;
        }
        let registry = self.components.iter().position(|component| component.name == Name::Registry);
        if let Some(at) = registry {
            let bootstrap = self.endpoints.kafka.clone().ok_or(Error::RegistryWithoutKafka)?;
            kafka::create_registry_topics(&bootstrap, copies).await?;
            (self.progress)(&Step::Starting(Name::Registry));
            self.components[at].spawn()?;
            self.record()?;
        }
        for at in brokers..self.components.len() {
            self.wait_ready(at, begun).await?;
        }
        Ok(())
    }

    async fn wait_ready(&mut self, at: usize, begun: Instant) -> Result<(), Error> {
        let component = &mut self.components[at];
        component.wait_ready().await?;
        let (name, port) = (component.name, component.port);
        (self.progress)(&Step::Ready { name, port, took: begun.elapsed() });
        Ok(())
    }

    /// A broker answers before it has heard of the others.
    async fn wait_for_cluster(&mut self, brokers: usize) -> Result<(), Error> {
        // One that answers over TLS alone is alone.
        let asked = |component: &&Component| !component.takes_only_tls();
        let brokers = self.components[..brokers].iter().filter(asked).count();
        for at in 0..brokers {
            let mut left = 300;
            while !kafka::cluster_has(self.components[at].port, brokers).await && left > 0 {
                left -= 1;
                self.components[at].wait_ready().await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    async fn stop_all(&mut self) {
        let progress = self.progress.clone();
        let stop = async |component: &mut Component| {
            if component.pid().is_some() {
                progress(&Step::Stopping(component.name));
                let forced = component.stop().await;
                progress(&Step::Stopped { name: component.name, forced });
            }
        };
        for component in self.components.iter_mut().filter(|component| component.name == Name::Registry) {
            stop(component).await;
        }
        // All at once: a cluster that loses its brokers one by one ends without a quorum to say goodbye to.
        for component in &mut self.components {
            component.signal(Signal::SIGTERM);
        }
        for component in &mut self.components {
            stop(component).await;
        }
    }

    fn record(&self) -> Result<(), Error> {
        let running = self
            .components
            .iter()
            .filter_map(|component| component.pid().map(|pid| (component.name, pid, component.port)));
        self.hold.as_ref().map_or(Ok(()), |hold| hold.record(running))
    }
}
