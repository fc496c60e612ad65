//! Child processes that cannot outlive their parent and that a terminal's Ctrl-C does not reach.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::Error;

/// What to run. Output of both streams is appended to `log`.
#[derive(Debug, Clone)]
pub struct ProcessSpec {
    /// The program, a path or a name on the path.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables added to the parent's environment.
    pub env: Vec<(OsString, OsString)>,
    /// The working folder.
    pub dir: PathBuf,
    /// The log file.
    pub log: PathBuf,
}

/// A running child in a process group of its own. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    exit: Option<ExitStatus>,
    started: Instant,
    log: PathBuf,
    log_seen: Instant,
}

impl Process {
    /// Starts the child. It gets SIGTERM when this process dies, however it dies.
    ///
    /// # Errors
    /// The log cannot be opened or the program cannot be run.
    pub fn spawn(spec: &ProcessSpec) -> Result<Self, Error> {
        let log = open_log(&spec.log)?;
        let errors = log.try_clone().map_err(Error::io("open", &spec.log))?;
        let mut command = tied_to_parent(&spec.program);
        command
            .args(&spec.args)
            .envs(spec.env.iter().cloned())
            .current_dir(&spec.dir)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0);
        let program = || spec.program.display().to_string();
        let child = on_spawner(command).map_err(|source| Error::Spawn { program: program(), source })?;
        let now = Instant::now();
        Ok(Self { child, exit: None, started: now, log: spec.log.clone(), log_seen: now })
    }

    /// The child's process id, which is also its group's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How long ago it was started.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// How the child ended, if it has.
    pub fn try_exit(&mut self) -> Option<ExitStatus> {
        if self.exit.is_none() {
            self.exit = self.child.try_wait().ok().flatten();
        }
        self.exit
    }

    /// Keeps the log from filling the disk: one that has grown too large is moved aside, over the one moved before. To be
    /// called now and then; it looks once a minute.
    pub fn tend_log(&mut self) {
        const EVERY: Duration = Duration::from_mins(1);
        if self.log_seen.elapsed() < EVERY {
            return;
        }
        self.log_seen = Instant::now();
        if let Err(error) = move_aside(&self.log) {
            tracing::warn!(%error, log = %self.log.display(), "a log that is too large can't be moved aside");
        }
    }

    /// Sends a signal to the child's whole group; nothing happens when it has ended.
    pub fn signal(&mut self, signal: Signal) {
        // The pid of a child that was waited for may belong to a stranger by now.
        if self.try_exit().is_none() {
            let _ = killpg(Pid::from_raw(self.pid() as i32), signal);
        }
    }

    /// Waits for the end; `None` when it is still running after `limit`.
    pub async fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.try_exit() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGTERM, then SIGKILL after `grace`. True when it had to be killed.
    pub async fn stop(&mut self, grace: Duration) -> bool {
        self.signal(Signal::SIGTERM);
        // A stopped process cannot act on SIGTERM.
        self.signal(Signal::SIGCONT);
        if self.wait(grace).await.is_some() {
            return false;
        }
        self.kill().await;
        true
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        while self.try_exit().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.try_exit().is_none() {
            self.signal(Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// A process is there, not a zombie, and the very one that was recorded: pids are used again.
pub fn is_alive(pid: u32, start_ticks: u64) -> bool {
    self::start_ticks(pid) == Some(start_ticks)
}

/// When a process started, in clock ticks since boot: with the pid it names a process for good.
pub fn start_ticks(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name in parentheses may hold spaces; the state is the first field after it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if fields.first() == Some(&"Z") {
        return None;
    }
    fields.get(19)?.parse().ok()
}

/// Sends a signal to a process that is not our child.
pub fn signal_stranger(pid: u32, signal: Signal) {
    let _ = kill(Pid::from_raw(pid as i32), signal);
}

/// The last lines of a log, for an error message.
pub fn log_tail(log: &Path, lines: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let from = bytes.len().saturating_sub(16 * 1024);
    let text = String::from_utf8_lossy(&bytes[from..]).into_owned();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

fn open_log(path: &Path) -> Result<fs::File, Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    // A log that can't be moved aside is no reason not to start.
    let _ = move_aside(path);
    OpenOptions::new().create(true).append(true).open(path).map_err(Error::io("open", path))
}

/// Empties a log that has grown too large, after a copy of it. The child goes on writing to the same file: it was opened
/// for appending, so its next line is the first. What it writes between the copy and the cut is lost.
fn move_aside(path: &Path) -> io::Result<()> {
    const KEEP: u64 = 16 * 1024 * 1024;
    if fs::metadata(path).is_ok_and(|log| log.len() > KEEP) {
        fs::copy(path, path.with_extension("log.1"))?;
        OpenOptions::new().write(true).open(path)?.set_len(0)?;
    }
    Ok(())
}

/// `setpriv` (util-linux, on every Debian) asks the kernel for the parent-death signal and then becomes
/// the program: asking from here would need unsafe code between fork and exec.
fn tied_to_parent(program: &Path) -> Command {
    static SETPRIV: OnceLock<bool> = OnceLock::new();
    let available = *SETPRIV.get_or_init(|| {
        let found = Command::new("setpriv").args(["--pdeathsig", "TERM", "true"]).status();
        let available = found.is_ok_and(|status| status.success());
        if !available {
            tracing::warn!("setpriv is missing: children would outlive a parent that is killed with -9");
        }
        available
    });
    if available {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// The kernel sends the parent-death signal when the *thread* that started the child ends, and a
/// runtime's threads come and go. So all children are started by one thread that never ends.
fn on_spawner(command: Command) -> io::Result<Child> {
    type Request = (Command, SyncSender<io::Result<Child>>);
    static SPAWNER: OnceLock<Sender<Request>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (requests, inbox) = channel::<Request>();
        std::thread::spawn(move || {
            for (mut command, reply) in inbox {
                let _ = reply.send(command.spawn());
            }
        });
        requests
    });
    let (reply, answer) = sync_channel(1);
    let gone = || io::Error::other("the thread that starts processes has ended");
    spawner.send((command, reply)).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, dir: &Path) -> ProcessSpec {
        ProcessSpec {
            program: "sh".into(),
            args: vec!["-c".into(), script.into()],
            env: vec![("GREETING".into(), "hello".into())],
            dir: dir.to_owned(),
            log: dir.join("child.log"),
        }
    }

    #[test]
    fn a_log_that_is_too_large_is_moved_aside_and_written_on() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("child.log");
        let mut child = open_log(&path).unwrap();
        child.write_all(&vec![b'x'; 17 * 1024 * 1024]).unwrap();
        move_aside(&path).unwrap();
        child.write_all(b"more").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"more");
        move_aside(&path).unwrap();
        assert_eq!(fs::metadata(path.with_extension("log.1")).unwrap().len(), 17 * 1024 * 1024);
    }

    #[tokio::test]
    async fn output_goes_to_the_log_and_the_exit_is_seen() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut process = Process::spawn(&shell("echo $GREETING; exit 3", dir.path())).expect("a child");
        let status = process.wait(Duration::from_secs(5)).await.expect("it ends");
        assert_eq!(status.code(), Some(3));
        assert_eq!(log_tail(&dir.path().join("child.log"), 5), "hello");
    }

    #[tokio::test]
    async fn one_that_ignores_sigterm_is_killed() {
        let dir = tempfile::tempdir().expect("a folder");
        let script = "trap '' TERM; echo ready; while true; do sleep 1; done";
        let mut process = Process::spawn(&shell(script, dir.path())).expect("a child");
        while !log_tail(&dir.path().join("child.log"), 1).contains("ready") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (pid, ticks) = (process.pid(), start_ticks(process.pid()).expect("it runs"));
        assert!(is_alive(pid, ticks));
        assert!(process.stop(Duration::from_millis(200)).await);
        assert!(!is_alive(pid, ticks));
    }

    #[tokio::test]
    async fn a_stopped_one_still_ends_on_request() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut process = Process::spawn(&shell("exec sleep 60", dir.path())).expect("a child");
        process.signal(Signal::SIGSTOP);
        assert!(!process.stop(Duration::from_secs(5)).await);
    }
}
