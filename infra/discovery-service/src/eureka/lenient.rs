//! Numbers and truth values as Eureka clients write them: as such, or as text. XML had only text, and JSON followed it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

/// A whole number, or text that is one.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let number = match Value::deserialize(from)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null => Some(0),
        _ => None,
    };
    number.ok_or_else(|| D::Error::custom("expected a whole number, or one as text"))
}

/// `true`, `false`, or one of them as text.
pub(super) fn truth<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Value::deserialize(from)? {
        Value::Bool(truth) => Ok(truth),
        Value::String(text) => Ok(text.trim().eq_ignore_ascii_case("true")),
        _ => Err(D::Error::custom("expected true or false, or one of them as text")),
    }
}

/// A number as text.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(super) fn as_text<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(number)
}

/// A truth value as text.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(super) fn truth_as_text<S: Serializer>(truth: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(truth)
}
