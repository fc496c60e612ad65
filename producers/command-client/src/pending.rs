//! A command that was sent, and the reply to come.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use event_log::Position;
use futures::future::BoxFuture;
use shipment_events::{CommandId, CommandReply};
use telemetry::spans::Span;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::Error;
use crate::waiting::Waiting;

pub(crate) type Delivery = BoxFuture<'static, Result<Position, event_log::Error>>;

/// The reply to a command that was sent. Dropped, it gives its place free; the command is decided all the same.
pub struct PendingReply {
    pub(crate) command_id: CommandId,
    pub(crate) number: u64,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) reply: oneshot::Receiver<CommandReply>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) written: Option<Position>,
    /// Where its trace is sampled: begun as it was sent.
    pub(crate) span: Option<Box<Span>>,
}

impl PendingReply {
    /// The command it is about.
    pub fn command_id(&self) -> CommandId {
        self.command_id
    }

    /// Waits until Kafka has the command for certain, and tells where.
    ///
    /// # Errors
    /// [`Error::NotAcknowledged`] when it may not have it.
    pub async fn written(&mut self) -> Result<Position, Error> {
        if let Some(position) = self.written {
            return Ok(position);
        }
        // Taken out only once it is done, so that a caller who stops waiting can come back.
        let outcome = match self.delivery.as_mut() {
            Some(delivery) => delivery.await,
            None => return Err(Error::Closed),
        };
        self.delivery = None;
        self.settled(outcome.as_ref().ok());
        match outcome {
            Ok(position) => Ok(position),
            Err(source) => Err(Error::NotAcknowledged { command_id: self.command_id, source }),
        }
    }

    /// Waits for the reply, up to this long from now.
    ///
    /// # Errors
    /// [`Error::NotAcknowledged`] as soon as Kafka refuses the command, [`Error::NoReply`] when the time is up. May be
    /// called again after [`Error::NoReply`].
    pub async fn reply(&mut self, patience: Duration) -> Result<CommandReply, Error> {
        let started = Instant::now();
        let deadline = started + patience;
        let no_reply = |command_id| Error::NoReply { command_id, waited: patience };
        if self.written.is_none() {
            tokio::select! {
                // The reply may be read before the acknowledgement is.
                biased;
                reply = &mut self.reply => return reply.map_err(|_| Error::Closed),
                written = tokio::time::timeout_at(deadline, Self::delivered(&mut self.delivery)) => {
                    match written {
                        Ok(Some(Ok(position))) => self.settled(Some(&position)),
                        Ok(Some(Err(source))) => {
                            self.settled(None);
                            return Err(Error::NotAcknowledged { command_id: self.command_id, source });
                        }
                        Ok(None) => return Err(Error::Closed),
                        Err(_elapsed) => return Err(no_reply(self.command_id)),
                    }
                }
            }
        }
        match tokio::time::timeout_at(deadline, &mut self.reply).await {
            Ok(reply) => reply.map_err(|_| Error::Closed),
            Err(_elapsed) => Err(no_reply(self.command_id)),
        }
    }

    /// Kafka has it at this position, or may not have it.
    fn settled(&mut self, position: Option<&Position>) {
        self.written = position.copied();
        if let Some(span) = self.span.take() {
            match position {
                Some(Position { partition, offset }) => span.at(*partition, *offset).end(),
                None => span.failed(true).end(),
            }
        }
    }

    async fn delivered(delivery: &mut Option<Delivery>) -> Option<Result<Position, event_log::Error>> {
        let outcome = delivery.as_mut()?.await;
        *delivery = None;
        Some(outcome)
    }
}

impl Drop for PendingReply {
    fn drop(&mut self) {
        self.waiting.leave(self.number);
        // The reply may have come before the acknowledgement was looked at.
        if let Some(span) = self.span.take() {
            span.end();
        }
    }
}

impl fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingReply").field("command_id", &self.command_id).finish_non_exhaustive()
    }
}
