use std::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use shipment_events::Phone;

/// What stands for a telephone number in views: HMAC-SHA-256 under the installation's key. The number itself can't be
/// found from it by trying all numbers, as it could from a plain hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneHash([u8; 32]);

impl PhoneHash {
    /// Wraps the bytes as they were read.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for PhoneHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneHash({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// The key of those hashes. The projector and the query API must have the same; with a new one the lists by telephone
/// need a rebuild.
#[derive(Clone)]
pub struct PhoneKey(Hmac<Sha256>);

impl PhoneKey {
    /// A key of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    /// The hash of a number.
    pub fn hash(&self, phone: &Phone) -> PhoneHash {
        let mut mac = self.0.clone();
        mac.update(phone.as_str().as_bytes());
        PhoneHash(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for PhoneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneKey(…)")
    }
}
