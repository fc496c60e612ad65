//! From the settings that users write to what this crate takes.

use std::time::Duration;

use crate::{Auth, Error, Registry};

impl Registry {
    /// The registry that the settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// When its address isn't one.
    pub fn of_settings(registry: &settings::keys::Registry) -> Result<Self, Error> {
        let password = registry.password.as_ref().map(|secret| secret.expose().to_owned());
        let auth = Auth::basic(registry.username.clone(), password);
        Self::connect(&registry.url, auth, Duration::from_millis(registry.timeout_ms))
    }
}
