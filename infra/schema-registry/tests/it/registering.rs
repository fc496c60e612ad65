//! Checking and registering.

use std::time::Duration;

use event_codec::contract;
use schema_registry::{Auth, Contracts, Error, Registry, Verdict};

use crate::scratch::{broken_version, connect, only, prefix, registry, second_version};

#[tokio::test]
async fn what_is_missing_is_registered_once() {
    let (registry, prefix) = (registry(), prefix());
    let contracts = Contracts::ours(&prefix);
    let before = registry.check(&contracts).await.unwrap();
    assert!(before.is_ok() && !before.is_applied());
    assert!(before.findings.iter().all(|f| f.verdict == Verdict::First), "{before}");
    assert_eq!(registry.ids(&contracts).await.unwrap(), None);

    let ids = registry.apply(&contracts).await.unwrap();
    assert_eq!(ids.iter().len(), 4);
    assert_eq!(registry.apply(&contracts).await.unwrap(), ids, "a second time changes nothing");
    assert_eq!(registry.ids(&contracts).await.unwrap(), Some(ids.clone()));
    let after = registry.check(&contracts).await.unwrap();
    assert!(after.is_applied(), "{after}");

    for (subject, contract) in contracts.subjects() {
        assert_eq!(
            registry.level(&subject).await.unwrap().as_deref(),
            Some(contract.level().as_str()),
            "{subject}"
        );
        let versions = registry.versions(&subject).await.unwrap();
        assert_eq!(versions.len(), 1, "{subject}");
        assert_eq!(Some(versions[0].id), ids.get(&subject));
    }
}

#[tokio::test]
async fn many_may_register_at_once() {
    let prefix = prefix();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let contracts = Contracts::ours(&prefix);
            tokio::spawn(async move { registry().apply(&contracts).await.unwrap() })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    assert!(all.iter().all(|ids| *ids == all[0]), "{all:?}");
    for (subject, _) in Contracts::ours(&prefix).subjects() {
        assert_eq!(registry().versions(&subject).await.unwrap().len(), 1, "{subject}");
    }
}

#[tokio::test]
async fn an_incompatible_schema_is_refused_by_the_field() {
    let (registry, prefix) = (registry(), prefix());
    registry.apply(&Contracts::ours(&prefix)).await.unwrap();
    let broken = only(&prefix, broken_version());
    let error = registry.apply(&broken).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(&error, Error::Refused(_)), "{text}");
    assert!(text.contains("`ShipmentEvent.channel`") && text.contains("version 1"), "{text}");
    let subject = contract::event().subject(&prefix);
    assert_eq!(registry.versions(&subject).await.unwrap().len(), 1, "nothing was registered");
}

#[tokio::test]
async fn a_second_version_follows_and_the_first_may_still_start() {
    let (registry, prefix) = (registry(), prefix());
    let first = registry.apply(&Contracts::ours(&prefix)).await.unwrap();
    let second = only(&prefix, second_version());
    let report = registry.check(&second).await.unwrap();
    assert!(matches!(report.findings[0].verdict, Verdict::Next { after: 1 }), "{report}");
    let ids = registry.apply(&second).await.unwrap();
    let subject = contract::event().subject(&prefix);
    assert_ne!(ids.get(&subject), first.get(&subject));
    // A handler of the first version starts again in the middle of a rolling upgrade.
    assert_eq!(registry.apply(&Contracts::ours(&prefix)).await.unwrap(), first);
    assert_eq!(registry.versions(&subject).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_id_that_nobody_gave_is_told() {
    let error = registry().writer_schema(2_000_000_001).await.unwrap_err();
    assert!(matches!(error, Error::UnknownId { id: 2_000_000_001, .. }), "{error}");
    assert!(!error.is_passing());
}

#[tokio::test]
async fn a_wrong_address_is_told() {
    let nobody = Registry::connect("http://127.0.0.1:9/apis/ccompat/v7", Auth::None, Duration::from_secs(1))
        .unwrap()
        .with_patience(Duration::from_millis(400));
    let error = nobody.subjects().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && error.is_passing(), "{error}");

    let url = registry().url().replace("/apis/ccompat/v7", "/no/such/api");
    let error = connect(&url).subjects().await.unwrap_err();
    assert!(error.to_string().contains("/apis/ccompat/v7"), "{error}");
    let error = connect(&url).versions("a").await.unwrap_err();
    assert!(matches!(error, Error::NotItsApi { .. }), "{error}");
    assert!(Registry::connect("ftp://x", Auth::None, Duration::from_secs(1)).is_err());
    assert!(Registry::connect("not an address", Auth::None, Duration::from_secs(1)).is_err());
}
