//! One command sent, and what became of it.

use std::time::Duration;

use command_client::PendingReply;
use http_api::{FieldError, Prefer};
use shipment_domain::{CommandBody, Rejection, ShipmentCommand};
use shipment_events::{CommandId, CommandReply, Outcome, ShipmentId};
use telemetry::TraceContext;
use tokio::time::Instant;

use crate::app::App;
use crate::failure::Failure;
use crate::metrics::{self, outcome};

/// A command on its way.
pub(crate) struct Sent {
    /// What it was, for the answer.
    pub(crate) what: What,
    pending: PendingReply,
    trace: TraceContext,
    counting: Counting,
}

/// Counts what became of a command that was sent. That of one whose sender hangs up isn't known, but how long they waited is.
struct Counting {
    type_name: &'static str,
    outcome: Option<&'static str>,
    began: Instant,
}

/// What must be known of a command to tell its outcome; its body isn't kept while it waits.
pub(crate) struct What {
    /// The command.
    pub(crate) command_id: CommandId,
    /// Its shipment.
    pub(crate) shipment_id: ShipmentId,
    /// Its type's name.
    pub(crate) type_name: &'static str,
    /// Whether it registers a shipment.
    pub(crate) is_registration: bool,
    /// Whether it reports a scan.
    pub(crate) is_scan: bool,
    /// The fields that will be refused, if it is for them, with what the refusal will say.
    pub(crate) faults: Option<Faults>,
}

/// The fields of a command that break their own rules.
pub(crate) struct Faults {
    /// The words in which the handler will say so.
    pub(crate) text: String,
    /// Each with its path.
    pub(crate) errors: Vec<FieldError>,
}

/// What became of a command.
pub(crate) enum Became {
    /// It was decided.
    Decided(CommandReply),
    /// Kafka has it, and it will be decided.
    Undecided,
}

impl What {
    fn of(command: &ShipmentCommand) -> Self {
        Self {
            command_id: command.command_id,
            shipment_id: command.shipment_id,
            type_name: command.body.type_name(),
            is_registration: matches!(command.body, CommandBody::RegisterShipment(_)),
            is_scan: matches!(command.body, CommandBody::RecordScan(_)),
            faults: Faults::of(command),
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        let is_late = self.began.elapsed() >= metrics::IN_TIME;
        let unknown = if is_late { outcome::UNDECIDED } else { outcome::NOT_AWAITED };
        metrics::POSTED.with_label_values(&[self.type_name, self.outcome.unwrap_or(unknown)]).inc();
    }
}

impl Faults {
    /// The reply has them in words only, so they are found here as the handler will find them.
    fn of(command: &ShipmentCommand) -> Option<Self> {
        let Err(rejection @ Rejection::Fields(_)) = shipment_domain::check(command) else { return None };
        let text = rejection.text();
        let Rejection::Fields(faults) = rejection else { return None };
        let error =
            |fault: shipment_domain::FieldFault| FieldError::at_pointer(fault.path, fault.why.to_string());
        Some(Self { text, errors: faults.into_iter().map(error).collect() })
    }
}

impl App {
    /// Sends a command at once, in the order of the calls. One that isn't sent is counted, too.
    pub(crate) fn send(&self, command: &ShipmentCommand, trace: &TraceContext) -> Result<Sent, Failure> {
        self.try_to_send(command, trace).inspect_err(|failure| failure.count(command))
    }

    /// The same for those who try again: they count how that ends.
    pub(crate) fn try_to_send(
        &self,
        command: &ShipmentCommand,
        trace: &TraceContext,
    ) -> Result<Sent, Failure> {
        let what = What::of(command);
        let client = self.link.client()?;
        let pending = client.send(command, trace).map_err(|error| Failure::of_client(&error))?;
        let counting = Counting { type_name: what.type_name, outcome: None, began: Instant::now() };
        Ok(Sent { what, pending, trace: *trace, counting })
    }
}

impl Sent {
    /// Waits for the outcome as long as the sender likes, and no longer than the deadline.
    pub(crate) async fn became(
        mut self,
        prefer: &Prefer,
        deadline: Duration,
    ) -> (What, Result<Became, Failure>) {
        let became = self.wait(prefer.patience(deadline), deadline).await;
        self.counting.outcome = match &became {
            Ok(Became::Decided(reply)) => {
                metrics::DECIDED_AFTER
                    .with_label_values(&[self.what.type_name])
                    .observe(self.counting.began.elapsed().as_secs_f64(), Some(&self.trace));
                Some(match &reply.outcome {
                    Outcome::Accepted(accepted) if accepted.events > 0 => outcome::ACCEPTED,
                    Outcome::Accepted(_) => outcome::REPEATED,
                    Outcome::Rejected(_) => outcome::REJECTED,
                })
            }
            Ok(Became::Undecided) => None,
            Err(failure) => Some(failure.outcome()),
        };
        (self.what, became)
    }

    async fn wait(&mut self, patience: Duration, deadline: Duration) -> Result<Became, Failure> {
        match self.pending.reply(patience).await {
            Ok(reply) => return Ok(Became::Decided(reply)),
            Err(command_client::Error::NoReply { .. }) => {}
            Err(error) => return Err(Failure::of_client(&error)),
        }
        // 202 promises that it will be decided, so Kafka must have it for certain.
        match tokio::time::timeout_at(self.counting.began + deadline, self.pending.written()).await {
            Ok(Ok(_)) => Ok(Became::Undecided),
            Ok(Err(error)) => Err(Failure::of_client(&error)),
            Err(_elapsed) => Err(Failure::Unconfirmed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_hangs_up_is_late_if_they_waited_for_longer_than_it_should_take() {
        let type_name = "HungUp";
        let ago = |waited: Duration| Counting { type_name, outcome: None, began: Instant::now() - waited };
        drop(ago(Duration::ZERO));
        drop(ago(metrics::IN_TIME));
        let mut decided = ago(metrics::IN_TIME);
        decided.outcome = Some(outcome::REJECTED);
        drop(decided);
        for outcome in [outcome::NOT_AWAITED, outcome::UNDECIDED, outcome::REJECTED] {
            assert_eq!(metrics::POSTED.with_label_values(&[type_name, outcome]).get(), 1, "{outcome}");
        }
    }
}
