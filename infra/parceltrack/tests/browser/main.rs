//! The pages as people meet them: a real Chromium, in front of one whole system for all these tests, with sample data and signed-in
//! callers. Each test takes the system for itself, as some stop parts of it.
//!
//! Without Chromium they are left out, and say so.

mod console;
mod documentation;
mod parcel;
mod pictures;
#[path = "../it/system.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests in `it` use the rest")]
mod system;
mod tracking;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use browser::{axe_is_missing, chromium_is_missing};
use libtest_mimic::{Arguments, Trial};

use crate::world::{Shared, World};

/// A test, by its name.
type Named = (&'static str, fn(&mut World));

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let missing = chromium_is_missing();
    if let Some(missing) = missing.as_ref().filter(|_| !arguments.list) {
        eprintln!("LEFT OUT: every test in a browser: {missing}");
    }
    if let Some(missing) = axe_is_missing().filter(|_| !arguments.list) {
        eprintln!("LEFT OUT: what axe-core would find: {missing}");
    }
    let shared = Arc::new(Shared::default());
    let trial = |&(name, test): &Named| {
        let (shared, left_out) = (Arc::clone(&shared), missing.is_some());
        let run = move || {
            test(&mut shared.world());
            Ok(())
        };
        Trial::test(name, run)
            .with_ignored_flag(left_out || name.starts_with("pictures") && pictures::are_not_wanted())
    };
    let mut tests = vec![documentation::TESTS, pictures::TESTS];
    tests.extend(tracking::TESTS);
    tests.extend(console::TESTS);
    let trials = tests.into_iter().flatten().map(trial).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Ends every process.
    drop(shared);
    conclusion.exit_code()
}
