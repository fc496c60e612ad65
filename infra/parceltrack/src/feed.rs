//! `parceltrack feed` and `simulate`: event producers that post to the commands topic.

use anyhow::{Context, bail};
use carrier_feed::feed::{Example, FeedOptions, FeedSummary};
use carrier_feed::mapping::Mapping;
use carrier_feed::progress;
use carrier_feed::simulate::SimulateOptions;
use carrier_feed::source::{Form, Input};
use command_client::{CommandClient, Schemas};
use event_codec::contract;
use event_log::{Kafka, Topics};
use schema_registry::{Codecs, Contracts, Registry};
use settings::Settings;
use std::time::Duration;

use crate::cli::{FeedArgs, SimulateArgs};

/// How long answers still to come are waited for at the end.
const CLOSE: Duration = Duration::from_secs(5);

/// Feeds the files named. Fails when not every line and scan was taken, and says what became of them.
pub(crate) async fn feed(settings: &Settings, args: &FeedArgs) -> anyhow::Result<()> {
    let mut mapping = Mapping::built_in()?;
    if let Some(path) = &args.mapping {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        mapping.extend(&text).with_context(|| format!("{} is not a mapping", path.display()))?;
    }
    let mut options = FeedOptions::new(args.files.iter().map(Input::named).collect(), mapping);
    options.form = args.format.as_deref().map(|form| if form == "csv" { Form::Csv } else { Form::JsonLines });
    options.rejects.clone_from(&args.rejects);

    let summary = run(settings, options).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        println!("{summary}");
    }
    if !summary.is_complete() {
        bail!(
            "not everything was taken{}",
            match &args.rejects {
                Some(path) => format!("; what wasn't is in {}", path.display()),
                None => "; --rejects FILE keeps what isn't".to_owned(),
            }
        );
    }
    Ok(())
}

/// Feeds the sample of real histories; the shipment to look at.
pub(crate) async fn sample(settings: &Settings) -> anyhow::Result<Sample> {
    let options = FeedOptions::new(vec![Input::Sample], Mapping::built_in()?);
    let summary = run(settings, options).await?;
    let example = summary.example.clone().context("the sample has no delivered parcel")?;
    Ok(Sample { summary, example })
}

/// What feeding the sample came to.
pub(crate) struct Sample {
    pub(crate) summary: FeedSummary,
    pub(crate) example: Example,
}

/// Plays the network.
pub(crate) async fn simulate(settings: &Settings, args: &SimulateArgs) -> anyhow::Result<()> {
    // Without a seed every run is another network.
    let seed = args.seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
    let client = connect(settings, "/parceltrack/simulate").await?;
    let (bar, show) = progress::simulating(args.shipments);
    let options = SimulateOptions::new(args.shipments, args.rate, seed);
    let summary = carrier_feed::simulate::simulate(&client, &options, show).await;
    bar.finish_and_clear();
    client.close(CLOSE).await;
    let summary = summary?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        println!("{summary}");
    }
    Ok(())
}

async fn run(settings: &Settings, options: FeedOptions) -> anyhow::Result<FeedSummary> {
    let client = connect(settings, "/parceltrack/feed").await?;
    let (bar, show) = progress::feeding();
    let summary = carrier_feed::feed::feed(&client, options, show).await;
    bar.finish_and_clear();
    client.close(CLOSE).await;
    Ok(summary?)
}

async fn connect(settings: &Settings, source: &str) -> anyhow::Result<CommandClient> {
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-feed")?;
    let topics = Topics::of_settings(&settings.kafka);
    let registry = Registry::of_settings(&settings.registry)?;
    let codecs = Codecs::open(registry, Contracts::ours(&settings.kafka.topic_prefix)).await?;
    let schemas = Schemas {
        encoder: codecs.encoder(&contract::command())?,
        decoder: codecs.decoder(&contract::reply()),
        fetch: codecs.fetch(),
    };
    Ok(CommandClient::connect(&kafka, &topics, schemas, command_client::Settings::new(source)).await?)
}
