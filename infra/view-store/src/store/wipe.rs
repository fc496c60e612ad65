use super::ViewStore;
use crate::Error;

impl ViewStore {
    /// Drops the base keyspace and every generation: all that was ever projected, and every command's outcome. Views can
    /// be rebuilt from the events; outcomes can't.
    pub async fn drop_everything(&self) -> Result<(), Error> {
        let mut keyspaces = vec![self.options().keyspace.clone()];
        keyspaces.extend(self.generation_keyspaces().await?.into_iter().map(|n| self.keyspace_of(n)));
        for keyspace in keyspaces {
            self.define("dropping a keyspace", &format!("DROP KEYSPACE IF EXISTS {keyspace}")).await?;
        }
        Ok(())
    }
}
