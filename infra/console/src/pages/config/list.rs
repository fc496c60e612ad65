//! Every setting with its value in a scope, and where that comes from.

use live_config::{OURS, SHARED};
use maud::{Markup, html};

use super::model::{Entry, Key, Profiles, Scope, text_of};
use crate::parts::{self, Mood};

/// What the list is made of.
pub(super) struct Shown<'s> {
    pub(super) scope: &'s Scope,
    pub(super) keys: &'s [Key],
    pub(super) profiles: &'s Profiles,
    /// The scope and what it falls back to, with their entries.
    pub(super) layers: Vec<(Scope, Vec<Entry>)>,
    pub(super) q: &'s str,
    pub(super) set_only: bool,
}

impl Shown<'_> {
    /// The entry that counts, and where it is set.
    fn of(&self, name: &str) -> Option<(&Scope, &Entry)> {
        let mut layers = self.layers.iter();
        layers.find_map(|(scope, entries)| Some((scope, entries.iter().find(|entry| entry.name == name)?)))
    }

    fn wants(&self, name: &str, doc: &str) -> bool {
        let q = self.q.to_lowercase();
        (name.to_lowercase().contains(&q) || doc.to_lowercase().contains(&q))
            && (!self.set_only || self.of(name).is_some())
    }
}

pub(super) fn content(shown: &Shown<'_>) -> Markup {
    html! {
        (filter(shown))
        @if shown.scope.is_ours() { (settings(shown)) } @else { (others(shown)) }
    }
}

fn filter(shown: &Shown<'_>) -> Markup {
    let (scope, of_others) =
        (shown.scope, shown.profiles.profiles.iter().map(|profile| profile.application.as_str()));
    let mut applications: Vec<&str> =
        OURS.into_iter().chain(of_others).chain([scope.application.as_str()]).collect();
    applications.sort_unstable();
    applications.dedup();
    let mut profiles: Vec<&str> = shown
        .profiles
        .profiles
        .iter()
        .map(|profile| profile.profile.as_str())
        .chain(["default", &scope.profile])
        .collect();
    profiles.sort_unstable();
    profiles.dedup();
    html! {
        form.row method="get" action="/console/config" role="search" {
            div {
                label for="application" { "Application" }
                select id="application" name="application" {
                    @for name in applications {
                        option value=(name) selected[name == scope.application] { (name) @if name == SHARED { " (all roles)" } }
                    }
                }
            }
            div {
                label for="profile" { "Profile" }
                input id="profile" name="profile" list="profiles" value=(scope.profile) size="12" maxlength="120";
                datalist id="profiles" { @for name in profiles { option value=(name) {} } }
            }
            div {
                label for="q" { "Name or meaning" }
                input id="q" name="q" type="search" value=(shown.q) size="18" maxlength="120";
            }
            div.check {
                input id="set" name="set" type="checkbox" value="1" checked[shown.set_only];
                label for="set" { "only what is set" }
            }
            button type="submit" { "Show" }
            a.button href={ "/console/config-history?" (scope.query()) } { "History" }
        }
    }
}

fn settings(shown: &Shown<'_>) -> Markup {
    let keys: Vec<&Key> = shown.keys.iter().filter(|key| shown.wants(&key.name, &key.doc)).collect();
    if keys.is_empty() {
        return nothing(shown);
    }
    html! {
        p.hint {
            "Values of " strong { (shown.scope.to_string()) } ". A role's own environment and command line go over them, and its file under them."
        }
        div.scroll {
            table.cards {
                thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "Where it is set" } th scope="col" { "A change" } } }
                @for group in keys.chunk_by(|key, next| section(key) == section(next)) {
                    tbody {
                        tr.group { th colspan="4" scope="colgroup" { (section(group[0])) } }
                        @for key in group { (row(shown, key)) }
                    }
                }
            }
        }
    }
}

fn section(key: &Key) -> &str {
    key.name.split_once('.').map_or(key.name.as_str(), |(section, _)| section)
}

fn row(shown: &Shown<'_>, key: &Key) -> Markup {
    let found = shown.of(&key.name);
    html! {
        tr {
            th scope="row" data-label="Setting" {
                a href=(shown.scope.address(&key.name)) { code { (key.name) } }
                div.hint { (parts::prose(&key.doc)) }
            }
            td.wrap data-label="Value" {
                @match found {
                    Some((_, entry)) => code { (text_of(&entry.value)) },
                    None => @match &key.default {
                        Some(default) if !default.is_empty() => code.soft { (default) },
                        _ => span.soft { "not set" },
                    },
                }
            }
            td data-label="Where it is set" { (place(shown.scope, found)) }
            td data-label="A change" {
                @if key.live { span title="Every process takes it up as soon as it is written." { "takes effect live" } }
                @else { span.soft title="A process takes it up when it is started." { "waits for a restart" } }
            }
        }
    }
}

