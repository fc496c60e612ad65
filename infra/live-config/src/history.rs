//! All changes of the configuration, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::{Edit, Setting};
use crate::key::Key;

/// Milliseconds for which the topic keeps every change: `min.compaction.lag.ms`, 90 days.
const KEPT_MS: i64 = 90 * 24 * 3_600_000;

/// An edit that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its place in the order of all changes: its offset in the topic and one. 0 is before the first.
    pub version: u64,
    /// When, in milliseconds since 1970, by the broker's clock.
    pub at: i64,
    /// What, by whom and why.
    pub edit: Edit,
}

/// Every change that the topic still has, in order.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct History {
    changes: Vec<Change>,
}

/// What is set, at one version.
#[derive(Clone, Default, Debug)]
pub struct State<'h>(BTreeMap<&'h Key, &'h Change>);

/// What an entry is in one state and in another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference<'h> {
    /// Which entry.
    pub key: &'h Key,
    /// What it was.
    pub before: Option<&'h Setting>,
    /// What it is then.
    pub after: Option<&'h Setting>,
}

impl History {
    /// Adds the next change. One that is known already, as when the topic is read again, is left out.
    pub fn push(&mut self, change: Change) {
        if change.version > self.version() {
            self.changes.push(change);
        }
    }

    /// The version of the last change; 0 when there is none.
    pub fn version(&self) -> u64 {
        self.changes.last().map_or(0, |change| change.version)
    }

    /// Whether there is a change of this very version.
    pub fn has(&self, version: u64) -> bool {
        self.changes.binary_search_by_key(&version, |change| change.version).is_ok()
    }

    /// Whether the state at a version can be told: not if a change after it is so old that compaction may have removed what it
    /// overwrote. `now` in milliseconds since 1970.
    pub fn reaches(&self, version: u64, now: i64) -> bool {
        let mut since = self.changes.iter().filter(|change| change.version > version);
        since.all(|change| now - change.at < KEPT_MS)
    }

    /// What is set now.
    pub fn now(&self) -> State<'_> {
        self.at(u64::MAX)
    }

    /// What was set once this version was written.
    ///
    /// Exact if [`reaches`](Self::reaches) says so; older versions lack what was overwritten since.
    pub fn at(&self, version: u64) -> State<'_> {
        let mut state = State::default();
        for change in self.changes.iter().take_while(|change| change.version <= version) {
            state.take(change);
        }
        state
    }

    /// The changes, the last one first.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().rev()
    }
}

impl<'h> State<'h> {
    fn take(&mut self, change: &'h Change) {
        if change.edit.setting.is_some() {
            self.0.insert(&change.edit.key, change);
        } else {
            self.0.remove(&change.edit.key);
        }
    }

    /// The change that set an entry as it is.
    pub fn get(&self, key: &Key) -> Option<&'h Change> {
        self.0.get(key).copied()
    }

    /// All entries in the order of their keys, each with the change that set it.
    pub fn iter(&self) -> impl Iterator<Item = (&'h Key, &'h Change)> + '_ {
        self.0.iter().map(|(key, change)| (*key, *change))
    }

    /// The entries of one application in one profile.
    pub fn of<'s>(
        &'s self,
        application: &'s str,
        profile: &'s str,
    ) -> impl Iterator<Item = (&'h Key, &'h Change)> + 's {
        self.iter().filter(move |(key, _)| key.is_of(application, profile))
    }

    /// The profiles that these applications have entries for.
    pub(crate) fn profiles_of(&self, is_meant: impl Fn(&str) -> bool) -> BTreeSet<&'h str> {
        self.0.keys().filter(|key| is_meant(key.application())).map(|key| key.profile()).collect()
    }

    /// The same with edits applied, as their values would lie in the topic.
    pub(crate) fn with<'e: 'h>(&self, edits: &'e [Change]) -> State<'h> {
        let mut state = self.clone();
        for change in edits {
            state.take(change);
        }
        state
    }

    /// What is otherwise in a later state, in the order of the keys.
    pub fn until<'a>(&'a self, later: &'a State<'h>) -> impl Iterator<Item = Difference<'h>> + 'a {
        let keys: BTreeSet<&'h Key> = self.0.keys().chain(later.0.keys()).copied().collect();
        let setting =
            |state: &State<'h>, key: &Key| state.get(key).and_then(|change| change.edit.setting.as_ref());
        keys.into_iter()
            .map(move |key| Difference { key, before: setting(self, key), after: setting(later, key) })
            .filter(|difference| difference.before != difference.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Kind;

    fn change(version: u64, name: &str, value: Option<&str>) -> Change {
        let setting = value.map(|value| Setting { kind: Kind::Text, value: value.to_owned() });
        let key = Key::new("orders", "default", name).unwrap();
        Change { version, at: 0, edit: Edit { key, setting, author: "ada".to_owned(), reason: None } }
    }

    fn history() -> History {
        let mut history = History::default();
        for change in [
            change(2, "a", Some("1")),
            change(4, "b", Some("2")),
            change(6, "a", Some("3")),
            change(8, "b", None),
        ] {
            history.push(change);
        }
        history
    }

    fn shown(state: &State<'_>) -> Vec<String> {
        state
            .iter()
            .map(|(key, change)| format!("{}={}", key.name(), change.edit.setting.as_ref().unwrap().value))
            .collect()
    }

    #[test]
    fn every_version_has_its_state() {
        let history = history();
        for (version, expected) in
            [(0, vec![]), (3, vec!["a=1"]), (5, vec!["a=1", "b=2"]), (7, vec!["a=3", "b=2"])]
        {
            assert_eq!(shown(&history.at(version)), expected, "{version}");
        }
        assert_eq!(shown(&history.now()), ["a=3"]);
        assert_eq!((history.version(), History::default().version()), (8, 0));
    }

    #[test]
    fn what_is_read_twice_counts_once() {
        let mut again = history();
        again.push(change(6, "a", Some("3")));
        assert_eq!(again, history());
    }

    #[test]
    fn a_state_from_before_an_old_change_can_not_be_told() {
        let history = history();
        assert!(history.reaches(3, KEPT_MS - 1));
        assert!(!history.reaches(3, KEPT_MS));
        assert!(history.reaches(8, KEPT_MS), "nothing was changed since");
        assert_eq!([history.has(4), history.has(5)], [true, false]);
    }

    #[test]
    fn differences_are_told_in_both_directions() {
        let history = history();
        let differences: Vec<_> = history
            .at(5)
            .until(&history.now())
            .map(|d| (d.key.name().to_owned(), d.before.is_some(), d.after.is_some()))
            .collect();
        assert_eq!(differences, [("a".to_owned(), true, true), ("b".to_owned(), true, false)]);
        assert_eq!(history.now().until(&history.now()).count(), 0);
    }
}
