//! What changed, what differs, and back to what it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth::Principal;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use http_api::{JsonBody, PathParams, Problem, QueryParams};
use live_config::{Edit, History};
use serde::Deserialize;
use serde_json::json;

use super::entries::Terms;
use super::profiles::version_of;
use crate::change::{self, Why};
use crate::state::Api;
use crate::view;

/// Changes that one answer shows, and that it shows if nobody says otherwise.
const MOST: usize = 1_000;
const USUAL: usize = 100;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    name: Option<String>,
    limit: Option<usize>,
    before: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    from: u64,
    to: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rollback {
    to: u64,
    /// The version that was compared with: what was changed since is not set back unseen.
    from: Option<u64>,
    author: Option<String>,
    reason: Option<String>,
}

type Profile = PathParams<(String, String)>;

/// The changes, the last one first.
pub(super) async fn get(
    State(api): State<Arc<Api>>,
    PathParams((application, profile)): Profile,
    QueryParams(page): QueryParams<Page>,
) -> Result<Response, Problem> {
    let limit = page.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid_parameter("limit", format!("a limit is from 1 to {MOST}")));
    }
    let history = api.history()?;
    let changes: Vec<_> = history
        .changes()
        .filter(|change| {
            let key = &change.edit.key;
            key.is_of(&application, &profile)
                && page.name.as_deref().is_none_or(|name| key.name() == name)
                && page.before.is_none_or(|before| change.version < before)
        })
        .take(limit)
        .map(view::change)
        .collect();
    Ok(Json(json!({ "version": history.version(), "changes": changes })).into_response())
}

/// What is otherwise at `to` (now, if nobody says) than it was at `from`.
pub(super) async fn diff(
    State(api): State<Arc<Api>>,
    PathParams((application, profile)): Profile,
    QueryParams(span): QueryParams<Span>,
) -> Result<Response, Problem> {
    let history = api.history()?;
    let to = span.to.unwrap_or_else(|| history.version());
    for (parameter, version) in [("from", span.from), ("to", to)] {
        told(&history, version).map_err(|why| Problem::invalid_parameter(parameter, why))?;
    }
    let differences: Vec<_> = history
        .at(span.from)
        .until(&history.at(to))
        .filter(|difference| difference.key.is_of(&application, &profile))
        .map(|difference| view::difference(&difference))
        .collect();
    Ok(Json(json!({ "from": span.from, "to": to, "differences": differences })).into_response())
}

/// Sets every entry back to what it was at a version, in one go. It is a change like any other, and can be rolled back.
pub(super) async fn rollback(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((application, profile)): Profile,
    QueryParams(terms): QueryParams<Terms>,
    JsonBody(body): JsonBody<Rollback>,
) -> Result<Response, Problem> {
    let reason = body.reason.clone().or_else(|| Some(format!("back to version {}", body.to)));
    let why = Why::of(&principal, body.author.clone(), reason);
    let decide = move |history: &History| {
        told(history, body.to).map_err(|why| Problem::invalid_field("/to", why))?;
        let last = version_of(history, &application, &profile);
        if body.from.is_some_and(|from| from < last) {
            return Err(change::passed_by(last));
        }
        let (now, then) = (history.now(), history.at(body.to));
        let edits: Vec<Edit> = now
            .until(&then)
            .filter(|difference| difference.key.is_of(&application, &profile))
            .map(|difference| change::back(difference.key, difference.after, &why))
            .collect::<Result<_, _>>()?;
        change::together(&now, &edits)?;
        Ok(edits)
    };
    if terms.dry_run {
        return api.would_change(decide);
    }
    let changed = Arc::new(AtomicUsize::new(0));
    let counted = changed.clone();
    let history = api
        .write(&principal, move |history| {
            let edits = decide(history)?;
            counted.store(edits.len(), Ordering::Relaxed);
            Ok(edits)
        })
        .await?;
    let changed = changed.load(Ordering::Relaxed);
    Ok(Json(json!({ "version": history.version(), "changed": changed })).into_response())
}

/// Whether the state at a version can be told; why not, if it can't.
fn told(history: &History, version: u64) -> Result<(), String> {
    let last = history.version();
    if version > last {
        return Err(format!("there is no version {version} yet; the last one is {last}"));
    }
    if !history.reaches(version, Utc::now().timestamp_millis()) {
        let why = "what was changed after it more than 90 days ago may no longer be there";
        return Err(format!("version {version} can't be told any more: {why}"));
    }
    Ok(())
}
