//! The database and the registry are away.

use std::time::Duration;

use local_stack::Name;

use super::Tormentor;
use super::inflict::{Course, From};

impl Tormentor<'_> {
    pub(super) async fn kill_database(&self, away: Duration) -> anyhow::Result<Course> {
        self.cluster.stack.lock().await.kill_component(Name::Cassandra).await?;
        tokio::time::sleep(away).await;
        self.cluster.stack.lock().await.start_component(Name::Cassandra).await?;
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn freeze_database(&self, how_long: Duration) -> anyhow::Result<Course> {
        self.cluster.stack.lock().await.pause(Name::Cassandra)?;
        tokio::time::sleep(how_long).await;
        self.cluster.stack.lock().await.resume(Name::Cassandra)?;
        Ok(Course::Done(From::Begin))
    }

    /// Who runs needs no registry, but for a writer that it has never met; who starts waits for it.
    pub(super) async fn registry_away(&self, handler: usize, away: Duration) -> anyhow::Result<Course> {
        let role = self.cluster.role(&format!("handler-{handler}"));
        self.cluster.stack.lock().await.kill_component(Name::Registry).await?;
        role.kill().await;
        role.start().await?;
        tokio::time::sleep(away).await;
        self.cluster.stack.lock().await.start_component(Name::Registry).await?;
        // The poison of an unknown schema makes a batch wait for the registry, as it must.
        Ok(Course::Done(From::End))
    }
}
