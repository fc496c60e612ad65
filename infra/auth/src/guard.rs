//! The guard before a service's routes.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use crate::{Gatekeeper, Service, browser, calls};

/// These routes of a service, each only for who may call it by [`CALLS`](calls::CALLS): a route that isn't in the table is nobody's.
/// Handlers take the [`Principal`](crate::Principal) as an argument, those of streams the [`Standing`](crate::Standing), too.
///
/// To be put around the routes before they become an `http_api::Api`: health, metrics and documentation stay outside.
pub fn guard(routes: Router, gatekeeper: Gatekeeper, service: Service) -> Router {
    routes.layer(middleware::from_fn_with_state(Guard { gatekeeper, service }, check))
}

#[derive(Clone)]
struct Guard {
    gatekeeper: Gatekeeper,
    service: Service,
}

async fn check(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let call = path.and_then(|path| calls::find(guard.service, request.method(), path.as_str()));
    match guard.gatekeeper.admit(request.headers(), call).await {
        Ok((principal, standing)) => {
            request.extensions_mut().insert(principal);
            request.extensions_mut().insert(standing);
            next.run(request).await
        }
        Err(denied) => {
            let (method, uri) = (request.method(), request.uri());
            let to_sign_in = browser::to_sign_in(&denied, call, method, uri, request.headers());
            to_sign_in.unwrap_or_else(|| denied.into_response())
        }
    }
}
