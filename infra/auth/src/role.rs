//! The roles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a caller is here for. A caller has one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Whoever gives no credentials: looks parcels up by their number.
    Public,
    /// A customer's program or employee: reads that customer's shipments.
    Reader,
    /// A carrier or shop: posts commands about its customers' shipments, and reads them.
    Producer,
    /// Keeps the system running: configuration, registry, every shipment's status, but nobody's name, phone or address.
    Operator,
    /// May do everything, and alone makes and revokes keys.
    Admin,
}

impl Role {
    /// Every role that a key or token can give.
    pub const GIVEN: [Self; 4] = [Self::Reader, Self::Producer, Self::Operator, Self::Admin];

    /// As it is written in keys, tokens and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Reader => "reader",
            Self::Producer => "producer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Whether people's names, phones and addresses may be shown.
    pub const fn sees_personal_data(self) -> bool {
        matches!(self, Self::Reader | Self::Producer | Self::Admin)
    }

    /// Whether its shipments are those of named customers; others' don't exist for it.
    pub const fn is_scoped(self) -> bool {
        matches!(self, Self::Reader | Self::Producer)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no such role.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownRole;

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the roles are reader, producer, operator and admin")
    }
}

impl std::error::Error for UnknownRole {}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::GIVEN.into_iter().find(|role| role.name() == name).ok_or(UnknownRole)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}
