//! Runtimes of one thread each, on which connections are served.
//!
//! A connection stays on its thread, and so does what it waits for, the connections to instances too: nothing is taken over by
//! another thread, which would have to be woken for it. The other roles share one runtime; a proxy does so little for each request that the waking
//! would be a good part of it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// One for each core. They end when this is dropped, and what runs on them with them.
pub(crate) struct Lanes {
    handles: Vec<Handle>,
    next: AtomicUsize,
    _end: DropGuard,
}

impl Lanes {
    /// Starts them.
    pub(crate) fn start() -> io::Result<Self> {
        let end = CancellationToken::new();
        let count = thread::available_parallelism().map_or(1, usize::from);
        let handles = (0..count).map(|n| start(n, end.clone())).collect::<io::Result<_>>()?;
        Ok(Self { handles, next: AtomicUsize::new(0), _end: end.drop_guard() })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.handles.len()
    }

    /// One after the other, with its number.
    pub(crate) fn next(&self) -> (usize, &Handle) {
        let n = self.next.fetch_add(1, Ordering::Relaxed) % self.handles.len();
        (n, &self.handles[n])
    }
}

fn start(n: usize, end: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name(format!("lane-{n}")).spawn(move || runtime.block_on(end.cancelled()))?;
    Ok(handle)
}
