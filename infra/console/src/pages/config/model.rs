//! What the config service answers.

use std::fmt;

use auth::Service;
use chrono::{DateTime, Utc};
use live_config::{DEFAULT_PROFILE, SHARED, is_ours};
use serde::Deserialize;
use serde_json::Value;

use crate::backend::{Answer, Backend, Question, Unanswered, escaped};
use crate::caller::Caller;

/// An application in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) application: String,
    pub(super) profile: String,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.application, self.profile)
    }
}

impl Scope {
    /// What all roles share, in the default profile, unless something is named.
    pub(super) fn of(application: &str, profile: &str) -> Self {
        let or = |text: &str, default: &str| {
            if text.trim().is_empty() { default.to_owned() } else { text.trim().to_owned() }
        };
        Self { application: or(application, SHARED), profile: or(profile, DEFAULT_PROFILE) }
    }

    /// As it stands in an address.
    pub(super) fn query(&self) -> String {
        format!("application={}&profile={}", escaped(&self.application), escaped(&self.profile))
    }

    /// Where an entry's page is.
    pub(super) fn address(&self, name: &str) -> String {
        format!("/console/config/{}?{}", escaped(name), self.query())
    }

    /// Its part of the service's addresses.
    fn path(&self) -> String {
        format!("/api/v1/config/{}/{}", escaped(&self.application), escaped(&self.profile))
    }

    /// Whether its entries are settings of our roles.
    pub(super) fn is_ours(&self) -> bool {
        is_ours(&self.application)
    }

    /// Where a value comes from for this application in this profile: itself first, then what it falls back to.
    pub(super) fn in_order(&self) -> Vec<Self> {
        let shared = if self.is_ours() { SHARED } else { "application" };
        let mut all: Vec<Self> = Vec::new();
        for profile in [self.profile.as_str(), DEFAULT_PROFILE] {
            for application in [self.application.as_str(), shared] {
                let scope = Self::of(application, profile);
                if !all.contains(&scope) {
                    all.push(scope);
                }
            }
        }
        all
    }

    /// It, what it falls back to, and every other scope that may have an entry of the same name.
    pub(super) fn all_like(&self, profiles: &Profiles) -> Vec<Self> {
        let mut all = self.in_order();
        let like = |profile: &&Counted| is_ours(&profile.application) == self.is_ours();
        for other in profiles.profiles.iter().filter(like) {
            let scope = Self::of(&other.application, &other.profile);
            if !all.contains(&scope) && all.len() < MOST_SCOPES {
                all.push(scope);
            }
        }
        all
    }
}

/// Scopes that are asked for an entry at most.
const MOST_SCOPES: usize = 24;

/// A setting's explanation.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Key {
    #[serde(rename = "key")]
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) allowed: String,
    pub(super) default: Option<String>,
    pub(super) env: String,
    pub(super) live: bool,
    pub(super) secret: bool,
}

/// An entry as it is set, or a change that was made: with a null value, a deletion. A secret's value is `***`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) value: Value,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) version: u64,
    pub(super) at: DateTime<Utc>,
    pub(super) author: String,
    pub(super) reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Counted {
    pub(super) application: String,
    pub(super) profile: String,
}

/// Where anything is set.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Profiles {
    pub(super) version: u64,
    pub(super) profiles: Vec<Counted>,
}

#[derive(Clone, Debug, Deserialize)]
struct Entries {
    entries: Vec<Entry>,
}

/// The last changes first.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct History {
    pub(super) changes: Vec<Entry>,
}

/// What is otherwise now.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Diff {
    pub(super) from: u64,
    /// The version that is now.
    pub(super) to: u64,
    pub(super) differences: Vec<Difference>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Difference {
    pub(super) name: String,
    pub(super) before: Valued,
    pub(super) after: Valued,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Valued {
    pub(super) value: Value,
}

/// A value as people read it.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

type Asked<T> = Result<T, Unanswered>;

pub(super) async fn keys(backend: &Backend, caller: &Caller) -> Asked<Vec<Key>> {
    get(backend, caller, "/api/v1/config-keys".to_owned()).await
}

pub(super) async fn profiles(backend: &Backend, caller: &Caller) -> Asked<Profiles> {
    get(backend, caller, "/api/v1/config".to_owned()).await
}

pub(super) async fn entries(backend: &Backend, caller: &Caller, scope: &Scope) -> Asked<Vec<Entry>> {
    get(backend, caller, scope.path()).await.map(|entries: Entries| entries.entries)
}

/// None if it isn't set there.
pub(super) async fn entry(
    backend: &Backend,
    caller: &Caller,
    scope: &Scope,
    name: &str,
) -> Asked<Option<Answer<Entry>>> {
    let path = format!("{}/entries/{}", scope.path(), escaped(name));
    match backend.ask(caller, Question::get(Service::ConfigService, path)).await {
        Ok(answer) => Ok(Some(answer)),
        Err(why) if why.is_not_found() => Ok(None),
        Err(why) => Err(why),
    }
}

pub(super) async fn history(
    backend: &Backend,
    caller: &Caller,
    scope: &Scope,
    query: &str,
) -> Asked<History> {
    get(backend, caller, format!("{}/history?{query}", scope.path())).await
}

pub(super) async fn diff(backend: &Backend, caller: &Caller, scope: &Scope, from: u64) -> Asked<Diff> {
    get(backend, caller, format!("{}/diff?from={from}", scope.path())).await
}

/// A question that changes an entry.
pub(super) fn of_entry(method: axum::http::Method, scope: &Scope, name: &str, dry_run: bool) -> Question {
    let dry_run = if dry_run { "?dry_run=true" } else { "" };
    Question::of(
        method,
        Service::ConfigService,
        format!("{}/entries/{}{dry_run}", scope.path(), escaped(name)),
    )
}

/// The question that sets a scope back.
pub(super) fn rollback(scope: &Scope) -> Question {
    Question::of(axum::http::Method::POST, Service::ConfigService, format!("{}/rollback", scope.path()))
}

async fn get<T: serde::de::DeserializeOwned>(backend: &Backend, caller: &Caller, path: String) -> Asked<T> {
    backend.ask(caller, Question::get(Service::ConfigService, path)).await.map(|answer| answer.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scopes: &[Scope]) -> Vec<String> {
        scopes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_value_comes_from_the_nearest_scope() {
        assert_eq!(names(&Scope::of("", "").in_order()), ["parceltrack / default"]);
        assert_eq!(
            names(&Scope::of("query-api", "prod").in_order()),
            ["query-api / prod", "parceltrack / prod", "query-api / default", "parceltrack / default"]
        );
        assert_eq!(
            names(&Scope::of("orders", "default").in_order()),
            ["orders / default", "application / default"]
        );
    }

    #[test]
    fn scopes_of_roles_and_of_others_do_not_mix() {
        let counted =
            |application: &str| Counted { application: application.to_owned(), profile: "prod".to_owned() };
        let profiles = Profiles { version: 3, profiles: vec![counted("projector"), counted("orders")] };
        let all = names(&Scope::of("", "").all_like(&profiles));
        assert_eq!(all, ["parceltrack / default", "projector / prod"]);
    }

    #[test]
    fn an_address_holds_whatever_the_names_are() {
        assert_eq!(
            Scope::of("a b", "x&y").address("n/m"),
            "/console/config/n%2Fm?application=a%20b&profile=x%26y"
        );
    }
}
