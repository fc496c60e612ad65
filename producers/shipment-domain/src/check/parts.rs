//! The fields of each command, one by one.

use shipment_events::{Address, Date, Location, Party, Place, Scan, Timestamp};

use super::fields::Fields;
use super::text;
use crate::{AmendShipment, CommandBody, RegisterShipment, ShipmentCommand, Why, limits};

pub(super) fn registration(fields: &mut Fields, body: &RegisterShipment) {
    fields.check("customer_id", text::line(&body.customer_id, limits::CUSTOMER_ID));
    fields.within("sender", |f| party(f, &body.sender));
    fields.within("recipient", |f| party(f, &body.recipient));
    if let Some(origin) = &body.origin {
        fields.within("origin", |f| location(f, origin));
    }
    fields.within("destination", |f| location(f, &body.destination));
    weight(fields, body.weight_grams);
    promised_delivery(fields, body.promised_delivery);
    labels(
        fields,
        body.customer_reference.as_deref(),
        body.carrier.as_deref(),
        body.tracking_number.as_deref(),
    );
}

pub(super) fn amendment(fields: &mut Fields, body: &AmendShipment) {
    for (name, changed) in [("sender", &body.sender), ("recipient", &body.recipient)] {
        if let Some(changed) = changed {
            fields.within(name, |f| party(f, changed));
        }
    }
    for (name, changed) in [("origin", &body.origin), ("destination", &body.destination)] {
        if let Some(changed) = changed {
            fields.within(name, |f| location(f, changed));
        }
    }
    if let Some(grams) = body.weight_grams {
        weight(fields, grams);
    }
    promised_delivery(fields, body.promised_delivery);
    labels(
        fields,
        body.customer_reference.as_deref(),
        body.carrier.as_deref(),
        body.tracking_number.as_deref(),
    );
}

/// A scan is a fact: what it says is kept as it came, and only its structure is checked.
pub(super) fn scan(fields: &mut Fields, scan: &Scan) {
    fields.check("time", text::moment(scan.time.at.as_millis()));
    if scan.time.offset_seconds.is_some_and(|s| s.unsigned_abs() > limits::OFFSET_SECONDS.unsigned_abs()) {
        fields.fault("time", Why::OutOfRange("at most 18 hours from UTC"));
    }
    if !scan.status.can_be_scanned() {
        fields.fault("status", Why::NotScannable);
    }
    if let Some(scanned_at) = &scan.place {
        fields.within("place", |f| place(f, scanned_at));
    }
    fields.check("carrier", text::line(&scan.carrier, limits::CARRIER));
    let raw: [(&str, Option<&String>, usize); 5] = [
        ("tracking_number", scan.tracking_number.as_ref(), limits::TRACKING_NUMBER),
        ("raw_code", scan.raw_code.as_ref(), limits::RAW_CODE),
        ("raw_text", scan.raw_text.as_ref(), limits::RAW_TEXT),
        ("carrier_scan_id", scan.carrier_scan_id.as_ref(), limits::CARRIER_SCAN_ID),
        ("signed_by", scan.signed_by.as_ref(), limits::SIGNED_BY),
    ];
    optional(fields, &raw, text::raw);
}

pub(super) fn reason(fields: &mut Fields, reason: Option<&str>) {
    if let Some(reason) = reason {
        fields.check("reason", text::lines(reason, limits::REASON));
    }
}

pub(super) fn envelope(fields: &mut Fields, command: &ShipmentCommand) {
    // A request happened when it was issued; a scan has a time of its own, and nothing is made of this one.
    if !matches!(command.body, CommandBody::RecordScan(_)) {
        fields.check("issued_at", text::moment(command.issued_at.as_millis()));
    }
    if let Some(actor) = &command.actor {
        fields.check("actor", text::line(actor, limits::ACTOR));
    }
}

fn party(fields: &mut Fields, party: &Party) {
    fields.check("name", text::line(&party.name, limits::NAME));
    if let Some(phone) = &party.phone {
        fields.check("phone", text::phone(phone.as_str()));
    }
    if let Some(home) = &party.address {
        fields.within("address", |f| address(f, home));
    }
}

fn address(fields: &mut Fields, address: &Address) {
    fields.check("street", text::lines(&address.street, limits::STREET));
    fields.check("city", text::line(&address.city, limits::CITY));
    let rest = [
        ("region", address.region.as_ref(), limits::REGION),
        ("postal_code", address.postal_code.as_ref(), limits::POSTAL_CODE),
    ];
    optional(fields, &rest, text::line);
    fields.check("country", text::country(&address.country));
}

fn location(fields: &mut Fields, location: &Location) {
    let parts = [
        ("city", location.city.as_ref(), limits::CITY),
        ("region", location.region.as_ref(), limits::REGION),
        ("postal_code", location.postal_code.as_ref(), limits::POSTAL_CODE),
    ];
    optional(fields, &parts, text::line);
    fields.check("country", text::country(&location.country));
}

fn place(fields: &mut Fields, place: &Place) {
    let parts = [
        ("facility", place.facility.as_ref(), limits::FACILITY),
        ("city", place.city.as_ref(), limits::CITY),
        ("region", place.region.as_ref(), limits::REGION),
        ("postal_code", place.postal_code.as_ref(), limits::POSTAL_CODE),
        ("country", place.country.as_ref(), limits::SCAN_COUNTRY),
    ];
    optional(fields, &parts, text::raw);
    if let Some(latitude) = place.latitude {
        fields.check("latitude", text::degrees(latitude, 90.0, "from -90 to 90"));
    }
    if let Some(longitude) = place.longitude {
        fields.check("longitude", text::degrees(longitude, 180.0, "from -180 to 180"));
    }
}

fn weight(fields: &mut Fields, grams: i64) {
    if grams <= 0 {
        fields.fault("weight_grams", Why::NotPositive);
    } else if grams > limits::WEIGHT_GRAMS {
        fields.fault("weight_grams", Why::OutOfRange("at most 30,000,000 (30 t)"));
    }
}

fn promised_delivery(fields: &mut Fields, day: Option<Date>) {
    const EARLIEST: Date = Timestamp::from_millis(limits::EARLIEST_MS).date();
    const LATEST: Date = Timestamp::from_millis(limits::LATEST_MS).date();
    if day.is_some_and(|day| !(EARLIEST..LATEST).contains(&day)) {
        fields.fault("promised_delivery", Why::OutOfRange("from 1990 to 2099"));
    }
}

fn labels(fields: &mut Fields, reference: Option<&str>, carrier: Option<&str>, number: Option<&str>) {
    if let Some(reference) = reference {
        fields.check("customer_reference", text::line(reference, limits::CUSTOMER_REFERENCE));
    }
    if let Some(carrier) = carrier {
        fields.check("carrier", text::line(carrier, limits::CARRIER));
    }
    if let Some(number) = number {
        fields.check("tracking_number", text::tracking_number(number));
    }
}

fn optional(
    fields: &mut Fields,
    texts: &[(&str, Option<&String>, usize)],
    check: fn(&str, usize) -> Result<(), Why>,
) {
    for (name, text, limit) in texts {
        if let Some(text) = text {
            fields.check(name, check(text, *limit));
        }
    }
}
