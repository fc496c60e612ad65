//! What is measured when somebody asks, and not before.

use std::sync::{Mutex, PoisonError};

/// Measures something into its gauges; whether it is there to be measured again.
type Look = Box<dyn FnMut() -> bool + Send>;

static LOOKS: Mutex<Vec<Look>> = Mutex::new(Vec::new());

/// Has `look` called before metrics are written, each time, until it returns `false`. It must be quick, and never block on
/// anything but a lock that is held shortly; and must not ask for metrics itself.
pub fn before_each_scrape(look: impl FnMut() -> bool + Send + 'static) {
    LOOKS.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(look));
}

pub(super) fn prepare() {
    LOOKS.lock().unwrap_or_else(PoisonError::into_inner).retain_mut(|look| look());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::metrics::{Form, before_each_scrape, gauge, render};

    #[test]
    fn it_is_measured_when_asked_for_until_it_is_gone() {
        let shown = gauge("parceltrack_telemetry_looked_at", "Made by a test.");
        let measured = Arc::new(7);
        let (watched, told) = (Arc::downgrade(&measured), shown.clone());
        before_each_scrape(move || {
            let there = watched.upgrade();
            told.set(there.as_deref().copied().unwrap_or(-1));
            there.is_some()
        });
        assert_eq!(shown.get(), 0);
        render(Form::Text);
        assert_eq!(shown.get(), 7);
        drop(measured);
        render(Form::Text);
        shown.set(9);
        render(Form::Text);
        assert_eq!(shown.get(), 9);
    }
}
