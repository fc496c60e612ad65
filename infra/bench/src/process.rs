//! A program under measurement, in a process of its own: its time and memory are nobody else's.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use local_stack::Endpoints;
use local_stack::process::{Process, ProcessSpec, log_tail};
use nix::sys::signal::Signal;

use crate::usage::Usage;

/// How long a program may take to become ready.
const READY: Duration = Duration::from_mins(1);

/// How long it may take to stop in good order.
const GRACE: Duration = Duration::from_secs(15);

/// A running program. Dropping it kills it.
pub(crate) struct Running {
    process: Process,
    log: std::path::PathBuf,
    name: String,
}

impl Running {
    /// Starts a program that finds the services in its environment.
    pub(crate) fn spawn(
        program: &Path,
        args: Vec<String>,
        endpoints: &Endpoints,
        dir: &Path,
        name: &str,
    ) -> Result<Self> {
        let log = dir.join(format!("{name}.log"));
        let env = endpoints.env().into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let spec = ProcessSpec {
            program: program.to_owned(),
            args: args.into_iter().map(Into::into).collect(),
            env,
            dir: dir.to_owned(),
            log: log.clone(),
        };
        Ok(Self { process: Process::spawn(&spec)?, log, name: name.to_owned() })
    }

    /// What it has taken so far.
    pub(crate) fn usage(&self) -> Result<Usage> {
        Usage::of(self.process.pid()).with_context(|| self.last_words())
    }

    /// Seconds of processor time that it and its children have taken so far.
    pub(crate) fn cpu_of_all(&self) -> Result<f64> {
        let pid = self.process.pid();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|child| child.parse().ok());
        let all = std::iter::once(pid).chain(children);
        all.map(|pid| Usage::of(pid).map(|usage| usage.cpu))
            .sum::<Result<f64>>()
            .with_context(|| self.last_words())
    }

    /// Fails with what it said last, once it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(status) = self.process.try_exit() {
            bail!("{} ended ({status}):\n{}", self.name, self.last_words());
        }
        Ok(())
    }

    /// Waits until it says so itself, at `/readyz`.
    pub(crate) async fn wait_until_ready(&mut self, port: u16) -> Result<()> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        let deadline = Instant::now() + READY;
        loop {
            self.check()?;
            let asked = http.get(format!("http://127.0.0.1:{port}/readyz")).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{} isn't ready after {} s:\n{}", self.name, READY.as_secs(), self.last_words());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for it to end by itself, as a program should.
    pub(crate) async fn succeed(mut self, patience: Duration) -> Result<()> {
        match self.process.wait(patience).await {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{} ended ({status}):\n{}", self.name, self.last_words()),
            None => bail!("{} still runs after {} s:\n{}", self.name, patience.as_secs(), self.last_words()),
        }
    }

    /// SIGSTOP: it stands still as if nothing had happened.
    pub(crate) fn pause(&mut self) {
        self.process.signal(Signal::SIGSTOP);
    }

    /// SIGCONT.
    pub(crate) fn go_on(&mut self) {
        self.process.signal(Signal::SIGCONT);
    }

    /// SIGKILL: nothing is said, nothing is flushed.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// SIGTERM, and waits for its end.
    pub(crate) async fn stop(mut self) {
        self.process.stop(GRACE).await;
    }

    fn last_words(&self) -> String {
        log_tail(&self.log, 15)
    }
}
