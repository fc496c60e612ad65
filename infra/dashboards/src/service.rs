//! One role, one instance or all of them: the process and what it answers.

use crate::{Dashboard, Panel, Unit, or_zero};

/// What has been picked.
const PICKED: &str = "service=\"$service\",instance=~\"$instance\"";

pub(crate) fn dashboard() -> Dashboard {
    Dashboard::new("service", "ParcelTrack: one service", "Pick a role, and one or more of its instances.")
        .picker("service", "Role", "label_values(up{job=\"parceltrack\"}, service)", false)
        .picker(
            "instance",
            "Instance",
            "label_values(up{job=\"parceltrack\",service=\"$service\"}, instance)",
            true,
        )
        .row("Now", now())
        .row("Process", process())
        .row("HTTP", http())
        .row("State", state())
}

/// A metric of what has been picked.
fn of(metric: &str) -> String {
    format!("{metric}{{{PICKED}}}")
}

/// The same over the gateway's requests, which has names of its own for them, and those of every other role.
fn of_http(by: &str, query: impl Fn(&str) -> String) -> String {
    let [gateway, others] = [query("parceltrack_gateway_request"), query("parceltrack_http_api_request")];
    or_zero(&format!("sum by ({by}) ({others}) or sum by ({by}) ({gateway})"))
}

fn now() -> [Panel; 6] {
    [
        Panel::stat("Instances up", Unit::Count, "Of those picked, that show their metrics.")
            .query(format!("sum({})", of("up")), "up"),
        Panel::stat("Up for", Unit::Seconds, "Since the youngest of them was started.")
            .query(format!("min(time() - {})", of("process_start_time_seconds")), "up for"),
        Panel::stat("Memory", Unit::Bytes, "Resident, of all of them together.")
            .query(format!("sum({})", of("process_resident_memory_bytes")), "memory"),
        Panel::stat("Processor", Unit::Count, "Cores kept busy, of all of them together.")
            .query(format!("sum(rate({}[$__rate_interval]))", of("process_cpu_seconds_total")), "cores"),
        Panel::stat(
            "Requests",
            Unit::PerSecond,
            "HTTP requests answered each second; 0 for a role that serves no API.",
        )
        .query(
            of_http("job", |metric| format!("rate({}[$__rate_interval])", of(&format!("{metric}s_total")))),
            "requests",
        ),
        Panel::stat(
            "Conditions that don't hold",
            Unit::Count,
            "What keeps them from being ready. Right is 0.",
        )
        .query(format!("sum(1 - {})", of("parceltrack_telemetry_condition_ready")), "conditions")
        .red(1.0)
        .runbook("NotReady"),
    ]
}

fn process() -> [Panel; 5] {
    let each = |metric: &str| format!("sum by (instance) ({})", of(metric));
    [
        Panel::graph("Memory, by instance", Unit::Bytes, "Resident, by instance.")
            .query(each("process_resident_memory_bytes"), "{{instance}}"),
        Panel::graph("Processor, by instance", Unit::Count, "Cores kept busy, by instance.").query(
            format!("sum by (instance) (rate({}[$__rate_interval]))", of("process_cpu_seconds_total")),
            "{{instance}}",
        ),
        Panel::graph("Open files", Unit::Count, "Files and sockets open, and how many may be.")
            .query(each("process_open_fds"), "{{instance}}")
            .query(each("process_max_fds"), "{{instance}}, at most"),
        Panel::graph("Threads", Unit::Count, "By instance.").query(each("process_threads"), "{{instance}}"),
        Panel::graph(
            "Up for, by instance",
            Unit::Seconds,
            "Since each was started. A line that falls to 0 is a restart.",
        )
        .query(format!("time() - {}", of("process_start_time_seconds")), "{{instance}}")
        .runbook("TargetDown"),
    ]
}

fn http() -> [Panel; 5] {
    let requests = |metric: &str| format!("rate({}[$__rate_interval])", of(&format!("{metric}s_total")));
    let buckets =
        |metric: &str| format!("rate({}[$__rate_interval])", of(&format!("{metric}_seconds_bucket")));
    let within = |q: &str, by: &str| {
        let [gateway, others] =
            [buckets("parceltrack_gateway_request"), buckets("parceltrack_http_api_request")];
        or_zero(&format!("histogram_quantile({q}, sum by ({by}) ({others}) or sum by ({by}) ({gateway}))"))
    };
    [
        Panel::graph("Requests, by route", Unit::PerSecond, "0 for a role that serves no API.")
            .query(of_http("method, route", requests), "{{method}} {{route}}")
            .stacked(),
        Panel::graph("Answers, by status", Unit::PerSecond, "The gateway counts classes of statuses, the other roles statuses.")
            .query(of_http("status, status_class", requests), "{{status}}{{status_class}}")
            .stacked(),
        Panel::graph("Until an answer begins, by route", Unit::Seconds, "99 % of them. Dots are single requests with a trace.")
            .query(within("0.99", "le, method, route"), "{{method}} {{route}}")
            .exemplars(),
        Panel::graph("Until an answer begins", Unit::Seconds, "Half of all requests, and 99 %.")
            .query(within("0.5", "le"), "half within")
            .query(within("0.99", "le"), "99 % within")
            .exemplars(),
        Panel::graph("Under way", Unit::Count, "Requests being answered, connections open, and requests turned away each second because too many were under way.")
            .query(or_zero(&format!("sum({})", of("parceltrack_http_api_requests_in_flight"))), "requests")
            .query(
                or_zero(&format!("sum({}) or sum({})", of("parceltrack_http_api_connections_open"), of("parceltrack_gateway_connections_open"))),
                "connections",
            )
            .query(or_zero(&format!("sum(rate({}[$__rate_interval]))", of("parceltrack_http_api_shed_total"))), "turned away"),
    ]
}

fn state() -> [Panel; 3] {
    [
        Panel::graph(
            "Conditions of readiness",
            Unit::Count,
            "1 where the condition holds, 0 where it doesn't.",
        )
        .query(
            format!("min by (instance, condition) ({})", of("parceltrack_telemetry_condition_ready")),
            "{{instance}}: {{condition}}",
        )
        .runbook("NotReady"),
        Panel::graph("Version of the configuration", Unit::Plain, "That each instance runs on.")
            .query(of("parceltrack_live_config_version"), "{{instance}}"),
        Panel::graph("Build", Unit::Count, "Instances by version of the program.")
            .query(format!("count by (version) ({})", of("parceltrack_build_info")), "{{version}}"),
    ]
}
