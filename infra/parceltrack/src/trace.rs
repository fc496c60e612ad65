//! `parceltrack trace`: what became of one command, and when.

mod log;
mod rings;
mod shown;
mod waterfall;

use anyhow::bail;
use serde_json::Value;
use settings::Settings;
use shipment_events::CommandId;
use telemetry::TraceId;

use self::log::{Found, Wanted};
use self::shown::Shown;
use crate::cli::TraceArgs;
use crate::remote::Remote;

/// Prints what the log and the roles know of a command, or of a trace.
pub(crate) async fn trace(settings: &Settings, args: &TraceArgs) -> anyhow::Result<()> {
    let remote = Remote::find(args.gateway.as_ref(), settings)?;
    let mut shown = Shown::default();
    match (TraceId::parse(&args.id), args.id.parse::<CommandId>()) {
        (Some(trace), _) => of_trace(settings, args, &remote, trace, &mut shown).await?,
        (None, Ok(command)) => of_command(settings, args, &remote, command, &mut shown).await?,
        (None, Err(_)) => bail!(
            "{} is neither a command's id (0190a5b2-0000-7000-8000-0000000000ab) nor a trace's (32 hex digits)",
            crate::terminal::printable(&args.id)
        ),
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&shown)?);
    } else {
        print!("{}", shown.text());
    }
    Ok(())
}

async fn of_trace(
    settings: &Settings,
    args: &TraceArgs,
    remote: &Remote,
    trace: TraceId,
    shown: &mut Shown,
) -> anyhow::Result<()> {
    let told = rings::ask(settings, remote, trace).await?;
    if told.spans.is_empty() {
        bail!(
            "no role keeps spans of trace {trace}: it isn't sampled, or they have forgotten it; a command of it can be looked \
             for by its own id{}",
            told.silent()
        );
    }
    shown.trace_id = Some(trace.to_string());
    let command = told.spans.iter().find_map(rings::command_of);
    shown.took(told);
    if let Some(command) = command {
        let outcome = outcome(remote, command, shown).await;
        if let Some(found) = look(settings, args, command, outcome.as_ref(), shown).await? {
            shown.found(found, command, outcome);
            row(remote, shown).await;
        }
    }
    Ok(())
}

async fn of_command(
    settings: &Settings,
    args: &TraceArgs,
    remote: &Remote,
    command: CommandId,
    shown: &mut Shown,
) -> anyhow::Result<()> {
    let outcome = outcome(remote, command, shown).await;
    let Some(found) = look(settings, args, command, outcome.as_ref(), shown).await? else {
        bail!(
            "no command {command} is known: it has no outcome, and no record of it lies in the commands topic within {} s. \
             Look at the id (an answer to a command has it as command_id), or further back: --since 7d{}",
            args.since.as_secs(),
            shown.notes.first().map(|note| format!(". Besides, {note}")).unwrap_or_default()
        );
    };
    let trace = found.trace;
    shown.found(found, command, outcome);
    row(remote, shown).await;
    match trace {
        Some(trace) => match rings::ask(settings, remote, trace).await {
            Ok(told) => shown.took(told),
            Err(error) => shown.notes.push(format!("no role could be asked for spans: {error:#}")),
        },
        None => {
            shown.notes.push("its records name no trace: whoever wrote the command began none".to_owned());
        }
    }
    Ok(())
}

/// What became of it, as the query API has it.
async fn outcome(remote: &Remote, command: CommandId, shown: &mut Shown) -> Option<Value> {
    match remote.get(&format!("/api/v1/commands/{command}"), &[]).await {
        Ok(outcome) => Some(outcome),
        Err(error) => {
            let said = format!("{error:#}");
            if !said.contains("404") {
                shown.notes.push(format!("its outcome can't be asked for: {said}"));
            }
            None
        }
    }
}

async fn look(
    settings: &Settings,
    args: &TraceArgs,
    command: CommandId,
    outcome: Option<&Value>,
    shown: &mut Shown,
) -> anyhow::Result<Option<Found>> {
    let text = |name: &str| outcome.and_then(|outcome| outcome[name].as_str());
    let wanted = Wanted {
        command,
        shipment: text("shipment_id").and_then(|id| id.parse().ok()),
        decided: text("decided_at").and_then(|at| shipment_events::Timestamp::parse_rfc3339(at).ok()),
        since: args.since,
    };
    match log::look(settings, &wanted).await {
        Ok(found) => Ok(found),
        // Without Kafka, what the query API said is still true.
        Err(error) if outcome.is_some() => {
            shown.notes.push(format!("the log can't be read: {error:#}"));
            Ok(Some(Found::nothing()))
        }
        Err(error) => Err(error),
    }
}

/// The row's version now.
async fn row(remote: &Remote, shown: &mut Shown) {
    let Some(shipment) = &shown.shipment_id else { return };
    match remote.get(&format!("/api/v1/shipments/{shipment}"), &[]).await {
        Ok(row) => shown.row_version = row["version"].as_i64(),
        Err(error) => shown.notes.push(format!("its shipment's row can't be read: {error:#}")),
    }
}
