//! Configuration in a compacted Kafka topic.
//!
//! Each record sets or deletes one entry, keyed `application/profile/name`; its offset makes its version. Kafka keeps the
//! last value of every entry for ever, and every change for 90 days: so the topic is configuration and history in one,
//! and a cluster that restarts needs nothing else.
//!
//! | file | what |
//! |---|---|
//! | `key`, `edit` | what an entry is called, what it holds, and how both look in the topic |
//! | `history` | all changes, folded: the state now, the state then, what differs |
//! | `rules` | what may be written |
//! | `view` | which entries an application sees, and which goes over which |
//! | `seal` | secrets, encrypted |
//! | `log` | following the topic |
//! | `writer` | writing to it, with everything that was decided on still true |
//! | `role` | a role's settings, from the topic while it runs |
//! | `copy` | the last copy, for a start without Kafka |
//!
//! All but the last four are pure. Values are JSON, not Avro: configuration must be readable while the schema registry is
//! away, and by anybody with a console consumer ([decision 18](../../../docs/adr/0018-platform-topics-hold-json.md)).
#![forbid(unsafe_code)]

mod copy;
mod edit;
mod error;
mod history;
mod key;
mod log;
pub mod metrics;
mod role;
mod rules;
mod seal;
mod view;
mod writer;

pub use edit::{Edit, Kind, Setting, Unreadable};
pub use error::Error;
pub use event_log::WriteError;
pub use history::{Change, Difference, History, State};
pub use key::{InvalidKey, Key};
pub use log::ConfigLog;
pub use role::load;
pub use rules::{Refusal, check, coherent};
pub use seal::{SealError, Sealer};
pub use view::{DEFAULT_PROFILE, OURS, SHARED, Source, is_ours, settings_of, sources};
pub use writer::Writer;
