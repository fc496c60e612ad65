use std::sync::Arc;
use std::time::Duration;

use event_log::{Kafka, TopicSpec, Topics};
use projector::{Projector, group_of};
use schema_registry::{Codecs, Contracts, Registry};
use settings::Settings;
use tokio_util::sync::CancellationToken;
use tracking_view::{PhoneKey, Projection};
use view_store::{GenerationReader, ViewStore};

use crate::ends::Ends;
use crate::finding::Finding;
use crate::gather::Logs;
use crate::intake::Intake;
use crate::known::Directory;
use crate::progress::{Meter, Progress, Stage};
use crate::second_look::Suspects;
use crate::{Error, Options, Summary, scan, second_look, set_up, sweep};

/// How often the caller hears how it goes.
const TELL: Duration = Duration::from_millis(250);

/// What the caller hears while it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// Something isn't as it must be.
    Found(&'a Finding),
    /// How far it has come.
    Going(&'a Progress),
}

/// Verifies an installation. Cheap to clone; the clones share their connections.
#[derive(Clone)]
pub struct Verifier {
    pub(crate) logs: Logs,
    pub(crate) specs: Arc<[TopicSpec]>,
    pub(crate) intake: Intake,
    pub(crate) store: ViewStore,
    pub(crate) reader: GenerationReader,
    pub(crate) projector: Projector,
    pub(crate) projection: Projection,
    pub(crate) phones: PhoneKey,
}

impl Verifier {
    /// Connects as the settings say, or says what is away. It is the generation that is live now that will be verified.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        let key = settings::require("query_api.phone_hash_key", settings.query_api.phone_hash_key.as_ref())?;
        let phones = PhoneKey::new(key.expose().as_bytes());
        let projector = Projector::connect(settings).await?;
        let store = projector.store().clone();
        let generation = store.generations().await?.live;
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-verify")?;
        let topics = Topics::of_settings(&settings.kafka);
        let ends = Ends::new(&kafka, &group_of(&settings.projector_group(), generation))?;
        let registry = Registry::of_settings(&settings.registry)?;
        let codecs = Codecs::for_reading(registry, Contracts::ours(&settings.kafka.topic_prefix));
        Ok(Self {
            logs: Logs {
                partitions: ends.partition_count(&topics.events).await?,
                kafka,
                events: topics.events.clone(),
                snapshots: topics.snapshots.clone(),
                ends,
                meter: Meter::new(),
            },
            specs: topics.specs().into(),
            intake: Intake::new(codecs),
            reader: store.generation_reader(generation).await?,
            store,
            projector,
            projection: Projection::new(phones.clone()),
            phones,
        })
    }

    /// Verifies. `tell` hears every finding as soon as it is certain, and some times a second how it goes.
    ///
    /// # Errors
    /// When something can't be read, or `cancel` says to stop. What was told until then stands.
    pub async fn run(
        &self,
        options: Options,
        tell: impl Fn(Told<'_>) + Sync,
        cancel: &CancellationToken,
    ) -> Result<Summary, Error> {
        let mut summary = Summary {
            generation: self.reader.generation(),
            partitions: self.logs.partitions,
            ..Summary::default()
        };
        let telling = async {
            loop {
                tell(Told::Going(&self.logs.meter.progress()));
                tokio::time::sleep(TELL).await;
            }
        };
        let verified = tokio::select! {
            verified = self.verify(options, &mut summary, &tell, cancel) => verified,
            () = telling => Ok(()),
            () = cancel.cancelled() => Err(Error::Cancelled),
        };
        verified?;
        summary.clean = summary.findings == 0;
        summary.seconds = self.logs.meter.elapsed().as_secs_f64();
        Ok(summary)
    }

    async fn verify(
        &self,
        options: Options,
        summary: &mut Summary,
        tell: &(impl Fn(Told<'_>) + Sync),
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        self.intake.preload().await?;
        let mut found = |summary: &mut Summary, finding: &Finding| {
            summary.count(finding);
            tell(Told::Found(finding));
        };
        let mut suspects = Suspects::new(self.logs.partitions);
        if let Some(shipment) = options.shipment {
            suspects.add_whole(shipment);
        } else {
            self.logs.meter.begin(Stage::SetUp, 0.0, 1);
            set_up::compare(self).await?.iter().for_each(|finding| found(summary, finding));
            summary.dead_letters = set_up::dead_letters(self).await?;
            let mut known = Vec::new();
            let shares = sweep::Shares::of(self, options).await?;
            for partition in 0..self.logs.partitions {
                let swept = sweep::sweep(self, partition, options, &shares).await?;
                swept.findings.iter().for_each(|finding| found(summary, finding));
                swept.add_to(summary, &mut suspects, &mut known);
            }
            if options.rows || options.lists {
                self.logs.meter.begin(Stage::Scanning, shares.scan, shares.rows(summary));
                let scanned = scan::scan(self, &Arc::new(Directory::of(known)), options).await?;
                scanned.add_to(summary, &mut suspects);
            }
        }
        second_look::look(self, suspects, options, summary, &mut found, cancel).await
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("reader", &self.reader).finish_non_exhaustive()
    }
}
