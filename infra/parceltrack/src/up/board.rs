//! What runs, written to a file so that `status` and `down` can read it from another process.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Everything the supervisor started.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Running {
    /// The supervisor itself.
    pub(crate) supervisor: u32,
    /// Whether the start came to its end: everything answers.
    pub(crate) ready: bool,
    /// What the roles were told about the services beneath: variable and value.
    pub(crate) endpoints: Vec<(String, String)>,
    /// The roles, in the order they were started.
    pub(crate) roles: Vec<RoleState>,
}

/// One role's process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoleState {
    /// Its name.
    pub(crate) name: String,
    /// Its process id, while it runs.
    pub(crate) pid: Option<u32>,
    /// Where it says how it is, `host:port`.
    pub(crate) address: String,
    /// Under which path.
    pub(crate) ready_path: String,
    /// How often it was started again.
    pub(crate) restarts: u32,
}

/// The file's keeper; clones share it. The lock beside it is let go of with the process, however that ends.
#[derive(Clone)]
pub(crate) struct Board {
    path: PathBuf,
    running: Arc<Mutex<Running>>,
    _lock: Arc<File>,
}

impl Board {
    /// Takes the data folder; `None` when another supervisor has it.
    pub(crate) fn take(dir: &Path) -> io::Result<Option<Self>> {
        std::fs::create_dir_all(dir)?;
        let lock = File::create(dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        let running = Running { supervisor: std::process::id(), ..Running::default() };
        let board =
            Self { path: dir.join(RECORD), running: Arc::new(Mutex::new(running)), _lock: Arc::new(lock) };
        board.change(|_| {});
        Ok(Some(board))
    }

    pub(crate) fn endpoints(&self, endpoints: Vec<(String, String)>) {
        self.change(|r| r.endpoints = endpoints);
    }

    pub(crate) fn add(&self, name: &str, address: &str, ready_path: &str) {
        let role = RoleState {
            name: name.to_owned(),
            pid: None,
            address: address.to_owned(),
            ready_path: ready_path.to_owned(),
            restarts: 0,
        };
        self.change(|r| r.roles.push(role));
    }

    pub(crate) fn ready(&self) {
        self.change(|r| r.ready = true);
    }

    pub(crate) fn started(&self, name: &str, pid: u32) {
        self.role(name, |role| role.pid = Some(pid));
    }

    pub(crate) fn ended(&self, name: &str) {
        self.role(name, |role| role.pid = None);
    }

    pub(crate) fn restarting(&self, name: &str) {
        self.role(name, |role| role.restarts += 1);
    }

    fn role(&self, name: &str, change: impl FnOnce(&mut RoleState)) {
        self.change(|r| {
            if let Some(role) = r.roles.iter_mut().find(|role| role.name == name) {
                change(role);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Running)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        // Readers must never see half a file.
        let fresh = self.path.with_extension("json.partial");
        let written = serde_json::to_vec_pretty(&*running)
            .map_err(io::Error::other)
            .and_then(|bytes| std::fs::write(&fresh, bytes))
            .and_then(|()| std::fs::rename(&fresh, &self.path));
        if let Err(error) = written {
            eprintln!(
                "can't write {}: {error}; `parceltrack status` will be out of date",
                self.path.display()
            );
        }
    }
}

const LOCK: &str = "up.lock";
const RECORD: &str = "up.json";

/// What a live supervisor runs on this data folder; `None` when there is none.
pub(crate) fn running(dir: &Path) -> Option<Running> {
    let lock = File::open(dir.join(LOCK)).ok()?;
    // A shared lock disturbs nobody who only looks, and is let go of at the end of this function.
    if lock.try_lock_shared().is_ok() {
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(dir.join(RECORD)).ok()?).unwrap_or_default())
}