fn place(scope: &Scope, found: Option<(&Scope, &Entry)>) -> Markup {
    html! {
        @match found {
            None => span.soft { "default" },
            Some((of, entry)) => {
                @if of == scope { (parts::badge(Mood::Plain, "here")) } @else { "from " a href={ "/console/config?" (of.query()) } { (of.to_string()) } }
                div.hint { (parts::time(entry.at)) " by " span.wrap { (entry.author) } }
            }
        }
    }
}

/// Entries of an application that isn't ours: no table says what they mean.
fn others(shown: &Shown<'_>) -> Markup {
    let mut names: Vec<&str> = shown
        .layers
        .iter()
        .flat_map(|(_, entries)| entries.iter().map(|entry| entry.name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| shown.wants(name, ""));
    html! {
        @if names.is_empty() { (nothing(shown)) }
        @else {
            div.scroll {
                table.cards {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Value" } th scope="col" { "Where it is set" } } }
                    tbody {
                        @for name in names {
                            @let found = shown.of(name);
                            tr {
                                th scope="row" data-label="Name" { a href=(shown.scope.address(name)) { code { (name) } } }
                                td.wrap data-label="Value" { @if let Some((_, entry)) = found { code { (text_of(&entry.value)) } } }
                                td data-label="Where it is set" { (place(shown.scope, found)) }
                            }
                        }
                    }
                }
            }
        }
        p.hint { "To set another, go to its address: " code { "/console/config/NAME?" (shown.scope.query()) } }
    }
}

fn nothing(shown: &Shown<'_>) -> Markup {
    parts::empty(
        if shown.q.is_empty() { "Nothing is set here" } else { "Nothing of that name" },
        html! { p { a href={ "/console/config?" (shown.scope.query()) } { "Show everything of " (shown.scope.to_string()) } } },
    )
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::pages::config) fn key(name: &str, live: bool, secret: bool) -> Key {
        let (doc, allowed) = ("Milliseconds to wait.".to_owned(), "a whole number from 1 to 10".to_owned());
        Key {
            name: name.to_owned(),
            doc,
            allowed,
            default: Some("5".to_owned()),
            env: "PARCELTRACK_X".to_owned(),
            live,
            secret,
        }
    }

    pub(in crate::pages::config) fn entry(
        name: &str,
        value: impl Into<serde_json::Value>,
        version: u64,
    ) -> Entry {
        serde_json::from_value(json!({
            "application": "a", "profile": "p", "name": name, "value": value.into(), "type": "number", "version": version,
            "at": "2026-11-27T03:30:00.000Z", "author": "ada", "reason": "a <test>"
        }))
        .unwrap()
    }

    fn shown<'s>(
        scope: &'s Scope,
        keys: &'s [Key],
        profiles: &'s Profiles,
        layers: Vec<Vec<Entry>>,
    ) -> Shown<'s> {
        Shown {
            scope,
            keys,
            profiles,
            layers: scope.in_order().into_iter().zip(layers).collect(),
            q: "",
            set_only: false,
        }
    }

    #[test]
    fn a_value_is_shown_with_where_it_comes_from() {
        let (scope, profiles) =
            (Scope::of("query-api", "default"), Profiles { version: 9, profiles: vec![] });
        let keys = [
            key("query_api.a_ms", true, false),
            key("query_api.b_ms", false, false),
            key("log.level", true, false),
        ];
        let layers =
            vec![vec![entry("query_api.a_ms", json!(7), 8)], vec![entry("log.level", json!("debug"), 9)]];
        let text = content(&shown(&scope, &keys, &profiles, layers)).into_string();
        assert!(text.contains("<code>7</code>") && text.contains("here"), "{text}");
        assert!(text.contains("<code>debug</code>") && text.contains("parceltrack / default</a>"), "{text}");
        assert!(
            text.contains("<code class=\"soft\">5</code>") && text.contains("waits for a restart"),
            "{text}"
        );
        assert!(
            text.contains("/console/config/query_api.a_ms?application=query-api&amp;profile=default"),
            "{text}"
        );
    }

    #[test]
    fn what_is_looked_for_may_not_be_there() {
        let (scope, profiles) = (Scope::of("", ""), Profiles { version: 0, profiles: vec![] });
        let keys = [key("query_api.a_ms", true, false)];
        let all = shown(&scope, &keys, &profiles, vec![vec![]]);
        assert!(content(&Shown { q: "A_MS", ..all }).into_string().contains("query_api.a_ms</code>"));
        let all = shown(&scope, &keys, &profiles, vec![vec![]]);
        assert!(content(&Shown { q: "zebra", ..all }).into_string().contains("Nothing of that name"));
        let all = shown(&scope, &keys, &profiles, vec![vec![]]);
        assert!(content(&Shown { set_only: true, ..all }).into_string().contains("Nothing is set here"));
    }

    #[test]
    fn entries_of_other_applications_have_no_explanation() {
        let (scope, profiles) = (Scope::of("orders", ""), Profiles { version: 0, profiles: vec![] });
        let text =
            content(&shown(&scope, &[], &profiles, vec![vec![entry("spring.x", json!("1"), 1)], vec![]]))
                .into_string();
        assert!(text.contains("spring.x") && text.contains("/console/config/NAME"), "{text}");
    }
}
