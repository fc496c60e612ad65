//! What every OpenAPI document of ours has, and checks that it says the truth.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::routes::Declared;

/// Methods an OpenAPI path item can have.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document with the components that all APIs share, where it has none of that name:
/// `schemas/Problem`, `responses/Problem`, `headers/ETag`, `headers/RetryAfter`, `headers/RequestId`.
pub fn with_shared_components(mut document: Value) -> Value {
    let Value::Object(shared) = shared_components() else { return document };
    for (kind, components) in shared {
        let Value::Object(components) = components else { continue };
        for (name, component) in components {
            let theirs = &mut document["components"][&kind][&name];
            if theirs.is_null() {
                *theirs = component;
            }
        }
    }
    document
}

/// What is wrong with a document, given the routes that are served; nothing when all is well.
///
/// Each route is described, nothing else is, every `$ref` leads somewhere, every path parameter is
/// declared, and each operation has its own `operationId`, a summary and answers.
pub fn faults(document: &Value, declared: &[Declared]) -> Vec<String> {
    let document = &with_shared_components(document.clone());
    let served: BTreeSet<String> =
        declared.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let operations = operations(document);
    let described: BTreeSet<String> = operations.iter().map(|operation| operation.name.clone()).collect();

    let mut faults = Vec::new();
    if !document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")) {
        faults.push("openapi is not 3.1".to_owned());
    }
    faults.extend(served.difference(&described).map(|route| format!("{route} is served but not described")));
    faults.extend(described.difference(&served).map(|route| format!("{route} is described but not served")));
    let mut ids = BTreeSet::new();
    for operation in &operations {
        faults.extend(operation.faults(document));
        if !ids.insert(operation.value["operationId"].as_str()) {
            faults.push(format!(
                "{}: another operation has the same operationId, or both have none",
                operation.name
            ));
        }
    }
    dangling(document, document, &mut faults);
    faults
}

struct Operation<'a> {
    name: String,
    path: &'a str,
    item: &'a Value,
    value: &'a Value,
}

impl Operation<'_> {
    fn faults(&self, document: &Value) -> Vec<String> {
        let missing = |member: &str| self.value[member].is_null() || self.value[member] == json!({});
        let mut faults: Vec<String> = ["operationId", "summary", "responses"]
            .into_iter()
            .filter(|member| missing(member))
            .map(|member| format!("{}: no {member}", self.name))
            .collect();
        let parameters: Vec<&Value> = [self.item, self.value]
            .iter()
            .filter_map(|holder| holder["parameters"].as_array())
            .flatten()
            .map(|parameter| resolved(document, parameter))
            .collect();
        let in_template = self.path.split(['{', '}']).skip(1).step_by(2);
        for name in in_template {
            if !parameters.iter().any(|parameter| parameter["in"] == "path" && parameter["name"] == name) {
                faults.push(format!("{}: the path parameter {name} is not described", self.name));
            }
        }
        faults
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let value = &item[method];
            if !value.is_null() {
                let name = format!("{} {path}", method.to_ascii_uppercase());
                operations.push(Operation { name, path, item, value });
            }
        }
    }
    operations
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn dangling(document: &Value, within: &Value, faults: &mut Vec<String>) {
    match within {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let found = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                if found.is_none() {
                    faults.push(format!("{reference} leads nowhere"));
                }
            }
            members.values().for_each(|member| dangling(document, member, faults));
        }
        Value::Array(items) => items.iter().for_each(|item| dangling(document, item, faults)),
        _ => {}
    }
}

fn shared_components() -> Value {
    json!({
        "schemas": {
            "Problem": {
                "type": "object",
                "description": "What went wrong (RFC 9457).",
                "required": ["type", "title", "status", "code"],
                "properties": {
                    "type": {"type": "string", "format": "uri-reference", "examples": ["/docs/errors/PT-0002"]},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string", "format": "uri-reference"},
                    "code": {"type": "string", "pattern": "^PT-[0-9]{4}$"},
                    "request_id": {"type": "string"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["detail"],
                            "properties": {
                                "pointer": {"type": "string", "description": "JSON pointer into the body (RFC 6901)."},
                                "parameter": {"type": "string"},
                                "detail": {"type": "string"}
                            }
                        }
                    }
                },
                "additionalProperties": true,
                "examples": [{
                    "type": "/docs/errors/PT-0002",
                    "title": "A field of the request body is not valid",
                    "status": 400,
                    "detail": "missing field `recipient`",
                    "instance": "/api/v1/shipments",
                    "code": "PT-0002",
                    "errors": [{"pointer": "", "detail": "missing field `recipient`"}],
                    "request_id": "01920b70-c984-72e8-b589-d6f733493616"
                }]
            }
        },
        "responses": {
            "Problem": {
                "description": "A problem; its `code` has a page under /docs/errors/.",
                "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            },
            "Unavailable": {
                "description": "Not now; worth another try after the seconds in Retry-After.",
                "headers": {
                    "Retry-After": {"$ref": "#/components/headers/RetryAfter"},
                    "X-Request-Id": {"$ref": "#/components/headers/RequestId"}
                },
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            }
        },
        "headers": {
            "ETag": {
                "description": "The version, as a strong entity tag.",
                "schema": {"type": "string", "examples": ["\"7\""]}
            },
            "RetryAfter": {
                "description": "Seconds after which another try is worth it.",
                "schema": {"type": "integer", "minimum": 1}
            },
            "RequestId": {
                "description": "The request's id: the caller's X-Request-Id, or a new one.",
                "schema": {"type": "string"}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    fn document() -> Value {
        json!({
            "openapi": "3.1.0",
            "paths": {"/a/{id}": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "get": {
                    "operationId": "readA", "summary": "Read an a.",
                    "responses": {"default": {"$ref": "#/components/responses/Problem"}}
                }
            }},
            "components": {"parameters": {"Id": {"name": "id", "in": "path", "required": true}}}
        })
    }

    const SERVED: Declared = Declared { method: Method::GET, path: "/a/{id}" };

    #[test]
    fn a_true_document_has_no_faults() {
        assert_eq!(faults(&document(), &[SERVED]), Vec::<String>::new());
    }

    #[test]
    fn routes_and_descriptions_are_compared_both_ways() {
        let other = Declared { method: Method::POST, path: "/b" };
        assert_eq!(
            faults(&document(), &[other]),
            ["POST /b is served but not described", "GET /a/{id} is described but not served"]
        );
    }

    #[test]
    fn references_and_parameters_must_be_there() {
        let mut document = document();
        document["components"]["parameters"] = json!({});
        document["paths"]["/a/{id}"]["get"]["summary"] = Value::Null;
        assert_eq!(
            faults(&document, &[SERVED]),
            [
                "GET /a/{id}: no summary",
                "GET /a/{id}: the path parameter id is not described",
                "#/components/parameters/Id leads nowhere"
            ]
        );
    }
}
