//! Every setting: its key, default, meaning, and where its value came from.
//!
//! [`keys`] is one table; everything else follows from it: the typed structs, what is accepted in the
//! file, the environment and on the command line, and the documentation.
//!
//! Later sources win: the defaults, the TOML file, the config topic, the environment, `--set section.key=value`.
//!
//! ```
//! use settings::{Settings, Sources};
//!
//! let sources = Sources::none().env("PARCELTRACK_KAFKA", "kafka-1:9092").set("projector.concurrency=64");
//! let settings = Settings::load(&sources)?;
//! assert_eq!(settings.kafka.bootstrap, "kafka-1:9092");
//! assert_eq!(settings.projector.concurrency, 64);
//! # Ok::<(), settings::Error>(())
//! ```
#![forbid(unsafe_code)]

mod checks;
mod error;
mod explain;
pub mod keys;
mod layers;
mod live;
mod load;
#[cfg(feature = "planted-bugs")]
pub mod planted;
mod secret;
mod sources;
mod suggest;
mod table;
mod value;

pub use error::{Error, Problem};
pub use explain::{KeyDoc, env_names, explain, markdown, text};
pub use keys::Settings;
pub use live::Live;
pub use load::{check, require};
pub use secret::Secret;
pub use sources::{Origin, RESERVED_ENV, Sources};
pub use value::{LogFormat, Properties};
