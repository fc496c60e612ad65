//! The six commands and their answers.

use serde_json::{Value, json};

pub(super) fn register() -> Value {
    operation(&Operation {
        id: "registerShipment",
        tag: "shipments",
        summary: "Register a shipment",
        description: "Makes a shipment known. Without `shipment_id` its id is derived from the command's, so that a retry \
            with the same key meets the same shipment.",
        body: "RegisterShipment",
        body_required: true,
        answers: &[("201", "Registered.", true)],
    })
}

pub(super) fn amend() -> Value {
    operation(&Operation {
        id: "amendShipment",
        tag: "shipments",
        summary: "Amend a shipment",
        description: "Changes what the shop said: fields left out stay, fields given are replaced whole.",
        body: "AmendShipment",
        body_required: true,
        answers: &[("200", "Amended.", false)],
    })
}

pub(super) fn record_scan() -> Value {
    operation(&Operation {
        id: "recordScan",
        tag: "scans",
        summary: "Report a scan",
        description: "A scan is a fact: it is kept in whatever order it comes, before its shipment is registered, too. It \
            is known again by what it says (the carrier's scan id, or carrier, number, time, place and code), under \
            whatever key it comes.",
        body: "RecordScan",
        body_required: true,
        answers: &[
            ("201", "Recorded; `event_id` names it.", true),
            ("200", "This scan was known already; nothing was changed, and `events` is 0.", false),
        ],
    })
}

pub(super) fn retract_scan() -> Value {
    operation(&Operation {
        id: "retractScan",
        tag: "scans",
        summary: "Take a scan back",
        description: "The scan stays in the history, and no longer counts.",
        body: "Reason",
        body_required: false,
        answers: &[("200", "Retracted.", false)],
    })
}

pub(super) fn cancel() -> Value {
    operation(&Operation {
        id: "cancelShipment",
        tag: "shipments",
        summary: "Cancel a shipment",
        description: "Calls it off. If the carrier moves it all the same, its scans say so.",
        body: "Reason",
        body_required: false,
        answers: &[("200", "Cancelled.", false)],
    })
}

pub(super) fn archive() -> Value {
    operation(&Operation {
        id: "archiveShipment",
        tag: "shipments",
        summary: "Archive a shipment",
        description: "Puts it away. Scans that still come are kept.",
        body: "Reason",
        body_required: false,
        answers: &[("200", "Archived.", false)],
    })
}

struct Operation {
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    body: &'static str,
    body_required: bool,
    /// Status, words, and whether something new has an address.
    answers: &'static [(&'static str, &'static str, bool)],
}

fn operation(operation: &Operation) -> Value {
    let mut responses = json!({
        "202": {"$ref": "#/components/responses/Taken"},
        "400": {"$ref": "#/components/responses/Problem"},
        "404": {"$ref": "#/components/responses/Problem"},
        "409": {"$ref": "#/components/responses/Problem"},
        "412": {"$ref": "#/components/responses/VersionConflict"},
        "413": {"$ref": "#/components/responses/Problem"},
        "422": {"$ref": "#/components/responses/Problem"},
        "503": {"$ref": "#/components/responses/Unavailable"},
        "default": {"$ref": "#/components/responses/Problem"}
    });
    for (status, words, created) in operation.answers {
        responses[status] = done(words, *created);
    }
    json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [
            {"$ref": "#/components/parameters/IdempotencyKey"},
            {"$ref": "#/components/parameters/IfMatch"},
            {"$ref": "#/components/parameters/Prefer"},
            {"$ref": "#/components/parameters/TraceParent"}
        ],
        "requestBody": {
            "required": operation.body_required,
            "content": {
                "application/json": {"schema": {"$ref": format!("#/components/schemas/{}", operation.body)}}
            }
        },
        "responses": responses
    })
}

fn done(words: &str, created: bool) -> Value {
    let mut headers = json!({
        "ETag": {"$ref": "#/components/headers/ETag"},
        "Idempotency-Key": {"$ref": "#/components/headers/IdempotencyKey"},
        "Idempotency-Replayed": {"$ref": "#/components/headers/IdempotencyReplayed"},
        "Preference-Applied": {"$ref": "#/components/headers/PreferenceApplied"},
        "traceparent": {"$ref": "#/components/headers/TraceParent"},
        "X-Request-Id": {"$ref": "#/components/headers/RequestId"}
    });
    if created {
        headers["Location"] = json!({"$ref": "#/components/headers/Location"});
    }
    json!({
        "description": words,
        "headers": headers,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Done"}}}
    })
}

/// Responses that several operations have.
pub(super) fn responses() -> Value {
    json!({
        "Taken": {
            "description": "The command is written and will be decided; `Location` will have the outcome.",
            "headers": {
                "Location": {"$ref": "#/components/headers/Location"},
                "Idempotency-Key": {"$ref": "#/components/headers/IdempotencyKey"},
                "Preference-Applied": {"$ref": "#/components/headers/PreferenceApplied"},
                "traceparent": {"$ref": "#/components/headers/TraceParent"},
                "X-Request-Id": {"$ref": "#/components/headers/RequestId"}
            },
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Taken"}}}
        },
        "VersionConflict": {
            "description": "The shipment has another version, which `version` and `ETag` tell.",
            "headers": {
                "ETag": {"$ref": "#/components/headers/ETag"},
                "X-Request-Id": {"$ref": "#/components/headers/RequestId"}
            },
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        }
    })
}
