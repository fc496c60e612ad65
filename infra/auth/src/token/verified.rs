//! Tokens that were found to be good, so that a signature is checked once and not for each call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use openssl::sha::Sha256;

use crate::standing::Known;

/// Tokens of one generation at most; two are remembered.
const TOKENS: usize = 4_096;

/// Tokens that were found to be good, by a keyed hash: the tokens themselves are not kept.
///
/// One is good until it expires, and while the issuer's keys are those that it was checked against. Memory is bounded by forgetting
/// whichever was not seen while 4,096 others were.
pub(crate) struct Verified {
    key: [u8; 32],
    generations: Mutex<Generations>,
    tokens: usize,
}

/// Which token it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name([u8; 32]);

#[derive(Default)]
struct Generations {
    young: HashMap<Name, Entry>,
    old: HashMap<Name, Entry>,
}

#[derive(Clone)]
struct Entry {
    known: Known,
    /// As of which keys.
    keys: u64,
}

impl Verified {
    pub(crate) fn new() -> Self {
        Self::remembering(TOKENS)
    }

    fn remembering(tokens: usize) -> Self {
        Self { key: rand::random(), generations: Mutex::default(), tokens }
    }

    /// A token's name, which tells nobody the token.
    pub(crate) fn name(&self, token: &str) -> Name {
        let mut hash = Sha256::new();
        hash.update(&self.key);
        hash.update(token.as_bytes());
        Name(hash.finish())
    }

    /// Whose it is, if it was found to be good against these keys, and is not over.
    pub(crate) fn find(&self, name: Name, keys: u64, now: DateTime<Utc>) -> Option<Known> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = if let Some(entry) = generations.young.get(&name) {
            entry.clone()
        } else {
            // Whichever keeps coming is not forgotten.
            let entry = generations.old.remove(&name)?;
            generations.put(name, entry.clone(), self.tokens);
            entry
        };
        let is_good = entry.keys == keys && entry.known.until.is_some_and(|until| now < until);
        if !is_good {
            generations.young.remove(&name);
        }
        is_good.then_some(entry.known)
    }

    /// Remembers that it is good.
    pub(crate) fn remember(&self, name: Name, keys: u64, known: Known) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.put(name, Entry { known, keys }, self.tokens);
    }
}

impl Generations {
    fn put(&mut self, name: Name, entry: Entry, tokens: usize) {
        if self.young.len() >= tokens {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, entry);
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verified")
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::Principal;

    fn known(seconds: i64) -> Known {
        Known { principal: Principal::unchecked(), until: Some(Utc::now() + TimeDelta::seconds(seconds)) }
    }

    #[test]
    fn a_token_is_remembered_until_it_expires_or_keys_change() {
        let (verified, now) = (Verified::new(), Utc::now());
        let name = verified.name("a.b.c");
        assert!(verified.find(name, 1, now).is_none());
        verified.remember(name, 1, known(60));
        assert!(verified.find(name, 1, now).is_some());
        assert!(verified.find(verified.name("a.b.d"), 1, now).is_none());
        assert!(verified.find(name, 1, now + TimeDelta::seconds(61)).is_none());
        verified.remember(name, 1, known(60));
        assert!(verified.find(name, 2, now).is_none(), "other keys");
        assert!(verified.find(name, 1, now).is_none(), "and forgotten by that");
    }

    #[test]
    fn one_process_names_a_token_otherwise_than_another() {
        assert!(Verified::new().name("a.b.c") != Verified::new().name("a.b.c"));
    }

    #[test]
    fn no_more_are_remembered_than_two_generations() {
        let (verified, now) = (Verified::remembering(10), Utc::now());
        let steady = verified.name("steady");
        verified.remember(steady, 1, known(60));
        for n in 0..1_000 {
            verified.remember(verified.name(&n.to_string()), 1, known(60));
            assert!(verified.find(steady, 1, now).is_some(), "whichever keeps coming stays");
        }
        let generations = verified.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 21);
    }
}
