//! The spans that ended last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Span;

/// At most so many spans; the oldest goes first.
pub(super) struct Ring(Mutex<Kept>);

struct Kept {
    most: usize,
    spans: VecDeque<Arc<Span>>,
}

impl Ring {
    pub(super) fn new(most: usize) -> Self {
        Self(Mutex::new(Kept { most, spans: VecDeque::new() }))
    }

    pub(super) fn keep(&self, most: usize) {
        let mut kept = self.kept();
        kept.most = most;
        let beyond = kept.spans.len().saturating_sub(most);
        kept.spans.drain(..beyond);
    }

    pub(super) fn push(&self, span: Arc<Span>) {
        let mut kept = self.kept();
        if kept.most == 0 {
            return;
        }
        if kept.spans.len() >= kept.most {
            kept.spans.pop_front();
        }
        kept.spans.push_back(span);
    }

    pub(super) fn select(&self, wanted: impl Fn(&Span) -> bool) -> Vec<Arc<Span>> {
        self.kept().spans.iter().filter(|span| wanted(span)).cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TraceContext;
    use crate::spans::Kind;

    #[test]
    fn the_oldest_goes_first() {
        let ring = Ring::new(3);
        let trace = TraceContext::start();
        for name in ["a", "b", "c", "d"] {
            ring.push(Arc::new(Span::begin(&trace, Kind::Internal, name)));
        }
        let names =
            |ring: &Ring| ring.select(|_| true).iter().map(|span| span.name.to_string()).collect::<String>();
        assert_eq!(names(&ring), "bcd");
        ring.keep(1);
        assert_eq!(names(&ring), "d");
        ring.keep(0);
        ring.push(Arc::new(Span::begin(&trace, Kind::Internal, "e")));
        assert_eq!(names(&ring), "");
    }
}
