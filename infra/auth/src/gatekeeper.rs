//! Who calls, by what they show.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::Utc;
use event_log::{Followed, Kafka, Topics};
use settings::Settings;
use telemetry::{Condition, Readiness};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::credentials::Credentials;
use crate::keys::{KeyBook, Presented};
use crate::standing::Known;
use crate::token::{Algorithm, Development, Expected, Issuer, Jws, Unverified, Verified};
use crate::{Call, Denied, Error, Principal, Standing, browser, metrics};

/// Tells who calls. Cheap to clone; clones share what they know.
#[derive(Clone, Debug)]
pub struct Gatekeeper(Option<Arc<Checks>>);

/// What is known of good credentials.
#[derive(Debug)]
pub(crate) struct Checks {
    keys: Followed<KeyBook>,
    issuer: Option<Arc<Issuer>>,
    development: Option<Development>,
    expected: Expected,
    verified: Verified,
}

/// Tells when what is known of good credentials has changed.
pub(crate) struct Changes {
    keys: Followed<KeyBook>,
    issuer: Option<watch::Receiver<u64>>,
}

impl Gatekeeper {
    /// Begins to follow API keys, until `stop`; `readiness` gets the condition `api_keys`, met once they were read. Tokens need the
    /// issuer, which may be away: that is no reason not to be ready. Must be called within a Tokio runtime.
    ///
    /// Where credentials are not asked for (`auth.required = false`) nothing is followed: see [`check_listen`](crate::check_listen).
    ///
    /// # Errors
    /// When a setting can't be used.
    pub fn start(
        settings: &Settings,
        client_id: &str,
        readiness: &Readiness,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        metrics::register();
        let auth = &settings.auth;
        if !auth.required {
            tracing::warn!("auth.required is false: whoever calls may do everything");
            return Ok(Self(None));
        }
        let kafka = Kafka::of_settings(&settings.kafka, client_id)?;
        let topic = Topics::of_settings(&settings.kafka).api_keys;
        let issuer = auth.issuer.as_ref();
        let issuer = issuer.map(|name| Issuer::start(name, auth.jwks_url.as_deref(), stop.clone()));
        let issuer = issuer.transpose()?;
        if auth.development_secret.is_some() {
            tracing::warn!("auth.development_secret is set: whoever has it can be anybody");
        }
        let keys = Followed::follow(kafka, topic, stop);
        tokio::spawn(tell(keys.clone(), readiness.condition("api_keys")));
        show_expiry(&keys);
        let expected = Expected {
            audience: auth.audience.clone(),
            skew: auth.clock_skew_s as f64,
            customers: auth.customers_claim.clone(),
        };
        let development = auth.development_secret.clone().map(Development::new);
        Ok(Self(Some(Arc::new(Checks { keys, issuer, development, expected, verified: Verified::new() }))))
    }

    /// Who calls. Without credentials it is [`Principal::public`]; bad ones are never taken for none.
    ///
    /// # Errors
    /// When the credentials are not good, or that can't be said now.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Principal, Denied> {
        Ok(self.identify(headers).await?.0)
    }

    /// Who calls, if they may make this call, and whether what they showed stays good; no call is one that nobody may make.
    ///
    /// # Errors
    /// When they may not, or are not known.
    pub async fn admit(
        &self,
        headers: &HeaderMap,
        call: Option<&Call>,
    ) -> Result<(Principal, Standing), Denied> {
        let shown = call.map_or(Cow::Borrowed(headers), |call| browser::shown(headers, call));
        let (principal, credentials) = self.identify(&shown).await?;
        let role = principal.role();
        let admitted = call.map_or_else(|| Err(Denied::of_role(role)), |call| call.admit(role));
        admitted.inspect_err(count)?;
        let standing = match &self.0 {
            Some(checks) => Standing::of(Arc::clone(checks), credentials),
            None => Standing::without_end(),
        };
        Ok((principal, standing))
    }

    /// Who calls, and what they showed. Where nobody is asked, nothing is looked at.
    async fn identify(&self, headers: &HeaderMap) -> Result<(Principal, Credentials), Denied> {
        let Some(checks) = &self.0 else { return Ok((Principal::unchecked(), Credentials::None)) };
        let identified = async {
            let credentials = Credentials::of(headers)?;
            let principal = checks.known(&credentials).await?.principal;
            Ok((principal, credentials))
        };
        identified.await.inspect_err(count)
    }
}

