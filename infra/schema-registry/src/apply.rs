//! Registering our contracts, before the first record is written with them.

use event_codec::{Contract, WriterSchemas};

use crate::{Contracts, Error, Ids, Registry};

impl Registry {
    /// Registers what isn't registered yet, and sets each subject's rule. Does nothing, quickly, where all is as it
    /// should be; may be done by many at once.
    ///
    /// # Errors
    /// [`Error::Refused`] with the offending fields; then nothing was changed.
    pub async fn apply(&self, contracts: &Contracts) -> Result<Ids, Error> {
        if let Some(ids) = self.ids(contracts).await? {
            self.set_levels(contracts).await?;
            return Ok(ids);
        }
        let report = self.check(contracts).await?;
        if !report.is_ok() {
            return Err(Error::Refused(Box::new(report)));
        }
        let mut ids = Ids::default();
        for (subject, contract) in contracts.subjects() {
            let id = self.register_once(&subject, contract).await?;
            self.confirm(&subject, contract, id).await?;
            tracing::info!(subject, id, schema = contract.stamp(), "schema registered");
            ids.insert(subject, id);
        }
        // After the schemas: a registry need not know a rule for a subject that doesn't exist.
        self.set_levels(contracts).await?;
        Ok(ids)
    }

    /// The ids of our contracts, or nothing if some isn't registered. Changes nothing.
    ///
    /// # Errors
    /// When the registry doesn't answer, or contradicts itself.
    pub async fn ids(&self, contracts: &Contracts) -> Result<Option<Ids>, Error> {
        let mut ids = Ids::default();
        for (subject, contract) in contracts.subjects() {
            let Some(id) = self.look_up(&subject, contract.schema_json()).await? else { return Ok(None) };
            if self.confirm(&subject, contract, id).await.is_err() {
                // Some registries look schemas up by a looser comparison than ours.
                return Ok(None);
            }
            ids.insert(subject, id);
        }
        Ok(Some(ids))
    }

    /// Another of our processes may register the same at the same time; the registry then answers one of them with a
    /// conflict although all is well.
    async fn register_once(&self, subject: &str, contract: &Contract) -> Result<u32, Error> {
        let refused = match self.register(subject, contract.schema_json()).await {
            Err(error @ Error::Answer { .. }) => error,
            other => return other,
        };
        match self.look_up(subject, contract.schema_json()).await? {
            Some(id) => Ok(id),
            None => Err(refused),
        }
    }

    /// Nothing is ever written with an id under which the registry has another schema.
    async fn confirm(&self, subject: &str, contract: &Contract, id: u32) -> Result<(), Error> {
        let writers = WriterSchemas::new();
        writers.add(id, &self.writer_schema(id).await?)?;
        match writers.stamp(id) {
            Some(theirs) if theirs == contract.stamp() => Ok(()),
            theirs => Err(Error::WrongId {
                subject: subject.to_owned(),
                id,
                ours: contract.stamp().to_owned(),
                theirs: theirs.unwrap_or_default(),
            }),
        }
    }

    async fn set_levels(&self, contracts: &Contracts) -> Result<(), Error> {
        for (subject, contract) in contracts.subjects() {
            let wanted = contract.level().as_str();
            if self.level(&subject).await?.as_deref() == Some(wanted) {
                continue;
            }
            match self.set_level(&subject, wanted).await {
                Ok(()) => tracing::info!(subject, level = wanted, "compatibility rule set"),
                // Another of our processes was faster.
                Err(_) if self.level(&subject).await?.as_deref() == Some(wanted) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
