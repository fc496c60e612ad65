use std::time::Duration;

use event_log::{Error, Isolation, Position, Reader, ReaderEvent, ReaderStream, Start};

use crate::cluster::{OwnTopics, PATIENCE, kafka, record, runtime, text, values, write};

#[test]
fn the_end_of_each_partition_is_an_event_and_comes_again() {
    let own = OwnTopics::create("eof", 2);
    let topic = &own.topics.events;
    write(&[record(topic, 0, "a"), record(topic, 0, "b")]);
    let starts = [(0, Start::Beginning), (1, Start::Beginning)];
    let mut reader = Reader::open(&kafka(), topic, &starts, Isolation::Committed).unwrap();
    let mut read = Vec::new();
    reader
        .read_to_end(PATIENCE, |record| {
            read.push(text(&record));
            Ok::<_, Error>(())
        })
        .unwrap();
    assert_eq!(read, ["a", "b"]);

    write(&[record(topic, 1, "c")]);
    let Some(ReaderEvent::Record(c)) = reader.next(PATIENCE).unwrap() else { panic!("no record") };
    assert_eq!(text(&c), "c");
    let end = Position { partition: 1, offset: c.offset + 1 };
    assert!(matches!(reader.next(PATIENCE).unwrap(), Some(ReaderEvent::Eof(at)) if at == end));
}

#[test]
fn from_the_end_nothing_is_missed_that_was_written_after_opening() {
    let own = OwnTopics::create("end", 1);
    let topic = &own.topics.replies;
    write(&[record(topic, 0, "before")]);
    let mut reader = Reader::open(&kafka(), topic, &[(0, Start::End)], Isolation::Committed).unwrap();
    write(&[record(topic, 0, "after")]);
    loop {
        match reader.next(PATIENCE).unwrap() {
            Some(ReaderEvent::Record(record)) => break assert_eq!(text(&record), "after"),
            Some(ReaderEvent::Eof(_)) => {}
            None => panic!("nothing came"),
        }
    }
}

#[test]
fn an_offset_past_the_end_is_an_error() {
    let own = OwnTopics::create("past", 1);
    let topic = &own.topics.events;
    write(&[record(topic, 0, "a")]);
    let mut reader = Reader::open(&kafka(), topic, &[(0, Start::At(1_000))], Isolation::Committed).unwrap();
    let outcome = (0..20).find_map(|_| reader.next(Duration::from_secs(1)).transpose());
    assert!(matches!(outcome, Some(Err(Error::OffsetGone { .. }))), "{outcome:?}");
}

#[test]
fn a_missing_topic_is_an_error() {
    let topic = crate::cluster::unique("nothing");
    let refused = Reader::open(&kafka(), &topic, &[(0, Start::End)], Isolation::Committed).err();
    assert!(matches!(refused, Some(Error::UnknownTopic { .. })), "{refused:?}");
}

#[test]
fn a_stream_reads_and_follows() {
    let own = OwnTopics::create("stream", 1);
    let topic = &own.topics.events;
    let first: Vec<_> = (0..1_200).map(|n| record(topic, 0, &format!("{n:05}"))).collect();
    write(&first);
    runtime().block_on(async {
        let mut stream =
            ReaderStream::open(&kafka(), topic, vec![(0, Start::Beginning)], Isolation::Committed)
                .await
                .unwrap();
        for n in 0..1_200 {
            let ReaderEvent::Record(record) = stream.next().await.unwrap() else { panic!("an early end") };
            assert_eq!(text(&record), format!("{n:05}"));
        }
        assert!(matches!(stream.next().await.unwrap(), ReaderEvent::Eof(Position { partition: 0, .. })));
        let (topic, ours) = (topic.clone(), stream);
        tokio::task::spawn_blocking(move || write(&[record(&topic, 0, "more")])).await.unwrap();
        let mut stream = ours;
        let more = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap().unwrap();
        assert!(matches!(more, ReaderEvent::Record(record) if text(&record) == "more"));
    });
    assert_eq!(values(topic, 0..1, Isolation::Uncommitted).len(), 1_201);
}
