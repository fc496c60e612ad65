//! The system under torture: three brokers behind proxies, the database, the registry, and several of each role.

mod clock;
mod layout;
mod role;
mod small_disk;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use event_log::{Kafka, TopicSettings, Topics};
use local_stack::ports::free_port;
use local_stack::{Name, ProxiedPort, Stack, StackSettings};
use serde::Serialize;
use testkit::Installation;
use tokio::process::Command;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;
use tracking_view::PhoneKey;

pub use clock::FakeClock;
pub use role::{Role, RoleKind};
pub use small_disk::SmallDisk;

use crate::ledger::Ledger;
use crate::proxy::{Proxies, Rules};

/// Partitions of each shipment topic: more than three handlers have workers and not more than four have, so that the fourth takes
/// some over when it comes.
pub const PARTITIONS: i32 = 8;
/// How many handlers run from the start.
pub const HANDLERS: usize = 3;
/// The handler that joins and leaves.
pub const SPARE: &str = "handler-4";
/// What is asked over HTTP.
pub const APIS: [&str; 7] =
    ["command-api-1", "command-api-2", QUERY_API, "config-service", "discovery-service", "console", GATEWAY];
/// What stands before all of them.
pub const GATEWAY: &str = "gateway";
/// The query API.
pub const QUERY_API: &str = "query-api";
/// How long a role may take to become ready at first.
const READY: Duration = Duration::from_secs(90);
/// Between two looks at whether a role has ended by itself.
const LOOK: Duration = Duration::from_millis(200);
/// Before it is started again, as `parceltrack up` does it.
const BACK_OFF: Duration = Duration::from_millis(500);

/// What to build the system from.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where everything of this run lies.
    pub dir: PathBuf,
    /// The binary of the roles.
    pub binary: PathBuf,
    /// The binary with test-only switches, if there is one.
    pub planted: Option<PathBuf>,
    /// The bug that is planted.
    pub plant: Option<String>,
}

/// A role that ended without being asked to.
#[derive(Clone, Debug, Serialize)]
pub struct Exit {
    /// When, in milliseconds of the ledger.
    pub at: u64,
    /// Which.
    pub role: String,
    /// How.
    pub status: String,
    /// What it said last.
    pub last_words: String,
}

/// The running system.
pub struct Cluster {
    /// Kafka, database, registry.
    pub stack: AsyncMutex<Stack>,
    /// What the proxies do.
    pub rules: Rules,
    /// Every role.
    pub roles: Vec<Arc<Role>>,
    /// Where the gateway takes requests.
    pub gateway_port: u16,
    /// Its names.
    pub installation: Installation,
    /// What it was built from.
    pub parts: Parts,
    /// The small disk that one handler's state lies on, or why there is none.
    pub small_disk: Result<(String, SmallDisk), String>,
    /// The clock of one handler, or why it can't be set.
    pub fake_clock: Result<(String, FakeClock), String>,
    /// The database.
    pub cql: String,
    /// The registry's address.
    pub registry: String,
    bootstrap: String,
    exits: Arc<Mutex<Vec<Exit>>>,
    watching: JoinHandle<()>,
    _proxies: Proxies,
}

impl Cluster {
    /// The binary that a role is to be: that with test-only switches to have a bug planted, or another clock.
    pub(crate) fn program_of(&self, role: &str) -> &Path {
        let other_clock = self.fake_clock.as_ref().is_ok_and(|(of, _)| of == role);
        let switched = (self.parts.plant.is_some() || other_clock).then_some(self.parts.planted.as_ref());
        switched.flatten().unwrap_or(&self.parts.binary)
    }

