//! One OpenAPI document for all services: what each says of the calls that go through the gateway.

use auth::{Service, Way, calls};
use http::Method;
use serde_json::{Map, Value, json};

/// The methods that a path item may have.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document that a service has. The console has pages for people, and nothing for programs.
pub fn of(service: Service) -> Value {
    match service {
        Service::CommandApi => command_api::openapi(),
        Service::QueryApi => query_api::openapi(),
        Service::ConfigService => config_service::openapi(),
        Service::DiscoveryService => discovery_service::openapi(),
        Service::Console => json!({ "openapi": "3.1.0" }),
    }
}

/// One document of several. A component that means one thing in a service and another in the next gets the service's name in
/// front, unless it is the first of its name.
pub fn merged(documents: &[(Service, Value)]) -> Value {
    let mut merged = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ParcelTrack",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Commands, reads, configuration and registry at one address. Limits are told in `RateLimit` \
                headers; errors are problems (RFC 9457) whose codes have pages under `/docs/errors`."
        },
        "servers": [{"url": "/", "description": "The gateway"}],
        "tags": [],
        "paths": {},
        "components": {}
    });
    for (service, document) in documents {
        let document = http_api::openapi::with_shared_components(document.clone());
        let document = renamed(document, &merged, *service);
        add_components(&mut merged, &document);
        add_paths(&mut merged, &document, *service);
        add_tags(&mut merged, &document);
    }
    merged
}

fn add_components(merged: &mut Value, document: &Value) {
    for (kind, components) in document["components"].as_object().into_iter().flatten() {
        for (name, component) in components.as_object().into_iter().flatten() {
            merged["components"][kind][name] = component.clone();
        }
    }
}

/// Only calls of the table that are reached through the gateway.
fn add_paths(merged: &mut Value, document: &Value, service: Service) {
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let shared = item["parameters"].as_array().cloned().unwrap_or_default();
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let named = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
            let call = named.ok().and_then(|named| calls::find(service, &named, path));
            if call.is_none_or(|call| call.way != Way::Gateway) {
                continue;
            }
            let mut operation = operation.clone();
            // Another service may have the path, too: what one says of it all is not the other's.
            let own = operation["parameters"].as_array().cloned().unwrap_or_default();
            if !shared.is_empty() {
                operation["parameters"] = shared.iter().cloned().chain(own).collect();
            }
            if let Some(id) = operation["operationId"].as_str().map(str::to_owned)
                && has_operation(merged, &id)
            {
                operation["operationId"] = format!("{}{id}", prefix(service).to_ascii_lowercase()).into();
            }
            merged["paths"][path][method] = operation;
        }
    }
}

fn has_operation(merged: &Value, id: &str) -> bool {
    let items = merged["paths"].as_object().into_iter().flat_map(Map::values);
    let mut operations = items.filter_map(Value::as_object).flat_map(Map::values);
    operations.any(|operation| operation["operationId"] == id)
}

fn add_tags(merged: &mut Value, document: &Value) {
    let Some(tags) = merged["tags"].as_array_mut() else { return };
    for tag in document["tags"].as_array().into_iter().flatten() {
        if tags.iter().all(|known| known["name"] != tag["name"]) {
            tags.push(tag.clone());
        }
    }
}

/// The document with other names for those components whose names are taken by something else.
fn renamed(document: Value, merged: &Value, service: Service) -> Value {
    let mut text = document.to_string();
    let mut document = document;
    let Some(kinds) = document["components"].as_object_mut() else { return document };
    let mut renames = Vec::new();
    for (kind, components) in kinds.iter() {
        for (name, component) in components.as_object().into_iter().flatten() {
            let taken = &merged["components"][kind][name];
            if !taken.is_null() && taken != component {
                renames.push((kind.clone(), name.clone(), format!("{}{name}", prefix(service))));
            }
        }
    }
    if renames.is_empty() {
        return document;
    }
    for (kind, name, new) in &renames {
        text =
            text.replace(&format!("#/components/{kind}/{name}\""), &format!("#/components/{kind}/{new}\""));
    }
    document = serde_json::from_str(&text).unwrap_or(document);
    for (kind, name, new) in renames {
        let components: Option<&mut Map<String, Value>> = document["components"][&kind].as_object_mut();
        if let Some(components) = components
            && let Some(component) = components.remove(&name)
        {
            components.insert(new, component);
        }
    }
    document
}

fn prefix(service: Service) -> &'static str {
    match service {
        Service::CommandApi => "Command",
        Service::QueryApi => "Query",
        Service::ConfigService => "Config",
        Service::DiscoveryService => "Discovery",
        Service::Console => "Console",
    }
}

#[cfg(test)]
mod tests {
    use http_api::Declared;

    use super::*;

    #[test]
    fn the_document_describes_each_programs_call_of_the_gateway_and_nothing_else() {
        let documents = Service::ALL.map(|service| (service, of(service)));
        let is_documented = |call: &&auth::Call| call.way == Way::Gateway && call.service != Service::Console;
        let gateway = calls::CALLS.iter().filter(is_documented);
        let declared: Vec<Declared> =
            gateway.map(|call| Declared { method: call.method.clone(), path: call.path }).collect();
        let faults = http_api::openapi::faults(&merged(&documents), &declared);
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn a_component_of_two_meanings_has_two_names() {
        let of = |schema: &str| {
            json!({
                "paths": {"/api/v1/shipments": {"get": {"x": {"$ref": "#/components/schemas/A"}}}},
                "components": {"schemas": {"A": {"type": schema}, "AB": {"type": "same"}}}
            })
        };
        let both = merged(&[(Service::CommandApi, of("string")), (Service::QueryApi, of("integer"))]);
        assert_eq!(both["components"]["schemas"]["A"]["type"], "string");
        assert_eq!(both["components"]["schemas"]["QueryA"]["type"], "integer");
        assert!(both["components"]["schemas"].get("QueryAB").is_none());
        let reference = &both["paths"]["/api/v1/shipments"]["get"]["x"]["$ref"];
        assert_eq!(reference, "#/components/schemas/QueryA");
    }
}
