//! A registry that fails, and one that has lost everything.

use std::path::Path;
use std::time::Duration;

use event_codec::contract;
use local_stack::{Name, Part, Stack, StackSettings, silent};
use schema_registry::{Codecs, Contracts, Error, Registry, Restored, UsedSchema};
use shipment_events::CommandReply;
use tempfile::TempDir;

use crate::scratch::{connect, only, second_version};

async fn fresh(dir: &Path) -> (Stack, Registry) {
    let settings = StackSettings {
        cql: Part::Omit,
        kafka_heap_mb: 384,
        registry_heap_mb: 192,
        ..StackSettings::on_free_ports(dir)
    };
    let stack = Stack::start(settings, silent()).await.unwrap_or_else(|error| panic!("{error}"));
    let url = stack.endpoints().registry.clone().expect("a registry was asked for");
    let registry = connect(&url);
    (stack, registry)
}

/// What a scan of the topics finds: ids with gaps, as a registry that refused something leaves them.
fn in_use(prefix: &str) -> Vec<UsedSchema> {
    let ids = [19, 7, 31, 8];
    let used = |(contract, id): (&std::sync::Arc<event_codec::Contract>, u32)| UsedSchema {
        id,
        subject: contract.subject(prefix),
        stamp: Some(contract.stamp().to_owned()),
        schema_json: None,
    };
    contract::all().iter().zip(ids).map(used).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_registry_gets_its_ids_back_and_outages_pass() {
    let dir = TempDir::new().unwrap();
    let (mut stack, registry) = fresh(dir.path()).await;
    restored(&registry).await;
    refused(&registry).await;

    // What it was given is in its journal.
    stack.kill_component(Name::Registry).await.unwrap();
    stack.restart(Name::Registry).await.unwrap();
    assert_eq!(registry.restore(&in_use("lost")).await.unwrap(), Restored::AlreadyThere);
    outage(&mut stack, &registry).await;
    stack.stop().await;
}

async fn restored(registry: &Registry) {
    let mut used = in_use("lost");
    let second = second_version();
    // Two schemas under one subject; one of them in a second topic also; and one that differs in nothing but its id.
    used.push(UsedSchema {
        id: 40,
        subject: second.subject("lost"),
        stamp: Some(second.stamp().to_owned()),
        schema_json: Some(second.schema_json().to_owned()),
    });
    used.push(UsedSchema { subject: second.subject("other"), ..used[1].clone() });
    used.push(UsedSchema { id: 41, ..used[1].clone() });
    let done = registry.restore(&used).await.unwrap();
    assert_eq!(done, Restored::Rebuilt { ids: vec![7, 8, 19, 31, 40, 41] });
    assert_eq!(registry.restore(&used).await.unwrap(), Restored::AlreadyThere);

    // Services start on it as if nothing had happened, and new schemas get new ids.
    let contracts = Contracts::ours("lost");
    let report = registry.check(&contracts).await.unwrap();
    assert!(report.is_applied(), "{report}");
    let ids = registry.apply(&contracts).await.unwrap();
    let subject = |c: &event_codec::Contract| c.subject("lost");
    assert_eq!(ids.get(&subject(&contract::command())), Some(19));
    assert!([7, 41].contains(&ids.get(&subject(&contract::event())).unwrap()));
    let next = registry.apply(&Contracts::ours("next")).await.unwrap();
    assert_eq!(next.get(&contract::command().subject("next")), Some(19), "the same schema, the same id");
    let third = only("lost", crate::scratch::events_with(|schema| schema["doc"] = "another text".into()));
    let id = registry.apply(&third).await.unwrap().iter().next().unwrap().1;
    assert!(id > 41, "a new one, {id}, is above all that were restored");
}

async fn refused(registry: &Registry) {
    let mut other = in_use("lost");
    other[0].id = 20;
    let error = registry.restore(&other).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotEmpty { subjects } if subjects.contains("lost.shipment.events.v1-value")),
        "{error}"
    );
}

async fn outage(stack: &mut Stack, registry: &Registry) {
    let codecs = Codecs::open(registry.clone(), Contracts::ours("lost")).await.unwrap();
    let reading = Codecs::for_reading(registry.clone(), Contracts::ours("lost"));
    stack.pause(Name::Registry).unwrap();
    // A process with many threads doesn't freeze in an instant.
    tokio::time::sleep(Duration::from_millis(300)).await;

    // Who knows its writers notices nothing.
    let reply = contract::reply();
    let encoder = codecs.encoder::<CommandReply>(&reply).unwrap();
    let framed = [&[0], &encoder.id().to_be_bytes()[..]].concat();
    let known = codecs.decoder::<CommandReply>(&reply).decode(&framed, None).unwrap_err();
    assert!(matches!(known, event_codec::Error::Undecodable { .. }), "{known}");

    // Who must ask waits, and gets its answer when the registry is back.
    let id = codecs.id(&reply).unwrap();
    let asking = tokio::spawn(async move { reading.learn(id).await });
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert!(!asking.is_finished(), "{:?}", asking.await);
    stack.resume(Name::Registry).unwrap();
    tokio::time::timeout(Duration::from_secs(20), asking).await.unwrap().unwrap().unwrap();
}
