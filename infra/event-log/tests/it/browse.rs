//! Looking into a topic, a page at a time.

use std::time::Duration;

use event_log::{
    Between, Browser, Error, Order, Outgoing, Page, PageBounds, Received, Spans, TransactionSettings,
    TransactionalProducer, Within, partition_of,
};

use crate::cluster::{OwnTopics, PATIENCE, kafka, record, runtime, text, unique, write};

const WIDE: PageBounds = PageBounds { records: 10, bytes: 1 << 20, look_at: 10_000 };

fn browser() -> Browser {
    Browser::new(&kafka(), PATIENCE).unwrap()
}

/// The record that says `n`, at that millisecond.
fn at(topic: &std::sync::Arc<str>, partition: i32, n: i64) -> Outgoing {
    Outgoing { timestamp: Some(1_700_000_000_000 + n), ..record(topic, partition, &n.to_string()) }
}

fn numbers(page: &Page) -> Vec<i64> {
    page.records.iter().map(|record| text(record).parse().unwrap()).collect()
}

fn any(_: &Received) -> bool {
    true
}

/// Every page there is.
fn pages(topic: &str, order: Order, bounds: PageBounds, wanted: fn(&Received) -> bool) -> Vec<Page> {
    runtime().block_on(async {
        let browser = browser();
        let mut spans = browser.spans(topic, Within::All, Between::default()).await.unwrap();
        let mut pages = Vec::new();
        while !spans.is_empty() {
            let page = browser.page(topic, &spans, order, bounds, wanted).await.unwrap();
            assert_ne!(page.left, spans, "a page that leads nowhere");
            spans = page.left.clone();
            pages.push(page);
        }
        pages
    })
}

#[test]
fn pages_come_in_the_order_of_times_and_miss_nothing() {
    let own = OwnTopics::create("pages", 3);
    let topic = &own.topics.events;
    write(&(0..95).map(|n| at(topic, (n % 3) as i32, n)).collect::<Vec<_>>());
    let oldest: Vec<_> = pages(topic, Order::Oldest, WIDE, any).iter().map(numbers).collect();
    assert_eq!(oldest.concat(), (0..95).collect::<Vec<_>>());
    assert!(oldest.iter().all(|page| page.len() <= 10) && oldest[0].len() == 10);
    let newest: Vec<_> = pages(topic, Order::Newest, WIDE, any).iter().map(numbers).collect();
    assert_eq!(newest.concat(), (0..95).rev().collect::<Vec<_>>());
    assert!(newest.iter().all(|page| page.len() <= 10) && newest[0].len() == 10);
}

#[test]
fn a_search_looks_at_so_much_and_goes_on() {
    let own = OwnTopics::create("search", 2);
    let topic = &own.topics.events;
    write(&(0..600).map(|n| at(topic, (n % 2) as i32, n)).collect::<Vec<_>>());
    let rare = |record: &Received| text(record).parse::<i64>().unwrap() % 250 == 0;
    let bounds = PageBounds { look_at: 100, ..WIDE };
    for (order, expected) in [(Order::Oldest, [0, 250, 500]), (Order::Newest, [500, 250, 0])] {
        let pages = pages(topic, order, bounds, rare);
        assert!(pages.len() >= 6, "{}", pages.len());
        assert!(pages.iter().all(|page| page.looked_at <= 100), "{order:?}");
        assert_eq!(pages.iter().map(numbers).collect::<Vec<_>>().concat(), expected, "{order:?}");
    }
}

#[test]
fn large_records_make_small_pages() {
    let own = OwnTopics::create("large", 1);
    let topic = &own.topics.events;
    let large = |n: i64| Outgoing { key: Some(vec![0; 100_000].into()), ..at(topic, 0, n) };
    write(&(0..12).map(large).collect::<Vec<_>>());
    for (order, expected) in
        [(Order::Oldest, (0..12).collect::<Vec<_>>()), (Order::Newest, (0..12).rev().collect())]
    {
        let pages = pages(topic, order, PageBounds { bytes: 250_000, ..WIDE }, any);
        assert!(pages.iter().all(|page| page.records.len() <= 3), "{order:?}");
        assert_eq!(pages.iter().map(numbers).collect::<Vec<_>>().concat(), expected, "{order:?}");
    }
}

#[test]
fn marks_of_transactions_are_no_records_and_hold_nothing_up() {
    let own = OwnTopics::create("marks", 1);
    let topic = &own.topics.events;
    let settings = TransactionSettings {
        transactional_id: unique("marks"),
        transaction_timeout: Duration::from_secs(10),
        call_timeout: Duration::from_secs(8),
    };
    let mut producer = TransactionalProducer::init(&kafka(), settings).unwrap();
    for n in 0..5 {
        producer.begin().unwrap();
        producer.send(&at(topic, 0, n), 0).unwrap();
        producer.drain().unwrap();
        producer.commit().unwrap();
    }
    for (order, expected) in [(Order::Oldest, [0, 1, 2, 3, 4]), (Order::Newest, [4, 3, 2, 1, 0])] {
        let bounds = PageBounds { records: 2, ..WIDE };
        let pages = pages(topic, order, bounds, any);
        assert_eq!(pages.iter().map(numbers).collect::<Vec<_>>().concat(), expected, "{order:?}");
    }
}

#[test]
fn stretches_by_time_offset_and_shipment() {
    let own = OwnTopics::create("stretches", 3);
    let topic = own.topics.events.clone();
    write(&(0..30).map(|n| at(&topic, (n % 3) as i32, n)).collect::<Vec<_>>());
    runtime().block_on(async {
        let browser = browser();
        let spans = async |within, between| browser.spans(&topic, within, between).await.unwrap().to_string();
        let time = |n: i64| Some(1_700_000_000_000 + n);
        assert_eq!(spans(Within::All, Between::default()).await, "0:0-10,1:0-10,2:0-10");
        let between = Between { since: time(13), until: time(20), ..Between::default() };
        assert_eq!(spans(Within::All, between).await, "0:5-7,1:4-7,2:4-6");
        let late = Between { since: time(99), ..Between::default() };
        assert_eq!(spans(Within::All, late).await, "");
        let between = Between { from: Some(8), to: Some(90), ..Between::default() };
        assert_eq!(spans(Within::Partition(1), between).await, "1:8-10");
        let shipment = shipment_events::ShipmentId::new(uuid::Uuid::from_u128(5));
        let partition = partition_of(shipment, 3);
        assert_eq!(spans(Within::Shipment(shipment), Between::default()).await, format!("{partition}:0-10"));
        let no = browser.spans(&topic, Within::Partition(3), Between::default()).await.unwrap_err();
        assert!(matches!(no, Error::NoPartition { partition: 3, count: 3, .. }), "{no}");
    });
}

#[test]
fn a_stream_ends_with_its_stretches() {
    let own = OwnTopics::create("span-stream", 2);
    let topic = own.topics.events.clone();
    write(&(0..40).map(|n| at(&topic, (n % 2) as i32, n)).collect::<Vec<_>>());
    runtime().block_on(async {
        let spans: Spans = "0:5-8,1:18-20".parse().unwrap();
        let mut stream = browser().stream(&topic, spans).await.unwrap();
        let (mut seen, mut left) = (Vec::new(), vec![stream.left().offsets()]);
        while let Some(record) = stream.next().await.unwrap() {
            seen.push((record.partition, record.offset));
            left.push(stream.left().offsets());
        }
        seen.sort_unstable();
        assert_eq!(seen, [(0, 5), (0, 6), (0, 7), (1, 18), (1, 19)]);
        assert_eq!(left, [5, 4, 3, 2, 1, 0]);
    });
}
