//! Bodies and answers. Their numbers are the domain's.

use serde_json::{Map, Value, json};
use shipment_domain::limits;
use shipment_events::Status;

/// Every schema.
pub(super) fn all() -> Value {
    json!({
        "Address": address(),
        "Party": party(),
        "Location": location(),
        "Place": place(),
        "RegisterShipment": register(),
        "AmendShipment": amend(),
        "RecordScan": scan(),
        "Reason": reason(),
        "Done": done(),
        "Taken": taken(),
        "CommandLine": super::stream::command_line(),
        "OutcomeLine": super::stream::outcome_line()
    })
}

fn address() -> Value {
    object(
        "A postal address, as on the label.",
        &["street", "city", "country"],
        &json!({
            "street": text("Everything above the city; lines separated by \\n.", limits::STREET),
            "city": text("City or town.", limits::CITY),
            "region": text("State, province, county.", limits::REGION),
            "postal_code": text("Postal code.", limits::POSTAL_CODE),
            "country": country()
        }),
    )
}

fn party() -> Value {
    object(
        "Sender or recipient.",
        &["name"],
        &json!({
            "name": text("Name of the person or firm.", limits::NAME),
            "phone": {
                "type": "string", "pattern": "^\\+[0-9]{10,13}$",
                "description": "E.164: + and 10 to 13 digits.", "examples": ["+4915112345678"]
            },
            "address": reference("Address")
        }),
    )
}

fn location() -> Value {
    object(
        "Origin or destination, as coarse as the public may see it.",
        &["country"],
        &json!({
            "city": text("City or town.", limits::CITY),
            "region": text("State, province, county.", limits::REGION),
            "postal_code": text("Postal code.", limits::POSTAL_CODE),
            "country": country()
        }),
    )
}

fn place() -> Value {
    object(
        "Where a scan was made, as much as the carrier told.",
        &[],
        &json!({
            "facility": text("Depot, hub, shop or locker.", limits::FACILITY),
            "city": text("City or town.", limits::CITY),
            "region": text("State, province, county.", limits::REGION),
            "postal_code": text("Postal code.", limits::POSTAL_CODE),
            "country": text("ISO 3166-1 alpha-2 where it is known; else as the carrier wrote it.", limits::SCAN_COUNTRY),
            "latitude": {"type": "number", "minimum": -90, "maximum": 90},
            "longitude": {"type": "number", "minimum": -180, "maximum": 180}
        }),
    )
}

fn register() -> Value {
    let mut properties = json!({
        "shipment_id": {"type": "string", "format": "uuid", "description": "Yours, or one derived from the key."},
        "customer_id": text("Whose shipment it is: your own name for the customer.", limits::CUSTOMER_ID)
    });
    let required = ["customer_id", "sender", "recipient", "destination", "weight_grams"];
    extend(&mut properties, said_by_the_shop());
    extend(&mut properties, envelope());
    let mut schema = object("Make a shipment known.", &required, &properties);
    schema["examples"] = json!([{
        "customer_id": "shop-7",
        "sender": {"name": "Lamp Shop", "phone": "+4930123456789"},
        "recipient": {
            "name": "A. Example", "phone": "+4915112345678",
            "address": {"street": "Lange Straße 1", "city": "Ulm", "postal_code": "89073", "country": "DE"}
        },
        "origin": {"city": "Berlin", "country": "DE"},
        "destination": {"city": "Ulm", "postal_code": "89073", "country": "DE"},
        "weight_grams": 1200,
        "promised_delivery": "2026-11-27",
        "customer_reference": "order-17",
        "carrier": "dhl",
        "tracking_number": "RR123456785DE"
    }]);
    schema
}

fn amend() -> Value {
    let mut properties = said_by_the_shop();
    extend(&mut properties, envelope());
    let mut schema = object(
        "What changes; what is left out stays. `null` is refused: nothing can be taken back.",
        &[],
        &properties,
    );
    schema["minProperties"] = json!(1);
    schema["examples"] = json!([{"weight_grams": 1350, "promised_delivery": "2026-11-28"}]);
    schema
}

