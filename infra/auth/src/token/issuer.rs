//! The OIDC issuer: its keys as they are, and as they change.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::fetch::{Place, client};
use super::jwk::{Found, KeySet};
use super::{Algorithm, Claims, Expected, Jws};
use crate::{Denied, Error, metrics};

/// Between two looks at keys that were had.
const REFRESH: Duration = Duration::from_secs(600);
/// The first pause after a look that failed; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST: Duration = Duration::from_secs(60);
/// Between two looks that tokens with unknown keys cause: anybody can make such a token.
const ASKED: Duration = Duration::from_secs(30);

/// The issuer, whose keys are fetched in the background. While it is away, the last ones count.
#[derive(Debug)]
pub(crate) struct Issuer {
    name: String,
    place: Place,
    http: Client,
    keys: RwLock<Option<Arc<KeySet>>>,
    /// How often they were had.
    generation: watch::Sender<u64>,
    /// When they were asked for, in seconds since 1970.
    as_of: AtomicI64,
    /// Held while keys are fetched, so that they are fetched once; with when a token caused that last.
    turn: Arc<Mutex<Option<Instant>>>,
}

impl Issuer {
    /// Begins to fetch its keys. Must be called within a Tokio runtime.
    pub(crate) fn start(
        name: &str,
        jwks_url: Option<&str>,
        stop: CancellationToken,
    ) -> Result<Arc<Self>, Error> {
        let this = Arc::new(Self {
            name: name.to_owned(),
            place: Place::new(name, jwks_url)?,
            http: client()?,
            keys: RwLock::default(),
            generation: watch::Sender::new(0),
            as_of: AtomicI64::default(),
            turn: Arc::default(),
        });
        let issuer = Arc::clone(&this);
        // Before anybody asks for a key: the first who do wait for the first fetch, which no token causes.
        let first = Arc::clone(&this.turn).try_lock_owned().ok();
        tokio::spawn(async move {
            tokio::select! {
                () = issuer.keep(first) => {}
                () = stop.cancelled() => {}
            }
        });
        Ok(this)
    }

    /// Which keys count now: another number for others.
    pub(crate) fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// Tells of others.
    pub(crate) fn generations(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// The token's claims, if it is good.
    pub(crate) async fn verify(
        &self,
        token: &Jws<'_>,
        expected: &Expected,
        now: f64,
    ) -> Result<Claims, Unverified> {
        let claims = Claims::parse(&token.payload).map_err(Unverified::Bad)?;
        // Looked at first: another issuer's token must not have keys fetched here.
        claims.check(&self.name, expected, now).map_err(Unverified::Bad)?;
        // One that was made after we looked may be signed by a key that the issuer has had since.
        let as_of = self.as_of.load(Ordering::Relaxed) as f64;
        let is_newer = claims.iat.is_some_and(|iat| iat + expected.skew >= as_of);
        let keys = self.keys_for(token.kid.as_deref(), token.algorithm, is_newer).await?;
        let Found::Key(key) = keys.find(token.kid.as_deref(), token.algorithm) else {
            return Err(Unverified::Bad("no key for it"));
        };
        match token.algorithm.verify(key, token.signed, &token.signature) {
            Ok(true) => Ok(claims),
            Ok(false) | Err(_) => Err(Unverified::Bad("another signature")),
        }
    }

    /// The keys, fetched anew if there is none of this id, unless that was done just now.
    async fn keys_for(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        is_newer: bool,
    ) -> Result<Arc<KeySet>, Unverified> {
        let known = || {
            let keys = self.keys();
            keys.filter(|keys| !matches!(keys.find(kid, algorithm), Found::Unknown))
        };
        if let Some(keys) = known() {
            return Ok(keys);
        }
        let mut asked = self.turn.lock().await;
        // Another may have fetched it meanwhile.
        if let Some(keys) = known() {
            return Ok(keys);
        }
        let due = asked.is_none_or(|at| at.elapsed() >= ASKED);
        if due {
            *asked = Some(Instant::now());
        }
        let fetched = due && self.refresh().await;
        drop(asked);
        match self.keys() {
            Some(keys) if fetched || !is_newer || known().is_some() => Ok(keys),
            Some(_) => Err(Unverified::KeysMayBeOld),
            None => Err(Unverified::NoKeysYet),
        }
    }

    async fn keep(&self, mut first: Option<OwnedMutexGuard<Option<Instant>>>) {
        let mut pause = FIRST;
        loop {
            let turn = match first.take() {
                Some(turn) => turn,
                None => Arc::clone(&self.turn).lock_owned().await,
            };
            let refreshed = self.refresh().await;
            drop(turn);
            if refreshed {
                pause = FIRST;
                sleep(REFRESH).await;
            } else {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
            }
        }
    }

    /// Whether the keys could be fetched.
    async fn refresh(&self) -> bool {
        let asked = chrono::Utc::now().timestamp();
        match self.place.fetch(&self.http).await {
            Ok(keys) => {
                self.as_of.store(asked, Ordering::Relaxed);
                tracing::debug!(keys = keys.len(), "the issuer's keys were fetched");
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
                self.generation.send_modify(|generation| *generation += 1);
                true
            }
            Err(error) => {
                metrics::JWKS_FAILED.inc();
                let error = telemetry::chain(&error);
                tracing::warn!(error, "the issuer's keys can't be fetched; the last ones count");
                false
            }
        }
    }

    fn keys(&self) -> Option<Arc<KeySet>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why a token is not known to be good.
#[derive(Debug)]
pub(crate) enum Unverified {
    /// It isn't; why, for the log.
    Bad(&'static str),
    /// The issuer's keys were never had.
    NoKeysYet,
    /// The key that it names isn't among those we have, and newer ones weren't to be had just now.
    KeysMayBeOld,
}

impl From<Unverified> for Denied {
    fn from(why: Unverified) -> Self {
        match why {
            Unverified::Bad(why) => {
                tracing::debug!(why, "a token is refused");
                Self::Invalid("the token is not good: malformed, expired, or meant for somebody else")
            }
            Unverified::KeysMayBeOld => Self::Unknowable("the issuer's keys could not be fetched anew yet"),
            Unverified::NoKeysYet => Self::Unknowable("the issuer's keys could not be fetched yet"),
        }
    }
}
