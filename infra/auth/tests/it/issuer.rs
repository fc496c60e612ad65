//! An OIDC issuer of the test's own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A key that tokens are signed with.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) key: PKey<Private>,
}

pub(crate) struct Issuer {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    url: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    away: AtomicBool,
    redirects: AtomicBool,
    fetched: AtomicUsize,
}

impl Issuer {
    /// With these keys.
    pub(crate) async fn with(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { url: Mutex::new(url.clone()), ..Shared::default() });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(jwks))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self { url, shared };
        issuer.publish(keys);
        issuer
    }

    /// These keys from now on.
    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        *self.shared.keys.lock().unwrap() = keys.iter().map(|key| key.jwk()).collect();
    }

    pub(crate) fn is_away(&self, away: bool) {
        self.shared.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn redirects(&self) {
        self.shared.redirects.store(true, Ordering::SeqCst);
    }

    /// How often its keys were asked for.
    pub(crate) fn fetched(&self) -> usize {
        self.shared.fetched.load(Ordering::SeqCst)
    }

    /// Claims that are good.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.url, "sub": "ada", "aud": "parceltrack", "exp": now() + 60,
            "realm_access": { "roles": ["producer"] }, "customers": ["acme"],
        })
    }
}

async fn configuration(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let url = shared.url.lock().unwrap().clone();
    Json(json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") }))
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetched.fetch_add(1, Ordering::SeqCst);
    if shared.away.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if shared.redirects.swap(false, Ordering::SeqCst) {
        return Redirect::temporary("/jwks").into_response();
    }
    Json(json!({ "keys": *shared.keys.lock().unwrap() })).into_response()
}

impl SigningKey {
    pub(crate) fn new(kid: &str) -> Self {
        Self { kid: kid.to_owned(), key: PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap() }
    }

    fn jwk(&self) -> Value {
        let rsa = self.key.rsa().unwrap();
        let part = |number: &openssl::bn::BigNumRef| URL_SAFE_NO_PAD.encode(number.to_vec());
        json!({ "kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256", "n": part(rsa.n()), "e": part(rsa.e()) })
    }

    /// A token that says this.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({ "alg": "RS256", "kid": self.kid }), claims)
    }

    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        let signature = signer.sign_oneshot_to_vec(text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What is signed of a token.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

pub(crate) fn now() -> i64 {
    chrono::Utc::now().timestamp()
}
