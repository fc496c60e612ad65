//! A history as commands.

use shipment_domain::{CommandBody, RecordScan, ShipmentCommand};
use shipment_events::{Scan, ShipmentId, Timestamp};

use crate::identity;
use crate::registration::ACTOR;

/// The command that reports a scan.
pub(crate) fn record_scan(shipment_id: ShipmentId, scan: Scan, issued_at: Timestamp) -> ShipmentCommand {
    ShipmentCommand {
        command_id: identity::scan_id(shipment_id, &scan),
        shipment_id,
        expected_version: None,
        issued_at,
        actor: Some(ACTOR.to_owned()),
        customers: None,
        body: CommandBody::RecordScan(RecordScan { scan }),
    }
}
