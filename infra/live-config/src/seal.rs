//! Secrets, encrypted in the topic.
//!
//! AES-256 in Galois/counter mode (NIST SP 800-38D), with a nonce of 96 random bits and the entry's key as associated data: a
//! sealed value that is copied to another entry doesn't open there. The key is derived from the configured secret
//! by HMAC-SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use settings::Secret;
use sha2::Sha256;

use crate::key::Key;

/// What every sealed value begins with, so that another way of sealing can follow.
const PREFIX: &str = "v1:";
/// What the key is derived for.
const PURPOSE: &[u8] = b"parceltrack config v1 aes-256-gcm";

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Seals and opens secrets. Debug shows nothing of it.
#[derive(Clone)]
pub struct Sealer {
    key: Secret<[u8; 32]>,
}

/// Why a secret can't be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// No secret is configured.
    #[error(
        "config.secret_key is not set, and without it secrets can be neither sealed nor opened: set it (PARCELTRACK_CONFIG_SECRET_KEY_FILE names a file that holds it), the same for every role"
    )]
    NoKey,
    /// It was sealed with another secret, for another entry, or is damaged.
    #[error(
        "the secret of {0} doesn't open: it was sealed with another config.secret_key, or is damaged; set it anew"
    )]
    Closed(Key),
    /// The library failed.
    #[error("encryption failed")]
    Library(#[from] openssl::error::ErrorStack),
}

impl Sealer {
    /// With the key that follows from this secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub fn new(secret: &Secret) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(PURPOSE);
        Self { key: Secret::new(mac.finalize().into_bytes().into()) }
    }

    /// The secret of an entry as it goes into the topic.
    ///
    /// # Errors
    /// When the library fails, as without a source of randomness.
    pub fn seal(&self, of: &Key, plain: &str) -> Result<String, SealError> {
        let (mut nonce, mut tag) = ([0; NONCE_BYTES], [0; TAG_BYTES]);
        openssl::rand::rand_bytes(&mut nonce)?;
        let bound_to = of.to_string();
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(
            cipher,
            self.key.expose(),
            Some(&nonce),
            bound_to.as_bytes(),
            plain.as_bytes(),
            &mut tag,
        )?;
        Ok(format!("{PREFIX}{}", STANDARD.encode([&nonce[..], &sealed, &tag].concat())))
    }

    /// The secret out of what lies in the topic.
    ///
    /// # Errors
    /// When it was sealed with another key or for another entry.
    pub fn open(&self, of: &Key, sealed: &str) -> Result<Secret, SealError> {
        let closed = || SealError::Closed(of.clone());
        let bytes = STANDARD.decode(sealed.strip_prefix(PREFIX).ok_or_else(closed)?).map_err(|_| closed())?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(closed)?;
        let (sealed, tag) =
            rest.len().checked_sub(TAG_BYTES).and_then(|at| rest.split_at_checked(at)).ok_or_else(closed)?;
        let bound_to = of.to_string();
        let plain = decrypt_aead(
            Cipher::aes_256_gcm(),
            self.key.expose(),
            Some(nonce),
            bound_to.as_bytes(),
            sealed,
            tag,
        )
        .map_err(|_| closed())?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| closed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(secret: &str) -> Sealer {
        Sealer::new(&Secret::from(secret))
    }

    fn key(name: &str) -> Key {
        Key::new("orders", "prod", name).unwrap()
    }

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let ours = sealer("a secret for this test");
        let sealed = ours.seal(&key("password"), "hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(ours.open(&key("password"), &sealed).unwrap().expose(), "hunter2");
        assert!(matches!(ours.open(&key("other"), &sealed), Err(SealError::Closed(_))));
        assert!(matches!(
            sealer("another secret of a test").open(&key("password"), &sealed),
            Err(SealError::Closed(_))
        ));
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let ours = sealer("a secret for this test");
        assert_ne!(ours.seal(&key("password"), "x").unwrap(), ours.seal(&key("password"), "x").unwrap());
    }

    #[test]
    fn what_is_damaged_does_not_open() {
        let ours = sealer("a secret for this test");
        let sealed = ours.seal(&key("password"), "hunter2").unwrap();
        for damaged in [
            "",
            "v1:",
            "v1:AAAA",
            &sealed[1..],
            &sealed[..sealed.len() - 4],
            &sealed.replacen("v1:", "v2:", 1),
        ] {
            assert!(ours.open(&key("password"), damaged).is_err(), "{damaged}");
        }
    }
}
