//! Who may do what, as callers meet it: through the gateway, and at the services themselves.

use std::io::Read;

use event_log::Kafka;
use reqwest::blocking::Response;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::system::{System, eventually};

fn registration(customer: &str) -> Value {
    json!({
        "customer_id": customer,
        "sender": { "name": "Lamp Shop" },
        "recipient": { "name": "Ada Example", "phone": "+4915112345678" },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 1250,
        "tracking_number": "RR123456785DE",
    })
}

/// One who calls, with a key of their own or none.
struct Caller<'a> {
    system: &'a System,
    http: reqwest::blocking::Client,
    key: Option<String>,
}

impl<'a> Caller<'a> {
    fn new(system: &'a System, role: &str, customers: &[&str]) -> Self {
        let customers = customers.iter().flat_map(|customer| ["--customer", customer]);
        let spec: Vec<&str> = ["--name", role, "--role", role].into_iter().chain(customers).collect();
        Self { key: Some(system.key(&spec)), ..Self::nobody(system) }
    }

    fn nobody(system: &'a System) -> Self {
        Self { system, http: reqwest::blocking::Client::new(), key: None }
    }

    fn request(&self, method: Method, url: String, body: Option<&Value>) -> Response {
        // Alike for every caller: each is known by its own name.
        let idempotency_key = format!("{method}-1");
        let mut request = self.http.request(method, url);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.json(body).header("idempotency-key", idempotency_key);
        }
        request.send().unwrap()
    }

    fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, self.system.at_gateway(path), None))
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.request(Method::POST, self.system.at_gateway(path), Some(body)))
    }

    fn patch(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.request(Method::PATCH, self.system.at_gateway(path), Some(body)))
    }
}

fn answer(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().unwrap_or_default())
}

#[test]
fn everybody_sees_and_does_what_is_theirs() {
    let mut system = System::prepare();
    system.ask_who_calls(Vec::new());
    system.run_all();
    let system = &system;
    let (acme, globex) =
        (Caller::new(system, "producer", &["acme"]), Caller::new(system, "producer", &["globex"]));
    let (reader, operator) = (Caller::new(system, "reader", &["acme"]), Caller::new(system, "operator", &[]));
    let nobody = Caller::nobody(system);

    // The gateway finds the services by the registry, a moment after they are ready.
    eventually("a shop registers a parcel", || acme.post("/api/v1/shipments", &registration("acme")).0 < 300);
    let (status, registered) = acme.post("/api/v1/shipments", &registration("acme"));
    assert!(status < 300, "a repeat is answered as before: {registered}");
    let shipment = format!("/api/v1/shipments/{}", registered["shipment_id"].as_str().unwrap());
    eventually("it shows", || acme.get(&shipment).0 == 200);

    shipments_are_those_of_ones_customers(&acme, &globex, &reader, &shipment);
    operators_see_no_personal_data(&operator, &shipment);
    the_public_may_track(&nobody, &shipment);
    the_public_may_look_at_the_page(&nobody);
    services_check_again(&globex, &nobody, &shipment);
    limits_change_while_it_runs(system, &reader, &shipment);
    a_key_ends_when_it_is_revoked(system, &acme, &shipment);
    everything_is_on_record(system);
}

fn shipments_are_those_of_ones_customers(
    acme: &Caller<'_>,
    globex: &Caller<'_>,
    reader: &Caller<'_>,
    shipment: &str,
) {
    assert_eq!(reader.get(shipment).1["recipient"]["name"], "Ada Example");
    let amendment = json!({ "weight_grams": 1300 });
    for caller in [globex, &Caller::new(globex.system, "reader", &["globex", "initech"])] {
        for path in ["", "/history", "/live"] {
            assert_eq!(caller.get(&format!("{shipment}{path}")).0, 404, "{path}");
        }
        assert_eq!(caller.get("/api/v1/shipments?customer=acme"), (200, json!({ "shipments": [] })));
    }
    assert_eq!(globex.get("/api/v1/shipments?tracking_number=RR123456785DE").1["shipments"], json!([]));
    let number = "/api/v1/shipments?tracking_number=rr%20123456785%20de";
    assert_eq!(reader.get(&format!("{number}&limit=1")).1["shipments"][0]["customer_id"], "acme");
    assert_eq!(reader.get(&format!("{number}&from=2000-01-01&to=2000-01-31")).1["shipments"], json!([]));
    assert_eq!(
        globex.get("/api/v1/shipments"),
        (200, json!({ "shipments": [] })),
        "no cursor tells of others"
    );
    assert_eq!(globex.get("/api/v1/shipments?phone=%2B4915112345678"), (200, json!({ "shipments": [] })));
    let (status, refusal) = globex.get(&format!("{shipment}?min_version=1"));
    assert_eq!((status, &refusal["version"]), (503, &json!(0)), "as if it weren't there: {refusal}");
    assert_eq!(reader.get("/api/v1/shipments?status=registered").1["shipments"][0]["customer_id"], "acme");
    assert_eq!(reader.get("/api/v1/shipments?status=delivered").1["shipments"], json!([]));
    let (status, refusal) = globex.patch(shipment, &amendment);
    assert_eq!((status, &refusal["code"]), (404, &json!("PT-1001")), "{refusal}");
    let (status, refusal) = globex.post("/api/v1/shipments", &registration("acme"));
    assert_eq!((status, &refusal["code"]), (403, &json!("PT-1018")), "{refusal}");
    assert_eq!(reader.patch(shipment, &amendment).0, 403, "readers read");
    assert_eq!(acme.get("/api/v1/config").0, 403, "shops don't operate");
    assert_eq!(acme.patch(shipment, &amendment).0, 200);
}

