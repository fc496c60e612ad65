use crate::tables::{Table, base_tables, generation_tables};
use crate::{Error, ViewStore};

use super::Generations;

impl ViewStore {
    /// Makes what is missing of the base keyspace and of the live generation; the very first time, that is generation 1.
    /// What is there stays as it is: [`verify_tables`](Self::verify_tables) compares it.
    pub async fn apply_tables(&self) -> Result<Generations, Error> {
        self.make(&self.options().keyspace.clone(), &base_tables()).await?;
        let generations = match self.generations().await {
            Err(Error::NoTables { .. }) => {
                self.make_generation(1).await?;
                self.start_with_first_generation().await?
            }
            known => known?,
        };
        for generation in generations.all() {
            self.make_generation(generation).await?;
        }
        Ok(generations)
    }

    pub(super) async fn make_generation(&self, generation: u32) -> Result<(), Error> {
        self.make(&self.keyspace_of(generation), &generation_tables()).await
    }

    /// A keyspace belongs to whoever made it; others must be let in before they are sent there.
    async fn grant(&self, keyspace: &str) -> Result<(), Error> {
        let options = self.options();
        let writers = options.writers.iter().flat_map(|role| [("SELECT", role), ("MODIFY", role)]);
        for (right, role) in writers.chain(options.readers.iter().map(|role| ("SELECT", role))) {
            let grant = format!("GRANT {right} ON KEYSPACE {keyspace} TO \"{role}\"");
            self.define("granting a right", &grant).await?;
        }
        Ok(())
    }

    async fn make(&self, keyspace: &str, tables: &[Table]) -> Result<(), Error> {
        let copies = self.options().replication_factor;
        let place = match &self.options().local_datacenter {
            Some(datacenter) => format!("'{datacenter}': {copies}"),
            None => format!("'replication_factor': {copies}"),
        };
        let create = format!(
            "CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = \
             {{'class': 'NetworkTopologyStrategy', {place}}} AND durable_writes = true"
        );
        self.define("making a keyspace", &create).await?;
        for table in tables {
            self.define("making a table", &table.create(keyspace)).await?;
        }
        self.grant(keyspace).await?;
        // From now on the driver knows where the new tables' rows lie.
        self.session().refresh_metadata().await.map_err(|source| Error::Statement {
            doing: "reading where the new tables lie",
            source: Box::new(source.into()),
        })
    }
}
