//! What an entry is called.

use std::fmt;
use std::str::FromStr;

/// The longest name of an application or a profile.
const LONGEST: usize = 120;

/// The longest name of an entry.
const LONGEST_NAME: usize = 240;

/// First segments of addresses that the config service answers itself, beside Spring's `/{application}/{profile}`.
const RESERVED: [&str; 3] = ["api", "docs", "metrics"];

/// `application/profile/name`, as in the record's key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    application: String,
    profile: String,
    name: String,
}

/// Why something is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not three parts.
    #[error("{0:?} is not application/profile/name")]
    NotThree(String),
    /// A part with other characters, or too many.
    #[error("the {part} {text:?} must be 1 to {longest} of the characters a-z A-Z 0-9 . _ -{also}")]
    Part {
        /// Which.
        part: &'static str,
        /// What it was.
        text: String,
        /// How long it may be.
        longest: usize,
        /// What else may be in it.
        also: &'static str,
    },
    /// An application that is called like an address of the config service.
    #[error("no application can be called {0}: the config service answers there itself")]
    Reserved(String),
}

impl Key {
    /// Of these parts.
    ///
    /// # Errors
    /// When one of them has other characters than a key may have, or too many.
    pub fn new(application: &str, profile: &str, name: &str) -> Result<Self, InvalidKey> {
        part("application", application, LONGEST, "")?;
        part("profile", profile, LONGEST, "")?;
        // Spring writes list elements as `hosts[0]`.
        part("name", name, LONGEST_NAME, "[]")?;
        if RESERVED.contains(&application) {
            return Err(InvalidKey::Reserved(application.to_owned()));
        }
        let (application, profile, name) = (application.to_owned(), profile.to_owned(), name.to_owned());
        Ok(Self { application, profile, name })
    }

    /// Whose it is: a role, `parceltrack` for all roles, or any other application.
    pub fn application(&self) -> &str {
        &self.application
    }

    /// For which profile.
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// Whether it is one of this application's, for this profile.
    pub fn is_of(&self, application: &str, profile: &str) -> bool {
        self.application == application && self.profile == profile
    }

    /// What is set: `section.key` for roles, a property for others.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn part(part: &'static str, text: &str, longest: usize, also: &'static str) -> Result<(), InvalidKey> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c) || also.contains(c);
    let dots_only = text.chars().all(|c| c == '.');
    if (1..=longest).contains(&text.len()) && text.chars().all(allowed) && !dots_only {
        Ok(())
    } else {
        let text = text.chars().take(longest).collect();
        Err(InvalidKey::Part { part, text, longest, also })
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [application, profile, name] => Self::new(application, profile, name),
            _ => Err(InvalidKey::NotThree(text.chars().take(LONGEST).collect())),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.application, self.profile, self.name)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_is_written() {
        let key: Key = "orders/prod/spring.datasource.hosts[0]".parse().unwrap();
        assert_eq!(
            (key.application(), key.profile(), key.name()),
            ("orders", "prod", "spring.datasource.hosts[0]")
        );
        assert_eq!(key.to_string(), "orders/prod/spring.datasource.hosts[0]");
    }

    #[test]
    fn what_could_be_mistaken_for_something_else_is_no_key() {
        for bad in
            ["", "a/b", "a/b/c/d", "a//c", "a b/c/d", "../b/c", "a/./c", "a/b/ü", "api/v1/config", "a/b/c d"]
        {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
        assert!(Key::new(&"a".repeat(121), "b", "c").is_err());
    }
}
