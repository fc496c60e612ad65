//! The API keys that a local system makes for itself: made at the first start, and kept where only its owner reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use auth::{KeySpec, Keys, Role};
use event_log::{Kafka, Topics};
use settings::{Secret, Settings};

use super::secrets;

/// One such key.
pub(crate) struct OwnKey {
    /// The file among the secrets.
    file: &'static str,
    /// For whom it is, in words.
    name: &'static str,
    role: Role,
}

/// Of whoever runs this system.
pub(crate) const ADMIN: OwnKey =
    OwnKey { file: "admin-key", name: "admin of this machine", role: Role::Admin };

/// By which Prometheus asks who runs.
pub(super) const PROMETHEUS: OwnKey =
    OwnKey { file: "prometheus-key", name: "prometheus of this machine", role: Role::Operator };

impl OwnKey {
    /// Where it is.
    pub(crate) fn path(&self, dir: &Path) -> PathBuf {
        secrets::path(dir, self.file)
    }

    /// The key, if there is one.
    pub(crate) fn existing(&self, dir: &Path) -> Option<Secret> {
        let text = std::fs::read_to_string(self.path(dir)).ok()?;
        Some(text.trim()).filter(|text| !text.is_empty()).map(Secret::from)
    }

    /// Makes it, unless there is one that is good. Tells whether it was made.
    pub(super) async fn ensure(&self, dir: &Path, settings: &Settings) -> anyhow::Result<bool> {
        if !settings.auth.required {
            return Ok(false);
        }
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-up")?;
        let keys = Keys::new(kafka, Topics::of_settings(&settings.kafka));
        if let Some(key) = self.existing(dir) {
            // The topics may have been wiped since, and the key with them.
            let known = keys.list().await.context("the API keys can't be read")?;
            let its = auth::key_id(key.expose());
            if known
                .iter()
                .any(|(id, record)| its.as_deref() == Some(id) && record.is_good(chrono::Utc::now()))
            {
                return Ok(false);
            }
        }
        let spec = KeySpec {
            name: self.name.to_owned(),
            role: self.role,
            customers: BTreeSet::new(),
            expires_at: None,
        };
        let made = keys.create(spec, "up").await;
        let made = made.with_context(|| format!("the API key of the {} can't be made", self.name))?;
        secrets::write(&self.path(dir), made.key.expose())?;
        Ok(true)
    }
}
