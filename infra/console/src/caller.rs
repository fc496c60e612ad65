//! Who asks for a page.

use auth::{Principal, Service, browser, calls};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_api::{Problem, RequestContext};
use telemetry::TraceContext;

/// Who asks for a page, and with what the console asks other services in their name. Handlers take it as an argument.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Who it is.
    pub(crate) principal: Principal,
    /// What other services are sent: the caller's own credentials, and the request's id and trace.
    pub(crate) headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let principal = Principal::from_request_parts(parts, state).await?;
        let Ok(context) = RequestContext::from_request_parts(parts, state).await;
        let call = calls::find(Service::Console, &Method::GET, "/console").ok_or_else(Problem::internal)?;
        let mut headers = browser::credentials_only(&browser::shown(&parts.headers, call));
        let traced = HeaderName::from_static(TraceContext::HEADER);
        for (name, text) in
            [(RequestContext::HEADER, context.request_id), (traced, context.trace.to_string())]
        {
            headers.extend(HeaderValue::try_from(text).ok().map(|value| (name, value)));
        }
        Ok(Self { principal, headers })
    }
}
