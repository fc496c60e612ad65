//! Tokens: JWTs of the OIDC issuer, and those that are signed here for development.
//!
//! JOSE is read here, and signatures are OpenSSL's: it is in the process anyway, and what of JOSE is needed is little. What a token
//! says of its own keys (`jku`, `x5u`, `jwk`) is never looked at.

mod claims;
mod development;
mod fetch;
mod issuer;
mod jwk;
mod jws;
mod signature;
mod verified;

pub(crate) use claims::{Claims, Expected};
pub(crate) use development::Development;
pub use development::{TokenSpec, development_token};
pub(crate) use issuer::{Issuer, Unverified};
pub(crate) use jws::Jws;
pub(crate) use signature::Algorithm;
pub(crate) use verified::Verified;
