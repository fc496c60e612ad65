//! `parceltrack schemas`: may ours be registered, register them, rebuild a registry that lost its memory.

mod used;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use event_log::Topics;
use schema_registry::{Contracts, Registry, Restored};
use settings::Settings;

use crate::cli::SchemasCommand;

pub(crate) async fn schemas(settings: &Settings, command: &SchemasCommand) -> anyhow::Result<()> {
    match command {
        SchemasCommand::Check => check(settings).await,
        SchemasCommand::Apply => apply(settings).await,
        SchemasCommand::Restore { schema } => restore(settings, schema).await,
    }
}

async fn check(settings: &Settings) -> anyhow::Result<()> {
    let report = registry(settings)?.check(&contracts(settings)).await?;
    println!("{report}");
    if !report.is_ok() {
        bail!("the registry would refuse our schemas; nothing was changed");
    }
    Ok(())
}

/// Checks and registers what isn't registered yet.
pub(crate) async fn apply(settings: &Settings) -> anyhow::Result<()> {
    let ids = registry(settings)?.apply(&contracts(settings)).await?;
    println!("{} schemas are registered", ids.iter().len());
    Ok(())
}

async fn restore(settings: &Settings, given: &[(u32, PathBuf)]) -> anyhow::Result<()> {
    let mut schemas = BTreeMap::new();
    for (id, file) in given {
        let json = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
        if schemas.insert(*id, json).is_some() {
            bail!("--schema {id}=… is given twice");
        }
    }
    let of_topics = settings.clone();
    let used = tokio::task::spawn_blocking(move || used::in_topics(&of_topics))
        .await?
        .context("the topics can't be read for the schema ids in use")?;
    if let Some(id) = schemas.keys().find(|id| used.iter().all(|used| used.id != **id)) {
        bail!("no record was written with the schema {id} of --schema; nothing was changed");
    }
    let commands = format!("{}-value", Topics::of_settings(&settings.kafka).commands);
    let (used, left_out) = used::with_given(used, &schemas, &commands);
    for id in left_out {
        eprintln!(
            "warning: id {id} is left out: only commands without a pt-schema header name it, which may be junk that \
             begins with a zero byte; if it is a schema, empty the registry and run this again with --schema {id}=FILE"
        );
    }
    if used.is_empty() {
        println!("no record names a schema: `parceltrack schemas apply` is all it takes");
        return Ok(());
    }
    match registry(settings)?.restore(&used).await? {
        Restored::AlreadyThere => {
            println!("the registry has all {} schemas in use, each under its id", used.len());
        }
        Restored::Rebuilt { ids } => println!("restored {} schemas, ids {ids:?}", ids.len()),
    }
    Ok(())
}

fn registry(settings: &Settings) -> anyhow::Result<Registry> {
    Ok(Registry::of_settings(&settings.registry)?)
}

fn contracts(settings: &Settings) -> Contracts {
    Contracts::ours(&settings.kafka.topic_prefix)
}
