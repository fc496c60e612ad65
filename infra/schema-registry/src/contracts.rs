//! The contracts of one installation, by their subjects.

use std::collections::BTreeMap;
use std::sync::Arc;

use event_codec::{Contract, contract};

/// What an installation registers: its topics' prefix, and the contracts of its topics.
#[derive(Clone, Debug)]
pub struct Contracts {
    prefix: String,
    contracts: Vec<Arc<Contract>>,
}

impl Contracts {
    /// Ours: commands, events, snapshots, replies.
    pub fn ours(prefix: impl Into<String>) -> Self {
        Self::new(prefix, contract::all().to_vec())
    }

    /// Others, such as another version of one.
    pub fn new(prefix: impl Into<String>, contracts: Vec<Arc<Contract>>) -> Self {
        Self { prefix: prefix.into(), contracts }
    }

    /// Each subject with its contract, in the order of registration.
    pub fn subjects(&self) -> impl Iterator<Item = (String, &Arc<Contract>)> {
        self.contracts.iter().map(|c| (c.subject(&self.prefix), c))
    }
}

/// The ids that the registry gave, by subject.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Ids {
    by_subject: BTreeMap<String, u32>,
}

impl Ids {
    /// The id of the schema that is ours under this subject.
    pub fn get(&self, subject: &str) -> Option<u32> {
        self.by_subject.get(subject).copied()
    }

    /// Subjects and ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, u32)> {
        self.by_subject.iter().map(|(subject, id)| (subject.as_str(), *id))
    }

    pub(crate) fn insert(&mut self, subject: String, id: u32) {
        self.by_subject.insert(subject, id);
    }
}
