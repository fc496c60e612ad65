//! A gauge that has no value at times.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus::Gauge;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

/// Shown only while it has a value: a certificate that isn't there doesn't expire at 0. Clones share the value.
#[derive(Clone, Debug)]
pub struct OptionalGauge {
    gauge: Gauge,
    is_set: Arc<AtomicBool>,
}

impl OptionalGauge {
    pub(super) fn new(name: &str, help: &str) -> prometheus::Result<Self> {
        Ok(Self { gauge: Gauge::new(name, help)?, is_set: Arc::default() })
    }

    /// Gives it this value, or none.
    pub fn set(&self, value: Option<f64>) {
        if let Some(value) = value {
            self.gauge.set(value);
        }
        self.is_set.store(value.is_some(), Ordering::Release);
    }
}

impl Collector for OptionalGauge {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        if self.is_set.load(Ordering::Acquire) { self.gauge.collect() } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use crate::metrics::{Form, optional_gauge, render};

    #[test]
    fn it_is_shown_while_it_has_a_value() {
        let gauge = optional_gauge("parceltrack_telemetry_optional_seconds", "Made by a test.");
        let shown = || render(Form::Text).contains("parceltrack_telemetry_optional_seconds 2.5");
        assert!(!shown());
        gauge.set(Some(2.5));
        assert!(shown());
        gauge.set(None);
        assert!(!render(Form::Text).contains("parceltrack_telemetry_optional"));
    }
}
