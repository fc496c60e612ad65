use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::component::Name;
use crate::state::Occupant;

/// Why the local stack could not be started or changed. Each text ends with the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No Java in the supported range.
    #[error(
        "no Java 17 to 23 found ({found}); install one, e.g. `apt-get install openjdk-17-jre-headless`, or set JAVA_HOME"
    )]
    NoJava {
        /// What was looked at and why it did not do.
        found: String,
    },
    /// `mvn` is not on the path.
    #[error(
        "Maven (`mvn`) is needed once, to fetch {package}; install it, e.g. `apt-get install maven`, and try again"
    )]
    NoMaven {
        /// What was to be fetched.
        package: &'static str,
        /// Why it could not be run.
        #[source]
        source: io::Error,
    },
    /// Maven ran and failed.
    #[error(
        "Maven could not fetch {package}: {detail}; check the network (or ~/.m2/settings.xml for a mirror) and try again"
    )]
    Fetch {
        /// What was to be fetched.
        package: &'static str,
        /// Its own last words.
        detail: String,
    },
    /// Not with TLS and passwords.
    #[error("a stack with TLS and passwords can't be like that: {reason}")]
    Secured {
        /// What is in the way.
        reason: &'static str,
    },
    /// Nobody waits for the stack any more.
    #[error("the start was cancelled")]
    Cancelled,
    /// A package is not what it should be after it was fetched.
    #[error("the package {package} in {} is incomplete: {detail}; delete that folder and try again", path.display())]
    Package {
        /// Which package.
        package: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The file system said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, e.g. `create`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Another process listens on a port that was asked for.
    #[error("port {port} for {name} is taken{}; stop that process or choose another port ({flag})", owner_text(owner.as_deref()))]
    PortTaken {
        /// The component that wanted it.
        name: Name,
        /// The port.
        port: u16,
        /// Pid and command of the owner, when /proc tells.
        owner: Option<String>,
        /// The setting that moves it.
        flag: &'static str,
    },
    /// No free port could be found.
    #[error("no free port between 20000 and 32000 on 127.0.0.1")]
    NoFreePort,
    /// The data folder belongs to a live stack.
    #[error("{occupant}; stop it first (`parceltrack down`) or use another data folder")]
    InUse {
        /// Who uses it.
        occupant: Occupant,
    },
    /// The data folder was made for another number of brokers.
    #[error(
        "the data in {} belongs to a cluster of {made} broker(s), not {wanted}; start it with {made}, use another data folder, or wipe it with `make clean`",
        path.display()
    )]
    OtherLayout {
        /// The data folder.
        path: PathBuf,
        /// How many brokers it was made for.
        made: u8,
        /// How many were asked for.
        wanted: u8,
    },
    /// A number of brokers that makes no cluster here.
    #[error("{wanted} brokers asked for; the local stack runs 1 or 3")]
    Brokers {
        /// How many were asked for.
        wanted: u8,
    },
    /// A broker that comes through no proxy would be out of reach for those that do.
    #[error("{proxied} proxied ports for {brokers} broker(s); give one for each, or none")]
    Proxied {
        /// How many brokers are asked for.
        brokers: u8,
        /// How many ports were given.
        proxied: usize,
    },
    /// No broker could say who leads or coordinates something.
    #[error("no broker says who {question}; is a quorum of them up?")]
    Unknown {
        /// What was asked.
        question: String,
    },
    /// The registry keeps its schemas in Kafka, and there is no Kafka.
    #[error("the schema registry keeps its data in Kafka: start Kafka too, or set PARCELTRACK_KAFKA")]
    RegistryWithoutKafka,
    /// A process could not be started.
    #[error("cannot start {program}")]
    Spawn {
        /// The program.
        program: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A component ended while it was starting.
    #[error("{name} ended while starting ({status}); its log is {}\n{tail}", log.display())]
    Died {
        /// Which component.
        name: Name,
        /// How it ended.
        status: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// A component did not answer in time.
    #[error("{name} did not answer on port {port} within {} s; its log is {}\n{tail}", after.as_secs(), log.display())]
    NotReady {
        /// Which component.
        name: Name,
        /// Where it should listen.
        port: u16,
        /// How long it was waited for.
        after: Duration,
        /// Its log file.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// Formatting a broker's storage failed.
    #[error("cannot format the storage of {name}: {detail}")]
    Format {
        /// Which broker.
        name: Name,
        /// What the tool said.
        detail: String,
    },
    /// The registry's topics could not be created.
    #[error("cannot create the registry's topic {topic} at {bootstrap}: {detail}")]
    Topic {
        /// Which topic.
        topic: &'static str,
        /// On which cluster.
        bootstrap: String,
        /// What the broker said.
        detail: String,
    },
    /// The named component is not one of this stack's.
    #[error("{name} is not started by this stack")]
    NoSuchComponent {
        /// The name asked for.
        name: Name,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

fn owner_text(owner: Option<&str>) -> String {
    owner.map(|owner| format!(" by {owner}")).unwrap_or_default()
}
