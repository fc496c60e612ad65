//! Which trace the work at hand belongs to.

use tokio::task::futures::TaskLocalFuture;

use crate::{TraceContext, TraceId};

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// Does work within a trace: [`current_trace`] is this one meanwhile.
pub fn within<F: Future>(trace: TraceContext, work: F) -> TaskLocalFuture<TraceContext, F> {
    CURRENT.scope(trace, work)
}

/// The same for work that isn't a future.
pub fn within_sync<T>(trace: TraceContext, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(trace, work)
}

/// The trace that the work at hand belongs to.
pub fn current_trace() -> Option<TraceContext> {
    CURRENT.try_with(|trace| *trace).ok()
}

/// Its id, if it is sampled: for exemplars, which should lead to something. Costs one look at a thread's memory.
pub fn current_trace_id() -> Option<TraceId> {
    current_trace().filter(TraceContext::is_sampled).map(|trace| trace.trace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_within_a_trace_knows_it() {
        assert_eq!(current_trace_id(), None);
        let of = |flags| {
            TraceContext::parse(&format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0{flags}"))
                .unwrap()
        };
        within(of(1), async {
            tokio::task::yield_now().await;
            assert_eq!(current_trace_id(), Some(of(1).trace()));
            within_sync(of(0), || assert_eq!((current_trace_id(), current_trace()), (None, Some(of(0)))));
        })
        .await;
        assert_eq!(current_trace(), None);
    }
}
