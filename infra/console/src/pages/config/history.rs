//! What changed, and the way back.

use std::sync::Arc;

use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entry::Found;
use super::model::{self, Diff, Entry, Scope, text_of};
use super::put;
use crate::backend::Unanswered;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::layout::{Page, Section};
use crate::pages::extract::{Form, Query};
use crate::pages::see_other;
use crate::pages::services::status_of;
use crate::parts::{self, Mood};

/// Changes on one page.
const ON_A_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    application: String,
    profile: String,
    before: Option<u64>,
    /// The version to compare with, and to go back to.
    from: Option<u64>,
    done: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Back {
    application: String,
    profile: String,
    to: u64,
    /// The version that was now when the differences were shown.
    from: u64,
    #[serde(default)]
    reason: String,
}

pub(super) async fn show(
    Given(desk): Given<Arc<Desk>>,
    Query(asked): Query<Asked>,
    caller: Caller,
) -> Response {
    let scope = Scope::of(&asked.application, &asked.profile);
    if let Some(from) = asked.from {
        return compared(&desk, &caller, &scope, from, StatusCode::OK, None, "").await;
    }
    let before = asked.before.map(|before| format!("&before={before}")).unwrap_or_default();
    let page = page(&scope, "History");
    match model::history(&desk.backend, &caller, &scope, &format!("limit={ON_A_PAGE}{before}")).await {
        Ok(history) => {
            let content = html! {
                @if asked.done == "back" { (parts::notice(Mood::Good, "Done", html! { p { "It is as it was. That is a change like any other, and can be taken back." } })) }
                (list(&scope, &history.changes))
            };
            page.of(&caller, &content)
        }
        Err(why) => page
            .status(status_of(&why))
            .of(&caller, &parts::awaited("unanswered", "The history can't be shown", &why)),
    }
}

pub(super) async fn roll_back(
    Given(desk): Given<Arc<Desk>>,
    caller: Caller,
    Form(back): Form<Back>,
) -> Response {
    let scope = Scope::of(&back.application, &back.profile);
    let reason = back.reason.trim();
    if reason.is_empty() {
        let told = parts::notice(Mood::Bad, "Not yet", html! { p { "Say why: it stands in the history." } });
        return compared(&desk, &caller, &scope, back.to, StatusCode::UNPROCESSABLE_ENTITY, Some(&told), "")
            .await;
    }
    let question =
        model::rollback(&scope).json(&json!({ "to": back.to, "from": back.from, "reason": reason }));
    match desk.backend.ask::<Value>(&caller, question).await {
        Ok(_) => see_other(&format!("/console/config-history?{}&done=back", scope.query())),
        Err(why) => {
            let told = put::told(&why);
            compared(&desk, &caller, &scope, back.to, status_of(&why), Some(&told), reason).await
        }
    }
}

async fn compared(
    desk: &Desk,
    caller: &Caller,
    scope: &Scope,
    from: u64,
    status: StatusCode,
    told: Option<&Markup>,
    reason: &str,
) -> Response {
    const MISSING: &str = "That version can't be compared with now";
    let page = page(scope, &format!("Back to version {from}"))
        .under("History", format!("/console/config-history?{}", scope.query()));
    let diff: Result<Diff, Unanswered> = model::diff(&desk.backend, caller, scope, from).await;
    let (status, content) = match diff {
        Ok(diff) => (status, difference(scope, &diff, reason)),
        Err(why) if told.is_none() => (status_of(&why), parts::awaited("unanswered", MISSING, &why)),
        Err(why) => (status_of(&why), parts::unanswered(MISSING, &why)),
    };
    let content = html! {
        @if let Some(told) = told { (told) }
        (content)
    };
    page.status(status).of(caller, &content)
}

fn page(scope: &Scope, title: &str) -> Page {
    Page::new(Section::Config, title)
        .under("Config", "/console/config")
        .under(scope.to_string(), format!("/console/config?{}", scope.query()))
}

fn list(scope: &Scope, changes: &[Entry]) -> Markup {
    let Some(last) = changes.last() else {
        return parts::empty(
            "Nothing was ever changed here",
            html! { p { "Every change of " (scope.to_string()) " is listed here, with its author and reason, for 90 days at least." } },
        );
    };
    html! {
        p.hint { "Changes of " strong { (scope.to_string()) } ", the last one first." }
        (table(scope, changes, true))
        @if changes.len() == ON_A_PAGE {
            p { a.button href={ "/console/config-history?" (scope.query()) "&before=" (last.version) } { "Older changes" } }
        }
    }
}

/// The changes of one entry, for its own page.
pub(super) fn of_entry(found: &Found) -> Markup {
    html! {
        section aria-labelledby="history-title" {
            h2 id="history-title" { "History" }
            @if found.changes.is_empty() { p.soft { "It was never changed in " (found.scope.to_string()) "." } }
            @else { (table(&found.scope, &found.changes, false)) }
        }
    }
}

