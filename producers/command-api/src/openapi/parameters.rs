//! Parameters and headers.

use serde_json::{Value, json};

use crate::limits::KEY_CHARACTERS;

/// Path parameters and request headers.
pub(super) fn all() -> Value {
    json!({
        "ShipmentId": {
            "name": "id", "in": "path", "required": true,
            "description": "The shipment.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "8b5e6c1e-0b1d-4d0a-9c53-0123456789ab"
        },
        "EventId": {
            "name": "event_id", "in": "path", "required": true,
            "description": "The event that recorded the scan: `event_id` in the scan's answer, or in the history.",
            "schema": {"type": "string", "format": "uuid"}
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header",
            "description": "Your name for this command, new for each. Sent again with the same key and the same content, the \
                command is done once and answered with the same version; with other content for the same shipment it is refused (PT-1015). Without one, a key is \
                made and returned.",
            "schema": {
                "type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS, "pattern": "^[\\x21-\\x7E]+$"
            }
        },
        "IfMatch": {
            "name": "If-Match", "in": "header",
            "description": "The one version that the shipment must have, as its ETag gives it. If it has another: 412.",
            "schema": {"type": "string", "pattern": "^\"[0-9]+\"$", "examples": ["\"7\""]}
        },
        "Prefer": {
            "name": "Prefer", "in": "header",
            "description": "`respond-async`: answer 202 as soon as the command is written. `wait=N`: wait for the outcome N \
                seconds at most (and no longer than the server does).",
            "schema": {"type": "string", "examples": ["respond-async", "wait=2"]}
        },
        "TraceParent": {
            "name": "traceparent", "in": "header",
            "description": "The trace to go on with (W3C Trace Context).",
            "schema": {"type": "string"}
        }
    })
}

/// Response headers.
pub(super) fn headers() -> Value {
    json!({
        "IdempotencyKey": {
            "description": "The command's key: yours, or the one that was made.",
            "schema": {"type": "string"}
        },
        "IdempotencyReplayed": {
            "description": "`true` when an earlier command had done it: this request changed nothing.",
            "schema": {"type": "string", "const": "true"}
        },
        "PreferenceApplied": {
            "description": "The preference that was followed.",
            "schema": {"type": "string"}
        },
        "Location": {
            "description": "Where the query API answers for it.",
            "schema": {"type": "string", "format": "uri"}
        },
        "TraceParent": {
            "description": "Where the request stands in its trace.",
            "schema": {"type": "string"}
        }
    })
}
