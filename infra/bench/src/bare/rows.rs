//! A projector without a log: the rows lie ready in memory, and the driver writes them with many requests in flight. It
//! keeps no order among them, so nothing waits for anything else.

use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::Consistency;
use scylla::statement::batch::{Batch, BatchType};
use scylla::statement::prepared::PreparedStatement;
use scylla::value::{CqlDate, CqlTimestamp, CqlValue, MaybeUnset};
use shipment_events::{Date, ShipmentEvent, Timestamp};
use tracking_view::{
    Bucket, Change, Column, List, ListEntry, PhoneKey, Projection, RowKey, ShipmentWrites, Statement, Value,
    merge,
};

/// Requests in flight.
const IN_FLIGHT: usize = 256;

/// Statements in one batch, as the writer of ours has it.
const BATCH_STATEMENTS: usize = 100;

/// One generation's tables, and the statements that write to them.
pub(crate) struct Tables {
    session: Session,
    statements: Vec<PreparedStatement>,
}

/// What some events come to.
pub(crate) struct Rows {
    requests: Vec<Request>,
}

/// Statements on one partition, with their values.
type Request = Vec<(usize, Vec<Cell>)>;

type Cell = MaybeUnset<Option<CqlValue>>;

impl Tables {
    /// Those of a keyspace.
    pub(crate) async fn open(session: Session, keyspace: &str) -> Result<Self> {
        let mut statements = Vec::new();
        for cql in statement_texts(keyspace) {
            let mut statement = session.prepare(cql).await?;
            statement.set_is_idempotent(true);
            statements.push(statement);
        }
        Ok(Self { session, statements })
    }

    /// Writes all of them.
    pub(crate) async fn write(&self, rows: &Rows) -> Result<()> {
        stream::iter(&rows.requests)
            .map(|request| self.send(request))
            .buffer_unordered(IN_FLIGHT)
            .try_for_each(async |()| Ok(()))
            .await
    }

    async fn send(&self, request: &Request) -> Result<()> {
        if let [(statement, values)] = &request[..] {
            self.session.execute_unpaged(&self.statements[*statement], values).await?;
            return Ok(());
        }
        let mut batch = Batch::new(BatchType::Unlogged);
        for (statement, _) in request {
            batch.append_statement(self.statements[*statement].clone());
        }
        let values: Vec<&Vec<Cell>> = request.iter().map(|(_, values)| values).collect();
        self.session.batch(&batch, &values).await?;
        Ok(())
    }
}

/// A session with the consistency that ours has.
pub(crate) async fn connect(node: &str) -> Result<Session> {
    let profile = ExecutionProfile::builder().consistency(Consistency::LocalQuorum).build();
    let builder = SessionBuilder::new().known_node(node).fetch_full_schema_metadata(false);
    Ok(builder.default_execution_profile_handle(profile.into_handle()).build().await?)
}

impl Rows {
    /// Merged as a projector would that took so many events at once.
    pub(crate) fn of(events: &[(ShipmentEvent, Vec<u8>)], at_once: usize) -> Self {
        let projection = Projection::new(PhoneKey::new(b"a key for benches alone"));
        let mut requests: Vec<Request> = Vec::new();
        for events in events.chunks(at_once) {
            let cells = events.iter().flat_map(|(event, framed)| projection.project(event, framed));
            for ShipmentWrites { first, row, last, .. } in merge(cells) {
                for part in [first, row, last] {
                    requests.extend(together(&part));
                }
            }
        }
        Self { requests }
    }
}

impl Rows {
    /// Writes to lists, in whatever order.
    pub(crate) fn of_entries(mut entries: Vec<Statement>) -> Self {
        entries.sort_by(|a, b| a.row.cmp(&b.row));
        Self { requests: together(&entries) }
    }
}

/// Neighbours on one partition go in one request.
fn together(part: &[Statement]) -> Vec<Request> {
    let same = |a: &Statement, b: &Statement| match (&a.row, &b.row) {
        (RowKey::Shipment(a), RowKey::Shipment(b)) | (RowKey::Event(a, _), RowKey::Event(b, _)) => a == b,
        (RowKey::Entry(a), RowKey::Entry(b)) => a.bucket == b.bucket,
        _ => false,
    };
    let chunks = part.chunk_by(same).flat_map(|chunk| chunk.chunks(BATCH_STATEMENTS));
    chunks.map(|chunk| chunk.iter().map(bound).collect()).collect()
}

