//! `/docs/runbooks`: what to do when an alert fires, as text, wherever the reader's service is reached.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::catalogue::codes;
use crate::problem::Problem;

macro_rules! pages {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../docs/runbooks/", $name, ".md")))),+]
    };
}

/// Every page by its alert, in Markdown as it lies in `docs/runbooks`.
pub const RUNBOOKS: [(&str, &str); 17] = pages![
    "BreakerOpen",
    "CertificateExpires",
    "CommandLatencyBudgetBurn",
    "DatabaseErrors",
    "DeadLettersGrowing",
    "DeadLettersWaiting",
    "DiscoveryUnreachable",
    "KafkaErrors",
    "KeyExpires",
    "LagBeyondObjective",
    "NotReady",
    "RestoreTooSlow",
    "ScanToVisibleBudgetBurn",
    "ServiceMissing",
    "StuckPartition",
    "TargetDown",
    "TransactionAborts",
];

/// Their list. Its links lead to the pages beside it, here as in the folder.
const LIST: &str = include_str!("../../../docs/runbooks/README.md");

/// `/docs/runbooks` and `/docs/runbooks/{alert}`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/docs/runbooks", get(async || LIST)).route("/docs/runbooks/{alert}", get(page))
}

/// By its alert's name, with or without the ending that links in the folder have.
async fn page(Path(alert): Path<String>) -> Response {
    let alert = alert.strip_suffix(".md").unwrap_or(&alert);
    match RUNBOOKS.iter().find(|(name, _)| *name == alert) {
        Some((_, text)) => text.into_response(),
        None => Problem::http(codes::NO_SUCH_ADDRESS).detail("no alert has this name").into_response(),
    }
}
