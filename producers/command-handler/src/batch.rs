//! The pure core: records of the commands topic in, the records of one transaction out. No broker, no clock.
//!
//! Deciding changes nothing: snapshots are read through a [`StateReader`], and what a batch changes lies in its overlay
//! until the transaction is committed. So a batch may be thrown away and decided again at any time, and gives the same
//! bytes each time.

mod codec;
mod intake;
mod overlay;
mod passing_on;
mod tally;
mod traced;
mod writing;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use event_codec::headers::TRACEPARENT;
use event_log::{Outgoing, Received, Topics};
use shipment_domain::{CommandPosition, ShipmentCommand, decide_once, is_decided};
use shipment_events::{ShipmentId, Timestamp};
use telemetry::{TraceContext, TraceId};

use self::intake::Intake;
use self::overlay::Overlay;
use self::writing::Writing;

pub use self::codec::{Codec, SchemaIds, pack, unpack};
pub use self::intake::{MAX_COMMAND_BYTES, Reason};
pub use self::tally::Tally;
pub(crate) use self::traced::{Place, place};

/// When the snapshots read and the records made have this many bytes, the batch ends: a batch of commands for the
/// largest shipments must not take memory without bound.
const MAX_OUTPUT_BYTES: usize = 32 * 1024 * 1024;

/// What a worker knows before any record comes.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The contract.
    pub codec: Codec,
    /// The topics.
    pub topics: Topics,
    /// The commands topic's id (KIP-516): in another incarnation the offsets mean something else.
    pub commands_topic_id: String,
    /// Ids of schemas that the registry says it doesn't have.
    pub absent_schemas: HashSet<u32>,
}

/// What is known of shipments before the batch.
pub trait StateReader {
    /// A snapshot in its stored form.
    type Stored: AsRef<[u8]>;
    /// Why it can't be read.
    type Error;

    /// The snapshot of a shipment, which belongs to this partition; `None` if there is none yet.
    fn read(&self, partition: i32, shipment: ShipmentId) -> Result<Option<Self::Stored>, Self::Error>;
}

/// What one transaction is to write.
#[derive(Debug, Default)]
pub struct Batch {
    /// Every record, in order; its index is its tag.
    pub outgoing: Vec<Outgoing>,
    /// Which of them are snapshots: the last one of each shipment that changed.
    pub snapshots: Range<usize>,
    /// By partition, the offset of the command after the last one covered.
    pub next_offsets: BTreeMap<i32, i64>,
    /// How many of the records given are covered. Fewer than all when the batch grew too large.
    pub consumed: usize,
    /// What became of them, counted.
    pub tally: Tally,
}

/// Why a batch can't be decided.
#[derive(Debug, thiserror::Error)]
pub enum Error<E = std::convert::Infallible> {
    /// The registry has to be asked for a schema first. Ask, and decide again.
    #[error("schema {id} has to be asked for")]
    UnknownSchema {
        /// Its id.
        id: u32,
    },
    /// The state can't be read.
    #[error("the state can't be read")]
    State(#[source] E),
    /// A snapshot of our own isn't one any more. Nothing can be decided about its shipment.
    #[error(
        "the snapshot of shipment {shipment_id} can't be read; is an older handler running against a newer one's topic?"
    )]
    Snapshot {
        /// Whose.
        shipment_id: ShipmentId,
        /// What is wrong with it.
        #[source]
        source: event_codec::Error,
    },
    /// What was decided can't be put into bytes: a defect of this program.
    #[error("what was decided can't be written")]
    Unencodable(#[source] event_codec::Error),
}

/// Decides a batch: each record in order, against the state plus what those before it in the batch have changed.
pub fn decide<R: StateReader>(
    records: &[Received],
    state: &R,
    given: &Circumstances,
    now: Timestamp,
) -> Result<Batch, Error<R::Error>> {
    let mut overlay = Overlay::new(state);
    let mut writing = Writing::new(given);
    let mut batch = Batch::default();
    let mut output_bytes = 0;
    for record in records {
        if output_bytes + overlay.bytes() > MAX_OUTPUT_BYTES {
            break;
        }
        let first = batch.outgoing.len();
        match intake::inspect(record, given)? {
            Intake::Command(command, appended_at) => {
                let at = CommandPosition {
                    topic_id: &given.commands_topic_id,
                    partition: record.partition,
                    offset: record.offset,
                    appended_at,
                };
                decide_one(record, &command, &at, &mut overlay, &mut batch, &mut writing)?;
            }
            Intake::Reroute(partition) => {
                batch.tally.rerouted += 1;
                batch.outgoing.push(passing_on::rerouted(record, partition, given));
            }
            Intake::Park(reason) => {
                // Not the reason in words: it may show some of the record, which may be personal.
                tracing::warn!(
                    partition = record.partition,
                    offset = record.offset,
                    code = reason.code(),
                    trace_id = trace_id(record).map(tracing::field::display),
                    "record parked; see `parceltrack dead-letters list`"
                );
                batch.tally.park(reason.code());
                batch.outgoing.push(passing_on::parked(record, &reason, given, now));
            }
        }
        output_bytes += batch.outgoing[first..].iter().map(Outgoing::size).sum::<usize>();
        batch.next_offsets.insert(record.partition, record.offset + 1);
        batch.consumed += 1;
    }
    let first = batch.outgoing.len();
    for changed in overlay.changed() {
        batch.outgoing.push(writing.snapshot(&changed).map_err(Error::Unencodable)?);
    }
    batch.snapshots = first..batch.outgoing.len();
    Ok(batch)
}

fn trace_id(record: &Received) -> Option<TraceId> {
    TraceContext::id_of(record.headers.get_str(TRACEPARENT))
}

fn decide_one<R: StateReader>(
    record: &Received,
    command: &ShipmentCommand,
    at: &CommandPosition<'_>,
    overlay: &mut Overlay<'_, R>,
    batch: &mut Batch,
    writing: &mut Writing<'_>,
) -> Result<(), Error<R::Error>> {
    let known = overlay.snapshot(at.partition, command.shipment_id, writing.given)?;
    let kind = command.body.type_name();
    if known.is_some_and(|snapshot| is_decided(snapshot, at)) {
        // Its events and its reply were written with the snapshot. Only an offset set back by hand leads here.
        batch.tally.count(kind, tally::ALREADY_DECIDED);
        return Ok(());
    }
    #[cfg(feature = "planted-bugs")]
    let known = crate::planted::forgetful(known);
    #[cfg(feature = "planted-bugs")]
    let known = known.as_deref();
    let decided = decide_once(known, command, at);
    batch.tally.count(kind, tally::outcome(&decided.outcome));
    for event in &decided.events {
        batch.outgoing.push(writing.event(event, record).map_err(Error::Unencodable)?);
    }
    batch.outgoing.push(writing.reply(&decided.reply(command, at), record).map_err(Error::Unencodable)?);
    if let Some(snapshot) = decided.snapshot {
        overlay.change(at.partition, snapshot, record);
    }
    Ok(())
}
