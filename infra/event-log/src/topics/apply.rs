//! Making the topics what they must be.

use std::time::{Duration, Instant};

use super::TopicSpec;
use super::verify::{Found, same};
use crate::{Admin, Error};

/// What [`Admin::apply`] did to a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The topic.
    pub topic: String,
    /// What was done.
    pub action: Action,
}

/// See [`Applied`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was missing.
    Created,
    /// It was there, and nothing was changed. Whether it is as it should be, [`Admin::verify`] tells.
    Kept,
    /// It was there, and these settings were changed: name, before, after.
    Repaired(Vec<(String, String, String)>),
}

impl Admin {
    /// Creates the topics that are missing, and waits until each of their partitions has a leader.
    ///
    /// With `repair`, also sets what deviates in the configuration of those that are there; whatever else was set on them
    /// stays. Partitions and replication are never changed. Can be run again at any time.
    pub async fn apply(&self, specs: &[TopicSpec], repair: bool) -> Result<Vec<Applied>, Error> {
        let missing = self.missing(specs).await?;
        self.create(&missing).await?;
        let mut done = Vec::with_capacity(specs.len());
        for spec in specs {
            let action = if missing.contains(spec) {
                Action::Created
            } else if repair {
                self.repair(spec).await?
            } else {
                Action::Kept
            };
            done.push(Applied { topic: spec.name.to_string(), action });
        }
        Ok(done)
    }

    async fn missing(&self, specs: &[TopicSpec]) -> Result<Vec<TopicSpec>, Error> {
        let mut missing = Vec::new();
        for spec in specs {
            if self.layout(&spec.name).await?.is_none() {
                missing.push(spec.clone());
            }
        }
        Ok(missing)
    }

    async fn repair(&self, spec: &TopicSpec) -> Result<Action, Error> {
        let found = Found::of(self.describe(&spec.name).await?);
        let changes: Vec<_> = spec
            .config
            .iter()
            .filter_map(|(name, expected)| {
                let before = found.effective(name);
                (!same(before, expected)).then(|| ((*name).to_owned(), before.to_owned(), expected.clone()))
            })
            .collect();
        if changes.is_empty() {
            return Ok(Action::Kept);
        }
        // This request of Kafka's replaces everything that is set on the topic, so what is set already goes along.
        let mut all = found.set_on_topic();
        for (name, _, after) in &changes {
            all.insert(name.clone(), after.clone());
        }
        self.alter(&spec.name, &all).await?;
        self.wait_until_set(spec).await?;
        Ok(Action::Repaired(changes))
    }

    /// The broker that is asked next may not have heard of the change yet.
    async fn wait_until_set(&self, spec: &TopicSpec) -> Result<(), Error> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let found = Found::of(self.describe(&spec.name).await?);
            if spec.config.iter().all(|(name, expected)| same(found.effective(name), expected)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let doing = format!("waiting for the new configuration of {}", spec.name);
                let bootstrap = self.bootstrap().to_owned();
                return Err(Error::Unreachable { bootstrap, doing, waited: self.timeout });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
