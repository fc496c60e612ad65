//! The form that sets an entry, and what is shown before it is done.

use maud::{Markup, html};

use super::entry::{Found, Given};
use super::model::text_of;
use super::put::{SECRET, Typed};

/// Characters of a reason at most, as the config service has it.
const LONGEST_REASON: u32 = 1_000;

/// To type a value in, or to delete the entry.
pub(super) fn edit(found: &Found, given: &Given) -> Markup {
    if found.key.is_none() && found.scope.is_ours() {
        return html! {};
    }
    let typed = given.typed.as_ref();
    let is_secret = found.is_secret() || typed.is_some_and(|typed| typed.kind == SECRET);
    let old =
        given.begin_with.and_then(|version| found.changes.iter().find(|change| change.version == version));
    // What was typed stays, unless it is a secret.
    let value = match (typed, old, &found.here) {
        _ if is_secret => String::new(),
        (Some(typed), _, _) if !typed.action.deletes() => typed.value.clone(),
        (_, Some(old), _) => text_of(&old.value),
        (_, None, Some(here)) => text_of(&here.value),
        _ => String::new(),
    };
    let reason = typed.map_or("", |typed| typed.reason.as_str());
    html! {
        section.card aria-labelledby="edit-title" {
            h2 id="edit-title" { @if found.here.is_some() { "Change it" } @else { "Set it" } " for " (found.scope.to_string()) }
            form.stack method="post" action=(found.scope.address(&found.name)) {
                (hidden(found))
                label for="value" { "Value" }
                (field(found, &value, is_secret))
                @if is_secret { input type="hidden" name="kind" value=(SECRET); }
                @else if found.key.is_none() { (kinds(typed)) }
                label for="reason" { "Why" }
                input id="reason" name="reason" required maxlength=(LONGEST_REASON) value=(reason) aria-describedby="reason-hint";
                p.hint id="reason-hint" { "It stands in the history, with your name." }
                @if is_secret {
                    // It would have to be sent back to be confirmed.
                    button.primary type="submit" name="action" value="set" { "Seal and set it" }
                } @else {
                    button.primary type="submit" name="action" value="check" { "Check it" }
                }
            }
        }
        @if found.here.is_some() {
            details.act.card {
                summary { "Delete the entry…" }
                p { "What is set elsewhere, or the default, counts again." }
                form.stack method="post" action=(found.scope.address(&found.name)) {
                    (hidden(found))
                    label for="delete-reason" { "Why" }
                    input id="delete-reason" name="reason" required maxlength=(LONGEST_REASON);
                    button.danger type="submit" name="action" value="check-delete" { "Check it" }
                }
            }
        }
    }
}

fn field(found: &Found, value: &str, is_secret: bool) -> Markup {
    let allowed = found.key.as_ref().map_or("", |key| key.allowed.as_str());
    let is_boolean = allowed.contains("true or false");
    html! {
        @if is_secret {
            input id="value" name="value" type="password" required autocomplete="off" aria-describedby="value-hint";
            p.hint id="value-hint" { "It is sealed as soon as it arrives, and shown to nobody, not to you either." }
        } @else if is_boolean {
            select id="value" name="value" {
                @for choice in ["true", "false"] { option value=(choice) selected[choice == value] { (choice) } }
            }
        } @else {
            input id="value" name="value" value=(value) autocomplete="off" spellcheck="false" aria-describedby="value-hint";
            p.hint id="value-hint" { (allowed) }
        }
    }
}

fn kinds(typed: Option<&Typed>) -> Markup {
    let chosen = typed.map_or("", |typed| typed.kind.as_str());
    html! {
        label for="kind" { "Type" }
        select id="kind" name="kind" {
            @for (kind, name) in [("", "as it looks"), ("text", "text"), ("number", "number"), ("boolean", "boolean"), (SECRET, "secret: sealed, and never shown")] {
                option value=(kind) selected[kind == chosen] { (name) }
            }
        }
    }
}

