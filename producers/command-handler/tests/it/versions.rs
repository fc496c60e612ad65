//! Several versions of the contract at a time, and schemas that have to be asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use command_handler::schemas::{Schemas, Unavailable};
use command_handler::watch::{Nobody, Step};
use event_codec::headers::PT_SCHEMA;
use event_codec::{Encoder, WriterSchemas, contract, schema_id};
use event_log::Outgoing;

use crate::commands::{register, scan, shipment};
use crate::driver::{NEXT_SNAPSHOT_SCHEMA, SCHEMA_IDS, codec, next_snapshots};
use crate::world::{Trace, World, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn handlers_of_two_versions_share_a_group_and_take_over_from_each_other() {
    let world = World::new().await;
    let newer = |trace: &Trace| {
        let (mut handler, readiness) = world.handler("new", 1, Arc::new(trace.clone()));
        handler.codec = codec().with_snapshots(next_snapshots(), NEXT_SNAPSHOT_SCHEMA);
        World::run(handler, readiness)
    };
    let mut posted: Vec<_> = (0..100).map(|n| register(shipment(n))).collect();
    world.post(&posted).await;
    let old = world.start("old", 1, Arc::new(Nobody));
    world.wait_for_replies(&posted);

    // Half of the partitions go to the newer one, and come back when it has gone.
    let trace = Trace::default();
    let new = newer(&trace);
    wait_for("its share", || trace.has(|step| matches!(step, Step::Resumed { .. })));
    let round = |n: i64| -> Vec<_> { (0..100).map(|shipment_n| scan(shipment(shipment_n), n)).collect() };
    let second = round(1);
    world.post(&second).await;
    world.wait_for_replies(&second);
    new.stop();
    let third = round(2);
    world.post(&third).await;
    world.wait_for_replies(&third);
    old.stop();
    posted.extend(second);
    posted.extend(third);
    let ledger = world.ledger();
    ledger.check(&posted);
    let written_with = |id| {
        let snapshots = ledger.snapshots.iter();
        snapshots.filter(|(record, _)| schema_id(record.value.as_ref().unwrap()).unwrap() == id).count()
    };
    assert!(written_with(SCHEMA_IDS.snapshot) > 0 && written_with(NEXT_SNAPSHOT_SCHEMA) > 0);
}

/// A registry that is away for a while, and then knows one schema.
struct Late {
    asked: AtomicU32,
    writers: WriterSchemas,
}

impl Schemas for Late {
    fn learn(&self, id: u32) -> Result<bool, Unavailable> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < 3 {
            let source = schema_registry::Error::UnknownId { url: "test".to_owned(), id };
            return Err(Unavailable { id, source });
        }
        Ok(id == 9 && self.writers.add_contract(id, &contract::command()).is_ok())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_for_the_registry_and_parks_only_what_that_does_not_know() {
    let world = World::new().await;
    let (mut handler, readiness) = world.handler("a", 1, Arc::new(Nobody));
    handler.schemas = Arc::new(Late { asked: AtomicU32::new(0), writers: handler.codec.writers().clone() });
    let known: Vec<_> = (0..10).map(|n| register(shipment(n))).collect();
    let by = |id, command| {
        let value = Encoder::new(contract::command(), id).to_vec(command).unwrap();
        Outgoing { value: Some(value.into()), ..world.record(command) }
    };
    let mut records: Vec<_> = known.iter().map(|command| by(9, command)).collect();
    // What its stamp names could be read without the registry.
    let mut unknown = by(10, &register(shipment(99)));
    unknown.headers.remove(PT_SCHEMA);
    records.push(unknown);
    world.write(&records).await;
    let handler = World::run(handler, readiness);
    world.wait_for_replies(&known);
    wait_for("the unknown one", || !world.read(&world.topics.dead_letters).is_empty());
    handler.stop();
    let ledger = world.ledger();
    ledger.check(&known);
    assert_eq!(ledger.dead_letters.len(), 1);
}