    /// Starts everything and waits until it is ready.
    ///
    /// # Errors
    /// With what is missing, and the log that tells more.
    pub async fn start(parts: Parts, ledger: &Ledger) -> anyhow::Result<Self> {
        let proxied: Vec<ProxiedPort> = (0..3)
            .map(|_| Ok(ProxiedPort { listens: free_port()?, advertised: free_port()? }))
            .collect::<Result<_, local_stack::Error>>()?;
        let rules = Rules::default();
        let serving = Proxies::start(&proxied, &rules).await.context("the proxies can't listen")?;
        let stack = StackSettings {
            brokers: 3,
            proxied: proxied.clone(),
            kafka_heap_mb: 384,
            cql_sync: true,
            cassandra_heap_mb: 640,
            registry_heap_mb: 192,
            ..StackSettings::on_free_ports(parts.dir.join("stack"))
        };
        let stack = Stack::start(stack, local_stack::terminal()).await?;
        let endpoints = stack.endpoints().clone();
        let (Some(bootstrap), Some(cql), Some(registry)) =
            (endpoints.kafka, endpoints.cql, endpoints.registry)
        else {
            bail!("the stack came up without one of its services");
        };
        let installation = Installation::new(&parts.dir)?;
        let behind: Vec<String> =
            proxied.iter().map(|port| format!("127.0.0.1:{}", port.advertised)).collect();
        let mut cluster = Self {
            stack: AsyncMutex::new(stack),
            rules,
            roles: Vec::new(),
            gateway_port: free_port()?,
            installation,
            small_disk: SmallDisk::mount(&parts.dir.join("small-disk"))
                .map(|disk| ("handler-2".to_owned(), disk)),
            fake_clock: fake_clock(&parts).map(|clock| ("handler-3".to_owned(), clock)),
            parts,
            cql,
            registry,
            bootstrap,
            exits: Arc::default(),
            watching: tokio::spawn(async {}),
            _proxies: serving,
        };
        cluster.apply().await?;
        cluster.make_roles(&behind.join(","))?;
        for role in cluster.roles.iter().filter(|role| role.name != SPARE) {
            role.start().await?;
        }
        cluster.wait_until_ready(READY).await?;
        cluster.watching = tokio::spawn(watch(cluster.roles.clone(), cluster.exits.clone(), ledger.clone()));
        Ok(cluster)
    }

    /// Kafka as seen by who is not behind the proxies.
    pub fn kafka(&self, client: &str) -> Kafka {
        Kafka::at(&self.bootstrap).with_client_id(client)
    }

    /// Its topics.
    pub fn topics(&self) -> Topics {
        Topics::new(TopicSettings {
            prefix: self.installation.prefix.clone(),
            partitions: PARTITIONS,
            replication: 3,
            ..TopicSettings::default()
        })
    }

    /// The handlers' group.
    pub fn handlers_group(&self) -> String {
        format!("{}.command-handler", self.installation.prefix)
    }

    /// The key that telephone numbers are hashed with.
    pub fn phones(&self) -> PhoneKey {
        PhoneKey::new(self.installation.secret().as_bytes())
    }

    /// The roles of a kind, the one that only joins now and then left out.
    pub fn all(&self, kind: RoleKind) -> Vec<Arc<Role>> {
        self.roles.iter().filter(|role| role.kind == kind && role.name != SPARE).cloned().collect()
    }

    /// A role by its name.
    ///
    /// # Panics
    /// When there is none: names are this crate's own.
    pub fn role(&self, name: &str) -> Arc<Role> {
        self.roles.iter().find(|role| role.name == name).expect("a role of this name").clone()
    }

