//! Tokens of an issuer that changes its keys, and goes away.

use auth::{Denied, Gatekeeper, Role, TokenSpec, development_token};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::{Value, json};
use settings::Settings;

use crate::issuer::{Issuer, SigningKey, now, unsigned};
use crate::world::{World, until, who};

/// A gatekeeper that needs no Kafka: it is asked for tokens only.
fn gatekeeper(world: &World, issuer: &Issuer) -> Gatekeeper {
    world.gatekeeper(&[&format!("auth.issuer={}", issuer.url)])
}

fn with(claims: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[name] = value.into();
    claims
}

fn is_invalid(answer: &Result<auth::Principal, Denied>) -> bool {
    matches!(answer, Err(Denied::Invalid(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_issuers_is_good() {
    let (world, key) = (World::at("127.0.0.1:1"), SigningKey::new("one"));
    let issuer = Issuer::with(&[&key]).await;
    let gatekeeper = gatekeeper(&world, &issuer);
    let principal = who(&gatekeeper, &key.sign(&issuer.claims())).await.unwrap();
    assert_eq!(principal.name(), format!("oidc:{}#ada", issuer.url));
    assert_eq!(principal.role(), Role::Producer);
    assert!(principal.customers().include("acme") && !principal.customers().include("globex"));
    let unscoped = with(&issuer.claims(), "customers", Value::Null);
    assert!(!who(&gatekeeper, &key.sign(&unscoped)).await.unwrap().customers().include("acme"));
    let stranger = with(&issuer.claims(), "realm_access", json!({ "roles": ["guest"] }));
    assert_eq!(who(&gatekeeper, &key.sign(&stranger)).await, Err(Denied::Forbidden));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_or_not_for_us_or_not_for_now_is_refused() {
    let (world, key) = (World::at("127.0.0.1:1"), SigningKey::new("one"));
    let issuer = Issuer::with(&[&key]).await;
    let gatekeeper = gatekeeper(&world, &issuer);
    let claims = issuer.claims();
    assert!(who(&gatekeeper, &key.sign(&claims)).await.is_ok());
    assert!(who(&gatekeeper, &key.sign(&with(&claims, "exp", now() - 20))).await.is_ok(), "within the skew");
    for (name, value) in [
        ("aud", json!("account")),
        ("iss", json!("http://127.0.0.1:1")),
        ("exp", json!(now() - 31)),
        ("nbf", json!(now() + 40)),
    ] {
        let token = key.sign(&with(&claims, name, value));
        assert!(is_invalid(&who(&gatekeeper, &token).await), "{name}");
    }

    let none = format!("{}.", unsigned(&json!({ "alg": "none", "kid": "one" }), &claims));
    assert!(is_invalid(&who(&gatekeeper, &none).await));
    // The public key, which everybody has, taken for a secret.
    let text = unsigned(&json!({ "alg": "HS256", "kid": "one" }), &claims);
    for public in [key.key.public_key_to_pem().unwrap(), key.key.public_key_to_der().unwrap()] {
        let secret = PKey::hmac(&public).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &secret).unwrap();
        let signature = URL_SAFE_NO_PAD.encode(signer.sign_oneshot_to_vec(text.as_bytes()).unwrap());
        assert!(is_invalid(&who(&gatekeeper, &format!("{text}.{signature}")).await));
    }
    // A key of one's own, under the issuer's id, and announced by the token itself.
    let own = SigningKey::new("one");
    assert!(is_invalid(&who(&gatekeeper, &own.sign(&claims)).await));
    let other = Issuer::with(&[&own]).await;
    let header = json!({ "alg": "RS256", "kid": "one", "jku": format!("{}/jwks", other.url) });
    assert!(is_invalid(&who(&gatekeeper, &own.sign_with(&header, &claims)).await));
    assert_eq!(other.fetched(), 0, "what a token says of its keys is not looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_found_and_who_asks_for_none_makes_no_traffic() {
    let (world, old, new) = (World::at("127.0.0.1:1"), SigningKey::new("old"), SigningKey::new("new"));
    let issuer = Issuer::with(&[&old]).await;
    let gatekeeper = gatekeeper(&world, &issuer);
    assert!(who(&gatekeeper, &old.sign(&issuer.claims())).await.is_ok());
    let before = issuer.fetched();

    issuer.publish(&[&new]);
    let fresh = new.sign(&issuer.claims());
    let several = (0..20).map(|_| {
        let (gatekeeper, token) = (gatekeeper.clone(), fresh.clone());
        tokio::spawn(async move { who(&gatekeeper, &token).await })
    });
    for answer in several.collect::<Vec<_>>() {
        answer.await.unwrap().unwrap();
    }
    assert_eq!(issuer.fetched(), before + 1, "fetched once for all");
    assert!(is_invalid(&who(&gatekeeper, &old.sign(&issuer.claims())).await), "the old one is gone");

    for n in 0..20 {
        let unknown = SigningKey { kid: format!("unknown-{n}"), key: new.key.clone() };
        assert!(is_invalid(&who(&gatekeeper, &unknown.sign(&issuer.claims())).await));
        let mut young = issuer.claims();
        young["iat"] = now().into();
        let said = who(&gatekeeper, &unknown.sign(&young)).await;
        assert!(matches!(said, Err(Denied::Unknowable(_))), "its key may be newer than ours");
    }
    assert_eq!(issuer.fetched(), before + 1, "not again within 30 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_issuer_is_away_its_last_keys_count() {
    let (world, key) = (World::at("127.0.0.1:1"), SigningKey::new("one"));
    let issuer = Issuer::with(&[&key]).await;
    issuer.is_away(true);
    let gatekeeper = gatekeeper(&world, &issuer);
    let token = key.sign(&issuer.claims());
    assert!(matches!(who(&gatekeeper, &token).await, Err(Denied::Unknowable(_))), "never had");
    issuer.is_away(false);
    until("they are fetched by themselves", async || who(&gatekeeper, &token).await.is_ok()).await;
    issuer.is_away(true);
    let other = SigningKey::new("another");
    assert!(is_invalid(&who(&gatekeeper, &other.sign(&issuer.claims())).await));
    assert!(who(&gatekeeper, &token).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed() {
    let (world, key) = (World::at("127.0.0.1:1"), SigningKey::new("one"));
    let issuer = Issuer::with(&[&key]).await;
    issuer.redirects();
    let gatekeeper = gatekeeper(&world, &issuer);
    let token = key.sign(&issuer.claims());
    until("it was asked", async || issuer.fetched() > 0).await;
    assert_eq!(issuer.fetched(), 1);
    until("it answers itself at last", async || who(&gatekeeper, &token).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn development_tokens_are_good_where_the_secret_is() {
    let world = World::at("127.0.0.1:1");
    let secret = "auth.development_secret=a secret for one test alone";
    let settings = Settings::load(&world.sources.clone().set(secret)).unwrap();
    let spec = TokenSpec {
        subject: "dev".to_owned(),
        role: Role::Reader,
        customers: ["acme".to_owned()].into(),
        ttl: std::time::Duration::from_secs(60),
    };
    let token = development_token(&settings, &spec, chrono::Utc::now()).unwrap();
    let (with, without) = (world.gatekeeper(&[secret]), world.gatekeeper(&[]));
    let principal = who(&with, token.expose()).await.unwrap();
    assert_eq!((principal.name(), principal.role()), ("oidc:parceltrack-development#dev", Role::Reader));
    assert!(is_invalid(&who(&without, token.expose()).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_not_fetched_from_where_anybody_could_answer() {
    let world = World::at("127.0.0.1:1");
    for set in ["auth.issuer=http://id.example", "auth.jwks_url=http://id.example/jwks"] {
        let sources = world.sources.clone().set("auth.issuer=https://id.example").set(set);
        let settings = Settings::load(&sources).unwrap();
        let stop = tokio_util::sync::CancellationToken::new();
        let refused = Gatekeeper::start(&settings, "test", &world.readiness, stop);
        assert!(matches!(refused, Err(auth::Error::Untrusted { .. })), "{set}");
    }
}
