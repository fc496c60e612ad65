//! One instance, and the two things that can be done with it.

use std::time::Duration;

use maud::{Markup, html};
use service_registry::{Instance, Status, metadata};

use super::list::{lease_age, ranges};
use crate::parts;
use crate::roles::{Roles, mood_of};

/// Characters of a reason at most, as the discovery service has it.
const LONGEST_REASON: u32 = 500;

/// `reason` is what somebody typed who was refused.
pub(super) fn content(roles: &Roles, instance: &Instance, reason: &str) -> Markup {
    html! {
        (parts::live("instance", &facts(roles, instance)))
        (actions(roles, instance, reason))
    }
}

/// It isn't there; its override may wait for it.
pub(super) fn away(is_taken_out: bool) -> Markup {
    parts::live(
        "instance",
        &html! {
            (parts::empty("It is not there", html! {
                p { "No instance of this name holds a lease: it was stopped, or it died and its lease ended." }
                p { a href="/console/services" { "All services" } }
            }))
            @if is_taken_out {
                section.card {
                    p { "It is taken out all the same: when it comes back, it gets no requests." }
                    (put_back())
                }
            }
        },
    )
}

fn facts(roles: &Roles, instance: &Instance) -> Markup {
    let lease = &instance.lease;
    let known =
        [metadata::VERSION, metadata::CONFIG_OFFSET, metadata::PARTITIONS, metadata::LAG, metadata::ZONE];
    let fact = |name: &str| instance.metadata(name).filter(|fact| !fact.is_empty()).unwrap_or("–").to_owned();
    let age = lease_age(roles, instance);
    html! {
        dl.facts.card {
            dt { "Status" }
            dd {
                (parts::badge(mood_of(instance.status()), instance.status().as_str()))
                @if instance.status() != lease.status { " " span.soft { "It says of itself: " (lease.status.as_str()) "." } }
            }
            @if let Some(taken_out) = &instance.taken_out {
                dt { "Taken out" }
                dd.wrap {
                    (parts::time_of_millis(taken_out.set_at)) ": "
                    @if taken_out.reason.is_empty() { span.soft { "no reason was given" } } @else { (taken_out.reason) }
                }
            }
            dt { "Address" } dd.wrap { code { (lease.scheme.as_str()) "://" (lease.address) } }
            dt { "Version" } dd { (fact(metadata::VERSION)) }
            dt title="The version of the configuration that it runs on." { "Configuration" } dd { a href="/console/config" { (fact(metadata::CONFIG_OFFSET)) } }
            dt title="The partitions that it deals with." { "Partitions" } dd.wrap { @let owned = ranges(&fact(metadata::PARTITIONS)); @if owned.is_empty() { "–" } @else { (owned) } }
            dt title="Records that it is behind." { "Lag" } dd { (fact(metadata::LAG)) }
            dt { "Zone" } dd { (fact(metadata::ZONE)) }
            dt { "Started" } dd { (parts::time_of_millis(lease.started_at)) }
            dt title="When it said last that it is there; the lease ends that much later." { "Lease" }
            dd { "renewed " (parts::span(age)) " ago, lasts " (parts::span(Duration::from_millis(lease.ttl_ms))) }
            @for (name, value) in lease.metadata.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
                dt.wrap { (name) } dd.wrap { (value) }
            }
        }
    }
}

fn actions(roles: &Roles, instance: &Instance, reason: &str) -> Markup {
    if instance.taken_out.is_some() {
        return html! { section.card { h2 { "Put back" } p { "It gets requests again as soon as it is ready." } (put_back()) } };
    }
    let service = instance.lease.service.as_str();
    let is_last = instance.is_up() && roles.of_service(service).filter(|other| other.is_up()).count() == 1;
    html! {
        details.act.card open[!reason.is_empty()] {
            summary { "Take it out of rotation…" }
            p {
                "It stays as it is and gets no new requests, also after it was restarted, until somebody puts it back. "
                "Those under way go on to their end."
            }
            @if instance.status() == Status::Up && is_last {
                p.caution { strong { "It is the only " (service) " that is up: nobody will do its work." } }
            }
            form.stack method="post" {
                input type="hidden" name="action" value="take-out";
                label for="reason" { "Why" }
                input id="reason" name="reason" required maxlength=(LONGEST_REASON) value=(reason) aria-describedby="reason-hint";
                p.hint id="reason-hint" { "It is shown beside the instance, and stands in the audit record with your name." }
                button.danger type="submit" { "Take " (service) " " (instance.lease.instance.as_str()) " out" }
            }
        }
    }
}

fn put_back() -> Markup {
    html! {
        form.stack method="post" {
            input type="hidden" name="action" value="put-back";
            button.primary type="submit" { "Put it back" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::tests::{instance, roles, taken_out};

    #[test]
    fn who_is_up_can_be_taken_out_and_the_last_one_only_with_a_warning() {
        let (a, b) = (instance("query-api/a:1", Status::Up, &[]), instance("query-api/b:1", Status::Up, &[]));
        let two = content(&roles(vec![a.clone(), b]), &a, "").into_string();
        assert!(two.contains("Take query-api a:1 out") && !two.contains("the only"), "{two}");
        let last = content(&roles(vec![a.clone()]), &a, "typed \"before\"").into_string();
        assert!(last.contains("It is the only query-api that is up"), "{last}");
        assert!(
            last.contains("<details class=\"act card\" open>")
                && last.contains("value=\"typed &quot;before&quot;\""),
            "{last}"
        );
    }

    #[test]
    fn who_is_out_can_be_put_back() {
        let out = taken_out(instance("query-api/a:1", Status::Up, &[("rack", "7")]), "a new disk");
        let text = content(&roles(vec![out.clone()]), &out, "").into_string();
        assert!(
            text.contains("Put it back")
                && text.contains("a new disk")
                && text.contains("It says of itself: UP"),
            "{text}"
        );
        assert!(text.contains("<dt class=\"wrap\">rack</dt><dd class=\"wrap\">7</dd>"), "{text}");
        assert!(!text.contains("Take it out"), "{text}");
    }

    #[test]
    fn who_is_away_may_wait_out_of_rotation() {
        assert!(away(true).into_string().contains("Put it back"));
        assert!(!away(false).into_string().contains("Put it back"));
    }
}
