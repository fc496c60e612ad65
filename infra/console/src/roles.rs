//! What runs, as the overview sees it.

use chrono::{DateTime, Utc};
use live_config::{OURS, SHARED};
use service_registry::{Directory, Instance, Outlook, Status};

use crate::parts::Mood;

/// The registry at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    /// By service and name.
    pub(crate) instances: Vec<Instance>,
    /// How much it can be relied on.
    pub(crate) outlook: Outlook,
    /// Whether it was read to its end once.
    pub(crate) is_read: bool,
    /// When that was.
    pub(crate) now: DateTime<Utc>,
}

impl Roles {
    /// As the local copy has it.
    pub(crate) fn of(directory: &Directory) -> Self {
        let (instances, outlook, is_read) = (directory.all(), directory.outlook(), directory.is_read());
        Self { instances, outlook, is_read, now: Utc::now() }
    }

    /// Those of a service.
    pub(crate) fn of_service<'r>(&'r self, service: &'r str) -> impl Iterator<Item = &'r Instance> {
        self.instances.iter().filter(move |instance| instance.lease.service.as_str() == service)
    }

    /// How a service stands: badly if nobody serves, not well if somebody doesn't.
    pub(crate) fn mood(&self, service: &str) -> Mood {
        let (mut up, mut all) = (0, 0);
        for instance in self.of_service(service) {
            all += 1;
            up += usize::from(instance.is_up());
        }
        match (up, all) {
            (0, _) => Mood::Bad,
            _ if up < all => Mood::Warn,
            _ => Mood::Good,
        }
    }
}

/// The services that a whole system has.
pub(crate) fn expected() -> impl Iterator<Item = &'static str> {
    OURS.into_iter().filter(|name| *name != SHARED)
}

/// How a status is felt.
pub(crate) fn mood_of(status: Status) -> Mood {
    match status {
        Status::Up => Mood::Good,
        Status::Starting | Status::OutOfService => Mood::Warn,
        Status::Down => Mood::Bad,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::Duration;

    use service_registry::{Lease, Override};

    use super::*;

    /// An instance that was renewed a second ago.
    pub(crate) fn instance(id: &str, status: Status, facts: &[(&str, &str)]) -> Instance {
        let (service, name) = id.split_once('/').unwrap();
        let metadata: BTreeMap<String, String> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let lease = Lease {
            service: service.parse().unwrap(),
            instance: name.parse().unwrap(),
            address: name.parse().unwrap(),
            scheme: service_registry::Scheme::Http,
            status,
            ttl_ms: 7_500,
            started_at: now().timestamp_millis() - 3_600_000,
            metadata,
        };
        Instance { lease: Arc::new(lease), taken_out: None, renewed_at: now().timestamp_millis() - 1_000 }
    }

    /// The same, taken out.
    pub(crate) fn taken_out(mut instance: Instance, reason: &str) -> Instance {
        let taken_out = Override {
            status: Status::OutOfService,
            reason: reason.to_owned(),
            set_at: now().timestamp_millis(),
        };
        instance.taken_out = Some(Arc::new(taken_out));
        instance
    }

    pub(crate) fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000).unwrap()
    }

    /// A registry that was read just now.
    pub(crate) fn roles(instances: Vec<Instance>) -> Roles {
        let outlook = Outlook { protecting: false, silent_for: Some(Duration::from_millis(20)) };
        Roles { instances, outlook, is_read: true, now: now() }
    }

    /// One of each service, and all of them well.
    pub(crate) fn whole() -> Roles {
        let of = |(at, name): (usize, &'static str)| {
            instance(
                &format!("{name}/10.0.0.{at}:8000"),
                Status::Up,
                &[("config_offset", "7"), ("version", "0.1.0")],
            )
        };
        roles(expected().enumerate().map(of).collect())
    }

    #[test]
    fn a_service_is_bad_without_anybody_up_and_so_so_with_somebody_out() {
        let up = instance("query-api/a:1", Status::Up, &[]);
        let out = taken_out(instance("query-api/b:1", Status::Up, &[]), "");
        for (instances, mood) in [
            (vec![], Mood::Bad),
            (vec![up.clone()], Mood::Good),
            (vec![up, out.clone()], Mood::Warn),
            (vec![out], Mood::Bad),
        ] {
            assert_eq!(roles(instances).mood("query-api"), mood);
        }
    }
}
