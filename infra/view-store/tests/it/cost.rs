//! What a write costs beside the bare driver. A measurement, not a check: run it with `--ignored --nocapture`.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use scylla::statement::Consistency;
use scylla::value::{CqlTimestamp, CqlValue, MaybeUnset};
use shipment_events::{ShipmentEvent, Status};
use tracking_view::{Column, merge};

use crate::database::{Database, never, new_id, project};
use crate::histories::{Step, history};

const SHIPMENTS: usize = 4000;
const IN_FLIGHT: usize = 256;

fn rate(what: &str, count: usize, took: Duration) -> f64 {
    let rate = count as f64 / took.as_secs_f64();
    println!("{what:<44} {count:>6} in {took:>8.2?}  {rate:>8.0}/s");
    rate
}

/// Bare: one prepared insert of a row about as large as an event's.
async fn bare(database: &Database, rows: usize) -> f64 {
    let session = database.session().await;
    let table = format!("{}.bare", database.keyspace());
    let create = format!("CREATE TABLE IF NOT EXISTS {table} (k uuid PRIMARY KEY, v blob)");
    session.query_unpaged(create, ()).await.unwrap();
    let insert = format!("INSERT INTO {table} (k, v) VALUES (?, ?) USING TIMESTAMP ?");
    let mut insert = session.prepare(insert).await.unwrap();
    insert.set_consistency(Consistency::LocalQuorum);
    let start = Instant::now();
    let (session, insert) = (&session, &insert);
    stream::iter(0..rows)
        .for_each_concurrent(IN_FLIGHT, |_| async move {
            let values = (new_id().as_uuid(), vec![7_u8; 300], 65_536_i64);
            session.execute_unpaged(insert, values).await.unwrap();
        })
        .await;
    rate("bare driver, rows", rows, start.elapsed())
}

/// Bare: for each event the two inserts that a scan without a new status needs, in the same columns, in no order.
async fn bare_scans(database: &Database, events: usize) -> f64 {
    let session = database.session().await;
    let mut inserts = Vec::new();
    for (table, key, columns) in [
        ("shipment_events", "shipment_id, sequence", &Column::EVENT[..]),
        ("shipments", "shipment_id", &Column::SHIPMENT[..]),
    ] {
        let names: Vec<_> = columns.iter().map(|column| column.name()).collect();
        let markers = vec!["?"; names.len() + key.split(',').count()].join(", ");
        let (keyspace, names) = (database.keyspace(), names.join(", "));
        let cql =
            format!("INSERT INTO {keyspace}.{table} ({key}, {names}) VALUES ({markers}) USING TIMESTAMP ?");
        let mut insert = session.prepare(cql).await.unwrap();
        insert.set_consistency(Consistency::LocalQuorum);
        inserts.push((insert, columns));
    }
    let value = |column: &Column| match column.cql_type() {
        "text" => CqlValue::Text("in_transit".to_owned()),
        "bigint" => CqlValue::BigInt(3),
        "int" => CqlValue::Int(3),
        "uuid" => CqlValue::Uuid(new_id().as_uuid()),
        "timestamp" => CqlValue::Timestamp(CqlTimestamp(1_790_000_000_000)),
        _ => CqlValue::Blob(vec![7; 60]),
    };
    let start = Instant::now();
    let (session, inserts) = (&session, &inserts);
    stream::iter(0..2 * events)
        .for_each_concurrent(IN_FLIGHT, |n| async move {
            let (insert, columns) = &inserts[n % 2];
            let mut values = vec![MaybeUnset::Set(CqlValue::Uuid(new_id().as_uuid()))];
            if n % 2 == 0 {
                values.push(MaybeUnset::Set(CqlValue::BigInt(3)));
            }
            let set = |n: usize| if n < 8 { MaybeUnset::Set(value(&columns[n])) } else { MaybeUnset::Unset };
            values.extend((0..columns.len()).map(set));
            values.push(MaybeUnset::Set(CqlValue::BigInt(65_536)));
            session.execute_unpaged(insert, values).await.unwrap();
        })
        .await;
    rate("bare driver, the same two inserts, events", events, start.elapsed())
}

async fn written(database: &Database, what: &str, polls: &[Vec<ShipmentEvent>]) -> f64 {
    let writer = database.writer().await;
    let events = polls.iter().map(Vec::len).sum();
    let start = Instant::now();
    for poll in polls {
        writer.write(&merge(poll.iter().flat_map(project)), &never()).await.unwrap();
    }
    let took = start.elapsed();
    rate("    requests", writer.requests_and_retries().0 as usize, took);
    rate(what, events, took)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn writes_beside_the_bare_driver() {
    let database = Database::make().await;
    let steps = [
        Step::Register { phone: Some(1), number: Some(1), reference: true },
        Step::Scan { status: Status::PickedUp, hours: 0 },
        Step::Scan { status: Status::InTransit, hours: 0 },
        Step::Scan { status: Status::InTransit, hours: 0 },
        Step::Scan { status: Status::InTransit, hours: 0 },
        Step::Scan { status: Status::OutForDelivery, hours: 0 },
        Step::Scan { status: Status::Delivered, hours: 0 },
    ];
    for round in ["cold", "warm"] {
        println!("{round}");
        bare(&database, 20_000).await;
        let bare = bare_scans(&database, 8_000).await;
        let shipments: Vec<_> = (0..SHIPMENTS).map(|_| history(new_id(), &steps)).collect();
        let wide: Vec<Vec<_>> =
            (0..steps.len()).map(|n| shipments.iter().map(|events| events[n].clone()).collect()).collect();
        written(&database, "one event of each shipment a poll, events", &wide).await;
        let ours = written(&database, "    again, scans without a new status", &wide[3..5]).await;
        println!("of the bare driver: {:.2}", ours / bare);
        let rebuild: Vec<_> = shipments.chunks(700).map(<[_]>::concat).collect();
        written(&database, "whole histories a poll, events", &rebuild).await;
    }
    database.drop().await;
}
