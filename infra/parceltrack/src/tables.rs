//! `parceltrack tables`: the keyspaces and tables of the views.

use anyhow::bail;
use settings::Settings;
use view_store::{CqlOptions, ViewStore};

use crate::cli::TablesCommand;

pub(crate) async fn tables(settings: &Settings, command: &TablesCommand) -> anyhow::Result<()> {
    match command {
        TablesCommand::Apply => apply(settings).await,
        TablesCommand::Verify => verify(settings).await,
    }
}

/// Creates what is missing, and refuses what then still deviates.
pub(crate) async fn apply(settings: &Settings) -> anyhow::Result<()> {
    let store = ViewStore::connect(&CqlOptions::of_settings(&settings.cql)).await?;
    store.apply_tables().await?;
    verify_in(&store).await
}

async fn verify(settings: &Settings) -> anyhow::Result<()> {
    verify_in(&ViewStore::connect(&CqlOptions::of_settings(&settings.cql)).await?).await
}

async fn verify_in(store: &ViewStore) -> anyhow::Result<()> {
    let differences = store.verify_tables().await?;
    for difference in &differences {
        eprintln!("{difference}");
    }
    if !differences.is_empty() {
        bail!("{} differences from what the tables must be", differences.len());
    }
    let generations = store.generations().await?;
    println!("the tables are as they must be; generation {} is live", generations.live);
    Ok(())
}
