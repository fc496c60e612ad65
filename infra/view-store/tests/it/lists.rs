use shipment_events::{CustomerId, Date, ShipmentEvent, ShipmentId, Status, Timestamp};
use tracking_view::{ListEntry, merge};
use uuid::Uuid;
use view_store::{Cursor, DayRange, Detail, ListQuery, Reader};

use crate::database::{Database, never, project, write};
use crate::histories::{Step, history};

const REGISTER: Step = Step::Register { phone: Some(1), number: Some(1), reference: false };

fn days(from: &str, to: &str) -> DayRange {
    DayRange { from: Date::parse(from).unwrap(), to: Date::parse(to).unwrap() }
}

/// A registration at this moment.
fn registered(n: u128, at: Timestamp) -> ShipmentEvent {
    // Ids that a database orders in its own way: of several versions, the time-based among them.
    let mut bytes = *Uuid::from_u128(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834)).as_bytes();
    bytes[6] = (bytes[6] & 0x0f) | [0x10, 0x40, 0x70][n as usize % 3];
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let id = ShipmentId::new(Uuid::from_bytes(bytes));
    let mut event = history(id, std::slice::from_ref(&REGISTER)).remove(0);
    event.recorded_at = at;
    event.occurred_at = at;
    event.status_since = at;
    event.keys.as_mut().unwrap().registered_at = at;
    event
}

/// Many at the same moment, the rest spread over days with gaps.
fn registrations() -> Vec<ShipmentEvent> {
    let noon = Timestamp::parse_rfc3339("2026-02-10T12:00:00Z").unwrap().as_millis();
    (0..140_u128)
        .map(|n| {
            let at = if n < 60 { noon } else { noon + (n as i64 % 9) * 7 * 86_400_000 + n as i64 };
            registered(n, Timestamp::from_millis(at))
        })
        .collect()
}

async fn by_pages(reader: &Reader, query: &ListQuery, limit: usize) -> Vec<ListEntry> {
    let (mut all, mut cursor): (Vec<ListEntry>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = reader.entries(query, limit, cursor).await.unwrap();
        assert!(page.entries.len() == limit || page.next.is_none());
        all.extend(page.entries);
        match page.next {
            // As a client would bring it back.
            Some(next) => cursor = Some(next.to_string().parse::<Cursor>().unwrap().check(query).unwrap()),
            None => return all,
        }
    }
}

#[tokio::test]
async fn pages_of_any_size_make_up_the_list() {
    let database = Database::make().await;
    let events = registrations();
    write(&database.writer().await, &events).await;
    let reader = database.store.reader().await.unwrap();
    let phone = reader.shipment(events[0].shipment_id, Detail::Public).await.unwrap().unwrap();
    let whole = days("2026-01-01", "2026-12-31");
    for query in [
        ListQuery::Day(whole),
        ListQuery::Status(Status::Registered, whole),
        ListQuery::Customer(CustomerId::new("shop"), whole),
        ListQuery::Phone(phone.recipient_phone_hash.unwrap(), whole),
        ListQuery::TrackingNumber("rr 000000001 be".to_owned()),
    ] {
        for limit in [1, 7, 59, 60, 139, 140, 1000] {
            let all = by_pages(&reader, &query, limit).await;
            assert_eq!(all.len(), 140, "{query:?} by {limit}");
            assert!(all.is_sorted_by(|a, b| a.at >= b.at));
            let mut ids: Vec<_> = all.iter().map(|entry| entry.shipment_id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 140, "{query:?} by {limit}");
        }
    }
    database.drop().await;
}

#[tokio::test]
async fn days_bound_a_list_at_both_ends() {
    let database = Database::make().await;
    let at = |text| Timestamp::parse_rfc3339(text).unwrap();
    let moments = [
        "2026-01-31T23:59:59.999Z",
        "2026-02-01T00:00:00Z",
        "2026-02-28T23:59:59.999Z",
        "2026-03-01T00:00:00Z",
    ];
    let events: Vec<_> =
        moments.iter().enumerate().map(|(n, text)| registered(n as u128, at(text))).collect();
    write(&database.writer().await, &events).await;
    let reader = database.store.reader().await.unwrap();
    let february = days("2026-02-01", "2026-02-28");
    let row = reader.shipment(events[0].shipment_id, Detail::Public).await.unwrap().unwrap();
    for query in [
        ListQuery::Day(february),
        ListQuery::Customer(CustomerId::new("shop"), february),
        ListQuery::Phone(row.recipient_phone_hash.unwrap(), february),
        ListQuery::Status(Status::Registered, february),
    ] {
        for limit in [1, 2, 10] {
            let listed: Vec<_> =
                by_pages(&reader, &query, limit).await.iter().map(|e| e.shipment_id).collect();
            assert_eq!(listed, [events[2].shipment_id, events[1].shipment_id], "{query:?}");
        }
    }
    database.drop().await;
}

#[tokio::test]
async fn ghosts_and_the_unregistered_are_not_listed() {
    let database = Database::make().await;
    let writer = database.writer().await;
    let events = registrations();
    write(&writer, &events).await;
    // Half of them move on; but the old entries stay, as if the projector had died before the last part.
    for event in events.iter().step_by(2) {
        let delivered = [REGISTER, Step::Scan { status: Status::Delivered, hours: 0 }];
        let mut scan = history(event.shipment_id, &delivered).remove(1);
        scan.keys.clone_from(&event.keys);
        let mut merged = merge(project(&scan));
        merged[0].last.clear();
        writer.write(&merged, &never()).await.unwrap();
    }
    let reader = database.store.reader().await.unwrap();
    let whole = days("2026-01-01", "2026-12-31");
    for (status, entries) in [(Status::Registered, 140), (Status::Delivered, 70)] {
        let query = ListQuery::Status(status, whole);
        assert_eq!(reader.entries(&query, 500, None).await.unwrap().entries.len(), entries);
        let (mut rows, mut cursor) = (Vec::new(), None);
        loop {
            let page = reader.list(&query, 9, cursor, Detail::Public).await.unwrap();
            rows.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(rows.len(), 70);
        assert!(rows.iter().all(|row| row.status == Some(status)));
    }
    database.drop().await;
}
