//! Which broker does what just now: for whoever wants to disturb the very one.

use std::time::{Duration, Instant};

use super::Stack;
use crate::component::Name;
use crate::{Error, kafka_wire};

/// How long a cluster that is electing somebody is asked again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a broker can be the coordinator of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coordinates<'a> {
    /// A consumer group.
    Group(&'a str),
    /// A transactional id.
    Transactions(&'a str),
}

impl Stack {
    /// The broker that coordinates a group or a transactional id.
    ///
    /// # Errors
    /// No broker says so within ten seconds.
    pub async fn coordinator(&self, of: Coordinates<'_>) -> Result<Name, Error> {
        let (kind, key, what) = match of {
            Coordinates::Group(group) => (0, group, "group"),
            Coordinates::Transactions(id) => (1, id, "transactional id"),
        };
        let asked = async |address: String| kafka_wire::coordinator(&address, kind, key).await;
        self.ask_any(asked, || format!("coordinates the {what} {key}")).await
    }

    /// The broker that leads a partition.
    ///
    /// # Errors
    /// No broker says so within ten seconds.
    pub async fn leader(&self, topic: &str, partition: i32) -> Result<Name, Error> {
        let asked = async |address: String| kafka_wire::leader(&address, topic, partition).await;
        self.ask_any(asked, || format!("leads {topic}[{partition}]")).await
    }

    async fn ask_any(
        &self,
        ask: impl AsyncFn(String) -> std::io::Result<Option<i32>>,
        question: impl Fn() -> String,
    ) -> Result<Name, Error> {
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            for broker in &self.components {
                if matches!(broker.name, Name::Kafka(_))
                    && let Ok(Some(id)) = ask(format!("127.0.0.1:{}", broker.port)).await
                    && let Ok(id) = u8::try_from(id)
                {
                    return Ok(Name::Kafka(id));
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(Error::Unknown { question: question() })
    }
}
