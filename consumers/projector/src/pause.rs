//! Waiting for what is away.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Error;

const FIRST: Duration = Duration::from_millis(50);

/// Pauses that double, up to a longest.
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    pub(crate) fn up_to(longest: Duration) -> Self {
        Self { next: FIRST.min(longest), longest }
    }

    /// Waits; [`Error::Cancelled`] ends it.
    pub(crate) async fn wait(&mut self, cancel: &CancellationToken) -> Result<(), Error> {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        tokio::select! {
            () = cancel.cancelled() => Err(Error::Cancelled),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }
}
