//! Entries, changes and differences as the answers show them. A secret is `***` everywhere.

use chrono::{DateTime, SecondsFormat};
use live_config::{Change, Difference, Kind, Setting};
use serde::Serialize;
use serde_json::Value;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// An entry as it is set.
#[derive(Debug, Serialize)]
pub(crate) struct EntryView {
    application: String,
    profile: String,
    name: String,
    #[serde(flatten)]
    setting: SettingView,
    version: u64,
    at: String,
    author: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A value and its type.
#[derive(Debug, Serialize)]
pub(crate) struct SettingView {
    value: Value,
    r#type: Option<Kind>,
}

/// A change that was made: with a null value, a deletion.
pub(crate) fn change(change: &Change) -> EntryView {
    let key = &change.edit.key;
    EntryView {
        application: key.application().to_owned(),
        profile: key.profile().to_owned(),
        name: key.name().to_owned(),
        setting: setting(change.edit.setting.as_ref()),
        version: change.version,
        at: time(change.at),
        author: change.edit.author.clone(),
        reason: change.edit.reason.clone(),
    }
}

/// What an entry was and is; none is "not set".
#[derive(Debug, Serialize)]
pub(crate) struct DifferenceView {
    name: String,
    before: SettingView,
    after: SettingView,
}

/// A difference between two states.
pub(crate) fn difference(difference: &Difference<'_>) -> DifferenceView {
    DifferenceView {
        name: difference.key.name().to_owned(),
        before: setting(difference.before),
        after: setting(difference.after),
    }
}

fn setting(setting: Option<&Setting>) -> SettingView {
    SettingView { value: setting.map_or(Value::Null, value), r#type: setting.map(|setting| setting.kind) }
}

fn value(setting: &Setting) -> Value {
    match setting.kind {
        Kind::Secret => HIDDEN.into(),
        kind => kind.to_json(&setting.value),
    }
}

/// RFC 3339, in UTC.
fn time(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
