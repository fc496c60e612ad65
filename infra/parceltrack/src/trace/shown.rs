//! What is printed.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;
use shipment_events::CommandId;

use super::log::{Entry, Found};
use super::rings::Told;
use super::waterfall;
use crate::terminal::printable;

/// Everything that is known of a command.
#[derive(Debug, Default, Serialize)]
pub(super) struct Shown {
    pub(super) command_id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) shipment_id: Option<String>,
    pub(super) trace_id: Option<String>,
    /// Whether the trace is sampled; not said where that isn't known.
    pub(super) sampled: Option<bool>,
    /// As the query API has it.
    pub(super) outcome: Option<Value>,
    pub(super) log: Vec<Entry>,
    /// The version of the shipment's row now.
    pub(super) row_version: Option<i64>,
    pub(super) spans: Vec<Value>,
    /// What could not be found out, and why.
    pub(super) notes: Vec<String>,
}

impl Shown {
    pub(super) fn found(&mut self, found: Found, command: CommandId, outcome: Option<Value>) {
        self.command_id = Some(command.to_string());
        let told = outcome.as_ref().and_then(|outcome| outcome["shipment_id"].as_str().map(str::to_owned));
        self.shipment_id = found.shipment.or(told);
        self.kind = found.kind;
        if let Some(trace) = found.trace {
            self.trace_id = Some(trace.to_string());
            self.sampled = Some(found.sampled);
        }
        if found.entries.is_empty() {
            self.notes
                .push("its record is no longer in the log: commands are kept for seven days".to_owned());
        }
        self.log = found.entries;
        self.outcome = outcome;
    }

    pub(super) fn took(&mut self, told: Told) {
        if self.sampled == Some(false) && told.spans.is_empty() {
            self.notes.push(
                "its trace isn't sampled, so there are no spans; a request with a traceparent that ends in -01 is, and \
                 tracing.sample_ratio says how many others are"
                    .to_owned(),
            );
        } else if told.spans.is_empty() {
            self.notes
                .push(format!("its trace is sampled, but none of {} instances keeps its spans", told.asked));
        }
        if !told.unanswered.is_empty() {
            self.notes.push(format!("spans may be missing: {} did not answer", told.unanswered.join(", ")));
        }
        self.spans = told.spans;
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) -> std::fmt::Result {
        if let Some(id) = &self.command_id {
            writeln!(to, "command   {id}  {}", self.kind.as_deref().unwrap_or_default())?;
        }
        if let Some(id) = &self.shipment_id {
            writeln!(to, "shipment  {}", printable(id))?;
        }
        if self.command_id.is_some() {
            writeln!(to, "outcome   {}", self.outcome_text())?;
        }
        if let Some(id) = &self.trace_id {
            let sampled = match self.sampled {
                Some(false) => ", not sampled",
                _ => "",
            };
            writeln!(to, "trace     {id}{sampled}")?;
        }
        if !self.log.is_empty() {
            writeln!(to, "\nin the log")?;
        }
        let first = self.log.iter().filter_map(|entry| entry.millis).min().unwrap_or_default();
        for entry in &self.log {
            let after = entry.millis.map_or_else(String::new, |millis| format!("+{} ms", millis - first));
            let (time, place) =
                (entry.time.as_deref().unwrap_or("-"), format!("{}:{}", entry.partition, entry.offset));
            let kind = entry.kind.as_deref().unwrap_or_default();
            writeln!(to, "  {:<8} {time}  {after:>9}  {place:<12} {} {kind}", entry.what, entry.topic)?;
        }
        if let Some(version) = self.row_version {
            let wanted = self.outcome.as_ref().and_then(|outcome| outcome["version"].as_i64());
            let has_it = match wanted {
                Some(wanted) if version >= wanted => ", which has it",
                Some(_) => ", which does not have it yet",
                None => "",
            };
            writeln!(to, "  row      version {version}{has_it}")?;
        }
        if !self.spans.is_empty() {
            write!(to, "\n{}", waterfall::text(&self.spans))?;
        }
        for note in &self.notes {
            writeln!(to, "note: {}", printable(note))?;
        }
        Ok(())
    }

    fn outcome_text(&self) -> String {
        let Some(outcome) = &self.outcome else { return "not known (yet)".to_owned() };
        let said = |name: &str| outcome[name].as_str().map(printable).unwrap_or_default();
        match outcome["version"].as_i64() {
            Some(version) if outcome["outcome"] == "accepted" => format!("accepted, version {version}"),
            _ => format!("{} {} {}", said("outcome"), said("code"), said("text")).trim_end().to_owned(),
        }
    }
}
