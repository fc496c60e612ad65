//! The console's pages over the log and the views, as a browser meets them: through the gateway, with a key in a cookie.

use std::cell::RefCell;

use event_log::{Headers, Kafka, Outgoing, Producer, ProducerSettings};
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::system::{System, eventually};

const NAME: &str = "Ada Example";
const LETTERS: &str = "/console/projections/dead-letters";
const PHONE: &str = "+4915112345678";

/// Somebody signed in.
struct Browser<'a> {
    system: &'a System,
    http: reqwest::blocking::Client,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn signed_in(system: &'a System, role: &str) -> Self {
        let key = system.key(&["--name", role, "--role", role]);
        let http = reqwest::blocking::Client::builder().redirect(Policy::none()).build().unwrap();
        let nobody = Self { system, http, cookie: String::new() };
        // The gateway finds the console by the registry, and both hear of the key, a moment after they are ready.
        let cookie = RefCell::new(String::new());
        eventually("signing in", || {
            let answer = nobody.post("/console/sign-in", &[("credential", &key)]);
            let Some(set) = answer.headers().get("set-cookie") else { return false };
            cookie.replace(set.to_str().unwrap().split(';').next().unwrap().to_owned());
            answer.status() == StatusCode::SEE_OTHER
        });
        let browser = Self { cookie: cookie.into_inner(), ..nobody };
        eventually("the gateway knows the key", || {
            browser.request("/console/shipments").status() == StatusCode::OK
        });
        browser
    }

    fn request(&self, path: &str) -> Response {
        let url = self.system.at_gateway(path);
        self.http.get(url).header("cookie", &self.cookie).send().unwrap()
    }

    /// A page that must be there.
    fn page(&self, path: &str) -> String {
        let answer = self.request(path);
        let status = answer.status();
        let text = answer.text().unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.http
            .post(self.system.at_gateway(path))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .unwrap()
    }

    /// A form that leads to another page when it has done its work.
    fn done(&self, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.post(path, form);
        let status = answer.status();
        let location = answer.headers().get("location").map(|at| at.to_str().unwrap().to_owned());
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {}", answer.text().unwrap());
        location.unwrap()
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&begin).unwrap_or_else(|| panic!("no {name} in {page}")).1;
    rest.split('"').next().unwrap().to_owned()
}

fn register(system: &System) -> String {
    let body = json!({
        "customer_id": "acme",
        "sender": { "name": "Lamp Shop" },
        "recipient": { "name": NAME, "phone": PHONE },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 1250,
        "tracking_number": "RR123456785DE",
    });
    let (status, answer) = system.post("/api/v1/shipments", "order-1", &body);
    assert_eq!(status, 201, "{answer}");
    let id = answer["shipment_id"].as_str().unwrap().to_owned();
    for (time, status) in
        [("2026-03-02T08:15:00+01:00", "picked_up"), ("2026-03-02T20:15:00+01:00", "in_transit")]
    {
        let scan = json!({ "time": time, "status": status, "carrier": "dhl", "signed_by": NAME });
        let (status, answer) = system.post(&format!("/api/v1/shipments/{id}/scans"), time, &scan);
        assert_eq!(status, 201, "{answer}");
    }
    system.get_until(&format!("/api/v1/shipments/{id}"), |_, body| body["version"] == 3);
    id
}

fn names_somebody(text: &str) -> bool {
    text.contains(NAME) || text.contains("15112345678")
}