/// What would be done, to be confirmed.
pub(super) fn review(found: &Found, typed: &Typed) -> Markup {
    let deletes = typed.action.deletes();
    let mut behind = found.scope.in_order().into_iter().filter(|scope| *scope != found.scope);
    let fallback = behind.find_map(|behind| {
        let (_, entry) = found.places.iter().find(|(scope, _)| *scope == behind)?;
        Some(text_of(&entry.value))
    });
    let default =
        found.key.as_ref().and_then(|key| key.default.clone()).filter(|default| !default.is_empty());
    let without = fallback.or(default).unwrap_or_else(|| "not set".to_owned());
    let before = found.here.as_ref().map_or_else(|| without.clone(), |entry| text_of(&entry.value));
    let after = if deletes { without } else { typed.value.trim().to_owned() };
    html! {
        section.card.review aria-labelledby="review-title" {
            h2 id="review-title" { "It can be done. Do you want it?" }
            dl.diff {
                dt { "now" } dd.before { del { code { (before) } } }
                dt { "then" } dd.after { ins { code { (after) } } @if deletes { " " span.soft { "as is set elsewhere, or the default" } } }
                dt { "why" } dd.wrap { (typed.reason) }
            }
            p {
                @if found.key.as_ref().is_some_and(|key| key.live) { "It takes effect as soon as it is written, in every process that it is for." }
                @else if found.key.is_some() { "It is written now, and takes effect in each process when that is started anew." }
                @else { "Whoever reads " (found.scope.to_string()) " gets it with the next question." }
            }
            form.actions method="post" action=(found.scope.address(&found.name)) {
                (hidden(found))
                input type="hidden" name="value" value=(typed.value);
                input type="hidden" name="kind" value=(typed.kind);
                input type="hidden" name="reason" value=(typed.reason);
                @if deletes { button.danger type="submit" name="action" value="delete" { "Delete it" } }
                @else { button.primary type="submit" name="action" value="set" autofocus { "Set it" } }
                a.button href=(found.scope.address(&found.name)) { "No, leave it" }
            }
        }
    }
}

fn hidden(found: &Found) -> Markup {
    html! {
        input type="hidden" name="application" value=(found.scope.application);
        input type="hidden" name="profile" value=(found.scope.profile);
        input type="hidden" name="tag" value=(found.tag.as_deref().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::model::Scope;
    use super::super::put::Action;
    use super::*;
    use crate::pages::config::entry::tests::found;
    use crate::pages::config::list::tests::entry;

    fn typed(action: Action, value: &str) -> Typed {
        let text = |text: &str| text.to_owned();
        Typed { action, value: text(value), reason: text("because"), ..Typed::default() }
    }

    #[test]
    fn a_secret_is_never_in_a_page_not_even_when_it_was_just_typed() {
        let given = Given { typed: Some(typed(Action::Set, "hunter2")), ..Given::default() };
        let text = edit(&found(true, true), &given).into_string();
        assert!(
            !text.contains("hunter2")
                && text.contains("type=\"password\"")
                && text.contains("Seal and set it"),
            "{text}"
        );
        assert!(text.contains("value=\"because\""), "{text}");
    }

    #[test]
    fn another_applications_secret_stays_one_and_a_new_one_can_be_made() {
        const SEALED: &str = "type=\"hidden\" name=\"kind\" value=\"secret\"";
        let mut orders = Found { key: None, scope: Scope::of("orders", "prod"), ..found(true, true) };
        let text = edit(&orders, &Given::default()).into_string();
        assert!(!text.contains(SEALED) && text.contains("<option value=\"secret\">"), "{text}");
        let chosen = Typed { kind: SECRET.to_owned(), ..typed(Action::Check, "hunter2") };
        let text = edit(&orders, &Given { typed: Some(chosen), ..Given::default() }).into_string();
        assert!(text.contains(SEALED) && !text.contains("hunter2") && !text.contains("<option"), "{text}");
        orders.here.as_mut().unwrap().kind = Some(SECRET.to_owned());
        let text = edit(&orders, &Given::default()).into_string();
        assert!(text.contains(SEALED) && text.contains("Seal and set it"), "{text}");
    }

    #[test]
    fn what_other_scopes_have_counts_only_if_this_one_falls_back_to_it() {
        let mut found = found(false, false);
        let other = Scope::of("projector", "prod");
        found.places.push((other, entry(&found.name, json!(9), 3)));
        let text = review(&found, &typed(Action::Check, "8")).into_string();
        assert!(text.contains("<del><code>5</code></del>"), "the default: {text}");
        found.places.push((Scope::of("", ""), entry(&found.name, json!(6), 4)));
        let text = review(&found, &typed(Action::Check, "8")).into_string();
        assert!(text.contains("<del><code>6</code></del>"), "what all roles share: {text}");
    }

    #[test]
    fn what_was_typed_stays_and_an_old_value_can_be_taken_up() {
        let given = Given { typed: Some(typed(Action::Check, "99\"")), ..Given::default() };
        assert!(edit(&found(false, true), &given).into_string().contains("value=\"99&quot;\""));
        let given = Given { begin_with: Some(4), ..Given::default() };
        assert!(edit(&found(false, true), &given).into_string().contains("name=\"value\" value=\"3\""));
    }

    #[test]
    fn before_it_is_done_now_and_then_are_shown() {
        let text = review(&found(false, true), &typed(Action::Check, "9")).into_string();
        assert!(
            text.contains("<del><code>7</code></del>") && text.contains("<ins><code>9</code></ins>"),
            "{text}"
        );
        assert!(text.contains("value=\"set\"") && text.contains("takes effect as soon as"), "{text}");
        let text = review(&found(false, true), &typed(Action::CheckDelete, "")).into_string();
        assert!(text.contains("<ins><code>5</code></ins>") && text.contains("value=\"delete\""), "{text}");
    }
}
