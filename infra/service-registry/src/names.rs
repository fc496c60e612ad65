//! What instances are called, and where they are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Characters of a name at most, as for every name in the settings.
const LONGEST: usize = 120;

macro_rules! name {
    ($(#[doc = $doc:literal])+ $name:ident, $what:literal, $allowed:literal, $also:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || $also.contains(c));
                if plain && (1..=LONGEST).contains(&text.len()) {
                    return Ok(Self(text));
                }
                Err(Error::Name { what: $what, allowed: $allowed })
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of a service: `query-api`. 1 to 120 of the characters a-z A-Z 0-9 . _ -
    ServiceName, "service's name", "a-z A-Z 0-9 . _ -", "._-"
);
name!(
    /// The name of one instance of a service: `10.0.0.7:8092`. As a service's, and with colons, which the ids that Spring
    /// makes have.
    InstanceName, "instance's name", "a-z A-Z 0-9 . _ - :", "._-:"
);

/// One instance among all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InstanceId {
    /// Of which service.
    pub service: ServiceName,
    /// Which of them.
    pub instance: InstanceName,
}

impl fmt::Display for InstanceId {
    /// `service/instance`: the key of its lease.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.instance)
    }
}

impl FromStr for InstanceId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (service, instance) = text.split_once('/').ok_or(Error::Key)?;
        Ok(Self { service: service.parse()?, instance: instance.parse()? })
    }
}

/// Where an instance takes connections: `host:port`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

impl Address {
    /// Of its parts. An IPv6 host is written in brackets.
    ///
    /// # Errors
    /// When there is no such address.
    pub fn of(host: &str, port: u16) -> Result<Self, Error> {
        format!("{host}:{port}").try_into()
    }

    /// The host; IPv6 in brackets.
    pub fn host(&self) -> &str {
        self.0.rsplit_once(':').map_or("", |(host, _)| host)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.0.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(0)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let fits = text.rsplit_once(':').is_some_and(|(host, port)| {
            let bare_v6 = host.contains(':') && !host.starts_with('[');
            let odd = |c: char| c.is_whitespace() || c.is_control() || "/@?#".contains(c);
            (1..=255).contains(&host.len())
                && !bare_v6
                && !host.contains(odd)
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if fits { Ok(Self(text)) } else { Err(Error::Address) }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.to_owned().try_into()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_of_a_length_that_fits() {
        for good in ["a", "query-api", "Query_API.2", &"x".repeat(120)] {
            assert!(good.parse::<ServiceName>().is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "a#b", "ä", "host:8080", &"x".repeat(121)] {
            assert!(bad.parse::<ServiceName>().is_err(), "{bad}");
        }
        assert!("host:orders:8080".parse::<InstanceName>().is_ok());
        assert!("host/8080".parse::<InstanceName>().is_err());
    }

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for (text, host, port) in [("10.0.0.7:8092", "10.0.0.7", 8092), ("[::1]:1", "[::1]", 1)] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.host(), address.port()), (host, port));
        }
        for bad in ["", "host", ":1", "host:0", "host:99999", "::1:80", "http://host:1", "a b:1", "u@h:1"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
