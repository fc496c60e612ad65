//! The clock on the wall. What is decided never depends on it; what is logged, parked or kept in the store may.

use std::time::{SystemTime, UNIX_EPOCH};

use shipment_events::Timestamp;

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
