//! `parceltrack dead-letters`: what was parked, and what to do about it.

use anyhow::bail;
use event_log::Received;
use owo_colors::{OwoColorize, Stream};
use projector::{DeadLetter, DeadLetters, Projector, Retried, Shown};
use record_view::{Payload, RecordViews, TopicName};
use serde_json::json;
use settings::Settings;
use tokio_util::sync::CancellationToken;
use view_store::Detail;

use crate::cli::DeadLettersCommand;
use crate::terminal::printable;

pub(crate) async fn dead_letters(settings: &Settings, command: &DeadLettersCommand) -> anyhow::Result<()> {
    let stop = telemetry::shutdown::on_signals()?;
    let letters = DeadLetters::of(Projector::connect(settings).await?);
    match command {
        DeadLettersCommand::List { json } => list(&letters, *json).await,
        DeadLettersCommand::Show { at, payload, json } => {
            let shown = letters.show(at.parse()?).await?;
            let payload = if *payload { Some(decoded(settings, &shown.record).await?) } else { None };
            if *json {
                let mut whole = serde_json::to_value(&shown)?;
                if let Some(payload) = payload {
                    whole["payload"] = serde_json::to_value(payload)?;
                }
                println!("{whole:#}");
            } else {
                show(&shown, payload.as_ref());
            }
            Ok(())
        }
        DeadLettersCommand::Retry { at, json } if at == "all" => retry_all(&letters, *json, &stop).await,
        DeadLettersCommand::Retry { at, json } => {
            let at = at.parse()?;
            let retried = letters.retry(at, &stop).await?;
            if *json {
                println!("{}", serde_json::to_string_pretty(&[json!({ "at": at, "outcome": retried })])?);
            } else {
                println!("{at}: {retried}");
            }
            Ok(())
        }
        DeadLettersCommand::Discard { at, reason, json } => {
            let letter = letters.discard(at.parse()?, reason, &stop).await?;
            if *json {
                println!("{}", json!({ "at": letter.at, "discarded": true }));
            } else {
                println!("{}: discarded", letter.at);
            }
            Ok(())
        }
    }
}

async fn list(letters: &DeadLetters, json: bool) -> anyhow::Result<()> {
    let list = letters.list().await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    if list.is_empty() {
        println!("no dead letters");
        return Ok(());
    }
    println!("{:<10} {:<24} {:<16} {:<20} key", "at", "parked", "by", "code");
    for DeadLetter { at, parked_at, by, code, key, .. } in &list {
        let key = key.as_deref().unwrap_or("-");
        println!("{:<10} {parked_at:<24} {by:<16} {code:<20} {}", at.to_string(), short(key));
    }
    println!("\n{} in all; `parceltrack dead-letters show AT` tells more of one", list.len());
    Ok(())
}

/// As the console and `parceltrack tail` show it.
async fn decoded(settings: &Settings, record: &Received) -> anyhow::Result<Payload> {
    let views = RecordViews::of_settings(settings)?;
    Ok(views.view(TopicName::DeadLetters, record, Detail::Full).await.payload)
}

fn show(shown: &Shown, payload: Option<&Payload>) {
    let letter = &shown.letter;
    let title = format!("{} {}", letter.at, letter.code);
    println!("{}", title.if_supports_color(Stream::Stdout, |text| text.bold()));
    println!("{}", letter.text);
    println!("from {}[{}]@{}", letter.source.topic, letter.source.partition, letter.source.offset);
    println!("key {}, {} bytes", letter.key.as_deref().map_or("-".to_owned(), short), letter.bytes);
    println!("\nheaders");
    for (name, value) in &shown.headers {
        println!("  {name}: {}", printable(value));
    }
    match payload {
        Some(Payload::Json(json)) => println!("\npayload\n{json:#}"),
        Some(Payload::Deleted) => println!("\nno payload: it deletes its key"),
        Some(Payload::Undecoded { why, hex }) => {
            let hex = hex.as_deref().unwrap_or_default();
            println!("\npayload, in hex, for it can't be decoded: {}\n{hex}", printable(why));
        }
        None => println!("\n--payload shows the payload; it may hold personal data"),
    }
}

async fn retry_all(letters: &DeadLetters, json: bool, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut outcomes = Vec::new();
    let told = |letter: &DeadLetter, retried: Result<&Retried, &projector::Error>, _: usize| {
        let at = letter.at;
        match retried {
            Ok(retried) => {
                if !json {
                    println!("{at}: {retried}");
                }
                outcomes.push(json!({ "at": at, "outcome": retried }));
            }
            Err(error) => {
                let error = telemetry::chain(error);
                if !json {
                    eprintln!("{error}");
                }
                outcomes.push(json!({ "at": at, "error": error }));
            }
        }
    };
    let retries = match letters.retry_all(told, stop).await {
        Err(error) if error.is_cancelled() => bail!("interrupted; what was retried so far is done"),
        retried => retried?,
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&outcomes)?);
    } else if retries.tried == 0 {
        println!("no dead letters");
    }
    if retries.failed > 0 {
        bail!("{} of {} could not be retried", retries.failed, retries.tried);
    }
    Ok(())
}

/// Anybody may have written that key: no control characters reach the terminal, and no endless line.
fn short(key: &str) -> String {
    let text = printable(key);
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text }
}
