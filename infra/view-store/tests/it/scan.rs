//! Whole tables of one generation, by slices.

use std::collections::BTreeSet;

use shipment_events::ShipmentId;
use tracking_view::{List, ListEntry, entries_of, merge};
use view_store::{GenerationReader, Slice};

use crate::database::{Database, histories, model, never, project, shuffled, write};

async fn ids(reader: &GenerationReader, slices: u32) -> [Vec<ShipmentId>; 2] {
    let (mut rows, mut of_histories) = (Vec::new(), Vec::new());
    for slice in Slice::ring(slices) {
        reader.scan_shipments(slice, |page| rows.extend(page)).await.unwrap();
        reader.scan_histories(slice, |page| of_histories.extend(page)).await.unwrap();
    }
    rows.sort();
    of_histories.sort();
    [rows, of_histories]
}

async fn listed(reader: &GenerationReader, slices: u32) -> Vec<ListEntry> {
    let mut entries = Vec::new();
    for (list, slice) in
        List::ALL.into_iter().flat_map(|list| Slice::ring(slices).into_iter().map(move |s| (list, s)))
    {
        let take = |page: Vec<view_store::Listed>| {
            for listed in page {
                let entry = listed.entry.expect("a key of ours");
                assert_eq!((entry.bucket.list(), entry.shipment_id), (list, listed.shipment_id));
                entries.push(entry);
            }
        };
        reader.scan_list(list, slice, take).await.unwrap();
    }
    entries.sort();
    entries
}

#[tokio::test]
async fn each_row_is_met_once_whatever_the_slices() {
    let database = Database::make().await;
    let histories = histories(150);
    let events = shuffled(&histories);
    write(&database.writer().await, &events).await;
    let reader = database.store.generation_reader(1).await.unwrap();
    let model = model(&events);
    let expected: BTreeSet<ShipmentId> = events.iter().map(|event| event.shipment_id).collect();
    let entries: Vec<ListEntry> = model.entries().into_iter().collect();
    for slices in [1, 7, 64] {
        for found in ids(&reader, slices).await {
            assert_eq!(found, expected.iter().copied().collect::<Vec<_>>());
        }
        assert_eq!(listed(&reader, slices).await, entries);
    }
    for id in expected {
        let row = reader.shipment(id).await.unwrap().unwrap();
        assert_eq!(Some(&row), model.shipment(id).unwrap().as_ref());
        assert_eq!(reader.whole_history(id).await.unwrap(), model.history(id).unwrap());
        for entry in entries_of(&row) {
            assert!(reader.has_entry(&entry).await.unwrap());
            let elsewhere = ListEntry { at: shipment_events::Timestamp::from_millis(1), ..entry };
            assert!(!reader.has_entry(&elsewhere).await.unwrap());
        }
    }
    database.drop().await;
}

#[tokio::test]
async fn more_than_a_page_of_one_partition_is_read_whole() {
    let database = Database::make().await;
    // All of one customer and month.
    let register = crate::histories::Step::Register { phone: None, number: None, reference: false };
    let events: Vec<_> = (0..6_000)
        .flat_map(|_| crate::histories::history(crate::database::new_id(), std::slice::from_ref(&register)))
        .collect();
    let lists_only = |write: &tracking_view::CellWrite| matches!(write.row, tracking_view::RowKey::Entry(_));
    let writes = merge(events.iter().flat_map(project).filter(lists_only));
    database.writer().await.write(&writes, &never()).await.unwrap();
    let reader = database.store.generation_reader(1).await.unwrap();
    let mut found = 0;
    reader.scan_list(List::Customer, Slice::ring(1)[0], |page| found += page.len()).await.unwrap();
    assert_eq!(found, events.len());
    database.drop().await;
}
