//! The state store: on disk, what the snapshots topic says, so that memory doesn't grow with the number of shipments.
//!
//! It is a cache of the topic and never the truth. That is why nothing is fsynced (what a power cut takes is read
//! again), and why anything that doesn't fit (another cluster, another topic, a position past the end, too old) is
//! wiped and read again from the beginning.

mod standing;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, Slice};

pub use self::standing::{Origin, Standing};

/// Keys of snapshots are shipment ids as text, so this can't be one of them.
const STANDING: &[u8] = b"\0standing";

/// Fjall's journal may not be smaller than this; what isn't flushed yet lies in it as well as in memory.
const JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// One database per process, one keyspace per partition.
#[derive(Clone)]
pub struct Store {
    db: Database,
    path: PathBuf,
    memtable_bytes: u64,
    claimed: Arc<Mutex<HashSet<i32>>>,
}

/// How much memory the store may take, however many shipments it holds.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// For blocks read from disk.
    pub cache_bytes: u64,
    /// For what was written and isn't on disk yet, over all partitions.
    pub write_buffer_bytes: u64,
    /// Among how many partitions the write buffer is shared out.
    pub partitions: u32,
}

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it open.
    #[error(
        "the state store at {path} is in use by another process; give each command handler of this machine its own \
         state directory"
    )]
    InUse {
        /// Where it lies.
        path: PathBuf,
    },
    /// A command of a partition that this worker hasn't taken over: a defect of this program.
    #[error("partition {partition} isn't held by this worker: its state is not to be asked for")]
    NotHeld {
        /// Which one.
        partition: i32,
    },
    /// The disk or the database failed.
    #[error(
        "could not {action} the state store at {path}; the store may be deleted, it is rebuilt from Kafka"
    )]
    Broken {
        /// What was tried.
        action: &'static str,
        /// Where it lies.
        path: PathBuf,
        /// What fjall said.
        #[source]
        source: fjall::Error,
    },
}

impl Store {
    /// Opens the store, making it if need be. One that can't be read is thrown away.
    pub fn open(path: &Path, memory: Memory) -> Result<Self, Error> {
        let broken = |source| Error::Broken { action: "open", path: path.to_owned(), source };
        let db = match open(path, memory) {
            Err(fjall::Error::Locked) => return Err(Error::InUse { path: path.to_owned() }),
            Err(cause) => {
                tracing::warn!(%cause, path = %path.display(), "state store is unreadable, rebuilding it");
                std::fs::remove_dir_all(path).map_err(|e| broken(e.into()))?;
                open(path, memory).map_err(broken)?
            }
            Ok(db) => db,
        };
        let memtable_bytes =
            (memory.write_buffer_bytes / u64::from(memory.partitions.max(1))).max(1024 * 1024);
        Ok(Self { db, path: path.to_owned(), memtable_bytes, claimed: Arc::default() })
    }

    /// The state of one partition, for one owner at a time; `None` while another thread of the process has it.
    ///
    /// A worker that lost a partition may still be busy writing what it committed there, and would write over what the
    /// next one has made of it.
    pub fn claim(&self, partition: i32) -> Result<Option<PartitionStore>, Error> {
        if !self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(partition) {
            return Ok(None);
        }
        let claim = Claim { store: self.clone(), partition };
        let options = || KeyspaceCreateOptions::default().max_memtable_size(self.memtable_bytes);
        match self.db.keyspace(&format!("partition-{partition}"), options) {
            Ok(keyspace) => Ok(Some(PartitionStore { claim, keyspace })),
            Err(source) => Err(self.broken("open a partition of", source)),
        }
    }

    /// How much it takes on disk, in bytes.
    pub fn bytes(&self) -> Result<u64, Error> {
        self.db.disk_space().map_err(|source| self.broken("measure", source))
    }

    fn broken(&self, action: &'static str, source: fjall::Error) -> Error {
        Error::Broken { action, path: self.path.clone(), source }
    }
}

fn open(path: &Path, memory: Memory) -> fjall::Result<Database> {
    Database::builder(path)
        .cache_size(memory.cache_bytes)
        .max_journaling_size(JOURNAL_BYTES)
        .worker_threads(1)
        .open()
}

/// The snapshots of one partition, and the offset they stand at. Dropping it lets another thread have it.
pub struct PartitionStore {
    claim: Claim,
    keyspace: Keyspace,
}

struct Claim {
    store: Store,
    partition: i32,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.store.claimed.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.partition);
    }
}

impl PartitionStore {
    /// The snapshot under this key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Slice>, Error> {
        self.keyspace.get(key).map_err(|e| self.broken("read", e))
    }

    /// Where the snapshots stand; `None` when there is nothing here, or nothing of this format.
    pub fn standing(&self) -> Result<Option<Standing>, Error> {
        Ok(self.get(STANDING)?.and_then(|bytes| Standing::from_bytes(&bytes)))
    }

    /// Writes snapshots (`None` removes one) and where they now stand, all or nothing.
    pub fn apply<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        standing: &Standing,
    ) -> Result<(), Error> {
        let mut batch = self.claim.store.db.batch();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(&self.keyspace, key, value),
                None => batch.remove(&self.keyspace, key),
            }
        }
        batch.insert(&self.keyspace, STANDING, standing.to_bytes());
        batch.commit().map_err(|e| self.broken("write", e))
    }

    /// Forgets everything.
    pub fn wipe(&self) -> Result<(), Error> {
        self.keyspace.clear().map_err(|e| self.broken("wipe", e))
    }

    /// Whether there is no snapshot at all.
    pub fn is_empty(&self) -> Result<bool, Error> {
        for entry in self.keyspace.iter().take(2) {
            if *entry.key().map_err(|e| self.broken("read", e))? != *STANDING {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn broken(&self, action: &'static str, source: fjall::Error) -> Error {
        self.claim.store.broken(action, source)
    }
}
