//! What is wrong with a command whatever the shipment is like.

mod fields;
mod parts;
mod text;

use fields::Fields;

use crate::{CommandBody, Rejection, ShipmentCommand};

/// Checks the command by itself: every field against its rule. It needs no state, so that a sender can be told of all
/// wrong fields at once, before the command is posted; [`crate::decide()`] does the same again.
pub fn check(command: &ShipmentCommand) -> Result<(), Rejection> {
    let mut fields = Fields::default();
    match &command.body {
        CommandBody::RegisterShipment(body) => parts::registration(&mut fields, body),
        CommandBody::AmendShipment(body) => {
            if *body == crate::AmendShipment::default() {
                return Err(Rejection::NothingToAmend);
            }
            parts::amendment(&mut fields, body);
        }
        CommandBody::RecordScan(body) => parts::scan(&mut fields, &body.scan),
        CommandBody::RetractScan(body) => parts::reason(&mut fields, body.reason.as_deref()),
        CommandBody::CancelShipment(body) => parts::reason(&mut fields, body.reason.as_deref()),
        CommandBody::ArchiveShipment(body) => parts::reason(&mut fields, body.reason.as_deref()),
    }
    parts::envelope(&mut fields, command);
    fields.into_result()
}