    /// Those that ended by themselves so far.
    pub fn exits(&self) -> Vec<Exit> {
        self.exits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts again what of Kafka, database and registry has ended by itself.
    ///
    /// # Errors
    /// When it doesn't come up.
    pub async fn mend_stack(&self, ledger: &Ledger) -> anyhow::Result<()> {
        let mut stack = self.stack.lock().await;
        for local_stack::Exit { name, status } in stack.try_wait() {
            let log = self.parts.dir.join("stack/logs").join(format!("{name}.log"));
            note_exit(&self.exits, ledger, &name.to_string(), status.to_string(), &log);
            stack.start_component(name).await?;
        }
        Ok(())
    }

    /// Everything that was frozen, killed or cut off runs again; waits until it is ready.
    ///
    /// # Errors
    /// When something doesn't come up.
    pub async fn bring_up(&self) -> anyhow::Result<()> {
        self.rules.clear();
        if let Ok((_, disk)) = &self.small_disk {
            disk.free()?;
        }
        if let Ok((_, clock)) = &self.fake_clock {
            clock.set("+0")?;
        }
        let mut stack = self.stack.lock().await;
        for name in [Name::Kafka(1), Name::Kafka(2), Name::Kafka(3), Name::Cassandra, Name::Registry] {
            stack.resume(name)?;
            stack.start_component(name).await?;
        }
        drop(stack);
        for role in self.roles.iter().filter(|role| role.name != SPARE) {
            role.thaw().await;
            role.start().await?;
        }
        self.wait_until_ready(READY).await
    }

    /// Ends everything in good order.
    pub async fn stop(self) {
        self.watching.abort();
        for role in &self.roles {
            role.thaw().await;
        }
        futures::future::join_all(self.roles.iter().map(|role| role.stop())).await;
        self.stack.into_inner().stop().await;
    }

    /// Waits until every role that is to run says that it is ready.
    ///
    /// # Errors
    /// With who isn't, and why.
    pub async fn wait_until_ready(&self, patience: Duration) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + patience;
        for role in &self.roles {
            while let Some(reason) = role.why_not_ready().await {
                if tokio::time::Instant::now() > deadline {
                    bail!("{} isn't ready: {reason}; its log is {}", role.name, role.log().display());
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    /// A tool of the binary, run to its end: its exit code and what it said.
    ///
    /// # Errors
    /// When it can't be run.
    pub async fn tool(&self, args: &[&str]) -> anyhow::Result<(Option<i32>, String, String)> {
        let mut command = Command::new(&self.parts.binary);
        command.args(args).current_dir(&self.parts.dir).kill_on_drop(true);
        for set in self.common(&self.bootstrap) {
            command.args(["--set", &set]);
        }
        let output = command.output().await.with_context(|| self.parts.binary.display().to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.status.code(), text(&output.stdout), text(&output.stderr)))
    }

    async fn apply(&self) -> anyhow::Result<()> {
        let (code, _, errors) = self.tool(&["apply"]).await?;
        if code != Some(0) {
            bail!("topics, schemas and tables can't be applied: {errors}");
        }
        Ok(())
    }

    /// The folder of a handler's state.
    pub fn state_dir(&self, name: &str) -> PathBuf {
        match &self.small_disk {
            Ok((of, disk)) if of == name => disk.path().to_owned(),
            _ => self.parts.dir.join("state"),
        }
    }
}

/// Starts again what ended by itself, as the supervisor of a local system does.
async fn watch(roles: Vec<Arc<Role>>, exits: Arc<Mutex<Vec<Exit>>>, ledger: Ledger) {
    loop {
        for role in &roles {
            let Some(status) = role.ended_by_itself() else { continue };
            note_exit(&exits, &ledger, &role.name, status, role.log());
            let role = role.clone();
            tokio::spawn(async move {
                tokio::time::sleep(BACK_OFF).await;
                // It may have been taken away meanwhile, on purpose.
                if let Err(error) = role.start_again().await {
                    eprintln!("{} can't be started again: {error}", role.name);
                }
            });
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn note_exit(exits: &Mutex<Vec<Exit>>, ledger: &Ledger, name: &str, status: String, log: &Path) {
    let last_words = local_stack::process::log_tail(log, 3);
    let exit = Exit { at: ledger.now(), role: name.to_owned(), status, last_words };
    ledger.note("exit", &exit);
    exits.lock().unwrap_or_else(PoisonError::into_inner).push(exit);
}

/// libfaketime and an allocator of one's own can't be in one process, and the binary with test-only switches has none.
fn fake_clock(parts: &Parts) -> Result<FakeClock, String> {
    if parts.planted.is_none() {
        return Err("there is no binary with test-only switches".to_owned());
    }
    FakeClock::new(&parts.dir.join("handler-3.clock"))
}
