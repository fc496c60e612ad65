//! `GET /api/v1/shipments`: shipments by status, customer, telephone or tracking number, or simply by day.

mod cursor;
mod terms;

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use http_api::Problem;
use serde::Serialize;
use view_store::Detail;

use self::terms::Terms;
use crate::state::Api;
use crate::view::ShipmentView;

pub(crate) use self::cursor::CursorKey;

#[derive(Serialize)]
pub(super) struct Answer {
    shipments: Vec<ShipmentView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Answer>, Problem> {
    let today = chrono::Utc::now().date_naive().into();
    let terms = Terms::read(query.as_deref().unwrap_or_default(), today)?;
    let list = terms.list(&api.phones);
    let cursor = terms.cursor.as_deref().map(|text| api.cursors.read(text, &list)).transpose()?;
    let page = api.views.list(&list, terms.limit, cursor, Detail::Full).await?;
    let rows = page.rows.into_iter().filter(|row| terms.wants(row));
    let shipments = rows.filter_map(ShipmentView::of_row).collect();
    Ok(Json(Answer { shipments, next_cursor: page.next.map(|cursor| api.cursors.write(cursor)) }))
}
