//! What makes a scan this scan and no other.

use shipment_events::{Place, Scan, ShipmentId};
use uuid::Uuid;

use crate::canonical::Canonical;

/// The scan's natural id: the same scan, reported again by whatever command, has the same.
///
/// Where the carrier gives its scans ids, it is the carrier and that id. Else it is carrier, tracking number, time,
/// place, and what was seen: the raw code; without one the raw text; without both the status. The status is left out
/// where there is something rawer, so that a better table of codes doesn't make old scans new. Blank is absent.
pub fn natural_id(shipment: ShipmentId, scan: &Scan) -> Uuid {
    let mut id = Canonical::default();
    id.text(1, &scan.carrier);
    if let Some(own) = said(scan.carrier_scan_id.as_ref()) {
        id.text(2, own);
    } else {
        id.some_text(3, said(scan.tracking_number.as_ref()));
        id.number(4, scan.time.at.as_millis());
        if let Some(code) = said(scan.raw_code.as_ref()) {
            id.text(5, code);
        } else if let Some(text) = said(scan.raw_text.as_ref()) {
            id.text(6, text);
        } else {
            id.text(7, scan.status.as_str());
        }
        if let Some(place) = &scan.place {
            write_place(&mut id, place);
        }
    }
    Uuid::new_v5(&shipment.as_uuid(), id.bytes())
}

fn write_place(id: &mut Canonical, place: &Place) {
    id.some_text(8, said(place.facility.as_ref()));
    id.some_text(9, said(place.city.as_ref()));
    id.some_text(10, said(place.region.as_ref()));
    id.some_text(11, said(place.postal_code.as_ref()));
    id.some_text(12, said(place.country.as_ref()));
    id.some_degrees(13, place.latitude);
    id.some_degrees(14, place.longitude);
}

fn said(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.trim().is_empty())
}
