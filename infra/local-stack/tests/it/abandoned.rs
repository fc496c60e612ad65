//! Nothing stays behind when the process that started the stack is killed with -9.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use local_stack::{Occupant, occupant, process};

#[test]
fn a_broker_ends_with_its_killed_parent_and_the_folder_is_free_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut first = launch(dir.path());
    let running = wait_until_ready(dir.path());
    let broker = &running.components[0];
    assert!(process::is_alive(broker.pid, broker.start_ticks));
    first.kill().and_then(|()| first.wait()).expect("killed");

    // The next one waits for the leftover rather than running into its locks.
    std::fs::remove_file(env_file(dir.path())).expect("there");
    let mut second = launch(dir.path());
    let running = wait_until_ready(dir.path());
    assert!(!process::is_alive(broker.pid, broker.start_ticks), "the first broker is gone");
    assert_ne!(running.components[0].pid, broker.pid);

    process::signal_stranger(second.id(), nix::sys::signal::Signal::SIGTERM);
    assert!(second.wait().expect("it ends").success(), "an orderly stop");
    assert!(!process::is_alive(running.components[0].pid, running.components[0].start_ticks));
}

fn launch(dir: &Path) -> Child {
    Command::new(example())
        .args(["--only-kafka", "--kafka-port", "0", "--kafka-heap", "384", "--data"])
        .arg(dir)
        .arg("--env-file")
        .arg(env_file(dir))
        .spawn()
        .expect("the example is built along with the tests")
}

fn wait_until_ready(dir: &Path) -> Occupant {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !env_file(dir).exists() {
        assert!(Instant::now() < deadline, "not ready in time");
        std::thread::sleep(Duration::from_millis(50));
    }
    occupant(dir).expect("the folder is in use")
}

fn env_file(dir: &Path) -> PathBuf {
    dir.join("endpoints")
}

/// Cargo builds examples before it runs integration tests, beside the folder of the test's own binary.
fn example() -> PathBuf {
    let test = std::env::current_exe().expect("this binary has a path");
    test.parent().and_then(Path::parent).expect("target/release").join("examples/stack")
}
