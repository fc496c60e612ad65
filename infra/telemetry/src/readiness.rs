//! Whether a role is ready, and if not, why not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

/// The conditions that must all hold for a role to take work. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    conditions: Arc<RwLock<BTreeMap<&'static str, ConditionState>>>,
    started: Arc<AtomicBool>,
}

/// One condition as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionState {
    /// Whether it holds.
    pub ready: bool,
    /// Why it does not; empty when it does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// The handle by which one part of a role says how it stands.
#[derive(Debug, Clone)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

impl Readiness {
    /// No conditions yet, thus ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition, which does not hold until its owner says so.
    pub fn condition(&self, name: &'static str) -> Condition {
        let condition = Condition { name, readiness: self.clone() };
        condition.unmet("starting");
        condition
    }

    /// Whether every condition holds.
    pub fn is_ready(&self) -> bool {
        self.read(|conditions| conditions.values().all(|condition| condition.ready))
    }

    /// Whether it was found ready once: whoever asks whether it started looks, and from the first time that it is ready on it
    /// counts as started. Conditions must all be there before the first who asks.
    pub fn has_started(&self) -> bool {
        if self.is_ready() {
            self.started.store(true, Ordering::Relaxed);
        }
        self.started.load(Ordering::Relaxed)
    }

    /// Every condition by name.
    pub fn conditions(&self) -> BTreeMap<&'static str, ConditionState> {
        self.read(Clone::clone)
    }

    fn read<T>(&self, read: impl FnOnce(&BTreeMap<&'static str, ConditionState>) -> T) -> T {
        read(&self.conditions.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Condition {
    /// It holds.
    pub fn met(&self) {
        self.put(ConditionState { ready: true, reason: String::new() });
    }

    /// It does not hold, for a reason an operator can act on.
    pub fn unmet(&self, reason: impl Into<String>) {
        self.put(ConditionState { ready: false, reason: reason.into() });
    }

    /// Sets whether it holds, with the reason why it would not.
    pub fn set(&self, ready: bool, reason: impl Into<String>) {
        if ready { self.met() } else { self.unmet(reason) }
    }

    /// A change of reason alone is not worth a line: lag figures move with each measurement.
    fn put(&self, state: ConditionState) {
        let (ready, reason) = (state.ready, state.reason.clone());
        let mut conditions = self.readiness.conditions.write().unwrap_or_else(PoisonError::into_inner);
        let before = conditions.insert(self.name, state);
        drop(conditions);
        match before {
            Some(before) if before.ready == ready => {}
            _ if ready => tracing::info!(condition = self.name, "condition met"),
            Some(_) => tracing::warn!(condition = self.name, reason, "condition no longer met"),
            None => tracing::debug!(condition = self.name, reason, "condition not met yet"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unmet_condition_is_enough_not_to_be_ready() {
        let readiness = Readiness::new();
        assert!(readiness.is_ready());
        let (kafka, cql) = (readiness.condition("kafka"), readiness.condition("cql"));
        assert!(!readiness.is_ready());
        kafka.met();
        assert!(!readiness.is_ready());
        cql.met();
        assert!(readiness.is_ready());
        kafka.unmet("no broker answers");
        assert_eq!(readiness.conditions()["kafka"].reason, "no broker answers");
        assert!(!readiness.is_ready());
    }

    #[test]
    fn what_was_ready_once_has_started_for_good() {
        let readiness = Readiness::new();
        let kafka = readiness.condition("kafka");
        assert!(!readiness.has_started());
        kafka.met();
        assert!(readiness.has_started());
        kafka.unmet("no broker answers");
        assert!(readiness.has_started() && !readiness.is_ready());
    }
}
