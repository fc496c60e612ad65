//! What there is to be exported, whether or not it has a value yet: for the documentation, and for tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use prometheus::core::Collector;

/// A kind of metric.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Goes up, and begins at 0 with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by buckets.
    Histogram,
}

impl Kind {
    /// As the exposition formats call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric, apart from its values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// What it means.
    pub help: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Whether it is shown only while it has a value.
    pub is_optional: bool,
}

impl Described {
    /// Whether it may be missing from what a role shows that has just started.
    pub fn appears_later(&self) -> bool {
        self.is_optional || !self.labels.is_empty()
    }
}

static ALL: Mutex<BTreeMap<String, Described>> = Mutex::new(BTreeMap::new());

/// Every metric that was made so far, by name.
pub fn described() -> Vec<Described> {
    std::sync::LazyLock::force(&super::REGISTRY);
    ALL.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
}

pub(super) fn note(kind: Kind, metric: &impl Collector, is_optional: bool) {
    for desc in metric.desc() {
        put(Described {
            name: desc.fq_name.clone(),
            kind,
            help: desc.help.clone(),
            labels: desc.variable_labels.clone(),
            is_optional,
        });
    }
}

/// The collector of the process's own metrics doesn't tell their kinds.
pub(super) fn note_process() {
    for (name, kind, help) in PROCESS {
        put(Described {
            name: (*name).to_owned(),
            kind: *kind,
            help: (*help).to_owned(),
            labels: Vec::new(),
            is_optional: false,
        });
    }
}

fn put(described: Described) {
    ALL.lock().unwrap_or_else(PoisonError::into_inner).insert(described.name.clone(), described);
}

const PROCESS: &[(&str, Kind, &str)] = &[
    ("process_cpu_seconds_total", Kind::Counter, "Total user and system CPU time spent in seconds."),
    ("process_open_fds", Kind::Gauge, "Number of open file descriptors."),
    ("process_max_fds", Kind::Gauge, "Maximum number of open file descriptors."),
    ("process_virtual_memory_bytes", Kind::Gauge, "Virtual memory size in bytes."),
    ("process_resident_memory_bytes", Kind::Gauge, "Resident memory size in bytes."),
    ("process_start_time_seconds", Kind::Gauge, "Start time of the process since unix epoch in seconds."),
    ("process_threads", Kind::Gauge, "Number of OS threads in the process."),
];

/// Defines `pub fn register()`, which makes all of these metrics: from then on each of them is described, and those without
/// labels are shown, with the value 0 before anything has happened. A crate whose parts go into different roles has one such
/// function for each, under the name written before a colon.
#[macro_export]
macro_rules! catalogue {
    ($register:ident: $($metric:ident),+ $(,)?) => {
        /// Makes these metrics, so that they are shown before anything has happened.
        pub fn $register() {
            $(::std::sync::LazyLock::force(&$metric);)+
        }
    };
    ($($metric:ident),+ $(,)?) => {
        $crate::catalogue!(register: $($metric),+);
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_process_shows_is_described() {
        let gathered = crate::metrics::registry().gather();
        let shown = gathered.iter().filter(|family| family.name().starts_with("process_"));
        let shown: Vec<_> = shown.map(|family| (family.name(), family.help())).collect();
        let all = described();
        for (name, kind, help) in PROCESS {
            assert!(shown.contains(&(name, help)), "{name}: {shown:?}");
            assert!(all.iter().any(|d| d.name == *name && d.kind == *kind), "{name}");
        }
        assert_eq!(shown.len(), PROCESS.len());
    }

    #[test]
    fn a_metric_is_described_before_it_has_a_value() {
        let name = "parceltrack_telemetry_described_total";
        crate::metrics::counter_vec(name, "Made by a test.", &["b", "a"]);
        let described = described().into_iter().find(|described| described.name == name).unwrap();
        assert_eq!(
            (described.kind, described.help.as_str(), described.labels),
            (Kind::Counter, "Made by a test.", vec!["b".to_owned(), "a".to_owned()])
        );
        assert!(!crate::metrics::render(crate::metrics::Form::Text).contains(name));
    }
}
