//! HTTP with patience.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Auth, Error};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Sends requests, again and again where that may help.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    auth: Auth,
    pub(crate) patience: Duration,
}

/// What came back: success, or "there is no such thing" with the registry's error, both of which callers expect.
pub(crate) struct Answer {
    pub(crate) request: String,
    pub(crate) status: StatusCode,
    text: String,
}

impl Client {
    pub(crate) fn new(url: &str, auth: Auth, timeout: Duration, patience: Duration) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadUrl { url: url.to_owned(), reason };
        // The slash makes `join` append to the path instead of replacing its last part.
        let base = Url::parse(&format!("{}/", url.trim_end_matches('/'))).map_err(|e| bad(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(bad("it is neither http nor https".to_owned()));
        }
        let mut builder = reqwest::Client::builder().timeout(timeout).connect_timeout(timeout);
        if is_loopback(&base) {
            // A proxy set for the outside world can't know this machine's own services.
            builder = builder.no_proxy();
        }
        Ok(Self { http: builder.build().map_err(Error::Client)?, base, auth, patience })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// A GET of a path below the base.
    pub(crate) async fn get(&self, path: &[&str]) -> Result<Answer, Error> {
        let url = self.url(path);
        self.send(format!("GET {}", url.path()), || self.http.get(url.clone())).await
    }

    /// A POST or PUT of JSON to a path below the base.
    pub(crate) async fn put(&self, path: &[&str], body: &Value) -> Result<Answer, Error> {
        let url = self.url(path);
        self.send(format!("PUT {}", url.path()), || self.http.put(url.clone()).json(body)).await
    }

    pub(crate) async fn post(&self, path: &[&str], body: &Value) -> Result<Answer, Error> {
        let url = self.url(path);
        self.send(format!("POST {}", url.path()), || self.http.post(url.clone()).json(body)).await
    }

    /// A request to any address of the same server.
    pub(crate) async fn get_url(&self, url: &Url) -> Result<Answer, Error> {
        self.send(format!("GET {}", url.path()), || self.http.get(url.clone())).await
    }

    /// Posts an archive, once: what it does can't be done twice.
    pub(crate) async fn post_zip(&self, url: &Url, archive: Vec<u8>) -> Result<Answer, Error> {
        let once = Self { patience: Duration::ZERO, ..self.clone() };
        let build =
            || self.http.post(url.clone()).header("content-type", "application/zip").body(archive.clone());
        once.send(format!("POST {}", url.path()), build).await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn send(&self, request: String, build: impl Fn() -> RequestBuilder) -> Result<Answer, Error> {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let failed = match self.once(&request, &build).await {
                Err(error) if error.is_passing() => error,
                other => return other,
            };
            if started.elapsed() + pause > self.patience {
                return Err(match failed {
                    Error::Unreachable { url, source, .. } => {
                        Error::Unreachable { url, waited: started.elapsed(), source }
                    }
                    other => other,
                });
            }
            tracing::warn!(
                %request, error = %failed, retry_in_ms = pause.as_millis() as u64,
                "schema registry does not answer"
            );
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn once(&self, request: &str, build: &impl Fn() -> RequestBuilder) -> Result<Answer, Error> {
        let away = |source: reqwest::Error| Error::Unreachable {
            url: self.base.to_string(),
            waited: Duration::ZERO,
            source: source.without_url(),
        };
        let response = self.auth.sign(build()).send().await.map_err(away)?;
        let status = response.status();
        let text = response.text().await.map_err(away)?;
        let answer = Answer { request: request.to_owned(), status, text };
        match status.as_u16() {
            200..=299 | 404 | 409 | 422 => Ok(answer),
            _ => Err(answer.into_error()),
        }
    }
}

impl Answer {
    /// The body of a success; an error otherwise.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        if self.status == StatusCode::NOT_FOUND && self.message().is_none() {
            // The API gives a code of its own with each error; a 404 without one comes from something else.
            let reason = "404 without the registry's error code".to_owned();
            return Err(Error::NotItsApi { request: self.request, reason });
        }
        if !self.status.is_success() {
            return Err(self.into_error());
        }
        serde_json::from_str(&self.text)
            .map_err(|e| Error::NotItsApi { request: self.request, reason: e.to_string() })
    }

    /// The body of a success, nothing where there is no such thing, an error otherwise.
    pub(crate) fn json_if_any<T: DeserializeOwned>(self) -> Result<Option<T>, Error> {
        if self.status == StatusCode::NOT_FOUND && self.message().is_some() {
            return Ok(None);
        }
        self.json().map(Some)
    }

    pub(crate) fn into_error(self) -> Error {
        let message = self.message().unwrap_or_else(|| self.text.chars().take(300).collect());
        Error::Answer { status: self.status.as_u16(), message, request: self.request }
    }

    fn message(&self) -> Option<String> {
        let body: Value = serde_json::from_str(&self.text).ok()?;
        body.get("error_code")?;
        body.get("message").and_then(Value::as_str).map(str::to_owned)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}
