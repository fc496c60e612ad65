//! Requests and answers.

use std::net::SocketAddr;

use reqwest::header::HeaderMap;
use serde_json::Value;

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    pub(crate) fn of(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: format!("http://{address}") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::of(self.open(path, headers).await).await
    }

    /// Where a redirect leads; none where there is no redirect.
    pub(crate) async fn target(&self, path: &str) -> Option<String> {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let response = http.unwrap().get(format!("{}{path}", self.base)).send().await.unwrap();
        let location = response.headers().get("location")?.to_str().unwrap().to_owned();
        assert_eq!(response.status(), 303, "{location}");
        Some(location)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.http.post(format!("{}{path}", self.base)).json(body).send().await.unwrap()).await
    }

    /// An answer whose body is read later.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a 200.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// Checks that this is a problem document, and gives what it says for people.
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let said = self.json();
        assert_eq!((&said["status"], &said["code"]), (&status.into(), &code.into()), "{said}");
        assert_eq!(said["type"], format!("/docs/errors/{code}"));
        assert!(said["request_id"].is_string() && said["instance"].is_string(), "{said}");
        said["detail"].as_str().unwrap().to_owned()
    }

    /// A 503 that says when to come again.
    pub(crate) fn unavailable(&self) -> String {
        let said = self.problem(503, "PT-0013");
        assert!(self.header("retry-after").parse::<u32>().unwrap() >= 1);
        said
    }
}
