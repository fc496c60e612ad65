//! Writers' schemas, learnt before they are needed: histories can then be read while the registry is away.

use std::time::Duration;

use schema_registry::Codecs;
use tokio_util::sync::CancellationToken;

/// The pause before the registry is asked again when it didn't answer.
const UNTIL_NEXT_TRY: Duration = Duration::from_secs(3);
/// The pause before it is asked for what was registered since. Whoever meets an unknown writer sooner asks at once.
const UNTIL_NEXT_LOOK: Duration = Duration::from_mins(1);

/// Learns every version of the contract, and what comes to it, until `stop`.
pub(crate) async fn keep_learning(codecs: Codecs, stop: CancellationToken) {
    let mut told = false;
    loop {
        let learnt = tokio::select! {
            learnt = codecs.preload() => learnt,
            () = stop.cancelled() => return,
        };
        let pause = match learnt {
            Ok(()) => {
                told = false;
                UNTIL_NEXT_LOOK
            }
            Err(error) => {
                if !std::mem::replace(&mut told, true) {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(
                        error,
                        "schemas can't be learnt: events of writers not met yet can't be read"
                    );
                }
                UNTIL_NEXT_TRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}
