//! What a role's process does when it is told to stop.

mod prometheus;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Set in the child that [`start`] makes of this very test binary.
const AS_CHILD: &str = "TELEMETRY_TEST_CHILD";

/// Not a test by itself: the process that the tests below send signals to.
#[tokio::test]
async fn process_that_stops_slowly() {
    if std::env::var_os(AS_CHILD).is_none() {
        return;
    }
    let shutdown = telemetry::shutdown::on_signals().unwrap();
    say("up");
    shutdown.cancelled().await;
    say("stopping");
    tokio::time::sleep(Duration::from_millis(500)).await;
    say("stopped");
}

/// Not a test by itself: a process whose log nobody reads, so that the one who writes to it stands still.
#[test]
fn process_whose_log_is_not_read() {
    if std::env::var_os(AS_CHILD).is_none() {
        return;
    }
    let _writing = telemetry::logs::init(telemetry::logs::Format::Text, "info").unwrap();
    let _pulse = telemetry::watchdog::Pulse::start("logs without end", Duration::from_secs(1));
    let line = "x".repeat(64 * 1024);
    loop {
        tracing::info!("{line}");
    }
}

/// Past the test harness, which keeps what tests print.
fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{word}").unwrap();
    out.flush().unwrap();
}

fn start() -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process_that_stops_slowly", "--nocapture"])
        .env(AS_CHILD, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn wait_for(word: &str, out: &mut BufReader<ChildStdout>) -> bool {
    out.lines().any(|line| line.unwrap() == word)
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
}

#[test]
fn one_signal_ends_in_good_order() {
    for first in [Signal::SIGTERM, Signal::SIGINT] {
        let (mut child, mut out) = start();
        assert!(wait_for("up", &mut out));
        signal(&child, first);
        assert!(wait_for("stopped", &mut out));
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let (mut child, mut out) = start();
    assert!(wait_for("up", &mut out));
    signal(&child, Signal::SIGINT);
    assert!(wait_for("stopping", &mut out));
    signal(&child, Signal::SIGINT);
    assert!(!wait_for("stopped", &mut out));
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn who_stands_still_for_the_log_is_ended_all_the_same() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process_whose_log_is_not_read", "--nocapture"])
        .env(AS_CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let mut ended = None;
    while ended.is_none() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(100));
        ended = child.try_wait().unwrap();
    }
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(ended.and_then(|status| status.signal()), Some(Signal::SIGABRT as i32));
}
