//! The entries of an application in a profile: list them, set several in one go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use http_api::{EntityTag, JsonBody, PathParams, Problem, QueryParams};
use live_config::History;
use serde::Deserialize;
use serde_json::json;

use super::entries::Terms;
use crate::change::{self, Wanted, Why};
use crate::state::Api;
use crate::view;

/// Entries that can be set in one go.
const MOST: usize = 1_000;

/// Several entries: those with a null value are deleted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    entries: BTreeMap<String, Option<Wanted>>,
    /// Whether entries that aren't named are deleted; secrets are not, for no export has them.
    #[serde(default)]
    replace: bool,
    author: Option<String>,
    reason: Option<String>,
}

/// Which applications and profiles have entries.
pub(super) async fn all(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let history = api.history()?;
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let now = history.now();
    for (key, _) in now.iter() {
        *counts.entry((key.application(), key.profile())).or_default() += 1;
    }
    let profiles: Vec<_> = counts
        .into_iter()
        .map(|((application, profile), entries)| json!({ "application": application, "profile": profile, "entries": entries }))
        .collect();
    Ok(Json(json!({ "version": history.version(), "profiles": profiles })).into_response())
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    PathParams((application, profile)): PathParams<(String, String)>,
) -> Result<Response, Problem> {
    let history = api.history()?;
    Ok(shown(&history, &application, &profile))
}

pub(super) async fn import(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams((application, profile)): PathParams<(String, String)>,
    QueryParams(terms): QueryParams<Terms>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Import>,
) -> Result<Response, Problem> {
    if body.entries.len() > MOST {
        return Err(Problem::invalid_field(
            "/entries",
            format!("at most {MOST} entries can be set in one go"),
        ));
    }
    let why = Why::of(&principal, body.author.clone(), body.reason.clone());
    let mut edits = Vec::new();
    for (name, wanted) in &body.entries {
        let (key, pointer) = (change::key(&application, &profile, name)?, format!("/entries/{name}/value"));
        edits.push(match wanted {
            Some(wanted) => change::set(key, wanted, &why, api.sealer.as_ref(), &pointer)?,
            None => change::back(&key, None, &why)?,
        });
    }
    let (of, replace, wanted) = ((application.clone(), profile.clone()), body.replace, body.entries);
    let decide = move |history: &History| {
        let now = history.now();
        change::precondition(&headers, Some(version_of(history, &of.0, &of.1)))?;
        let mut edits = edits.clone();
        for edit in &edits {
            let name = edit.key.name();
            let said = wanted.get(name).and_then(Option::as_ref).and_then(|wanted| wanted.kind);
            change::stays_sealed(&now, edit, said, &format!("/entries/{name}/type"))?;
        }
        if replace {
            let named: BTreeSet<_> = edits.iter().map(|edit| edit.key.clone()).collect();
            let unnamed = now.of(&of.0, &of.1).filter(|(key, _)| !named.contains(*key));
            for (key, _) in unnamed.filter(|(_, change)| !change::is_secret(change)) {
                edits.push(change::back(key, None, &why)?);
            }
        }
        // What is so already needs no record; a secret looks different each time it is sealed.
        edits.retain(|edit| {
            now.get(&edit.key).and_then(|change| change.edit.setting.as_ref()) != edit.setting.as_ref()
        });
        change::together(&now, &edits)?;
        Ok(edits)
    };
    if terms.dry_run {
        return api.would_change(decide);
    }
    let history = api.write(&principal, decide).await?;
    Ok(shown(&history, &application, &profile))
}

/// The version of the last change to any entry of an application in a profile; 0 when there never was one.
pub(super) fn version_of(history: &History, application: &str, profile: &str) -> u64 {
    let mut changes = history.changes();
    let last = changes.find(|change| change.edit.key.is_of(application, profile));
    last.map_or(0, |change| change.version)
}

fn shown(history: &History, application: &str, profile: &str) -> Response {
    let now = history.now();
    let entries: Vec<_> = now.of(application, profile).map(|(_, change)| view::change(change)).collect();
    let version = version_of(history, application, profile);
    let body =
        json!({ "application": application, "profile": profile, "version": version, "entries": entries });
    ([(header::ETAG, EntityTag::of_version(version).header())], Json(body)).into_response()
}
