//! Entity tags (RFC 9110, 8.8.3).

use std::fmt;

use axum::http::HeaderValue;

/// An entity tag. Ours are strong, and are the version: `"7"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    weak: bool,
    opaque: String,
}

impl EntityTag {
    /// The strong tag of a version.
    pub fn of_version(version: u64) -> Self {
        Self { weak: false, opaque: version.to_string() }
    }

    /// A strong tag of any text; characters that a tag can't have are replaced.
    pub fn strong(text: &str) -> Self {
        let opaque = text.chars().map(|c| if is_tag_char(c) { c } else { '_' }).collect();
        Self { weak: false, opaque }
    }

    /// The version this tag stands for, if it is one of ours.
    pub fn version(&self) -> Option<u64> {
        let plain = self.opaque.bytes().all(|byte| byte.is_ascii_digit());
        if plain && !self.weak { self.opaque.parse().ok() } else { None }
    }

    /// Whether both are strong and equal: what `If-Match` asks for.
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && self == other
    }

    /// Whether they are equal, weak or not: what `If-None-Match` asks for.
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// The value of an `ETag` header.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    /// Reads one tag off the front of a list, and what follows it.
    pub(crate) fn take(text: &str) -> Option<(Self, &str)> {
        let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
        let valid = opaque.chars().all(is_tag_char);
        valid.then(|| (Self { weak, opaque: opaque.to_owned() }, rest))
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// Visible ASCII but the quote; bytes above ASCII, which the standard allows, are never in ours.
fn is_tag_char(c: char) -> bool {
    c == '!' || ('#'..='~').contains(&c)
}