fn statement_texts(keyspace: &str) -> Vec<String> {
    let insert = |table: &str, columns: &[&str]| {
        let (names, markers) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
        format!("INSERT INTO {keyspace}.{table} ({names}) VALUES ({markers}) USING TIMESTAMP ?")
    };
    let with = |key: &[&'static str], columns: &[Column]| {
        key.iter().copied().chain(columns.iter().map(|column| column.name())).collect::<Vec<_>>()
    };
    let mut texts = vec![
        insert("shipments", &with(&["shipment_id"], &Column::SHIPMENT)),
        insert("shipment_events", &with(&["shipment_id", "sequence"], &Column::EVENT)),
    ];
    for list in List::ALL {
        let (table, key) = list_table(list);
        let columns = with(key, &[]).into_iter().chain(["listed_at", "shipment_id"]).collect::<Vec<_>>();
        let at: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
        texts.push(insert(table, &columns));
        texts.push(format!("DELETE FROM {keyspace}.{table} USING TIMESTAMP ? WHERE {}", at.join(" AND ")));
    }
    texts
}

/// A list's table, and its partition key.
pub(crate) fn list_table(list: List) -> (&'static str, &'static [&'static str]) {
    match list {
        List::TrackingNumber => ("shipments_by_tracking_number", &["tracking_number"]),
        List::Customer => ("shipments_by_customer", &["customer_id", "month"]),
        List::Phone => ("shipments_by_phone", &["phone_hash"]),
        List::Status => ("shipments_by_status", &["status", "day", "shard"]),
        List::Day => ("shipments_by_day", &["day", "shard"]),
        List::Archive => ("archived_shipments", &["day", "shard"]),
    }
}

fn bound(write: &Statement) -> (usize, Vec<Cell>) {
    let stamp = set(CqlValue::BigInt(write.stamp.get()));
    match (&write.row, &write.change) {
        (RowKey::Entry(entry), change) => {
            let insert = 2 + 2 * entry.bucket.list() as usize;
            let key = entry_key(entry).into_iter().map(set);
            if matches!(change, Change::Delete) {
                (insert + 1, std::iter::once(stamp).chain(key).collect())
            } else {
                (insert, key.chain([stamp]).collect())
            }
        }
        (RowKey::Shipment(id), change) => {
            let key = std::iter::once(set(CqlValue::Uuid(id.as_uuid())));
            (0, key.chain(cells(&Column::SHIPMENT, change)).chain([stamp]).collect())
        }
        (RowKey::Event(id, sequence), change) => {
            let key = [CqlValue::Uuid(id.as_uuid()), CqlValue::BigInt(sequence.get())];
            (1, key.into_iter().map(set).chain(cells(&Column::EVENT, change)).chain([stamp]).collect())
        }
    }
}

fn set(value: CqlValue) -> Cell {
    MaybeUnset::Set(Some(value))
}

fn cells(columns: &[Column], change: &Change) -> Vec<Cell> {
    let written: &[(Column, Option<Value>)] = if let Change::Cells(cells) = change { cells } else { &[] };
    let cell = |column: &Column| match written.iter().find(|(of, _)| of == column) {
        None => MaybeUnset::Unset,
        Some((_, value)) => MaybeUnset::Set(value.as_ref().map(cql)),
    };
    columns.iter().map(cell).collect()
}

fn cql(value: &Value) -> CqlValue {
    match value {
        Value::Text(text) => CqlValue::Text(text.clone()),
        Value::BigInt(n) => CqlValue::BigInt(*n),
        Value::Int(n) => CqlValue::Int(*n),
        Value::Uuid(uuid) => CqlValue::Uuid(*uuid),
        Value::Timestamp(at) => timestamp(*at),
        Value::Date(day) => date(*day),
        Value::Blob(bytes) => CqlValue::Blob(bytes.clone()),
    }
}

fn timestamp(at: Timestamp) -> CqlValue {
    CqlValue::Timestamp(CqlTimestamp(at.as_millis()))
}

fn date(day: Date) -> CqlValue {
    CqlValue::Date(CqlDate(day.as_days() as u32 ^ 0x8000_0000))
}

/// The values of a list entry's key, in the order of its columns.
pub(crate) fn entry_key(entry: &ListEntry) -> Vec<CqlValue> {
    let mut key = match &entry.bucket {
        Bucket::TrackingNumber(number) => vec![CqlValue::Text(number.clone())],
        Bucket::Customer(customer, month) => {
            vec![CqlValue::Text(customer.as_str().to_owned()), CqlValue::Int(month.get())]
        }
        Bucket::Phone(hash) => vec![CqlValue::Blob(hash.as_bytes().to_vec())],
        Bucket::Status(status, day, shard) => {
            vec![CqlValue::Text(status.as_str().to_owned()), date(*day), CqlValue::Int(*shard)]
        }
        Bucket::Day(day, shard) | Bucket::Archive(day, shard) => vec![date(*day), CqlValue::Int(*shard)],
    };
    key.extend([timestamp(entry.at), CqlValue::Uuid(entry.shipment_id.as_uuid())]);
    key
}
