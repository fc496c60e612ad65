use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::Rng;
use tokio_util::sync::CancellationToken;

use crate::metrics::{Operation, failed};
use crate::{Error, Fault};

/// The first pause.
const FIRST: Duration = Duration::from_millis(50);
/// The longest one: a database that came back is noticed within this.
const LONGEST: Duration = Duration::from_secs(5);

/// Tries until it succeeds, fails for good, or the caller cancels. Nothing is skipped, however long it takes.
pub(crate) async fn persist<T, F, A>(
    operation: Operation,
    cancel: &CancellationToken,
    retries: &AtomicU64,
    mut attempt: F,
) -> Result<T, Error>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Error>>,
{
    let mut tried = 0;
    loop {
        let error = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Error::Cancelled),
            result = attempt() => match result.inspect_err(|error| failed(operation, error)) {
                Err(error) if error.fault() == Fault::Retry => error,
                result => return result,
            },
        };
        // Hundreds of requests may wait for the same node: one line a round, from whoever counts it up, would still be
        // hundreds, so only powers of two are told.
        let before = retries.fetch_add(1, Ordering::Relaxed);
        if (before + 1).is_power_of_two() {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(%error, cause, retries = before + 1, "database away or busy, trying again");
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(Error::Cancelled),
            () = tokio::time::sleep(pause(tried)) => tried += 1,
        }
    }
}

/// Tries until it succeeds, fails for good, or has failed for as long as the caller's patience lasts.
pub(crate) async fn insist<T, F, A>(patience: Duration, mut attempt: F) -> Result<T, Error>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Error>>,
{
    let begun = Instant::now();
    let mut tried = 0;
    loop {
        match attempt().await {
            Err(error) if error.fault() == Fault::Retry && begun.elapsed() < patience => {
                tracing::debug!(%error, "database away or busy, trying again");
            }
            result => return result,
        }
        tokio::time::sleep(pause(tried)).await;
        tried += 1;
    }
}

/// Doubles from [`FIRST`] to [`LONGEST`]; half of it is chance, so that those who failed together don't return together.
fn pause(tried: u32) -> Duration {
    let full = LONGEST.min(FIRST.saturating_mul(1_u32 << tried.min(10)));
    full / 2 + full.mul_f64(rand::rng().random_range(0.0..0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_growing() {
        for tried in 0..40 {
            let pause = pause(tried);
            assert!(pause >= FIRST / 2 && pause <= LONGEST, "{tried}: {pause:?}");
        }
        assert!(pause(20) >= LONGEST / 2);
    }
}