fn table(scope: &Scope, changes: &[Entry], of_many: bool) -> Markup {
    html! {
        div.scroll {
            table.cards {
                thead {
                    tr {
                        th.n scope="col" { "Version" }
                        th scope="col" { "When" }
                        @if of_many { th scope="col" { "Setting" } }
                        th scope="col" { "Value" }
                        th scope="col" { "By" }
                        th scope="col" { "Why" }
                        th scope="col" { span.vh { "What can be done" } }
                    }
                }
                tbody {
                    @for change in changes {
                        tr {
                            th.n scope="row" data-label="Version" { (change.version) }
                            td data-label="When" { (parts::time(change.at)) }
                            @if of_many { td.wrap data-label="Setting" { a href=(scope.address(&change.name)) { code { (change.name) } } } }
                            td.wrap data-label="Value" { @if change.value.is_null() { span.soft { "deleted" } } @else { code { (text_of(&change.value)) } } }
                            td.wrap data-label="By" { (change.author) }
                            td.wrap data-label="Why" { @match &change.reason { Some(reason) => (reason), None => span.soft { "–" } } }
                            td data-label="" {
                                @if of_many {
                                    a href={ "/console/config-history?" (scope.query()) "&from=" (change.version.saturating_sub(1)) } { "Back to before" span.vh { " version " (change.version) } "…" }
                                } @else if !change.value.is_null() && change.kind.as_deref() != Some("secret") {
                                    a href={ (scope.address(&change.name)) "&use=" (change.version) "#value" } { "Use this value" span.vh { " of version " (change.version) } "…" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// From how it is now to how it was.
fn difference(scope: &Scope, diff: &Diff, reason: &str) -> Markup {
    if diff.differences.is_empty() {
        return parts::empty(
            "Nothing differs",
            html! { p { "It is just as it was at version " (diff.from) "." } },
        );
    }
    let value = |value: &Value| {
        if value.is_null() {
            html! { span.soft { "not set" } }
        } else {
            html! { code { (text_of(value)) } }
        }
    };
    html! {
        p { "This is what would be set back in " strong { (scope.to_string()) } ":" }
        (parts::wide("What differs", &html! {
            table.cards {
                thead { tr { th scope="col" { "Setting" } th scope="col" { "Now" } th scope="col" { "Then" } } }
                tbody {
                    @for difference in &diff.differences {
                        tr {
                            th.wrap scope="row" data-label="Setting" { a href=(scope.address(&difference.name)) { code { (difference.name) } } }
                            td.wrap data-label="Now" { del { (value(&difference.after.value)) } }
                            td.wrap data-label="Then" { ins { (value(&difference.before.value)) } }
                        }
                    }
                }
            }
        }))
        form.stack.card method="post" action="/console/config-history" {
            input type="hidden" name="application" value=(scope.application);
            input type="hidden" name="profile" value=(scope.profile);
            input type="hidden" name="to" value=(diff.from);
            input type="hidden" name="from" value=(diff.to);
            label for="reason" { "Why" }
            input id="reason" name="reason" required maxlength="1000" value=(reason) aria-describedby="reason-hint";
            p.hint id="reason-hint" { "All of it is one change, with your name and this reason, and can be taken back in the same way." }
            button.danger type="submit" { "Set " (diff.differences.len()) " back" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::config::entry::tests::found;
    use crate::pages::config::list::tests::entry;

    #[test]
    fn changes_are_listed_with_the_way_back() {
        let scope = Scope::of("", "");
        let text =
            list(&scope, &[entry("log.level", json!("debug"), 12), entry("log.level", json!(null), 9)])
                .into_string();
        assert!(
            text.contains("&amp;from=11") && text.contains("deleted") && text.contains("a &lt;test&gt;"),
            "{text}"
        );
        assert!(list(&scope, &[]).into_string().contains("Nothing was ever changed here"));
        let many: Vec<Entry> =
            (0..ON_A_PAGE as u64).map(|version| entry("log.level", json!("info"), 100 - version)).collect();
        assert!(list(&scope, &many).into_string().contains("&amp;before=51"));
    }

    #[test]
    fn an_old_value_can_be_taken_up_again_but_no_secret() {
        let text = of_entry(&found(false, true)).into_string();
        assert!(text.contains("&amp;use=4#value") && !text.contains("&amp;use=6"), "{text}");
    }

    #[test]
    fn what_would_be_set_back_is_shown_before_it_is() {
        let diff: Diff = serde_json::from_value(json!({
            "from": 11, "to": 12,
            "differences": [{ "name": "log.level", "before": { "value": null, "type": null }, "after": { "value": "debug", "type": "text" } }]
        }))
        .unwrap();
        let text = difference(&Scope::of("", ""), &diff, "").into_string();
        assert!(
            text.contains("Set 1 back") && text.contains("not set") && text.contains("<code>debug</code>"),
            "{text}"
        );
        assert!(
            text.contains("name=\"to\" value=\"11\"") && text.contains("name=\"from\" value=\"12\""),
            "{text}"
        );
        let same = Diff { from: 11, to: 12, differences: vec![] };
        assert!(difference(&Scope::of("", ""), &same, "").into_string().contains("Nothing differs"));
    }
}
