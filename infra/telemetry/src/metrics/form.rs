//! In which form a scraper wants the metrics.

/// A form in which metrics are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Prometheus's text form, version 0.0.4.
    Text,
    /// OpenMetrics 1.0.0, which has traces beside the buckets they fell into.
    OpenMetrics,
}

const OPEN_METRICS: &str = "application/openmetrics-text";

impl Form {
    /// What an `Accept` header asks for: OpenMetrics where it names it, in the version that we write, and likes it no less than
    /// text.
    pub fn wanted(accept: Option<&str>) -> Self {
        let accept = accept.unwrap_or_default();
        let open = accept.split(',').filter_map(open_metrics).fold(0.0, f64::max);
        let text = accept.split(',').filter_map(text).fold(0.0, f64::max);
        if open > 0.0 && open >= text { Self::OpenMetrics } else { Self::Text }
    }

    /// Its `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => prometheus::TEXT_FORMAT,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// How much an item of the header likes OpenMetrics 1.0.0, if it is about that.
fn open_metrics(item: &str) -> Option<f64> {
    let mut parts = item.split(';').map(str::trim);
    let named = parts.next()?.eq_ignore_ascii_case(OPEN_METRICS);
    let version = parameter(item, "version").unwrap_or("1.0.0").trim_matches('"');
    (named && version == "1.0.0").then(|| quality(item))
}

fn text(item: &str) -> Option<f64> {
    let name = item.split(';').next()?.trim();
    name.eq_ignore_ascii_case("text/plain").then(|| quality(item))
}

/// 1 where it isn't said (RFC 9110, section 12.4.2); what is no number counts as refused.
fn quality(item: &str) -> f64 {
    parameter(item, "q").map_or(1.0, |q| q.parse().unwrap_or(0.0))
}

fn parameter<'a>(item: &'a str, name: &str) -> Option<&'a str> {
    item.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scraper_is_given_what_it_asks_for() {
        for (accept, form) in [
            (None, Form::Text),
            (Some("*/*"), Form::Text),
            (Some("text/plain;version=0.0.4"), Form::Text),
            (Some("application/openmetrics-text"), Form::OpenMetrics),
            (Some("application/openmetrics-text; version=\"1.0.0\""), Form::OpenMetrics),
            (Some("application/openmetrics-text; version=0.0.1"), Form::Text),
            (Some("application/openmetrics-text;q=0,text/plain"), Form::Text),
            (Some("application/openmetrics-text;q=0.3,text/plain;q=0.5"), Form::Text),
            // What Prometheus 2.42 sends, and what 3 does.
            (
                Some(
                    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                ),
                Form::OpenMetrics,
            ),
            (
                Some(
                    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                ),
                Form::OpenMetrics,
            ),
        ] {
            assert_eq!(Form::wanted(accept), form, "{accept:?}");
        }
    }
}
