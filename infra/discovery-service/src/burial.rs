//! Keeps the topic small: a killed instance leaves its lease there, and compaction never removes the last word of a key.

use std::time::Duration;

use service_registry::{Directory, Writer};
use tokio::time::sleep;

use crate::metrics;

/// The pause between two looks. What is buried has been over for an hour, so there is no hurry.
const PAUSE: Duration = Duration::from_secs(60);

/// Writes tombstones for what is long over. Several services may do so at once: a tombstone too many does no harm.
pub(crate) async fn keep_burying(directory: Directory, writer: Writer) {
    loop {
        sleep(PAUSE).await;
        for record in directory.remains() {
            // It may have come back while the others were buried.
            if !directory.remains().contains(&record) {
                continue;
            }
            if let Err(error) = writer.write(&record).await {
                tracing::debug!(%error, "what is long over can't be removed just now");
                break;
            }
            metrics::BURIED.inc();
        }
    }
}