fn operators_see_no_personal_data(operator: &Caller<'_>, shipment: &str) {
    let (status, parcel) = operator.get(shipment);
    assert_eq!((status, &parcel["customer_id"]), (200, &json!("acme")));
    let (_, history) = operator.get(&format!("{shipment}/history"));
    let (_, list) = operator.get("/api/v1/shipments?customer=acme");
    for text in [parcel, history, list].map(|answer| answer.to_string()) {
        assert!(text.contains("Ulm") && !text.contains("Ada") && !text.contains("4915"), "{text}");
    }
    assert_eq!(operator.get("/api/v1/shipments?phone=%2B4915112345678").0, 403);
    assert_eq!(operator.get("/api/v1/services").0, 200);
}

fn the_public_may_track(nobody: &Caller<'_>, shipment: &str) {
    let (status, tracking) = nobody.get("/api/v1/tracking/RR123456785DE");
    assert_eq!((status, &tracking["status"]), (200, &json!("registered")));
    for path in [shipment, "/api/v1/shipments", "/api/v1/services", "/api/v1/config"] {
        let answer = nobody.request(Method::GET, nobody.system.at_gateway(path), None);
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.headers().contains_key("www-authenticate"), "{path}");
    }
}

fn the_public_may_look_at_the_page(nobody: &Caller<'_>) {
    let open = |path: &str| nobody.request(Method::GET, nobody.system.at_gateway(path), None);
    let start = open("/");
    assert_eq!((start.status(), start.url().path()), (StatusCode::OK, "/track"));
    let page = open("/track/RR123456785DE?lang=en");
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = page.text().unwrap();
    let link = nobody.system.at_gateway("/track/RR123456785DE?lang=en");
    for told in ["<h2>Registered</h2>", "Ulm", &format!("og:url\" content=\"{link}\"")] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Ada") && !page.contains("4915"), "{page}");
    let mut begun = [0; 14];
    open("/track/live?number=RR123456785DE").read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"event: changed");
}

/// Whoever gets past the gateway is asked again.
fn services_check_again(globex: &Caller<'_>, nobody: &Caller<'_>, shipment: &str) {
    let directly = |caller: &Caller<'_>| {
        caller.request(Method::GET, caller.system.at_query_api(shipment), None).status().as_u16()
    };
    assert_eq!((directly(globex), directly(nobody)), (404, 401));
}

fn limits_change_while_it_runs(system: &System, reader: &Caller<'_>, shipment: &str) {
    let again = || reader.request(Method::GET, system.at_gateway(shipment), None);
    assert!(again().headers().contains_key("ratelimit"));
    system.json(&["config", "--json", "set", "gateway.rate_read=1"]);
    eventually("there are too many requests", || again().status() == StatusCode::TOO_MANY_REQUESTS);
    let (status, refusal) = answer(again());
    assert_eq!((status, &refusal["code"]), (429, &json!("PT-0018")), "{refusal}");
    system.json(&["config", "--json", "delete", "gateway.rate_read"]);
    eventually("there are not", || again().status() == StatusCode::OK);
}

fn a_key_ends_when_it_is_revoked(system: &System, acme: &Caller<'_>, shipment: &str) {
    let id = auth::key_id(acme.key.as_ref().unwrap()).unwrap();
    system.json(&["keys", "revoke", &id, "--json"]);
    eventually("it is good for nothing", || acme.get(shipment).0 == 401);
    let listed = system.json(&["keys", "list", "--json"]).to_string();
    assert!(listed.contains("revoked_at") && !listed.contains("ptk_"), "{listed}");
}

fn everything_is_on_record(system: &System) {
    let kafka = Kafka::at(system.endpoints.kafka.as_deref().unwrap());
    let values = testkit::committed_values(&kafka, &system.topic("audit.v1"));
    let action = |value: &Vec<u8>| {
        let record: Value = serde_json::from_slice(value).unwrap();
        record["action"].as_str().unwrap().to_owned()
    };
    let actions: Vec<String> = values.iter().map(action).collect();
    let count = |action: &str| actions.iter().filter(|seen| *seen == action).count();
    assert_eq!((count("key.create"), count("key.revoke")), (6, 1), "{actions:?}");
    assert_eq!(actions.iter().filter(|action| action.starts_with("config.")).count(), 2, "{actions:?}");
}
