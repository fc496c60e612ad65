//! Fetching the issuer's keys.

use std::time::Duration;

use reqwest::{Client, Url, redirect};
use serde::Deserialize;

use super::jwk::KeySet;
use crate::Error;

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer at most.
const LONGEST: usize = 1024 * 1024;

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the issuer can't be reached")]
    Http(#[from] reqwest::Error),
    #[error("the issuer answered with status {0}")]
    Status(u16),
    #[error("the issuer's answer is larger than 1 MiB")]
    TooLarge,
    #[error("the issuer's answer is not what it must be")]
    Json(#[from] serde_json::Error),
    #[error("the configuration is another issuer's")]
    AnotherIssuer,
    #[error(transparent)]
    Untrusted(#[from] Error),
    #[error("the issuer has no key that signs tokens by an algorithm that is taken")]
    NoKeys,
}

/// Where the keys are.
#[derive(Debug)]
pub(super) enum Place {
    /// Here.
    At(Url),
    /// Where the issuer's configuration says.
    Discovered { issuer: String, configuration: Url },
}

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

impl Place {
    pub(super) fn new(issuer: &str, jwks_url: Option<&str>) -> Result<Self, Error> {
        if let Some(url) = jwks_url {
            return Ok(Self::At(trusted(url)?));
        }
        // RFC 8414 has it otherwise; OpenID Connect Discovery appends.
        let configuration = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Ok(Self::Discovered { issuer: issuer.to_owned(), configuration: trusted(&configuration)? })
    }

    /// The keys as they are now.
    pub(super) async fn fetch(&self, http: &Client) -> Result<KeySet, FetchError> {
        let url = match self {
            Self::At(url) => url.clone(),
            Self::Discovered { issuer, configuration } => {
                let found: Configuration =
                    serde_json::from_slice(&answer(http, configuration.clone()).await?)?;
                if found.issuer != *issuer {
                    return Err(FetchError::AnotherIssuer);
                }
                trusted(&found.jwks_uri)?
            }
        };
        let keys = KeySet::parse(&answer(http, url).await?)?;
        // An empty set is more likely a mistake than that nobody is to be let in.
        if keys.len() == 0 { Err(FetchError::NoKeys) } else { Ok(keys) }
    }
}

/// A client that goes where it is sent, and no further.
pub(super) fn client() -> Result<Client, Error> {
    let builder = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).no_proxy();
    builder.build().map_err(Error::Http)
}

async fn answer(http: &Client, url: Url) -> Result<Vec<u8>, FetchError> {
    let mut response = http.get(url).send().await?;
    if !response.status().is_success() {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LONGEST {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An address that nobody on the way can answer for.
fn trusted(url: &str) -> Result<Url, Error> {
    let parsed = Url::parse(url).map_err(|_| Error::Url { url: url.to_owned() })?;
    let host = parsed.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|ip| ip.to_canonical().is_loopback());
    match parsed.scheme() {
        "https" => Ok(parsed),
        "http" if is_here => Ok(parsed),
        _ => Err(Error::Untrusted { url: url.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_https_or_from_here() {
        for good in
            ["https://id.example/jwks", "http://127.0.0.1:8080/x", "http://[::1]/", "http://localhost:1/"]
        {
            assert!(trusted(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example/jwks",
            "http://localhost.example/",
            "http://10.0.0.7/",
            "http://user@id.example:80/@127.0.0.1",
            "file:///etc/passwd",
            "id.example",
        ] {
            assert!(trusted(bad).is_err(), "{bad}");
        }
    }
}
