//! The key of whoever runs this system: made at the first start, and kept where only its owner reads it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use auth::{KeySpec, Keys, Role};
use event_log::{Kafka, Topics};
use settings::{Secret, Settings};

use super::secrets;

/// The file among the secrets.
const FILE: &str = "admin-key";

/// Where it is.
pub(crate) fn path(dir: &Path) -> PathBuf {
    secrets::path(dir, FILE)
}

/// The key, if there is one.
pub(crate) fn existing(dir: &Path) -> Option<Secret> {
    let text = std::fs::read_to_string(path(dir)).ok()?;
    Some(text.trim()).filter(|text| !text.is_empty()).map(Secret::from)
}

/// Makes it, unless there is one that is good. Tells whether it was made.
pub(super) async fn ensure(dir: &Path, settings: &Settings) -> anyhow::Result<bool> {
    if !settings.auth.required {
        return Ok(false);
    }
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-up")?;
    let keys = Keys::new(kafka, Topics::of_settings(&settings.kafka));
    if let Some(key) = existing(dir) {
        // The topics may have been wiped since, and the key with them.
        let known = keys.list().await.context("the API keys can't be read")?;
        let its = auth::key_id(key.expose());
        if known.iter().any(|(id, record)| its.as_deref() == Some(id) && record.is_good(chrono::Utc::now())) {
            return Ok(false);
        }
    }
    let spec = KeySpec {
        name: "admin of this machine".to_owned(),
        role: Role::Admin,
        customers: BTreeSet::new(),
        expires_at: None,
    };
    let made = keys.create(spec, "up").await.context("the admin's API key can't be made")?;
    secrets::write(&path(dir), made.key.expose())?;
    Ok(true)
}
