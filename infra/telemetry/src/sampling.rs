//! Which traces are sampled: recorded and sent on. Whoever begins a trace draws; all others do as the trace says.

use std::sync::atomic::{AtomicU64, Ordering};

/// Ids below this, of 2^63, are drawn.
static BELOW: AtomicU64 = AtomicU64::new(0);

const RANGE: f64 = (1_u64 << 63) as f64;

/// From now on this share of the traces that begin here is sampled, from 0 (none, as it is at first) to 1 (all).
pub fn set_ratio(ratio: f64) {
    BELOW.store((ratio.clamp(0.0, 1.0) * RANGE) as u64, Ordering::Relaxed);
}

/// Whether a trace with this id is sampled. The id itself decides, by its last bytes, as OpenTelemetry's
/// `TraceIdRatioBased` has it: who draws again with the same ratio draws the same.
pub(crate) fn is_drawn(trace_id: [u8; 16]) -> bool {
    let [_, _, _, _, _, _, _, _, low @ ..] = trace_id;
    u64::from_be_bytes(low) >> 1 < BELOW.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_about_what_was_asked_for() {
        let id = |n: u64| {
            let mut id = [7; 16];
            id[8..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            id
        };
        for (ratio, from, to) in [(0.0, 0, 0), (0.01, 50, 150), (0.5, 4_800, 5_200), (1.0, 10_000, 10_000)] {
            set_ratio(ratio);
            let drawn = (1..=10_000).filter(|n| is_drawn(id(*n))).count();
            assert!((from..=to).contains(&drawn), "{drawn} of 10,000 at {ratio}");
        }
        set_ratio(0.0);
    }
}
