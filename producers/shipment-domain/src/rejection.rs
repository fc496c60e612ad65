//! Why a command was refused.

use std::fmt;

use shipment_events::{EventId, Sequence, Status};

use crate::{FieldFault, Rule, limits};

/// A rule refused the command, and nothing changed. No variant carries personal data, so it may be logged.
#[derive(Clone, PartialEq, Debug)]
pub enum Rejection {
    /// Fields break their own rules, whatever the shipment is like. Never empty; the first one's rule gives the code.
    Fields(Vec<FieldFault>),
    /// The amendment names no field.
    NothingToAmend,
    /// The command's id was used for another command.
    CommandIdReused,
    /// Nobody registered the shipment.
    ShipmentNotRegistered,
    /// The registration is for a customer that isn't one of the sender's.
    CustomerNotTheirs,
    /// The shipment has another version than the sender expected.
    VersionConflict {
        /// What the sender expected.
        expected: Sequence,
        /// What it is.
        actual: Sequence,
    },
    /// The shipment was registered before.
    AlreadyRegistered,
    /// The shop called it off before.
    AlreadyCancelled,
    /// It arrived, came back or is gone.
    AlreadyDelivered {
        /// Where it stands.
        status: Status,
    },
    /// It is in the archive.
    AlreadyArchived,
    /// It has as many scans as it can have.
    TooManyScans,
    /// It has so many events that it isn't amended any more.
    HistoryFull,
    /// It has no scan recorded by this event.
    ScanNotFound {
        /// The event named.
        scan_event_id: EventId,
    },
    /// That scan was taken back before.
    ScanAlreadyRetracted {
        /// The scan's event.
        scan_event_id: EventId,
    },
}

impl Rejection {
    /// The rule that refused.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Fields(faults) => faults.first().map_or(Rule::FieldInvalid, FieldFault::rule),
            Self::NothingToAmend => Rule::NothingToAmend,
            Self::CommandIdReused => Rule::CommandIdReused,
            Self::ShipmentNotRegistered => Rule::ShipmentNotRegistered,
            Self::CustomerNotTheirs => Rule::CustomerNotTheirs,
            Self::VersionConflict { .. } => Rule::VersionConflict,
            Self::AlreadyRegistered => Rule::AlreadyRegistered,
            Self::AlreadyCancelled => Rule::AlreadyCancelled,
            Self::AlreadyDelivered { .. } => Rule::AlreadyDelivered,
            Self::AlreadyArchived => Rule::AlreadyArchived,
            Self::TooManyScans => Rule::TooManyScans,
            Self::HistoryFull => Rule::HistoryFull,
            Self::ScanNotFound { .. } => Rule::ScanNotFound,
            Self::ScanAlreadyRetracted { .. } => Rule::ScanAlreadyRetracted,
        }
    }

    /// The rule's stable code.
    pub fn code(&self) -> &'static str {
        self.rule().code()
    }

    /// What is wrong and what to do, for people.
    pub fn text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields(faults) => {
                for (n, fault) in faults.iter().enumerate() {
                    write!(f, "{}{fault}", if n == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Self::NothingToAmend => f.write_str("the amendment names no field to change"),
            Self::CommandIdReused => f.write_str(
                "this command id was used for another command before; give every new command its own",
            ),
            Self::ShipmentNotRegistered => f.write_str("the shipment isn't registered; register it first"),
            Self::CustomerNotTheirs => {
                f.write_str("the customer isn't one of those that the sender's credentials are for")
            }
            Self::VersionConflict { expected, actual } => {
                write!(
                    f,
                    "the shipment has version {actual}, not {expected}; read it again before changing it"
                )
            }
            Self::AlreadyRegistered => {
                f.write_str("the shipment is already registered; amend it to change it")
            }
            Self::AlreadyCancelled => {
                f.write_str("the shipment was cancelled; register a new one to send it after all")
            }
            Self::AlreadyDelivered { status } => {
                write!(f, "the shipment is `{status}`; this can no longer be asked of it")
            }
            Self::AlreadyArchived => f.write_str("the shipment is archived; only scans are still kept"),
            Self::TooManyScans => {
                write!(f, "the shipment has {} scans, which is the most it can have", limits::SCANS)
            }
            Self::HistoryFull => {
                write!(f, "the shipment has {} events, too many to amend it any more", limits::HISTORY)
            }
            Self::ScanNotFound { scan_event_id } => {
                write!(f, "the shipment has no scan under the event id {scan_event_id}")
            }
            Self::ScanAlreadyRetracted { scan_event_id } => {
                write!(f, "the scan of event {scan_event_id} was already retracted")
            }
        }
    }
}

impl std::error::Error for Rejection {}
