//! A console of a test's own, and those that it asks.

use std::time::{Duration, Instant};

use auth::{KeySpec, Keys, NewKey, Role};
use config_service::ConfigService;
use console::Console;
use discovery_service::DiscoveryService;
use event_log::{Admin, Kafka, Topics};
use reqwest::{Client, Method, RequestBuilder, redirect};
use service_registry::{Registrar, Registration, Status};
use settings::{Settings, Sources};
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    url: String,
    settings: Settings,
    kafka: Kafka,
    topics: Topics,
    http: Client,
    /// They are in the registry as long as they are held.
    registered: Vec<Registrar>,
    _dir: TempDir,
    _stop: DropGuard,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) cookie: Option<String>,
    pub(crate) text: String,
}

impl World {
    /// A console that is ready, with a discovery service and a config service to ask.
    pub(crate) async fn start() -> Self {
        let mut world = Self::alone().await;
        world.start_others().await;
        world
    }

    /// A console that is ready, and nobody to ask.
    pub(crate) async fn alone() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(&dir);
        let kafka = Kafka::of_settings(&settings.kafka, "console-tests").unwrap();
        let topics = Topics::of_settings(&settings.kafka);
        let ours = [&topics.api_keys, &topics.audit, &topics.registry, &topics.config];
        let mut specs = topics.specs();
        specs.retain(|spec| ours.contains(&&spec.name));
        Admin::new(&kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();

        let stop = CancellationToken::new();
        let console = Console::bind(&settings).await.unwrap();
        let url = format!("http://{}", console.local_addr().unwrap());
        tokio::spawn(console.serve(stop.clone()));
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let world = Self {
            url,
            settings,
            kafka,
            topics,
            http,
            registered: Vec::new(),
            _dir: dir,
            _stop: stop.drop_guard(),
        };
        world
            .until("it is ready", async || {
                world.send(world.program(Method::GET, "/readyz")).await.status == 200
            })
            .await;
        world
    }

    async fn start_others(&mut self) {
        let settings = &self.settings;
        let stop = CancellationToken::new();
        let discovery = DiscoveryService::bind(settings).await.unwrap();
        let config = ConfigService::bind(settings).await.unwrap();
        for (name, address) in [
            ("discovery-service", discovery.local_addr().unwrap()),
            ("config-service", config.local_addr().unwrap()),
        ] {
            let address = address.to_string();
            let registration = Registration {
                status: Status::Up,
                ..Registration::new(name.parse().unwrap(), address.parse().unwrap(), address.parse().unwrap())
            };
            self.registered.push(Registrar::start(&self.kafka, &self.topics, &registration).unwrap());
        }
        tokio::spawn(discovery.serve(stop.clone()));
        tokio::spawn(config.serve(stop));
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys::new(self.kafka.clone(), self.topics.clone())
    }

    pub(crate) async fn key(&self, role: Role) -> NewKey {
        let spec = KeySpec { name: "a test".to_owned(), role, customers: [].into(), expires_at: None };
        let spec =
            if role.is_scoped() { KeySpec { customers: ["acme".to_owned()].into(), ..spec } } else { spec };
        self.keys().create(spec, "test").await.unwrap()
    }

    /// A request as programs make it.
    pub(crate) fn program(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// A page, as a browser asks for it; with the cookie of who is signed in.
    pub(crate) async fn page(&self, path: &str, cookie: &str) -> Answer {
        let request = self.program(Method::GET, path).header("accept", "text/html,*/*;q=0.8");
        self.send(if cookie.is_empty() { request } else { request.header("cookie", cookie) }).await
    }

    /// A form, as a browser sends it from a page of this console.
    pub(crate) async fn form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .program(Method::POST, path)
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin");
        let request = request.form(fields);
        self.send(if cookie.is_empty() { request } else { request.header("cookie", cookie) }).await
    }

    /// The cookie of who signs in with a new key of this role.
    pub(crate) async fn signed_in(&self, role: Role) -> String {
        let key = self.key(role).await;
        self.sign_in(key.key.expose()).await
    }

    /// The cookie of who signs in with this, once the key is known.
    pub(crate) async fn sign_in(&self, credential: &str) -> String {
        let begun = Instant::now();
        loop {
            let answer = self.form("/console/sign-in", "", &[("credential", credential)]).await;
            if answer.status == 303 {
                return answer.cookie.unwrap().split(';').next().unwrap().to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, location, cookie) = (answer.status().as_u16(), header("location"), header("set-cookie"));
        Answer { status, location, cookie, text: answer.text().await.unwrap() }
    }

    /// All values that lie in the config topic, as text.
    pub(crate) async fn config_topic(&self) -> String {
        let (kafka, topic) = (self.kafka.clone(), self.topics.config.clone());
        tokio::task::spawn_blocking(move || testkit::committed_text(&kafka, &topic)).await.unwrap()
    }

    /// Waits until something is so, and tells how long that took.
    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) -> Duration {
        let begun = Instant::now();
        while !is_so().await {
            assert!(begun.elapsed() < PATIENCE, "never: {what}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        begun.elapsed()
    }
}

fn settings(dir: &TempDir) -> Settings {
    let at = std::env::var("PARCELTRACK_KAFKA").expect("PARCELTRACK_KAFKA is not set; `make test` sets it");
    let installation = testkit::Installation::new(dir.path()).unwrap();
    let mut own = installation.settings();
    own.retain(|setting| setting != "auth.required=false");
    own.push(format!("kafka.bootstrap={at}"));
    own.extend(
        ["console", "discovery_service", "config_service"].map(|of| format!("{of}.listen=127.0.0.1:0")),
    );
    Settings::load(&own.into_iter().fold(Sources::none(), Sources::set)).unwrap()
}
