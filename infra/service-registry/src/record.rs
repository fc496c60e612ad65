//! Records of the registry topic, both ways.

use crate::{Error, InstanceId, Lease, Override};

/// After the key of an instance's lease, this makes the key of its override.
const STATUS: &str = "#status";

/// One record of the topic. Values are JSON, not Avro: who looks for the schema registry can't need it to find it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// An instance is there: a registration or a renewal, which are the same.
    Lease(Lease),
    /// An instance has gone in good order, or was buried long after it vanished.
    Gone(InstanceId),
    /// An operator overrides its status.
    TakenOut(InstanceId, Override),
    /// The override ends.
    PutBack(InstanceId),
}

impl Record {
    /// Of a record's key and value; no value is a tombstone.
    ///
    /// # Errors
    /// When it is none of ours, or says what no lease may say.
    pub fn read(key: &str, value: Option<&[u8]>) -> Result<Self, Error> {
        let (id, of_status) = match key.strip_suffix(STATUS) {
            Some(id) => (id, true),
            None => (key, false),
        };
        let id: InstanceId = id.parse()?;
        match (of_status, value) {
            (false, None) => Ok(Self::Gone(id)),
            (true, None) => Ok(Self::PutBack(id)),
            (true, Some(json)) => Ok(Self::TakenOut(id, serde_json::from_slice(json).map_err(Error::Value)?)),
            (false, Some(json)) => {
                let lease: Lease = serde_json::from_slice(json).map_err(Error::Value)?;
                lease.check()?;
                if lease.id() == id { Ok(Self::Lease(lease)) } else { Err(Error::Key) }
            }
        }
    }

    /// Whose it is.
    pub fn id(&self) -> InstanceId {
        match self {
            Self::Lease(lease) => lease.id(),
            Self::Gone(id) | Self::TakenOut(id, _) | Self::PutBack(id) => id.clone(),
        }
    }

    /// The key: `service/instance`, or `service/instance#status`.
    pub fn key(&self) -> String {
        match self {
            Self::Lease(lease) => lease.id().to_string(),
            Self::Gone(id) => id.to_string(),
            Self::TakenOut(id, _) | Self::PutBack(id) => format!("{id}{STATUS}"),
        }
    }

    /// The value; none is a tombstone.
    ///
    /// # Panics
    /// Never: text, numbers and maps of text are always JSON.
    pub fn value(&self) -> Option<String> {
        let json = match self {
            Self::Lease(lease) => serde_json::to_string(lease),
            Self::TakenOut(_, taken_out) => serde_json::to_string(taken_out),
            Self::Gone(_) | Self::PutBack(_) => return None,
        };
        Some(json.expect("text, numbers and maps of text are always JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::tests::lease;
    use crate::{Status, TTL_MS};

    #[test]
    fn what_is_written_is_read_back() {
        let lease = lease("query-api/host:q:1");
        let taken_out = Override { status: Status::OutOfService, reason: "a new disk".to_owned(), set_at: 7 };
        for (record, key) in [
            (Record::Lease(lease.clone()), "query-api/host:q:1"),
            (Record::Gone(lease.id()), "query-api/host:q:1"),
            (Record::TakenOut(lease.id(), taken_out), "query-api/host:q:1#status"),
            (Record::PutBack(lease.id()), "query-api/host:q:1#status"),
        ] {
            assert_eq!(record.key(), key);
            let value = record.value();
            let read = Record::read(key, value.as_ref().map(String::as_bytes)).unwrap();
            assert_eq!(read, record);
        }
    }

    #[test]
    fn what_is_none_of_ours_is_refused() {
        let good = Record::Lease(lease("a/b")).value().unwrap();
        for (key, value) in [
            ("a", good.as_str()),
            ("a/c", &good),
            ("a/b/c", &good),
            ("/b", &good),
            ("a/b", "{}"),
            ("a/b", ""),
            ("a/b", &good.replace("7500", &(TTL_MS.end() + 1).to_string())),
            ("a/b#status", &good),
        ] {
            assert!(Record::read(key, Some(value.as_bytes())).is_err(), "{key}: {value}");
        }
    }
}
