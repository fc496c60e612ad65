//! Making and revoking keys.

use std::sync::Arc;

use audit::AuditRecord;
use chrono::{DateTime, Utc};
use event_log::{Headers, Kafka, Outgoing, SoleWriter, Topics, WriteError};
use serde_json::json;

use super::book::KeyBook;
use super::record::{KeyRecord, KeySpec, UnfitKey};
use super::secret::NewKey;

/// Why a key was not made or revoked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There can be no such key.
    #[error(transparent)]
    Unfit(#[from] UnfitKey),
    /// There is no key of this id.
    #[error("there is no key {0}; `parceltrack keys list` shows all")]
    Unknown(String),
    /// The topic can't be read or written.
    #[error("the keys topic can't be used; `parceltrack topics apply` makes it where it is missing")]
    Topic(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// OpenSSL has no randomness to give.
    #[error("OpenSSL failed")]
    Chance(#[from] openssl::error::ErrorStack),
}

/// Makes, revokes and lists keys, straight in the topic. Each change and its audit record are one transaction.
#[derive(Clone)]
pub struct Keys {
    writer: SoleWriter,
    topics: Topics,
}

impl Keys {
    /// In these topics.
    pub fn new(kafka: Kafka, topics: Topics) -> Self {
        Self { writer: SoleWriter::new(kafka, Arc::clone(&topics.api_keys)), topics }
    }

    /// Makes a key, which can't be shown again. `by` is who wants it, as audit records name them.
    ///
    /// # Errors
    /// When there can be no such key, or Kafka can't be used.
    pub async fn create(&self, spec: KeySpec, by: &str) -> Result<NewKey, KeyError> {
        let now = Utc::now();
        spec.check(now)?;
        let key = NewKey::make()?;
        let record = KeyRecord::of(spec, key.hash.clone(), by, now);
        let detail = json!({
            "name": record.name, "role": record.role, "customers": record.customers, "expires_at": record.expires_at,
        });
        let told = self.told(by, "key.create", &key.id, now, detail);
        let records = vec![self.outgoing(&key.id, &record), told];
        self.write(move |_| Ok(records.clone())).await?;
        Ok(key)
    }

    /// Revokes a key, for ever. One that is revoked already stays as it is.
    ///
    /// # Errors
    /// When there is no such key, or Kafka can't be used.
    pub async fn revoke(&self, id: &str, by: &str) -> Result<KeyRecord, KeyError> {
        let (this, id, by) = (self.clone(), id.to_owned(), by.to_owned());
        let (of, now) = (id.clone(), Utc::now());
        let revoked = self.write(move |book: &KeyBook| {
            let record = book.get(&of).ok_or_else(|| KeyError::Unknown(of.clone()))?;
            if record.revoked_at.is_some() {
                return Ok(Vec::new());
            }
            let revoked = KeyRecord { revoked_at: Some(now), revoked_by: Some(by.clone()), ..record.clone() };
            let told = this.told(&by, "key.revoke", &of, now, json!({ "name": record.name }));
            Ok(vec![this.outgoing(&of, &revoked), told])
        });
        revoked.await?.get(&id).cloned().ok_or(KeyError::Unknown(id))
    }

    /// Every key, revoked and expired ones included, by id.
    ///
    /// # Errors
    /// When Kafka can't be used.
    pub async fn list(&self) -> Result<Vec<(String, KeyRecord)>, KeyError> {
        let book = self.writer.read::<KeyBook>().await.map_err(|error| KeyError::Topic(error.into()))?;
        Ok(book.iter().map(|(id, record)| (id.to_owned(), record.clone())).collect())
    }

    async fn write(
        &self,
        decide: impl FnMut(&KeyBook) -> Result<Vec<Outgoing>, KeyError> + Send + 'static,
    ) -> Result<KeyBook, KeyError> {
        self.writer.write(decide).await.map_err(|error| match error {
            WriteError::Refused(refused) => refused,
            other => KeyError::Topic(other.into()),
        })
    }

    fn outgoing(&self, id: &str, record: &KeyRecord) -> Outgoing {
        Outgoing {
            topic: Arc::clone(&self.topics.api_keys),
            partition: 0,
            key: Some(id.to_owned().into_bytes().into()),
            value: Some(serde_json::to_vec(record).expect("text, sets of it and times are JSON").into()),
            headers: Headers::new(),
            timestamp: None,
        }
    }

    fn told(
        &self,
        by: &str,
        action: &str,
        id: &str,
        at: DateTime<Utc>,
        detail: serde_json::Value,
    ) -> Outgoing {
        audit::record(&self.topics, &AuditRecord { at, ..AuditRecord::now(by, action, id, detail) })
    }
}
