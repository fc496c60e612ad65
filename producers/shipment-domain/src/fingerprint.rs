//! A command's payload as one number, to tell a repeat from another command under the same id.

use sha2::{Digest, Sha256};
use shipment_events::{Address, Date, Location, Party, Place, Scan, Sequence};

use crate::canonical::Canonical;
use crate::{AmendShipment, CommandBody, RegisterShipment, ShipmentCommand};

/// The first eight bytes of SHA-256 over what the command wants: shipment, expected version and body.
///
/// `issued_at` and `actor` are left out: a client that tries again stamps the time anew, and may meanwhile sign in as
/// another user of the same shop. The number is kept in snapshots, so its encoding never changes; a field added to a
/// command later takes a new tag and, when absent, leaves the number as it is.
pub fn fingerprint(command: &ShipmentCommand) -> i64 {
    let mut payload = Canonical::default();
    payload.field(1, command.shipment_id.as_bytes());
    payload.some_number(2, command.expected_version.map(Sequence::get));
    match &command.body {
        CommandBody::RegisterShipment(body) => payload.record(10, |c| registration(c, body)),
        CommandBody::AmendShipment(body) => payload.record(11, |c| amendment(c, body)),
        CommandBody::RecordScan(body) => payload.record(12, |c| scan(c, &body.scan)),
        CommandBody::RetractScan(body) => payload.record(13, |c| {
            c.field(1, body.scan_event_id.as_bytes());
            c.some_text(2, body.reason.as_ref());
        }),
        CommandBody::CancelShipment(body) => payload.record(14, |c| c.some_text(1, body.reason.as_ref())),
        CommandBody::ArchiveShipment(body) => payload.record(15, |c| c.some_text(1, body.reason.as_ref())),
    }
    let hash = Sha256::digest(payload.bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}

fn registration(c: &mut Canonical, body: &RegisterShipment) {
    c.text(1, &body.customer_id);
    c.record(2, |c| party(c, &body.sender));
    c.record(3, |c| party(c, &body.recipient));
    some_location(c, 4, body.origin.as_ref());
    some_location(c, 5, Some(&body.destination));
    c.number(6, body.weight_grams);
    c.some_number(7, body.promised_delivery.map(Date::as_days));
    c.some_text(8, body.customer_reference.as_ref());
    c.some_text(9, body.carrier.as_ref());
    c.some_text(10, body.tracking_number.as_ref());
}

fn amendment(c: &mut Canonical, body: &AmendShipment) {
    for (tag, changed) in [(2, &body.sender), (3, &body.recipient)] {
        if let Some(changed) = changed {
            c.record(tag, |c| party(c, changed));
        }
    }
    some_location(c, 4, body.origin.as_ref());
    some_location(c, 5, body.destination.as_ref());
    c.some_number(6, body.weight_grams);
    c.some_number(7, body.promised_delivery.map(Date::as_days));
    c.some_text(8, body.customer_reference.as_ref());
    c.some_text(9, body.carrier.as_ref());
    c.some_text(10, body.tracking_number.as_ref());
}

fn scan(c: &mut Canonical, scan: &Scan) {
    c.number(1, scan.time.at.as_millis());
    c.some_number(2, scan.time.offset_seconds);
    c.text(3, scan.status.as_str());
    if let Some(scanned_at) = &scan.place {
        c.record(4, |c| place(c, scanned_at));
    }
    c.text(5, &scan.carrier);
    c.some_text(6, scan.tracking_number.as_ref());
    c.some_text(7, scan.raw_code.as_ref());
    c.some_text(8, scan.raw_text.as_ref());
    c.some_text(9, scan.carrier_scan_id.as_ref());
    c.some_text(10, scan.signed_by.as_ref());
}

fn party(c: &mut Canonical, party: &Party) {
    c.text(1, &party.name);
    if let Some(phone) = &party.phone {
        c.text(2, phone.as_str());
    }
    if let Some(home) = &party.address {
        c.record(3, |c| address(c, home));
    }
}

fn address(c: &mut Canonical, address: &Address) {
    c.text(1, &address.street);
    c.text(2, &address.city);
    c.some_text(3, address.region.as_ref());
    c.some_text(4, address.postal_code.as_ref());
    c.text(5, &address.country);
}

fn some_location(c: &mut Canonical, tag: u8, location: Option<&Location>) {
    if let Some(location) = location {
        c.record(tag, |c| {
            c.some_text(1, location.city.as_ref());
            c.some_text(2, location.region.as_ref());
            c.some_text(3, location.postal_code.as_ref());
            c.text(4, &location.country);
        });
    }
}

fn place(c: &mut Canonical, place: &Place) {
    c.some_text(1, place.facility.as_ref());
    c.some_text(2, place.city.as_ref());
    c.some_text(3, place.region.as_ref());
    c.some_text(4, place.postal_code.as_ref());
    c.some_text(5, place.country.as_ref());
    c.some_degrees(6, place.latitude);
    c.some_degrees(7, place.longitude);
}
