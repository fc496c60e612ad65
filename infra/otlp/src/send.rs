//! From the queue to the receiver.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::trace::SpanExporter as _;
use telemetry::spans::{self, Span};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use crate::convert;

/// Spans sent at once.
const BATCH: usize = 512;
/// What comes within so long goes together.
const GATHER: Duration = Duration::from_millis(500);
/// The pause after a failure; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// A batch that fails so often may be what is wrong.
const TRIES: u32 = 3;
/// How long the last ones may take as the process ends.
const LAST: Duration = Duration::from_secs(2);

pub(crate) struct Sending {
    pub(crate) spans: Receiver<Arc<Span>>,
    pub(crate) exporter: opentelemetry_otlp::SpanExporter,
    pub(crate) url: String,
    /// What is being sent.
    pub(crate) batch: Vec<Arc<Span>>,
}

impl Sending {
    /// Sends until `stop`, then what is left.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let _ = stop.run_until_cancelled(self.send_on()).await;
        self.spans.close();
        if tokio::time::timeout(LAST, self.send_rest()).await.is_err() {
            tracing::debug!("the last spans were not sent");
        }
    }

    async fn send_rest(&mut self) {
        while !self.batch.is_empty() || self.spans.recv_many(&mut self.batch, BATCH).await > 0 {
            let (sent, all) = (self.send().await, self.batch.len());
            spans::sent(if sent { all } else { 0 }, if sent { 0 } else { all });
            self.batch.clear();
        }
    }

    async fn send_on(&mut self) {
        let (mut pause, mut tries) = (FIRST, 0);
        loop {
            if self.batch.is_empty() && self.spans.recv_many(&mut self.batch, BATCH).await == 0 {
                return;
            }
            if tries == 0 && self.batch.len() < BATCH {
                tokio::time::sleep(GATHER).await;
                while self.batch.len() < BATCH
                    && let Ok(span) = self.spans.try_recv()
                {
                    self.batch.push(span);
                }
            }
            if self.send().await {
                if pause > FIRST {
                    tracing::info!(url = self.url, "spans are sent again");
                }
                spans::sent(self.batch.len(), 0);
                self.batch.clear();
                (pause, tries) = (FIRST, 0);
                continue;
            }
            if pause == FIRST {
                tracing::warn!(url = self.url, "spans can't be sent; those that find no room are dropped");
            }
            tries += 1;
            if tries == TRIES {
                spans::sent(0, self.batch.len());
                self.batch.clear();
                tries = 0;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    async fn send(&self) -> bool {
        let spans = self.batch.iter().map(|span| convert::span(span)).collect();
        let sent = self.exporter.export(spans).await;
        if let Err(error) = &sent {
            tracing::debug!(%error, "spans were not sent");
        }
        sent.is_ok()
    }
}
