//! Which generation is live, and the consumer group that belongs to it.

use std::time::Duration;

use settings::Settings;
use telemetry::chain;
use tokio_util::sync::CancellationToken;
use view_store::{CqlOptions, Generations, ViewStore};

use crate::pause::Pauses;
use crate::{Error, Projector};

/// How soon a flip is followed.
const LOOK: Duration = Duration::from_millis(500);
/// The longest pause while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The consumer group of a generation. A generation's rows and its group's offsets belong together: where the group
/// stands, the rows are at least. So going back to an older generation goes on exactly where that one was left.
pub fn group_of(base: &str, generation: u32) -> String {
    format!("{base}.g{generation}")
}

/// The consumer group of the generation that is live now.
pub async fn live_group(settings: &Settings) -> Result<String, Error> {
    let store = ViewStore::connect(&CqlOptions::of_settings(&settings.cql)).await?;
    Ok(group_of(&settings.projector_group(), store.generations().await?.live))
}

impl Projector {
    /// Which generations there are, as soon as the database and the tables are there.
    pub(crate) async fn generations_patiently(
        &self,
        cancel: &CancellationToken,
        mut waiting: impl FnMut(String),
    ) -> Result<Generations, Error> {
        let mut pauses = Pauses::up_to(LONGEST_PAUSE);
        loop {
            match self.store.generations().await {
                Ok(generations) => return Ok(generations),
                Err(error) => {
                    let may_come = matches!(error, view_store::Error::NoTables { .. })
                        || error.fault() == view_store::Fault::Retry;
                    if !may_come {
                        return Err(error.into());
                    }
                    waiting(chain(&error));
                }
            }
            pauses.wait(cancel).await?;
        }
    }

    /// Returns once another generation than this one is live.
    pub(crate) async fn other_than(&self, generation: u32) -> u32 {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.store.generations().await {
                Ok(generations) if generations.live != generation => return generations.live,
                Ok(_) => {}
                // A database that is away is noticed by those who write.
                Err(error) => tracing::debug!(%error, "can't look which generation is live"),
            }
        }
    }
}
