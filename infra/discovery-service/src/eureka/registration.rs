//! What a Eureka client registers with.

use std::collections::BTreeMap;

use http_api::Problem;
use serde::Deserialize;
use serde_json::Value;
use service_registry::{Address, InstanceName, Lease, Scheme, ServiceName, Status};

use super::{DETAILS, Details, PREFIX};

/// Seconds that a lease may be asked for: at least what a pause of a client's collector takes, at most a quarter of an hour,
/// after which self-preservation ends too.
const DURATION_SECS: std::ops::RangeInclusive<i64> = 5..=900;

/// The body of a registration.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    instance: Instance,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    #[serde(default, rename = "instanceId")]
    id: Option<String>,
    app: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    metadata: Option<BTreeMap<String, Value>>,
    #[serde(flatten)]
    details: Details,
}

impl Asked {
    /// The lease that is asked for, of a client that registers now (milliseconds since 1970). `app` is the name in the
    /// address, which must be that of the body.
    pub(crate) fn lease(self, app: &str, now: i64) -> Result<Lease, Problem> {
        let Instance { id, app: given, status, metadata, details } = self.instance;
        if !given.eq_ignore_ascii_case(app) {
            return Err(Problem::invalid_field("/instance/app", "it must be the name in the address"));
        }
        // As Eureka has it: who gives no id is known by the host.
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| details.host_name.clone());
        let invalid = |pointer: &'static str| {
            move |error: service_registry::Error| Problem::invalid_field(pointer, error.to_string())
        };
        let (scheme, port) = if details.secure_port.enabled && !details.port.enabled {
            (Scheme::Https, details.secure_port.number)
        } else {
            (Scheme::Http, details.port.number)
        };
        let port = u16::try_from(port).unwrap_or(0);
        let lease = Lease {
            service: given.to_ascii_lowercase().parse::<ServiceName>().map_err(invalid("/instance/app"))?,
            instance: id.parse::<InstanceName>().map_err(invalid("/instance/instanceId"))?,
            address: Address::of(&details.host_name, port).map_err(invalid("/instance/port"))?,
            scheme,
            // Whatever else there is (UNKNOWN) is no readiness to take requests.
            status: status.parse().unwrap_or(Status::Down),
            ttl_ms: seconds(details.lease_info.duration_in_secs) * 1_000,
            started_at: now,
            metadata: kept(metadata.unwrap_or_default(), &details),
        };
        lease.check().map_err(invalid("/instance/metadata"))?;
        Ok(lease)
    }
}

fn seconds(asked: i64) -> u64 {
    asked.clamp(*DURATION_SECS.start(), *DURATION_SECS.end()).unsigned_abs()
}

/// The client's own metadata, and the rest under a name of ours. Empty maps come with a mark of Java's.
fn kept(metadata: BTreeMap<String, Value>, details: &Details) -> BTreeMap<String, String> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let own = metadata.into_iter().filter(|(name, _)| !name.starts_with(PREFIX) && name != "@class");
    let mut kept: BTreeMap<String, String> = own.map(|(name, value)| (name, text(value))).collect();
    kept.insert(DETAILS.to_owned(), serde_json::to_string(details).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As spring-cloud-netflix sends it.
    fn body() -> Value {
        json!({"instance": {
            "instanceId": "host-1:orders:8080", "hostName": "host-1", "app": "ORDERS", "ipAddr": "10.0.0.7",
            "status": "UP", "overriddenStatus": "UNKNOWN",
            "port": {"$": 8080, "@enabled": "true"}, "securePort": {"$": 443, "@enabled": "false"},
            "countryId": 1,
            "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
            "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": 90, "registrationTimestamp": 0,
                "lastRenewalTimestamp": 0, "evictionTimestamp": 0, "serviceUpTimestamp": 0},
            "metadata": {"management.port": "8081", "zone": "a"},
            "homePageUrl": "http://host-1:8080/", "statusPageUrl": "http://host-1:8080/actuator/info",
            "healthCheckUrl": "http://host-1:8080/actuator/health",
            "vipAddress": "orders", "secureVipAddress": "orders", "isCoordinatingDiscoveryServer": "false",
            "lastUpdatedTimestamp": "1764187200000", "lastDirtyTimestamp": "1764187200123"
        }})
    }

    fn lease(body: &Value, app: &str) -> Result<Lease, Problem> {
        http_api::from_json::<Asked>(body.to_string().as_bytes())?.lease(app, 7)
    }

    #[test]
    fn what_spring_sends_becomes_a_lease() {
        let lease = lease(&body(), "ORDERS").unwrap();
        assert_eq!(lease.id().to_string(), "orders/host-1:orders:8080");
        assert_eq!(
            (lease.address.as_str(), lease.scheme, lease.status),
            ("host-1:8080", Scheme::Http, Status::Up)
        );
        assert_eq!((lease.ttl_ms, lease.started_at), (90_000, 7));
        assert_eq!(lease.metadata["management.port"], "8081");
        let details = Details::of(&lease);
        assert_eq!(
            (details.last_dirty_timestamp, details.vip_address.as_deref()),
            (1_764_187_200_123, Some("orders"))
        );
    }

    #[test]
    fn text_and_numbers_are_taken_alike_and_much_may_be_missing() {
        let sparse = json!({"instance": {"hostName": "h", "app": "a", "status": "UNKNOWN", "metadata": {"@class": "x"},
            "securePort": {"$": "8443", "@enabled": true}, "leaseInfo": {"durationInSecs": "1"}}});
        let lease = lease(&sparse, "A").unwrap();
        assert_eq!(
            (lease.address.as_str(), lease.scheme, lease.status),
            ("h:8443", Scheme::Https, Status::Down)
        );
        assert_eq!((lease.instance.as_str(), lease.ttl_ms, lease.metadata.len()), ("h", 5_000, 1));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let pointed = |change: fn(&mut Value), app: &str| {
            let mut body = body();
            change(&mut body["instance"]);
            let problem = lease(&body, app).unwrap_err().to_json();
            problem["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(pointed(|_| (), "OTHER"), "/instance/app");
        assert_eq!(
            pointed(|instance| instance["instanceId"] = json!("a b"), "ORDERS"),
            "/instance/instanceId"
        );
        assert_eq!(pointed(|instance| instance["port"]["$"] = json!(0), "ORDERS"), "/instance/port");
        let long = |instance: &mut Value| instance["metadata"]["x"] = json!("x".repeat(20_000));
        assert_eq!(pointed(long, "ORDERS"), "/instance/metadata");
    }
}
