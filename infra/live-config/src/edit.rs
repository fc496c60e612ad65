//! What a change sets, and how it lies in the topic.

use std::sync::Arc;

use event_log::{Headers, Outgoing, Received};
use serde::{Deserialize, Serialize};

use crate::key::{InvalidKey, Key};

/// Headers of every record: who, and why. A deletion has nothing else to say it with.
const AUTHOR: &str = "pt-author";
const REASON: &str = "pt-reason";

/// What kind of value an entry has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Text that is encrypted in the topic and never shown.
    Secret,
}

impl Kind {
    /// Whether the text of a value is of this kind.
    pub fn accepts(self, plain: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Number => plain.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Boolean => matches!(plain, "true" | "false"),
            Self::Secret => !plain.is_empty(),
        }
    }

    /// The value in JSON: a number or a boolean as such.
    pub fn to_json(self, plain: &str) -> serde_json::Value {
        match self {
            Self::Number | Self::Boolean => serde_json::from_str(plain).unwrap_or_else(|_| plain.into()),
            Self::Text | Self::Secret => plain.into(),
        }
    }
}

/// A value with its kind, as in the topic: a secret is sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Setting {
    /// Of which kind.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Its text.
    pub value: String,
}

/// What somebody wants to be set or deleted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Which entry.
    pub key: Key,
    /// To what; none deletes it.
    pub setting: Option<Setting>,
    /// Who wants it.
    pub author: String,
    /// Why.
    pub reason: Option<String>,
}

/// Why a record can't be taken for an edit.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Its key is none.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// Its value is not the JSON it should be.
    #[error("the value of {key} is not a setting")]
    Value {
        /// Whose.
        key: Key,
        /// What JSON says.
        #[source]
        source: serde_json::Error,
    },
}

impl Edit {
    /// As a record of the topic.
    pub(crate) fn to_record(&self, topic: &Arc<str>) -> Outgoing {
        let mut headers = Headers::new().with(AUTHOR, &self.author);
        if let Some(reason) = &self.reason {
            headers.push(REASON, reason);
        }
        let value = self
            .setting
            .as_ref()
            .map(|setting| serde_json::to_vec(setting).expect("two fields of text are JSON").into());
        Outgoing {
            topic: topic.clone(),
            partition: 0,
            key: Some(self.key.to_string().into_bytes().into()),
            value,
            headers,
            timestamp: None,
        }
    }

    /// Out of a record of the topic.
    pub(crate) fn of_record(record: &Received) -> Result<Self, Unreadable> {
        let key: Key = record.key_str().unwrap_or_default().parse()?;
        let setting = match &record.value {
            None => None,
            Some(json) => match serde_json::from_slice(json) {
                Ok(setting) => Some(setting),
                Err(source) => return Err(Unreadable::Value { key, source }),
            },
        };
        let header = |name| record.headers.get_str(name).map(str::to_owned);
        Ok(Self { key, setting, author: header(AUTHOR).unwrap_or_default(), reason: header(REASON) })
    }
}

/// Milliseconds since 1970, by the broker's clock.
pub(crate) fn appended_at(record: &Received) -> i64 {
    record.timestamp.millis().unwrap_or(0)
}
