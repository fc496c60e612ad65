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

    fn count(&self, outcome: &str) {
        metrics::POSTED.with_label_values(&[self.type_name, outcome]).inc();
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
    /// Sends a command at once, in the order of the calls.
    pub(crate) fn send(&self, command: &ShipmentCommand, trace: &TraceContext) -> Result<Sent, Failure> {
        let what = What::of(command);
        let sent = self
            .link
            .client()
            .and_then(|client| client.send(command, trace).map_err(|error| Failure::of_client(&error)));
        match sent {
            Ok(pending) => Ok(Sent { what, pending, trace: *trace, began: Instant::now() }),
            Err(failure) => {
                if !failure.may_pass() {
                    what.count(outcome::FAILED);
                }
                Err(failure)
            }
        }
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
        self.what.count(match &became {
            Ok(Became::Decided(reply)) => {
                metrics::DECIDED_AFTER
                    .with_label_values(&[self.what.type_name])
                    .observe(self.began.elapsed().as_secs_f64(), Some(&self.trace));
                match &reply.outcome {
                    Outcome::Accepted(accepted) if accepted.events > 0 => outcome::ACCEPTED,
                    Outcome::Accepted(_) => outcome::REPEATED,
                    Outcome::Rejected(_) => outcome::REJECTED,
                }
            }
            Ok(Became::Undecided) => outcome::UNDECIDED,
            Err(_) => outcome::FAILED,
        });
        (self.what, became)
    }

    async fn wait(&mut self, patience: Duration, deadline: Duration) -> Result<Became, Failure> {
        match self.pending.reply(patience).await {
            Ok(reply) => return Ok(Became::Decided(reply)),
            Err(command_client::Error::NoReply { .. }) => {}
            Err(error) => return Err(Failure::of_client(&error)),
        }
        // 202 promises that it will be decided, so Kafka must have it for certain.
        match tokio::time::timeout_at(self.began + deadline, self.pending.written()).await {
            Ok(Ok(_)) => Ok(Became::Undecided),
            Ok(Err(error)) => Err(Failure::of_client(&error)),
            Err(_elapsed) => Err(Failure::Unconfirmed),
        }
    }
}
