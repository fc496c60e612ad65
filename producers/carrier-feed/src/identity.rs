//! Names that come out the same at every run, so that feeding a file again doubles nothing.

use shipment_domain::natural_id;
use shipment_events::{CommandId, Scan, ShipmentId};
use uuid::Uuid;

/// The namespace of what `feed` names: UUIDv5 of the DNS name `carrier-feed.parceltrack.org`.
fn namespace() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"carrier-feed.parceltrack.org")
}

/// The shipment of a carrier's tracking number: UUIDv5 of `carrier|number`, the carrier in lower case.
pub fn shipment_id(carrier: &str, tracking_number: &str) -> ShipmentId {
    let name = format!("{}|{tracking_number}", carrier.to_lowercase());
    ShipmentId::new(Uuid::new_v5(&namespace(), name.as_bytes()))
}

/// The command that registers it.
pub fn registration_id(shipment: ShipmentId) -> CommandId {
    CommandId::new(Uuid::new_v5(&shipment.as_uuid(), b"register"))
}

/// The command that reports a scan: of the shipment and all that the scan says.
///
/// The status is part of it, so that a better mapping makes another command and no conflict with the one before. The
/// domain still knows the scan again, by its natural id, and keeps the one it has.
pub fn scan_id(shipment: ShipmentId, scan: &Scan) -> CommandId {
    let said = [
        natural_id(shipment, scan).to_string(),
        scan.status.as_str().to_owned(),
        scan.time.offset_seconds.map_or_else(String::new, |s| s.to_string()),
        scan.raw_text.clone().unwrap_or_default(),
    ];
    // No text can hold the separator in a way that makes two scans one: all fields before the last are of fixed form.
    CommandId::new(Uuid::new_v5(&shipment.as_uuid(), said.join("|").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_for_ever() {
        // Written down once: another value here means that feeding again would double every shipment.
        let shipment = shipment_id("UPS", "1Z12345E6205277936");
        assert_eq!(shipment, shipment_id("ups", "1Z12345E6205277936"));
        assert_eq!(shipment.to_string(), "5be752e2-7216-5d08-8cc3-3593e7bde5a8");
        assert_ne!(shipment, shipment_id("dhl", "1Z12345E6205277936"));
        assert_eq!(registration_id(shipment).to_string(), "d2af29a7-a08d-560a-9761-c46e9e4934e8");
    }
}
