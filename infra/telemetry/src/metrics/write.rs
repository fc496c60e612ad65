//! Metrics as text, in either form.
//!
//! Both write the same numbers in the same way, so that a series is the same one whichever form it was scraped in: a bucket's
//! limit is `1.0`, as OpenMetrics has it, and never `1`.

use std::fmt::Write as _;
use std::sync::Arc;

use prometheus::proto::{Histogram, LabelPair, Metric, MetricFamily, MetricType};

use super::Form;
use super::exemplars::{self, Exemplar, Exemplars, Labels};

/// What a counter's samples are called by.
const TOTAL: &str = "_total";

/// Units, as names end in them.
const UNITS: &[&str] = &["seconds", "bytes"];

pub(super) fn write(families: &[MetricFamily], form: Form) -> String {
    let mut text = String::with_capacity(32 * 1024);
    for family in families {
        write_family(&mut text, family, form);
    }
    if form == Form::OpenMetrics {
        text.push_str("# EOF\n");
    }
    text
}

fn write_family(text: &mut String, family: &MetricFamily, form: Form) {
    let (name, kind) = (family.name(), family.get_field_type());
    // OpenMetrics has the suffix at the sample, and not at the family.
    let base = match form {
        Form::OpenMetrics => name.strip_suffix(TOTAL).unwrap_or(name),
        Form::Text => name,
    };
    let type_name = match kind {
        // What isn't named as one can't be one.
        MetricType::COUNTER if form == Form::OpenMetrics && base == name => "unknown",
        MetricType::COUNTER => "counter",
        MetricType::GAUGE => "gauge",
        MetricType::HISTOGRAM => "histogram",
        MetricType::SUMMARY | MetricType::UNTYPED => return,
    };
    let _ = writeln!(text, "# HELP {base} {}", escaped(family.help(), form == Form::OpenMetrics));
    let _ = writeln!(text, "# TYPE {base} {type_name}");
    let unit = UNITS.iter().find(|unit| base.strip_suffix(**unit).is_some_and(|rest| rest.ends_with('_')));
    if let (Form::OpenMetrics, Some(unit)) = (form, unit) {
        let _ = writeln!(text, "# UNIT {base} {unit}");
    }
    let traced = if form == Form::OpenMetrics { exemplars::of(name) } else { Vec::new() };
    for metric in family.get_metric() {
        let labels = labels(metric.get_label());
        match kind {
            MetricType::COUNTER => sample(text, name, &labels, "", metric.get_counter().get_value()),
            MetricType::GAUGE => sample(text, name, &labels, "", metric.get_gauge().get_value()),
            _ => write_histogram(text, name, &labels, metric.get_histogram(), exemplars_of(&traced, metric)),
        }
    }
}

fn write_histogram(
    text: &mut String,
    name: &str,
    labels: &str,
    histogram: &Histogram,
    exemplars: Option<&Exemplars>,
) {
    let between = if labels.is_empty() { "" } else { "," };
    let limits =
        histogram.get_bucket().iter().map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
    let last = (f64::INFINITY, histogram.get_sample_count());
    let limits = limits.filter(|(limit, _)| limit.is_finite()).chain([last]);
    for (bucket, (limit, count)) in limits.enumerate() {
        let _ = write!(text, "{name}_bucket{{{labels}{between}le=\"{}\"}} {count}", limit_text(limit));
        if let Some(exemplar) = exemplars.and_then(|exemplars| exemplars.of_bucket(bucket)) {
            let Exemplar { trace, value, at } = exemplar;
            let _ = write!(text, " # {{trace_id=\"{}\"}} {} {at:.3}", trace.trace_id(), Number(value));
        }
        text.push('\n');
    }
    sample(text, name, labels, "_sum", histogram.get_sample_sum());
    sample(text, name, labels, "_count", histogram.get_sample_count() as f64);
}

fn exemplars_of<'a>(traced: &'a [(Labels, Arc<Exemplars>)], metric: &Metric) -> Option<&'a Exemplars> {
    let is_of = |labels: &Labels| {
        let pairs = metric.get_label();
        labels.len() == pairs.len()
            && labels
                .iter()
                .zip(pairs)
                .all(|((name, value), pair)| name == pair.name() && value == pair.value())
    };
    traced.iter().find(|(labels, _)| is_of(labels)).map(|(_, exemplars)| &**exemplars)
}

fn sample(text: &mut String, name: &str, labels: &str, suffix: &str, value: f64) {
    let value = Number(value);
    let _ = if labels.is_empty() {
        writeln!(text, "{name}{suffix} {value}")
    } else {
        writeln!(text, "{name}{suffix}{{{labels}}} {value}")
    };
}

