//! Faults of single requests on their way, by the proxy.

use std::time::{Duration, Instant};

use local_stack::Name;

use super::inflict::{Course, From};
use super::{Broker, Tormentor};
use crate::cluster::{RoleKind, SPARE};
use crate::proxy::{Action, Api, Rule};

/// How long a request of the wanted kind is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many requests are held up before anybody dies: at least one of two brokers has several decided transactions to tell of.
const HELD: u32 = 3;
/// How long the group takes to give a new member what dead ones had: their session, and something for the rest.
const HANDOVER: Duration = Duration::from_secs(13);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// What the id of each of a handler's clients begins with.
fn client(handler: usize) -> String {
    format!("command-handler.handler-{handler}.")
}

/// A fault that met nothing is none, and isn't counted as one.
fn nothing_passed() -> Course {
    Course::Skipped("no such request passed while it was waited for".to_owned())
}

/// Until it is so, or nobody has the patience.
async fn wait_for(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() && begun.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
    }
}

impl Tormentor<'_> {
    pub(super) async fn meddle(
        &self,
        handler: usize,
        api: Api,
        action: Action,
        times: u32,
    ) -> anyhow::Result<Course> {
        self.cluster.rules.add(Rule { api, client: client(handler), broker: None, action, times });
        if api == Api::InitProducerId {
            // Sent by new producers only.
            self.cluster.rules.cut(&client(handler));
        }
        wait_for(|| match action {
            Action::Zombie => self.cluster.rules.released() >= times,
            _ => self.cluster.rules.hits() >= times,
        })
        .await;
        if let Action::Delay(how_long) = action {
            tokio::time::sleep(how_long).await;
        }
        self.ledger
            .note("requests meddled with", &(self.cluster.rules.hits(), self.cluster.rules.released()));
        if self.cluster.rules.hits() == 0 {
            return Ok(nothing_passed());
        }
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn isolate(&self, handler: usize, how_long: Duration) -> anyhow::Result<Course> {
        self.cluster.rules.stall(&client(handler), how_long);
        tokio::time::sleep(how_long).await;
        Ok(Course::Done(From::Begin))
    }

    /// Kafka as Jepsen found it: the late end of a transaction ends the next one of the same producer half-way. If the
    /// handler dies right then, the other half never comes; so the producer must have been replaced before.
    pub(super) async fn torn_transaction(&self, handler: usize) -> anyhow::Result<Course> {
        let (api, action) = (Api::EndTxn, Action::Zombie);
        let rule = Rule { api, client: client(handler), broker: None, action, times: 3 };
        self.cluster.rules.add(rule);
        wait_for(|| self.cluster.rules.released() > 0).await;
        self.ledger.note("zombies let go", &self.cluster.rules.released());
        if self.cluster.rules.released() == 0 {
            return Ok(nothing_passed());
        }
        // The late request is on its way by now, and the rest of the new transaction is held up.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let victim = self.cluster.role(&format!("handler-{handler}"));
        victim.kill().await;
        victim.start().await?;
        Ok(Course::Done(From::Begin))
    }

    /// Transactions are decided, and their records can't be seen yet on some brokers; then all who decided them die, and one who
    /// had no part in it takes over: it must wait for them. The group's offsets are on time, or it wouldn't get as far as that.
    pub(super) async fn late_markers(&self, late: Duration) -> anyhow::Result<Course> {
        let on_time = self.find(Broker::OfTheGroup).await?;
        for broker in (1..=3).filter(|id| Name::Kafka(*id) != on_time) {
            let (api, action) = (Api::WriteTxnMarkers, Action::Delay(late));
            let rule = Rule { api, client: String::new(), broker: Some(broker), action, times: u32::MAX };
            self.cluster.rules.add(rule);
        }
        wait_for(|| self.cluster.rules.hits() >= HELD).await;
        if self.cluster.rules.hits() == 0 {
            return Ok(nothing_passed());
        }
        let handlers = self.cluster.all(RoleKind::Handler);
        futures::future::join_all(handlers.iter().map(|role| role.kill())).await;
        let spare = self.cluster.role(SPARE);
        spare.start().await?;
        tokio::time::sleep(HANDOVER).await;
        self.ledger.note("markers that were late", &self.cluster.rules.hits());
        self.cluster.rules.clear();
        for role in handlers {
            role.start().await?;
        }
        spare.stop().await;
        Ok(Course::Done(From::End))
    }
}
