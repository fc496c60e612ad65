//! What a request's headers say of its command.

use auth::Principal;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use http_api::{Prefer, Problem, RequestContext, codes, if_match};
use shipment_events::Sequence;
use telemetry::TraceContext;

use crate::idempotency_key::IdempotencyKey;

/// Key, version expected, patience, trace. Handlers take it as an argument.
pub(crate) struct Terms {
    /// Who sends it.
    pub(crate) principal: Principal,
    /// The sender's, or one of ours.
    pub(crate) key: IdempotencyKey,
    /// From `If-Match`.
    pub(crate) expected_version: Option<Sequence>,
    /// How long the sender wants to wait.
    pub(crate) prefer: Prefer,
    /// Where the request stands in its trace.
    pub(crate) trace: TraceContext,
}

impl<S: Sync> FromRequestParts<S> for Terms {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(context) = RequestContext::from_request_parts(parts, state).await;
        Ok(Self {
            principal: Principal::from_request_parts(parts, state).await?,
            key: IdempotencyKey::from_headers(&parts.headers)?.unwrap_or_else(IdempotencyKey::generate),
            expected_version: expected_version(&parts.headers)?,
            prefer: Prefer::from_headers(&parts.headers),
            trace: context.trace,
        })
    }
}

/// A command is held against one version, so `If-Match` must name one.
fn expected_version(headers: &HeaderMap) -> Result<Option<Sequence>, Problem> {
    let Some(condition) = if_match(headers)? else { return Ok(None) };
    match condition.versions().as_deref() {
        Some([version]) => Ok(Some(as_sequence(*version))),
        _ => Err(Problem::http(codes::INVALID_HEADER).detail(
            "If-Match must name exactly one version here, as the shipment's ETag does: If-Match: \"7\". Leave it out if any \
             version will do",
        )),
    }
}

/// No shipment ever gets to a version beyond the range, so such a one is in conflict in any case.
pub(crate) fn as_sequence(version: u64) -> Sequence {
    Sequence::new(i64::try_from(version).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    fn expected(value: &str) -> Result<Option<i64>, String> {
        let headers = [(header::IF_MATCH, HeaderValue::from_str(value).unwrap())].into_iter().collect();
        expected_version(&headers)
            .map(|version| version.map(Sequence::get))
            .map_err(|problem| problem.code().to_owned())
    }

    #[test]
    fn one_strong_version_is_expected() {
        assert_eq!(expected_version(&HeaderMap::new()).unwrap(), None);
        assert_eq!(expected("\"7\""), Ok(Some(7)));
        assert_eq!(expected("\"0\""), Ok(Some(0)));
        assert_eq!(expected("\"18446744073709551615\""), Ok(Some(i64::MAX)));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["*", "\"7\", \"8\"", "W/\"7\"", "7", "\"seven\"", "\"\""] {
            assert_eq!(expected(bad), Err(codes::INVALID_HEADER.to_owned()), "{bad}");
        }
    }
}
