//! Who calls.

use async_trait::async_trait;
use auth::{Denied, Principal};
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Tells by a request's headers who calls. What can't be told is denied.
#[async_trait]
pub trait Doorkeeper: Send + Sync {
    /// The caller, [`Principal::public`] where there are no credentials.
    ///
    /// # Errors
    /// When there are credentials that are not good, or whether they are can't be told.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Denied>;
}

/// Knows nobody: whoever shows credentials is denied, whoever shows none is public.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closed;

#[async_trait]
impl Doorkeeper for Closed {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Denied> {
        if headers.contains_key(AUTHORIZATION) {
            return Err(Denied::Unknowable("no keys and no issuer are known here"));
        }
        Ok(Principal::public())
    }
}
