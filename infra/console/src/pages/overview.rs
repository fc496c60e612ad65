//! `/console`: what flows, what was done, and first of all what is not well.

mod counts;

use std::sync::Arc;

use axum::extract::State as Given;
use axum::response::Response;
use http_api::Routes;
use maud::{Markup, html};

use super::State;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::figures::Figures;
use crate::flow::{self, Flow};
use crate::health::{self, Finding};
use crate::layout::{Page, Section};
use crate::parts::{self, Mood};
use crate::roles::Roles;

pub(super) fn routes(routes: Routes<State>) -> Routes<State> {
    routes.get("/console", show)
}

async fn show(Given(desk): Given<Arc<Desk>>, caller: Caller) -> Response {
    let figures = desk.figures.now().await;
    Page::new(Section::Overview, "Overview").of(&caller, &content(&Roles::of(&desk.directory), &figures))
}

fn content(roles: &Roles, figures: &Figures) -> Markup {
    let flow = Flow::of(roles, figures);
    html! {
        (parts::live("health", &findings(&health::findings(roles, figures), figures)))
        section.card aria-labelledby="flow-title" {
            div.head {
                h2 id="flow-title" { "What flows" }
                p.hint { "Rates and latencies of the last 30 seconds, all instances together. Point at a number for what it means." }
            }
            (parts::live("flow", &html! {
                @if figures.is_empty() { p.soft { "No instance has told its figures yet." } }
                (flow::wide(&flow))
                (flow::tall(&flow))
            }))
            details {
                summary { "The same as a table" }
                (parts::live("flow-table", &table(&flow)))
            }
        }
        (parts::live("counts", &counts::content(figures)))
    }
}

fn findings(findings: &[Finding], figures: &Figures) -> Markup {
    if findings.is_empty() {
        return html! {
            p.well {
                (parts::badge(Mood::Good, "All is well"))
                " "
                span.soft {
                    "Every service is up, views are fresh, nothing is parked"
                    @if !figures.has_rates() { ", as far as one look tells" }
                    "."
                }
            }
        };
    }
    html! {
        section.findings aria-labelledby="health-title" {
            h2.vh id="health-title" { "What is not well" }
            ul {
                @for finding in findings {
                    li.notice.(match finding.mood { Mood::Bad => "bad", _ => "warn" }) {
                        h3 {
                            span.sign aria-hidden="true" { @if finding.mood == Mood::Bad { "✕" } @else { "!" } }
                            span.vh { @if finding.mood == Mood::Bad { "Problem: " } @else { "Warning: " } }
                            (finding.title)
                        }
                        p { (finding.text) @if let Some((address, name)) = &finding.link { " " a href=(address) { (name) " →" } } }
                    }
                }
            }
        }
    }
}

fn table(flow: &Flow) -> Markup {
    let steps = flow.arrows.iter().zip(&flow.stops).zip(&flow.stops[1..]);
    html! {
        (parts::wide("What flows, as a table", &html! {
            table {
                thead { tr { th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "Number" } th scope="col" { "What it means" } } }
                tbody {
                    @for ((arrow, from), to) in steps {
                        tr { th scope="row" { (from.name) } td { (to.name) } td.n { (arrow.rate) } td.wrap { (arrow.rate_means) } }
                        @for told in &arrow.more {
                            tr { th scope="row" { (from.name) } td { (to.name) } td.n { (told.text) } td.wrap { (told.means) } }
                        }
                    }
                }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::tests::figures;
    use crate::roles::tests::{roles, whole};

    #[test]
    fn a_whole_system_is_said_to_be_well() {
        let text = content(&whole(), &figures()).into_string();
        assert!(
            text.contains("All is well") && text.contains("10.0/s") && !text.contains("style="),
            "{text}"
        );
    }

    #[test]
    fn nothing_at_all_is_shown_as_such() {
        let text = content(&roles(vec![]), &Figures::default()).into_string();
        assert!(text.contains("No instance has told its figures yet"), "{text}");
        assert!(text.contains("No gateway runs") && text.contains("No command was decided"), "{text}");
        let unread = Roles { is_read: false, ..roles(vec![]) };
        assert!(content(&unread, &Figures::default()).into_string().contains("The registry can't be read"));
    }
}
