//! A running system, asked through its gateway.

use std::time::Duration;

use anyhow::bail;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde_json::{Value, json};
use settings::{Secret, Settings};

use crate::presence::reachable;
use crate::terminal::printable;
use crate::up;

/// How long one answer may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// What tells commands beside a local system where its gateway is.
pub(crate) const GATEWAY: &str = "PARCELTRACK_CLIENT_GATEWAY";

/// The gateway of a system, and what to ask it with.
pub(crate) struct Remote {
    http: reqwest::Client,
    url: Url,
    key: Option<Secret>,
}

impl Remote {
    /// The gateway at this address, or where the settings say; else that of the system on this machine, whose admin's key no
    /// other is shown.
    pub(crate) fn find(gateway: Option<&Url>, settings: &Settings) -> anyhow::Result<Self> {
        let named = gateway.cloned().map(Ok).or_else(|| settings.client.gateway.as_deref().map(Url::parse));
        let mut key = settings.client.key.clone();
        let url = if let Some(named) = named {
            named?
        } else {
            let dir = &settings.local_stack.dir;
            let mut running = up::running(dir).into_iter().flat_map(|running| running.endpoints);
            match running.find(|(name, _)| name == GATEWAY) {
                Some((_, url)) => {
                    key = key.or_else(|| up::ADMIN.existing(dir));
                    Url::parse(&url)?
                }
                // Who listens there now is anybody.
                None => Url::parse(&gateway_url(settings))?,
            }
        };
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { http, url, key })
    }

    /// A request that isn't sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url.as_str().trim_end_matches('/')));
        match &self.key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        }
    }

    /// What is under these segments of a path, whatever is in them.
    pub(crate) fn get_segments<'a>(
        &self,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> anyhow::Result<RequestBuilder> {
        let mut url = self.url.clone();
        let cannot = |()| anyhow::anyhow!("{} can't have a path", self.url);
        url.path_segments_mut().map_err(cannot)?.pop_if_empty().extend(segments);
        Ok(self.http.get(url))
    }

    /// What is there.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
        self.answer(self.request(Method::GET, path).query(query)).await
    }

    pub(crate) fn unanswered(&self, error: reqwest::Error) -> anyhow::Error {
        let url = &self.url;
        let said = if error.is_timeout() {
            format!(
                "the gateway at {url} didn't answer in time; look whether it was done before you try again"
            )
        } else {
            format!("no gateway answers at {url}; `parceltrack up` starts one, or name another by --gateway")
        };
        anyhow::Error::new(error).context(said)
    }

    /// The answer's JSON; a problem is an error, in its own words.
    pub(crate) async fn answer(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let response = request.send().await.map_err(|error| self.unanswered(error))?;
        let status = response.status();
        let text = response.text().await?;
        if status == StatusCode::NO_CONTENT {
            return Ok(json!({ "done": true }));
        }
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(body);
        }
        let said =
            ["detail", "title"].iter().find_map(|name| body[*name].as_str().filter(|text| !text.is_empty()));
        let code = body["code"].as_str().unwrap_or_default();
        bail!("{} ({status} {code})", printable(said.unwrap_or("the service refused")));
    }
}

/// Where a gateway with these settings is reached on this machine.
pub(crate) fn gateway_url(settings: &Settings) -> String {
    let scheme = if settings.gateway.tls_cert_file.is_some() { "https" } else { "http" };
    format!("{scheme}://{}", reachable(settings.gateway.listen))
}
