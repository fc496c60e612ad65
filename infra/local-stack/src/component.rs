use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::str::FromStr;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use crate::process::{Process, ProcessSpec, log_tail};
use crate::{Error, cassandra, kafka, registry};

/// Which component of the stack: `kafka-1`, `cassandra`, `registry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Name {
    /// A broker, by its id from 1.
    Kafka(u8),
    /// The CQL database.
    Cassandra,
    /// The schema registry.
    Registry,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kafka(id) => write!(f, "kafka-{id}"),
            Self::Cassandra => f.write_str("cassandra"),
            Self::Registry => f.write_str("registry"),
        }
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "cassandra" => Ok(Self::Cassandra),
            "registry" => Ok(Self::Registry),
            other => {
                other.strip_prefix("kafka-").and_then(|id| id.parse().ok()).map(Self::Kafka).ok_or_else(
                    || format!("{other} is none of kafka-1, kafka-2, kafka-3, cassandra, registry"),
                )
            }
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// What a component is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It was stopped on purpose, or never started.
    Stopped,
    /// Its process runs.
    Running,
    /// Its process ended by itself.
    Exited {
        /// How, in words.
        status: String,
    },
}

/// One component as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentStatus {
    /// Which one.
    pub name: Name,
    /// Its process, while it runs.
    pub pid: Option<u32>,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Its log file.
    pub log: PathBuf,
    /// What it is doing.
    #[serde(flatten)]
    pub state: State,
    /// Seconds since its process was started.
    pub up_seconds: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) name: Name,
    pub(crate) port: u16,
    spec: ProcessSpec,
    /// The authority to trust, where it takes nothing but TLS.
    ca: Option<PathBuf>,
    process: Option<Process>,
    exit: Option<ExitStatus>,
}

impl Component {
    pub(crate) fn new(name: Name, port: u16, spec: ProcessSpec) -> Self {
        Self { name, port, spec, ca: None, process: None, exit: None }
    }

    /// The same, which takes nothing but TLS.
    pub(crate) fn over_tls(self, ca: Option<PathBuf>) -> Self {
        Self { ca, ..self }
    }

    pub(crate) fn takes_only_tls(&self) -> bool {
        self.ca.is_some()
    }

    pub(crate) fn spawn(&mut self) -> Result<(), Error> {
        self.exit = None;
        self.process = Some(Process::spawn(&self.spec)?);
        Ok(())
    }

    pub(crate) fn tend_log(&mut self) {
        if let Some(process) = &mut self.process {
            process.tend_log();
        }
    }

    pub(crate) fn log(&self) -> &Path {
        &self.spec.log
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    pub(crate) async fn answers(&self) -> bool {
        match (self.name, &self.ca) {
            (Name::Kafka(_), None) => kafka::answers(self.port).await,
            (Name::Kafka(_), Some(ca)) => kafka::answers_over_tls(self.port, ca).await,
            (Name::Cassandra, None) => cassandra::answers(self.port).await,
            (Name::Cassandra, Some(ca)) => cassandra::answers_over_tls(self.port, ca).await,
            (Name::Registry, _) => registry::answers(self.port).await,
        }
    }

    /// Waits until it answers; an early end is an error at once, not after the whole wait.
    pub(crate) async fn wait_ready(&mut self) -> Result<Duration, Error> {
        const LIMIT: Duration = Duration::from_mins(3);
        let start = Instant::now();
        loop {
            if let Some(status) = self.note_exit() {
                let (status, log) = (status.to_string(), self.log().to_owned());
                return Err(Error::Died { name: self.name, status, tail: log_tail(&log, 12), log });
            }
            if self.answers().await {
                return Ok(start.elapsed());
            }
            if start.elapsed() > LIMIT {
                let log = self.log().to_owned();
                let tail = log_tail(&log, 12);
                return Err(Error::NotReady { name: self.name, port: self.port, after: LIMIT, log, tail });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How the process ended by itself, told once.
    pub(crate) fn note_exit(&mut self) -> Option<ExitStatus> {
        let status = self.process.as_mut()?.try_exit()?;
        self.process = None;
        self.exit = Some(status);
        Some(status)
    }

    /// Orderly, then by force. True when force was needed.
    pub(crate) async fn stop(&mut self) -> bool {
        self.exit = None;
        match self.process.take() {
            Some(mut process) => process.stop(self.grace()).await,
            None => false,
        }
    }

    pub(crate) async fn kill(&mut self) {
        self.exit = None;
        if let Some(mut process) = self.process.take() {
            process.kill().await;
        }
    }

    pub(crate) fn signal(&mut self, signal: Signal) {
        if let Some(process) = &mut self.process {
            process.signal(signal);
        }
    }

    pub(crate) fn status(&mut self) -> ComponentStatus {
        self.note_exit();
        let state = match (&self.process, self.exit) {
            (Some(_), _) => State::Running,
            (None, Some(status)) => State::Exited { status: status.to_string() },
            (None, None) => State::Stopped,
        };
        ComponentStatus {
            name: self.name,
            pid: self.pid(),
            port: self.port,
            log: self.log().to_owned(),
            state,
            up_seconds: self.process.as_ref().map(|process| process.age().as_secs()),
        }
    }

    fn grace(&self) -> Duration {
        Duration::from_secs(match self.name {
            Name::Kafka(_) => 15,
            Name::Cassandra => 20,
            Name::Registry => 8,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn names_read_as_they_are_written() {
        for name in [Name::Kafka(3), Name::Cassandra, Name::Registry] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        assert!("zookeeper".parse::<Name>().is_err());
    }
}
