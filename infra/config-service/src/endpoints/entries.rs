//! One entry: read, set, delete.

use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_api::{EntityTag, JsonBody, OptionalJsonBody, PathParams, Problem, QueryParams};
use live_config::{Edit, History, Key, Kind};
use serde::Deserialize;

use super::not_found;
use crate::change::{self, Wanted, Why};
use crate::state::Api;
use crate::view;

type Path = PathParams<(String, String, String)>;

/// How a change is to be made.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    /// Only say what would be done.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Body of a `PUT`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Put {
    value: serde_json::Value,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    author: Option<String>,
    reason: Option<String>,
}

pub(super) async fn get(State(api): State<Arc<Api>>, PathParams(path): Path) -> Result<Response, Problem> {
    let key = change::key(&path.0, &path.1, &path.2)?;
    let history = api.history()?;
    shown(&history, &key)
}

pub(super) async fn put(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams(path): Path,
    QueryParams(terms): QueryParams<Terms>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Put>,
) -> Result<Response, Problem> {
    let key = change::key(&path.0, &path.1, &path.2)?;
    let (wanted, why) =
        (Wanted { value: body.value, kind: body.kind }, Why::of(&principal, body.author, body.reason));
    let edit = change::set(key, &wanted, &why, api.sealer.as_ref(), "/value")?;
    one(&api, &principal, (edit, wanted.kind), terms, headers).await
}

pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams(path): Path,
    QueryParams(terms): QueryParams<Terms>,
    headers: HeaderMap,
    OptionalJsonBody(why): OptionalJsonBody<Why>,
) -> Result<Response, Problem> {
    let key = change::key(&path.0, &path.1, &path.2)?;
    let why = Why::of(&principal, why.author, why.reason);
    let edit = change::back(&key, None, &why)?;
    one(&api, &principal, (edit, None), terms, headers).await
}

/// Makes one edit, if its preconditions hold. With it comes the type that was said.
async fn one(
    api: &Api,
    principal: &Principal,
    (edit, said): (Edit, Option<Kind>),
    terms: Terms,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (key, deletes) = (edit.key.clone(), edit.setting.is_none());
    let decide = move |history: &History| {
        let now = history.now();
        let version = now.get(&edit.key).map(|change| change.version);
        change::precondition(&headers, version)?;
        if deletes && version.is_none() {
            return Err(not_found(format!("{} is not set", edit.key)));
        }
        change::stays_sealed(&now, &edit, said, "/type")?;
        let edits = vec![edit.clone()];
        change::together(&now, &edits)?;
        Ok(edits)
    };
    if terms.dry_run {
        return api.would_change(decide);
    }
    let history = api.write(principal, decide).await?;
    if deletes { Ok(StatusCode::NO_CONTENT.into_response()) } else { shown(&history, &key) }
}

/// The entry with its version as `ETag`.
fn shown(history: &History, key: &Key) -> Result<Response, Problem> {
    let change = history.now().get(key).ok_or_else(|| not_found(format!("{key} is not set")))?;
    let tag = EntityTag::of_version(change.version);
    Ok(([(header::ETAG, tag.header())], Json(view::change(change))).into_response())
}
