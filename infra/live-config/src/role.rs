//! A role's settings: file, environment and command line, and what the topic says while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use event_log::{Kafka, Topics};
use settings::{Settings, Sources};
use tokio_util::sync::CancellationToken;

use crate::copy::Copy;
use crate::error::Error;
use crate::history::History;
use crate::log::ConfigLog;
use crate::metrics::{NOT_APPLIED, ON_COPY, RUNS_ON, WAITING};
use crate::seal::Sealer;
use crate::view::settings_of;

/// The sections of what all roles use.
const COMMON: [&str; 5] = ["registry", "cql", "discovery", "tracing", "log"];

/// The settings of a role, which go on following the topic until `stop`: what may change live then does.
///
/// `on_version` is told of each version that the process runs on, the first one included, and of the settings then. When the
/// topic can't be read within `config.patience_ms`, or says what makes no sense here, the last copy that did is taken, and the
/// log says so; without one, only file, environment and command line count.
///
/// # Errors
/// When file, environment and command line make no sense by themselves, or nothing that the topic ever said does.
pub async fn load(
    sources: Sources,
    role: &'static str,
    stop: CancellationToken,
    on_version: impl Fn(&Settings, u64) + Send + 'static,
) -> Result<Settings, Error> {
    crate::metrics::register();
    let local = Settings::load(&sources)?;
    let kafka = Kafka::of_settings(&local.kafka, format!("parceltrack-{role}-config"))?;
    let topic = Topics::of_settings(&local.kafka).config;
    let follower = Follower::new(sources, role, &topic, &local);
    let mut log = ConfigLog::follow(kafka, topic, stop);
    let patience = Duration::from_millis(local.config.patience_ms);
    let (settings, version) = match log.reach(0, patience).await {
        Some(history) => follower.begin(&history)?,
        None => follower.begin_without(patience)?,
    };
    on_version(&settings, version);
    let running = settings.clone();
    tokio::spawn(async move {
        let mut applied = None;
        while let Some(history) = log.changed().await {
            if follower.apply(&history, &running, &mut applied) {
                on_version(&running, history.version());
            }
        }
    });
    Ok(settings)
}

/// What a role makes of the topic.
struct Follower {
    sources: Sources,
    role: &'static str,
    profile: String,
    sealer: Option<Sealer>,
    copy: Copy,
}

impl Follower {
    fn new(sources: Sources, role: &'static str, topic: &str, local: &Settings) -> Self {
        let sealer = local.config.secret_key.as_ref().map(Sealer::new);
        let copy = Copy::of(&local.config.copy_dir, topic, role);
        Self { sources, role, profile: local.config.profile.clone(), sealer, copy }
    }

    fn entries(&self, history: &History) -> Result<BTreeMap<String, String>, Error> {
        Ok(settings_of(&history.now(), self.role, &self.profile, self.sealer.as_ref())?)
    }

    fn settings(&self, history: &History) -> Result<Settings, Error> {
        Ok(Settings::load(&self.sources.clone().topic(self.entries(history)?))?)
    }

    /// With what the topic says; or, if that makes no sense here, with the last copy.
    fn begin(&self, history: &History) -> Result<(Settings, u64), Error> {
        let version = history.version();
        match self.settings(history) {
            Ok(settings) => {
                self.runs_on(history);
                Ok((settings, version))
            }
            Err(error) => {
                let Some((copy, copied)) = self.copy() else { return Err(error) };
                let error = &error as &dyn std::error::Error;
                tracing::error!(
                    error,
                    version,
                    copied,
                    "what the config topic says can't be applied here; starting on the last copy that could"
                );
                NOT_APPLIED.set(1);
                self.begin_on(&copy, copied)
            }
        }
    }

    /// The topic can't be read.
    fn begin_without(&self, patience: Duration) -> Result<(Settings, u64), Error> {
        let waited_ms = patience.as_millis() as u64;
        if let Some((copy, copied)) = self.copy() {
            tracing::warn!(
                waited_ms,
                copied,
                "the config topic can't be read; starting on the last copy of it"
            );
            return self.begin_on(&copy, copied);
        }
        tracing::warn!(
            waited_ms,
            "the config topic can't be read, and there is no copy of it; starting without"
        );
        RUNS_ON.set(0);
        Ok((Settings::load(&self.sources)?, 0))
    }

    fn begin_on(&self, copy: &History, version: u64) -> Result<(Settings, u64), Error> {
        ON_COPY.set(1);
        RUNS_ON.set(version.cast_signed());
        Ok((self.settings(copy)?, version))
    }

    fn copy(&self) -> Option<(History, u64)> {
        self.copy.read().unwrap_or_else(|error| {
            tracing::warn!(%error, "the last copy of the config topic can't be read");
            None
        })
    }

    /// Takes over what changed, as far as it can be while the process runs. False when it can't be applied here.
    fn apply(
        &self,
        history: &Arc<History>,
        running: &Settings,
        applied: &mut Option<BTreeMap<String, String>>,
    ) -> bool {
        let entries = self.entries(history);
        if entries.as_ref().is_ok_and(|entries| applied.as_ref() == Some(entries)) {
            // Somebody else's change; this process runs on it all the same.
            self.runs_on(history);
            return true;
        }
        let version = history.version();
        let fresh = entries
            .and_then(|entries| Ok((Settings::load(&self.sources.clone().topic(entries.clone()))?, entries)));
        match fresh {
            Ok((fresh, entries)) => {
                let mut waiting = running.adopt(&fresh);
                waiting.retain(|key| self.concerns(key));
                WAITING.set(waiting.len() as i64);
                self.runs_on(history);
                *applied = Some(entries);
                tracing::info!(version, needs_restart = waiting.join(","), "configuration applied");
                true
            }
            Err(error) => {
                NOT_APPLIED.set(1);
                tracing::error!(
                    version,
                    error = &error as &dyn std::error::Error,
                    "what the config topic says can't be applied here; what was in force stays so"
                );
                false
            }
        }
    }

    /// Whether a setting counts for this role: its own, and those of what all roles use.
    fn concerns(&self, key: &str) -> bool {
        let section = key.split('.').next().unwrap_or(key);
        section == self.role.replace('-', "_")
            || COMMON.contains(&section)
            || (self.role == "projector" && key == "query_api.phone_hash_key")
    }

    fn runs_on(&self, history: &History) {
        RUNS_ON.set(history.version().cast_signed());
        ON_COPY.set(0);
        NOT_APPLIED.set(0);
        if let Err(error) = self.copy.write(history, self.role, &self.profile) {
            tracing::warn!(%error, "the last copy of the config topic can't be written");
        }
    }
}