#[test]
fn shipments_records_and_commands_in_a_browser() {
    let mut system = System::prepare();
    system.ask_who_calls(Vec::new());
    system.run_all();
    let system = &system;
    let id = register(system);
    let (admin, operator) = (Browser::signed_in(system, "admin"), Browser::signed_in(system, "operator"));

    // Search.
    let list = operator.page("/console/shipments?q=RR123456785DE");
    assert!(list.contains(&id) && list.contains("in transit"), "{list}");
    assert!(!names_somebody(&list) && !list.contains("name=\"phone\""), "{list}");
    let by_phone = admin.page(&format!("/console/shipments?phone={}", PHONE.replace('+', "%2B")));
    assert!(by_phone.contains(&id), "{by_phone}");
    let to_it = operator.request(&format!("/console/shipments?q={id}"));
    assert_eq!(to_it.headers()["location"], format!("/console/shipments/{id}"));

    // A shipment: why, and the records out of the log.
    let path = format!("/console/shipments/{id}");
    let (open, closed) = (admin.page(&path), operator.page(&path));
    for page in [&open, &closed] {
        assert!(page.contains("within a class the later one wins"), "{page}");
        assert!(page.contains("parceltrack.shipment.ShipmentEvent") && page.contains("ce_subject"), "{page}");
        assert_eq!(page.matches("decides the status").count(), 1, "{page}");
        assert!(page.contains("/commands/cancellation"), "{page}");
    }
    assert!(names_somebody(&open) && !names_somebody(&closed));
    assert!(open.contains("/commands/amendment") && !closed.contains("/commands/amendment"));
    let past = operator.page(&format!("{path}?as_of=2026-03-02T12:00"));
    assert!(past.contains("This is the past") && !past.contains("/commands/"), "{past}");
    assert_eq!(operator.request("/console/shipments/7").status(), StatusCode::NOT_FOUND);

    // The event store.
    for browser in [&admin, &operator] {
        for topic in ["events", "commands", "replies", "snapshots"] {
            let found = browser.page(&format!("/console/events/{topic}?shipment={id}"));
            assert!(found.contains(&id), "{topic}: {found}");
        }
        for topic in ["config", "registry", "audit", "dead-letters"] {
            browser.page(&format!("/console/events/{topic}"));
        }
    }
    let scans =
        operator.page(&format!("/console/events/events?shipment={id}&type=ScanRecorded&order=oldest"));
    assert_eq!(scans.matches("<td>ScanRecorded</td>").count(), 2, "{scans}");
    assert_eq!(operator.request("/console/events/api-keys").status(), StatusCode::FORBIDDEN);
    assert!(admin.page("/console/events/api-keys").contains("operator"));
    assert_eq!(operator.request("/console/events/events?since=never").status(), StatusCode::BAD_REQUEST);

    // Export: each line a record, and nobody named.
    let answer = operator.request(&format!("/console/events/events/export?shipment={id}"));
    assert!(answer.headers()["parceltrack-spans"].to_str().unwrap().contains(":0-"));
    let export = answer.text().unwrap();
    let lines: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ShipmentRegistered", "ScanRecorded", "ScanRecorded"]);
    assert!(
        !names_somebody(&export) && lines[1]["payload"]["json"]["status_after"] == "picked_up",
        "{export}"
    );
    let whole = admin.request(&format!("/console/events/events/export?shipment={id}")).text().unwrap();
    assert!(names_somebody(&whole));
    let at = format!("{}:{}", lines[1]["partition"], lines[1]["offset"]);
    let record = operator.page(&format!("/console/events/events/{at}"));
    assert!(record.contains("picked_up") && record.contains("ScanRecorded"), "{record}");

    // A command, after a second look; the same form sent twice is one command.
    let event = lines[2]["payload"]["json"]["event_id"].as_str().unwrap();
    let retraction = format!("{path}/commands/retraction");
    let form = operator.page(&format!("{retraction}?event={event}"));
    let key = hidden(&form, "key");
    let fields = [("key", key.as_str()), ("event", event), ("reason", "a wrong hub")];
    let asked = operator.post(&retraction, &fields);
    assert_eq!(asked.status(), StatusCode::OK);
    let asked = asked.text().unwrap();
    assert!(asked.contains("Do this?") && hidden(&asked, "key") == key, "{asked}");
    assert_eq!(system.get(&format!("/api/v1/shipments/{id}")).1["version"], 3, "asking does nothing");
    let confirmed = [&fields[..], &[("confirmed", "yes")]].concat();
    for _ in 0..2 {
        let at = operator.done(&retraction, &confirmed);
        assert!(at.contains("min_version=4"), "{at}");
    }
    let page = operator.page(&format!("{path}?done=retraction&min_version=4"));
    assert!(page.contains("took it back") && page.contains("taken back by #4"), "{page}");
    assert!(page.contains("picked up"), "{page}");
    let refused = operator.post(&format!("{path}/commands/amendment"), &confirmed);
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let amended = [("key", "k-1"), ("weight_grams", "900"), ("confirmed", "yes")];
    admin.done(&format!("{path}/commands/amendment"), &amended);
    system.get_until(&format!("/api/v1/shipments/{id}"), |_, body| body["weight_grams"] == 900);
}

