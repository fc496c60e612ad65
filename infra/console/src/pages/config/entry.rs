//! One entry: what it means, where it is set, and the form to set it.

use maud::{Markup, html};

use super::form;
use super::model::{Entry, Key, Scope, text_of};
use super::put::Typed;
use crate::parts::{self, Mood};

/// What is known of it.
pub(super) struct Found {
    pub(super) scope: Scope,
    pub(super) name: String,
    /// None for other applications' entries, and for what isn't a setting.
    pub(super) key: Option<Key>,
    /// As it is set in this scope.
    pub(super) here: Option<Entry>,
    /// Its tag, for a change of what is shown.
    pub(super) tag: Option<String>,
    /// Where it is set: this scope and what it falls back to first.
    pub(super) places: Vec<(Scope, Entry)>,
    /// The last changes in this scope.
    pub(super) changes: Vec<Entry>,
}

impl Found {
    /// Whether its value is never shown.
    pub(super) fn is_secret(&self) -> bool {
        let kind = self.here.as_ref().and_then(|entry| entry.kind.as_deref());
        self.key.as_ref().is_some_and(|key| key.secret) || kind == Some("secret")
    }
}

/// What somebody did, to be told on the page that comes of it.
#[derive(Default)]
pub(super) struct Given {
    pub(super) told: Option<Markup>,
    pub(super) typed: Option<Typed>,
    /// Whether what was typed could be done.
    pub(super) is_checked: bool,
    /// The version whose value the form begins with.
    pub(super) begin_with: Option<u64>,
}

pub(super) fn content(found: &Found, given: &Given) -> Markup {
    html! {
        @if let Some(told) = &given.told { (told) }
        @if let (Some(typed), true) = (&given.typed, given.is_checked) { (form::review(found, typed)) }
        (facts(found))
        (places(found))
        @if !given.is_checked { (form::edit(found, given)) }
    }
}

fn facts(found: &Found) -> Markup {
    let Some(key) = &found.key else {
        return html! {
            @if found.scope.is_ours() {
                (parts::notice(Mood::Warn, "There is no such setting", html! {
                    p { "No role has a setting of this name that may be in the config topic. " a href="/console/config" { "All settings" } }
                }))
            }
        };
    };
    html! {
        dl.facts.card {
            dt { "Meaning" } dd.wrap { (parts::prose(&key.doc)) }
            dt { "May be" } dd.wrap { @if key.allowed.is_empty() { "any text" } @else { (key.allowed) } @if key.secret { "; a secret, which is sealed and never shown" } }
            dt { "Default" } dd.wrap { @match key.default.as_deref() { Some(default) if !default.is_empty() => code { (default) }, _ => "none" } }
            dt { "A change" } dd { @if key.live { "takes effect everywhere as soon as it is written" } @else { "waits until each process is started anew" } }
            dt { "Goes over it" } dd.wrap { code { (key.env) } " in a role's environment, and " code { "--set" } " on its command line" }
        }
    }
}

fn places(found: &Found) -> Markup {
    html! {
        section aria-labelledby="places-title" {
            h2 id="places-title" { "Where it is set" }
            @if found.places.is_empty() {
                p.soft { "Nowhere in the topic: the default counts, or what a role's file says." }
            } @else {
                div.scroll {
                    table.cards {
                        thead { tr { th scope="col" { "Application / profile" } th scope="col" { "Value" } th.n scope="col" { "Version" } th scope="col" { "By" } } }
                        tbody {
                            @for (scope, entry) in &found.places {
                                tr {
                                    th scope="row" data-label="Where" {
                                        a href=(scope.address(&found.name)) { (scope.to_string()) }
                                        @if *scope == found.scope { " " (parts::badge(Mood::Plain, "here")) }
                                    }
                                    td.wrap data-label="Value" { code { (text_of(&entry.value)) } }
                                    td.n data-label="Version" { (entry.version) }
                                    td.wrap data-label="By" { (parts::time(entry.at)) " by " (entry.author) @if let Some(reason) = &entry.reason { ": " (reason) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::pages::config::list::tests::{entry, key};

    pub(in crate::pages::config) fn found(secret: bool, here: bool) -> Found {
        let scope = Scope::of("query-api", "default");
        let name = "query_api.a_ms".to_owned();
        let value = if secret { json!("***") } else { json!(7) };
        let here = here.then(|| entry(&name, value.clone(), 8));
        let places = here.iter().map(|entry| (scope.clone(), entry.clone())).collect();
        let changes = vec![entry(&name, value, 8), entry(&name, json!(null), 6), entry(&name, json!(3), 4)];
        let tag = here.as_ref().map(|_| "\"8\"".to_owned());
        Found { scope, key: Some(key(&name, true, secret)), name, here, tag, places, changes }
    }

    #[test]
    fn an_entry_is_shown_with_its_meaning_and_where_it_is_set() {
        let text = content(&found(false, true), &Given::default()).into_string();
        for said in [
            "Milliseconds to wait.",
            "from 1 to 10",
            "takes effect everywhere",
            "a &lt;test&gt;",
            "name=\"tag\" value=\"&quot;8&quot;\"",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }

    #[test]
    fn what_is_set_nowhere_says_that_the_default_counts() {
        let text = content(&found(false, false), &Given::default()).into_string();
        assert!(text.contains("the default counts") && text.contains("name=\"tag\" value=\"\""), "{text}");
    }

    #[test]
    fn what_is_no_setting_is_said_to_be_none() {
        let text = content(&Found { key: None, ..found(false, false) }, &Given::default()).into_string();
        assert!(text.contains("There is no such setting"), "{text}");
    }
}
