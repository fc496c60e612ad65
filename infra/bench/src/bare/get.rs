//! A query API without views: a prepared read by id, and for a list one of its entries and one of each row. It shows the
//! columns as they are.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::get;
use clap::Args;
use futures::{StreamExt, TryStreamExt, stream};
use scylla::client::session::Session;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::{CqlValue, Row};
use serde::Deserialize;
use tracking_view::{Column, Month};
use uuid::Uuid;

use super::ApiArgs;
use super::rows::connect;

/// How many rows of a list are read at once, as in ours.
const AT_ONCE: usize = 64;

/// Where it listens, and what it reads.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    #[command(flatten)]
    api: ApiArgs,
    /// The database, `host:port`
    #[arg(long)]
    cql: String,
    /// The keyspace of the tables
    #[arg(long)]
    keyspace: String,
}

struct App {
    session: Session,
    by_id: PreparedStatement,
    by_customer: PreparedStatement,
}

type Answer = Result<([(HeaderName, &'static str); 1], String), StatusCode>;

pub(super) fn run(args: &GetArgs) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(args))
}

async fn serve(args: &GetArgs) -> Result<()> {
    let session = connect(&args.cql).await?;
    let columns: Vec<&str> = Column::SHIPMENT.iter().map(|column| column.name()).collect();
    let keyspace = &args.keyspace;
    let by_id =
        format!("SELECT {}, parked FROM {keyspace}.shipments WHERE shipment_id = ?", columns.join(", "));
    let by_customer = format!(
        "SELECT shipment_id FROM {keyspace}.shipments_by_customer WHERE customer_id = ? AND month = ? LIMIT ?"
    );
    let (mut by_id, mut by_customer) = (session.prepare(by_id).await?, session.prepare(by_customer).await?);
    by_id.set_use_cached_result_metadata(true);
    by_customer.set_use_cached_result_metadata(true);
    let router = Router::new()
        .route("/readyz", get(async || "ready"))
        .route("/api/v1/shipments/{id}", get(shipment))
        .route("/api/v1/shipments", get(list))
        .with_state(Arc::new(App { session, by_id, by_customer }));
    args.api.serve(router).await
}

async fn shipment(State(app): State<Arc<App>>, Path(id): Path<Uuid>) -> Answer {
    let row = app.row(id).await.map_err(failed)?.ok_or(StatusCode::NOT_FOUND)?;
    Ok(json(shown(id, &row)))
}

/// What a list is asked for.
#[derive(Deserialize)]
struct Terms {
    customer: String,
    limit: i32,
}

async fn list(State(app): State<Arc<App>>, Query(terms): Query<Terms>) -> Answer {
    let month = Month::of_day(today());
    let values = (&terms.customer, month.get(), terms.limit);
    let entries = app.session.execute_unpaged(&app.by_customer, values).await.map_err(failed)?;
    let entries = entries.into_rows_result().map_err(failed)?;
    let ids: Vec<Uuid> = entries
        .rows::<(Uuid,)>()
        .map_err(failed)?
        .map(|row| row.map(|(id,)| id))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let app = &app;
    let rows: Vec<(Uuid, Option<Row>)> = stream::iter(ids)
        .map(|id| async move { Ok::<_, anyhow::Error>((id, app.row(id).await?)) })
        .buffered(AT_ONCE)
        .try_collect()
        .await
        .map_err(failed)?;
    let mut text = String::from("{\"shipments\":[");
    for (n, (id, row)) in rows.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        let Some(row) = row else { continue };
        let _ = write!(text, "{comma}{}", shown(*id, row));
    }
    text.push_str("]}");
    Ok(json(text))
}

impl App {
    async fn row(&self, id: Uuid) -> Result<Option<Row>> {
        let result = self.session.execute_unpaged(&self.by_id, (id,)).await?;
        result.into_rows_result()?.maybe_first_row::<Row>().context("not the columns asked for")
    }
}

fn json(text: String) -> ([(HeaderName, &'static str); 1], String) {
    ([(header::CONTENT_TYPE, "application/json")], text)
}

fn failed(error: impl std::fmt::Display) -> StatusCode {
    eprintln!("{error:#}");
    StatusCode::INTERNAL_SERVER_ERROR
}

fn today() -> shipment_events::Date {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    shipment_events::Date::from_days((now.as_secs() / 86_400) as i32)
}

/// Each column under its name. What is JSON already stays so.
fn shown(id: Uuid, row: &Row) -> String {
    let mut text = format!("{{\"shipment_id\":\"{id}\"");
    for (column, cell) in Column::SHIPMENT.iter().zip(&row.columns) {
        let name = column.name();
        let _ = match cell {
            Some(CqlValue::Text(json)) if json.starts_with('{') => write!(text, ",\"{name}\":{json}"),
            Some(CqlValue::Text(value)) => {
                write!(text, ",\"{name}\":{}", serde_json::Value::from(value.as_str()))
            }
            Some(CqlValue::BigInt(value)) => write!(text, ",\"{name}\":{value}"),
            Some(CqlValue::Timestamp(at)) => write!(text, ",\"{name}\":{}", at.0),
            Some(CqlValue::Uuid(value)) => write!(text, ",\"{name}\":\"{value}\""),
            None | Some(_) => Ok(()),
        };
    }
    text.push('}');
    text
}
