//! Commands under way: sent in order, answered in any, and never more of them at once than allowed.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use command_client::{CommandClient, Error, PendingReply};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use shipment_domain::ShipmentCommand;
use telemetry::TraceContext;
use tokio::time::{Instant, sleep};

use crate::tally::Fate;

/// How long to wait when the client has no room, before asking again.
const PAUSE: Duration = Duration::from_millis(5);

/// One command's end.
pub(crate) struct Answered<T> {
    /// What the sender attached to it.
    pub(crate) tag: T,
    /// What became of it.
    pub(crate) fate: Fate,
    /// When the answer came.
    pub(crate) at: Instant,
}

type Waiter<T> = Pin<Box<dyn Future<Output = Answered<T>> + Send>>;

/// Commands under way.
pub(crate) struct Posting<'a, T> {
    client: &'a CommandClient,
    under_way: FuturesUnordered<Waiter<T>>,
    max: usize,
    patience: Duration,
}

impl<'a, T: Send + 'static> Posting<'a, T> {
    pub(crate) fn new(client: &'a CommandClient, max: usize, patience: Duration) -> Self {
        Self { client, under_way: FuturesUnordered::new(), max: max.max(1), patience }
    }

    /// Whether there is room for another.
    pub(crate) fn has_room(&self) -> bool {
        self.under_way.len() < self.max
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// The next answer; `None` when nothing is under way.
    pub(crate) async fn next(&mut self) -> Option<Answered<T>> {
        self.under_way.next().await
    }

    /// Sends a command. While the client has no room (Kafka or the handler doesn't keep up) it waits, up to the patience.
    ///
    /// An error means that this command can't be sent at all, or that the client is closed.
    pub(crate) async fn send(
        &mut self,
        command: &ShipmentCommand,
        trace: &TraceContext,
        tag: T,
    ) -> Result<(), Error> {
        let deadline = Instant::now() + self.patience;
        let pending = loop {
            match self.client.send(command, trace) {
                Ok(pending) => break pending,
                Err(Error::Busy { .. }) if Instant::now() < deadline => sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
        };
        self.under_way.push(Box::pin(answer(pending, self.patience, tag)));
        Ok(())
    }
}

async fn answer<T>(mut pending: PendingReply, patience: Duration, tag: T) -> Answered<T> {
    let fate = match pending.reply(patience).await {
        Ok(reply) => Fate::of(reply),
        Err(error) => {
            tracing::debug!(command_id = %pending.command_id(), %error, "no answer to a command");
            Fate::Unanswered
        }
    };
    Answered { tag, fate, at: Instant::now() }
}
