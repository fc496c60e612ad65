//! The issuer's public keys (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use serde::Deserialize;

use super::signature::{Algorithm, Kind};

/// Bits of an RSA key at least.
const RSA_BITS: u32 = 2048;

/// The keys that sign tokens. What else an issuer publishes, to encrypt with or of another kind, is passed over.
#[derive(Debug, Default)]
pub(crate) struct KeySet(Vec<Key>);

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    kind: Kind,
    public: PKey<Public>,
}

/// What a set has for a token.
#[derive(Debug)]
pub(crate) enum Found<'s> {
    /// The key.
    Key(&'s PKey<Public>),
    /// A key of that id, but for something else; or several that might be meant.
    Unfit,
    /// No key of that id.
    Unknown,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Of the issuer's answer. One key that can't be read doesn't spoil the others.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let set: Set = serde_json::from_slice(json)?;
        let keys = set.keys.into_iter().filter_map(|key| Key::of(serde_json::from_value(key).ok()?));
        Ok(Self(keys.collect()))
    }

    /// The key for a token with this id and algorithm. Without an id, there must be one only that it can be.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Found<'_> {
        let fits = |key: &&Key| {
            algorithm.fits(key.kind) && key.algorithm.is_none_or(|declared| declared == algorithm)
        };
        let Some(kid) = kid else {
            let mut all = self.0.iter().filter(fits);
            return match (all.next(), all.next()) {
                (Some(one), None) => Found::Key(&one.public),
                _ => Found::Unfit,
            };
        };
        let of_id = || self.0.iter().filter(|key| key.kid.as_deref() == Some(kid));
        match (of_id().find(fits), of_id().next()) {
            (Some(key), _) => Found::Key(&key.public),
            (None, Some(_)) => Found::Unfit,
            (None, None) => Found::Unknown,
        }
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    fn of(jwk: Jwk) -> Option<Self> {
        let signs = jwk.r#use.as_deref().is_none_or(|for_what| for_what == "sig")
            && jwk.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "verify"));
        if !signs {
            return None;
        }
        // One that is for an algorithm of somebody else's is for that.
        let algorithm = match &jwk.alg {
            Some(name) => Some(Algorithm::of_jose(name)?),
            None => None,
        };
        let (kind, public) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (Kind::Rsa, rsa(&part(jwk.n)?, &part(jwk.e)?).ok()??),
            ("EC", Some("P-256")) => (Kind::P256, p256(&part(jwk.x)?, &part(jwk.y)?).ok()?),
            ("OKP", Some("Ed25519")) => {
                (Kind::Ed25519, PKey::public_key_from_raw_bytes(&part(jwk.x)?, Id::ED25519).ok()?)
            }
            _ => return None,
        };
        Some(Self { kid: jwk.kid, algorithm, kind, public })
    }
}

fn part(text: Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

fn rsa(n: &[u8], e: &[u8]) -> Result<Option<PKey<Public>>, ErrorStack> {
    let key = PKey::from_rsa(Rsa::from_public_components(BigNum::from_slice(n)?, BigNum::from_slice(e)?)?)?;
    Ok((key.bits() >= RSA_BITS).then_some(key))
}

fn p256(x: &[u8], y: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
    let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
    key.check_key()?;
    PKey::from_ec_key(key)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rsa_jwk(bits: u32, more: &Value) -> Value {
        let key = Rsa::generate(bits).unwrap();
        let mut jwk = json!({
            "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(key.n().to_vec()), "e": URL_SAFE_NO_PAD.encode(key.e().to_vec()),
        });
        jwk.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        jwk
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_does_not_sign_tokens_is_passed_over() {
        let keys = set(&[
            rsa_jwk(2048, &json!({ "kid": "enc", "use": "enc", "alg": "RSA-OAEP" })),
            rsa_jwk(2048, &json!({ "kid": "oaep", "alg": "RSA-OAEP" })),
            rsa_jwk(2048, &json!({ "kid": "ops", "key_ops": ["encrypt"] })),
            rsa_jwk(1024, &json!({ "kid": "short" })),
            json!({ "kty": "oct", "kid": "secret", "k": "AAAA" }),
            json!({ "kty": "EC", "crv": "P-256", "kid": "off the curve", "x": "AQ", "y": "AQ" }),
            json!("nonsense"),
            rsa_jwk(2048, &json!({ "kid": "good", "use": "sig" })),
        ]);
        assert_eq!(keys.len(), 1);
        assert!(matches!(keys.find(Some("good"), Algorithm::Rs256), Found::Key(_)));
        assert!(matches!(keys.find(Some("enc"), Algorithm::Rs256), Found::Unknown));
    }

    #[test]
    fn a_key_is_for_its_own_algorithm() {
        let keys = set(&[
            rsa_jwk(2048, &json!({ "kid": "a", "alg": "RS256" })),
            rsa_jwk(2048, &json!({ "kid": "b" })),
        ]);
        assert!(matches!(keys.find(Some("a"), Algorithm::Ps256), Found::Unfit));
        assert!(matches!(keys.find(Some("a"), Algorithm::Hs256), Found::Unfit));
        assert!(matches!(keys.find(Some("b"), Algorithm::Ps256), Found::Key(_)));
        assert!(matches!(keys.find(Some("c"), Algorithm::Rs256), Found::Unknown));
        assert!(matches!(keys.find(None, Algorithm::Ps256), Found::Key(_)), "it can be only one");
        assert!(matches!(keys.find(None, Algorithm::Rs256), Found::Unfit), "it can be either");
    }
}
