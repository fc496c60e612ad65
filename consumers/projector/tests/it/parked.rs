//! What can't be projected: parked, marked, and dealt with.

use event_codec::headers::{PT_ERROR_CODE, PT_SCHEMA};
use event_log::{Headers, Outgoing, partition_of};
use projector::{DeadLetters, Error, Retried};
use shipment_events::{Sequence, ShipmentEvent, Status};
use tokio_util::sync::CancellationToken;

use crate::histories::{Step, history};
use crate::world::{World, new_id};

fn never() -> CancellationToken {
    CancellationToken::new()
}

fn three_events() -> Vec<ShipmentEvent> {
    let register = Step::Register { phone: Some(1), number: Some(1), reference: true };
    let scan = |status| Step::Scan { status, hours: 0 };
    history(new_id(), &[register, scan(Status::PickedUp), scan(Status::InTransit)])
}

fn broken(world: &World, event: &ShipmentEvent) -> Outgoing {
    let mut record = world.record(event);
    record.value = Some(b"\0\0\0".to_vec().into());
    record
}

async fn letters(world: &World) -> DeadLetters {
    DeadLetters::of(world.projector().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_is_parked_and_marked_and_the_partition_goes_on() {
    let world = World::make(2).await;
    let running = world.start().await;
    let events = three_events();
    let id = events[0].shipment_id;
    world.write(&events[..1]).await;
    let records = [broken(&world, &events[1]), world.record(&events[2])].map(|mut record| {
        record.timestamp = Some(1_772_409_600_000);
        record
    });
    let positions = world.write_records(&records).await;
    let row = world.row_that(id, |row| row.version == Sequence::new(3) && !row.parked.is_empty()).await;
    let since = row.parked.get(&Sequence::new(2)).expect("the second event is missing");
    assert_eq!(since.to_string(), "2026-03-02T00:00:00.000Z");
    assert_eq!(row.parked.len(), 1);

    let letters = letters(&world).await;
    let listed = letters.list().await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let letter = &listed[0];
    assert_eq!((letter.code.as_str(), letter.by.as_str()), ("not-framed", "projector"));
    assert_eq!(letter.source.topic, *world.topics.events);
    assert_eq!(
        (letter.source.partition, letter.source.offset),
        (positions[0].partition, positions[0].offset)
    );
    assert_eq!(letter.key, Some(events[1].key()));
    let shown = letters.show(letter.at).await.unwrap();
    assert_eq!(shown.record.value.as_deref(), Some(&[0, 0, 0][..]));
    assert!(shown.headers.iter().any(|(name, value)| name == PT_ERROR_CODE && value == "not-framed"));

    // It still is what it was.
    let again = letters.retry(letter.at, &never()).await.unwrap_err();
    assert!(matches!(again, Error::StillUnprojectable { code: "not-framed", .. }), "{again}");
    let discarded = letters.discard(letter.at, "a test wrote it", &never()).await.unwrap();
    assert_eq!(discarded.at, letter.at);
    assert!(letters.list().await.unwrap().is_empty());
    world.row_that(id, |row| row.parked.is_empty()).await;
    let twice = letters.discard(letter.at, "again", &never()).await.unwrap_err();
    assert!(matches!(twice, Error::AlreadyResolved { .. }), "{twice}");
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_a_mended_projector_understands_is_retried_into_the_views() {
    let world = World::make(1).await;
    let events = three_events();
    let id = events[0].shipment_id;
    // One that panics over scans stands for any defect.
    let whole = world.projector().await;
    let right = whole.clone();
    let poor =
        whole.clone().with_projection(std::sync::Arc::new(move |event: &ShipmentEvent, framed: &[u8]| {
            assert!(event.status_after != Status::PickedUp, "not implemented");
            tracking_view::Projection::new(crate::world::phones()).project(event, framed)
        }));
    let running = crate::world::Running::start(poor);
    world.write(&events).await;
    let row = world.row_that(id, |row| row.version == Sequence::new(3) && !row.parked.is_empty()).await;
    assert_ne!(Some(&row), crate::world::expected(&events).as_ref());
    let letters = DeadLetters::of(right);
    let listed = letters.list().await.unwrap();
    assert_eq!(listed.iter().map(|l| l.code.as_str()).collect::<Vec<_>>(), ["projection-panicked"]);
    let retried = letters.retry(listed[0].at, &never()).await.unwrap();
    assert_eq!(retried, Retried::Projected { generations: vec![1] });
    world.agrees_with(&[events]).await;
    assert!(letters.list().await.unwrap().is_empty());
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_record_holds_the_projector_goes_on() {
    let world = World::make(1).await;
    let events = three_events();
    let id = events[0].shipment_id;
    let base = world.record(&events[0]);
    let with = |key: Option<&str>, value: Option<Vec<u8>>, headers: Headers| Outgoing {
        key: key.map(|key| key.to_owned().into()),
        value: value.map(Into::into),
        headers,
        ..base.clone()
    };
    let mut strange_sequence = events[0].clone();
    strange_sequence.sequence = Sequence::new(i64::MAX);
    let mut wrong_key = world.record(&events[0]);
    wrong_key.key = Some("someone else's".into());
    let mut trailing = base.value.clone().unwrap().to_vec();
    trailing.extend([1, 2, 3]);
    let mut unknown_schema = base.value.clone().unwrap().to_vec();
    unknown_schema[1..5].copy_from_slice(&1_999_999_999_u32.to_be_bytes());
    let stamp = |text: &str| Headers::new().with(PT_SCHEMA, text);
    let poison = vec![
        with(Some(""), Some(Vec::new()), Headers::new()),
        with(Some("\u{0}"), Some(vec![0xff; 100]), Headers::new()),
        with(Some(&events[0].key()), None, Headers::new()),
        with(Some(&events[0].key()), Some(trailing), base.headers.clone()),
        with(Some(&events[0].key()), Some(unknown_schema), Headers::new()),
        with(Some(&events[0].key()), Some(base.value.clone().unwrap().to_vec()), stamp("other:0")),
        with(Some("k"), Some(vec![7; 2 * 1024 * 1024 - 4096]), Headers::new()),
        world.record(&strange_sequence),
        wrong_key,
    ];
    let count = poison.len();
    let running = world.start().await;
    world.write_records(&poison).await;
    world.write(&events).await;
    world.row_that(id, |row| row.version == Sequence::new(3)).await;
    let listed = letters(&world).await.list().await.unwrap();
    let codes: Vec<_> = listed.iter().map(|letter| letter.code.as_str()).collect();
    assert_eq!(listed.len(), count, "{codes:?}");
    for code in [
        "no-value",
        "not-framed",
        "trailing-bytes",
        "unknown-schema",
        "wrong-fingerprint",
        "bad-sequence",
        "wrong-key",
    ] {
        assert!(codes.contains(&code), "{code} is missing from {codes:?}");
    }
    running.until_ready().await;
    running.stop().await;
    world.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_command_is_posted_again_to_the_partition_of_its_key() {
    let world = World::make(5).await;
    let id = new_id();
    let letter = Outgoing {
        topic: world.topics.dead_letters.clone(),
        partition: 3,
        key: Some(id.to_string().into()),
        value: Some("a command".into()),
        headers: Headers::new()
            .with("ce_type", "x")
            .with("pt-rerouted", "2")
            .with("pt-error-code", "undecodable")
            .with("pt-error-by", "command-handler")
            .with("pt-error-topic", world.topics.commands.to_string())
            .with("pt-error-partition", "3")
            .with("pt-error-offset", "17"),
        timestamp: None,
    };
    world.write_records(&[letter]).await;
    let letters = letters(&world).await;
    let listed = letters.list().await.unwrap();
    let retried = letters.retry(listed[0].at, &never()).await.unwrap();
    assert_eq!(retried, Retried::Posted { partition: partition_of(id, 5) });
    let posted = world.all_of(&world.topics.commands).await;
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].partition, partition_of(id, 5));
    assert_eq!(posted[0].value.as_deref(), Some(&b"a command"[..]));
    assert_eq!(posted[0].headers.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["ce_type"]);
    assert!(letters.list().await.unwrap().is_empty());
    let gone = letters.retry("4:99".parse().unwrap(), &never()).await.unwrap_err();
    assert!(matches!(gone, Error::NoDeadLetter { .. }), "{gone}");
    world.drop().await;
}
