//! An operation: one thing somebody wants done, and how it was asked for and answered.

use serde::{Deserialize, Serialize};
use shipment_events::{CommandId, ShipmentId};

/// What kind of command it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Registers a shipment.
    Register,
    /// Amends one.
    Amend,
    /// Reports a scan.
    Scan,
    /// Takes a scan back.
    Retract,
    /// Calls a shipment off.
    Cancel,
    /// Archives one.
    Archive,
}

impl Kind {
    /// The type of the event that it leads to.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Register => "ShipmentRegistered",
            Self::Amend => "ShipmentAmended",
            Self::Scan => "ScanRecorded",
            Self::Retract => "ScanRetracted",
            Self::Cancel => "ShipmentCancelled",
            Self::Archive => "ShipmentArchived",
        }
    }
}

/// What is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Intent {
    /// Who wants it.
    pub client: String,
    /// What.
    pub kind: Kind,
    /// The command, where its sender names it.
    pub command_id: Option<CommandId>,
    /// The shipment, where its sender names it.
    pub shipment_id: Option<ShipmentId>,
    /// The version that the shipment must have.
    pub expected_version: Option<i64>,
    /// Of a scan, the raw code that no other scan has.
    pub scan: Option<String>,
    /// It only asks whether a partition answers, and is never asked again.
    pub is_probe: bool,
}

impl Intent {
    /// Of a client and a kind; the rest is filled in by who knows it.
    pub fn of(client: &str, kind: Kind) -> Self {
        Self {
            client: client.to_owned(),
            kind,
            command_id: None,
            shipment_id: None,
            expected_version: None,
            scan: None,
            is_probe: false,
        }
    }
}

/// An answer, or what came in its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was done.
    Accepted {
        /// The version answered.
        version: i64,
        /// How many events it led to, as the answer says.
        events: i32,
    },
    /// A rule refused it.
    Rejected {
        /// The rule.
        code: String,
        /// The shipment's version, where the answer tells.
        version: Option<i64>,
    },
    /// It will be decided: not an answer yet.
    Taken,
    /// Come again later.
    Unavailable,
    /// No answer came.
    Lost,
    /// An answer that nobody should get.
    Broken {
        /// What it was.
        text: String,
    },
}

impl Answer {
    /// Whether it says what became of the command.
    pub const fn is_definite(&self) -> bool {
        matches!(self, Self::Accepted { .. } | Self::Rejected { .. })
    }
}

/// One request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// When it went out, in milliseconds of the ledger.
    pub sent_at: u64,
    /// Through which door.
    pub through: String,
    /// When it was answered, and how.
    pub answered: Option<(u64, Answer)>,
}

/// An operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Op {
    /// What is wanted.
    pub intent: Intent,
    /// The command, once anybody told its id.
    pub command_id: Option<CommandId>,
    /// The shipment, once anybody told its id.
    pub shipment_id: Option<ShipmentId>,
    /// Each request for it.
    pub attempts: Vec<Attempt>,
}

impl Op {
    /// Nothing was sent yet.
    pub fn new(intent: Intent) -> Self {
        Self { command_id: intent.command_id, shipment_id: intent.shipment_id, intent, attempts: Vec::new() }
    }

    /// Every answer, with its moment.
    pub fn answers(&self) -> impl Iterator<Item = (u64, &Answer)> {
        self.attempts.iter().filter_map(|attempt| attempt.answered.as_ref().map(|(at, answer)| (*at, answer)))
    }

    /// Whether somebody was told what became of it.
    pub fn is_answered(&self) -> bool {
        self.answers().any(|(_, answer)| answer.is_definite())
    }

    /// The versions that answers accepted it with, with their moments.
    pub fn accepted(&self) -> impl Iterator<Item = (u64, i64, i32)> {
        self.answers().filter_map(|(at, answer)| match answer {
            Answer::Accepted { version, events } => Some((at, *version, *events)),
            _ => None,
        })
    }

    /// When it was first sent.
    pub fn first_sent(&self) -> Option<u64> {
        self.attempts.iter().map(|attempt| attempt.sent_at).min()
    }

    /// In words, for a finding.
    pub fn name(&self) -> String {
        let id = self.command_id.map_or_else(|| "unnamed".to_owned(), |id| id.to_string());
        format!("{:?} {id} of {}", self.intent.kind, self.intent.client)
    }
}
