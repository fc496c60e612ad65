//! The registry's API, as much of it as we need.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::absent::Absent;
use crate::client::Client;
use crate::{Auth, Error};

/// How long a request is repeated while the registry doesn't answer, unless told otherwise.
const PATIENCE: Duration = Duration::from_mins(1);

/// A schema registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) client: Client,
    absent: Absent,
}

/// One version of a subject.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Registered {
    /// The subject.
    pub subject: String,
    /// Its version there, from 1.
    pub version: i32,
    /// Its id, the same in all subjects.
    pub id: u32,
    /// The schema.
    pub schema: String,
}

impl Registry {
    /// A client for the registry whose Confluent API is at this address. Nothing is sent yet. `timeout` is for each
    /// attempt.
    ///
    /// # Errors
    /// When the address isn't one.
    pub fn connect(url: &str, auth: Auth, timeout: Duration) -> Result<Self, Error> {
        Ok(Self { client: Client::new(url, auth, timeout, PATIENCE)?, absent: Absent::default() })
    }

    /// The same, waiting this long for a registry that doesn't answer.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.client.patience = patience;
        self
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.client.base().as_str()
    }

    /// All subjects.
    ///
    /// # Errors
    /// When it doesn't answer, or isn't a registry.
    pub async fn subjects(&self) -> Result<Vec<String>, Error> {
        self.client.get(&["subjects"]).await?.json()
    }

    /// All versions of a subject, the oldest first; none where there is no such subject.
    ///
    /// # Errors
    /// When it doesn't answer.
    pub async fn versions(&self, subject: &str) -> Result<Vec<Registered>, Error> {
        let numbers: Option<Vec<i32>> =
            self.client.get(&["subjects", subject, "versions"]).await?.json_if_any()?;
        let mut versions = Vec::new();
        for number in numbers.unwrap_or_default() {
            let path = ["subjects", subject, "versions", &number.to_string()];
            versions.push(self.client.get(&path).await?.json()?);
        }
        versions.sort_by_key(|v: &Registered| v.version);
        Ok(versions)
    }

    /// The schema that the registry has under an id. That it has none is remembered for a few seconds, so that a flood of
    /// junk isn't a flood of questions.
    ///
    /// # Errors
    /// [`Error::UnknownId`] when it has none.
    pub async fn writer_schema(&self, id: u32) -> Result<String, Error> {
        let unknown = || Error::UnknownId { url: self.url().to_owned(), id };
        if self.absent.contains(id) {
            return Err(unknown());
        }
        self.schema_of(id).await?.ok_or_else(|| {
            self.absent.add(id);
            unknown()
        })
    }

    pub(crate) async fn schema_of(&self, id: u32) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Found {
            schema: String,
        }
        let found: Option<Found> =
            self.client.get(&["schemas", "ids", &id.to_string()]).await?.json_if_any()?;
        Ok(found.map(|f| f.schema))
    }

    /// The rule by which a subject's schema may change.
    ///
    /// # Errors
    /// When it doesn't answer.
    pub async fn level(&self, subject: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Config {
            #[serde(rename = "compatibilityLevel")]
            level: String,
        }
        let config: Option<Config> = self.client.get(&["config", subject]).await?.json_if_any()?;
        Ok(config.map(|c| c.level))
    }

    pub(crate) async fn set_level(&self, subject: &str, level: &str) -> Result<(), Error> {
        let answer = self.client.put(&["config", subject], &json!({ "compatibility": level })).await?;
        if answer.status.is_success() { Ok(()) } else { Err(answer.into_error()) }
    }

    /// The id of this very schema under a subject, if it is registered there.
    pub(crate) async fn look_up(&self, subject: &str, schema: &str) -> Result<Option<u32>, Error> {
        let body = json!({ "schemaType": "AVRO", "schema": schema });
        let found: Option<Identity> = self.client.post(&["subjects", subject], &body).await?.json_if_any()?;
        Ok(found.map(|f| f.id))
    }

    /// Registers a schema; the id it has then. A schema that is there already keeps its id.
    pub(crate) async fn register(&self, subject: &str, schema: &str) -> Result<u32, Error> {
        let body = json!({ "schemaType": "AVRO", "schema": schema });
        let registered: Identity =
            self.client.post(&["subjects", subject, "versions"], &body).await?.json()?;
        Ok(registered.id)
    }

    /// The registry's own verdict on a new version of a subject that exists; `None` where it doesn't.
    pub(crate) async fn would_take(&self, subject: &str, schema: &str) -> Result<Option<Opinion>, Error> {
        let body = json!({ "schemaType": "AVRO", "schema": schema });
        self.client.post(&["compatibility", "subjects", subject, "versions"], &body).await?.json_if_any()
    }
}

#[derive(Deserialize)]
struct Identity {
    id: u32,
}

/// What the registry thinks of a schema.
#[derive(Deserialize)]
pub(crate) struct Opinion {
    #[serde(rename = "is_compatible")]
    pub(crate) compatible: bool,
    #[serde(default)]
    pub(crate) messages: Vec<String>,
}
