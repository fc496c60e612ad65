//! What every handler has at hand.

use std::sync::Arc;
use std::time::Duration;

use auth::Principal;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http_api::Problem;
use live_config::{ConfigLog, Edit, History, Sealer, WriteError, Writer};
use serde_json::json;
use service_registry::Directory;
use tokio_util::sync::CancellationToken;

/// How long the history may lag behind what was just written.
const CATCHING_UP: Duration = Duration::from_secs(5);
/// When another try is worth it.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Shared by all requests.
pub(crate) struct Api {
    pub(crate) log: ConfigLog,
    pub(crate) writer: Writer,
    pub(crate) sealer: Option<Sealer>,
    /// Who runs, and on which version.
    pub(crate) directory: Directory,
    /// Cancelled when the process stops: who waits is answered then.
    pub(crate) stop: CancellationToken,
}

impl Api {
    /// The history as far as it is known.
    pub(crate) fn history(&self) -> Result<Arc<History>, Problem> {
        let unread = || Problem::unavailable("the config topic was not read to its end yet", RETRY_AFTER);
        self.log.now().ok_or_else(unread)
    }

    /// What a dry run answers: how many entries `decide` would change.
    pub(crate) fn would_change(
        &self,
        decide: impl FnOnce(&History) -> Result<Vec<Edit>, Problem>,
    ) -> Result<Response, Problem> {
        let edits = decide(&*self.history()?)?;
        Ok(Json(json!({ "dry_run": true, "would_change": edits.len() })).into_response())
    }

    /// Writes what `decide` makes of the history, and returns the history that has it.
    pub(crate) async fn write(
        &self,
        principal: &Principal,
        decide: impl FnMut(&History) -> Result<Vec<Edit>, Problem> + Send + 'static,
    ) -> Result<History, Problem> {
        let history = self.writer.write(principal.name(), decide).await.map_err(|error| match error {
            WriteError::Refused(problem) => problem,
            other => {
                let error = &other as &dyn std::error::Error;
                tracing::warn!(error, "a change of the configuration was not written");
                Problem::unavailable(other.to_string(), RETRY_AFTER)
            }
        })?;
        // So that who reads here next sees it. It is written all the same.
        self.log.reach(history.version(), CATCHING_UP).await;
        Ok(history)
    }
}
