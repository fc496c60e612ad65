//! Faults of roles: killed, frozen, restarted, added, of another version, without their state.

use std::time::{Duration, Instant};

use super::Tormentor;
use super::inflict::{Course, From};
use crate::cluster::{RoleKind, SPARE};

/// How long a role may take to become ready again.
const READY: Duration = Duration::from_secs(60);

impl Tormentor<'_> {
    pub(super) async fn kill_role(&self, name: &str, away: Duration) -> anyhow::Result<Course> {
        let role = self.cluster.role(name);
        role.kill().await;
        tokio::time::sleep(away).await;
        role.start().await?;
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn freeze_role(&self, name: &str, how_long: Duration) -> anyhow::Result<Course> {
        let role = self.cluster.role(name);
        role.freeze().await;
        tokio::time::sleep(how_long).await;
        role.thaw().await;
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn kill_handler(&self, handler: usize, away: Duration) -> anyhow::Result<Course> {
        self.kill_role(&format!("handler-{handler}"), away).await
    }

    pub(super) async fn kill_all_handlers(&self, away: Duration) -> anyhow::Result<Course> {
        let handlers = self.cluster.all(RoleKind::Handler);
        futures::future::join_all(handlers.iter().map(|role| role.kill())).await;
        tokio::time::sleep(away).await;
        for role in handlers {
            role.start().await?;
        }
        Ok(Course::Done(From::End))
    }

    pub(super) async fn lose_state(&self, handler: usize) -> anyhow::Result<Course> {
        let name = format!("handler-{handler}");
        let role = self.cluster.role(&name);
        role.kill().await;
        let state = self.cluster.state_dir(&name).join(&name);
        match tokio::fs::remove_dir_all(&state).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        role.start().await?;
        Ok(Course::Done(From::Begin))
    }

    /// By the gateway, as an operator does it; a service that is just coming up is asked again.
    pub(super) async fn change_config(&self, wait_ms: u64) -> anyhow::Result<Course> {
        let gateway = format!("http://127.0.0.1:{}", self.cluster.gateway_port);
        let set = format!("query_api.min_version_wait_ms={wait_ms}");
        let command = ["config", "set", &set, "--gateway", &gateway, "--wait", "60", "--reason", "torture"];
        let begun = Instant::now();
        loop {
            let (code, _, errors) = self.cluster.tool(&command).await?;
            if code == Some(0) {
                return Ok(Course::Done(From::Begin));
            }
            self.ledger.note("the configuration isn't changed everywhere", &errors);
            anyhow::ensure!(
                begun.elapsed() < READY,
                "a change of the configuration isn't in force everywhere: {errors}"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    pub(super) async fn rolling_restart(&self) -> anyhow::Result<Course> {
        for role in self.cluster.roles.iter().filter(|role| role.name != SPARE) {
            if role.kind == RoleKind::Gateway {
                if role.replace().await? {
                    self.ledger.note("it did not end by itself", &role.name);
                }
            } else {
                role.stop().await;
                role.start().await?;
            }
            self.await_ready().await;
        }
        Ok(Course::Done(From::Begin))
    }

    /// As an operator would before the next one, and with the patience of one: whether all is well is for the checks to say.
    async fn await_ready(&self) {
        if let Err(error) = self.cluster.wait_until_ready(READY).await {
            self.ledger.note("not ready in time", &format!("{error:#}"));
        }
    }

    /// Handlers of the next version write snapshots by the next version of their contract, and read the old ones; those of
    /// this version read what the next one wrote.
    pub(super) async fn upgrade(&self) -> anyhow::Result<Course> {
        let Some(planted) = self.cluster.parts.planted.clone() else {
            return Ok(Course::Skipped("there is no binary of the next version".to_owned()));
        };
        let handlers = self.cluster.all(RoleKind::Handler);
        for next in [true, false] {
            for role in &handlers {
                let program = if next { planted.as_path() } else { self.cluster.program_of(&role.name) };
                role.stop().await;
                role.become_program(program, &[("PT_NEXT".into(), next.then(|| "1".into()))]).await;
                role.start().await?;
                self.await_ready().await;
            }
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn add_and_remove(&self, stays: Duration) -> anyhow::Result<Course> {
        let role = self.cluster.role(SPARE);
        role.start().await?;
        tokio::time::sleep(stays).await;
        role.stop().await;
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn full_disk(&self, how_long: Duration) -> anyhow::Result<Course> {
        let (_, disk) = match &self.cluster.small_disk {
            Ok(disk) => disk,
            Err(why) => return Ok(Course::Skipped(why.clone())),
        };
        disk.fill()?;
        tokio::time::sleep(how_long).await;
        disk.free()?;
        Ok(Course::Done(From::Begin))
    }

    pub(super) async fn clock_jump(&self, hours: i32) -> anyhow::Result<Course> {
        let (_, clock) = match &self.cluster.fake_clock {
            Ok(clock) => clock,
            Err(why) => return Ok(Course::Skipped(why.clone())),
        };
        clock.set(&format!("{hours:+}h"))?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        clock.set("+0")?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(Course::Done(From::Begin))
    }
}
