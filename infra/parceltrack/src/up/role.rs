//! One role as a child process: spawned, watched, brought back with back-off, stopped in order.

use std::path::Path;
use std::time::{Duration, Instant};

use local_stack::process::{Process, ProcessSpec};
use tokio_util::sync::CancellationToken;

use super::board::Board;

/// The first wait before a child that died is started again; it doubles with each death in a row.
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
/// The longest such wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// A child that lived this long counts as healthy again: its next death starts with the first wait.
const STEADY: Duration = Duration::from_mins(1);
/// How long a child may take to stop by itself once it is asked to.
const GRACE: Duration = Duration::from_secs(20);
/// How often a child is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Where each of ours says whether it is ready.
pub(super) const READY_PATH: &str = "/readyz";

/// What to start, and where it says how it is.
#[derive(Clone, Debug)]
pub(super) struct Role {
    /// As in `parceltrack run NAME`.
    pub(super) name: &'static str,
    /// Where it says how it is, `host:port`.
    pub(super) ops: String,
    /// Under which path.
    pub(super) ready_path: &'static str,
    /// How to start it.
    pub(super) spec: ProcessSpec,
}

impl Role {
    /// Keeps the role running until `stop`; then asks it to stop and waits for that.
    pub(super) async fn keep_running(self, board: Board, stop: CancellationToken) {
        let mut back_off = FIRST_BACK_OFF;
        while !stop.is_cancelled() {
            let started = Instant::now();
            let ended = match Process::spawn(&self.spec) {
                Ok(mut process) => {
                    board.started(self.name, process.pid());
                    let ended = watch(&mut process, &stop).await;
                    board.ended(self.name);
                    match ended {
                        Some(status) => status.to_string(),
                        None => return,
                    }
                }
                Err(error) => error.to_string(),
            };
            if started.elapsed() > STEADY {
                back_off = FIRST_BACK_OFF;
            }
            board.restarting(self.name);
            eprintln!(
                "{} ended ({ended}); starting it again in {:.1} s; its log: {}",
                self.name,
                back_off.as_secs_f64(),
                self.spec.log.display()
            );
            tokio::select! {
                () = tokio::time::sleep(back_off) => {}
                () = stop.cancelled() => return,
            }
            back_off = (back_off * 2).min(LONGEST_BACK_OFF);
        }
    }
}

/// How the child ended by itself; `None` when it was stopped.
async fn watch(process: &mut Process, stop: &CancellationToken) -> Option<std::process::ExitStatus> {
    loop {
        if let Some(status) = process.try_exit() {
            return Some(status);
        }
        process.tend_log();
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {
                process.stop(GRACE).await;
                return None;
            }
        }
    }
}

/// A role's log file.
pub(super) fn log_path(dir: &Path, name: &str) -> std::path::PathBuf {
    dir.join("log").join(format!("{name}.log"))
}
