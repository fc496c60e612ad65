//! A command API of a test's own, with topics of its own; or the one that tests share.

use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use command_api::CommandApi;
use event_log::{Admin, Kafka, TopicSpec, Topics};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderMap};
use schema_registry::{Auth, Codecs, Contracts, Registry};
use serde_json::{Value, json};
use settings::{Settings, Sources};
use tokio_util::sync::CancellationToken;

use crate::responder::{Control, Responder};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

static SHARED: LazyLock<World> = LazyLock::new(|| World::start(&[]));

/// The API that tests share, for what leaves no trace in other tests.
pub(crate) fn shared() -> &'static World {
    &SHARED
}

/// A running API.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) control: Arc<Control>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member}: {self:?}"))
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status);
        (self.status, self.text("code"))
    }
}

impl World {
    /// With these settings changed, ready.
    pub(crate) fn start(set: &[&str]) -> Self {
        let world = Self::start_at(&kafka_at(), set);
        world.wait_until_ready();
        world
    }

    /// With this Kafka, ready or not.
    pub(crate) fn start_at(bootstrap: &str, set: &[&str]) -> Self {
        let settings = settings(bootstrap, set);
        let (control, stop) = (Arc::<Control>::default(), CancellationToken::new());
        let (bound, address) = mpsc::channel();
        let thread = std::thread::spawn({
            let (control, stop) = (control.clone(), stop.clone());
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let api = CommandApi::bind(&settings).await.unwrap();
                    bound.send(api.local_addr().unwrap()).unwrap();
                    let serving = api.serve(stop.clone());
                    let responding = respond(&settings, &control);
                    tokio::select! {
                        served = serving => served.unwrap(),
                        () = responding => {}
                    }
                    delete_topics(&settings).await;
                });
            }
        });
        let url = format!("http://{}", address.recv().unwrap());
        Self { url, control, stop, thread: Some(thread) }
    }

    pub(crate) fn wait_until_ready(&self) {
        let address = self.url.strip_prefix("http://").unwrap();
        let begun = Instant::now();
        while plain_get(address, "/readyz") != Some(200) {
            assert!(begun.elapsed() < PATIENCE, "never ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks the API to end, and doesn't wait for it.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        client().request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let response = self.request(Method::GET, path).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body), headers).await
    }

    pub(crate) async fn patch(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body), headers).await
    }

    /// A registered shipment's id.
    pub(crate) async fn registered(&self) -> String {
        let answer = self.post("/api/v1/shipments", &[], registration()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text("shipment_id").to_owned()
    }

    /// Commands as NDJSON, and the outcomes by line.
    pub(crate) async fn stream(
        &self,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Vec<Value> {
        let request =
            self.request(Method::POST, "/api/v1/commands").header("content-type", "application/x-ndjson");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        outcomes(&response.text().await.unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the API's thread panicked");
        }
    }
}

/// The outcomes of a stream, sorted by line.
pub(crate) fn outcomes(text: &str) -> Vec<Value> {
    let mut outcomes: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    outcomes.sort_by_key(|outcome| outcome["line"].as_u64());
    outcomes
}

pub(crate) async fn send(request: RequestBuilder, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, body }
}

/// How many commands of a type the metrics say became this.
pub(crate) fn counted(metrics: &str, type_name: &str, outcome: &str) -> u64 {
    let name =
        format!("parceltrack_command_api_commands_total{{outcome=\"{outcome}\",type=\"{type_name}\"}} ");
    let mut values = metrics.lines().filter_map(|line| line.strip_prefix(&name));
    values.next().unwrap_or_else(|| panic!("no {name}in {metrics}")).parse().unwrap()
}

pub(crate) fn client() -> Client {
    Client::builder().timeout(Duration::from_mins(2)).build().unwrap()
}

pub(crate) fn registration() -> Value {
    json!({
        "customer_id": "shop-7",
        "sender": {"name": "Lamp Shop"},
        "recipient": {"name": "A. Example", "phone": "+4915112345678"},
        "destination": {"city": "Ulm", "country": "DE"},
        "weight_grams": 1200,
        "tracking_number": "RR123456785DE"
    })
}

pub(crate) fn scan(minute: u32, status: &str) -> Value {
    json!({"time": format!("2026-11-24T09:{minute:02}:00+01:00"), "status": status, "carrier": "dhl"})
}

pub(crate) fn kafka_at() -> String {
    std::env::var("PARCELTRACK_KAFKA").unwrap_or_else(|_| "127.0.0.1:9092".to_owned())
}

fn settings(bootstrap: &str, set: &[&str]) -> Settings {
    let registry = std::env::var("PARCELTRACK_REGISTRY")
        .unwrap_or_else(|_| "http://127.0.0.1:8081/apis/ccompat/v7".to_owned());
    let prefix = format!("it-command-api-{}", uuid::Uuid::new_v4().simple());
    let sources = Sources::none()
        .env("PARCELTRACK_KAFKA", bootstrap)
        .env("PARCELTRACK_REGISTRY", registry)
        .set(format!("kafka.topic_prefix={prefix}"))
        .set("command_api.listen=127.0.0.1:0")
        .set("auth.required=false")
        .set("command_api.namespace_secret=only-for-these-tests")
        .set("command_api.query_url=http://query.example");
    let sources = set.iter().fold(sources, |sources, assignment| sources.set(*assignment));
    Settings::load(&sources).unwrap()
}

/// Makes the topics as soon as Kafka is there, and decides what comes.
async fn respond(settings: &Settings, control: &Control) {
    let kafka = Kafka::of_settings(&settings.kafka, "responder").unwrap();
    let topics = Topics::of_settings(&settings.kafka);
    let admin = Admin::new(&kafka, Duration::from_secs(5)).unwrap();
    while let Err(error) = admin.apply(&specs(settings), false).await {
        eprintln!("topics can't be made yet: {error}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let registry = Registry::connect(&settings.registry.url, Auth::None, PATIENCE).unwrap();
    let codecs = Codecs::open(registry, Contracts::ours(&settings.kafka.topic_prefix)).await.unwrap();
    Responder::open(&kafka, &topics, &codecs).await.run(control).await;
}

async fn delete_topics(settings: &Settings) {
    let kafka = Kafka::of_settings(&settings.kafka, "responder").unwrap();
    let specs = specs(settings);
    let names: Vec<&str> = specs.iter().map(|spec| &*spec.name).collect();
    let deleted = Admin::new(&kafka, Duration::from_secs(5)).unwrap().delete(&names).await;
    if let Err(error) = deleted {
        eprintln!("{names:?} are left behind: {error}");
    }
}

/// Only what the API and the responder need.
fn specs(settings: &Settings) -> Vec<TopicSpec> {
    let topics = Topics::of_settings(&settings.kafka);
    let needed = [&topics.commands, &topics.replies];
    topics.specs().into_iter().filter(|spec| needed.contains(&&spec.name)).collect()
}

/// The status of a GET, by hand: tests wait with it where there is no runtime to wait on.
fn plain_get(address: &str, path: &str) -> Option<u16> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.get(9..12)?.parse().ok()
}
