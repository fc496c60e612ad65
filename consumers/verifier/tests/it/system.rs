//! A whole system but for the command handler: events and snapshots are written as it would, and a projector works.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use event_codec::{Encoder, contract, headers::PT_SCHEMA};
use event_log::{Headers, Outgoing, Position, TransactionSettings, TransactionalProducer, partition_of};
use projector::Projector;
use schema_registry::{Codecs, Contracts, Registry};
use shipment_events::{
    AcceptedCommand, EventBody, Sequence, ShipmentEvent, ShipmentId, ShipmentSnapshot, Status, fold,
};
use tokio_util::sync::CancellationToken;
use tracking_view::{CellWrite, Change, Projection, ShipmentWrites, merge};
use verifier::{Finding, Kind, Options, Summary, Told, Verifier};

use crate::histories::{Step, history};
use crate::world::{PATIENCE, Running, World, interleaved, new_id, phones};

pub(crate) struct System {
    world: World,
    snapshots: Encoder<ShipmentSnapshot>,
}

impl Deref for System {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// What a verification said.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) summary: Summary,
    pub(crate) findings: Vec<Finding>,
}

impl Verified {
    /// Of each finding its kind and shipment, sorted.
    pub(crate) fn kinds(&self) -> Vec<(Kind, Option<ShipmentId>)> {
        let mut kinds: Vec<_> = self.findings.iter().map(|f| (f.kind, f.shipment_id)).collect();
        kinds.sort();
        kinds
    }

    pub(crate) fn is_clean(&self) {
        assert!(self.findings.is_empty() && self.summary.clean, "{self:#?}");
        assert_eq!((self.summary.findings, self.summary.unsettled), (0, 0), "{self:#?}");
    }

    /// That these are the findings, of these shipments, and no others.
    pub(crate) fn has(&self, kinds: &[(Kind, ShipmentId)]) {
        let mut expected: Vec<_> = kinds.iter().map(|(kind, id)| (*kind, Some(*id))).collect();
        expected.sort();
        assert_eq!(self.kinds(), expected, "{self:#?}");
        assert_eq!(self.summary.findings, kinds.len() as u64);
        assert!(!self.summary.clean);
    }

    pub(crate) fn detail(&self, kind: Kind) -> &str {
        &self.findings.iter().find(|f| f.kind == kind).unwrap_or_else(|| panic!("{kind} in {self:#?}")).detail
    }
}

impl System {
    pub(crate) async fn make(partitions: i32) -> Self {
        let world = World::make(partitions).await;
        let registry = Registry::of_settings(&world.settings.registry).unwrap();
        let codecs =
            Codecs::open(registry, Contracts::ours(&world.settings.kafka.topic_prefix)).await.unwrap();
        Self { snapshots: codecs.encoder(&contract::snapshot()).unwrap(), world }
    }

    pub(crate) async fn drop(self) {
        self.world.drop().await;
    }

    pub(crate) fn snapshot(&self, snapshot: &ShipmentSnapshot) -> Outgoing {
        Outgoing {
            topic: self.topics.snapshots.clone(),
            partition: partition_of(snapshot.shipment_id, self.topics.partitions()),
            key: Some(snapshot.shipment_id.to_string().into()),
            value: Some(self.snapshots.to_vec(snapshot).unwrap().into()),
            headers: Headers::new().with(PT_SCHEMA, self.snapshots.stamp()),
            timestamp: None,
        }
    }

    /// Events of these histories, and each one's snapshot.
    pub(crate) async fn write_all(&self, histories: &[Vec<ShipmentEvent>]) {
        self.write(&interleaved(histories)).await;
        let histories = histories.iter().filter(|history| !history.is_empty());
        let snapshots: Vec<_> = histories.map(|history| self.snapshot(&snapshot_of(history))).collect();
        self.write_records(&snapshots).await;
    }

    /// The same, with a projector that has dealt with all of it.
    pub(crate) async fn with(partitions: i32, histories: &[Vec<ShipmentEvent>]) -> Self {
        let system = Self::make(partitions).await;
        system.write_all(histories).await;
        system.project().await;
        system
    }

    /// Lets a projector deal with all that there is.
    pub(crate) async fn project(&self) {
        self.project_by(self.projector().await).await;
    }

    /// The same with a projector that leaves out some of what it should write.
    pub(crate) async fn project_but(&self, leaves_out: impl Fn(&CellWrite) -> bool + Send + Sync + 'static) {
        let projection = Projection::new(phones());
        let project = move |event: &ShipmentEvent, framed: &[u8]| {
            let mut writes = projection.project(event, framed);
            writes.retain(|write| !leaves_out(write));
            writes
        };
        self.project_by(self.projector().await.with_projection(Arc::new(project))).await;
    }

