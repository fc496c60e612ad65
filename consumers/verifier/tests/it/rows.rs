//! What is wrong in the tables of shipments and histories.

use event_codec::headers::PT_SCHEMA;
use event_log::Headers;
use shipment_events::Revision;
use tracking_view::{CellWrite, Change, Column, RowKey, Stamp, Value};
use verifier::{Kind, Options};

use crate::system::{System, id_of, journeys, sequence};
use crate::world::new_id;

fn cells(row: RowKey, at: i64, cells: &[(Column, Option<Value>)]) -> CellWrite {
    // Above what the version wrote, as whoever patches a row by hand would do it if he knew how.
    let stamp = Stamp::of(sequence(at), Revision::new(100));
    CellWrite { row, stamp, change: Change::Cells(cells.to_vec()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_not_the_fold_of_the_events_are_found() {
    let all = journeys(20);
    let system = System::make(3).await;
    system.write_all(&all).await;
    let of = |n: usize| id_of(&all[n]);
    let (no_row, no_second, no_last, no_scan_row) = (of(3), of(4), of(5), of(6));
    system
        .project_but(move |write| match &write.row {
            RowKey::Shipment(id) if *id == no_row => true,
            RowKey::Event(id, n) if *id == no_second => *n == sequence(2),
            key => {
                let last = key.shipment_id() == no_last && write.stamp.sequence() == sequence(7);
                let amended = *key == RowKey::Shipment(no_scan_row) && write.stamp.sequence() == sequence(4);
                last || amended
            }
        })
        .await;
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let stranger = new_id();
    system
        .plant([
            cells(RowKey::Shipment(of(0)), 7, &[(Column::Status, text("lost"))]),
            cells(RowKey::Shipment(of(1)), 7, &[(Column::CustomerReference, None), (Column::Sender, None)]),
            cells(RowKey::Shipment(of(2)), 7, &[(Column::Destination, text("not JSON"))]),
            cells(RowKey::Event(of(7), sequence(5)), 5, &[(Column::Payload, Some(Value::Blob(vec![1])))]),
            cells(RowKey::Event(of(8), sequence(5)), 5, &[(Column::EventId, None)]),
            cells(RowKey::Shipment(of(9)), 9, &[(Column::Version, Some(Value::BigInt(9)))]),
            cells(RowKey::Shipment(stranger), 1, &[(Column::Version, Some(Value::BigInt(1)))]),
        ])
        .await;
    let verified = system.verify_at_rest().await;
    verified.has(&[
        (Kind::RowDiffers, of(0)),
        (Kind::RowDiffers, of(1)),
        (Kind::RowUnreadable, of(2)),
        (Kind::RowMissing, of(3)),
        (Kind::EventRowMissing, of(4)),
        (Kind::RowBehind, of(5)),
        (Kind::EventRowMissing, of(5)),
        (Kind::RowDiffers, of(6)),
        (Kind::EventRowDiffers, of(7)),
        (Kind::EventRowUnreadable, of(8)),
        (Kind::RowAhead, of(9)),
        (Kind::RowWithoutEvents, stranger),
    ]);
    let detail =
        |n: usize| verified.findings.iter().find(|f| f.shipment_id == Some(of(n))).unwrap().detail.as_str();
    assert_eq!(detail(0), "its row of version 7 differs in status, deciding_scan");
    assert_eq!(detail(4), "the table of histories lacks 2");
    assert_eq!(detail(6), "its row of version 7 differs in weight_grams");
    assert_eq!(detail(7), "its history's row 5 differs in payload");
    // Nothing personal is told, only where it is.
    assert!(
        detail(1).ends_with("sender") || detail(1).ends_with("customer_reference, sender"),
        "{}",
        detail(1)
    );

    let one = system.verify_as(Options { shipment: Some(of(3)), ..Options::default() }).await;
    one.has(&[(Kind::RowMissing, of(3))]);
    let without = system.verify_as(Options { rows: false, lists: false, ..Options::default() }).await;
    without.is_clean();
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_says_itself_that_it_is_incomplete_is_told_so_with_its_dead_letter() {
    let all = journeys(3);
    let system = System::make(1).await;
    system.write_all(&all).await;
    let id = id_of(&all[1]);
    let mut poison = system.record(&all[1][6]);
    (poison.value, poison.headers) = (Some("?".into()), Headers::new().with(PT_SCHEMA, "x"));
    poison.key = Some(format!("{id}#8").into());
    system.write_records(&[poison]).await;
    system.project().await;
    let verified = system.verify_at_rest().await;
    verified.has(&[(Kind::Undecodable, id), (Kind::RowIncomplete, id)]);
    assert_eq!(verified.summary.dead_letters.waiting, 1);
    assert_eq!(verified.summary.dead_letters.by_reason["projector/not-framed"], 1);
    system.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_that_belongs_to_nobody_is_found() {
    let all = journeys(3);
    let system = System::with(1, &all).await;
    let stranger = new_id();
    let mut event = all[0][0].clone();
    event.shipment_id = stranger;
    let projection = tracking_view::Projection::new(crate::world::phones());
    let writes = projection.project(&event, b"a record");
    system.plant(writes.into_iter().filter(|write| matches!(write.row, RowKey::Event(..)))).await;
    let mut extra = all[1][6].clone();
    extra.sequence = sequence(9);
    let writes = projection.project(&extra, b"a record");
    system.plant(writes.into_iter().filter(|write| matches!(write.row, RowKey::Event(..)))).await;
    let verified = system.verify_at_rest().await;
    verified.has(&[(Kind::HistoryWithoutEvents, stranger), (Kind::EventRowExtra, id_of(&all[1]))]);
    system.drop().await;
}
