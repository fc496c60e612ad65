//! `parceltrack topics`: create them, and hold them against what they must be.

use std::time::Duration;

use anyhow::bail;
use event_log::{Action, Admin, Kafka, Topics};
use settings::Settings;

use crate::cli::TopicsCommand;

const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) async fn topics(settings: &Settings, command: &TopicsCommand) -> anyhow::Result<()> {
    match command {
        TopicsCommand::Apply { repair } => apply(settings, *repair).await,
        TopicsCommand::Verify { json } => verify(settings, *json).await,
    }
}

/// Creates what is missing, says what it did, and refuses what then still deviates.
pub(crate) async fn apply(settings: &Settings, repair: bool) -> anyhow::Result<()> {
    let topics = Topics::of_settings(&settings.kafka);
    for applied in admin(settings)?.apply(&topics.specs(), repair).await? {
        match applied.action {
            Action::Kept => {}
            Action::Created => println!("topic {}: created", applied.topic),
            Action::Repaired(changes) => {
                for (name, before, after) in changes {
                    println!("topic {}: {name} set to {after}, was {before}", applied.topic);
                }
            }
        }
    }
    verify(settings, false).await
}

async fn verify(settings: &Settings, json: bool) -> anyhow::Result<()> {
    let topics = Topics::of_settings(&settings.kafka);
    let specs = topics.specs();
    let deviations = admin(settings)?.verify(&specs).await?;
    if json {
        let list: Vec<_> = deviations
            .iter()
            .map(|d| {
                serde_json::json!({
                    "topic": d.topic, "what": d.what, "expected": d.expected, "found": d.found, "fix": d.fix,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&list)?);
    } else {
        for deviation in &deviations {
            eprintln!("{deviation}");
        }
    }
    if !deviations.is_empty() {
        bail!("{} deviations from what the topics must be", deviations.len());
    }
    if !json {
        println!("{} topics are as they must be", specs.len());
    }
    Ok(())
}

fn admin(settings: &Settings) -> anyhow::Result<Admin> {
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-cli")?;
    Ok(Admin::new(&kafka, TIMEOUT)?)
}
