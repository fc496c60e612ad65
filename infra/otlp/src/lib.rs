//! Spans to a trace store, by OpenTelemetry's protocol over HTTP (OTLP, protobuf).
//!
//! The roles make spans by [`telemetry::spans`] and never wait: what can't be sent is dropped, and counted. This crate takes
//! them from there, and is the only one that names OpenTelemetry's libraries.
#![forbid(unsafe_code)]

mod client;
mod convert;
mod send;

use std::time::Duration;

use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::SpanExporter as _;
use settings::keys::Tracing;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::send::Sending;

/// How long the receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where OTLP has traces, where an address alone is given.
const PATH: &str = "/v1/traces";

/// Whose spans they are.
#[derive(Debug, Clone)]
pub struct Who {
    /// The role: `command-api`.
    pub service: String,
    /// The instance's name in the registry.
    pub instance: String,
    /// The version of this build.
    pub version: &'static str,
}

/// Why spans can't be sent at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is none.
    #[error("tracing.otlp_endpoint = {endpoint}: {said}")]
    Endpoint {
        /// What was set.
        endpoint: String,
        /// What is wrong with it.
        said: String,
    },
    /// The address holds credentials: it is written to the log, and shown by `parceltrack config`.
    #[error(
        "tracing.otlp_endpoint must not hold a name or a password; give what the receiver asks for in OTEL_EXPORTER_OTLP_HEADERS"
    )]
    Credentials,
    /// No client could be made.
    #[error("no HTTP client for sending spans")]
    Client(#[source] reqwest::Error),
    /// Somebody sends them already.
    #[error("spans are sent already in this process")]
    Twice,
}

/// Begins to send the process's spans, if `tracing.otlp_endpoint` is set. After `stop` what is left is tried once, for a
/// few seconds at most. Must be called within a Tokio runtime.
///
/// # Errors
/// When the address is none, or spans are sent already. A receiver that doesn't answer is no error: it may come.
pub fn start(
    settings: &Tracing,
    who: &Who,
    stop: CancellationToken,
) -> Result<Option<JoinHandle<()>>, Error> {
    let Some(endpoint) = &settings.otlp_endpoint else { return Ok(None) };
    if has_credentials(endpoint) {
        return Err(Error::Credentials);
    }
    let url = with_path(endpoint);
    let client = Client::new(PATIENCE).map_err(Error::Client)?;
    let built = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_retry_policy(RetryPolicy::disabled())
        .with_timeout(PATIENCE)
        .with_endpoint(&url)
        .build();
    let said = |error| Error::Endpoint { endpoint: endpoint.clone(), said: format!("{error}") };
    let mut exporter = built.map_err(said)?;
    exporter.set_resource(&convert::resource(who));
    let spans = telemetry::spans::take(settings.queue_spans).ok_or(Error::Twice)?;
    tracing::info!(url, "spans are sent");
    Ok(Some(tokio::spawn(Sending { spans, exporter, url, batch: Vec::new() }.run(stop))))
}

fn has_credentials(endpoint: &str) -> bool {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@')
}

fn with_path(endpoint: &str) -> String {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    match rest.split_once('/') {
        Some((_, path)) if !path.is_empty() => endpoint.to_owned(),
        _ => format!("{}{PATH}", endpoint.trim_end_matches('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_gets_the_usual_path() {
        for alone in ["http://tempo:4318", "http://tempo:4318/"] {
            assert_eq!(with_path(alone), "http://tempo:4318/v1/traces");
        }
        assert_eq!(with_path("https://store/otlp/v1/traces"), "https://store/otlp/v1/traces");
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        let endpoint = "https://team:token@otlp.example/v1/traces".to_owned();
        let mut settings = settings::Settings::default().tracing;
        settings.otlp_endpoint = Some(endpoint);
        let who = Who { service: "a".to_owned(), instance: "a-1".to_owned(), version: "1.0.0" };
        let error = start(&settings, &who, CancellationToken::new()).unwrap_err();
        assert!(matches!(error, Error::Credentials) && !error.to_string().contains("token"), "{error}");
        assert!(!has_credentials("https://otlp.example/team@home"));
    }
}
