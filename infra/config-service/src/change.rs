//! What a caller wants to be changed, checked and made into edits.

use auth::Principal;
use axum::http::HeaderMap;
use http_api::{EntityTag, Problem, codes, if_match, if_none_match};
use live_config::{Change, Edit, Key, Kind, Refusal, SealError, Sealer, Setting, State, check, coherent};
use serde::Deserialize;

/// The longest author, and the longest reason, in characters.
const LONGEST_AUTHOR: usize = 200;
const LONGEST_REASON: usize = 1_000;

/// Who changes something, in their own words or else by the name of their credentials, and why.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Why {
    pub(crate) author: Option<String>,
    pub(crate) reason: Option<String>,
}

/// A value that is to be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    pub(crate) value: serde_json::Value,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Kind>,
}

impl Why {
    /// Of a caller who may have named somebody.
    pub(crate) fn of(principal: &Principal, author: Option<String>, reason: Option<String>) -> Self {
        Self { author: author.or_else(|| Some(principal.name().to_owned())), reason }
    }

    /// As it goes into the topic.
    fn checked(&self) -> Result<(String, Option<String>), Problem> {
        let author = self.author.clone().unwrap_or_default();
        let fits =
            |text: &str, longest| text.chars().count() <= longest && !text.chars().any(char::is_control);
        if author.trim().is_empty() || !fits(&author, LONGEST_AUTHOR) {
            return Err(Problem::invalid_field(
                "/author",
                format!("an author is a line of 1 to {LONGEST_AUTHOR} characters"),
            ));
        }
        match &self.reason {
            Some(reason) if !fits(reason, LONGEST_REASON) => Err(Problem::invalid_field(
                "/reason",
                format!("a reason is a line of at most {LONGEST_REASON} characters"),
            )),
            reason => Ok((author, reason.clone())),
        }
    }
}

/// An entry's key out of an address.
pub(crate) fn key(application: &str, profile: &str, name: &str) -> Result<Key, Problem> {
    Key::new(application, profile, name).map_err(|error| Problem::invalid_parameter("key", error.to_string()))
}

/// The edit that sets a value, sealed if it is a secret; `pointer` says where in the body it stands.
pub(crate) fn set(
    key: Key,
    wanted: &Wanted,
    why: &Why,
    sealer: Option<&Sealer>,
    pointer: &str,
) -> Result<Edit, Problem> {
    let (author, reason) = why.checked()?;
    let (natural, plain) = match &wanted.value {
        serde_json::Value::String(text) => (Kind::Text, text.clone()),
        serde_json::Value::Number(number) => (Kind::Number, number.to_string()),
        serde_json::Value::Bool(boolean) => (Kind::Boolean, boolean.to_string()),
        _ => return Err(Problem::invalid_field(pointer, "a value is text, a number or a boolean")),
    };
    let kind = wanted.kind.unwrap_or(natural);
    check(&key, kind, &plain).map_err(|refusal| refused(&refusal, pointer))?;
    let value = match kind {
        Kind::Secret => {
            let sealer = sealer.ok_or(SealError::NoKey);
            sealer.and_then(|sealer| sealer.seal(&key, &plain)).map_err(|error| unsealed(&error))?
        }
        _ => plain,
    };
    Ok(Edit { key, setting: Some(Setting { kind, value }), author, reason })
}

/// The edit that sets an entry to what it was, or deletes it.
pub(crate) fn back(key: &Key, setting: Option<&Setting>, why: &Why) -> Result<Edit, Problem> {
    let (author, reason) = why.checked()?;
    Ok(Edit { key: key.clone(), setting: setting.cloned(), author, reason })
}

/// Refuses to set what is a secret to a value whose type isn't said: it would lie in the topic for everybody to read.
pub(crate) fn stays_sealed(
    now: &State<'_>,
    edit: &Edit,
    said: Option<Kind>,
    pointer: &str,
) -> Result<(), Problem> {
    let shows = edit.setting.as_ref().is_some_and(|setting| setting.kind != Kind::Secret);
    if said.is_some() || !shows || !now.get(&edit.key).is_some_and(is_secret) {
        return Ok(());
    }
    let detail = format!("{} is a secret: say its type, \"secret\" or what it is from now on", edit.key);
    Err(Problem::invalid_field(pointer, detail))
}

/// Whether the settings of our roles make sense together once the edits are made.
pub(crate) fn together(state: &State<'_>, edits: &[Edit]) -> Result<(), Problem> {
    coherent(state, edits).map_err(|refusal| refused(&refusal, ""))
}

/// `If-Match` and `If-None-Match: *`, held against the version that an entry has; none if there is no such entry.
pub(crate) fn precondition(headers: &HeaderMap, version: Option<u64>) -> Result<(), Problem> {
    let failed = || match version {
        Some(version) => passed_by(version),
        None => Problem::http(codes::PRECONDITION_FAILED).detail("there is no such entry"),
    };
    if let Some(condition) = if_match(headers)? {
        let tag = version.map(EntityTag::of_version);
        if !tag.is_some_and(|tag| condition.matches_strongly(&tag)) {
            return Err(failed());
        }
    }
    if let (Some(condition), Some(version)) = (if_none_match(headers)?, version)
        && condition.matches_weakly(&EntityTag::of_version(version))
    {
        return Err(failed());
    }
    Ok(())
}

/// It isn't at the version that was seen, but at this one.
pub(crate) fn passed_by(version: u64) -> Problem {
    Problem::http(codes::PRECONDITION_FAILED)
        .detail(format!("it is at version {version}"))
        .member("version", version)
        .header(axum::http::header::ETAG, EntityTag::of_version(version).header())
}

/// Whether what a change set is a secret.
pub(crate) fn is_secret(change: &Change) -> bool {
    change.edit.setting.as_ref().is_some_and(|setting| setting.kind == Kind::Secret)
}

fn refused(refusal: &Refusal, pointer: &str) -> Problem {
    Problem::invalid_field(pointer, refusal.to_string())
}

fn unsealed(error: &SealError) -> Problem {
    if let SealError::NoKey = error {
        return Problem::unavailable(error.to_string(), crate::state::RETRY_AFTER);
    }
    tracing::error!(error = error as &dyn std::error::Error, "a secret can't be sealed");
    Problem::internal()
}
