//! Why callers can't be checked at all.

use std::net::SocketAddr;

/// Why callers can't be checked at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Everybody would be an admin, for everybody on the network.
    #[error(
        "auth.required is false, and {listen} is more than loopback: anybody could do anything; set auth.required=true, or \
         listen on 127.0.0.1"
    )]
    OpenToAll {
        /// Where it would listen.
        listen: SocketAddr,
    },
    /// Whoever is on the way could put in keys of theirs.
    #[error("{url} is neither https nor on this machine: the issuer's keys can't be trusted from there")]
    Untrusted {
        /// The address.
        url: String,
    },
    /// It isn't one.
    #[error("{url} is no address")]
    Url {
        /// What was set.
        url: String,
    },
    /// No client can be made to fetch the issuer's keys.
    #[error("the issuer's keys can't be fetched")]
    Http(#[source] reqwest::Error),
    /// No client can be made to read the keys topic.
    #[error("the keys topic can't be read")]
    Kafka(#[from] event_log::Error),
    /// Tokens are signed in development only.
    #[error(
        "auth.development_secret is not set: tokens for production come from the OIDC issuer; for development, set it to the \
         same for every role (`openssl rand -hex 32`), or make an API key: `parceltrack keys create`"
    )]
    NoDevelopmentSecret,
    /// Something that no token can say.
    #[error("{0}")]
    Token(&'static str),
    /// OpenSSL failed.
    #[error("OpenSSL failed")]
    Crypto(#[from] openssl::error::ErrorStack),
}
