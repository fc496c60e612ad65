//! An instance as Eureka clients read it.

use std::collections::BTreeMap;

use serde::Serialize;
use service_registry::{Instance, Status};

use super::{Details, PREFIX};

/// What happened to an instance, for those who ask for the latest changes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Action {
    /// It is there.
    Added,
    /// It says something else.
    Modified,
    /// It has gone.
    Deleted,
}

/// An instance. The status by override is written under both names that clients look for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    instance_id: String,
    app: String,
    pub(super) status: Status,
    overridden_status: &'static str,
    #[serde(rename = "overriddenstatus")]
    overridden_status_of_old: &'static str,
    metadata: BTreeMap<String, String>,
    is_coordinating_discovery_server: &'static str,
    last_updated_timestamp: String,
    action_type: Action,
    #[serde(flatten)]
    details: Details,
}

impl Shown {
    pub(crate) fn of(instance: &Instance, action: Action) -> Self {
        let lease = &instance.lease;
        let mut details = Details::of(lease);
        details.lease_info.registration_timestamp = lease.started_at;
        details.lease_info.service_up_timestamp = lease.started_at;
        details.lease_info.last_renewal_timestamp = instance.renewed_at;
        let overridden = instance.taken_out.as_ref().map_or("UNKNOWN", |taken_out| taken_out.status.as_str());
        Self {
            instance_id: lease.instance.to_string(),
            app: name_of(instance),
            status: instance.status(),
            overridden_status: overridden,
            overridden_status_of_old: overridden,
            metadata: metadata_of(instance),
            is_coordinating_discovery_server: "false",
            last_updated_timestamp: instance.renewed_at.to_string(),
            action_type: action,
            details,
        }
    }

    /// Whether it is found under a virtual address, plain or secure.
    pub(crate) fn is_at(&self, vip: &str, secure: bool) -> bool {
        let own = if secure { &self.details.secure_vip_address } else { &self.details.vip_address };
        own.as_deref().unwrap_or_default().split(',').any(|own| own.trim().eq_ignore_ascii_case(vip))
    }
}

/// The name of its application: the service's, in capitals.
pub(super) fn name_of(instance: &Instance) -> String {
    instance.lease.service.as_str().to_ascii_uppercase()
}

/// What clients told each other, and not what we keep beside it. Java's codecs mark an empty map.
fn metadata_of(instance: &Instance) -> BTreeMap<String, String> {
    let told = instance.lease.metadata.iter().filter(|(name, _)| !name.starts_with(PREFIX));
    let told: BTreeMap<_, _> = told.map(|(name, value)| (name.clone(), value.clone())).collect();
    if told.is_empty() {
        return [("@class".to_owned(), "java.util.Collections$EmptyMap".to_owned())].into();
    }
    told
}
