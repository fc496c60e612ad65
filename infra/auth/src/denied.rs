//! Why a caller is turned away.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_api::{Problem, codes};

use crate::Role;

/// How long until what the check depends on may be back.
const RETRY: Duration = Duration::from_secs(2);

/// Why a caller is turned away. What is wrong with credentials is told no closer than this: the log has the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No credentials, where the call takes some.
    Missing,
    /// Credentials that are not good: malformed, unknown, expired, revoked, or meant for somebody else.
    Invalid(&'static str),
    /// Good credentials, but this role may not call this.
    Forbidden,
    /// Whether they are good can't be said now: the keys topic or the issuer's keys could not be read yet. Never taken for good.
    Unknowable(&'static str),
}

impl Denied {
    /// Of a caller whose role may not: the public might with credentials, others have the wrong ones.
    pub(crate) fn of_role(role: Role) -> Self {
        if role == Role::Public { Self::Missing } else { Self::Forbidden }
    }

    /// As the metric names it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid(_) => "invalid",
            Self::Forbidden => "forbidden",
            Self::Unknowable(_) => "unknowable",
        }
    }

    /// What the caller is answered.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Missing => challenge("give an API key or a token: `Authorization: Bearer …`", "Bearer"),
            Self::Invalid(why) => challenge(why, "Bearer error=\"invalid_token\""),
            Self::Forbidden => {
                Problem::http(codes::FORBIDDEN).detail("these credentials are good, but not for this call")
            }
            Self::Unknowable(why) => Problem::unavailable(*why, RETRY),
        }
    }
}

/// RFC 6750, section 3.
fn challenge(detail: &str, challenge: &'static str) -> Problem {
    Problem::http(codes::UNAUTHENTICATED)
        .detail(detail)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        self.problem().into_response()
    }
}
