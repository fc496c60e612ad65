//! A service of the system that runs, asked over HTTP.

use std::time::Duration;

use anyhow::bail;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use settings::{Secret, Settings};

use crate::cli::RoleName;
use crate::terminal::printable;
use crate::up;

/// How long one answer may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// A service, and where it is.
pub(crate) struct Remote {
    http: reqwest::Client,
    name: &'static str,
    url: String,
    key: Option<Secret>,
}

impl Remote {
    /// A role at this address; or that of the system that runs on the data folder; or where the settings say.
    pub(crate) fn find(role: RoleName, url: Option<&str>, settings: &Settings) -> anyhow::Result<Self> {
        let running = up::running(&settings.local_stack.dir);
        let of_running = || {
            let found =
                running.iter().flat_map(|running| &running.roles).find(|found| found.name == role.name());
            found.map(|found| format!("http://{}", found.address))
        };
        let url = url.map(str::to_owned).or_else(of_running);
        let url = url.unwrap_or_else(|| format!("http://{}", role.listen(settings)));
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        let key = settings.client.key.clone().or_else(|| up::admin_key_of(&settings.local_stack.dir));
        Ok(Self { http, name: role.name(), url: url.trim_end_matches('/').to_owned(), key })
    }

    /// A request that isn't sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        }
    }

    /// What is there.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
        self.answer(self.request(Method::GET, path).query(query)).await
    }

    fn unanswered(&self, error: reqwest::Error) -> anyhow::Error {
        let (name, url) = (self.name, &self.url);
        let said = if error.is_timeout() {
            format!("{name} at {url} didn't answer in time; look whether it was done before you try again")
        } else {
            format!("no {name} answers at {url}; `parceltrack up` starts one, or name another by --url")
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
