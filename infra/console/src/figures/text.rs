//! Prometheus's text, as roles write it: `name{label="value"} 1.5`. OpenMetrics' exemplars and time stamps are left aside.

use std::collections::BTreeMap;

/// Samples of one instance at most.
const MOST: usize = 20_000;

/// One line of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// Every sample that can be read and is a finite number; what can't be is passed over, for another version may write it.
pub(crate) fn parse(text: &str) -> Vec<Sample> {
    text.lines().filter_map(line).filter(|sample| sample.value.is_finite()).take(MOST).collect()
}

fn line(line: &str) -> Option<Sample> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c == '{' || c.is_ascii_whitespace())?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let value = rest.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Sample { name: name.to_owned(), labels, value })
}

/// Labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = value(after)?;
        labels.insert(name.trim().to_owned(), value);
        rest = after;
    }
}

/// A label's value up to the closing quote, with what was escaped in it, and what follows.
fn value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Sample {
        let mut samples = parse(text);
        assert_eq!(samples.len(), 1, "{text}");
        samples.remove(0)
    }

    #[test]
    fn samples_have_a_name_labels_and_a_value() {
        let text = "# HELP a_total Things.\n# TYPE a_total counter\na_total 3\n\nb{x=\"1\",y=\"two words\"} 1.5e3\nc{} 7 1700000000\n";
        let samples = parse(text);
        assert_eq!(
            samples.iter().map(|sample| sample.name.as_str()).collect::<Vec<_>>(),
            ["a_total", "b", "c"]
        );
        assert_eq!((samples[0].value, samples[1].value), (3.0, 1_500.0));
        assert_eq!(samples[1].labels["y"], "two words");
        assert_eq!((samples[2].value, samples[2].labels.len()), (7.0, 0));
    }

    #[test]
    fn what_is_escaped_is_read_and_exemplars_are_left_aside() {
        assert_eq!(one(r#"a{x="a\"b\\c\nd, }"} 1"#).labels["x"], "a\"b\\c\nd, }");
        let exemplar = one(r#"a_bucket{le="0.1"} 7 # {trace_id="4bf9"} 0.05 1700000000.5"#);
        assert_eq!((exemplar.value, exemplar.labels.len()), (7.0, 1));
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for bad in
            ["", "a", "a{", "a{x=\"1} 2", "a{x=1} 2", "a b", "a NaN", "a +Inf", "a -Inf", "# EOF", "{} 1x"]
        {
            assert!(parse(bad).is_empty(), "{bad}");
        }
    }
}
