//! Instances as our own REST shows them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use service_registry::{Address, Instance, InstanceName, Override, Scheme, ServiceName, Status};

/// An instance. Times are RFC 3339, in UTC.
#[derive(Debug, Serialize)]
pub(crate) struct InstanceView<'a> {
    service: &'a ServiceName,
    instance: &'a InstanceName,
    address: &'a Address,
    scheme: Scheme,
    /// With the override.
    status: Status,
    /// By its own word.
    reported_status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_out: Option<OverrideView<'a>>,
    ttl_ms: u64,
    started_at: DateTime<Utc>,
    renewed_at: DateTime<Utc>,
    metadata: &'a BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct OverrideView<'a> {
    status: Status,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    set_at: DateTime<Utc>,
}

impl<'a> InstanceView<'a> {
    pub(crate) fn of(instance: &'a Instance) -> Self {
        let lease = &*instance.lease;
        let of = |taken_out: &'a Override| OverrideView {
            status: taken_out.status,
            reason: &taken_out.reason,
            set_at: time(taken_out.set_at),
        };
        Self {
            service: &lease.service,
            instance: &lease.instance,
            address: &lease.address,
            scheme: lease.scheme,
            status: instance.status(),
            reported_status: lease.status,
            taken_out: instance.taken_out.as_deref().map(of),
            ttl_ms: lease.ttl_ms,
            started_at: time(lease.started_at),
            renewed_at: time(instance.renewed_at),
            metadata: &lease.metadata,
        }
    }
}

/// A time that no calendar has is shown as 1970: it came from somebody else's clock.
fn time(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
