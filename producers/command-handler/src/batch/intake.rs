//! What a record of the commands topic is: a command to decide, one for another partition, or nothing of use.

use event_codec::Error as CodecError;
use event_codec::headers::PT_REROUTED;
use event_log::{Received, partition_for};
use shipment_domain::ShipmentCommand;
use shipment_events::Timestamp;
use uuid::Uuid;

use super::{Circumstances, Error};

/// The most that key, value and headers of a command may have together, uncompressed.
///
/// The topic's own 256 KiB are counted after compression. Without this a well-compressed record could be let in that
/// can't be written again where it has to go next; the margin is for the header that a re-routed command gets.
pub const MAX_COMMAND_BYTES: usize = 255 * 1024;

/// What to do with a record.
pub(super) enum Intake {
    /// Decide it.
    Command(Box<ShipmentCommand>, Timestamp),
    /// Publish it again, to this partition.
    Reroute(i32),
    /// Put it among the dead letters.
    Park(Reason),
}

/// Why a record is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// It has no value.
    #[error("the record has no value; a command can't be deleted")]
    NoValue,
    /// It is larger than any command.
    #[error("key, value and headers have {bytes} bytes, and a command may have {MAX_COMMAND_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It isn't a command as the contract has it.
    #[error("{}", .0.full_text())]
    Unreadable(CodecError),
    /// Its key isn't what it has to be.
    #[error("the record's key must be its shipment id as text, {expected}")]
    KeyMismatch {
        /// The key it should have had.
        expected: String,
    },
    /// It was sent on once and is still in the wrong place.
    #[error(
        "re-routed once and still on partition {actual} instead of {expected}; did the partition count change?"
    )]
    ReroutedTwice {
        /// Where it belongs.
        expected: i32,
        /// Where it is.
        actual: i32,
    },
    /// It tells no time.
    #[error("the record has no timestamp; the commands topic must stamp what is appended")]
    NoTimestamp,
}

impl Reason {
    /// A stable word for headers and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoValue => "no-value",
            Self::TooLarge { .. } => "too-large",
            Self::Unreadable(error) => error.code(),
            Self::KeyMismatch { .. } => "key-mismatch",
            Self::ReroutedTwice { .. } => "rerouted-twice",
            Self::NoTimestamp => "no-timestamp",
        }
    }
}

/// Looks at a record. Fails only if its schema has yet to be asked for.
pub(super) fn inspect<E>(record: &Received, given: &Circumstances) -> Result<Intake, Error<E>> {
    let Some(value) = &record.value else { return Ok(Intake::Park(Reason::NoValue)) };
    let bytes = record.weight();
    if bytes > MAX_COMMAND_BYTES {
        return Ok(Intake::Park(Reason::TooLarge { bytes }));
    }
    let command = match given.codec.command(value, &record.headers, &given.absent_schemas) {
        Ok(command) => command,
        Err(CodecError::UnknownSchema { id }) => return Err(Error::UnknownSchema { id }),
        Err(error) => return Ok(Intake::Park(Reason::Unreadable(error))),
    };
    let mut buffer = Uuid::encode_buffer();
    let key = command.shipment_id.as_uuid().hyphenated().encode_lower(&mut buffer).as_bytes();
    if record.key.as_deref() != Some(key) {
        return Ok(Intake::Park(Reason::KeyMismatch { expected: command.key() }));
    }
    let home = partition_for(key, given.topics.partitions());
    if record.partition != home {
        // One hop is all it gets, or two handlers that disagree would send it back and forth.
        return Ok(match record.headers.get(PT_REROUTED) {
            None => Intake::Reroute(home),
            Some(_) => Intake::Park(Reason::ReroutedTwice { expected: home, actual: record.partition }),
        });
    }
    Ok(match record.timestamp.millis() {
        Some(appended) => Intake::Command(Box::new(command), Timestamp::from_millis(appended)),
        None => Intake::Park(Reason::NoTimestamp),
    })
}
