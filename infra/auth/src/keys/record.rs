//! What the topic says of a key.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::secret::is_hash;
use crate::principal::ALL;
use crate::{Customers, Principal, Role};

/// Characters of a name at most.
const LONGEST_NAME: usize = 120;
/// Customers of one key at most, and characters of each.
const MOST_CUSTOMERS: usize = 1_000;

/// What a key is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// For whom or what, in words.
    pub name: String,
    /// What it may.
    pub role: Role,
    /// Whose shipments it shows; `*` is everybody's. Readers and producers need some, the others have all.
    pub customers: BTreeSet<String>,
    /// Until when it is good; without it, until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why there can be no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnfitKey {
    /// The name is empty, too long, or not printable.
    #[error("a key's name has 1 to 120 characters, and none that can't be printed")]
    Name,
    /// Nobody needs a key for that.
    #[error("the public needs no key: the roles are reader, producer, operator and admin")]
    Role,
    /// It would show nothing.
    #[error("a key for readers or producers needs customers: name each, or `*` for all")]
    NoCustomers,
    /// They would say something that isn't so.
    #[error("operators and admins have every customer: name none")]
    Unscoped,
    /// A customer's id that can be none, or too many.
    #[error("up to 1,000 customers, each of 1 to 120 characters without blanks")]
    Customers,
    /// It would never have been good.
    #[error("the key would have expired already")]
    Expired,
}

impl KeySpec {
    /// Whether there can be such a key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), UnfitKey> {
        let is_name = |text: &str| (1..=LONGEST_NAME).contains(&text.chars().count());
        if !is_name(&self.name) || self.name.contains(char::is_control) {
            return Err(UnfitKey::Name);
        }
        match (self.role, self.customers.is_empty()) {
            (Role::Public, _) => return Err(UnfitKey::Role),
            (role, true) if role.is_scoped() => return Err(UnfitKey::NoCustomers),
            (role, false) if !role.is_scoped() => return Err(UnfitKey::Unscoped),
            _ => {}
        }
        let is_customer =
            |id: &String| is_name(id) && !id.contains(|c: char| c.is_whitespace() || c.is_control());
        if self.customers.len() > MOST_CUSTOMERS || !self.customers.iter().all(is_customer) {
            return Err(UnfitKey::Customers);
        }
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(UnfitKey::Expired);
        }
        Ok(())
    }
}

/// What the topic says of a key, under the key's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// For whom or what.
    pub name: String,
    /// What it may.
    pub role: Role,
    /// Whose shipments it shows, as [`KeySpec::customers`].
    #[serde(default)]
    pub customers: BTreeSet<String>,
    /// SHA-256 of its secret, in hex.
    pub hash: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// Until when it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<String>,
}

impl KeyRecord {
    pub(super) fn of(spec: KeySpec, hash: String, by: &str, at: DateTime<Utc>) -> Self {
        let KeySpec { name, role, customers, expires_at } = spec;
        Self {
            name,
            role,
            customers,
            hash,
            created_at: at,
            created_by: by.to_owned(),
            expires_at,
            revoked_at: None,
            revoked_by: None,
        }
    }

    /// Of a record's value.
    pub(super) fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        let record: Self = serde_json::from_slice(json)?;
        if is_hash(&record.hash) { Ok(record) } else { Err(serde::de::Error::custom("the hash is none")) }
    }

    /// Whether it is good at a moment.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }

    /// Who calls with it.
    pub(super) fn principal(&self, id: &str) -> Principal {
        let customers = Customers::named(self.role, self.customers.iter().cloned());
        Principal::new(format!("key:{id}"), self.role, customers)
    }

    /// Whether it shows everybody's shipments.
    pub fn has_all_customers(&self) -> bool {
        !self.role.is_scoped() || self.customers.contains(ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(role: Role, customers: &[&str]) -> KeySpec {
        let customers = customers.iter().map(|&id| id.to_owned()).collect();
        KeySpec { name: "a shop".to_owned(), role, customers, expires_at: None }
    }

    #[test]
    fn a_key_is_checked_before_it_is_made() {
        let now = Utc::now();
        assert_eq!(spec(Role::Producer, &["acme", "globex"]).check(now), Ok(()));
        assert_eq!(spec(Role::Reader, &["*"]).check(now), Ok(()));
        assert_eq!(spec(Role::Admin, &[]).check(now), Ok(()));
        assert_eq!(spec(Role::Reader, &[]).check(now), Err(UnfitKey::NoCustomers));
        assert_eq!(spec(Role::Operator, &["acme"]).check(now), Err(UnfitKey::Unscoped));
        assert_eq!(spec(Role::Public, &[]).check(now), Err(UnfitKey::Role));
        assert_eq!(spec(Role::Reader, &["a b"]).check(now), Err(UnfitKey::Customers));
        assert_eq!(
            KeySpec { name: "\n".to_owned(), ..spec(Role::Admin, &[]) }.check(now),
            Err(UnfitKey::Name)
        );
        let expired = KeySpec { expires_at: Some(now), ..spec(Role::Admin, &[]) };
        assert_eq!(expired.check(now), Err(UnfitKey::Expired));
    }

    #[test]
    fn the_record_has_no_more_than_is_known_and_unknown_fields_are_left() {
        let json = r#"{"name":"a","role":"reader","customers":["acme"],"hash":"HASH","created_at":"2026-11-26T00:00:00Z","created_by":"cli:ada","later":1}"#;
        let json = json.replace("HASH", &"0a".repeat(32));
        let read = KeyRecord::read(json.as_bytes()).unwrap();
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(written, json.replace(r#","later":1"#, ""));
        for bad in [json.replace("0a", "0A"), json.replace("reader", "public"), "{}".to_owned()] {
            assert!(KeyRecord::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
