//! From a posted command to its event: command API and command handler.

use crate::{Dashboard, Panel, Unit, mean, or_zero, quantile, rate};

pub(crate) fn dashboard() -> Dashboard {
    Dashboard::new(
        "command-side",
        "ParcelTrack: command side",
        "Commands over HTTP, decided by the command handler, one Kafka transaction for each batch.",
    )
    .row("Posted over HTTP", posted())
    .row("Decided", decided())
    .row("Transactions", transactions())
    .row("Partitions", partitions())
}

fn posted() -> [Panel; 3] {
    [
        Panel::graph(
            "Commands posted, by type and outcome",
            Unit::PerSecond,
            "Those that there are. undecided: no outcome within 500 ms. not_awaited: nobody waited as long. failed: not sent, or nobody knows. refused: too large.",
        )
        .query(
            format!("{} > 0", rate("type, outcome", "parceltrack_command_api_commands_total")),
            "{{type}} {{outcome}}",
        )
        .stacked(),
        Panel::graph(
            "Until the outcome, by type",
            Unit::Seconds,
            "99 % have their outcome within this time. 99.5 % of all must be below the line.",
        )
        .query(quantile("0.99", "type", "parceltrack_command_api_outcome_seconds", ""), "{{type}}")
        .exemplars()
        .red(0.5)
        .runbook("CommandLatencyBudgetBurn"),
        Panel::graph(
            "Waiting for an outcome",
            Unit::Count,
            "Commands that are under way, and NDJSON streams that are open, in all command APIs.",
        )
        .query("sum(parceltrack_command_api_commands_waiting)", "commands")
        .query("sum(parceltrack_command_api_streams_open)", "streams"),
    ]
}

fn decided() -> [Panel; 3] {
    [
        Panel::graph("Commands decided, by type", Unit::PerSecond, "Committed with their events, whoever sent them.")
            .query(rate("type", "parceltrack_command_handler_commands_total"), "{{type}}")
            .stacked(),
        Panel::graph("Rejected", Unit::PerSecond, "Commands that a rule refused. The sender is told the code; a jump is most often one sender's fault.")
            .query(or_zero(&rate("type", "parceltrack_command_handler_commands_total{outcome=\"rejected\"}")), "{{type}}"),
        Panel::graph("Parked and sent on", Unit::PerSecond, "parked: could not be read or decided, now among the dead letters. sent on: came to the wrong partition.")
            .query(or_zero(&rate("code", "parceltrack_command_handler_parked_records_total")), "parked {{code}}")
            .query("sum(rate(parceltrack_command_handler_rerouted_records_total[$__rate_interval]))", "sent on")
            .runbook("DeadLettersGrowing"),
    ]
}

fn transactions() -> [Panel; 4] {
    [
        Panel::graph("Time of a transaction, by phase", Unit::Seconds, "The mean of each phase of a batch, on top of each other: how long a batch takes.")
            .query(mean("phase", "parceltrack_command_handler_phase_seconds", ""), "{{phase}}")
            .stacked(),
        Panel::graph("Records in a transaction", Unit::Count, "The mean, and what 99 % stay below. Large batches under load are right: they make up for the cost of a commit.")
            .query(mean("service", "parceltrack_command_handler_batch_records", ""), "mean")
            .query(quantile("0.99", "", "parceltrack_command_handler_batch_records", ""), "99 % below"),
        Panel::graph("Transactions committed", Unit::PerSecond, "By instance.")
            .query(rate("instance", "parceltrack_command_handler_batch_records_count"), "{{instance}}"),
        Panel::graph("Given up", Unit::PerSecond, "Transactions that were aborted, by reason, and times that a worker threw its producers away. Decided again, never lost.")
            .query(or_zero(&rate("reason", "parceltrack_command_handler_aborts_total")), "aborted: {{reason}}")
            .query("sum(rate(parceltrack_command_handler_producer_discards_total[$__rate_interval]))", "producers thrown away")
            .runbook("TransactionAborts"),
    ]
}

fn partitions() -> [Panel; 5] {
    [
        Panel::graph("Commands not decided, by partition", Unit::Count, "Records of the commands topic that wait.")
            .query("max by (partition) (parceltrack_command_handler_lag_records)", "{{partition}}")
            .runbook("StuckPartition"),
        Panel::graph("Oldest command not decided, by partition", Unit::Seconds, "After any fault it must be below 30 s again.")
            .query("max by (partition) (parceltrack_command_handler_lag_seconds)", "{{partition}}")
            .red(30.0)
            .runbook("LagBeyondObjective"),
        Panel::graph("Partitions decided on, by instance", Unit::Count, "Their sum is the number of partitions of the commands topic.")
            .query("sum by (instance) (parceltrack_command_handler_partitions_running)", "{{instance}}")
            .stacked(),
        Panel::graph("Restoring", Unit::Count, "Partitions whose state is being read, and snapshots left to read; no command of them is decided meanwhile. Right is 0 but for seconds after a handover.")
            .query("sum(parceltrack_command_handler_partitions_restoring)", "partitions")
            .query(or_zero("sum(parceltrack_command_handler_restore_remaining_offsets)"), "snapshots left")
            .runbook("RestoreTooSlow"),
        Panel::graph("State on disk, by instance", Unit::Bytes, "The command handler's store: the snapshot of each shipment of its partitions.")
            .query("sum by (instance) (parceltrack_command_handler_store_bytes)", "{{instance}}"),
    ]
}
