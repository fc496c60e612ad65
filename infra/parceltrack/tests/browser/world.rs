//! The system that all of these tests look at.

use std::panic::catch_unwind;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::system::System;

/// Real scan histories, so that there is something to see.
const SAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../producers/carrier-feed/samples/carrier-scans.jsonl");

/// Started by the first test that wants it; `None` once that failed.
#[derive(Default)]
pub(crate) struct Shared(OnceLock<Option<Mutex<World>>>);

impl Shared {
    /// For one test.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let started = self.0.get_or_init(|| catch_unwind(World::start).ok().map(Mutex::new));
        // A test that failed before this one has no say in it.
        started
            .as_ref()
            .expect("the system didn't start: see above")
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A whole system with sample data, which asks who calls.
pub(crate) struct World {
    pub(crate) system: System,
    admin: String,
}

impl World {
    fn start() -> Self {
        let mut system = System::prepare();
        system.ask_who_calls(Vec::new());
        system.run_all();
        let fed = system.parceltrack(&["feed", SAMPLE]);
        assert!(fed.status.success(), "{}", String::from_utf8_lossy(&fed.stderr));
        let admin = system.key(&["--name", "who looks at pages", "--role", "admin"]);
        Self { system, admin }
    }

    /// An address at the gateway.
    pub(crate) fn at(&self, path: &str) -> String {
        self.system.at_gateway(path)
    }

    /// An admin's key.
    pub(crate) fn admin(&self) -> &str {
        &self.admin
    }

    /// What a setting is in the config topic.
    pub(crate) fn setting(&self, name: &str) -> String {
        let output = self.system.parceltrack(&["config", "get", name]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A role is stopped, and started again when what is returned is dropped.
    pub(crate) fn without(&mut self, role: &'static str) -> Without<'_> {
        self.system.stop(role);
        Without { world: self, role }
    }
}

/// The system while one of its roles is away.
pub(crate) struct Without<'w> {
    world: &'w mut World,
    role: &'static str,
}

impl Without<'_> {
    pub(crate) const fn world(&self) -> &World {
        self.world
    }
}

impl Drop for Without<'_> {
    fn drop(&mut self) {
        self.world.system.spawn_role(self.role);
        // A test that fails already has said why.
        if !std::thread::panicking() {
            let (system, role) = (&self.world.system, self.role);
            crate::system::eventually("it is ready again", || system.is_ready(role));
        }
    }
}