impl Checks {
    /// Who shows these credentials, if they are good.
    pub(crate) async fn known(&self, credentials: &Credentials) -> Result<Known, Denied> {
        match credentials {
            Credentials::None => Ok(Known { principal: Principal::public(), until: None }),
            Credentials::Key(key) => self.of_key(key),
            Credentials::Token(token) => self.of_token(token.expose()).await,
        }
    }

    /// From now on.
    pub(crate) fn changes(&self) -> Changes {
        Changes { keys: self.keys.clone(), issuer: self.issuer.as_ref().map(|issuer| issuer.generations()) }
    }

    fn of_key(&self, key: &Presented) -> Result<Known, Denied> {
        let book = self.keys.now().ok_or(Denied::Unknowable("the API keys could not be read yet"))?;
        book.find(key, Utc::now()).map_err(|why| {
            tracing::debug!(why, "an API key is refused");
            Denied::Invalid("the API key is not good: unknown, expired or revoked")
        })
    }

    async fn of_token(&self, token: &str) -> Result<Known, Denied> {
        let now = Utc::now();
        // Asked first: keys that come while the token is checked are others than those that it was checked against.
        let keys = self.issuer.as_ref().map_or(0, |issuer| issuer.generation());
        let name = self.verified.name(token);
        if let Some(known) = self.verified.find(name, keys, now) {
            return Ok(known);
        }
        let jws = Jws::parse(token).map_err(Unverified::Bad)?;
        let now = now.timestamp_millis() as f64 / 1000.0;
        let claims = match (jws.algorithm, &self.development, &self.issuer) {
            (Algorithm::Hs256, Some(development), _) => {
                development.verify(&jws, &self.expected, now).map_err(Unverified::Bad)?
            }
            (Algorithm::Hs256, None, _) => Err(Unverified::Bad("an algorithm that is not taken"))?,
            (_, _, Some(issuer)) => issuer.verify(&jws, &self.expected, now).await?,
            (_, _, None) => Err(Unverified::Bad("no issuer is set"))?,
        };
        let principal = claims.principal(&self.expected)?;
        let known = Known { principal, until: claims.until(&self.expected) };
        self.verified.remember(name, keys, known.clone());
        Ok(known)
    }
}

impl Changes {
    /// The next change. Where nothing is followed any more, there is none.
    pub(crate) async fn next(&mut self) {
        let keys = async {
            if self.keys.changed().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        let issuer = async {
            let changed = match &mut self.issuer {
                Some(generation) => generation.changed().await.is_ok(),
                None => false,
            };
            if !changed {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = keys => {}
            () = issuer => {}
        }
    }
}

fn count(denied: &Denied) {
    metrics::DENIED.with_label_values(&[denied.reason()]).inc();
}

/// Shows when the next key expires: one that has is followed by another, though nothing is written.
fn show_expiry(keys: &Followed<KeyBook>) {
    let keys = keys.clone();
    telemetry::metrics::before_each_scrape(move || {
        let expiry = keys.now().and_then(|book| book.next_expiry(Utc::now()));
        metrics::KEY_EXPIRY.set(expiry.map(|at| at.timestamp_millis() as f64 / 1_000.0));
        keys.goes_on()
    });
}

/// Meets the condition once the keys were read, and counts them.
async fn tell(mut keys: Followed<KeyBook>, condition: Condition) {
    while let Some(book) = keys.changed().await {
        metrics::KEYS.set(book.unrevoked() as i64);
        condition.met();
    }
}
