//! A disk that is soon full: a file system in memory, of a few megabytes, that one handler's state lies on.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Enough for a store of this run, with its journal.
const SIZE: &str = "size=160m";
/// The file that takes what is left.
const BALLAST: &str = "ballast";

/// The disk. Dropping it takes it away again.
#[derive(Debug)]
pub struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts it there.
    ///
    /// # Errors
    /// In words, why that can't be: only root may mount.
    pub fn mount(path: &Path) -> Result<Self, String> {
        fs::create_dir_all(path).map_err(|error| error.to_string())?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "parceltrack-torture"])
            .arg(path)
            .output()
            .map_err(|error| format!("mount can't be run: {error}"))?;
        if mounted.status.success() {
            return Ok(Self { path: path.to_owned() });
        }
        let said = String::from_utf8_lossy(&mounted.stderr);
        Err(format!("a small disk can't be mounted here: {}", said.trim()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves no byte free.
    ///
    /// # Errors
    /// Any but that the disk is full.
    pub fn fill(&self) -> io::Result<()> {
        let mut ballast = File::create(self.path.join(BALLAST))?;
        for size in [1024 * 1024, 4096, 1] {
            let piece = vec![0; size];
            loop {
                match ballast.write(&piece) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Frees what [`fill`](Self::fill) took.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub fn free(&self) -> io::Result<()> {
        match fs::remove_file(self.path.join(BALLAST)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a role that is just ending may have a file open.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
