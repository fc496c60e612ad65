//! `parceltrack run ROLE`: one role in this process.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use service_registry::Registration;
use settings::{Settings, Sources};
use telemetry::logs::Level;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cli::RoleName;
use crate::presence;

/// Runs the role until SIGINT or SIGTERM, with settings that follow the config topic.
pub(crate) async fn run(sources: Sources, role: RoleName, level: Level) -> anyhow::Result<()> {
    raise_open_files();
    telemetry::metrics::show_build(env!("CARGO_PKG_VERSION"), role.name());
    let shutdown = telemetry::shutdown::on_signals()?;
    let (runs_on, version) = watch::channel(0);
    let follows = move |settings: &Settings, version: u64| {
        if let Err(error) = level.set(&settings.log.level.now()) {
            tracing::error!(%error, "the log level stays as it was");
        }
        telemetry::sampling::set_ratio(settings.tracing.sample_ratio.now());
        runs_on.send_replace(version);
    };
    let settings = live_config::load(sources, role.name(), shutdown.clone(), follows).await?;
    telemetry::spans::keep(settings.tracing.ring_spans);
    let sending = CancellationToken::new();
    let spans = otlp::start(&settings.tracing, &who(&settings, role), sending.clone())?;
    let registrar = presence::register(&settings, role, version);
    let stop = CancellationToken::new();
    let leaving = async {
        shutdown.cancelled().await;
        // First, so that nobody new comes while the last answers are given.
        if let Some(registrar) = registrar {
            registrar.stop().await;
        }
        stop.cancel();
    };
    let running = async {
        // Whoever is registered leaves, also when the role ends by itself.
        let _leaving = shutdown.clone().drop_guard();
        serve(&settings, role, stop.clone()).await
    };
    let (ran, ()) = tokio::join!(running, leaving);
    sending.cancel();
    if let Some(spans) = spans {
        // It bounds itself; whether it came to its end is all the same.
        let _ = spans.await;
    }
    ran
}

/// Under which name its spans are found.
fn who(settings: &Settings, role: RoleName) -> otlp::Who {
    let registered = Registration::of_settings(&settings.discovery, role.name(), role.listen(settings));
    let instance = registered.map_or_else(|_| role.name().to_owned(), |of| of.instance.to_string());
    otlp::Who { service: role.name().to_owned(), instance, version: env!("CARGO_PKG_VERSION") }
}

async fn serve(settings: &Settings, role: RoleName, shutdown: CancellationToken) -> anyhow::Result<()> {
    match role {
        RoleName::CommandHandler => command_handler::run(settings, shutdown).await?,
        RoleName::CommandApi => command_api::run(settings, shutdown).await?,
        RoleName::Projector => projector::run(settings, shutdown).await?,
        RoleName::QueryApi => query_api::run(settings, shutdown).await?,
        RoleName::ConfigService => config_service::run(settings, shutdown).await?,
        RoleName::DiscoveryService => discovery_service::run(settings, shutdown).await?,
        RoleName::Gateway => gateway::run(settings, shutdown).await?,
        RoleName::Console => console::run(settings, shutdown).await?,
    }
    Ok(())
}

/// Raises the soft limit of open files to the hard one: each connection and each file of the state takes one, and many
/// systems' soft limit is 1024.
fn raise_open_files() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        if soft < hard { setrlimit(Resource::RLIMIT_NOFILE, hard, hard) } else { Ok(()) }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files can't be raised");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_as_may_be_are_open_at_once() {
        raise_open_files();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(soft, hard);
    }
}
