//! Other services, asked in the name of whoever looks at a page.

mod unanswered;

use std::time::Duration;

use auth::Service;
use axum::http::{Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service_registry::{Address, Directory, Scheme, ServiceName};
use settings::Live;

pub(crate) use self::unanswered::{Refusal, Unanswered};
use crate::caller::Caller;
use crate::metrics;

/// Bytes of an answer at most: no page shows more.
const LARGEST: usize = 8 * 1024 * 1024;

/// The other services, found in the registry.
pub(crate) struct Backend {
    http: Client,
    directory: Directory,
    timeout_ms: Live<u64>,
}

/// A question that isn't asked yet.
#[derive(Debug)]
pub(crate) struct Question {
    service: Service,
    method: Method,
    path: String,
    condition: Option<(&'static str, String)>,
    idempotency_key: Option<String>,
    body: Option<Vec<u8>>,
}

impl Question {
    /// `GET` of a path with its query; segments that are not our own must be [`escaped`].
    pub(crate) fn get(service: Service, path: impl Into<String>) -> Self {
        Self {
            service,
            method: Method::GET,
            path: path.into(),
            condition: None,
            idempotency_key: None,
            body: None,
        }
    }

    /// Another method.
    pub(crate) fn of(method: Method, service: Service, path: impl Into<String>) -> Self {
        Self { method, ..Self::get(service, path) }
    }

    /// With a body in JSON.
    #[must_use]
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body).ok();
        self
    }

    /// Under a name by which it is known again: sent twice, it is done once.
    #[must_use]
    pub(crate) fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Only if it still stands so.
    #[must_use]
    pub(crate) fn if_match(mut self, tag: impl Into<String>) -> Self {
        self.condition = Some(("if-match", tag.into()));
        self
    }

    /// Only if there is none yet.
    #[must_use]
    pub(crate) fn if_new(mut self) -> Self {
        self.condition = Some(("if-none-match", "*".to_owned()));
        self
    }
}

/// An answer's JSON, and its `ETag`.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) body: T,
    pub(crate) tag: Option<String>,
}

impl Backend {
    pub(crate) fn new(directory: Directory, timeout_ms: Live<u64>) -> Result<Self, reqwest::Error> {
        // Nobody but who is asked gets the caller's credentials.
        let http = Client::builder().no_proxy().redirect(Policy::none()).build()?;
        Ok(Self { http, directory, timeout_ms })
    }

    /// The client that asks.
    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// Asks with the caller's credentials. An instance that takes no connection is passed over.
    ///
    /// # Errors
    /// When nobody answers, or the answer is a refusal.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Answer<T>, Unanswered> {
        let service = question.service.name();
        let asked = self.try_ask(caller, question).await;
        asked.inspect_err(|why| metrics::UNANSWERED.with_label_values(&[service, why.reason()]).inc())
    }

    async fn try_ask<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Answer<T>, Unanswered> {
        let service = question.service.name();
        let mut addresses = self.addresses(service);
        let mut last = Unanswered::Nowhere { service };
        // Not always the same one first.
        let turn = if addresses.is_empty() { 0 } else { rand::random::<u32>() as usize % addresses.len() };
        addresses.rotate_left(turn);
        for address in addresses {
            match self.request(&address, caller, &question).send().await {
                Ok(answer) => return read(service, answer).await,
                Err(error) => {
                    let nothing_was_sent = error.is_connect();
                    last = Unanswered::Silent { service, address, late: error.is_timeout() };
                    if !nothing_was_sent {
                        break;
                    }
                }
            }
        }
        Err(last)
    }

    fn addresses(&self, service: &'static str) -> Vec<Address> {
        let Ok(name) = service.parse::<ServiceName>() else { return Vec::new() };
        let instances = self.directory.instances(&name).into_iter();
        instances
            .filter(|instance| instance.lease.scheme == Scheme::Http)
            .map(|instance| instance.lease.address.clone())
            .collect()
    }

    fn request(&self, address: &Address, caller: &Caller, question: &Question) -> RequestBuilder {
        let url = format!("http://{address}{}", question.path);
        let mut request = self.http.request(question.method.clone(), url).headers(caller.headers.clone());
        request = request.timeout(Duration::from_millis(self.timeout_ms.now()));
        if let Some((name, value)) = &question.condition {
            request = request.header(*name, value);
        }
        if let Some(key) = &question.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = &question.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        request
    }
}

async fn read<T: DeserializeOwned>(
    service: &'static str,
    mut answer: reqwest::Response,
) -> Result<Answer<T>, Unanswered> {
    let status = answer.status();
    let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= LARGEST => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => return Err(Unanswered::Garbled { service }),
        }
    }
    if !status.is_success() {
        return Err(Unanswered::refused(service, status.as_u16(), &bytes));
    }
    if status == StatusCode::NO_CONTENT {
        bytes = b"null".to_vec();
    }
    let body = serde_json::from_slice(&bytes).map_err(|_| Unanswered::Garbled { service })?;
    Ok(Answer { body, tag })
}

/// A segment of a path, or a value in a query, whatever is in it.
pub(crate) fn escaped(text: &str) -> String {
    // A plus means a space in a query only.
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_path_stays_one_segment() {
        assert_eq!(escaped("a b/c?d+e"), "a%20b%2Fc%3Fd%2Be");
        assert_eq!(escaped("10.0.0.7:8092"), "10.0.0.7%3A8092");
    }
}
