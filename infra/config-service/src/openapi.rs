//! The OpenAPI document; a test holds it against the routes.

use serde_json::Value;

/// The document, as it lies beside this file.
#[allow(clippy::missing_panics_doc, reason = "a test reads the document")]
pub fn document() -> Value {
    serde_json::from_str(include_str!("openapi.json"))
        .expect("the document beside this file is JSON; a test reads it")
}

#[cfg(test)]
mod tests {
    #[test]
    fn document_and_routes_say_the_same() {
        let faults = http_api::openapi::faults(&super::document(), crate::endpoints::routes().declared());
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
