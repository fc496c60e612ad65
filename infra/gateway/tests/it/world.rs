//! A gateway, and services behind it that do what a test wants.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::{Customers, Denied, Principal, Role, Service};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use gateway::{Doorkeeper, Error, Gateway, Upstreams};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use settings::{Settings, Sources};
use telemetry::Readiness;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A path that reads one shipment.
pub(crate) const SHIPMENT: &str = "/api/v1/shipments/7";

/// Knows `Bearer reader`, `Bearer producer`, `Bearer operator` and `Bearer admin`.
struct Names;

#[async_trait]
impl Doorkeeper for Names {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Denied> {
        let Some(value) = headers.get("authorization") else { return Ok(Principal::public()) };
        let name = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
        if name == Some("unknowable") {
            return Err(Denied::Unknowable("the keys can't be read yet"));
        }
        let role = name.and_then(|name| name.parse::<Role>().ok()).ok_or(Denied::Invalid("no such key"))?;
        Ok(Principal::new(format!("key:{role}"), role, Customers::All))
    }
}

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) upstreams: Upstreams,
    pub(crate) client: Client,
    pub(crate) serving: JoinHandle<Result<(), Error>>,
    shutdown: CancellationToken,
    scheme: &'static str,
}

impl World {
    /// A gateway with these settings, before services that say what they were asked.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        let world = Self::empty(settings).await;
        let told = serve(Router::new().fallback(tell)).await;
        for service in Service::ALL {
            world.upstreams.set(service, vec![told]);
        }
        world
    }

    /// A gateway before nothing.
    pub(crate) async fn empty(settings: &[&str]) -> Self {
        Self::before(Upstreams::new(), settings).await
    }

    /// Another gateway before the same services.
    pub(crate) async fn another(&self, settings: &[&str]) -> Self {
        Self::before(self.upstreams.clone(), settings).await
    }

    /// Why a gateway with these settings doesn't begin.
    pub(crate) async fn refused(settings: &[&str]) -> Error {
        Self::bind(&Self::settings(settings), Upstreams::new()).await.err().expect("it is refused")
    }

    fn settings(settings: &[&str]) -> Settings {
        let sources = Sources::none().set("gateway.listen=127.0.0.1:0").set("gateway.ops_listen=127.0.0.1:0");
        let sources = settings.iter().fold(sources, |sources, set| sources.set(*set));
        Settings::load(&sources).unwrap()
    }

    async fn bind(settings: &Settings, upstreams: Upstreams) -> Result<Gateway, Error> {
        Gateway::bind_to(settings, Arc::new(Names), upstreams, Readiness::new()).await
    }

    async fn before(upstreams: Upstreams, settings: &[&str]) -> Self {
        let settings = Self::settings(settings);
        let gateway = Self::bind(&settings, upstreams.clone()).await.unwrap();
        let (address, ops) = (gateway.local_addr().unwrap(), gateway.ops_addr().unwrap());
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(gateway.serve(shutdown.clone()));
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let scheme = if settings.gateway.tls_cert_file.is_some() { "https" } else { "http" };
        Self { address, ops, upstreams, client, serving, shutdown, scheme }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// A request as somebody; as nobody when the name is empty.
    pub(crate) fn request(&self, method: Method, path: &str, who: &str) -> RequestBuilder {
        let request = self.client.request(method, self.url(path));
        if who.is_empty() { request } else { request.bearer_auth(who) }
    }

    pub(crate) async fn get(&self, path: &str, who: &str) -> Answer {
        Answer::of(self.request(Method::GET, path, who)).await
    }

    pub(crate) async fn post(&self, path: &str, who: &str, body: &str) -> Answer {
        Answer::of(self.request(Method::POST, path, who).body(body.to_owned())).await
    }

    /// What a browser is answered that asks for a page.
    pub(crate) async fn page(&self, path: &str, language: &str) -> Answer {
        let request = self.client.get(self.url(path)).header("accept", "text/html,*/*;q=0.8");
        Answer::of(request.header("accept-language", language)).await
    }

    /// Sends bytes as they are, and gives everything that comes until the connection ends.
    pub(crate) async fn raw(&self, bytes: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    /// The sum of a metric's samples whose line has all of these parts.
    pub(crate) async fn metric(&self, name: &str, parts: &[&str]) -> f64 {
        let text = self
            .client
            .get(format!("http://{}/metrics", self.ops))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let lines = text
            .lines()
            .filter(|line| line.starts_with(name) && parts.iter().all(|part| line.contains(part)));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }

    pub(crate) fn tell_to_stop(&self) {
        self.shutdown.cancel();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Everything until the other side ends the connection.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection was not ended: {:?}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Self { status, headers, text: answer.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Checks that it is a problem with this status and code.
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.header("content-type")),
            (status, "application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
    }
}

/// Serves a router on a port of its own.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Says what was asked.
async fn tell(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let headers: serde_json::Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    let told = json!({
        "method": parts.method.as_str(), "target": parts.uri.to_string(), "headers": headers, "bytes": body.len(),
    });
    ([("server", "a secret"), ("x-from", "service")], Json(told)).into_response()
}

/// A service that counts, and answers with its name.
pub(crate) struct Counting {
    pub(crate) address: SocketAddr,
    pub(crate) bodies: Arc<Mutex<Vec<Bytes>>>,
}

impl Counting {
    pub(crate) async fn start(name: &'static str) -> Self {
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let count = move |State(bodies): State<Arc<Mutex<Vec<Bytes>>>>, body: Bytes| async move {
            bodies.lock().unwrap().push(body);
            name
        };
        let router = Router::new().fallback(count).with_state(Arc::clone(&bodies));
        Self { address: serve(router).await, bodies }
    }

    pub(crate) fn count(&self) -> usize {
        self.bodies.lock().unwrap().len()
    }
}

/// A service that takes requests, and breaks off instead of answering.
pub(crate) struct Breaking {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Breaking {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let mut bytes = [0; 4096];
                if stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { address, requests }
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// An address where nobody listens.
pub(crate) async fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
