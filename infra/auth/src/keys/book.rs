//! Every key that the topic tells of.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use event_log::{Fold, Received};

use super::record::KeyRecord;
use super::secret::{Presented, is_id};
use crate::standing::Known;
use crate::{Principal, metrics};

/// Every key that the topic tells of, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyBook(BTreeMap<String, Arc<Entry>>);

#[derive(Debug)]
struct Entry {
    record: KeyRecord,
    principal: Principal,
}

impl KeyBook {
    /// Who calls with a key, and until when it is good, if it is good now; else why it isn't, for the log.
    pub(crate) fn find(&self, sent: &Presented, now: DateTime<Utc>) -> Result<Known, &'static str> {
        let entry = self.0.get(sent.id()).ok_or("no such key")?;
        if !sent.is_of(&entry.record.hash) {
            return Err("another secret");
        }
        if entry.record.revoked_at.is_some() {
            return Err("revoked");
        }
        if !entry.record.is_good(now) {
            return Err("expired");
        }
        Ok(Known { principal: entry.principal.clone(), until: entry.record.expires_at })
    }

    /// What is known of a key.
    pub(crate) fn get(&self, id: &str) -> Option<&KeyRecord> {
        self.0.get(id).map(|entry| &entry.record)
    }

    /// Each key, in the order of ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &KeyRecord)> {
        self.0.iter().map(|(id, entry)| (id.as_str(), &entry.record))
    }

    /// How many are not revoked.
    pub(crate) fn unrevoked(&self) -> usize {
        self.iter().filter(|(_, record)| record.revoked_at.is_none()).count()
    }

    /// When the next of those that are good now expires; none if none of them ever does.
    pub(crate) fn next_expiry(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.iter()
            .filter(|(_, record)| record.is_good(now))
            .filter_map(|(_, record)| record.expires_at)
            .min()
    }

    /// Takes what the topic says of a key. Nothing, a tombstone, ends it: as none of ours does.
    fn put(&mut self, id: &str, value: Option<&[u8]>) -> Result<(), String> {
        if !is_id(id) {
            return Err("the key is no key's id".to_owned());
        }
        match value {
            None => {
                self.0.remove(id);
            }
            Some(json) => match KeyRecord::read(json) {
                Ok(record) => {
                    let principal = record.principal(id);
                    self.0.insert(id.to_owned(), Arc::new(Entry { record, principal }));
                }
                Err(error) => {
                    // What stood there before is not what was meant last: it may have been a revocation.
                    self.0.remove(id);
                    return Err(error.to_string());
                }
            },
        }
        Ok(())
    }
}

impl Fold for KeyBook {
    fn take(&mut self, record: &Received) {
        if let Err(error) = self.put(record.key_str().unwrap_or_default(), record.value.as_deref()) {
            metrics::UNREADABLE.inc();
            tracing::warn!(topic = %record.topic, offset = record.offset, error, "a record of the keys topic is passed over");
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::keys::{KeySpec, NewKey};
    use crate::{Customers, Role};

    fn key(expires_at: Option<DateTime<Utc>>) -> (NewKey, KeyRecord) {
        let key = NewKey::make().unwrap();
        let spec = KeySpec {
            name: "a shop".to_owned(),
            role: Role::Producer,
            customers: ["acme".to_owned()].into(),
            expires_at,
        };
        let record = KeyRecord::of(spec, key.hash.clone(), "cli:ada", Utc::now());
        (key, record)
    }

    fn put(book: &mut KeyBook, id: &str, record: &KeyRecord) {
        book.put(id, Some(&serde_json::to_vec(record).unwrap())).unwrap();
    }

    fn sent(key: &NewKey) -> Presented {
        Presented::parse(key.key.expose()).unwrap()
    }

    #[test]
    fn a_key_is_good_until_it_expires_or_is_revoked() {
        let now = Utc::now();
        let (key, record) = key(Some(now + TimeDelta::seconds(10)));
        let mut book = KeyBook::default();
        assert_eq!(book.find(&sent(&key), now).err(), Some("no such key"));
        put(&mut book, &key.id, &record);
        let principal = book.find(&sent(&key), now).unwrap().principal;
        assert_eq!((principal.name(), principal.role()), (&*format!("key:{}", key.id), Role::Producer));
        assert!(principal.customers().include("acme") && !principal.customers().include("globex"));
        assert_eq!(book.find(&sent(&key), now + TimeDelta::seconds(10)).err(), Some("expired"));
        assert_eq!(book.unrevoked(), 1);
        put(&mut book, &key.id, &KeyRecord { revoked_at: Some(now), ..record });
        assert_eq!(book.find(&sent(&key), now).err(), Some("revoked"));
        assert_eq!(book.unrevoked(), 0);
    }

    #[test]
    fn anothers_secret_does_not_fit() {
        let ((key, record), (other, _)) = (self::key(None), self::key(None));
        let mut book = KeyBook::default();
        put(&mut book, &key.id, &record);
        let mixed = other.key.expose().replace(&other.id, &key.id);
        assert_eq!(book.find(&Presented::parse(&mixed).unwrap(), Utc::now()).err(), Some("another secret"));
    }

    #[test]
    fn what_cannot_be_read_ends_a_key_and_harms_no_other() {
        let ((key, record), (other, other_record)) = (self::key(None), self::key(None));
        let mut book = KeyBook::default();
        put(&mut book, &key.id, &record);
        put(&mut book, &other.id, &other_record);
        assert!(book.put("nobody", Some(b"{}")).is_err());
        assert!(book.put(&key.id, Some(b"{}")).is_err());
        assert_eq!(book.find(&sent(&key), Utc::now()).err(), Some("no such key"));
        assert!(book.find(&sent(&other), Utc::now()).is_ok());
    }

    #[test]
    fn the_key_that_expires_next_is_one_that_is_still_good() {
        let now = Utc::now();
        let at = |seconds| now + TimeDelta::seconds(seconds);
        let mut book = KeyBook::default();
        for expires_at in [None, Some(at(-5)), Some(at(50)), Some(at(10))] {
            let (key, record) = key(expires_at);
            put(&mut book, &key.id, &record);
        }
        let (key, record) = key(Some(at(1)));
        put(&mut book, &key.id, &KeyRecord { revoked_at: Some(now), ..record });
        assert_eq!(book.next_expiry(now), Some(at(10)));
        assert_eq!(book.next_expiry(at(10)), Some(at(50)));
        assert_eq!(book.next_expiry(at(50)), None);
    }

    #[test]
    fn a_star_is_everybody() {
        let (key, record) = key(None);
        let mut book = KeyBook::default();
        put(&mut book, &key.id, &KeyRecord { customers: ["*".to_owned()].into(), ..record });
        assert_eq!(book.find(&sent(&key), Utc::now()).unwrap().principal.customers(), &Customers::All);
    }
}