fn said_by_the_shop() -> Value {
    json!({
        "sender": reference("Party"),
        "recipient": reference("Party"),
        "origin": reference("Location"),
        "destination": reference("Location"),
        "weight_grams": {"type": "integer", "minimum": 1, "maximum": limits::WEIGHT_GRAMS},
        "promised_delivery": {"type": "string", "format": "date"},
        "customer_reference": text("Your own reference, such as an order number.", limits::CUSTOMER_REFERENCE),
        "carrier": text("The carrier's short name.", limits::CARRIER),
        "tracking_number": text(
            "The carrier's number. Where it has the form of UPU S10, its check digit must be right.",
            limits::TRACKING_NUMBER
        )
    })
}

fn scan() -> Value {
    let statuses: Vec<_> =
        Status::ALL.into_iter().filter(|status| status.can_be_scanned()).map(Status::as_str).collect();
    let mut properties = json!({
        "time": {
            "type": "string", "format": "date-time",
            "description": "RFC 3339 with the offset of the carrier's clock, which is kept."
        },
        "status": {"type": "string", "enum": statuses},
        "carrier": text("The carrier's short name.", limits::CARRIER),
        "tracking_number": text("The number that the scan named.", limits::TRACKING_NUMBER),
        "place": reference("Place"),
        "raw_code": text("The carrier's code, as it came.", limits::RAW_CODE),
        "raw_text": text("The carrier's text, as it came.", limits::RAW_TEXT),
        "carrier_scan_id": text("The carrier's own id of this scan.", limits::CARRIER_SCAN_ID),
        "signed_by": text("Who signed.", limits::SIGNED_BY)
    });
    extend(&mut properties, envelope());
    let mut schema = object("Report a carrier's scan.", &["time", "status", "carrier"], &properties);
    schema["examples"] = json!([{
        "time": "2026-11-25T07:58:12+01:00",
        "status": "out_for_delivery",
        "carrier": "dhl",
        "tracking_number": "RR123456785DE",
        "place": {"facility": "ZB 89", "city": "Ulm", "country": "DE"},
        "raw_code": "ZU"
    }]);
    schema
}

fn reason() -> Value {
    let mut properties = json!({"reason": text("Why.", limits::REASON)});
    extend(&mut properties, envelope());
    let mut schema = object("Why; the whole body can be left out.", &[], &properties);
    schema["examples"] = json!([{"reason": "ordered twice"}]);
    schema
}

fn envelope() -> Value {
    json!({
        "issued_at": {"type": "string", "format": "date-time", "description": "When it was issued; now, if left out."},
        "actor": text("Who issued it, in your words.", limits::ACTOR)
    })
}

fn done() -> Value {
    json!({
        "type": "object",
        "description": "The command was done.",
        "required": ["command_id", "shipment_id", "version", "partition", "events", "status_url"],
        "properties": {
            "command_id": {"type": "string", "format": "uuid"},
            "shipment_id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer", "description": "The shipment's version after it."},
            "partition": {"type": "integer", "description": "The partition of the shipment's topics."},
            "events": {"type": "integer", "description": "Events the command made; 0 for a scan known already."},
            "event_id": {"type": "string", "format": "uuid", "description": "The first of them."},
            "status_url": {
                "type": "string", "format": "uri",
                "description": "The query API's view, which waits until it has this version."
            }
        }
    })
}

fn taken() -> Value {
    json!({
        "type": "object",
        "description": "The command is written and will be decided.",
        "required": ["command_id", "shipment_id"],
        "properties": {
            "command_id": {"type": "string", "format": "uuid"},
            "shipment_id": {"type": "string", "format": "uuid"}
        }
    })
}

fn object(description: &str, required: &[&str], properties: &Value) -> Value {
    let mut schema = json!({
        "type": "object", "description": description, "additionalProperties": false, "properties": properties
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn text(description: &str, characters: usize) -> Value {
    json!({"type": "string", "maxLength": characters, "description": description})
}

fn country() -> Value {
    json!({"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2.", "examples": ["DE"]})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn extend(properties: &mut Value, more: Value) {
    if let (Value::Object(properties), Value::Object(more)) = (properties, more) {
        properties.extend::<Map<String, Value>>(more);
    }
}
