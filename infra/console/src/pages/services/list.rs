//! All instances, by service.

use std::time::Duration;

use maud::{Markup, html};
use service_registry::{Instance, metadata};

use super::address;
use crate::parts::{self, Mood};
use crate::roles::{Roles, expected, mood_of};

/// Without contact for longer, what is shown is old.
const SILENCE: Duration = Duration::from_secs(10);

pub(super) fn content(roles: &Roles) -> Markup {
    if !roles.is_read {
        return parts::notice(
            Mood::Bad,
            "The registry was not read yet",
            html! {
                p { "This console has not read the registry topic to its end, so it knows nobody." }
                p { "It reads on by itself once Kafka answers; its /readyz says how far it is." }
            },
        );
    }
    let mut services: Vec<&str> = expected().collect();
    services.extend(roles.instances.iter().map(|instance| instance.lease.service.as_str()));
    services.sort_unstable();
    services.dedup();
    html! {
        (warnings(roles))
        p.hint {
            (parts::count(roles.instances.len() as u64)) " instances of " (parts::count(services.len() as u64)) " services. "
            "An instance renews its lease every few seconds; one that doesn't is gone when it ends."
        }
        div.scroll {
            table.cards {
                thead {
                    tr {
                        th scope="col" { "Instance" }
                        th scope="col" title="UP gets requests. OUT_OF_SERVICE was taken out by somebody. DOWN says itself that it can't serve." { "Status" }
                        th scope="col" title="The version of the program." { "Version" }
                        th.n scope="col" title="The version of the configuration that it runs on." { "Config" }
                        th scope="col" title="The partitions that it deals with." { "Partitions" }
                        th.n scope="col" title="Records that it is behind." { "Lag" }
                        th.n scope="col" title="Since its lease was renewed; it ends when this exceeds its time to live." { "Lease" }
                        th scope="col" title="When the process was started." { "Started" }
                    }
                }
                @for service in services {
                    tbody {
                        tr.group { th colspan="8" scope="colgroup" { (service) } }
                        @let mut of_service = roles.of_service(service).peekable();
                        @if of_service.peek().is_none() {
                            tr { td colspan="8" { (parts::badge(Mood::Bad, "none runs")) " " span.soft { "Start one: " code { "parceltrack run " (service) } } } }
                        }
                        @for instance in of_service { (row(roles, instance)) }
                    }
                }
            }
        }
    }
}

fn warnings(roles: &Roles) -> Markup {
    html! {
        @if let Some(silent) = roles.outlook.silent_for.filter(|silent| *silent > SILENCE) {
            (parts::notice(Mood::Bad, &format!("No contact with Kafka for {}", parts::span(silent)), html! {
                p { "What is shown here is how things were then." }
            }))
        }
        @if roles.outlook.protecting {
            (parts::notice(Mood::Warn, "Half of all instances or more are silent", html! {
                p { "So many at once are not believed to be gone: none is given up until they are heard of again." }
            }))
        }
    }
}

fn row(roles: &Roles, instance: &Instance) -> Markup {
    let fact = |name: &str| instance.metadata(name).filter(|fact| !fact.is_empty());
    let (age, ttl) = (lease_age(roles, instance), Duration::from_millis(instance.lease.ttl_ms));
    html! {
        tr {
            th scope="row" data-label="Instance" { a href=(address(&instance.id())) { (instance.lease.instance.as_str()) } }
            td data-label="Status" {
                (parts::badge(mood_of(instance.status()), instance.status().as_str()))
                @if let Some(taken_out) = instance.taken_out.as_deref().filter(|taken_out| !taken_out.reason.is_empty()) {
                    " " span.soft.wrap { (taken_out.reason) }
                }
            }
            td data-label="Version" { (fact(metadata::VERSION).unwrap_or("–")) }
            td.n data-label="Config" { (fact(metadata::CONFIG_OFFSET).unwrap_or("–")) }
            td.wrap data-label="Partitions" { (fact(metadata::PARTITIONS).map_or_else(|| "–".to_owned(), ranges)) }
            td.n data-label="Lag" { (fact(metadata::LAG).and_then(|lag| lag.parse().ok()).map_or_else(|| "–".to_owned(), parts::count)) }
            td.n data-label="Lease" {
                span.(if age > ttl { "late" } else { "num" }) title={ "It lasts " (parts::span(ttl)) " without being renewed" } { (parts::span(age)) }
            }
            td data-label="Started" { (parts::time_of_millis(instance.lease.started_at)) }
        }
    }
}

/// In whole seconds: brokers' clocks and ours may differ by some milliseconds.
pub(super) fn lease_age(roles: &Roles, instance: &Instance) -> Duration {
    Duration::from_secs(((roles.now.timestamp_millis() - instance.renewed_at).max(0) / 1_000) as u64)
}

/// `0,1,2,5` as people write it: `0–2, 5`.
pub(super) fn ranges(partitions: &str) -> String {
    let mut numbers: Vec<i32> =
        partitions.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut spans: Vec<(i32, i32)> = Vec::new();
    for number in numbers {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => spans.push((number, number)),
        }
    }
    let texts: Vec<String> = spans
        .into_iter()
        .map(|(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}–{last}"),
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use service_registry::Status;

    use super::*;
    use crate::roles::tests::{instance, roles, taken_out, whole};

    #[test]
    fn each_instance_has_its_line_and_a_missing_service_says_so() {
        let mut roles = whole();
        roles.instances.retain(|instance| instance.lease.service.as_str() != "projector");
        let facts =
            [("version", "0.1.0"), ("config_offset", "7"), ("partitions", "0,1,2,5"), ("lag", "1234")];
        roles.instances.push(taken_out(instance("query-api/b:2", Status::Up, &facts), "<a new disk>"));
        let text = content(&roles).into_string();
        for said in [
            "/console/services/query-api/b%3A2",
            "OUT_OF_SERVICE",
            "&lt;a new disk&gt;",
            "0–2, 5",
            "1,234",
            "parceltrack run projector",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(text.contains("8 instances of 8 services"), "{text}");
    }

    #[test]
    fn a_registry_that_was_not_read_is_no_empty_one() {
        let unread = Roles { is_read: false, ..roles(vec![]) };
        assert!(content(&unread).into_string().contains("The registry was not read yet"));
    }

    #[test]
    fn partitions_are_written_short() {
        for (owned, text) in
            [("", ""), ("3", "3"), ("1,0", "0, 1"), ("0,1,2,3,4,5", "0–5"), ("7,1,2,3,9", "1–3, 7, 9")]
        {
            assert_eq!(ranges(owned), text);
        }
    }
}
