//! Kafka, the database and the platform's topics, as our own clients see them.

use crate::{Dashboard, Panel, Unit, mean, or_zero, quantile, rate};

pub(crate) fn dashboard() -> Dashboard {
    Dashboard::new(
        "kafka-and-database",
        "ParcelTrack: Kafka and database",
        "As our clients see them. What the brokers and nodes say of themselves is their own monitoring's.",
    )
    .row("Kafka", kafka())
    .row("Database", database())
    .row("The registry and the configuration in Kafka", platform())
}

fn kafka() -> [Panel; 6] {
    [
        Panel::graph(
            "Round trips to brokers",
            Unit::Seconds,
            "99 % within this time, by kind of client; a fetch that waits for records counts with its wait.",
        )
        .query(quantile("0.99", "client", "parceltrack_event_log_broker_rtt_seconds", ""), "{{client}}")
        .runbook("KafkaErrors"),
        Panel::graph(
            "Requests that failed",
            Unit::PerSecond,
            "By kind of client and of failure. Right is 0.",
        )
        .query(
            or_zero(&rate("client, kind", "parceltrack_event_log_request_errors_total")),
            "{{client}} {{kind}}",
        )
        .runbook("KafkaErrors"),
        Panel::graph("Requests sent again", Unit::PerSecond, "By kind of client.")
            .query(or_zero(&rate("client", "parceltrack_event_log_request_retries_total")), "{{client}}"),
        Panel::graph(
            "Connections lost",
            Unit::PerSecond,
            "By kind of client. A few while brokers restart are right.",
        )
        .query(or_zero(&rate("client", "parceltrack_event_log_disconnects_total")), "{{client}}")
        .runbook("KafkaErrors"),
        Panel::graph(
            "Records in producers' queues",
            Unit::Count,
            "Not acknowledged yet, by role. A line that climbs means that brokers don't keep up.",
        )
        .query("sum by (service) (parceltrack_event_log_queue_messages)", "{{service}}"),
        Panel::graph(
            "Commit of a transaction",
            Unit::Seconds,
            "The mean of the two phases that are Kafka's alone.",
        )
        .query(
            mean("phase", "parceltrack_command_handler_phase_seconds", "{phase=~\"offsets|commit\"}"),
            "{{phase}}",
        )
        .runbook("TransactionAborts"),
    ]
}

fn database() -> [Panel; 3] {
    [
        Panel::graph("Time of a request", Unit::Seconds, "Half and 99 % of them, by operation.")
            .query(quantile("0.5", "operation", "parceltrack_view_store_request_seconds", ""), "{{operation}}, half within")
            .query(quantile("0.99", "operation", "parceltrack_view_store_request_seconds", ""), "{{operation}}, 99 % within")
            .query(quantile("0.99", "", "parceltrack_query_api_read_seconds", ""), "read, 99 % within"),
        Panel::graph("Reads and writes that failed", Unit::PerSecond, "retry: may succeed if sent again. value: what is stored makes no sense. fatal: won't succeed. Right is 0.")
            .query(rate("service, operation, fault", "parceltrack_view_store_failures_total"), "{{service}} {{operation}} {{fault}}")
            .red(0.1)
            .runbook("DatabaseErrors"),
        Panel::graph("Requests", Unit::PerSecond, "Writes of the projector and reads of the query API.")
            .query("sum(rate(parceltrack_projector_requests_total[$__rate_interval]))", "write")
            .query("sum(rate(parceltrack_query_api_read_seconds_count[$__rate_interval]))", "read"),
    ]
}

fn platform() -> [Panel; 6] {
    [
        Panel::graph("Age of our own leases", Unit::Seconds, "Since Kafka last took a heartbeat, by role. A lease ends after 7.5 s.")
            .query("max by (service) (time() - parceltrack_service_registry_last_heartbeat_timestamp_seconds)", "{{service}}")
            .red(7.5)
            .runbook("ServiceMissing"),
        Panel::graph("Heartbeats that failed", Unit::PerSecond, "By role. Right is 0.")
            .query(rate("service", "parceltrack_service_registry_heartbeats_failed_total"), "{{service}}")
            .runbook("KafkaErrors"),
        Panel::graph("Silence of the registry's copies", Unit::Seconds, "Since the copy of a process was known to be whole. Above some seconds that process shows how things were then.")
            .query("max by (service) (parceltrack_service_registry_silent_seconds)", "{{service}}")
            .amber(5.0)
            .runbook("DiscoveryUnreachable"),
        Panel::graph("Self-preservation", Unit::Count, "1 while so many instances are silent that none is given up. Right is 0.")
            .query("max by (service) (parceltrack_service_registry_protecting)", "{{service}}")
            .amber(1.0)
            .runbook("TargetDown"),
        Panel::graph("Version of the configuration", Unit::Plain, "That each instance runs on. All must be the same, but for a moment after a change.")
            .query("max by (service, instance) (parceltrack_live_config_version)", "{{service}} {{instance}}"),
        Panel::graph("Configuration that is not in force", Unit::Count, "from a copy: Kafka could not be read at the start. refused: makes no sense beside file and environment. needs a restart: settings that don't change live.")
            .query("sum(parceltrack_live_config_from_copy)", "from a copy")
            .query("sum(parceltrack_live_config_refused)", "refused")
            .query("sum(parceltrack_live_config_restart_needed_keys)", "needs a restart")
            .amber(1.0),
    ]
}
