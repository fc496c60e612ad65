//! Records of the platform's topics as people read them: where they lie, what they are about, and their payload decoded.
//!
//! | file | what |
//! |---|---|
//! | `topic` | the topics, by short names |
//! | `record` | one record with all that can be said of it: [`RecordView`] |
//! | `payload` | from bytes to JSON |
//! | `sight` | what of it somebody may see who may not see personal data |
//! | `views` | the decoders, with the registry behind them: [`RecordViews`] |
//! | `history` | where a shipment's events lie, without reading the whole log |
//!
//! Who may not see personal data is shown what is known to hold none, and nothing else: a header, a key or a field that isn't known
//! is left out, so that what somebody adds later is not shown by mistake.
#![forbid(unsafe_code)]

mod history;
mod payload;
mod record;
mod sight;
mod topic;
mod views;

pub use history::{Found, History, Known};
pub use payload::Payload;
pub use record::{HeaderView, RecordView, SchemaView, kind};
pub use sight::{HIDDEN, shown_key, shown_text, subject};
pub use topic::{TopicName, UnknownTopic};
pub use views::RecordViews;
