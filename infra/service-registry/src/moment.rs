//! A reader's own time.

use std::time::Duration;

/// A moment on a reader's own monotonic clock, in milliseconds since any fixed point. Two readers' moments have nothing to
/// do with each other, nor with the time of day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment(i64);

impl Moment {
    /// So many milliseconds after the fixed point; before it, where negative.
    pub const fn at(millis: i64) -> Self {
        Self(millis)
    }

    /// The time from `earlier` to here; zero if that is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The moment so many milliseconds before.
    #[must_use]
    pub fn back(self, millis: i64) -> Self {
        Self(self.0.saturating_sub(millis))
    }
}
