//! The traces that lately fell into each bucket.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::TraceContext;

/// One measurement, and the trace it was made in.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Exemplar {
    pub(super) trace: TraceContext,
    pub(super) value: f64,
    /// Unix time, in seconds.
    pub(super) at: f64,
}

/// The last exemplar of each bucket, that without a limit included.
#[derive(Debug)]
pub(super) struct Exemplars {
    limits: Arc<[f64]>,
    buckets: Box<[Mutex<Option<Exemplar>>]>,
}

impl Exemplars {
    pub(super) fn new(limits: Arc<[f64]>) -> Self {
        let buckets = (0..=limits.len()).map(|_| Mutex::default()).collect();
        Self { limits, buckets }
    }

    /// Keeps it in the place of the last one. Who would have to wait for that leaves it: the other is as good.
    pub(super) fn keep(&self, value: f64, trace: &TraceContext) {
        let bucket = self.limits.partition_point(|limit| *limit < value);
        if let Ok(mut kept) = self.buckets[bucket].try_lock() {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            *kept = Some(Exemplar { trace: *trace, value, at: since.as_secs_f64() });
        }
    }

    /// That of the bucket with this number.
    pub(super) fn of_bucket(&self, bucket: usize) -> Option<Exemplar> {
        *self.buckets.get(bucket)?.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Label names and their values, in the order of names: so the registry gives them.
pub(super) type Labels = Vec<(String, String)>;

/// By the metric's name and labels.
static ALL: RwLock<BTreeMap<(&'static str, Labels), Arc<Exemplars>>> = RwLock::new(BTreeMap::new());

/// Makes known where a histogram's exemplars are.
pub(super) fn show(name: &'static str, mut labels: Labels, exemplars: Arc<Exemplars>) {
    labels.sort_unstable();
    ALL.write().unwrap_or_else(PoisonError::into_inner).insert((name, labels), exemplars);
}

/// The exemplars of each labelled histogram of a name.
pub(super) fn of(name: &str) -> Vec<(Labels, Arc<Exemplars>)> {
    let all = ALL.read().unwrap_or_else(PoisonError::into_inner);
    let of_name = all.iter().filter(|((of, _), _)| *of == name);
    of_name.map(|((_, labels), exemplars)| (labels.clone(), exemplars.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_keeps_its_last() {
        let exemplars = Exemplars::new([0.5, 1.0].into());
        let traces: Vec<TraceContext> = (0..5).map(|_| TraceContext::start()).collect();
        for (value, trace) in [0.1, 0.5, 0.7, 1.0, 1.1].into_iter().zip(&traces) {
            exemplars.keep(value, trace);
        }
        let kept = |bucket| exemplars.of_bucket(bucket).map(|kept| (kept.value, kept.trace));
        assert_eq!(kept(0), Some((0.5, traces[1])));
        assert_eq!(kept(1), Some((1.0, traces[3])));
        assert_eq!(kept(2), Some((1.1, traces[4])));
        assert_eq!(kept(3), None);
    }

    #[test]
    fn nobody_waits_for_a_bucket() {
        let exemplars = Exemplars::new([1.0].into());
        let held = exemplars.buckets[0].lock().unwrap();
        exemplars.keep(0.5, &TraceContext::start());
        drop(held);
        assert_eq!(exemplars.of_bucket(0), None);
    }
}
