use scylla::statement::prepared::PreparedStatement;
use tracking_view::{Bucket, Change, Column, List, ListEntry, RowKey, Statement, Value};

use crate::bound::Bound;
use crate::tables::{EVENTS, SHIPMENTS, list_partition, list_table};
use crate::{Error, ViewStore};

/// The fixed set of statements that projections need. Cells that a write doesn't name are bound as unset, so that one
/// statement serves every combination; each carries its timestamp.
pub(super) struct Statements {
    shipment: PreparedStatement,
    event: PreparedStatement,
    park: PreparedStatement,
    unpark: PreparedStatement,
    lists: Vec<ListStatements>,
    pub(super) repair: RepairStatements,
}

struct ListStatements {
    insert: PreparedStatement,
    delete: PreparedStatement,
}

pub(super) struct RepairStatements {
    pub(super) stamp: PreparedStatement,
    pub(super) delete_row: PreparedStatement,
    pub(super) delete_events: PreparedStatement,
}

impl Statements {
    pub(super) async fn prepare(store: &ViewStore, keyspace: &str) -> Result<Self, Error> {
        let insert = |table: &str, columns: &[&str]| {
            let markers = vec!["?"; columns.len()].join(", ");
            let columns = columns.join(", ");
            format!("INSERT INTO {keyspace}.{table} ({columns}) VALUES ({markers}) USING TIMESTAMP ?")
        };
        let mut shipment = vec!["shipment_id"];
        shipment.extend(Column::SHIPMENT.map(Column::name));
        let mut event = vec!["shipment_id", "sequence"];
        event.extend(Column::EVENT.map(Column::name));
        let shipments = format!("{keyspace}.{SHIPMENTS}");
        let mut lists = Vec::new();
        for list in List::ALL {
            let mut key: Vec<&str> = list_partition(list).iter().map(|(name, _)| *name).collect();
            key.extend(["listed_at", "shipment_id"]);
            let table = list_table(list);
            let at: Vec<String> = key.iter().map(|name| format!("{name} = ?")).collect();
            let delete =
                format!("DELETE FROM {keyspace}.{table} USING TIMESTAMP ? WHERE {}", at.join(" AND "));
            lists.push(ListStatements {
                insert: store.prepare("write a list entry", &insert(table, &key)).await?,
                delete: store.prepare("delete a list entry", &delete).await?,
            });
        }
        let park = format!("UPDATE {shipments} USING TIMESTAMP ? SET parked[?] = ? WHERE shipment_id = ?");
        let unpark = format!("DELETE parked[?] FROM {shipments} USING TIMESTAMP ? WHERE shipment_id = ?");
        let stamp = format!("SELECT WRITETIME(version) FROM {shipments} WHERE shipment_id = ?");
        let delete_row = format!("DELETE FROM {shipments} USING TIMESTAMP ? WHERE shipment_id = ?");
        let delete_events =
            format!("DELETE FROM {keyspace}.{EVENTS} USING TIMESTAMP ? WHERE shipment_id = ?");
        Ok(Self {
            shipment: store.prepare("write a shipment", &insert(SHIPMENTS, &shipment)).await?,
            event: store.prepare("write an event", &insert(EVENTS, &event)).await?,
            park: store.prepare("mark a shipment incomplete", &park).await?,
            unpark: store.prepare("mark a shipment complete", &unpark).await?,
            lists,
            repair: RepairStatements {
                stamp: store.prepare("read a shipment's stamp", &stamp).await?,
                delete_row: store.prepare("delete a shipment", &delete_row).await?,
                delete_events: store.prepare("delete a history", &delete_events).await?,
            },
        })
    }

    /// The statement for a write, and what is bound to its markers.
    pub(super) fn bind<'a>(&self, write: &'a Statement) -> (&PreparedStatement, Vec<Bound<'a>>) {
        let stamp = Bound::BigInt(write.stamp.get());
        match (&write.row, &write.change) {
            (RowKey::Entry(entry), change) => {
                let list = &self.lists[entry.bucket.list() as usize];
                let mut values = Vec::with_capacity(6);
                if matches!(change, Change::Delete) {
                    values.push(stamp);
                    bind_entry(entry, &mut values);
                    (&list.delete, values)
                } else {
                    bind_entry(entry, &mut values);
                    values.push(stamp);
                    (&list.insert, values)
                }
            }
            (RowKey::Shipment(id), Change::Parked(sequence, since)) => {
                let (sequence, id) = (Bound::BigInt(sequence.get()), Bound::Uuid(id.as_uuid()));
                match since {
                    Some(since) => (&self.park, vec![stamp, sequence, Bound::Timestamp(*since), id]),
                    None => (&self.unpark, vec![sequence, stamp, id]),
                }
            }
            (RowKey::Shipment(id), change) => {
                let mut values = vec![Bound::Uuid(id.as_uuid())];
                bind_cells(&Column::SHIPMENT, change, &mut values);
                values.push(stamp);
                (&self.shipment, values)
            }
            (RowKey::Event(id, sequence), change) => {
                let mut values = vec![Bound::Uuid(id.as_uuid()), Bound::BigInt(sequence.get())];
                bind_cells(&Column::EVENT, change, &mut values);
                values.push(stamp);
                (&self.event, values)
            }
        }
    }
}

fn bind_cells<'a>(columns: &[Column], change: &'a Change, values: &mut Vec<Bound<'a>>) {
    let cells: &'a [(Column, Option<Value>)] = match change {
        Change::Cells(cells) => cells,
        _ => &[],
    };
    values.extend(columns.iter().map(|column| match cells.iter().find(|(of, _)| of == column) {
        None => Bound::Unset,
        Some((_, None)) => Bound::Null,
        Some((_, Some(value))) => Bound::from(value),
    }));
}

pub(crate) fn bind_entry<'a>(entry: &'a ListEntry, values: &mut Vec<Bound<'a>>) {
    bind_bucket(&entry.bucket, values);
    values.push(Bound::Timestamp(entry.at));
    values.push(Bound::Uuid(entry.shipment_id.as_uuid()));
}

/// The partition key, in the order of [`list_partition`].
pub(crate) fn bind_bucket<'a>(bucket: &'a Bucket, values: &mut Vec<Bound<'a>>) {
    match bucket {
        Bucket::TrackingNumber(number) => values.push(Bound::Text(number)),
        Bucket::Customer(customer, month) => {
            values.extend([Bound::Text(customer.as_str()), Bound::Int(month.get())]);
        }
        Bucket::Phone(hash) => values.push(Bound::Blob(hash.as_bytes())),
        Bucket::Status(status, day, shard) => {
            values.extend([Bound::Text(status.as_str()), Bound::Date(*day), Bound::Int(*shard)]);
        }
        Bucket::Day(day, shard) | Bucket::Archive(day, shard) => {
            values.extend([Bound::Date(*day), Bound::Int(*shard)]);
        }
    }
}
