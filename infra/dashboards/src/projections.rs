//! From an event to what people read: projector and query API.

use crate::{Dashboard, Panel, Unit, mean, or_zero, quantile, rate};

pub(crate) fn dashboard() -> Dashboard {
    Dashboard::new(
        "projections",
        "ParcelTrack: projections",
        "Events to rows, and rows to readers and live streams.",
    )
    .row("Written", written())
    .row("How far behind", behind())
    .row("Faults", faults())
    .row("Read", read())
    .row("Live", live())
}

fn written() -> [Panel; 3] {
    [
        Panel::graph("Events and outcomes", Unit::PerSecond, "Events written to the views by type, and outcomes of commands.")
            .query(rate("type", "parceltrack_projector_events_total"), "{{type}}")
            .query("sum(rate(parceltrack_projector_outcomes_total[$__rate_interval]))", "outcomes")
            .stacked(),
        Panel::graph("Statements and requests", Unit::PerSecond, "Statements are rows with a timestamp; a request carries those of one partition key together.")
            .query("sum(rate(parceltrack_projector_statements_total[$__rate_interval]))", "statements")
            .query("sum(rate(parceltrack_projector_requests_total[$__rate_interval]))", "requests"),
        Panel::graph("Batches", Unit::Seconds, "Half of them, and 99 %, from a batch's arrival until its rows are durable; and the writing alone.")
            .query(quantile("0.5", "", "parceltrack_projector_batch_seconds", ""), "whole, half within")
            .query(quantile("0.99", "", "parceltrack_projector_batch_seconds", ""), "whole, 99 % within")
            .query(quantile("0.99", "", "parceltrack_projector_write_seconds", ""), "writing, 99 % within")
            .exemplars(),
    ]
}

fn behind() -> [Panel; 6] {
    const VISIBLE: &str = "parceltrack_projector_visible_seconds";
    [
        Panel::graph("From a command to the views", Unit::Seconds, "From when Kafka had the command until the rows of its event were durable. 99.5 % of scans must be below the line.")
            .query(quantile("0.5", "type", VISIBLE, ""), "{{type}}, half within")
            .query(quantile("0.99", "type", VISIBLE, ""), "{{type}}, 99 % within")
            .exemplars()
            .red(1.0)
            .runbook("ScanToVisibleBudgetBurn"),
        Panel::graph("Oldest event not written, by partition", Unit::Seconds, "After any fault it must be below 30 s again.")
            .query("max by (partition) (parceltrack_projector_lag_seconds)", "{{partition}}")
            .red(30.0)
            .runbook("LagBeyondObjective"),
        Panel::graph("Events not written, by partition", Unit::Count, "Offsets of the events topic that wait.")
            .query("max by (partition) (parceltrack_projector_lag_records)", "{{partition}}")
            .runbook("StuckPartition"),
        Panel::graph("Position, by partition", Unit::Plain, "The offset of the next event to write. A line that stays flat while events wait is stuck.")
            .query("max by (partition) (parceltrack_projector_next_offset)", "{{partition}}")
            .runbook("StuckPartition"),
        Panel::graph("Records in a batch", Unit::Count, "The mean. Under load batches grow, and with them what is written each second.")
            .query(mean("instance", "parceltrack_projector_batch_records", ""), "{{instance}}"),
        Panel::graph("Generation that is written", Unit::Plain, "Of the views' tables. It changes with a flip after a rebuild; all instances must agree.")
            .query("max by (instance) (parceltrack_projector_generation)", "{{instance}}"),
    ]
}

fn faults() -> [Panel; 3] {
    [
        Panel::graph(
            "Sent again",
            Unit::PerSecond,
            "Requests repeated because the database was away or busy, and commits of offsets that failed.",
        )
        .query("sum(rate(parceltrack_projector_retries_total[$__rate_interval]))", "requests to the database")
        .query(
            "sum(rate(parceltrack_projector_commit_failures_total[$__rate_interval]))",
            "commits of offsets",
        )
        .runbook("DatabaseErrors"),
        Panel::graph(
            "Parked",
            Unit::PerSecond,
            "Events that could not be read, by code. Their shipments' views are marked as incomplete.",
        )
        .query(or_zero(&rate("code", "parceltrack_projector_parked_records_total")), "{{code}}")
        .runbook("DeadLettersGrowing"),
        Panel::graph("Dead letters waiting", Unit::Count, "Of all roles. Right is 0.")
            .query("max(parceltrack_projector_dead_letters)", "waiting")
            .amber(1.0)
            .runbook("DeadLettersWaiting"),
    ]
}

fn read() -> [Panel; 3] {
    [
        Panel::graph("Reads, by kind", Unit::PerSecond, "What the query API asks the database.")
            .query(rate("kind", "parceltrack_query_api_read_seconds_count"), "{{kind}}")
            .stacked(),
        Panel::graph(
            "Time of a read, by kind",
            Unit::Seconds,
            "99 % of them are answered within this time, failed ones among them.",
        )
        .query(quantile("0.99", "kind", "parceltrack_query_api_read_seconds", ""), "{{kind}}")
        .exemplars()
        .runbook("DatabaseErrors"),
        Panel::graph("Reads that failed", Unit::PerSecond, "By kind; each is a 503 to somebody. Right is 0.")
            .query(or_zero(&rate("kind", "parceltrack_query_api_read_failures_total")), "{{kind}}")
            .runbook("DatabaseErrors"),
    ]
}

fn live() -> [Panel; 4] {
    [
        Panel::graph("Live streams", Unit::Count, "Clients that watch a shipment, and how many may at most; beyond that they get 503.")
            .query("sum(parceltrack_query_api_sse_clients)", "open")
            .query("sum(parceltrack_query_api_sse_clients_limit)", "at most"),
        Panel::graph("Updates sent", Unit::PerSecond, "pushed: to clients. read: rows read for them, one for all who watch the same. woken: events of shipments that somebody watches.")
            .query("sum(rate(parceltrack_query_api_pushes_total[$__rate_interval]))", "pushed")
            .query("sum(rate(parceltrack_query_api_live_reads_total[$__rate_interval]))", "read")
            .query("sum(rate(parceltrack_query_api_wakes_total[$__rate_interval]))", "woken"),
        Panel::graph("From a command to the push", Unit::Seconds, "From when Kafka had the command until the live streams of its shipment were sent the news.")
            .query(quantile("0.5", "", "parceltrack_query_api_push_seconds", ""), "half within")
            .query(quantile("0.99", "", "parceltrack_query_api_push_seconds", ""), "99 % within")
            .exemplars(),
        Panel::graph("Rows that were fresh", Unit::PerSecond, "hit: a client came and the row in memory was fresh. miss: it was read for it.")
            .query(or_zero(&rate("result", "parceltrack_query_api_live_cache_total")), "{{result}}"),
    ]
}
