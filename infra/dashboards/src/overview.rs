//! Everything at a glance: is somebody hurt, and where to look on.

use crate::{Dashboard, Panel, Unit, or_zero, quantile, rate};

pub(crate) fn dashboard() -> Dashboard {
    Dashboard::new("overview", "ParcelTrack: overview", "Is somebody hurt, what flows, and where to look on.")
        .row("Now", now())
        .row("What we promise", promised())
        .row("What flows", flow())
        .row("What waits", waiting())
}

fn now() -> [Panel; 6] {
    [
        Panel::stat(
            "Alerts firing",
            Unit::Count,
            "Alerts that are firing now. Right is 0; Prometheus's page of alerts says which they are.",
        )
        .query(or_zero("sum(ALERTS{alertstate=\"firing\"})"), "alerts")
        .red(1.0),
        Panel::stat(
            "Instances",
            Unit::Count,
            "Instances of all roles that are registered and show their metrics.",
        )
        .query("count(up{job=\"parceltrack\"} == 1)", "instances")
        .runbook("TargetDown")
        .runbook("ServiceMissing"),
        Panel::stat(
            "Commands",
            Unit::PerSecond,
            "Commands decided each second, whoever sent them: HTTP, files, other programs.",
        )
        .query("sum(rate(parceltrack_command_handler_commands_total[$__rate_interval]))", "commands"),
        Panel::stat("Events", Unit::PerSecond, "Events written to the views each second.")
            .query("sum(rate(parceltrack_projector_events_total[$__rate_interval]))", "events"),
        Panel::stat("Requests", Unit::PerSecond, "Requests that the gateway answers each second.")
            .query("sum(rate(parceltrack_gateway_requests_total[$__rate_interval]))", "requests"),
        Panel::stat("Live streams", Unit::Count, "Clients that watch a parcel live, by server-sent events.")
            .query("sum(parceltrack_query_api_sse_clients)", "streams"),
    ]
}

fn promised() -> [Panel; 3] {
    const COMMAND: &str = "parceltrack_command_api_outcome_seconds";
    const VISIBLE: &str = "parceltrack_projector_visible_seconds";
    const SCAN: &str = "{type=\"scan\"}";
    [
        Panel::graph(
            "Pace at which the error budgets go",
            Unit::Times,
            "Of the last hour. At 1 the half percent that may be late is used up in just 30 days; from 6 on somebody is woken if it lasts, from 14.4 on at once.",
        )
        .query("parceltrack:slo_errors:ratio_rate1h / on (slo) (1 - parceltrack:slo_objective:ratio)", "{{slo}}")
        .amber(1.0)
        .red(14.4)
        .runbook("CommandLatencyBudgetBurn")
        .runbook("ScanToVisibleBudgetBurn"),
        Panel::graph(
            "From a posted command to its outcome",
            Unit::Seconds,
            "As the command API measures it. 99.5 % must be below the line at 500 ms. Dots are single requests with a trace.",
        )
        .query(quantile("0.5", "", COMMAND, ""), "half within")
        .query(quantile("0.95", "", COMMAND, ""), "95 % within")
        .query(quantile("0.99", "", COMMAND, ""), "99 % within")
        .exemplars()
        .red(0.5)
        .runbook("CommandLatencyBudgetBurn"),
        Panel::graph(
            "From a scan to the views",
            Unit::Seconds,
            "From when Kafka had the scan's command until its rows were durable. 99.5 % must be below the line at 1 s. Dots are single scans with a trace.",
        )
        .query(quantile("0.5", "", VISIBLE, SCAN), "half within")
        .query(quantile("0.95", "", VISIBLE, SCAN), "95 % within")
        .query(quantile("0.99", "", VISIBLE, SCAN), "99 % within")
        .exemplars()
        .red(1.0)
        .runbook("ScanToVisibleBudgetBurn"),
    ]
}

fn flow() -> [Panel; 3] {
    [
        Panel::graph("Commands by outcome", Unit::PerSecond, "accepted: made an event. repeated: known already. rejected: a rule refused it, and the sender is told.")
            .query(rate("outcome", "parceltrack_command_handler_commands_total"), "{{outcome}}")
            .stacked(),
        Panel::graph("Events by type", Unit::PerSecond, "Written to the views.")
            .query(rate("type", "parceltrack_projector_events_total"), "{{type}}")
            .stacked(),
        Panel::graph("Answers of the gateway", Unit::PerSecond, "By class of status. 5xx are ours; 4xx are refusals, a wrong key or number among them.")
            .query(rate("status_class", "parceltrack_gateway_requests_total"), "{{status_class}}")
            .stacked(),
    ]
}

fn waiting() -> [Panel; 3] {
    [
        Panel::graph("Oldest record not dealt with", Unit::Seconds, "The greatest lag of any partition. After any fault it must be below 30 s again.")
            .query("max by (service) (parceltrack_command_handler_lag_seconds)", "{{service}}")
            .query("max by (service) (parceltrack_projector_lag_seconds)", "{{service}}")
            .red(30.0)
            .runbook("LagBeyondObjective")
            .runbook("StuckPartition"),
        Panel::graph("Dead letters", Unit::Count, "Records that could not be read or decided, and that nobody has retried or discarded. Right is 0.")
            .query("max(parceltrack_projector_dead_letters)", "waiting")
            .amber(1.0)
            .runbook("DeadLettersGrowing")
            .runbook("DeadLettersWaiting"),
        Panel::graph("Conditions that don't hold", Unit::Count, "What keeps an instance from being ready, by role and condition. Right is 0 everywhere.")
            .query("sum by (service, condition) (1 - parceltrack_telemetry_condition_ready)", "{{service}}: {{condition}}")
            .amber(1.0)
            .runbook("NotReady"),
    ]
}
