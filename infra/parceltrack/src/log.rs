//! Which log lines are written.

use settings::{LogFormat, Origin, Settings};
use telemetry::logs::{Format, Writing};

/// Those of a role.
pub(crate) fn of_role(settings: &Settings) -> anyhow::Result<Writing> {
    begin(settings, &settings.log.level.now())
}

/// Those of what isn't a role: warnings, unless somebody set a level.
pub(crate) fn of_tool(settings: &Settings) -> anyhow::Result<Writing> {
    let unset = settings.origin("log.level") == Origin::Default;
    let level = settings.log.level.now();
    begin(settings, if unset { "warn" } else { &level })
}

fn begin(settings: &Settings, level: &str) -> anyhow::Result<Writing> {
    let format = match settings.log.format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    Ok(telemetry::logs::init(format, level)?)
}
