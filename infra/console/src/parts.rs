//! Pieces that pages are made of. Nothing here asks anybody: what it is given is what it shows.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, Render, html};

use crate::backend::Unanswered;

/// How something stands; shown by a sign and a word, never by a colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mood {
    Bad,
    Warn,
    Good,
    Plain,
}

impl Mood {
    const fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Good => "good",
            Self::Plain => "plain",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Bad => "✕",
            Self::Warn => "!",
            Self::Good => "✓",
            Self::Plain => "·",
        }
    }
}

/// A part that the script brings up to date every two seconds, by asking for the page again: its `id` is the same in each
/// answer, and unlike any other on the page. An answer with other parts takes the whole page's place.
pub(crate) fn live(id: &str, content: &Markup) -> Markup {
    live_while(true, id, content)
}

/// The same while something is still to come; then it stays as it is, and nobody is asked for its sake.
pub(crate) fn live_while(moves: bool, id: &str, content: &Markup) -> Markup {
    html! { div id=(id) data-live[moves] { (content) } }
}

/// A table that may be wider than the screen: it scrolls by itself, and the keyboard reaches it for that.
pub(crate) fn wide(label: &str, table: &Markup) -> Markup {
    scrolling(label, false, table)
}

/// The same, as all that a card holds.
pub(crate) fn wide_bare(label: &str, table: &Markup) -> Markup {
    scrolling(label, true, table)
}

fn scrolling(label: &str, bare: bool, table: &Markup) -> Markup {
    html! { div.scroll.bare[bare] tabindex="0" role="region" aria-label=(label) { (table) } }
}

/// A word on how something stands.
pub(crate) fn badge(mood: Mood, word: &str) -> Markup {
    html! { span.badge.(mood.class()) { span aria-hidden="true" { (mood.sign()) } " " (word) } }
}

/// Something that must be seen before the rest.
pub(crate) fn notice(mood: Mood, title: &str, text: impl Render) -> Markup {
    html! {
        section.notice.(mood.class()) role=[(mood == Mood::Bad).then_some("alert")] {
            h2 { span.sign aria-hidden="true" { (mood.sign()) } (title) }
            div { (text) }
        }
    }
}

/// Nothing is there, and what would have to happen for something to be.
pub(crate) fn empty(title: &str, text: impl Render) -> Markup {
    html! { section.empty { h2 { (title) } div { (text) } } }
}

/// What can't be shown for now: the page asks again by itself, if that may help.
pub(crate) fn awaited(id: &str, what_is_missing: &str, why: &Unanswered) -> Markup {
    if !why.may_pass() {
        return unanswered(what_is_missing, why);
    }
    let text = html! { p { (why.what()) } p { (why.way_out()) " This page tries again by itself." } };
    live(id, &notice(Mood::Bad, what_is_missing, text))
}

/// What was asked for in vain, and the way out.
pub(crate) fn unanswered(what_is_missing: &str, why: &Unanswered) -> Markup {
    notice(Mood::Bad, what_is_missing, html! { p { (why.what()) } p { (why.way_out()) } })
}

/// A number with what it means: on hover, and for those who can't hover.
pub(crate) fn explained(number: impl Render, meaning: &str) -> Markup {
    html! { span.num title=(meaning) { (number) span.vh { " (" (meaning) ")" } } }
}

/// A time: in UTC, which the script turns into the viewer's zone; UTC stays on hover.
pub(crate) fn time(time: DateTime<Utc>) -> Markup {
    let utc = time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    html! { time datetime=(time.to_rfc3339_opts(SecondsFormat::Millis, true)) title=(utc) { (utc) } }
}

/// The same of milliseconds since 1970; one that no calendar has came from somebody else's clock, and is not told.
pub(crate) fn time_of_millis(millis: i64) -> Markup {
    DateTime::from_timestamp_millis(millis).map_or_else(|| html! { "–" }, time)
}

/// How long: `3 s`, `2 min`, `5 h`, `3 d`.
pub(crate) fn span(length: Duration) -> String {
    match length.as_secs() {
        0 if length.is_zero() => "0 s".to_owned(),
        0 => format!("{} ms", length.as_millis().max(1)),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// A sentence in which what is code stands between backticks.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for (n, part) in text.split('`').enumerate() {
            @if n % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

/// A count as people read it: `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        for (millis, text) in [
            (0, "0 s"),
            (7, "7 ms"),
            (1_000, "1 s"),
            (119_000, "119 s"),
            (120_000, "2 min"),
            (7_200_000, "2 h"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        let text = prose("a read with `min_version` <waits>").into_string();
        assert_eq!(text, "a read with <code>min_version</code> &lt;waits&gt;");
    }

    #[test]
    fn a_time_keeps_utc_on_hover() {
        let text = time(DateTime::from_timestamp_millis(1_700_000_000_123).unwrap()).into_string();
        assert_eq!(
            text,
            "<time datetime=\"2023-11-14T22:13:20.123Z\" title=\"2023-11-14 22:13:20 UTC\">2023-11-14 22:13:20 UTC</time>"
        );
    }

    #[test]
    fn what_cannot_be_asked_is_said_with_the_way_out() {
        let text =
            unanswered("The registry can't be shown", &Unanswered::Nowhere { service: "discovery-service" });
        let text = text.into_string();
        assert!(text.contains("No instance of the discovery-service is up"), "{text}");
        assert!(text.contains("Start one") && text.contains("role=\"alert\""), "{text}");
    }

    #[test]
    fn a_page_asks_again_where_that_may_help() {
        let text = awaited("list", "No list", &Unanswered::Nowhere { service: "query-api" }).into_string();
        assert!(text.contains("<div id=\"list\" data-live>") && text.contains("by itself"), "{text}");
        let text = awaited("list", "No list", &Unanswered::refused("query-api", 400, b"")).into_string();
        assert!(!text.contains("data-live") && !text.contains("by itself"), "{text}");
        assert!(!live_while(false, "x", &html! {}).into_string().contains("data-live"));
    }
}
