use shipment_events::{CustomerId, Date, Status};
use tracking_view::merge;
use view_store::{DayRange, Detail, Error, ListQuery};

use crate::database::{Database, model, never, new_id, project, write};
use crate::histories::{Step, history};

#[tokio::test]
async fn a_repair_corrects_what_a_wrong_projector_wrote_and_events_go_on_after_it() {
    let database = Database::make().await;
    let (id, writer) = (new_id(), database.writer().await);
    let reader = database.store.reader().await.unwrap();
    let scan = |status| Step::Scan { status, hours: 0 };
    let register = Step::Register { phone: Some(1), number: Some(1), reference: true };
    let steps = [register, scan(Status::InTransit), scan(Status::OnHold), scan(Status::Delivered)];
    let events = history(id, &steps);
    // The wrong projector: another status, a field that isn't there, all under the right stamps.
    let mut wrong = events[..3].to_vec();
    for event in &mut wrong {
        event.status_after = Status::Returned;
        event.actor = Some("zzz".to_owned());
    }
    if let shipment_events::EventBody::ShipmentRegistered(body) = &mut wrong[0].body {
        body.customer_reference = Some("zzz wrong".to_owned());
        body.customer_id = CustomerId::new("zzz wrong");
    }
    write(&writer, &wrong).await;
    let right = model(&events[..3]);
    write(&writer, &events[..3]).await;
    assert_ne!(
        reader.shipment(id, Detail::Full).await.unwrap(),
        right.shipment(id).unwrap(),
        "the same stamps can't correct it"
    );

    let too_short = merge(events[..2].iter().flat_map(project));
    let refused = writer.repair(&too_short[0], &never()).await;
    assert!(matches!(refused, Err(Error::StaleRepair { given: 2, stored: 3 })), "{refused:?}");

    let whole = merge(events[..3].iter().flat_map(project));
    for _ in 0..2 {
        writer.repair(&whole[0], &never()).await.unwrap();
        assert_eq!(reader.shipment(id, Detail::Full).await.unwrap(), right.shipment(id).unwrap());
        assert_eq!(reader.whole_history(id).await.unwrap(), right.history(id).unwrap());
    }
    write(&writer, &events[3..]).await;
    let all = model(&events);
    assert_eq!(reader.shipment(id, Detail::Full).await.unwrap(), all.shipment(id).unwrap());
    assert_eq!(reader.whole_history(id).await.unwrap(), all.history(id).unwrap());
    let days = DayRange { from: Date::parse("2026-03-01").unwrap(), to: Date::parse("2026-04-20").unwrap() };
    for status in Status::ALL {
        let listed = reader.list(&ListQuery::Status(status, days), 10, None, Detail::Public).await.unwrap();
        assert_eq!(listed.rows.len(), usize::from(status == Status::Delivered), "{status}");
    }
    database.drop().await;
}

#[tokio::test]
async fn a_row_that_was_deleted_is_written_again() {
    let database = Database::make().await;
    let (id, writer) = (new_id(), database.writer().await);
    let reader = database.store.reader().await.unwrap();
    let register = Step::Register { phone: Some(1), number: Some(1), reference: true };
    let events = history(id, &[register, Step::Scan { status: Status::InTransit, hours: 0 }]);
    write(&writer, &events).await;
    // Under the stamp of its last event: a deletion wins over all that was written with it.
    let (session, keyspace) = (database.session().await, database.keyspace());
    let delete =
        format!("DELETE FROM {keyspace}.shipments USING TIMESTAMP {} WHERE shipment_id = ?", 2 << 16);
    session.query_unpaged(delete, (id.as_uuid(),)).await.unwrap();
    assert_eq!(reader.shipment(id, Detail::Full).await.unwrap(), None);
    let whole = merge(events.iter().flat_map(project));
    writer.write(&whole, &never()).await.unwrap();
    assert_eq!(reader.shipment(id, Detail::Full).await.unwrap(), None, "the same stamps can't bring it back");
    writer.repair(&whole[0], &never()).await.unwrap();
    assert_eq!(reader.shipment(id, Detail::Full).await.unwrap(), model(&events).shipment(id).unwrap());
    assert_eq!(reader.whole_history(id).await.unwrap(), model(&events).history(id).unwrap());
    database.drop().await;
}
