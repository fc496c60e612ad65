//! `GET /api/v1/shipments`: shipments by status, customer, telephone or tracking number, or simply by day.

mod cursor;
mod terms;

use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::{RawQuery, State};
use http_api::{Problem, codes};
use serde::Serialize;

use self::terms::{MOST, Terms};
use crate::sight;
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
    principal: Principal,
    RawQuery(query): RawQuery,
) -> Result<Json<Answer>, Problem> {
    let today = chrono::Utc::now().date_naive().into();
    let terms = Terms::read(query.as_deref().unwrap_or_default(), today)?;
    if terms.names_a_phone() && !principal.role().sees_personal_data() {
        return Err(Problem::http(codes::FORBIDDEN).detail("a telephone number is personal data"));
    }
    if terms.customer().is_some_and(|customer| !sight::sees_customer(&principal, customer)) {
        return Ok(Json(Answer { shipments: Vec::new(), next_cursor: None }));
    }
    let list = terms.list(&api.phones, principal.customers())?;
    let detail = sight::detail(&principal);
    let cursor = terms.cursor.as_deref().map(|text| api.cursors.read(text, &list)).transpose()?;
    let is_shared = terms.is_shared(principal.customers());
    let page = api.views.list(&list, if is_shared { MOST } else { terms.limit }, cursor, detail).await?;
    let rows = page.rows.into_iter().filter(|row| terms.wants(row) && sight::sees(&principal, row));
    let shipments = rows.filter_map(|row| ShipmentView::of_row(row, detail)).take(terms.limit).collect();
    let next = page.next.filter(|_| !is_shared);
    Ok(Json(Answer { shipments, next_cursor: next.map(|cursor| api.cursors.write(cursor)) }))
}
