//! What comes in from outside, by route.

use crate::{Dashboard, Panel, Unit, or_zero, quantile, rate};

pub(crate) fn dashboard() -> Dashboard {
    Dashboard::new(
        "gateway",
        "ParcelTrack: gateway",
        "One address for all services: routes, limits, retries, breakers.",
    )
    .row("Requests", requests())
    .row("Turned away", refused())
    .row("Services behind it", behind())
}

fn requests() -> [Panel; 5] {
    const SECONDS: &str = "parceltrack_gateway_request_seconds";
    [
        Panel::graph("Requests, by route", Unit::PerSecond, "By the template of the route, whatever the answer.")
            .query(rate("method, route", "parceltrack_gateway_requests_total"), "{{method}} {{route}}")
            .stacked(),
        Panel::graph("Answers, by class of status", Unit::PerSecond, "5xx are ours or of a service behind it; 4xx are refusals.")
            .query(rate("status_class", "parceltrack_gateway_requests_total"), "{{status_class}}")
            .stacked(),
        Panel::graph("Share of answers that are 5xx", Unit::Share, "Of all answers. Right is 0.")
            .query(
                "(sum(rate(parceltrack_gateway_requests_total{status_class=\"5xx\"}[$__rate_interval])) or vector(0)) \
                 / sum(rate(parceltrack_gateway_requests_total[$__rate_interval]))",
                "5xx",
            )
            .amber(0.001)
            .red(0.01)
            .runbook("BreakerOpen"),
        Panel::graph("Until an answer begins, all routes", Unit::Seconds, "Half of the requests, 95 % and 99 %. Dots are single requests with a trace.")
            .query(quantile("0.5", "", SECONDS, ""), "half within")
            .query(quantile("0.95", "", SECONDS, ""), "95 % within")
            .query(quantile("0.99", "", SECONDS, ""), "99 % within")
            .exemplars(),
        Panel::graph("Until an answer begins, by route", Unit::Seconds, "99 % of each route's requests. A read with min_version waits on purpose.")
            .query(quantile("0.99", "method, route", SECONDS, ""), "{{method}} {{route}}")
            .exemplars(),
    ]
}

fn refused() -> [Panel; 4] {
    [
        Panel::graph("Over their quota", Unit::PerSecond, "Requests answered with 429, by kind of call.")
            .query(or_zero(&rate("class", "parceltrack_gateway_limited_total")), "{{class}}"),
        Panel::graph("Without the right credentials", Unit::PerSecond, "Callers turned away by the gateway or by a service, by why. A jump is a key that ended, or somebody who tries.")
            .query(or_zero(&rate("reason", "parceltrack_auth_denied_total")), "{{reason}}")
            .runbook("KeyExpires"),
        Panel::graph("Heads refused", Unit::PerSecond, "Requests whose head was malformed, too large or too slow, by reason.")
            .query(or_zero(&rate("reason", "parceltrack_gateway_heads_refused_total")), "{{reason}}"),
        Panel::graph("Connections open", Unit::Count, "From clients, by instance of the gateway.")
            .query("sum by (instance) (parceltrack_gateway_connections_open)", "{{instance}}"),
    ]
}

fn behind() -> [Panel; 4] {
    [
        Panel::graph("Breakers that aren't closed", Unit::Count, "Instances that the gateway passes over (open) or tries (half open) because they did not answer. Right is 0.")
            .query("sum by (service, state) (parceltrack_gateway_breakers{state!=\"closed\"})", "{{service}} {{state}}")
            .red(1.0)
            .runbook("BreakerOpen"),
        Panel::graph("Instances in use", Unit::Count, "Whose breakers are closed, by service. 0 where nobody has asked for that service yet.")
            .query("sum by (service) (parceltrack_gateway_breakers{state=\"closed\"})", "{{service}}"),
        Panel::graph("Instances that did not answer", Unit::PerSecond, "Requests that an instance did not answer, by service and reason.")
            .query(or_zero(&rate("service, reason", "parceltrack_gateway_upstream_failures_total")), "{{service}} {{reason}}")
            .runbook("BreakerOpen"),
        Panel::graph("Sent again", Unit::PerSecond, "Requests that were tried once more at another instance, by service and reason.")
            .query(or_zero(&rate("service, reason", "parceltrack_gateway_retries_total")), "{{service}} {{reason}}"),
    ]
}
