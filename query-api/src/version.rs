//! Read-your-writes: waiting until a row has caught up with a version.

use std::time::Duration;

use auth::Principal;
use http_api::Problem;
use shipment_events::{Sequence, ShipmentId};
use tokio::time::Instant;

use crate::state::Api;
use crate::views::RETRY_AFTER;

/// The first pause between two looks; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(2);
/// The longest pause between two looks.
const LONGEST: Duration = Duration::from_millis(100);

impl Api {
    /// Waits until the shipment's row has at least this version; past the deadline a 503 that names both.
    pub(crate) async fn wait_for_version(
        &self,
        principal: &Principal,
        id: ShipmentId,
        least: Sequence,
    ) -> Result<(), Problem> {
        let deadline = Instant::now() + Duration::from_millis(self.min_version_wait_ms.now());
        let mut pause = FIRST;
        loop {
            let version = self.seen_version(principal, id).await?.unwrap_or(Sequence::NONE);
            if version >= least {
                return Ok(());
            }
            if Instant::now() + pause > deadline {
                let detail = format!("the view has version {version} of this shipment, not yet {least}");
                return Err(Problem::unavailable(detail, RETRY_AFTER)
                    .member("version", version.get())
                    .member("min_version", least.get()));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}
