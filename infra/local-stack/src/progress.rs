use std::fmt;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::component::Name;

/// Told of each step while the stack starts and stops.
pub type Progress = Arc<dyn Fn(&Step) + Send + Sync>;

/// Something worth telling whoever waits for the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Another process fetches packages into the same cache.
    WaitingForCache(PathBuf),
    /// A package is not in the cache and is being fetched.
    Fetch {
        /// Product and version.
        package: &'static str,
        /// Roughly how much will come over the network.
        about_mb: u32,
    },
    /// So many files have come.
    Fetching {
        /// Product and version.
        package: &'static str,
        /// Files fetched so far.
        files: usize,
        /// The last one.
        file: String,
    },
    /// A large file is still coming.
    StillFetching {
        /// Product and version.
        package: &'static str,
        /// How long it has been going on.
        since: Duration,
    },
    /// A package is complete in the cache.
    Fetched {
        /// Product and version.
        package: &'static str,
        /// Files in it.
        files: usize,
        /// Their size.
        mb: u64,
        /// How long it took.
        took: Duration,
    },
    /// Processes of a stack that was killed are still going down.
    WaitingForLeftover(u32),
    /// A component's process was started.
    Starting(Name),
    /// A component answers.
    Ready {
        /// Which one.
        name: Name,
        /// Its port on 127.0.0.1.
        port: u16,
        /// How long it took.
        took: Duration,
    },
    /// A component was asked to stop.
    Stopping(Name),
    /// A component has stopped.
    Stopped {
        /// Which one.
        name: Name,
        /// It had to be killed.
        forced: bool,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WaitingForCache(path) => {
                write!(f, "waiting: another process is filling {}", path.display())
            }
            Self::Fetch { package, about_mb } => {
                write!(f, "fetching {package} (about {about_mb} MB, once)")
            }
            Self::Fetching { package, files, file } => {
                write!(f, "fetching {package}: {files} files, last {file}")
            }
            Self::StillFetching { package, since } => {
                write!(f, "fetching {package}: still on it after {} s", since.as_secs())
            }
            Self::Fetched { package, files, mb, took } => {
                write!(f, "fetched {package}: {files} files, {mb} MB in {:.1} s", took.as_secs_f64())
            }
            Self::WaitingForLeftover(pid) => {
                write!(f, "waiting: process {pid} of an earlier stack is still going down")
            }
            Self::Starting(name) => write!(f, "starting {name}"),
            Self::Ready { name, port, took } => {
                write!(f, "{name} ready on 127.0.0.1:{port} after {:.1} s", took.as_secs_f64())
            }
            Self::Stopping(name) => write!(f, "stopping {name}"),
            Self::Stopped { name, forced: false } => write!(f, "{name} stopped"),
            Self::Stopped { name, forced: true } => write!(f, "{name} did not stop in time and was killed"),
        }
    }
}

/// Says nothing: for tests.
pub fn silent() -> Progress {
    Arc::new(|_| ())
}

/// A line on stderr for each step; on a terminal the file count of a fetch is one line that moves.
pub fn terminal() -> Progress {
    if !std::io::stderr().is_terminal() {
        return Arc::new(|step| match step {
            // A log would only fill with one line per file.
            Step::Fetching { files, .. } if files % 25 != 0 => (),
            step => eprintln!("{step}"),
        });
    }
    let bar = ProgressBar::new_spinner();
    bar.set_style(
        ProgressStyle::with_template("{spinner} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    Arc::new(move |step| match step {
        Step::Fetching { .. } | Step::StillFetching { .. } => {
            bar.set_message(step.to_string());
            bar.tick();
        }
        step => {
            bar.set_message("");
            bar.suspend(|| eprintln!("{step}"));
        }
    })
}
