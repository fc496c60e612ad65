//! API keys, from the topic.

use std::time::Duration;

use auth::{Denied, KeyError, Role};
use chrono::{TimeDelta, Utc};

use testkit::committed_values;

use crate::world::{World, spec, until, who};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_from_its_making_to_its_revocation() {
    let world = World::make().await;
    let gatekeeper = world.ready_gatekeeper(&[]).await;
    let key = world.keys().create(spec(Role::Producer, &["acme"]), "test").await.unwrap();
    let text = key.key.expose();
    until("the key is known", async || who(&gatekeeper, text).await.is_ok()).await;
    let principal = who(&gatekeeper, text).await.unwrap();
    assert_eq!((principal.name(), principal.role()), (&*format!("key:{}", key.id), Role::Producer));
    assert!(principal.customers().include("acme") && !principal.customers().include("globex"));

    let revoked = world.keys().revoke(&key.id, "test").await.unwrap();
    let took = until("it is refused", async || who(&gatekeeper, text).await.is_err()).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(matches!(who(&gatekeeper, text).await, Err(Denied::Invalid(_))));
    let again = world.keys().revoke(&key.id, "another").await.unwrap();
    assert_eq!(again, revoked, "it stays as it was");
    assert!(matches!(world.keys().revoke("0123456789abcdef", "test").await, Err(KeyError::Unknown(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_by_itself_where_it_was_made_so() {
    let world = World::make().await;
    let gatekeeper = world.ready_gatekeeper(&[]).await;
    let mut brief = spec(Role::Admin, &[]);
    brief.expires_at = Some(Utc::now() + TimeDelta::seconds(3));
    let key = world.keys().create(brief, "test").await.unwrap();
    until("it is known", async || who(&gatekeeper, key.key.expose()).await.is_ok()).await;
    until("it has expired", async || who(&gatekeeper, key.key.expose()).await.is_err()).await;
    assert!(!world.keys().list().await.unwrap()[0].1.is_good(Utc::now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_has_an_audit_record_in_its_own_transaction() {
    let world = World::make().await;
    let keys = world.keys();
    let key = keys.create(spec(Role::Reader, &["acme"]), "cli:ada").await.unwrap();
    keys.revoke(&key.id, "cli:bob").await.unwrap();
    keys.revoke(&key.id, "cli:eve").await.unwrap();
    assert!(keys.create(spec(Role::Reader, &[]), "cli:eve").await.is_err());
    let told = world.audited();
    let told: Vec<_> = told.iter().map(|it| (&*it.who, &*it.action, &*it.target)).collect();
    assert_eq!(told, [("cli:ada", "key.create", &*key.id), ("cli:bob", "key.revoke", &key.id)]);

    let secret = &key.key.expose()[21..];
    for topic in [&world.topics.api_keys, &world.topics.audit] {
        let all = committed_values(&world.kafka, topic);
        assert_eq!(all.len(), 2, "{topic}");
        assert!(all.iter().all(|value| !String::from_utf8_lossy(value).contains(secret)), "{topic}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_keys_were_read_nobody_knows() {
    let world = World::at("127.0.0.1:1");
    let gatekeeper = world.gatekeeper(&[]);
    let key = "ptk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(matches!(who(&gatekeeper, key).await, Err(Denied::Unknowable(_))));
    assert!(!world.readiness.is_ready());
    assert!(world.readiness.conditions().contains_key("api_keys"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_credentials_are_not_asked_for_everybody_may_everything() {
    let world = World::at("127.0.0.1:1");
    let gatekeeper = world.gatekeeper(&["auth.required=false"]);
    let principal = who(&gatekeeper, "whatever").await.unwrap();
    assert_eq!((principal.name(), principal.role()), ("anonymous", Role::Admin));
    assert!(world.readiness.is_ready());
}
