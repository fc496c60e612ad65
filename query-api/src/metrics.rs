//! What the query API counts.

use std::sync::LazyLock;

use telemetry::metrics::{self, IntCounter, IntGauge};

const SSE_CLIENTS_NAME: &str = "parceltrack_query_api_sse_clients";
const WAKES_NAME: &str = "parceltrack_query_api_wakes_total";

/// Live streams just now.
pub(crate) static SSE_CLIENTS: LazyLock<IntGauge> =
    LazyLock::new(|| metrics::gauge(SSE_CLIENTS_NAME, "Live streams that are open."));
/// Events that woke somebody.
pub(crate) static WAKES: LazyLock<IntCounter> =
    LazyLock::new(|| metrics::counter(WAKES_NAME, "Events of shipments that somebody watches."));
