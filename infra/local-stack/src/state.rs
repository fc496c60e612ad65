//! Who uses a data folder: a lock that the kernel lets go of with its owner, and a list of what runs.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::component::Name;
use crate::process::{is_alive, signal_stranger, start_ticks};
use crate::progress::Step;
use crate::watch::Watch;

/// The live stack that uses a data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupant {
    /// The data folder.
    pub data_dir: PathBuf,
    /// The process that started the stack and watches over it.
    pub pid: u32,
    /// What it runs.
    pub components: Vec<Running>,
}

/// A component's process as recorded in the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Which component.
    pub name: Name,
    /// Its process.
    pub pid: u32,
    /// When that started, in ticks since boot: a pid alone may be another's by now.
    pub start_ticks: u64,
    /// Its port on 127.0.0.1.
    pub port: u16,
}

impl fmt::Display for Occupant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stack with the data in {} runs already: process {}", self.data_dir.display(), self.pid)?;
        for Running { name, pid, port, .. } in &self.components {
            write!(f, ", {name} (process {pid}, port {port})")?;
        }
        Ok(())
    }
}

/// Who uses this data folder now, if anybody does.
pub fn occupant(data_dir: &Path) -> Option<Occupant> {
    let lock = File::open(data_dir.join(LOCK)).ok()?;
    // A shared lock disturbs nobody who only looks, and is let go of at the end of this function.
    match lock.try_lock_shared() {
        Ok(()) => None,
        Err(_) => Some(read(data_dir).unwrap_or(Occupant {
            data_dir: data_dir.to_owned(),
            pid: 0,
            components: Vec::new(),
        })),
    }
}

const LOCK: &str = "stack.lock";
const RECORD: &str = "stack.json";

/// Holds a data folder until dropped or until this process ends in any way.
#[derive(Debug)]
pub(crate) struct Hold {
    dir: PathBuf,
    _lock: File,
}

impl Hold {
    /// Takes the folder; waits for what a killed owner left running.
    pub(crate) fn take(dir: &Path, watch: &Watch) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let path = dir.join(LOCK);
        let lock = File::create(&path).map_err(Error::io("create", &path))?;
        if lock.try_lock().is_err() {
            let occupant =
                read(dir).unwrap_or(Occupant { data_dir: dir.to_owned(), pid: 0, components: Vec::new() });
            return Err(Error::InUse { occupant });
        }
        if let Some(earlier) = read(dir) {
            end_leftovers(&earlier, watch)?;
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    /// Records what runs now.
    pub(crate) fn record(&self, components: impl Iterator<Item = (Name, u32, u16)>) -> Result<(), Error> {
        let components = components
            .filter_map(|(name, pid, port)| Some(Running { name, pid, start_ticks: start_ticks(pid)?, port }))
            .collect();
        let occupant = Occupant { data_dir: self.dir.clone(), pid: std::process::id(), components };
        let path = self.dir.join(RECORD);
        let partial = path.with_extension("json.partial");
        let text = serde_json::to_string_pretty(&occupant).unwrap_or_default();
        fs::write(&partial, text).map_err(Error::io("write", &partial))?;
        fs::rename(&partial, &path).map_err(Error::io("rename", &partial))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.dir.join(RECORD));
    }
}

fn read(dir: &Path) -> Option<Occupant> {
    serde_json::from_str(&fs::read_to_string(dir.join(RECORD)).ok()?).ok()
}

/// The children of an owner killed with -9 were sent SIGTERM by the kernel, and need their time for it.
fn end_leftovers(earlier: &Occupant, watch: &Watch) -> Result<(), Error> {
    let alive = |running: &&Running| is_alive(running.pid, running.start_ticks);
    let Some(first) = earlier.components.iter().find(alive) else { return Ok(()) };
    watch.tell(&Step::WaitingForLeftover(first.pid));
    let deadline = Instant::now() + Duration::from_secs(20);
    for running in earlier.components.iter().filter(alive) {
        signal_stranger(running.pid, Signal::SIGTERM);
        signal_stranger(running.pid, Signal::SIGCONT);
    }
    while earlier.components.iter().any(|running| alive(&running)) {
        if Instant::now() > deadline {
            for running in earlier.components.iter().filter(alive) {
                signal_stranger(running.pid, Signal::SIGKILL);
            }
        }
        watch.check()?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::silent;

    #[test]
    fn a_second_hold_is_told_who_has_the_first() {
        let dir = tempfile::tempdir().expect("a folder");
        let (watch, _cancel) = Watch::new(silent());
        let hold = Hold::take(dir.path(), &watch).expect("free");
        let me = std::process::id();
        hold.record([(Name::Cassandra, me, 9042)].into_iter()).expect("recorded");

        let error = Hold::take(dir.path(), &watch).expect_err("taken");
        let text = error.to_string();
        assert!(text.contains(&format!("cassandra (process {me}, port 9042)")), "{text}");
        assert_eq!(occupant(dir.path()).expect("an occupant").pid, me);

        drop(hold);
        assert_eq!(occupant(dir.path()), None);
        Hold::take(dir.path(), &watch).expect("free again");
    }
}
