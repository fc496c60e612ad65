//! Faults of brokers, each chosen by what it does at the moment.

use std::time::Duration;

use local_stack::{Coordinates, Name};

use super::inflict::{Course, From};
use super::{Broker, Tormentor};

impl Tormentor<'_> {
    /// Which broker that is just now.
    pub(super) async fn find(&self, broker: Broker) -> anyhow::Result<Name> {
        let stack = self.cluster.stack.lock().await;
        let group = self.cluster.handlers_group();
        let name = match broker {
            Broker::OfTheGroup => stack.coordinator(Coordinates::Group(&group)).await?,
            Broker::OfTransactions { handler, worker, slot } => {
                let id = format!("{group}.handler-{handler}.{worker}.{slot}");
                stack.coordinator(Coordinates::Transactions(&id)).await?
            }
            Broker::OfEvents { partition } => stack.leader(&self.cluster.topics().events, partition).await?,
        };
        self.ledger.note("broker", &name);
        Ok(name)
    }

    pub(super) async fn kill_broker(&self, broker: Broker, away: Duration) -> anyhow::Result<Course> {
        let name = self.find(broker).await?;
        self.cluster.stack.lock().await.kill_component(name).await?;
        tokio::time::sleep(away).await;
        self.cluster.stack.lock().await.start_component(name).await?;
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn freeze_broker(&self, broker: Broker, how_long: Duration) -> anyhow::Result<Course> {
        let name = self.find(broker).await?;
        self.cluster.stack.lock().await.pause(name)?;
        tokio::time::sleep(how_long).await;
        self.cluster.stack.lock().await.resume(name)?;
        Ok(Course::Done(From::Begin))
    }

    /// A handover while the broker that has to say what was committed is another than a moment ago.
    pub(super) async fn kill_broker_and_handler(
        &self,
        broker: Broker,
        handler: usize,
    ) -> anyhow::Result<Course> {
        let name = self.find(broker).await?;
        let role = self.cluster.role(&format!("handler-{handler}"));
        let mut stack = self.cluster.stack.lock().await;
        let (killed, ()) = tokio::join!(stack.kill_component(name), role.kill());
        killed?;
        role.start().await?;
        stack.start_component(name).await?;
        Ok(Course::Done(From::Begin))
    }
}
