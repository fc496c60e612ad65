//! Probes: a command to each partition, again and again, to see when each of them answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use command_client::CommandClient;
use event_log::partition_of;
use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use shipment_domain::{AmendShipment, CommandBody};
use shipment_events::{CommandId, ShipmentId};
use telemetry::TraceContext;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::chance;
use crate::cluster::PARTITIONS;
use crate::ledger::{Answer, Ledger, Told};
use crate::load::{Wanted, of_reply, registration};

/// Between two probes of a partition.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one may take; whether a partition is stuck is known long before.
const PATIENCE: Duration = Duration::from_secs(120);

/// A probe.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// When it was sent, in milliseconds of the ledger.
    pub sent: u64,
    /// When it was answered.
    pub answered: Option<u64>,
}

/// The probes so far, by partition, in the order of sending. Cheap to clone.
#[derive(Clone, Default)]
pub struct Probes {
    sent: Arc<Mutex<BTreeMap<i32, Vec<Probe>>>>,
    versions: Arc<Mutex<BTreeMap<ShipmentId, i64>>>,
}

/// Sends probes until dropped.
pub struct Prober {
    /// What came of them.
    pub probes: Probes,
    _tasks: JoinSet<()>,
}

impl Prober {
    /// Registers a shipment on each partition and begins.
    ///
    /// # Errors
    /// When a registration isn't accepted: then there is nothing to torture.
    pub async fn start(client: CommandClient, ledger: &Ledger, seed: u64) -> anyhow::Result<Self> {
        let (probes, mut tasks) = (Probes::default(), JoinSet::new());
        for partition in 0..PARTITIONS {
            let mut chance = chance::of(seed, &format!("probes of {partition}"));
            let shipment = loop {
                let id = ShipmentId::new(chance::uuid(&mut chance));
                if partition_of(id, PARTITIONS) == partition {
                    break id;
                }
            };
            let one = One { client: client.clone(), ledger: ledger.clone(), partition, shipment };
            let registered =
                one.ask(registration("probe", partition as u64), chance::uuid(&mut chance)).await;
            anyhow::ensure!(registered.is_some(), "partition {partition} doesn't answer its first command");
            tasks.spawn(one.probe(probes.clone(), chance));
        }
        Ok(Self { probes, _tasks: tasks })
    }
}

struct One {
    client: CommandClient,
    ledger: Ledger,
    partition: i32,
    shipment: ShipmentId,
}

