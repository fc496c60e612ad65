//! What can be wrong with bytes, schemas and values.

use serde_avro_fast::de::DeError;
use serde_avro_fast::ser::SerError;

/// Why a value couldn't be encoded or decoded. Only after [`Error::UnknownSchema`] there is more to try: asking the
/// registry for the id. With all others the record is to be parked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes don't start with the frame.
    #[error(
        "not in the registry's framing: it takes a zero byte and a 4-byte schema id before the value, and these {length} \
         bytes start with {}",
        first.map_or_else(|| "nothing".to_owned(), |byte| format!("{byte:02x}"))
    )]
    NotFramed {
        /// How many bytes there were.
        length: usize,
        /// The first of them.
        first: Option<u8>,
    },
    /// The writer's schema isn't known here: fetch it from the registry, add it, try again.
    #[error("the writer's schema {id} is not known here yet")]
    UnknownSchema {
        /// Its id in the registry.
        id: u32,
    },
    /// Nobody knows the writer's schema: the registry doesn't have it, and the header names none that was ever released.
    #[error(
        "the registry has no schema {id}, and the record's `pt-schema` header names none that was released; if the \
         registry has lost its memory, `parceltrack schemas restore` rebuilds it"
    )]
    AbsentSchema {
        /// Its id in the registry.
        id: u32,
    },
    /// The header names another schema than the registry has under this id.
    #[error(
        "the record's `pt-schema` header says {header}, but the registry's schema {id} is {registry}: the registry has \
         lost or changed its ids; see `parceltrack schemas restore`"
    )]
    WrongFingerprint {
        /// The id in the frame.
        id: u32,
        /// What the writer said it wrote.
        header: String,
        /// What the registry has under that id.
        registry: String,
    },
    /// The writer's schema is of another record than this topic's.
    #[error("schema {id} is of a {written}, and what belongs here is a {wanted}")]
    WrongRecord {
        /// The id in the frame.
        id: u32,
        /// The full name of the record written.
        written: String,
        /// The full name of the record this decoder reads.
        wanted: String,
    },
    /// A union member or a name (such as a status) that this version doesn't know.
    #[error("{record} (schema {id}) holds something that this version doesn't know: {what}")]
    UnknownMember {
        /// The id in the frame.
        id: u32,
        /// The full name of the record.
        record: String,
        /// What it is, and what is known instead.
        what: String,
    },
    /// The bytes aren't a datum of the schema they claim.
    #[error("not a {record} as schema {id} has it")]
    Undecodable {
        /// The id in the frame.
        id: u32,
        /// The full name of the record.
        record: String,
        /// What the decoder met.
        #[source]
        source: DeError,
    },
    /// The datum ended before the bytes did.
    #[error("{surplus} bytes are left after the {record} (schema {id})")]
    TrailingBytes {
        /// The id in the frame.
        id: u32,
        /// The full name of the record.
        record: String,
        /// How many are left.
        surplus: usize,
    },
    /// The value doesn't fit the schema: a defect of this program.
    #[error("a {record} that its schema can't hold")]
    Unencodable {
        /// The full name of the record.
        record: String,
        /// What the encoder met.
        #[source]
        source: SerError,
    },
    /// A schema that isn't one.
    #[error("schema {name} is not valid Avro: {reason}")]
    InvalidSchema {
        /// Its id or its record's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl Error {
    /// A stable word for the kind of fault, for dead-letter headers and metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFramed { .. } => "not-framed",
            Self::UnknownSchema { .. } | Self::AbsentSchema { .. } => "unknown-schema",
            Self::WrongFingerprint { .. } => "wrong-fingerprint",
            Self::WrongRecord { .. } => "wrong-record",
            Self::UnknownMember { .. } => "unknown-member",
            Self::Undecodable { .. } => "undecodable",
            Self::TrailingBytes { .. } => "trailing-bytes",
            Self::Unencodable { .. } => "unencodable",
            Self::InvalidSchema { .. } => "invalid-schema",
        }
    }

    /// The message with its causes, on one line.
    pub fn full_text(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
