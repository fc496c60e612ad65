//! One role as a process that is killed, frozen and started again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local_stack::process::{Process, ProcessSpec};
use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// How long it may take to stop by itself once it is asked to.
const GRACE: Duration = Duration::from_secs(25);
/// How long it may take to say whether it is ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// What it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoleKind {
    /// Decides commands.
    Handler,
    /// Writes views.
    Projector,
    /// Takes commands over HTTP.
    CommandApi,
    /// Reads views.
    QueryApi,
    /// The config topic over HTTP.
    ConfigService,
    /// The registry over HTTP.
    DiscoveryService,
    /// One address for all of them.
    Gateway,
    /// Pages for whoever keeps it running.
    Console,
}

impl RoleKind {
    /// `parceltrack run …`
    pub const fn subcommand(self) -> &'static str {
        match self {
            Self::Handler => "command-handler",
            Self::Projector => "projector",
            Self::CommandApi => "command-api",
            Self::QueryApi => "query-api",
            Self::ConfigService => "config-service",
            Self::DiscoveryService => "discovery-service",
            Self::Gateway => "gateway",
            Self::Console => "console",
        }
    }
}

/// A role's process, now and whenever it is started again.
pub struct Role {
    /// Its name in this run.
    pub name: String,
    /// What it does.
    pub kind: RoleKind,
    /// Where it answers.
    pub port: u16,
    log: PathBuf,
    state: Mutex<State>,
}

struct State {
    spec: ProcessSpec,
    process: Option<Process>,
    /// It is meant to run: when it ends, that was its own doing.
    wanted: bool,
}

impl Role {
    /// Not running yet.
    pub fn new(name: &str, kind: RoleKind, port: u16, spec: ProcessSpec) -> Self {
        let log = spec.log.clone();
        let state = Mutex::new(State { spec, process: None, wanted: false });
        Self { name: name.to_owned(), kind, port, log, state }
    }

    /// Its log file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Starts it, if it doesn't run.
    ///
    /// # Errors
    /// When there is no such program.
    pub async fn start(&self) -> Result<(), local_stack::Error> {
        let mut state = self.state.lock().await;
        state.wanted = true;
        state.spawn()
    }

    /// Starts it, if it is still meant to run.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_again(&self) -> Result<(), local_stack::Error> {
        let mut state = self.state.lock().await;
        if state.wanted { state.spawn() } else { Ok(()) }
    }

    /// SIGKILL.
    pub async fn kill(&self) {
        let mut state = self.state.lock().await;
        state.wanted = false;
        if let Some(mut process) = state.process.take() {
            process.kill().await;
        }
    }

    /// SIGTERM, and SIGKILL if that isn't heeded. True when it had to be killed.
    pub async fn stop(&self) -> bool {
        let mut state = self.state.lock().await;
        state.wanted = false;
        match state.process.take() {
            Some(mut process) => process.stop(GRACE).await,
            None => false,
        }
    }

    /// Starts another one, which takes over from it, and waits until it has ended; true when it had to be killed for that.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn replace(&self) -> Result<bool, local_stack::Error> {
        let mut state = self.state.lock().await;
        state.wanted = true;
        let next = Process::spawn(&state.spec)?;
        let Some(mut before) = state.process.replace(next) else { return Ok(false) };
        if before.wait(GRACE).await.is_some() {
            return Ok(false);
        }
        before.kill().await;
        Ok(true)
    }

    /// SIGSTOP: its connections stay open, and nothing moves.
    pub async fn freeze(&self) {
        self.signal(Signal::SIGSTOP).await;
    }

    /// SIGCONT.
    pub async fn thaw(&self) {
        self.signal(Signal::SIGCONT).await;
    }

    /// From the next start on it is this program, with these variables besides its own.
    pub async fn become_program(&self, program: &Path, variables: &[(OsString, Option<OsString>)]) {
        let mut state = self.state.lock().await;
        program.clone_into(&mut state.spec.program);
        for (name, value) in variables {
            state.spec.env.retain(|(known, _)| known != name);
            state.spec.env.extend(value.clone().map(|value| (name.clone(), value)));
        }
    }

    /// Why it isn't ready; none if it is, or isn't meant to run.
    pub async fn why_not_ready(&self) -> Option<String> {
        if !self.state.lock().await.wanted {
            return None;
        }
        match tokio::time::timeout(PATIENCE, self.readiness()).await {
            Ok(Ok(answer)) if answer.contains(" 200 ") => None,
            Ok(Ok(answer)) => Some(answer.lines().last().unwrap_or_default().to_owned()),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it doesn't answer".to_owned()),
        }
    }

    async fn readiness(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// How it ended, if it did so by itself since the last look.
    pub(super) fn ended_by_itself(&self) -> Option<String> {
        // Whoever holds the lock is about to end it, and that is not its own doing.
        let mut state = self.state.try_lock().ok()?;
        let status = state.process.as_mut()?.try_exit()?;
        state.process = None;
        state.wanted.then(|| status.to_string())
    }

    async fn signal(&self, signal: Signal) {
        if let Some(process) = &mut self.state.lock().await.process {
            process.signal(signal);
        }
    }
}

impl State {
    fn spawn(&mut self) -> Result<(), local_stack::Error> {
        let runs = self.process.as_mut().is_some_and(|process| process.try_exit().is_none());
        if !runs {
            self.process = Some(Process::spawn(&self.spec)?);
        }
        Ok(())
    }
}
