//! What a long preparation looks at: whom to tell, and whether anybody still waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;
use crate::progress::{Progress, Step};

/// Handed to everything that blocks for long.
pub(crate) struct Watch {
    progress: Progress,
    cancelled: Arc<AtomicBool>,
}

/// Cancels the preparation when it is dropped, as the future that awaits it is on Ctrl-C. A thread cannot
/// be dropped, and the runtime would wait at its end for a download that nobody wants.
pub(crate) struct CancelOnDrop(Arc<AtomicBool>);

impl Watch {
    pub(crate) fn new(progress: Progress) -> (Self, CancelOnDrop) {
        let cancelled = Arc::new(AtomicBool::new(false));
        (Self { progress, cancelled: cancelled.clone() }, CancelOnDrop(cancelled))
    }

    pub(crate) fn tell(&self, step: &Step) {
        (self.progress)(step);
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
