//! What can go wrong with the registry, and the way out.

use std::time::Duration;

use crate::Report;

/// Why the registry couldn't do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address isn't one.
    #[error(
        "`{url}` is no address of a registry: {reason}; it looks like http://127.0.0.1:8081/apis/ccompat/v7"
    )]
    BadUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client couldn't be made.
    #[error("the HTTP client can't be set up")]
    Client(#[source] reqwest::Error),
    /// It didn't answer, for as long as we were ready to wait.
    #[error("the schema registry at {url} didn't answer for {} s; is it running, and is `registry.url` right?", waited.as_secs())]
    Unreachable {
        /// Its address.
        url: String,
        /// How long it was tried.
        waited: Duration,
        /// The last failure.
        #[source]
        source: reqwest::Error,
    },
    /// It answered with an error.
    #[error("{request}: the schema registry answered {status}: {message}")]
    Answer {
        /// What was asked.
        request: String,
        /// The HTTP status.
        status: u16,
        /// The registry's own words.
        message: String,
    },
    /// It answered something that isn't its API's.
    #[error(
        "{request}: the answer is not the registry's API ({reason}); does `registry.url` end in /apis/ccompat/v7, or whatever your registry's Confluent API is called?"
    )]
    NotItsApi {
        /// What was asked.
        request: String,
        /// What was odd.
        reason: String,
    },
    /// A record names a schema that the registry doesn't have.
    #[error(
        "the schema registry at {url} has no schema {id}, and a record was written with it; if the registry was lost, `parceltrack schemas restore` rebuilds it"
    )]
    UnknownId {
        /// The registry's address.
        url: String,
        /// The id.
        id: u32,
    },
    /// Some contract may not be registered.
    #[error("the schemas can't be registered:\n{0}")]
    Refused(Box<Report>),
    /// The registry has another schema under the id that it gave us for ours.
    #[error(
        "{subject}: the registry says our schema has id {id}, but under that id it has {theirs} and not {ours}; nothing is written with such an id"
    )]
    WrongId {
        /// The subject.
        subject: String,
        /// The id.
        id: u32,
        /// Our schema's name and fingerprint.
        ours: String,
        /// What the registry has.
        theirs: String,
    },
    /// A contract was asked for that isn't among those registered.
    #[error("{name} is not among the contracts this was opened with")]
    NotOpened {
        /// Its record's name.
        name: String,
    },
    /// There is something in the registry already, so ids can't be given back.
    #[error(
        "the registry is not empty ({subjects}), so ids can't be restored and nothing was changed; give it an empty store, or, if those subjects are right, run `parceltrack schemas apply`"
    )]
    NotEmpty {
        /// What is there.
        subjects: String,
    },
    /// A schema in use is known neither here nor was it given.
    #[error(
        "nothing was changed, because these schemas are in use and not known here:\n{list}\ngive each as a file: --schema ID=FILE"
    )]
    UnknownSchemas {
        /// One line for each.
        list: String,
    },
    /// One id was used for two schemas.
    #[error("id {id} is used for {one} and for {other}: no registry can have both, and nothing was changed")]
    Contradiction {
        /// The id.
        id: u32,
        /// One of them.
        one: String,
        /// The other.
        other: String,
    },
    /// The registry can't give ids back.
    #[error(
        "the registry at {url} is not an Apicurio Registry, and no other can be told which ids to use; restore it from its own backup (nothing was changed)"
    )]
    CantKeepIds {
        /// Its address.
        url: String,
    },
    /// The registry took the schemas, and not all have their ids.
    #[error(
        "the registry took the schemas, but id {id} is {found} and not {wanted}; empty its store before you try again, and let nothing write until then"
    )]
    NotRestored {
        /// The first id that is wrong.
        id: u32,
        /// What should be there.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// The archive for the registry couldn't be made.
    #[error("the archive to import can't be made")]
    Archive(#[source] std::io::Error),
    /// A schema or a value that isn't right.
    #[error(transparent)]
    Codec(#[from] event_codec::Error),
}

impl Error {
    /// Whether the same may succeed later, with nothing changed on our side.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Answer { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}
