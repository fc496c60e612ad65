//! Outcomes poured into the answer, as fast as the sender takes them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::outcome_line::OutcomeLine;
use crate::app::App;
use crate::metrics;

/// Outcomes that go out in one piece at most, when that many are known.
const TOGETHER: usize = 64;

/// Pieces that may lie ready for the sender. Beyond that nothing more is read of its commands.
const READY: usize = 2;

/// The side that pours.
pub(super) struct Pouring {
    pieces: mpsc::Sender<Bytes>,
    complete: Arc<AtomicBool>,
    idle: Duration,
    _open: Open,
}

/// The answer's body.
pub(super) struct Poured {
    pieces: mpsc::Receiver<Bytes>,
    complete: Arc<AtomicBool>,
    failed: bool,
}

/// A stream's slot, counted while it is open.
struct Open(#[expect(dead_code, reason = "given back when dropped")] OwnedSemaphorePermit);

pub(super) fn channel(app: &App, slot: OwnedSemaphorePermit) -> (Pouring, Poured) {
    let (sender, pieces) = mpsc::channel(READY);
    let complete = Arc::new(AtomicBool::new(false));
    let idle = app.streams.idle;
    let pouring = Pouring { pieces: sender, complete: Arc::clone(&complete), idle, _open: Open::new(slot) };
    (pouring, Poured { pieces, complete, failed: false })
}

impl Pouring {
    /// Pours until there are no more, or the sender is gone, or takes none for too long.
    pub(super) async fn run(self, outcomes: impl Stream<Item = OutcomeLine> + Send) {
        let mut together = std::pin::pin!(outcomes.ready_chunks(TOGETHER));
        loop {
            let outcomes = tokio::select! {
                outcomes = together.next() => outcomes,
                () = self.pieces.closed() => {
                    tracing::debug!("a stream's sender is gone");
                    return;
                }
            };
            let Some(outcomes) = outcomes else { break };
            let mut piece = Vec::with_capacity(outcomes.len() * 320);
            for outcome in outcomes {
                outcome.write(&mut piece);
            }
            match self.pieces.send_timeout(piece.into(), self.idle).await {
                Ok(()) => {}
                Err(mpsc::error::SendTimeoutError::Closed(_)) => return,
                Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                    tracing::warn!("a stream's outcomes aren't read by its sender; it is cut off");
                    return;
                }
            }
        }
        self.complete.store(true, Ordering::Release);
    }
}

impl Stream for Poured {
    type Item = io::Result<Bytes>;

    /// An end before its time is an error, so that nobody takes the outcomes for complete.
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match std::task::ready!(self.pieces.poll_recv(context)) {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None if self.failed || self.complete.load(Ordering::Acquire) => Poll::Ready(None),
            None => {
                self.failed = true;
                Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())))
            }
        }
    }
}

impl Open {
    fn new(slot: OwnedSemaphorePermit) -> Self {
        metrics::STREAMS_OPEN.inc();
        Self(slot)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::STREAMS_OPEN.dec();
    }
}
