//! Histograms whose buckets lead to traces.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use prometheus::local::LocalHistogram;
use prometheus::{Histogram, HistogramVec};

use super::exemplars::{self, Exemplars};
use crate::TraceContext;

/// A histogram that remembers, for each bucket, a trace that lately fell into it. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct TracedHistogram {
    numbers: Histogram,
    exemplars: Arc<Exemplars>,
}

impl TracedHistogram {
    pub(super) fn new(name: &'static str, numbers: Histogram, limits: &[f64]) -> Self {
        let exemplars = Arc::new(Exemplars::new(limits.into()));
        exemplars::show(name, Vec::new(), exemplars.clone());
        Self { numbers, exemplars }
    }

    /// Counts a measurement. Its trace is remembered if it is recorded: another can't be looked at.
    pub fn observe(&self, value: f64, trace: Option<&TraceContext>) {
        self.numbers.observe(value);
        self.exemplify(value, trace);
    }

    /// Remembers the trace of a measurement that is counted otherwise: of the many of a batch one is enough.
    pub fn exemplify(&self, value: f64, trace: Option<&TraceContext>) {
        if let Some(trace) = trace.filter(|trace| trace.is_sampled()) {
            self.exemplars.keep(value, trace);
        }
    }

    /// Where a batch's measurements are counted by one thread, without synchronisation, and then flushed together.
    pub fn local(&self) -> LocalHistogram {
        self.numbers.local()
    }

    /// How many measurements were counted.
    pub fn count(&self) -> u64 {
        self.numbers.get_sample_count()
    }
}

/// The same with labels. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct TracedHistogramVec {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: &'static str,
    numbers: HistogramVec,
    labels: Box<[&'static str]>,
    limits: Arc<[f64]>,
    /// By the hash of the labels' values, as the `prometheus` crate finds them, too.
    made: RwLock<HashMap<u64, TracedHistogram>>,
}

impl TracedHistogramVec {
    pub(super) fn new(
        name: &'static str,
        numbers: HistogramVec,
        labels: &[&'static str],
        limits: &[f64],
    ) -> Self {
        let (labels, limits) = (labels.into(), limits.into());
        Self { shared: Arc::new(Shared { name, numbers, labels, limits, made: RwLock::default() }) }
    }

    /// The histogram with these values of its labels, in their order. Allocates only the first time.
    ///
    /// # Panics
    /// When there are more values than labels, or fewer.
    pub fn with_label_values(&self, values: &[&str]) -> TracedHistogram {
        let mut hasher = DefaultHasher::new();
        values.hash(&mut hasher);
        let hash = hasher.finish();
        if let Some(made) = self.shared.made.read().unwrap_or_else(PoisonError::into_inner).get(&hash) {
            return made.clone();
        }
        let mut made = self.shared.made.write().unwrap_or_else(PoisonError::into_inner);
        made.entry(hash).or_insert_with(|| self.shared.make(values)).clone()
    }
}

impl Shared {
    fn make(&self, values: &[&str]) -> TracedHistogram {
        let numbers = self.numbers.with_label_values(values);
        let exemplars = Arc::new(Exemplars::new(self.limits.clone()));
        let labels = self.labels.iter().zip(values);
        let labels = labels.map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
        exemplars::show(self.name, labels, exemplars.clone());
        TracedHistogram { numbers, exemplars }
    }
}
