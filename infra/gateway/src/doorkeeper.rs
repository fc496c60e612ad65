//! Who calls.

use async_trait::async_trait;
use auth::{Denied, Gatekeeper, Principal};
use http::HeaderMap;

/// Tells by a request's headers who calls. What can't be told is denied.
#[async_trait]
pub trait Doorkeeper: Send + Sync {
    /// The caller, [`Principal::public`] where there are no credentials.
    ///
    /// # Errors
    /// When there are credentials that are not good, or whether they are can't be told.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Denied>;
}

#[async_trait]
impl Doorkeeper for Gatekeeper {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Denied> {
        Self::authenticate(self, headers).await
    }
}
