//! The load: clients over HTTP and straight to Kafka that ask again until they are answered, contenders for one version,
//! commands on the wrong partition, and poison. Its rate is bounded, and it is paced by sleeping.

mod client;
mod contend;
mod gate;
mod live;
mod misplace;
mod poison;
mod read;
mod wanted;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use command_client::{CommandClient, Schemas};
use schema_registry::{Auth, Codecs, Contracts, Registry};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::client::Client;
pub use self::gate::{Gate, HttpGate, KafkaGate, of_reply};
pub(crate) use self::poison::MARK;
use self::read::ReadGate;
pub use self::wanted::{Wanted, registration};
use crate::chance;
use crate::cluster::{Cluster, GATEWAY, QUERY_API, RoleKind};
use crate::ledger::Ledger;
use crate::observed::Poison;

/// Clients over HTTP, each with shipments of its own.
const OVER_HTTP: usize = 14;
/// The same straight to Kafka.
const TO_KAFKA: usize = 6;
/// Shipments that several want to change at a time.
const HOT: usize = 3;
/// Who wants to change each: half over HTTP, half straight to Kafka.
const CONTENDERS: usize = 4;

/// The load, running.
pub struct Load {
    tasks: JoinSet<()>,
    stop: CancellationToken,
    give_up: CancellationToken,
    poison: Arc<Mutex<Vec<Poison>>>,
}

/// Encoders and decoders for this system's topics.
///
/// # Errors
/// When the registry doesn't answer.
pub async fn codecs(cluster: &Cluster) -> anyhow::Result<Codecs> {
    let registry = Registry::connect(&cluster.registry, Auth::None, Duration::from_secs(10))?;
    Ok(Codecs::open(registry, Contracts::ours(&cluster.installation.prefix)).await?)
}

/// A client of the commands topic that doesn't pass through the proxies.
///
/// # Errors
/// When Kafka doesn't answer.
pub async fn command_client(cluster: &Cluster, codecs: &Codecs, name: &str) -> anyhow::Result<CommandClient> {
    let settings = command_client::Settings::new(format!("/parceltrack/{name}"));
    let (kafka, topics) = (cluster.kafka(name), cluster.topics());
    Ok(CommandClient::connect(&kafka, &topics, Schemas::of(codecs)?, settings).await?)
}

impl Load {
    /// Starts it: about `rate` commands a second in all, drawn from `seed`.
    ///
    /// # Errors
    /// When Kafka or the registry don't answer.
    pub async fn start(
        cluster: &Cluster,
        codecs: &Codecs,
        ledger: &Ledger,
        seed: u64,
        rate: f64,
    ) -> anyhow::Result<Self> {
        let commands = cluster.all(RoleKind::CommandApi);
        let mut doors: Vec<_> = commands.iter().map(|role| (role.name.clone(), role.port)).collect();
        doors.push((GATEWAY.to_owned(), cluster.gateway_port));
        let http = Gate::Http(Arc::new(HttpGate::new(doors)?));
        let direct = command_client(cluster, codecs, "torture-load").await?;
        let kafka = Gate::Kafka(Arc::new(KafkaGate::new(direct)));
        let reads = Arc::new(ReadGate::new([cluster.role(QUERY_API).port, cluster.gateway_port])?);
        let (stop, give_up) = (CancellationToken::new(), CancellationToken::new());
        let clients = OVER_HTTP + TO_KAFKA + HOT * CONTENDERS;
        let think = Duration::from_secs_f64(clients as f64 / rate.max(1.0));
        let client = |name: String, gate: &Gate| Client {
            chance: chance::of(seed, &name),
            name,
            gate: gate.clone(),
            reads: reads.clone(),
            ledger: ledger.clone(),
            think,
            stop: stop.clone(),
            give_up: give_up.clone(),
        };
        let mut tasks = JoinSet::new();
        for n in 1..=OVER_HTTP {
            tasks.spawn(client(format!("http-{n}"), &http).live());
        }
        for n in 1..=TO_KAFKA {
            tasks.spawn(client(format!("kafka-{n}"), &kafka).live());
        }
        for n in 1..=HOT {
            let hot = contend::Hot::default();
            for m in 1..=CONTENDERS {
                let gate = if m % 2 == 0 { &kafka } else { &http };
                tasks.spawn(client(format!("contender-{n}-{m}"), gate).contend(hot.clone()));
            }
        }
        let poison = Arc::new(Mutex::new(Vec::new()));
        let posting = misplace::Posting::new(cluster, codecs)?;
        tasks.spawn(client("misplacer".to_owned(), &kafka).misplace(posting.clone()));
        tasks.spawn(client("poisoner".to_owned(), &kafka).poison(posting, poison.clone()));
        Ok(Self { tasks, stop, give_up, poison })
    }

    /// Nothing new is begun; what was begun is asked for until it is answered, or until the patience is over.
    pub async fn finish(mut self, patience: Duration) -> Vec<Poison> {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_err() {
            self.give_up.cancel();
            while self.tasks.join_next().await.is_some() {}
        }
        self.poison.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
