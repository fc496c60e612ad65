//! `parceltrack run ROLE`: one role in this process.

use settings::{LogFormat, Settings};
use telemetry::logs::Format;

use crate::cli::RoleName;

/// Runs the role until SIGINT or SIGTERM.
pub(crate) async fn run(settings: &Settings, role: RoleName) -> anyhow::Result<()> {
    let format = match settings.log.format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    telemetry::logs::init(format, &settings.log.level)?;
    let shutdown = telemetry::shutdown::on_signals()?;
    match role {
        RoleName::CommandHandler => command_handler::run(settings, shutdown).await?,
        RoleName::CommandApi => command_api::run(settings, shutdown).await?,
        RoleName::Projector => projector::run(settings, shutdown).await?,
        RoleName::QueryApi => query_api::run(settings, shutdown).await?,
    }
    Ok(())
}
