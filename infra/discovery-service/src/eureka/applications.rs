//! Instances by application.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use service_registry::{Instance, Status};

use super::shown::name_of;
use super::{Action, Shown};

/// The root of a list. Eureka's JSON has the name of what it holds around it.
#[derive(Debug, Serialize)]
pub(crate) struct Applications {
    applications: All,
}

#[derive(Debug, Serialize)]
struct All {
    /// Not looked at by clients, who compare the hash code.
    #[serde(rename = "versions__delta")]
    versions_delta: &'static str,
    /// How many instances there are of each status: `DOWN_1_UP_2_`. A client that has applied a delta compares its own, and
    /// fetches everything if they differ (`Applications.getReconcileHashCode`).
    #[serde(rename = "apps__hashcode")]
    hash_code: String,
    application: Vec<Application>,
}

/// An application: all instances of a service.
#[derive(Debug, Serialize)]
pub(crate) struct Application {
    name: String,
    pub(crate) instance: Vec<Shown>,
}

impl Applications {
    /// Everything there is.
    pub(crate) fn of(instances: &[Instance]) -> Self {
        let all = instances.iter().map(|instance| (Action::Added, instance.clone()));
        Self::with_hash_of(instances, all.collect())
    }

    /// Some of what there is, with the hash code of everything.
    pub(crate) fn delta(instances: &[Instance], changed: Vec<(Action, Instance)>) -> Self {
        Self::with_hash_of(instances, changed)
    }

    fn with_hash_of(instances: &[Instance], shown: Vec<(Action, Instance)>) -> Self {
        let hash_code = hash_code(instances.iter().map(Instance::status));
        let application = Application::all_of(shown);
        Self { applications: All { versions_delta: "1", hash_code, application } }
    }
}

impl Application {
    /// By name.
    pub(crate) fn all_of(shown: Vec<(Action, Instance)>) -> Vec<Self> {
        let mut by_name: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
        for (action, instance) in shown {
            by_name.entry(name_of(&instance)).or_default().push(Shown::of(&instance, action));
        }
        by_name.into_iter().map(|(name, instance)| Self { name, instance }).collect()
    }
}

/// In the order of the names, as Java's `TreeMap` has it.
fn hash_code(statuses: impl Iterator<Item = Status>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for status in statuses {
        *counts.entry(status.as_str()).or_default() += 1;
    }
    counts.iter().fold(String::new(), |mut code, (status, count)| {
        let _ = write!(code, "{status}_{count}_");
        code
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_code_counts_statuses_in_the_order_of_their_names() {
        use Status::{Down, OutOfService, Up};
        assert_eq!(hash_code([Up, Down, Up, OutOfService].into_iter()), "DOWN_1_OUT_OF_SERVICE_1_UP_2_");
        assert_eq!(hash_code(std::iter::empty()), "");
    }
}
