//! Commands by outcome, events by type, questions by address.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::figures::{Figures, Metric, Pick};
use crate::flow::{rate, short};
use crate::parts;

pub(super) fn content(figures: &Figures) -> Markup {
    html! {
        div.columns {
            section.card aria-labelledby="commands-title" { h2 id="commands-title" { "Commands" } (commands(figures)) }
            section.card aria-labelledby="events-title" { h2 id="events-title" { "Events" } (events(figures)) }
            section.card aria-labelledby="queries-title" { h2 id="queries-title" { "Queries" } (queries(figures)) }
        }
    }
}

/// In the order in which one reads them.
const OUTCOMES: [(&str, &str); 4] = [
    ("accepted", "It made an event."),
    ("repeated", "It was known already, and made no event."),
    ("rejected", "A rule refused it; its sender was told which."),
    ("already_decided", "It had been decided before its handler was taken over by another."),
];

fn commands(figures: &Figures) -> Markup {
    let pick = Pick::of(Metric::Decided);
    let mut by: BTreeMap<(String, String), f64> = BTreeMap::new();
    for (_, series, value) in figures.each(&pick) {
        let label = |name: &str| series.labels.get(name).cloned().unwrap_or_default();
        *by.entry((label("type"), label("outcome"))).or_default() += value;
    }
    by.retain(|_, value| *value > 0.5);
    if by.is_empty() {
        return html! { p.soft { "No command was decided since the command handlers were started." } };
    }
    let known =
        |outcome: &str| OUTCOMES.iter().find(|(name, _)| *name == outcome).map_or("", |(_, means)| means);
    let seen: BTreeSet<&str> = by.keys().map(|(_, outcome)| outcome.as_str()).collect();
    let ordered = OUTCOMES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| seen.contains(name) || *name != "already_decided");
    let outcomes: Vec<&str> =
        ordered.chain(seen.iter().copied().filter(|name| known(name).is_empty())).collect();
    let types: BTreeSet<&str> = by.keys().map(|(kind, _)| kind.as_str()).collect();
    let cell = |kind: &str, outcome: &str| {
        by.get(&(kind.to_owned(), outcome.to_owned())).copied().unwrap_or_default()
    };
    let rates = figures.rates_by(&pick, "type");
    html! {
        p.hint { "Decided since the handlers that run now were started, and in a second." }
        (parts::wide_bare("Commands by type and outcome", &html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Type" }
                        @for outcome in &outcomes { th.n scope="col" title=(known(outcome)) { (outcome.replace('_', " ")) } }
                        th.n scope="col" title="Decided in a second, over the last 30 seconds." { "rate" }
                    }
                }
                tbody {
                    @for kind in &types {
                        tr {
                            th scope="row" { (kind) }
                            @for outcome in &outcomes { td.n { (number(cell(kind, outcome))) } }
                            td.n { (told(figures, rates.get(*kind))) }
                        }
                    }
                    tr.total {
                        th scope="row" { "all" }
                        @for outcome in &outcomes { td.n { (number(types.iter().map(|kind| cell(kind, outcome)).sum())) } }
                        td.n { (rate(figures.rate(&pick))) }
                    }
                }
            }
        }))
    }
}

fn events(figures: &Figures) -> Markup {
    let pick = Pick::of(Metric::Projected);
    let mut counts = figures.sums_by(&pick, "type");
    counts.retain(|_, count| *count > 0.5);
    if counts.is_empty() {
        return html! { p.soft { "No event was written to the views since the projectors were started." } };
    }
    let rates = figures.rates_by(&pick, "type");
    html! {
        p.hint { "Written to the views since the projectors that run now were started, and in a second." }
        (parts::wide_bare("Events by type", &html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Type" }
                        th.n scope="col" title="Events that projectors wrote to the views." { "events" }
                        th.n scope="col" title="Written in a second, over the last 30 seconds." { "rate" }
                    }
                }
                tbody {
                    @for (kind, count) in &counts {
                        tr { th scope="row" { (kind) } td.n { (number(*count)) } td.n { (told(figures, rates.get(kind))) } }
                    }
                    tr.total { th scope="row" { "all" } td.n { (number(counts.values().sum())) } td.n { (rate(figures.rate(&pick))) } }
                }
            }
        }))
    }
}

fn queries(figures: &Figures) -> Markup {
    let pick = Pick::of(Metric::Answered).at("query-api").with("route", "/api");
    let times = Pick::of(Metric::AnswerTime).at("query-api");
    let mut counts = figures.sums_by(&pick, "route");
    counts.retain(|_, count| *count > 0.5);
    if counts.is_empty() {
        return html! { p.soft { "Nothing was asked since the query APIs were started." } };
    }
    let rates = figures.rates_by(&pick, "route");
    let failed = figures.sums_by(&pick.with("status", "5"), "route");
    html! {
        p.hint { "Answered by the query APIs since they were started, and in a second." }
        (parts::wide_bare("Queries by address", &html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Address" }
                        th.n scope="col" title="Questions answered, whatever the answer." { "answers" }
                        th.n scope="col" title="Of these, answered with a status of 500 or above." { "failed" }
                        th.n scope="col" title="Answered in a second, over the last 30 seconds." { "rate" }
                        th.n scope="col" title="99 of 100 answers of the last 30 seconds began faster." { "p99" }
                    }
                }
                tbody {
                    @for (route, count) in &counts {
                        tr {
                            th.wrap scope="row" title=(route) { code { (route.strip_prefix("/api/v1").unwrap_or(route)) } }
                            td.n { (number(*count)) }
                            td.n { (number(failed.get(route).copied().unwrap_or_default())) }
                            td.n { (told(figures, rates.get(route))) }
                            td.n { (figures.quantile(&times.exactly("route", route), 0.99).map_or_else(|| "–".to_owned(), short)) }
                        }
                    }
                }
            }
        }))
    }
}

fn number(count: f64) -> String {
    parts::count(count.max(0.0).round() as u64)
}

fn told(figures: &Figures, of: Option<&f64>) -> String {
    rate(figures.has_rates().then(|| of.copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::tests::figures;

    #[test]
    fn what_was_done_is_counted_by_kind() {
        let text = content(&figures()).into_string();
        let row = "<tr><th scope=\"row\">RecordScan</th><td class=\"n\">120</td><td class=\"n\">0</td><td class=\"n\">7</td>";
        assert!(text.contains(row), "{text}");
        assert!(
            text.contains(
                "<th scope=\"row\">ScanRecorded</th><td class=\"n\">120</td><td class=\"n\">10.0/s</td>"
            ),
            "{text}"
        );
        assert!(text.contains("<code>/tracking/{number}</code>") && !text.contains("/metrics"), "{text}");
    }

    #[test]
    fn where_nothing_was_done_that_is_said() {
        let text = content(&Figures::default()).into_string();
        for said in ["No command was decided", "No event was written", "Nothing was asked"] {
            assert!(text.contains(said), "{text}");
        }
    }
}
