//! Feeding and simulating through a real command handler on real Kafka.
//!
//! Takes `PARCELTRACK_KAFKA` (default 127.0.0.1:9092), and makes topics, a group and a folder of its own.

mod pipeline;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use carrier_feed::feed::{FeedOptions, feed};
use carrier_feed::mapping::Mapping;
use carrier_feed::simulate::{SimulateOptions, simulate};
use carrier_feed::source::Input;
use shipment_events::{EventBody, ShipmentId, Status, fold};

use pipeline::Pipeline;

fn sample() -> FeedOptions {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples/carrier-scans.jsonl");
    FeedOptions::new(vec![Input::File(path)], Mapping::built_in().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn feeding_the_sample_twice_equals_feeding_it_once() {
    let pipeline = Pipeline::start().await;
    let mut shown = 0;
    let first = feed(&pipeline.client, sample(), |_| shown += 1).await.unwrap();
    println!("{first}");
    assert_eq!(first.scan_commands.unanswered, 0, "{}", pipeline.levels());
    assert_eq!((first.histories, first.scans, first.unread_scans, first.bad_lines), (246, 1689, 0, 0));
    // 246 lines, of which 21 are further pictures of shipments that came before.
    assert_eq!((first.registrations.accepted, first.registrations.duplicate), (225, 21));
    assert_eq!((first.registrations.rejected, first.registrations.unanswered), (0, 0));
    assert_eq!((first.scan_commands.rejected, first.scan_commands.unanswered), (0, 0));
    assert!(first.is_complete() && shown > 0);
    let events = pipeline.histories();
    assert_eq!(
        events.values().map(Vec::len).sum::<usize>() as u64,
        first.registrations.accepted + first.scan_commands.accepted
    );

    let second = feed(&pipeline.client, sample(), |_| {}).await.unwrap();
    assert_eq!((second.registrations.accepted, second.registrations.duplicate), (0, 246));
    assert_eq!((second.scan_commands.accepted, second.scan_commands.duplicate), (0, 1689));
    assert!(second.is_complete());
    assert_eq!(pipeline.histories(), events, "not one event more");

    // The statuses that people approved, where one line is the whole of its shipment.
    let mut lines: BTreeMap<ShipmentId, Vec<&str>> = BTreeMap::new();
    for line in include_str!("../../samples/final-statuses.tsv").lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let shipment = carrier_feed::identity::shipment_id(fields[1], fields[2]);
        lines.entry(shipment).or_default().push(fields[3]);
    }
    let mut compared = 0;
    for (shipment, statuses) in lines.iter().filter(|(_, statuses)| statuses.len() == 1) {
        let status = events[shipment].last().unwrap().status_after;
        assert_eq!(status.as_str(), statuses[0], "{shipment}");
        compared += 1;
    }
    assert!(compared > 200);
    pipeline.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_t_be_taken_is_written_down_and_the_rest_taken() {
    let pipeline = Pipeline::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (file, rejects) = (folder.path().join("in.csv"), folder.path().join("rejects.jsonl"));
    let long = "x".repeat(3000);
    std::fs::write(
        &file,
        format!(
            "carrier,tracking_number,time,zone,code,text\n\
             ups,1,20100610 120000,,FS,Delivered\n\
             ups,1,nonsense,,AR,Arrival\n\
             ,1,20100610 120000,,,\n\
             ups,1,20100610 130000,,,{long}\n\
             ups,2,20100610 120000,EST,PU,\n"
        ),
    )
    .unwrap();
    let options = FeedOptions {
        rejects: Some(rejects.clone()),
        ..FeedOptions::new(vec![Input::File(file)], Mapping::built_in().unwrap())
    };
    let summary = feed(&pipeline.client, options, |_| {}).await.unwrap();
    assert_eq!((summary.histories, summary.bad_lines, summary.unread_scans), (2, 1, 1));
    assert_eq!((summary.scan_commands.accepted, summary.scan_commands.rejected), (2, 1));
    assert!(!summary.is_complete());
    let written = std::fs::read_to_string(&rejects).unwrap();
    let reasons: Vec<_> = written.lines().map(|l| l.split("\"reason\":\"").nth(1).unwrap()).collect();
    assert_eq!(reasons.len(), 3, "{written}");
    assert!(reasons.iter().any(|r| r.starts_with("the `carrier` is blank")), "{written}");
    assert!(reasons.iter().any(|r| r.starts_with("`nonsense` in the time")), "{written}");
    assert!(reasons.iter().any(|r| r.starts_with("PT-1012")), "{written}");

    // Mended, the file of rejects can be fed as it is.
    let mended = written.replace("nonsense", "20100610 110000").replace(&long, "short");
    std::fs::write(&rejects, mended).unwrap();
    let options = FeedOptions::new(vec![Input::File(rejects)], Mapping::built_in().unwrap());
    let summary = feed(&pipeline.client, options, |_| {}).await.unwrap();
    assert_eq!(summary.scan_commands.unanswered, 0, "{}", pipeline.levels());
    assert_eq!((summary.scan_commands.accepted, summary.bad_lines), (2, 1));
    pipeline.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_network_is_accepted_and_played_again_changes_nothing() {
    let pipeline = Pipeline::start().await;
    let options = SimulateOptions::new(400, 1500.0, 42);
    let first = simulate(&pipeline.client, &options, |_| {}).await.unwrap();
    println!("{first}");
    let total = first.total();
    assert_eq!((first.shipments_begun, total.unanswered), (400, 0));
    assert_eq!(total.total(), first.commands);
    assert!(total.duplicate > 0, "repeated scans are known again");
    // A wrong rule here would be a wrong simulator: what it plays, a careful shop and a careless carrier would do.
    assert_eq!(total.rejected, 0, "{:?}", total.rejections);
    let histories = pipeline.histories();
    assert_eq!(histories.values().map(Vec::len).sum::<usize>() as u64, first.events);
    assert!(histories.values().flatten().any(|e| matches!(e.body, EventBody::ScanRetracted(_))));
    let ended = histories.values().filter(|h| h.last().unwrap().status_after == Status::Delivered).count();
    assert!(ended > 300, "{ended} of 400 delivered");
    for history in histories.values() {
        let folded = fold(history.iter());
        assert_eq!(folded.version.get(), history.len() as i64);
    }
    assert!(first.percentiles.p50_ms > 0.0 && first.percentiles.p99_ms >= first.percentiles.p50_ms);

    let second = simulate(&pipeline.client, &SimulateOptions { rate: 0.0, ..options }, |_| {}).await.unwrap();
    assert_eq!(second.events, 0);
    assert_eq!(pipeline.histories(), histories);
    pipeline.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_handler_commands_stay_unanswered_and_are_counted_so() {
    let pipeline = Pipeline::without_handler().await;
    let options = FeedOptions { limit: Some(3), patience: Duration::from_millis(500), ..sample() };
    let summary = feed(&pipeline.client, options, |_| {}).await.unwrap();
    assert_eq!((summary.histories, summary.registrations.unanswered), (3, 3));
    assert_eq!(summary.scan_commands.unanswered, summary.scans);
    assert!(summary.to_string().contains("feeding it again doubles nothing"));
    pipeline.stop().await;
}