impl One {
    async fn probe(self, probes: Probes, mut chance: StdRng) {
        let one = Arc::new(self);
        let mut under_way = JoinSet::new();
        loop {
            let (sent, id) = (one.ledger.now(), chance::uuid(&mut chance));
            let n = probes.sent(one.partition, sent);
            let (asking, probes) = (one.clone(), probes.clone());
            let grams = chance.random_range(1..9999);
            under_way.spawn(async move {
                let body = AmendShipment { weight_grams: Some(grams), ..AmendShipment::default() };
                if let Some(answer) = asking.ask(CommandBody::AmendShipment(body), id).await {
                    probes.answered(asking.partition, n, asking.ledger.now());
                    if let Answer::Accepted { version, .. } = answer {
                        probes.stands_at(asking.shipment, version);
                    }
                }
            });
            while under_way.try_join_next().is_some() {}
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The answer, if there was one.
    async fn ask(&self, body: CommandBody, id: Uuid) -> Option<Answer> {
        let command_id = CommandId::new(id);
        let wanted = Wanted::of(self.shipment, body);
        let mut intent = wanted.intent("probe");
        (intent.command_id, intent.is_probe) = (Some(command_id), true);
        let op = self.ledger.begin(intent);
        let attempt = self.ledger.sent(op, "kafka");
        let command = wanted.command(command_id, self.shipment);
        let mut pending = self.client.send(&command, &TraceContext::start()).ok()?;
        let answer = of_reply(&pending.reply(PATIENCE).await.ok()?);
        self.ledger.answered(op, attempt, answer.clone(), Told::default());
        Some(answer)
    }
}

impl Probes {
    fn sent(&self, partition: i32, at: u64) -> usize {
        let mut all = self.lock();
        let of_it = all.entry(partition).or_default();
        of_it.push(Probe { sent: at, answered: None });
        of_it.len() - 1
    }

    fn answered(&self, partition: i32, n: usize, at: u64) {
        if let Some(probe) = self.lock().get_mut(&partition).and_then(|of_it| of_it.get_mut(n)) {
            probe.answered = Some(at);
        }
    }

    fn stands_at(&self, shipment: ShipmentId, version: i64) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = versions.entry(shipment).or_default();
        *known = version.max(*known);
    }

    /// The highest version answered so far for each shipment that is probed.
    pub fn versions(&self) -> BTreeMap<ShipmentId, i64> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<i32, Vec<Probe>> {
        self.lock().clone()
    }

    /// Whether at this moment each partition answers within `quick` milliseconds: the last probe that it answered was sent at
    /// `since` or later and answered so soon, and none sent after that waits for longer.
    pub fn are_quick(&self, since: u64, now: u64, quick: u64) -> bool {
        let all = self.lock();
        (0..PARTITIONS).all(|partition| {
            let of_it = all.get(&partition).map_or(&[][..], Vec::as_slice);
            let (waiting, answered): (Vec<&Probe>, Vec<&Probe>) = of_it
                .iter()
                .rev()
                .take_while(|probe| probe.sent >= since)
                .partition(|probe| probe.answered.is_none());
            let last = answered.first().and_then(|probe| Some((probe.sent, probe.answered? - probe.sent)));
            last.is_some_and(|(sent, took)| {
                took <= quick && !waiting.iter().any(|probe| probe.sent > sent && probe.sent + quick < now)
            })
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<i32, Vec<Probe>>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a command to a partition waited at most, if it was sent from `from` to `to`: until it, or one sent after it, was
/// answered. `None` when one was sent there and nothing ever answered after it.
///
/// A wait that began before `from` counts from there.
pub fn longest_wait(probes: &[Probe], from: u64, to: u64) -> Option<u64> {
    let mut longest = 0;
    // The earliest answer to this one or any sent after it.
    let mut earliest: Option<u64> = None;
    for probe in probes.iter().rev() {
        if let Some(answered) = probe.answered {
            earliest = Some(earliest.map_or(answered, |before| before.min(answered)));
        }
        if probe.sent > to {
            continue;
        }
        match earliest {
            // Answered before all this.
            Some(answered) if answered < from => break,
            Some(answered) => longest = longest.max(answered - probe.sent.max(from)),
            None if probe.sent + 1000 > to => {}
            None => return None,
        }
    }
    Some(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probes(sent_and_answered: &[(u64, Option<u64>)]) -> Vec<Probe> {
        sent_and_answered.iter().map(|(sent, answered)| Probe { sent: *sent, answered: *answered }).collect()
    }

    #[test]
    fn a_wait_ends_with_the_answer_to_it_or_to_a_later_one() {
        let quick = probes(&[(0, Some(20)), (500, Some(530)), (1000, Some(1010))]);
        assert_eq!(longest_wait(&quick, 0, 1000), Some(30));
        // The second was lost, and the third answered.
        let lost = probes(&[(0, Some(20)), (500, None), (1000, Some(4000)), (1500, Some(4001))]);
        assert_eq!(longest_wait(&lost, 0, 2000), Some(3500));
    }

    #[test]
    fn a_wait_counts_from_the_moment_asked_for() {
        let slow = probes(&[(0, Some(9000)), (500, Some(9001)), (9500, Some(9520))]);
        assert_eq!(longest_wait(&slow, 4000, 10_000), Some(5001));
        assert_eq!(longest_wait(&slow, 9400, 10_000), Some(20));
    }

    #[test]
    fn what_is_never_answered_has_no_wait() {
        let stuck = probes(&[(0, Some(20)), (500, None), (1000, None), (60_000, None)]);
        assert_eq!(longest_wait(&stuck, 400, 61_000), None);
        assert_eq!(longest_wait(&stuck, 0, 300), Some(20));
    }

    #[test]
    fn partitions_are_quick_when_each_of_them_is() {
        let all = Probes::default();
        for partition in 0..PARTITIONS {
            let n = all.sent(partition, 100);
            all.answered(partition, n, 150);
        }
        assert!(all.are_quick(100, 200, 1000));
        assert!(!all.are_quick(101, 200, 1000), "nothing was answered that was sent since then");
        let n = all.sent(0, 200);
        assert!(all.are_quick(100, 1200, 1000));
        assert!(!all.are_quick(100, 1201, 1000), "one waits for too long");
        all.answered(0, n, 5000);
        assert!(!all.are_quick(100, 5000, 1000), "that was slow");
        let n = all.sent(0, 5100);
        all.answered(0, n, 5200);
        assert!(all.are_quick(100, 5300, 1000));
    }
}
