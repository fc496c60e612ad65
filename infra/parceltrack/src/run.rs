//! `parceltrack run ROLE`: one role in this process.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use settings::Settings;

use crate::cli::RoleName;

/// Runs the role until SIGINT or SIGTERM.
pub(crate) async fn run(settings: &Settings, role: RoleName) -> anyhow::Result<()> {
    raise_open_files();
    let shutdown = telemetry::shutdown::on_signals()?;
    match role {
        RoleName::CommandHandler => command_handler::run(settings, shutdown).await?,
        RoleName::CommandApi => command_api::run(settings, shutdown).await?,
        RoleName::Projector => projector::run(settings, shutdown).await?,
        RoleName::QueryApi => query_api::run(settings, shutdown).await?,
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
