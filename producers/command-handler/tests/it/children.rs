//! Handlers that are killed, or stopped for so long that the group goes on without them: processes of their own.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use command_handler::watch::Nobody;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio_util::sync::CancellationToken;

use crate::load::mix;
use crate::world::{Trace, World, bootstrap, interfering, wait_for};

/// The longest that a recovery may take; beyond that is a defect.
const RECOVERY: Duration = Duration::from_secs(30);

const PREFIX: &str = "HANDLER_TEST_PREFIX";
const FOLDER: &str = "HANDLER_TEST_FOLDER";
const INSTANCE: &str = "HANDLER_TEST_INSTANCE";
const HOLD_AT: &str = "HANDLER_TEST_HOLD_AT";

/// A handler as a process. It writes down its steps, and holds at one of them until it is told to go on.
struct Handler {
    process: Child,
    log: PathBuf,
    go_on: PathBuf,
}

#[test]
#[ignore = "not a test: the tests of this file run it as a process of its own"]
fn child() {
    let of = |name: &str| std::env::var(name).unwrap();
    let folder = PathBuf::from(of(FOLDER));
    let world = World::existing(&bootstrap(), &of(PREFIX), &folder);
    let (instance, hold_at) = (of(INSTANCE), of(HOLD_AT));
    let (log, go_on) = (log_of(&folder, &instance), go_on_of(&folder, &instance));
    let watch = interfering(&Trace::default(), move |_, step| {
        let step = format!("{step:?}");
        let before = fs::read_to_string(&log).unwrap_or_default();
        if step != "MetadataTaken" {
            fs::write(&log, format!("{before}{step}\n")).unwrap();
        }
        if name_of(&step) == hold_at {
            while !go_on.exists() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        Ok(())
    });
    let (handler, _) = world.handler(&instance, 1, watch);
    handler.work(&CancellationToken::new()).unwrap();
}

/// A step without what it carries.
fn name_of(step: &str) -> &str {
    step.split(['(', ' ']).next().unwrap_or_default()
}

fn log_of(folder: &std::path::Path, instance: &str) -> PathBuf {
    folder.join(format!("{instance}.log"))
}

fn go_on_of(folder: &std::path::Path, instance: &str) -> PathBuf {
    folder.join(format!("{instance}.go-on"))
}

impl Handler {
    fn start(world: &World, instance: &str, hold_at: &str) -> Self {
        let (log, go_on) = (log_of(&world.dir, instance), go_on_of(&world.dir, instance));
        let _ = fs::remove_file(&log);
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["children::child", "--exact", "--ignored", "--nocapture"])
            .env(PREFIX, world.prefix())
            .env(FOLDER, &world.dir)
            .env(INSTANCE, instance)
            .env(HOLD_AT, hold_at)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, log, go_on }
    }

    fn wait_for(&self, step: &str) {
        wait_for(step, || self.has(step));
    }

    fn has(&self, step: &str) -> bool {
        fs::read_to_string(&self.log)
            .unwrap_or_default()
            .lines()
            .any(|line| line.split('(').next() == Some(step))
    }

    fn go_on(&self) {
        fs::write(&self.go_on, "").unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().cast_signed()), signal).unwrap();
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_successor_of_a_handler_killed_in_a_transaction_repeats_nothing() {
    for moment in ["Drained", "OffsetsSent", "Committed"] {
        let world = World::new().await;
        let commands = mix(0..50);
        world.post(&commands).await;
        let killed = Handler::start(&world, "a", moment);
        killed.wait_for(moment);
        killed.kill();
        // The same instance again: it gets its partitions, and fences its predecessor's transaction, at once.
        let successor = world.start("a", 1, Arc::new(Nobody));
        world.wait_for_replies(&commands);
        successor.stop();
        world.ledger().check(&commands);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instance_takes_over_from_a_killed_one_in_time() {
    for moment in ["Drained", "OffsetsSent", "Committed"] {
        let world = World::new().await;
        let commands = mix(0..50);
        world.post(&commands).await;
        let killed = Handler::start(&world, "a", moment);
        killed.wait_for(moment);
        killed.kill();
        let since = Instant::now();
        let other = world.start("b", 1, Arc::new(Nobody));
        world.wait_for_replies(&commands);
        assert!(since.elapsed() < RECOVERY, "killed after {moment}: took {:?}", since.elapsed());
        other.stop();
        world.ledger().check(&commands);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_commits_nothing() {
    for moment in ["Polled", "Drained", "OffsetsSent"] {
        let world = World::new().await;
        let commands = mix(0..50);
        world.post(&commands).await;
        let zombie = Handler::start(&world, "a", moment);
        zombie.wait_for(moment);
        zombie.signal(Signal::SIGSTOP);
        // Its session ends, and its partitions go to another, which decides its commands.
        let other = world.start("b", 1, Arc::new(Nobody));
        world.wait_for_replies(&commands);
        let before = world.ledger();
        before.check(&commands);

        zombie.go_on();
        zombie.signal(Signal::SIGCONT);
        wait_for("the zombie to see what it is", || {
            zombie.has("Aborted") || zombie.has("ProducersDiscarded") || zombie.has("SoughtBack")
        });
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(!zombie.has("Committed"), "{moment}: {}", fs::read_to_string(&zombie.log).unwrap());
        let after = world.ledger();
        assert_eq!((before.events.len(), before.replies.len()), (after.events.len(), after.replies.len()));
        zombie.kill();
        other.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_killed_again_and_again_under_load_decides_everything_once() {
    let world = World::new().await;
    let mut posted = Vec::new();
    for round in 0..6_u128 {
        let handler = Handler::start(&world, "a", "never");
        for part in 0..4 {
            let first = (round * 4 + part) * 100;
            let commands = mix(first..first + 40);
            world.post(&commands).await;
            posted.extend(commands);
            tokio::time::sleep(Duration::from_millis(300 + 37 * round as u64)).await;
        }
        handler.kill();
    }
    let last = world.start("a", 2, Arc::new(Nobody));
    world.wait_for_replies(&posted);
    last.stop();
    world.ledger().check(&posted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_whose_worker_hangs_ends_and_its_successor_repeats_nothing() {
    let world = World::new().await;
    let commands = mix(0..50);
    world.post(&commands).await;
    // As a call that never returns would.
    let mut hanging = Handler::start(&world, "a", "Drained");
    hanging.wait_for("Drained");
    wait_for("the watchdog to end the process", || hanging.process.try_wait().unwrap().is_some());
    assert_eq!(hanging.process.wait().unwrap().signal(), Some(Signal::SIGABRT as i32));
    let successor = world.start("a", 1, Arc::new(Nobody));
    world.wait_for_replies(&commands);
    successor.stop();
    world.ledger().check(&commands);
}
