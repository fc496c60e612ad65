//! What a newcomer sees once all runs: where everything listens, and what to try.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use local_stack::Endpoints;
use settings::Settings;

use super::own_key::ADMIN;
use super::prometheus::Prometheus;
use crate::feed::Sample;
use crate::remote::gateway_url;

/// The admin's key, once: at the start that made it.
pub(super) fn print_key(dir: &Path) -> anyhow::Result<()> {
    let key = ADMIN.existing(dir).context("the admin's key was just made, and isn't there")?;
    println!("\nYour admin key, shown this once and kept in {}:\n", ADMIN.path(dir).display());
    println!("  {}\n", key.expose());
    Ok(())
}

pub(super) fn print(
    settings: &Settings,
    endpoints: &Endpoints,
    dir: &Path,
    prometheus: &Prometheus,
    took: Duration,
    sample: Option<&Sample>,
) {
    let gateway = gateway_url(settings);
    println!("\nParcelTrack runs, after {:.1} s.\n", took.as_secs_f64());
    println!("  tracking    {gateway}/track");
    println!("  console     {gateway}/console");
    println!("  all APIs    {gateway}/docs");
    println!("  behind it   http://{} commands", settings.command_api.listen);
    println!("              http://{} queries", settings.query_api.listen);
    println!("              http://{} configuration", settings.config_service.listen);
    println!("              http://{} services", settings.discovery_service.listen);
    println!("  metrics     http://{}/metrics (command handler)", settings.command_handler.ops_listen);
    println!("              http://{}/metrics (projector)", settings.projector.ops_listen);
    match prometheus {
        Prometheus::At(address) => println!("  prometheus  http://{address} graphs, alerts"),
        Prometheus::Unable(why) => println!("  prometheus  not started: {why}"),
        Prometheus::Without => {}
    }
    println!("  kafka       {}", endpoints.kafka.as_deref().unwrap_or("-"));
    println!("  database    {} (CQL)", endpoints.cql.as_deref().unwrap_or("-"));
    println!("  registry    {}", endpoints.registry.as_deref().unwrap_or("-"));
    if settings.auth.required {
        println!("  admin key   {}", ADMIN.path(dir).display());
    }
    println!("  data, logs  {}", dir.display());
    if let Some(Sample { summary, example }) = sample {
        println!("\nThe sample of real scan histories:\n\n{summary}\n");
        println!("One of them to try ({}, {} scans):\n", example.carrier, example.scans);
        println!("  open {gateway}/track/{}", example.tracking_number);
        println!("  curl -s {gateway}/api/v1/tracking/{}", example.tracking_number);
        println!("  parceltrack track {}", example.tracking_number);
    }
    println!("\nCtrl-C stops everything; the data stays. `make clean` wipes it.");
}
