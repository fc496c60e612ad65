//! The HTTP client that OpenTelemetry's exporter sends by: ours, so that there is one TLS library.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};

#[derive(Debug)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new(patience: Duration) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder().timeout(patience).connect_timeout(patience);
        // A proxy set for the outside world knows neither this machine's services nor the trace store beside them.
        builder.no_proxy().build().map(Self)
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.0.execute(request.try_into()?).await?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.extend(answer.headers().iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        Ok(response.body(answer.bytes().await?)?)
    }
}
