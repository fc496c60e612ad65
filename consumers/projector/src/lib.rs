//! Events topic in, database out; rebuild; dead letters.
//!
//! * [`run`]: the role. It reads the events in a consumer group that belongs to the *generation* of tables it writes to
//!   ([`group_of`]), projects them with [`tracking_view`], and commits offsets after the rows are durable. When another
//!   generation becomes live it goes on there, in that generation's group.
//! * [`Projector::rebuild`] fills a new generation from the beginning of the events beside the live one, and flips.
//! * [`Survey`] looks at the generations from outside: how far each is, how quickly it moves.
//! * [`DeadLetters`]: what was parked, by the projector and by the command handler; retry and discard.
//!
//! What it promises: a record is written, or it is among the dead letters and its shipment's row says since when it is
//! incomplete. Nothing is skipped, whatever is away and for however long. Writing the same again does no harm, so a crash
//! at any point only repeats work.
#![forbid(unsafe_code)]

mod batch;
mod dead_letters;
mod error;
mod intake;
mod lag;
mod live;
pub mod metrics;
mod outcomes;
mod parking;
mod pause;
mod progress;
mod projector;
mod rebuild;
mod role;
mod survey;
mod traced;
mod visible;
mod worker;

pub use dead_letters::{
    BadPosition, DeadLetter, DeadLetters, LetterPosition, Retried, Retries, Shown, Source,
};
pub use error::Error;
pub use live::{group_of, live_group};
pub use projector::{Project, Projector};
pub use rebuild::{FlippedBack, RebuildProgress, Rebuilt, Stage};
pub use role::run;
pub use survey::{GenerationSeen, Part, PartitionSeen, Survey, Surveyed};
