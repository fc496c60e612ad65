//! `parceltrack tail`: events as they lie in the topic, and what comes after.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::bail;
use event_log::{
    Between, Browser, Isolation, Kafka, ReaderEvent, ReaderStream, Received, Spans, Start, Topics, Within,
};
use owo_colors::{OwoColorize, Stream};
use query_api::view::EventView;
use record_view::RecordViews;
use settings::Settings;
use shipment_events::{ShipmentEvent, ShipmentId, Timestamp};

use crate::cli::TailArgs;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Where `--from` says to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Earliest,
    Latest,
    Time(Timestamp),
    Offset { partition: i32, offset: i64 },
}

pub(crate) async fn tail(settings: &Settings, args: &TailArgs) -> anyhow::Result<()> {
    let from: From = args.from.parse()?;
    let topics = Topics::of_settings(&settings.kafka);
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-tail")?;
    let browser = Browser::new(&kafka, TIMEOUT)?;
    let starts = starts(&browser, &topics.events, from, args.shipment).await?;
    let mut left: std::collections::BTreeSet<i32> = starts.iter().map(|(partition, _)| *partition).collect();

    let views = RecordViews::of_settings(settings)?;
    let mut stream = ReaderStream::open(&kafka, &topics.events, starts, Isolation::Committed).await?;
    loop {
        let event = tokio::select! {
            event = stream.next() => event?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        match event {
            ReaderEvent::Record(record) if is_of(&record, args.shipment) => {
                if !show(&views, &record, args.json).await? {
                    return Ok(());
                }
            }
            ReaderEvent::Record(_) => {}
            ReaderEvent::Eof(event_log::Position { partition, .. }) => {
                left.remove(&partition);
                if args.no_follow && left.is_empty() {
                    return Ok(());
                }
            }
        }
    }
}

/// Where to begin in each partition; of one shipment, in its own alone.
async fn starts(
    browser: &Browser,
    topic: &str,
    from: From,
    shipment: Option<ShipmentId>,
) -> anyhow::Result<Vec<(i32, Start)>> {
    let within = match (from, shipment) {
        (From::Offset { partition, .. }, _) => Within::Partition(partition),
        (_, Some(shipment)) => Within::Shipment(shipment),
        (_, None) => Within::All,
    };
    let partitions = browser.partitions(topic, within).await?;
    let since = match from {
        From::Time(time) => {
            let between = Between { since: Some(time.as_millis()), ..Between::default() };
            browser.spans(topic, within, between).await?
        }
        _ => Spans::default(),
    };
    let start = |partition: i32| match from {
        From::Earliest => Start::Beginning,
        From::Latest => Start::End,
        From::Offset { offset, .. } => Start::At(offset),
        From::Time(_) => since.get(partition).map_or(Start::End, |span| Start::At(span.start)),
    };
    Ok(partitions.into_iter().map(|partition| (partition, start(partition))).collect())
}

fn is_of(record: &Received, shipment: Option<ShipmentId>) -> bool {
    shipment.is_none_or(|shipment| record_view::subject(record).0 == Some(shipment))
}

/// Prints one record; false once nobody reads any more.
async fn show(views: &RecordViews, record: &Received, json: bool) -> anyhow::Result<bool> {
    let event = views.event(record).await;
    let line = if json { json_line(record, event)? } else { text_line(record, event) };
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn json_line(record: &Received, decoded: Result<ShipmentEvent, String>) -> anyhow::Result<String> {
    let mut line = serde_json::json!({ "partition": record.partition, "offset": record.offset });
    match decoded {
        Ok(event) => line["event"] = serde_json::to_value(EventView::new(event, view_store::Detail::Full))?,
        Err(error) => line["error"] = error.into(),
    }
    Ok(line.to_string())
}

fn text_line(record: &Received, decoded: Result<ShipmentEvent, String>) -> String {
    let at = format!("{}:{}", record.partition, record.offset);
    match decoded {
        Ok(event) => {
            let name = event.body.type_name();
            let name = format!("{name:<18}");
            let name = if std::io::stdout().is_terminal() {
                name.if_supports_color(Stream::Stdout, |t| t.cyan()).to_string()
            } else {
                name
            };
            format!(
                "{at:<10} {} {} #{:<4} {name} {}",
                event.recorded_at,
                event.shipment_id,
                event.sequence.get(),
                event.status_after
            )
        }
        Err(error) => format!(
            "{at:<10} {} can't be read: {error}",
            crate::terminal::printable(record.key_str().unwrap_or("(no key)"))
        ),
    }
}

impl std::str::FromStr for From {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "earliest" => return Ok(Self::Earliest),
            "latest" => return Ok(Self::Latest),
            _ => {}
        }
        if let Ok(time) = Timestamp::parse_rfc3339(text) {
            return Ok(Self::Time(time));
        }
        let position = text.split_once(':').and_then(|(p, o)| Some((p.parse().ok()?, o.parse().ok()?)));
        match position {
            Some((partition, offset)) if offset >= 0 => Ok(Self::Offset { partition, offset }),
            _ => bail!(
                "--from {text} is not understood: earliest, latest, 2026-11-01T00:00:00Z, or PARTITION:OFFSET"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_takes_four_forms_and_names_them_when_it_takes_none() {
        let from = |text: &str| text.parse::<From>();
        assert_eq!(from("earliest").unwrap(), From::Earliest);
        assert_eq!(from("latest").unwrap(), From::Latest);
        assert_eq!(from("3:1200").unwrap(), From::Offset { partition: 3, offset: 1200 });
        let time = Timestamp::parse_rfc3339("2026-11-01T00:00:00Z").unwrap();
        assert_eq!(from("2026-11-01T00:00:00Z").unwrap(), From::Time(time));
        for bad in ["", "yesterday", "3", "3:-1", "a:b"] {
            assert!(from(bad).unwrap_err().to_string().contains("PARTITION:OFFSET"), "{bad}");
        }
    }
}
