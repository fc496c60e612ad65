//! Encoding with the registry's ids, decoding what any version wrote.

use event_codec::contract;
use schema_registry::{Codecs, Contracts, Error};
use serde_json::Value;
use shipment_events::{Accepted, CommandId, CommandReply, Outcome, Sequence, ShipmentId, Timestamp};
use uuid::Uuid;

use crate::scratch::{only, prefix, registry, second_version};

fn reply() -> CommandReply {
    CommandReply {
        command_id: CommandId::new(Uuid::from_u128(1)),
        shipment_id: ShipmentId::new(Uuid::from_u128(2)),
        decided_at: Timestamp::from_millis(3),
        outcome: Outcome::Accepted(Accepted { version: Sequence::new(4), partition: 5, events: 6 }),
    }
}

#[tokio::test]
async fn one_who_only_reads_learns_as_it_goes() {
    let prefix = prefix();
    let writing = Codecs::open(registry(), Contracts::ours(&prefix)).await.unwrap();
    let encoder = writing.encoder::<CommandReply>(&contract::reply()).unwrap();
    let bytes = encoder.to_vec(&reply()).unwrap();

    let reading = Codecs::for_reading(registry(), Contracts::ours(&prefix));
    let decoder = reading.decoder::<CommandReply>(&contract::reply());
    assert!(matches!(decoder.decode(&bytes, None), Err(event_codec::Error::UnknownSchema { .. })));
    let stamp = Some(encoder.stamp().as_bytes());
    assert_eq!(reading.decode(&decoder, &bytes, stamp).await.unwrap(), reply());
    assert_eq!(decoder.decode(&bytes, stamp).unwrap(), reply(), "learnt for good");
    assert!(matches!(reading.encoder::<CommandReply>(&contract::reply()), Err(Error::NotOpened { .. })));
}

#[tokio::test]
async fn a_worker_thread_learns_without_a_runtime_of_its_own() {
    let prefix = prefix();
    let writing = Codecs::open(registry(), Contracts::ours(&prefix)).await.unwrap();
    let id = writing.id(&contract::reply()).unwrap();
    let bytes = writing.encoder::<CommandReply>(&contract::reply()).unwrap().to_vec(&reply()).unwrap();
    let reading = Codecs::for_reading(registry(), Contracts::ours(&prefix));
    let worker = std::thread::spawn(move || {
        reading.learn_blocking(id).unwrap();
        reading.decoder::<CommandReply>(&contract::reply()).decode(&bytes, None).unwrap()
    });
    let decoded = tokio::task::spawn_blocking(move || worker.join().unwrap()).await.unwrap();
    assert_eq!(decoded, reply());
}

#[tokio::test]
async fn all_versions_are_known_from_the_start() {
    let prefix = prefix();
    let old = Codecs::open(registry(), Contracts::ours(&prefix)).await.unwrap();
    let new = Codecs::open(registry(), only(&prefix, second_version())).await.unwrap();
    let (old_id, new_id) = (old.id(&contract::event()).unwrap(), new.id(&contract::event()).unwrap());
    assert_ne!(old_id, new_id);
    assert!(new.writers().knows(old_id));
    let again = Codecs::open(registry(), Contracts::ours(&prefix)).await.unwrap();
    assert!(again.writers().knows(new_id));
    let fetched: Value = serde_json::from_str(&old.fetch()(new_id).await.unwrap()).unwrap();
    assert_eq!(fetched["name"], "ShipmentEvent");
}
