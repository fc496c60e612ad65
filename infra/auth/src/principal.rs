//! A caller.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use http_api::Problem;

use crate::Role;

/// As a customer's name, all of them.
pub(crate) const ALL: &str = "*";

/// Whose shipments a caller may know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Customers {
    /// Everybody's.
    All,
    /// These customers', by their `customer_id`. No other shipment exists for the caller.
    Only(Arc<BTreeSet<String>>),
}

impl Customers {
    /// Those that a key or token names for a role: a role that isn't scoped has all, and `*` is all.
    pub(crate) fn named(role: Role, names: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = names.into_iter().collect();
        if !role.is_scoped() || names.contains(ALL) {
            return Self::All;
        }
        Self::Only(Arc::new(names))
    }

    /// Whether this customer's shipments are among them.
    pub fn include(&self, customer_id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(customers) => customers.contains(customer_id),
        }
    }
}

/// A caller whose credentials were found to be good, or who gave none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    name: Arc<str>,
    role: Role,
    customers: Customers,
}

impl Principal {
    /// The caller that goes by this name, as [`name`](Self::name) has it.
    pub fn new(name: impl Into<Arc<str>>, role: Role, customers: Customers) -> Self {
        Self { name: name.into(), role, customers }
    }

    /// Whoever gives no credentials.
    pub fn public() -> Self {
        Self::new("public", Role::Public, Customers::Only(Arc::default()))
    }

    /// Everybody, where credentials are not asked for (`auth.required = false`).
    pub fn unchecked() -> Self {
        Self::new("anonymous", Role::Admin, Customers::All)
    }

    /// Who it is, unlike any other's, and the same for ever: it is part of what command ids are derived from, and
    /// stands in audit records. No secret: `key:4f7c…`, `oidc:https://issuer/realms/x#subject`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is here for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whose shipments it may know of.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    /// From the guard. Where there is none, that is a defect of ours, and nobody gets through.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a handler asks who calls, but no guard stands before it");
            Problem::internal()
        })
    }
}
