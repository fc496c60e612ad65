//! Who we are to the registry.

use std::fmt;

/// How to sign in. `Debug` shows no secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// User name and password, or API key and secret.
    Basic {
        /// The name or key.
        username: String,
        /// The password or secret.
        password: String,
    },
    /// A bearer token.
    Bearer(String),
}

impl Auth {
    /// Basic where both are given, else none.
    pub fn basic(username: Option<String>, password: Option<String>) -> Self {
        match (username, password) {
            (Some(username), Some(password)) => Self::Basic { username, password },
            _ => Self::None,
        }
    }

    pub(crate) fn sign(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match self {
            Self::None => request,
            Self::Basic { username, password } => request.basic_auth(username, Some(password)),
            Self::Bearer(token) => request.bearer_auth(token),
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic(…)",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}
