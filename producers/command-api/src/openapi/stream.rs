//! The stream of commands.

use serde_json::{Value, json};

pub(super) fn operation() -> Value {
    json!({
        "operationId": "postCommands",
        "tags": ["stream"],
        "summary": "Post many commands",
        "description": "One JSON object a line in, one outcome a line out, as they become known; `line` tells which line an \
            outcome is for. Any number of lines: read the answer while you send, or sending will stall. A line that isn't a \
            command gets its own outcome, and the stream goes on. Commands of one shipment are decided in the order of \
            their lines. If the stream has to end early (503 or 408), its last line says from which line on nothing was \
            read. With an `Idempotency-Key` on the request, line n has the key `KEY:n` where it names none itself, so that \
            the same upload can be sent again.",
        "parameters": [
            {"$ref": "#/components/parameters/IdempotencyKey"},
            {"$ref": "#/components/parameters/Prefer"},
            {"$ref": "#/components/parameters/TraceParent"}
        ],
        "requestBody": {
            "required": true,
            "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/CommandLine"}}}
        },
        "responses": {
            "200": {
                "description": "The outcomes; each line has its own status.",
                "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
                "content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/OutcomeLine"}}}
            },
            "400": {"$ref": "#/components/responses/Problem"},
            "415": {"$ref": "#/components/responses/Problem"},
            "503": {"$ref": "#/components/responses/Unavailable"},
            "default": {"$ref": "#/components/responses/Problem"}
        }
    })
}

pub(super) fn command_line() -> Value {
    let lines = [
        line("RegisterShipment", "RegisterShipment", &["type", "body"]),
        line("AmendShipment", "AmendShipment", &["type", "shipment_id", "body"]),
        line("RecordScan", "RecordScan", &["type", "shipment_id", "body"]),
        line("RetractScan", "Reason", &["type", "shipment_id", "scan_event_id"]),
        line("CancelShipment", "Reason", &["type", "shipment_id"]),
        line("ArchiveShipment", "Reason", &["type", "shipment_id"]),
    ];
    json!({
        "description": "One command. `shipment_id`, `issued_at` and `actor` stand beside `body`, not in it.",
        "oneOf": lines,
        "examples": [{
            "type": "CancelShipment",
            "idempotency_key": "order-17-cancel",
            "shipment_id": "8b5e6c1e-0b1d-4d0a-9c53-0123456789ab",
            "body": {"reason": "ordered twice"}
        }]
    })
}

fn line(type_name: &str, body: &str, required: &[&str]) -> Value {
    let mut properties = json!({
        "type": {"const": type_name},
        "idempotency_key": {"type": "string", "minLength": 1, "maxLength": crate::limits::KEY_CHARACTERS},
        "shipment_id": {"type": "string", "format": "uuid"},
        "expected_version": {"type": "integer", "minimum": 0},
        "issued_at": {"type": "string", "format": "date-time"},
        "actor": {"type": "string", "maxLength": shipment_domain::limits::ACTOR},
        "body": {"$ref": format!("#/components/schemas/{body}")}
    });
    if required.contains(&"scan_event_id") {
        properties["scan_event_id"] = json!({"type": "string", "format": "uuid"});
    }
    json!({
        "title": type_name, "type": "object", "additionalProperties": false,
        "required": required, "properties": properties
    })
}

pub(super) fn outcome_line() -> Value {
    json!({
        "type": "object",
        "description": "What became of one line: the members of its endpoint's answer, or a problem.",
        "required": ["line", "status"],
        "properties": {
            "line": {"type": "integer", "minimum": 1, "description": "The line, from 1; empty lines are counted."},
            "status": {"type": "integer", "description": "The status that the command's endpoint would answer with."},
            "idempotency_key": {"type": "string", "description": "Send the line again with this key, if it has to be."},
            "location": {"type": "string", "format": "uri"},
            "command_id": {"type": "string", "format": "uuid"},
            "shipment_id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer"},
            "partition": {"type": "integer"},
            "events": {"type": "integer"},
            "event_id": {"type": "string", "format": "uuid"},
            "status_url": {"type": "string", "format": "uri"},
            "problem": {"$ref": "#/components/schemas/Problem"}
        }
    })
}
