//! Inflicting the faults of a plan, one after the other, and waiting until the system has got over each.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use view_store::Reader;

use super::{Fault, Inflicted, Planned};
use crate::cluster::{Cluster, PARTITIONS};
use crate::ledger::Ledger;
use crate::probe::{Probes, longest_wait};

/// A partition that hasn't answered for so long is stuck: the limit of a recovery twice over.
const STUCK: Duration = Duration::from_secs(60);
/// A partition that answers within so many milliseconds has got over it.
const QUICK: u64 = 1500;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Who inflicts faults.
pub struct Tormentor<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) ledger: &'a Ledger,
    probes: Probes,
    views: Reader,
}

/// How a fault went.
pub(super) enum Course {
    /// Its cause is gone.
    Done(From),
    /// It can't be inflicted here.
    Skipped(String),
}

/// From when on recovery is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// What is left is enough to go on with.
    Begin,
    /// It isn't.
    End,
}

impl<'a> Tormentor<'a> {
    /// Of a cluster that is probed; `views` are its tables.
    pub fn new(cluster: &'a Cluster, ledger: &'a Ledger, probes: Probes, views: Reader) -> Self {
        Self { cluster, ledger, probes, views }
    }

    /// Inflicts one fault and waits until every partition answers at once again, or is stuck.
    ///
    /// # Errors
    /// When the fault couldn't be taken back: the run is over.
    pub async fn inflict(&self, planned: &Planned) -> anyhow::Result<Inflicted> {
        tokio::time::sleep(planned.pause).await;
        self.cluster.mend_stack(self.ledger).await?;
        let text = format!("{:?}", planned.fault);
        self.ledger.note("fault begins", &(planned.number, &planned.fault));
        let began = self.ledger.now();
        let course = self.carry_out(&planned.fault).await?;
        self.cluster.rules.clear();
        let ended = self.ledger.now();
        let mut inflicted = Inflicted {
            number: planned.number,
            kind: planned.kind.to_owned(),
            text,
            skipped: None,
            began,
            ended,
            settled: ended,
            quick_again: false,
            counted_from: began,
            recovery: BTreeMap::new(),
            views: None,
        };
        match course {
            Course::Skipped(why) => inflicted.skipped = Some(why),
            Course::Done(from) => {
                if from == From::End {
                    inflicted.counted_from = ended;
                }
                inflicted.quick_again = self.settle(ended).await;
                inflicted.settled = self.ledger.now();
                inflicted.views = self.views_caught_up(ended).await;
            }
        }
        self.ledger.note("fault settled", &inflicted);
        Ok(inflicted)
    }

    /// Works out how long commands waited, once late answers have come.
    pub fn weigh(&self, inflicted: &mut Inflicted) {
        if inflicted.skipped.is_some() {
            return;
        }
        let all = self.probes.all();
        inflicted.recovery = (0..PARTITIONS)
            .map(|partition| {
                let probes = all.get(&partition).map_or(&[][..], Vec::as_slice);
                (partition, longest_wait(probes, inflicted.counted_from, inflicted.settled))
            })
            .collect();
    }

    /// Waits until each partition answers at once again; whether they did.
    async fn settle(&self, since: u64) -> bool {
        let begun = Instant::now();
        loop {
            if self.probes.are_quick(since, self.ledger.now(), QUICK) {
                return true;
            }
            if begun.elapsed() >= STUCK {
                return false;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How long after that moment rows said what was answered by then; none if they didn't.
    async fn views_caught_up(&self, since: u64) -> Option<u64> {
        let (begun, mut behind) = (Instant::now(), self.probes.versions());
        while begun.elapsed() < STUCK {
            let mut still = BTreeMap::new();
            for (shipment, version) in behind {
                // A database that is just coming up is asked again.
                let row = self.views.version(shipment).await.ok().flatten();
                if row.is_none_or(|row| row.get() < version) {
                    still.insert(shipment, version);
                }
            }
            if still.is_empty() {
                return Some(self.ledger.now() - since);
            }
            behind = still;
            tokio::time::sleep(LOOK).await;
        }
        None
    }

    async fn carry_out(&self, fault: &Fault) -> anyhow::Result<Course> {
        match fault {
            Fault::KillHandler { handler, away } => self.kill_handler(*handler, *away).await,
            Fault::KillAllHandlers { away } => self.kill_all_handlers(*away).await,
            Fault::LoseState { handler } => self.lose_state(*handler).await,
            Fault::FreezeHandler { handler, how_long } => {
                self.freeze_role(&format!("handler-{handler}"), *how_long).await
            }
            Fault::IsolateHandler { handler, how_long } => self.isolate(*handler, *how_long).await,
            Fault::KillProjector { projector, away } => {
                self.kill_role(&format!("projector-{projector}"), *away).await
            }
            Fault::FreezeProjector { projector, how_long } => {
                self.freeze_role(&format!("projector-{projector}"), *how_long).await
            }
            Fault::KillApi { api, away } => self.kill_role(api, *away).await,
            Fault::FreezeApi { api, how_long } => self.freeze_role(api, *how_long).await,
            Fault::KillBroker { broker, away } => self.kill_broker(*broker, *away).await,
            Fault::FreezeBroker { broker, how_long } => self.freeze_broker(*broker, *how_long).await,
            Fault::KillBrokerAndHandler { broker, handler } => {
                self.kill_broker_and_handler(*broker, *handler).await
            }
            Fault::KillDatabase { away } => self.kill_database(*away).await,
            Fault::FreezeDatabase { how_long } => self.freeze_database(*how_long).await,
            Fault::RegistryAway { handler, away } => self.registry_away(*handler, *away).await,
            Fault::ChangeConfig { wait_ms } => self.change_config(*wait_ms).await,
            Fault::RollingRestart => self.rolling_restart().await,
            Fault::Upgrade => self.upgrade().await,
            Fault::AddAndRemoveHandler { stays } => self.add_and_remove(*stays).await,
            Fault::Meddle { handler, api, action, times } => {
                self.meddle(*handler, *api, *action, *times).await
            }
            Fault::TornTransaction { handler } => self.torn_transaction(*handler).await,
            Fault::LateMarkers { late } => self.late_markers(*late).await,
            Fault::FullDisk { how_long } => self.full_disk(*how_long).await,
            Fault::ClockJump { hours } => self.clock_jump(*hours).await,
        }
    }
}
