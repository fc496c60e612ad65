//! A value that may change while the process runs.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

/// A setting that takes effect at once when the config topic changes it. Clones share it: whoever holds one reads the value
/// of now, and so should read it where it is used, and not keep what was read.
///
/// That a setting may change live is said by its type; what has another type needs a restart.
#[derive(Clone)]
pub struct Live<T>(Arc<ArcSwap<T>>);

impl<T: Clone> Live<T> {
    /// A value that nothing changes yet.
    pub fn new(value: T) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(value)))
    }

    /// The value of now. Asking waits for nobody.
    pub fn now(&self) -> T {
        T::clone(&self.0.load())
    }

    pub(crate) fn set(&self, value: T) {
        self.0.store(Arc::new(value));
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.now().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_a_clone_sees_what_changes() {
        let setting = Live::new(5);
        let held = setting.clone();
        setting.set(7);
        assert_eq!((held.now(), format!("{held:?}").as_str()), (7, "7"));
    }
}
