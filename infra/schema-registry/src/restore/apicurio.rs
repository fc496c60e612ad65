//! Apicurio's own import. Registering in order would not do: it uses up ids for versions that share a schema and for
//! attempts that fail, so the ids in use have gaps, and only an import can leave those out.

use std::collections::BTreeMap;

use reqwest::Url;
use serde::Deserialize;

use super::{Wanted, archive};
use crate::{Error, Registry};

impl Registry {
    /// Imports the schemas with their ids. The registry itself refuses unless it is empty.
    pub(super) async fn import(&self, wanted: &BTreeMap<u32, Wanted>) -> Result<(), Error> {
        if wanted.is_empty() {
            return Ok(());
        }
        let cant = || Error::CantKeepIds { url: self.url().to_owned() };
        let api = native_api(self.client.base()).ok_or_else(cant)?;
        let info = self.client.get_url(&api.join("system/info").map_err(|_| cant())?).await?;
        let system: System = info.json().map_err(|_| cant())?;
        if !system.name.starts_with("Apicurio") {
            return Err(cant());
        }
        let archive = archive::of(wanted).map_err(Error::Archive)?;
        let address = api.join("admin/import?requireEmptyRegistry=true").map_err(|_| cant())?;
        let answer = self.client.post_zip(&address, archive).await?;
        if answer.status.is_success() { Ok(()) } else { Err(answer.into_error()) }
    }
}

#[derive(Deserialize)]
struct System {
    name: String,
}

/// Where Apicurio's own API is, given where its Confluent API is.
fn native_api(base: &Url) -> Option<Url> {
    let (before, _) = base.path().split_once("/apis/ccompat/")?;
    let mut url = base.clone();
    url.set_path(&format!("{before}/apis/registry/v3/"));
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_native_api_is_found_beside_confluents() {
        let native = |url: &str| native_api(&Url::parse(url).unwrap()).map(String::from);
        let found = native("http://127.0.0.1:8081/apis/ccompat/v7/");
        assert_eq!(found.as_deref(), Some("http://127.0.0.1:8081/apis/registry/v3/"));
        let behind = native("https://example.org/registry/apis/ccompat/v7/");
        assert_eq!(behind.as_deref(), Some("https://example.org/registry/apis/registry/v3/"));
        assert_eq!(native("http://confluent.example.org:8081/"), None);
    }
}
