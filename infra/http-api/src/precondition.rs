//! `If-Match` and `If-None-Match` (RFC 9110, 13.1).

use axum::http::{HeaderMap, HeaderName, header};

use crate::catalogue::codes;
use crate::entity_tag::EntityTag;
use crate::problem::Problem;

/// What a conditional header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `*`: that there is anything at all.
    Any,
    /// One of these.
    OneOf(Vec<EntityTag>),
}

impl Condition {
    /// Whether `If-Match` holds for a resource with this tag.
    pub fn matches_strongly(&self, tag: &EntityTag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|wanted| wanted.strong_eq(tag)),
        }
    }

    /// Whether one of the tags is this one, weak or not, as `If-None-Match` compares.
    pub fn matches_weakly(&self, tag: &EntityTag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|wanted| wanted.weak_eq(tag)),
        }
    }

    /// The versions asked for; tags that are not ours can't match and are left out. None for `*`.
    pub fn versions(&self) -> Option<Vec<u64>> {
        match self {
            Self::Any => None,
            Self::OneOf(tags) => Some(tags.iter().filter_map(EntityTag::version).collect()),
        }
    }
}

/// The request's `If-Match`, or a 400 that says how to write it.
pub fn if_match(headers: &HeaderMap) -> Result<Option<Condition>, Problem> {
    condition(headers, &header::IF_MATCH)
}

/// The request's `If-None-Match`, or a 400 that says how to write it.
pub fn if_none_match(headers: &HeaderMap) -> Result<Option<Condition>, Problem> {
    condition(headers, &header::IF_NONE_MATCH)
}

/// Whether a read can be answered 304: the caller has this very version. A header that can't be read asks for nothing.
pub fn not_modified(headers: &HeaderMap, tag: &EntityTag) -> bool {
    if_none_match(headers).ok().flatten().is_some_and(|condition| condition.matches_weakly(tag))
}

fn condition(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Condition>, Problem> {
    let mut lines = headers.get_all(name).iter().peekable();
    if lines.peek().is_none() {
        return Ok(None);
    }
    let mut tags = Vec::new();
    let mut any = false;
    for line in lines {
        let line = line.to_str().map_err(|_| malformed(name))?;
        if line.trim() == "*" {
            any = true;
        } else {
            tags.extend(list(line).ok_or_else(|| malformed(name))?);
        }
    }
    match (any, tags.is_empty()) {
        (true, true) => Ok(Some(Condition::Any)),
        (false, false) => Ok(Some(Condition::OneOf(tags))),
        _ => Err(malformed(name)),
    }
}

/// A tag may have commas inside, so the line can't just be split at them.
fn list(line: &str) -> Option<Vec<EntityTag>> {
    let mut tags = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            continue;
        }
        let (tag, after) = EntityTag::take(rest)?;
        tags.push(tag);
        rest = after.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    Some(tags)
}

fn malformed(name: &HeaderName) -> Problem {
    let name = if *name == header::IF_MATCH { "If-Match" } else { "If-None-Match" };
    Problem::http(codes::INVALID_HEADER)
        .detail(format!("{name} is * or a list of entity tags in double quotes, as in {name}: \"7\""))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::IF_MATCH, HeaderValue::from_str(line).unwrap())).collect()
    }

    fn versions(lines: &[&str]) -> Option<Vec<u64>> {
        if_match(&headers(lines)).unwrap().unwrap().versions()
    }

    #[test]
    fn one_several_and_any() {
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
        assert_eq!(versions(&["\"7\""]), Some(vec![7]));
        assert_eq!(versions(&["\"7\", \"8\" ,,\"9\"", "\"10\""]), Some(vec![7, 8, 9, 10]));
        assert_eq!(if_match(&headers(&[" * "])).unwrap(), Some(Condition::Any));
    }

    #[test]
    fn if_match_compares_strongly() {
        let condition = if_match(&headers(&["W/\"7\", \"a,b\""])).unwrap().unwrap();
        assert!(!condition.matches_strongly(&EntityTag::of_version(7)));
        assert!(condition.matches_weakly(&EntityTag::of_version(7)));
        assert!(condition.matches_strongly(&EntityTag::strong("a,b")));
        assert_eq!(condition.versions(), Some(vec![]));
        assert!(Condition::Any.matches_strongly(&EntityTag::of_version(1)));
    }

    #[test]
    fn what_is_not_a_tag_is_refused() {
        for bad in ["7", "\"7", "\"7\" \"8\"", "w/\"7\"", "", ",", "\"a b\"", "*, \"7\""] {
            let problem = if_match(&headers(&[bad])).unwrap_err();
            assert_eq!(problem.code(), codes::INVALID_HEADER, "{bad}");
        }
        assert!(if_match(&headers(&["*", "\"7\""])).is_err());
    }

    #[test]
    fn a_read_of_the_same_version_is_not_modified() {
        let mut headers = HeaderMap::new();
        assert!(!not_modified(&headers, &EntityTag::of_version(7)));
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("W/\"7\""));
        assert!(not_modified(&headers, &EntityTag::of_version(7)));
        assert!(!not_modified(&headers, &EntityTag::of_version(8)));
    }
}
