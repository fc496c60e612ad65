//! Whether what a caller showed is still good, for answers that have no end of their own.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use http_api::Problem;
use tokio::time::sleep;

use crate::credentials::Credentials;
use crate::gatekeeper::Checks;
use crate::{Denied, Principal};

/// The longest pause between two looks: a clock may be set, and an issuer's keys are fetched anew without a word.
const LOOK: Duration = Duration::from_secs(60);

/// The shortest: a clock that is read twice may say two things.
const SHORTEST: Duration = Duration::from_millis(10);

/// The end of what a caller may still be told: see [`Standing::end`].
pub type End = Pin<Box<dyn Future<Output = Denied> + Send + Sync>>;

/// Whether what a caller showed is still good. Handlers of streams take it as an argument.
#[derive(Clone, Debug)]
pub struct Standing(Option<Shown>);

#[derive(Clone, Debug)]
struct Shown {
    checks: Arc<Checks>,
    credentials: Arc<Credentials>,
}

/// Who shows credentials, and until when they are good by themselves; none is without an end.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) principal: Principal,
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Standing {
    /// Of a caller who showed nothing, or who need not.
    pub fn without_end() -> Self {
        Self(None)
    }

    pub(crate) fn of(checks: Arc<Checks>, credentials: Credentials) -> Self {
        match credentials {
            Credentials::None => Self(None),
            credentials => Self(Some(Shown { checks, credentials: Arc::new(credentials) })),
        }
    }

    /// Waits until it is good no more: revoked, expired, or signed by a key that its issuer has taken back. Then it is
    /// [`Denied::Invalid`], within a second of when that could be known here. What can't be told just now ends nothing.
    pub fn end(&self) -> End {
        match self.0.clone() {
            None => Box::pin(std::future::pending()),
            Some(shown) => Box::pin(shown.end()),
        }
    }
}

impl Shown {
    async fn end(self) -> Denied {
        let mut changes = self.checks.changes();
        loop {
            let until = match self.checks.known(&self.credentials).await {
                Ok(known) => known.until,
                Err(denied @ Denied::Invalid(_)) => return denied,
                Err(_) => None,
            };
            let left = until.map_or(LOOK, |until| (until - Utc::now()).to_std().unwrap_or_default());
            tokio::select! {
                () = sleep(left.clamp(SHORTEST, LOOK)) => {}
                () = changes.next() => {}
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Standing {
    type Rejection = Problem;

    /// From the guard. Where there is none, that is a defect of ours, and nobody gets through.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a handler asks how long a caller may stay, but no guard stands before it");
            Problem::internal()
        })
    }
}
