//! `GET /api/v1/config-keys`: what can be set for roles, and what each key means.

use axum::Json;
use settings::KeyDoc;

pub(super) async fn get() -> Json<Vec<KeyDoc>> {
    Json(settings::explain(None).into_iter().filter(|doc| doc.in_topic).collect())
}
