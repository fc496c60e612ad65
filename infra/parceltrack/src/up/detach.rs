//! `up --detach`: the supervisor as a process of its own, and a wait until all runs.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::running;
use crate::cli::UpArgs;

/// Starts the supervisor with the arguments of this process, less `--detach`, and shows its log until all runs.
pub(super) async fn detach(dir: &Path, args: &UpArgs) -> anyhow::Result<()> {
    let log_path = dir.join("log").join("up.log");
    std::fs::create_dir_all(dir.join("log"))?;
    // A key that is made is shown there, too.
    let log = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&log_path)?;
    log.set_permissions(Permissions::from_mode(0o600))?;
    let program = std::env::current_exe()?;
    let arguments = std::env::args_os().skip(1).filter(|a| a != "--detach");
    let mut supervisor = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Away from this terminal's Ctrl-C.
        .process_group(0)
        .spawn()
        .context("can't start the supervisor")?;
    let mut shown = 0;
    loop {
        shown = show_from(&log_path, shown)?;
        if let Some(status) = supervisor.try_wait()? {
            show_from(&log_path, shown)?;
            bail!("the supervisor ended ({status}) before all ran; its log is {}", log_path.display());
        }
        if running(dir).is_some_and(|r| r.ready) {
            // What it says last is where everything listens.
            tokio::time::sleep(Duration::from_millis(200)).await;
            show_from(&log_path, shown)?;
            let data =
                args.data.data.as_ref().map(|d| format!(" --data {}", d.display())).unwrap_or_default();
            println!("it stays in the background: `parceltrack status{data}`, `parceltrack down{data}`");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Prints what the log has beyond `from` bytes; returns how far it was shown.
fn show_from(path: &Path, from: usize) -> std::io::Result<usize> {
    let bytes = std::fs::read(path)?;
    let fresh = bytes.get(from..).unwrap_or_default();
    std::io::Write::write_all(&mut std::io::stdout(), fresh)?;
    Ok(bytes.len())
}
