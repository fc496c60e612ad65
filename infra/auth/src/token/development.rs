//! Tokens that are signed here, for development.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::json;
use settings::{Secret, Settings};

use super::signature::hmac;
use super::{Algorithm, Claims, Expected, Jws};
use crate::{Error, Role};

/// Who such tokens are of. No address, so no issuer of OIDC's can be called so.
const ISSUER: &str = "parceltrack-development";

/// What a token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSpec {
    /// Who it is.
    pub subject: String,
    /// What they may.
    pub role: Role,
    /// Whose shipments they see; `*` is everybody's.
    pub customers: BTreeSet<String>,
    /// How long it is good.
    pub ttl: Duration,
}

/// A token, signed with the development secret.
///
/// # Errors
/// When there is none, or the token would be good for nothing.
pub fn development_token(settings: &Settings, spec: &TokenSpec, now: DateTime<Utc>) -> Result<Secret, Error> {
    let auth = &settings.auth;
    let secret = auth.development_secret.as_ref().ok_or(Error::NoDevelopmentSecret)?;
    if spec.role == Role::Public {
        return Err(Error::Token(
            "the public needs no token: the roles are reader, producer, operator and admin",
        ));
    }
    if spec.subject.is_empty() || spec.subject.len() > 255 || spec.subject.contains(char::is_control) {
        return Err(Error::Token("a subject has 1 to 255 characters, and none that can't be printed"));
    }
    if spec.ttl.is_zero() {
        return Err(Error::Token("the token would have expired already"));
    }
    let now = now.timestamp();
    let mut claims = json!({
        "iss": ISSUER, "sub": spec.subject, "aud": auth.audience, "role": spec.role,
        "iat": now, "exp": now.saturating_add_unsigned(spec.ttl.as_secs()),
    });
    claims[&auth.customers_claim] = json!(spec.customers);
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(hmac(secret.expose(), &signed)?);
    Ok(Secret::new(format!("{signed}.{signature}")))
}

/// Checks such tokens.
#[derive(Debug)]
pub(crate) struct Development {
    secret: Secret,
}

impl Development {
    pub(crate) fn new(secret: Secret) -> Self {
        Self { secret }
    }

    /// The token's claims, if it is good; else why it isn't.
    pub(crate) fn verify(
        &self,
        token: &Jws<'_>,
        expected: &Expected,
        now: f64,
    ) -> Result<Claims, &'static str> {
        if token.algorithm != Algorithm::Hs256 {
            return Err("an algorithm that is not taken");
        }
        let own = hmac(self.secret.expose(), token.signed).map_err(|_| "OpenSSL failed")?;
        if own.len() != token.signature.len() || !openssl::memcmp::eq(&own, &token.signature) {
            return Err("another signature");
        }
        let claims = Claims::parse(&token.payload)?;
        claims.check(ISSUER, expected, now)?;
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use settings::Sources;

    use super::*;

    const SECRET: &str = "a secret for one test alone";

    fn settings() -> Settings {
        Settings::load(&Sources::none().set(format!("auth.development_secret={SECRET}"))).unwrap()
    }

    fn spec() -> TokenSpec {
        TokenSpec {
            subject: "dev".to_owned(),
            role: Role::Producer,
            customers: ["acme".to_owned()].into(),
            ttl: Duration::from_secs(60),
        }
    }

    fn verify(secret: &str, token: &str, now: DateTime<Utc>) -> Result<Claims, &'static str> {
        let expected =
            Expected { audience: "parceltrack".to_owned(), skew: 0.0, customers: "customers".to_owned() };
        let jws = Jws::parse(token).unwrap();
        Development::new(Secret::from(secret)).verify(&jws, &expected, now.timestamp() as f64)
    }

    #[test]
    fn a_token_is_good_where_the_secret_is_the_same() {
        let now = Utc::now();
        let token = development_token(&settings(), &spec(), now).unwrap();
        assert!(verify(SECRET, token.expose(), now).is_ok());
        assert_eq!(
            verify("another secret altogether", token.expose(), now).unwrap_err(),
            "another signature"
        );
        let late = now + chrono::TimeDelta::seconds(61);
        assert_eq!(verify(SECRET, token.expose(), late).unwrap_err(), "expired");
    }

    #[test]
    fn it_speaks_for_no_other_issuer() {
        let claims = json!({ "iss": "https://id.example", "sub": "a", "aud": "parceltrack", "exp": 9e9, "role": "admin" });
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(json!({ "alg": "HS256" })), part(claims));
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac(SECRET, &signed).unwrap()));
        assert_eq!(verify(SECRET, &token, Utc::now()).unwrap_err(), "another issuer");
    }

    #[test]
    fn without_a_secret_there_is_no_token() {
        let error = development_token(&Settings::default(), &spec(), Utc::now()).unwrap_err();
        assert!(error.to_string().contains("parceltrack keys create"), "{error}");
        let public = TokenSpec { role: Role::Public, ..spec() };
        assert!(development_token(&settings(), &public, Utc::now()).is_err());
    }
}
