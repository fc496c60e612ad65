//! Spans as a picture in text: who is part of whom, when each began, and how long it took.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use crate::terminal::printable;

/// Characters of the picture.
const WIDTH: u64 = 32;
struct Line<'a> {
    depth: usize,
    span: &'a Value,
}

impl Line<'_> {
    fn name(&self) -> String {
        format!("{}{}", "  ".repeat(self.depth), printable(self.span["name"].as_str().unwrap_or("-")))
    }
}

/// The spans, each below what it is part of. Those of which nobody has the whole come first to last by their beginning.
pub(super) fn text(spans: &[Value]) -> String {
    let begins = spans.iter().map(begin).min().unwrap_or_default();
    let took = spans.iter().map(end).max().unwrap_or_default().saturating_sub(begins).max(1);
    let lines = ordered(spans);
    // Topics' names are as long as their prefix.
    let width = lines.iter().map(|line| line.name().chars().count()).max().unwrap_or_default().max(20);
    let mut text = format!(
        "{} spans, {} from first to last\n  {:<16} {:<width$} {:>9} {:>9}\n",
        spans.len(),
        shown(took),
        "service",
        "span",
        "after ms",
        "took ms"
    );
    for line in lines {
        let (name, span) = (line.name(), line.span);
        let service = printable(span["service"].as_str().unwrap_or("-"));
        let (after, length) = (begin(span) - begins, end(span).saturating_sub(begin(span)));
        let failed = if span["failed"] == true { " failed" } else { "" };
        let _ = writeln!(
            text,
            "  {service:<16} {name:<width$} {:>9} {:>9}  {}{failed}",
            millis(after),
            millis(length),
            bar(after, length, took)
        );
    }
    text
}

fn ordered(spans: &[Value]) -> Vec<Line<'_>> {
    let id = |span: &Value, name: &str| span[name].as_str().map(str::to_owned);
    let known: BTreeSet<String> = spans.iter().filter_map(|span| id(span, "span_id")).collect();
    let mut parts: BTreeMap<Option<String>, Vec<&Value>> = BTreeMap::new();
    for span in spans {
        let whole = id(span, "parent_span_id").filter(|parent| known.contains(parent));
        parts.entry(whole).or_default().push(span);
    }
    // The last one on top of the stack is shown next. What was shown is taken out, so that a ring ends.
    let mut lines = Vec::new();
    let mut stack: Vec<(usize, &Value)> = Vec::new();
    push(&mut stack, 0, parts.remove(&None));
    while let Some((depth, span)) = stack.pop() {
        lines.push(Line { depth, span });
        push(&mut stack, depth + 1, parts.remove(&id(span, "span_id")));
    }
    lines
}

/// The earliest goes on top.
fn push<'a>(stack: &mut Vec<(usize, &'a Value)>, depth: usize, parts: Option<Vec<&'a Value>>) {
    let mut parts = parts.unwrap_or_default();
    parts.sort_by_key(|span| std::cmp::Reverse(begin(span)));
    stack.extend(parts.into_iter().map(|span| (depth, span)));
}

fn begin(span: &Value) -> u64 {
    span["start_unix_us"].as_u64().unwrap_or_default()
}

fn end(span: &Value) -> u64 {
    span["end_unix_us"].as_u64().unwrap_or_default()
}

fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

fn shown(micros: u64) -> String {
    format!("{} ms", millis(micros))
}

fn bar(after: u64, length: u64, all: u64) -> String {
    let from = (after * WIDTH / all).min(WIDTH - 1);
    let to = ((after + length) * WIDTH).div_ceil(all).clamp(from + 1, WIDTH);
    let repeated = |part: &str, times: u64| part.repeat(times as usize);
    format!("{}{}{}", repeated("·", from), repeated("━", to - from), repeated("·", WIDTH - to))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_stand_below_their_whole_in_the_order_of_time() {
        let span = |id: &str, parent: Option<&str>, name: &str, start: u64, end: u64| {
            json!({ "span_id": id, "parent_span_id": parent, "name": name, "service": "s",
                    "start_unix_us": start, "end_unix_us": end, "failed": name == "send" })
        };
        let spans = [
            span("c", Some("b"), "decide", 2_000, 2_500),
            span("b", Some("a"), "process", 1_500, 3_000),
            span("a", Some("gone"), "POST /a", 1_000, 5_000),
            span("d", Some("a"), "send", 1_200, 1_300),
        ];
        let text = text(&spans);
        let names: Vec<_> =
            text.lines().skip(2).map(|line| line[19..19 + 12].trim_end().to_owned()).collect();
        assert_eq!(names, ["POST /a", "  send", "  process", "    decide"], "{text}");
        assert!(text.starts_with("4 spans, 4.00 ms from first to last\n"), "{text}");
        assert!(text.contains("0.20      0.10  ·━") && text.contains("· failed"), "{text}");
    }

    #[test]
    fn a_ring_of_spans_has_an_end() {
        let spans = [
            json!({ "span_id": "a", "parent_span_id": "b" }),
            json!({ "span_id": "b", "parent_span_id": "a" }),
            json!({ "span_id": "c", "parent_span_id": null }),
        ];
        assert_eq!(text(&spans).lines().count(), 3);
    }
}
