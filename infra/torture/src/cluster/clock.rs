//! A clock for one process that can be set: Debian's libfaketime, told by a file how far to be off.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// The clock.
#[derive(Debug)]
pub struct FakeClock {
    library: &'static str,
    file: PathBuf,
}

impl FakeClock {
    /// A clock that goes right, until it is set.
    ///
    /// # Errors
    /// In words, why there is none.
    pub fn new(file: &Path) -> Result<Self, String> {
        let library = LIBRARIES.into_iter().find(|library| Path::new(library).exists());
        let library = library.ok_or("libfaketime isn't installed (`apt-get install faketime`)")?;
        let clock = Self { library, file: file.to_owned() };
        clock.set("+0").map_err(|error| error.to_string())?;
        Ok(clock)
    }

    /// Sets it off by so much: `+2h`, `-3d`, `+0`. The process sees it within a second.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn set(&self, off: &str) -> io::Result<()> {
        // In one step: the process may be reading.
        let partial = self.file.with_extension("partial");
        std::fs::write(&partial, format!("{off}\n"))?;
        std::fs::rename(partial, &self.file)
    }

    /// What the process must have in its environment.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        vec![
            ("LD_PRELOAD".into(), self.library.into()),
            ("FAKETIME_TIMESTAMP_FILE".into(), self.file.clone().into()),
            ("FAKETIME_CACHE_DURATION".into(), "1".into()),
            // Timeouts and pauses go by the monotonic clock, which no administrator can set.
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
            ("DONT_FAKE_MONOTONIC".into(), "1".into()),
        ]
    }
}
