use shipment_events::{CustomerId, Sequence, ShipmentId, Status, Timestamp};
use tracking_view::{ListEntry, ModelStore, merge, parked, unparked};
use view_store::{DayRange, Detail, ListQuery, Reader};

use crate::database::{Database, histories, model, never, new_id, project, shuffled, write};
use crate::histories::{Step, erased, history};

/// Everything that readers see of these shipments equals what the model holds.
async fn compare(reader: &Reader, model: &ModelStore, ids: &[ShipmentId]) {
    let rows = reader.shipments(ids, Detail::Full).await.unwrap();
    for (id, row) in ids.iter().zip(rows) {
        let version = row.as_ref().map(|row| row.version);
        assert_eq!(row, model.shipment(*id).unwrap());
        assert_eq!(reader.whole_history(*id).await.unwrap(), model.history(*id).unwrap());
        assert_eq!(reader.version(*id).await.unwrap(), version);
    }
    let mut entries: Vec<ListEntry> = Vec::new();
    let day = |text| shipment_events::Date::parse(text).unwrap();
    let days = DayRange { from: day("2026-03-01"), to: day("2026-04-20") };
    let mut queries = vec![ListQuery::Day(days), ListQuery::Archive(days)];
    queries.extend(Status::ALL.map(|status| ListQuery::Status(status, days)));
    queries.push(ListQuery::Customer(CustomerId::new("shop"), days));
    let phones: std::collections::BTreeSet<_> = model
        .entries()
        .into_iter()
        .filter_map(|entry| match entry.bucket {
            tracking_view::Bucket::Phone(hash) => Some(hash),
            _ => None,
        })
        .collect();
    queries.extend(phones.into_iter().map(|hash| ListQuery::Phone(hash, DayRange::ALL)));
    queries.extend((0..3).map(|n| ListQuery::TrackingNumber(format!("RR{n:09}BE"))));
    for query in queries {
        entries.extend(reader.entries(&query, 100_000, None).await.unwrap().entries);
    }
    entries.sort();
    let expected: Vec<_> = model.entries().into_iter().collect();
    assert_eq!(entries, expected);
}

#[tokio::test]
async fn rows_written_in_any_order_are_those_of_the_model() {
    let database = Database::make().await;
    let writer = database.writer().await;
    let histories = histories(60);
    let mut events = shuffled(&histories);
    events.extend(events.iter().step_by(3).map(erased).collect::<Vec<_>>());
    let again: Vec<_> = shuffled(&histories).into_iter().step_by(2).collect();
    for poll in events.chunks(17).chain(again.chunks(5)) {
        write(&writer, poll).await;
    }
    let ids: Vec<_> = histories.iter().flatten().map(|event| event.shipment_id).collect();
    let reader = database.store.reader().await.unwrap();
    compare(&reader, &model(&events), &ids).await;
    database.drop().await;
}

#[tokio::test]
async fn what_is_personal_is_not_read_for_the_public() {
    let database = Database::make().await;
    let id = new_id();
    let register = Step::Register { phone: Some(1), number: Some(1), reference: true };
    write(&database.writer().await, &history(id, &[register])).await;
    let reader = database.store.reader().await.unwrap();
    let full = reader.shipment(id, Detail::Full).await.unwrap().unwrap();
    let public = reader.shipment(id, Detail::Public).await.unwrap().unwrap();
    assert!(full.sender.is_some() && full.recipient.is_some());
    assert_eq!(public, tracking_view::ShipmentRow { sender: None, recipient: None, ..full });
    assert_eq!(reader.shipment(new_id(), Detail::Full).await.unwrap(), None);
    database.drop().await;
}

#[tokio::test]
async fn a_long_history_is_written_in_pieces_and_read_in_pages() {
    let database = Database::make().await;
    let id = new_id();
    let mut steps = vec![Step::Register { phone: None, number: None, reference: false }];
    steps.extend((0..450).map(|_| Step::Scan { status: Status::InTransit, hours: 0 }));
    let events = history(id, &steps);
    write(&database.writer().await, &events).await;
    let reader = database.store.reader().await.unwrap();
    assert_eq!(reader.whole_history(id).await.unwrap(), model(&events).history(id).unwrap());
    let page = reader.history(id, Sequence::new(100), 3).await.unwrap();
    assert_eq!(page.iter().map(|e| e.sequence.get()).collect::<Vec<_>>(), [101, 102, 103]);
    assert_eq!(reader.version(id).await.unwrap(), Some(Sequence::new(451)));
    database.drop().await;
}

#[tokio::test]
async fn a_parked_event_marks_the_row() {
    let database = Database::make().await;
    let (id, writer) = (new_id(), database.writer().await);
    let reader = database.store.reader().await.unwrap();
    let since = async || reader.shipment(id, Detail::Public).await.unwrap().unwrap().parked_since();
    let mark = async |mark| {
        writer.write(&merge([mark]), &never()).await.unwrap();
    };
    let at = Timestamp::from_millis(1_700_000_000_000);
    mark(parked(id, Sequence::new(2), at)).await;
    assert_eq!(since().await, Some(at));
    let register = Step::Register { phone: None, number: None, reference: false };
    write(&writer, &history(id, &[register])).await;
    assert_eq!(since().await, Some(at));
    mark(unparked(id, Sequence::new(2))).await;
    assert_eq!(since().await, None);
    mark(parked(id, Sequence::new(2), at)).await;
    assert_eq!(since().await, None);
    database.drop().await;
}

#[tokio::test]
async fn what_the_database_will_never_take_is_refused_and_the_rest_written() {
    let database = Database::make().await;
    let register = |id| history(id, &[Step::Register { phone: None, number: None, reference: false }]);
    let (good, long_key, too_large) = (new_id(), new_id(), new_id());
    let mut events = [register(good), register(long_key), register(too_large)].concat();
    let keys = events[1].keys.as_mut().unwrap();
    keys.tracking_number = Some("x".repeat(70_000));
    let mut writes: Vec<_> = events[..2].iter().flat_map(project).collect();
    let huge = tracking_view::Projection::new(tracking_view::PhoneKey::new(b"k"));
    writes.extend(huge.project(&events[2], &vec![0; 5 << 20]));
    let written = database.writer().await.write(&merge(writes), &never()).await.unwrap();
    assert_eq!(written.shipments, 1);
    let mut refused: Vec<_> = written.refused.iter().map(|refused| refused.shipment_id).collect();
    refused.sort();
    let mut expected = vec![long_key, too_large];
    expected.sort();
    assert_eq!(refused, expected);
    let reader = database.store.reader().await.unwrap();
    assert!(reader.version(good).await.unwrap().is_some());
    assert_eq!(reader.version(long_key).await.unwrap(), None);
    assert_eq!(reader.version(too_large).await.unwrap(), None);
    database.drop().await;
}
