use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rand::seq::SliceRandom;
use shipment_events::{ShipmentEvent, ShipmentId};
use tokio_util::sync::CancellationToken;
use tracking_view::{CellWrite, ModelStore, PhoneKey, Projection, merge};
use uuid::Uuid;
use view_store::{CqlOptions, ViewStore, Writer};

use crate::histories::{history, steps};

/// Keyspaces of one test.
pub(crate) struct Database {
    pub(crate) store: ViewStore,
}

pub(crate) fn options() -> CqlOptions {
    let nodes = std::env::var("PARCELTRACK_CQL")
        .expect("PARCELTRACK_CQL names no CQL database; `make test` starts one and sets it");
    let keyspace = format!("it_{}", &Uuid::new_v4().simple().to_string()[..16]);
    CqlOptions::local(nodes.split(',').map(str::to_owned), keyspace)
}

impl Database {
    /// Tables made, generation 1 live.
    pub(crate) async fn make() -> Self {
        let store = ViewStore::connect(&options()).await.unwrap();
        store.apply_tables().await.unwrap();
        Self { store }
    }

    pub(crate) async fn writer(&self) -> Writer {
        self.store.writer(self.store.generations().await.unwrap().live).await.unwrap()
    }

    /// A CQL session of its own, to look behind the store's back.
    pub(crate) async fn session(&self) -> scylla::client::session::Session {
        let nodes = &self.store.options().nodes;
        scylla::client::session_builder::SessionBuilder::new().known_nodes(nodes).build().await.unwrap()
    }

    pub(crate) fn keyspace(&self) -> String {
        format!("{}_g1", self.store.options().keyspace)
    }

    /// Drops what the test made; a test that fails leaves it for who wants to look.
    pub(crate) async fn drop(self) {
        let base = &self.store.options().keyspace;
        let session = self.session().await;
        for n in 0..5 {
            let name = if n == 0 { base.clone() } else { format!("{base}_g{n}") };
            session.query_unpaged(format!("DROP KEYSPACE IF EXISTS {name}"), ()).await.unwrap();
        }
    }
}

pub(crate) fn never() -> CancellationToken {
    CancellationToken::new()
}

pub(crate) fn project(event: &ShipmentEvent) -> Vec<CellWrite> {
    Projection::new(PhoneKey::new(b"k")).project(event, event.key().as_bytes())
}

pub(crate) async fn write(writer: &Writer, events: &[ShipmentEvent]) {
    let written = writer.write(&merge(events.iter().flat_map(project)), &never()).await.unwrap();
    assert!(written.refused.is_empty(), "{:?}", written.refused);
}

pub(crate) fn model<'a>(events: impl IntoIterator<Item = &'a ShipmentEvent>) -> ModelStore {
    let mut model = ModelStore::default();
    for write in events.into_iter().flat_map(project) {
        model.apply(&write);
    }
    model
}

pub(crate) fn new_id() -> ShipmentId {
    ShipmentId::new(Uuid::new_v4())
}

/// Histories of as many shipments.
pub(crate) fn histories(shipments: usize) -> Vec<Vec<ShipmentEvent>> {
    let mut runner = TestRunner::default();
    (0..shipments).map(|_| history(new_id(), &steps().new_tree(&mut runner).unwrap().current())).collect()
}

pub(crate) fn shuffled(histories: &[Vec<ShipmentEvent>]) -> Vec<ShipmentEvent> {
    let mut events = histories.concat();
    events.shuffle(&mut rand::rng());
    events
}
