//! What Eureka clients tell each other beyond what a lease says.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_registry::{Lease, Scheme, metadata};

use super::DETAILS;
use super::lenient::{as_text, number, truth, truth_as_text};

/// Seconds between two renewals where nobody says it: Eureka's default.
const RENEWAL_SECS: i64 = 30;
/// Seconds that a lease lasts where nobody says it: Eureka's default.
const DURATION_SECS: i64 = 90;

/// The members of an instance that a lease has no field for, as Eureka names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details {
    pub(crate) host_name: String,
    #[serde(default)]
    ip_addr: String,
    #[serde(default = "Port::none")]
    pub(crate) port: Port,
    #[serde(default = "Port::none")]
    pub(crate) secure_port: Port,
    #[serde(default = "one", deserialize_with = "number")]
    country_id: i64,
    #[serde(default = "own_data_center")]
    data_center_info: Value,
    #[serde(default)]
    pub(crate) lease_info: LeaseInfo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    home_page_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_page_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health_check_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secure_health_check_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vip_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secure_vip_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asg_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_group_name: Option<String>,
    /// When the client changed anything last, by its own clock: the larger one wins.
    #[serde(default, deserialize_with = "number", serialize_with = "as_text")]
    pub(crate) last_dirty_timestamp: i64,
}

/// A port, in the form that XML left behind: `{"$": 8080, "@enabled": "true"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Port {
    #[serde(rename = "$", deserialize_with = "number")]
    pub(crate) number: i64,
    #[serde(rename = "@enabled", deserialize_with = "truth", serialize_with = "truth_as_text")]
    pub(crate) enabled: bool,
}

/// How often a client renews, and how long it is believed without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseInfo {
    #[serde(default = "renewal", deserialize_with = "number")]
    pub(crate) renewal_interval_in_secs: i64,
    #[serde(default = "duration", deserialize_with = "number")]
    pub(crate) duration_in_secs: i64,
    #[serde(default, deserialize_with = "number")]
    pub(crate) registration_timestamp: i64,
    #[serde(default, deserialize_with = "number")]
    pub(crate) last_renewal_timestamp: i64,
    #[serde(default, deserialize_with = "number")]
    eviction_timestamp: i64,
    #[serde(default, deserialize_with = "number")]
    pub(crate) service_up_timestamp: i64,
}

impl Details {
    /// Those that came with the lease; of an instance that isn't a Eureka client, what can be said of it.
    pub(crate) fn of(lease: &Lease) -> Self {
        let kept = lease.metadata.get(DETAILS).and_then(|json| serde_json::from_str(json).ok());
        kept.unwrap_or_else(|| Self::of_ours(lease))
    }

    fn of_ours(lease: &Lease) -> Self {
        let (scheme, host, number) = (lease.scheme, lease.address.host(), i64::from(lease.address.port()));
        let secure = scheme == Scheme::Https;
        let port = |enabled: bool| if enabled { Port { number, enabled } } else { Port::none() };
        let base = format!("{}://{}", scheme.as_str(), lease.address);
        let ops = lease.metadata.get(metadata::OPS).map_or(base.clone(), |ops| format!("http://{ops}"));
        let vip = lease.service.as_str().to_ascii_lowercase();
        Self {
            host_name: host.to_owned(),
            ip_addr: host.to_owned(),
            port: port(!secure),
            secure_port: port(secure),
            country_id: one(),
            data_center_info: own_data_center(),
            lease_info: LeaseInfo {
                duration_in_secs: lease.ttl_ms.div_ceil(1_000) as i64,
                renewal_interval_in_secs: (lease.ttl_ms / 3_000).max(1) as i64,
                ..LeaseInfo::default()
            },
            home_page_url: Some(format!("{base}/")),
            status_page_url: Some(format!("{ops}/readyz")),
            health_check_url: Some(format!("{ops}/readyz")),
            secure_health_check_url: None,
            vip_address: Some(vip.clone()),
            secure_vip_address: Some(vip),
            asg_name: None,
            app_group_name: None,
            last_dirty_timestamp: lease.started_at,
        }
    }
}

impl Port {
    pub(super) fn none() -> Self {
        Self { number: 0, enabled: false }
    }
}

impl Default for LeaseInfo {
    fn default() -> Self {
        Self {
            renewal_interval_in_secs: RENEWAL_SECS,
            duration_in_secs: DURATION_SECS,
            registration_timestamp: 0,
            last_renewal_timestamp: 0,
            eviction_timestamp: 0,
            service_up_timestamp: 0,
        }
    }
}

fn renewal() -> i64 {
    RENEWAL_SECS
}

fn duration() -> i64 {
    DURATION_SECS
}

/// Eureka's default country.
fn one() -> i64 {
    1
}

fn own_data_center() -> Value {
    json!({"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"})
}
