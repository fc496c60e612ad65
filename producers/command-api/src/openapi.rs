//! The OpenAPI document. Built, so that its numbers are those of the code; a test holds its paths against the routes.

mod operations;
mod parameters;
mod schemas;
mod stream;

use serde_json::{Value, json};

/// The document.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ParcelTrack Command API",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "shipments", "description": "What the shop says of a shipment."},
            {"name": "scans", "description": "What carriers report."},
            {"name": "stream", "description": "Many commands in one request."}
        ],
        "paths": {
            "/api/v1/shipments": {"post": operations::register()},
            "/api/v1/shipments/{id}": {"parameters": [of_path("ShipmentId")], "patch": operations::amend()},
            "/api/v1/shipments/{id}/scans": {
                "parameters": [of_path("ShipmentId")], "post": operations::record_scan()
            },
            "/api/v1/shipments/{id}/scans/{event_id}/retraction": {
                "parameters": [of_path("ShipmentId"), of_path("EventId")], "post": operations::retract_scan()
            },
            "/api/v1/shipments/{id}/cancellation": {
                "parameters": [of_path("ShipmentId")], "post": operations::cancel()
            },
            "/api/v1/shipments/{id}/archive": {
                "parameters": [of_path("ShipmentId")], "post": operations::archive()
            },
            "/api/v1/commands": {"post": stream::operation()}
        },
        "components": {
            "parameters": parameters::all(),
            "headers": parameters::headers(),
            "responses": operations::responses(),
            "schemas": schemas::all()
        }
    })
}

const DESCRIPTION: &str = "Post commands: register, amend, scan, cancel, archive. A command is decided by the command \
    handler; the answer says what became of it, with the shipment's version. Send an `Idempotency-Key` with every command: \
    sent again with the same key, a command is done once and answered with the same version. Errors are problem documents (RFC 9457) whose \
    `code` has a page under `/docs/errors`.";

fn of_path(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::routes;

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        assert_eq!(http_api::openapi::faults(&document(), routes().declared()), Vec::<String>::new());
    }

    #[test]
    fn examples_are_read_as_the_commands_they_show() {
        use crate::body::{AmendBody, RegisterBody, ScanBody};
        let schemas = schemas::all();
        let example = |name: &str| schemas[name]["examples"][0].clone();
        let register: RegisterBody = serde_json::from_value(example("RegisterShipment")).unwrap();
        let amend: AmendBody = serde_json::from_value(example("AmendShipment")).unwrap();
        let scan: ScanBody = serde_json::from_value(example("RecordScan")).unwrap();
        for wanted in [register.wanted(), amend.wanted(), scan.wanted()] {
            let id = uuid::Uuid::nil();
            let command = shipment_domain::ShipmentCommand {
                command_id: id.into(),
                shipment_id: id.into(),
                expected_version: None,
                issued_at: shipment_events::Timestamp::parse_rfc3339("2026-11-24T09:30:00Z").unwrap(),
                actor: wanted.actor,
                customers: None,
                body: wanted.body,
            };
            assert_eq!(shipment_domain::check(&command), Ok(()));
        }
    }
}