fn labels(pairs: &[LabelPair]) -> String {
    let mut text = String::new();
    for pair in pairs {
        let between = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{between}{}=\"{}\"", pair.name(), escaped(pair.value(), true));
    }
    text
}

fn escaped(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { text.replace('"', "\\\"") } else { text }
}

/// OpenMetrics 1.0.0, "Considerations: Canonical Numbers", as far as our limits reach.
fn limit_text(limit: f64) -> String {
    if limit.is_finite() { format!("{limit:?}") } else { Number(limit).to_string() }
}

struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            number => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TraceContext;
    use crate::metrics::{counter, counter_vec, gauge, traced_histogram_vec};

    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn of<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
        text.lines().filter(|line| line.contains(name)).collect()
    }

    fn rendered(form: Form) -> String {
        super::super::render(form)
    }

    #[test]
    fn a_counters_family_has_its_suffix_in_text_only() {
        counter("parceltrack_telemetry_suffixed_total", "Made by \"a\\test\".").inc_by(3);
        assert_eq!(
            of(&rendered(Form::Text), "telemetry_suffixed"),
            [
                r#"# HELP parceltrack_telemetry_suffixed_total Made by "a\\test"."#,
                "# TYPE parceltrack_telemetry_suffixed_total counter",
                "parceltrack_telemetry_suffixed_total 3",
            ]
        );
        assert_eq!(
            of(&rendered(Form::OpenMetrics), "telemetry_suffixed"),
            [
                r#"# HELP parceltrack_telemetry_suffixed Made by \"a\\test\"."#,
                "# TYPE parceltrack_telemetry_suffixed counter",
                "parceltrack_telemetry_suffixed_total 3",
            ]
        );
    }

    #[test]
    fn only_open_metrics_ends_with_a_mark_and_has_units() {
        gauge("parceltrack_telemetry_of_unit_bytes", "Made by a test.").set(5);
        let (text, open) = (rendered(Form::Text), rendered(Form::OpenMetrics));
        assert!(open.ends_with("\n# EOF\n") && !text.contains("# EOF"));
        assert!(open.contains("# UNIT parceltrack_telemetry_of_unit_bytes bytes\n"));
        assert!(open.contains("# UNIT process_cpu_seconds seconds\n"));
        assert!(!text.contains("# UNIT"));
    }

    #[test]
    fn a_bucket_shows_the_trace_that_lately_fell_into_it() {
        let name = "parceltrack_telemetry_traced_seconds";
        let seconds = traced_histogram_vec(name, "Made by a test.", &["route", "method"], &[0.5, 1.0]);
        let trace = TraceContext::parse(TRACE).unwrap();
        let of_get = seconds.with_label_values(&["/a/{id}", "GET"]);
        of_get.observe(0.75, Some(&trace));
        of_get.observe(0.25, None);
        // Not recorded: nobody could look at it.
        let unsampled = TraceContext::parse(&TRACE.replace("-01", "-00"));
        seconds.with_label_values(&["/a/{id}", "PUT"]).observe(7.0, unsampled.as_ref());
        assert_eq!(seconds.with_label_values(&["/a/{id}", "GET"]).count(), 2);

        let open = rendered(Form::OpenMetrics);
        let lines = of(&open, "traced_seconds");
        let labels = r#"method="GET",route="/a/{id}""#;
        assert_eq!(lines[2], format!("# UNIT {name} seconds"));
        assert_eq!(lines[3], format!("{name}_bucket{{{labels},le=\"0.5\"}} 1"));
        let traced =
            format!("{name}_bucket{{{labels},le=\"1.0\"}} 2 # {{trace_id=\"{}\"}} 0.75 ", trace.trace_id());
        let at: f64 = lines[4].strip_prefix(&traced).unwrap().parse().unwrap();
        assert!(at > 1.7e9, "{at}");
        assert_eq!(lines[5], format!("{name}_bucket{{{labels},le=\"+Inf\"}} 2"));
        assert_eq!(lines[6..8], [format!("{name}_sum{{{labels}}} 1"), format!("{name}_count{{{labels}}} 2")]);
        assert!(lines[8..].iter().all(|line| !line.contains('#')), "{lines:?}");

        let text = rendered(Form::Text);
        assert!(of(&text, "traced_seconds").contains(&&*format!("{name}_bucket{{{labels},le=\"1.0\"}} 2")));
        assert!(!text.contains("trace_id"));
    }

    #[test]
    fn what_could_end_a_label_is_escaped() {
        counter_vec("parceltrack_telemetry_escaped_total", "Made by a test.", &["reason"])
            .with_label_values(&["a\"b\\c\nd"])
            .inc();
        let text = rendered(Form::Text);
        assert!(text.contains(r#"parceltrack_telemetry_escaped_total{reason="a\"b\\c\nd"} 1"#), "{text}");
    }
}
