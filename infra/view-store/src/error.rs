use std::path::PathBuf;

use scylla::errors::{
    DbError, ExecutionError, MetadataError, NewSessionError, PrepareError, RequestAttemptError,
};
use shipment_events::CommandId;
use tracking_view::CorruptCell;

/// What went wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No contact point answered as it should.
    #[error("no CQL database reached at {}; check cql.nodes (PARCELTRACK_CQL) and that it runs", nodes.join(", "))]
    Connect {
        /// The contact points.
        nodes: Vec<String>,
        /// The driver's word.
        #[source]
        source: Box<NewSessionError>,
    },
    /// A setting can't be used.
    #[error("cql.{setting}: {reason}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate or key can't be used.
    #[error("the TLS file {} can't be used: it must be readable and PEM", file.display())]
    Tls {
        /// The file.
        file: PathBuf,
        /// OpenSSL's word.
        #[source]
        source: openssl::error::ErrorStack,
    },
    /// TLS couldn't be set up at all.
    #[error("TLS can't be set up")]
    TlsSetup(#[source] openssl::error::ErrorStack),
    /// A statement failed.
    #[error("{doing} failed")]
    Statement {
        /// What it was for.
        doing: &'static str,
        /// The driver's word.
        #[source]
        source: Box<ExecutionError>,
    },
    /// A statement couldn't be prepared.
    #[error("preparing to {doing} failed; if tables are missing, `parceltrack tables apply` makes them")]
    Prepare {
        /// What it was for.
        doing: &'static str,
        /// The driver's word.
        #[source]
        source: Box<PrepareError>,
    },
    /// An answer has another shape than the statement's.
    #[error("{doing}: the answer can't be read")]
    Answer {
        /// What was asked.
        doing: &'static str,
        /// The driver's word.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A cell is larger than the database should be given.
    #[error("a cell of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest allowed.
        limit: usize,
    },
    /// A cell doesn't hold what its column says.
    #[error(transparent)]
    Corrupt(#[from] CorruptCell),
    /// A command's outcome can't be read.
    #[error("the outcome of command {command_id} can't be read; it expires within seven days")]
    CorruptOutcome {
        /// The command.
        command_id: CommandId,
    },
    /// There are no tables.
    #[error("keyspace {keyspace} has no live tables; run `parceltrack tables apply`")]
    NoTables {
        /// The base keyspace.
        keyspace: String,
    },
    /// A generation can't be used like that.
    #[error("generation {generation}: {reason}")]
    Generation {
        /// Which.
        generation: u32,
        /// Why.
        reason: &'static str,
    },
    /// What a repair would write is older than what is there.
    #[error(
        "the events given for a repair end at version {given}, the row is at {stored}: read the log to its end"
    )]
    StaleRepair {
        /// The version given.
        given: i64,
        /// The version stored.
        stored: i64,
    },
    /// The caller gave up.
    #[error("cancelled")]
    Cancelled,
}

/// What to do about an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The database is away or busy: the same again, later.
    Retry,
    /// This very value will never be taken: park it.
    Value,
    /// Nothing like it will succeed before somebody mends the set-up: stop.
    Fatal,
}

impl Error {
    /// What to do about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Statement { source, .. } => execution_fault(source),
            Self::Prepare { source, .. } => prepare_fault(source),
            // Only after a success of `build` do wrong passwords and the like show in another way.
            Self::Connect { source, .. } => connect_fault(source),
            Self::TooLarge { .. } | Self::Corrupt(_) | Self::CorruptOutcome { .. } => Fault::Value,
            _ => Fault::Fatal,
        }
    }
}

fn connect_fault(error: &NewSessionError) -> Fault {
    match error {
        NewSessionError::EmptyKnownNodesList | NewSessionError::IllegalConfig(_) => Fault::Fatal,
        NewSessionError::MetadataError(MetadataError::ConnectionPoolError(error))
            if error.to_string().to_lowercase().contains("authenticat") =>
        {
            Fault::Fatal
        }
        _ => Fault::Retry,
    }
}

fn execution_fault(error: &ExecutionError) -> Fault {
    match error {
        ExecutionError::BadQuery(_) => Fault::Value,
        ExecutionError::PrepareError(error) => prepare_fault(error),
        ExecutionError::LastAttemptError(error) => attempt_fault(error),
        ExecutionError::UseKeyspaceError(_) => Fault::Fatal,
        _ => Fault::Retry,
    }
}

fn prepare_fault(error: &PrepareError) -> Fault {
    match error {
        PrepareError::AllAttemptsFailed { first_attempt } => match attempt_fault(first_attempt) {
            Fault::Retry => Fault::Retry,
            Fault::Value | Fault::Fatal => Fault::Fatal,
        },
        _ => Fault::Retry,
    }
}

fn attempt_fault(error: &RequestAttemptError) -> Fault {
    match error {
        RequestAttemptError::SerializationError(_) | RequestAttemptError::CqlRequestSerialization(_) => {
            Fault::Value
        }
        RequestAttemptError::DbError(error, message) => db_fault(error, message),
        _ => Fault::Retry,
    }
}

fn db_fault(error: &DbError, message: &str) -> Fault {
    match error {
        // Both databases say `Invalid` of a value they can't store and of a table that isn't there any more. Parking
        // every event because somebody dropped a keyspace would be worse than stopping.
        DbError::Invalid => {
            let message = message.to_lowercase();
            let missing =
                ["unconfigured", "does not exist", "doesn't exist", "can't find", "no such", "undefined"];
            if missing.iter().any(|part| message.contains(part)) { Fault::Fatal } else { Fault::Value }
        }
        DbError::SyntaxError
        | DbError::AlreadyExists { .. }
        | DbError::FunctionFailure { .. }
        | DbError::AuthenticationError
        | DbError::Unauthorized
        | DbError::ConfigError
        | DbError::ProtocolError => Fault::Fatal,
        _ => Fault::Retry,
    }
}
