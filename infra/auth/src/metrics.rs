//! The names of this crate's metrics.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounter, IntCounterVec, IntGauge, OptionalGauge};

const DENIED_NAME: &str = "parceltrack_auth_denied_total";
const JWKS_FAILED_NAME: &str = "parceltrack_auth_jwks_refresh_failures_total";
const KEYS_NAME: &str = "parceltrack_auth_api_keys";
const EXPIRY_NAME: &str = "parceltrack_auth_api_key_expiry_timestamp_seconds";
const UNREADABLE_NAME: &str = "parceltrack_auth_unreadable_keys_total";

/// Callers turned away.
pub(crate) static DENIED: LazyLock<IntCounterVec> =
    LazyLock::new(|| metrics::counter_vec(DENIED_NAME, "Calls turned away, by why.", &["reason"]));
/// Times that the issuer's keys could not be had.
pub(crate) static JWKS_FAILED: LazyLock<IntCounter> = LazyLock::new(|| {
    metrics::counter(JWKS_FAILED_NAME, "Times that the issuer's keys could not be fetched.")
});
/// API keys known.
pub(crate) static KEYS: LazyLock<IntGauge> = LazyLock::new(|| {
    metrics::gauge(KEYS_NAME, "API keys known that are not revoked, expired ones included.")
});
/// When the next one expires.
pub(crate) static KEY_EXPIRY: LazyLock<OptionalGauge> = LazyLock::new(|| {
    let help = "When the next of the API keys that are good now expires.";
    metrics::optional_gauge(EXPIRY_NAME, help)
});
/// Records of the keys topic that are none.
pub(crate) static UNREADABLE: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(UNREADABLE_NAME, "Records of the keys topic that could not be read."));

telemetry::catalogue!(DENIED, JWKS_FAILED, KEYS, KEY_EXPIRY, UNREADABLE);
