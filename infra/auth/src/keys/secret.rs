//! A key's two halves, and what is kept of the second.
//!
//! Only its SHA-256 is: 32 bytes of chance can't be guessed, however fast a hash is, so a slow one, which passwords need, would only
//! make each call dear.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use settings::Secret;

/// What every key begins with: so that it is found where it was left by mistake.
pub(crate) const PREFIX: &str = "ptk_";
/// Bytes of chance in an id.
const ID: usize = 8;
/// Bytes of chance in a secret.
const SECRET: usize = 32;

/// The id in a key's text, by which the key is listed and revoked; none where it is no key.
pub fn key_id(key: &str) -> Option<String> {
    Presented::parse(key).map(|key| key.id)
}

/// A key that was just made. Nobody can be shown it again.
#[derive(Debug)]
pub struct NewKey {
    /// By which it is listed and revoked.
    pub id: String,
    /// The whole, as callers send it.
    pub key: Secret,
    pub(crate) hash: String,
}

impl NewKey {
    /// Makes one.
    pub(crate) fn make() -> Result<Self, openssl::error::ErrorStack> {
        let (mut id, mut secret) = ([0; ID], [0; SECRET]);
        openssl::rand::rand_bytes(&mut id)?;
        openssl::rand::rand_bytes(&mut secret)?;
        let id = hex(&id);
        let key = Secret::new(format!("{PREFIX}{id}_{}", URL_SAFE_NO_PAD.encode(secret)));
        Ok(Self { id, key, hash: hex(&sha256(&secret)) })
    }
}

/// A key that a caller sent; good or not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    id: String,
    secret: Secret<Vec<u8>>,
}

impl Presented {
    /// Of its text, if it looks like a key.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
        let fits = is_id(id) && secret.len() == SECRET;
        fits.then(|| Self { id: id.to_owned(), secret: Secret::new(secret) })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether this is the hash of its secret. It takes as long whatever differs.
    pub(crate) fn is_of(&self, hash: &str) -> bool {
        let own = hex(&sha256(self.secret.expose()));
        own.len() == hash.len() && openssl::memcmp::eq(own.as_bytes(), hash.as_bytes())
    }
}

/// Whether this can be the id of a key.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 2 * ID && is_hex(text)
}

/// Whether this can be the hash of a secret.
pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_own_and_no_others() {
        let (new, other) = (NewKey::make().unwrap(), NewKey::make().unwrap());
        let sent = Presented::parse(new.key.expose()).unwrap();
        assert_eq!(sent.id(), new.id);
        assert!(sent.is_of(&new.hash) && is_hash(&new.hash));
        assert!(!sent.is_of(&other.hash) && !sent.is_of("") && !sent.is_of(&new.hash[1..]));
        assert!(
            !new.hash.contains(new.key.expose())
                && !format!("{new:?}{sent:?}").contains(&new.key.expose()[21..])
        );
    }

    #[test]
    fn what_does_not_look_like_a_key_is_none() {
        let good = NewKey::make().unwrap();
        let good = good.key.expose();
        for bad in [
            "",
            "ptk_",
            &good[4..],
            &good[..good.len() - 1],
            &format!("{good}A"),
            &format!("{good}="),
            &good.replace("ptk_", "PTK_"),
            &format!("ptk_{}", "A".repeat(16)),
        ] {
            assert!(Presented::parse(bad).is_none(), "{bad}");
        }
    }
}