    /// Events and, behind each, the snapshot that it led to.
    pub(crate) async fn write_with_every_snapshot(&self, histories: &[Vec<ShipmentEvent>]) {
        self.write(&interleaved(histories)).await;
        let to = |history: &Vec<ShipmentEvent>| {
            let whole = history.clone();
            (1..=whole.len()).map(move |n| snapshot_of(&whole[..n]))
        };
        let snapshots: Vec<_> = histories.iter().flat_map(to).map(|s| self.snapshot(&s)).collect();
        self.write_records(&snapshots).await;
    }

    async fn project_by(&self, projector: Projector) {
        let running = Running::start(projector);
        running.until_ready().await;
        running.stop().await;
    }

    pub(crate) async fn verify(&self) -> Verified {
        self.verify_as(Options::default()).await
    }

    pub(crate) async fn verify_as(&self, options: Options) -> Verified {
        let verifier = Verifier::connect(&self.settings).await.unwrap();
        let findings = Mutex::new(Vec::new());
        let tell = |told: Told<'_>| match told {
            Told::Found(finding) => findings.lock().unwrap().push(finding.clone()),
            Told::Going(progress) => assert!((0.0..=1.0).contains(&progress.part), "{progress:?}"),
        };
        let summary = verifier.run(options, tell, &CancellationToken::new()).await.unwrap();
        Verified { summary, findings: findings.into_inner().unwrap() }
    }

    /// Verifies until the projector has come to the end.
    pub(crate) async fn verify_at_rest(&self) -> Verified {
        let begun = Instant::now();
        loop {
            let verified = self.verify().await;
            if verified.summary.lag.events == 0 {
                return verified;
            }
            assert!(begun.elapsed() < PATIENCE, "{verified:#?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Writes behind the projector's back.
    pub(crate) async fn plant(&self, writes: impl IntoIterator<Item = CellWrite>) {
        let live = self.store.generations().await.unwrap().live;
        let merged: Vec<ShipmentWrites> = merge(writes);
        let written = self.store.writer(live).await.unwrap();
        let written = written.write(&merged, &CancellationToken::new()).await.unwrap();
        assert!(written.refused.is_empty());
    }

    /// A writer that puts events and snapshots into one transaction, as the command handler does.
    pub(crate) fn transactions(&self) -> TransactionalProducer {
        let settings = TransactionSettings {
            transactional_id: self.settings.kafka.topic_prefix.clone(),
            transaction_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(8),
        };
        TransactionalProducer::init(&self.kafka, settings).unwrap()
    }
}

/// Blocks.
pub(crate) fn transact(producer: &mut TransactionalProducer, records: &[Outgoing]) -> Vec<(usize, Position)> {
    producer.begin().unwrap();
    for (n, record) in records.iter().enumerate() {
        producer.send(record, n).unwrap();
    }
    let written = producer.drain().unwrap();
    producer.commit().unwrap();
    written
}

/// The snapshot that the handler has written with the last of these events.
pub(crate) fn snapshot_of(history: &[ShipmentEvent]) -> ShipmentSnapshot {
    let accepted = history.iter().filter(|event| !matches!(event.body, EventBody::ScanRecorded(_)));
    ShipmentSnapshot {
        shipment_id: history[0].shipment_id,
        state: fold(history),
        accepted: accepted
            .map(|event| AcceptedCommand {
                command_id: event.command_id,
                fingerprint: 7,
                version: event.sequence,
            })
            .collect(),
        command_topic_id: "a topic".to_owned(),
        command_offset: history.len() as i64,
    }
}

/// Registered, scanned along the way, and delivered: seven events, an entry in each list but the archive's.
pub(crate) fn journey(n: usize) -> Vec<ShipmentEvent> {
    let scan = |status| Step::Scan { status, hours: 0 };
    let number = u8::try_from(n % 200).unwrap();
    let steps = [
        Step::Register { phone: Some(number), number: Some(number), reference: n.is_multiple_of(3) },
        scan(Status::InfoReceived),
        scan(Status::PickedUp),
        Step::AmendWeight(1_000 + n as i64),
        scan(Status::InTransit),
        scan(Status::OutForDelivery),
        scan(Status::Delivered),
    ];
    history(new_id(), &steps)
}

pub(crate) fn journeys(count: usize) -> Vec<Vec<ShipmentEvent>> {
    (0..count).map(journey).collect()
}

pub(crate) fn id_of(history: &[ShipmentEvent]) -> ShipmentId {
    history[0].shipment_id
}

/// Whether the write puts a list entry there.
pub(crate) fn is_insert(write: &CellWrite) -> bool {
    matches!(write.change, Change::Insert)
}

pub(crate) fn sequence(n: i64) -> Sequence {
    Sequence::new(n)
}

/// The shipments of a batch of histories.
pub(crate) fn ids(histories: &[Vec<ShipmentEvent>]) -> BTreeSet<ShipmentId> {
    histories.iter().filter(|history| !history.is_empty()).map(|history| id_of(history)).collect()
}