/// Something that is no command, on the commands topic.
fn post_junk(system: &System, n: usize) {
    let settings = ProducerSettings::for_commands();
    let producer = Producer::new(&Kafka::at(system.endpoints.kafka.clone().unwrap()), &settings).unwrap();
    let junk = Outgoing {
        topic: system.topic("shipment.commands.v1").into(),
        partition: 0,
        key: Some(format!("{NAME} {n}").into()),
        value: Some("not a command".into()),
        headers: Headers::new(),
        timestamp: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { producer.send(&junk).unwrap().await.unwrap() });
}

#[test]
fn dead_letters_and_a_rebuild_in_a_browser() {
    let mut system = System::prepare();
    system.ask_who_calls(Vec::new());
    system.run_all();
    let system = &system;
    let id = register(system);
    let operator = Browser::signed_in(system, "operator");
    eventually("no dead letters", || operator.request(LETTERS).text().unwrap().contains("No dead letters"));

    // One is retried, and comes back, for it is junk still; then it is discarded, with a reason.
    post_junk(system, 1);
    let listed = || system.json(&["dead-letters", "list", "--json"]);
    let first = |page: &Value| page[0]["at"].as_str().unwrap_or_default().to_owned();
    eventually("a letter", || listed().as_array().unwrap().len() == 1);
    let at = first(&listed());
    let page = operator.page(LETTERS);
    assert!(page.contains(&format!("{LETTERS}/{at}")) && !page.contains(NAME), "{page}");
    let letter = operator.page(&format!("{LETTERS}/{at}"));
    assert!(letter.contains("not in the registry's framing") || letter.contains("framing"), "{letter}");
    let to = operator.done(&format!("{LETTERS}/{at}"), &[("act", "retry")]);
    assert!(operator.page(&to).contains("Retried"));
    eventually("it is parked again", || {
        let letters = listed();
        letters.as_array().unwrap().len() == 1 && first(&letters) != at
    });
    let at = first(&listed());
    let unsaid = operator.post(&format!("{LETTERS}/{at}"), &[("act", "discard"), ("reason", " ")]);
    assert_eq!(unsaid.status(), StatusCode::CONFLICT);
    assert!(unsaid.text().unwrap().contains("Say why"));
    let discard = [("act", "discard"), ("reason", "only an example")];
    let to = operator.done(&format!("{LETTERS}/{at}"), &discard);
    assert!(operator.page(&to).contains("Discarded") && listed().as_array().unwrap().is_empty());
    let again = operator.post(&format!("{LETTERS}/{at}"), &discard);
    assert!(again.text().unwrap().contains("it was discarded"));

    // All at once.
    (2..5).for_each(|n| post_junk(system, n));
    eventually("three letters", || listed().as_array().unwrap().len() == 3);
    operator.done(LETTERS, &[]);
    eventually("all are retried", || operator.page(LETTERS).contains("3 dead letters were retried"));

    // A rebuild, begun here, done when the page is closed; then back, and the old one dropped.
    let projections = || operator.page("/console/projections");
    eventually("one generation", || projections().contains("Generation 1"));
    operator.done("/console/projections", &[("act", "rebuild")]);
    let refused = operator.post("/console/projections", &[("act", "drop-old")]);
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(refused.text().unwrap().contains("is going on in this console"));
    eventually_within(90, "generation 2 is live", || projections().contains("Generation 2 is live"));
    let (status, body) = system.get(&format!("/api/v1/shipments/{id}"));
    assert_eq!((status, &body["version"]), (200, &json!(3)), "{body}");
    operator.done("/console/projections", &[("act", "flip-back")]);
    eventually_within(60, "back", || projections().contains("Generation 1 is live again"));
    operator.done("/console/projections", &[("act", "drop-old")]);
    eventually_within(60, "dropped", || projections().contains("Dropped generation 2"));

    // Who did it is written down.
    let audit = Browser::signed_in(system, "admin").request("/console/events/audit/export").text().unwrap();
    let records: Vec<Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let action = |record: &Value| record["payload"]["json"]["action"].as_str().unwrap_or_default().to_owned();
    let actions: Vec<String> =
        records.iter().map(action).filter(|action| !action.starts_with("key.")).collect();
    assert_eq!(
        actions,
        [
            "dead-letters.retry",
            "dead-letters.discard",
            "dead-letters.discard",
            "dead-letters.retry-all",
            "dead-letters.retry-all.end",
            "projections.rebuild",
            "projections.rebuild.end",
            "projections.flip-back",
            "projections.flip-back.end",
            "projections.drop-old",
            "projections.drop-old.end"
        ]
    );
}

#[track_caller]
fn eventually_within(seconds: u64, what: &str, holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed().as_secs() < seconds, "never: {what}");
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
}
