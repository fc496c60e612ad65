//! What somebody typed, and what the config service says of it.

use axum::http::Method;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::model::{self, Scope};
use crate::backend::{Backend, Refusal, Unanswered};
use crate::caller::Caller;
use crate::parts::{self, Mood};

/// A form as it was sent. No `Debug`: the value may be a secret.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) application: String,
    pub(super) profile: String,
    pub(super) action: Action,
    pub(super) value: String,
    /// Empty: as the value looks.
    pub(super) kind: String,
    pub(super) reason: String,
    /// Of the entry as it was shown; empty if there was none.
    pub(super) tag: String,
}

/// What the button says that was pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    /// Only say what would be.
    #[default]
    Check,
    Set,
    CheckDelete,
    Delete,
}

impl Action {
    pub(super) const fn deletes(self) -> bool {
        matches!(self, Self::CheckDelete | Self::Delete)
    }

    const fn is_dry_run(self) -> bool {
        matches!(self, Self::Check | Self::CheckDelete)
    }
}

/// What came of it.
pub(super) enum Done {
    /// It could be done.
    Checked,
    Set,
    Deleted,
}

/// Why nothing came of it.
pub(super) enum Refused {
    /// It isn't even asked for.
    Here(&'static str),
    Service(Unanswered),
}

/// Does what the form says, if the entry is still as it was shown.
pub(super) async fn ask(
    backend: &Backend,
    caller: &Caller,
    scope: &Scope,
    name: &str,
    typed: &Typed,
    is_secret: bool,
) -> Result<Done, Refused> {
    if typed.reason.trim().is_empty() {
        return Err(Refused::Here("Say why: whoever finds the value changed wants to know."));
    }
    let (dry_run, deletes) = (typed.action.is_dry_run(), typed.action.deletes());
    if typed.action == Action::Check && kind(typed, is_secret) == SECRET {
        // It would have to be sent back to be confirmed.
        return Err(Refused::Here(
            "A secret is not sent back to be looked at: type it once more, and it is sealed and set.",
        ));
    }
    let method = if deletes { Method::DELETE } else { Method::PUT };
    let question = model::of_entry(method, scope, name, dry_run);
    let question =
        if typed.tag.is_empty() { question.if_new() } else { question.if_match(typed.tag.as_str()) };
    let reason = typed.reason.trim();
    let body = if deletes {
        json!({ "reason": reason })
    } else {
        let (value, kind) = value(typed, is_secret);
        json!({ "value": value, "type": kind, "reason": reason })
    };
    backend.ask::<Value>(caller, question.json(&body)).await.map_err(Refused::Service)?;
    Ok(match (dry_run, deletes) {
        (true, _) => Done::Checked,
        (false, true) => Done::Deleted,
        (false, false) => Done::Set,
    })
}

/// The type of what is sealed, and never shown.
pub(super) const SECRET: &str = "secret";

/// The type that was said; empty for what the value looks like.
fn kind(typed: &Typed, is_secret: bool) -> &str {
    if is_secret { SECRET } else { &typed.kind }
}

/// A value in JSON: a number or a boolean if it looks like one and nothing else was said.
fn value(typed: &Typed, is_secret: bool) -> (Value, Option<&str>) {
    let kind = kind(typed, is_secret);
    // A secret's spaces belong to it.
    let text = if kind == SECRET { typed.value.as_str() } else { typed.value.trim() };
    match serde_json::from_str(text) {
        Ok(typed @ (Value::Number(_) | Value::Bool(_))) if !matches!(kind, "text" | SECRET) => (typed, None),
        _ if kind.is_empty() => (text.into(), None),
        _ => (text.into(), Some(kind)),
    }
}

/// What the service says, in the words for this page.
pub(super) fn told(why: &Unanswered) -> Markup {
    match why {
        Unanswered::Refused { problem: Refusal { status: 412, detail, .. }, .. } => parts::notice(
            Mood::Bad,
            "Somebody else changed it meanwhile",
            html! {
                p { "Nothing was done: " (detail.trim_end_matches('.')) ". Below is how it stands now; what you typed is kept." }
            },
        ),
        Unanswered::Refused { problem, .. } if problem.status == 422 || problem.status == 400 => {
            parts::notice(Mood::Bad, "This can't be set", html! { p { (problem.detail) } })
        }
        _ => parts::unanswered("Nothing was changed, as far as is known", why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(value: &str, kind: &str) -> Typed {
        Typed { value: value.to_owned(), kind: kind.to_owned(), ..Typed::default() }
    }

    #[test]
    fn a_value_is_what_it_looks_like_unless_something_else_is_said() {
        for (text, kind, is_secret, expected) in [
            ("7", "", false, (json!(7), None)),
            (" true ", "", false, (json!(true), None)),
            ("debug", "", false, (json!("debug"), None)),
            ("7", "text", false, (json!("7"), Some("text"))),
            ("7", "number", false, (json!(7), None)),
            ("[1]", "", false, (json!("[1]"), None)),
            ("7 ", "", true, (json!("7 "), Some("secret"))),
            ("7 ", "secret", false, (json!("7 "), Some("secret"))),
        ] {
            let given = typed(text, kind);
            assert_eq!(value(&given, is_secret), expected, "{text} {kind}");
        }
    }

    #[test]
    fn who_comes_too_late_is_told_so() {
        let problem = Refusal { status: 412, detail: "it is at version 9".to_owned(), ..Refusal::default() };
        let text = told(&Unanswered::Refused { service: "config-service", problem }).into_string();
        assert!(text.contains("Somebody else changed it meanwhile") && text.contains("version 9"), "{text}");
    }
}
