//! How fast things happen here, and why.
//!
//! An instance that is killed (`kill -9`) has written its last heartbeat at most [`HEARTBEAT`] before, and its lease ends
//! [`TTL`] after that one. A directory looks each [`SWEEP`]; what it learns by asking may be one more [`SWEEP`] old. So the
//! instance is out of rotation after at most [`OUT_WITHIN`], 8.5 s, and on average after some 6.5 s. The promise is 10 s;
//! the rest is for a broker's pause.

use std::time::Duration;

/// The pause between two heartbeats.
pub const HEARTBEAT: Duration = Duration::from_millis(2_500);

/// How long a lease lasts without a heartbeat: three of them, so that one may be lost and another late.
pub const TTL: Duration = Duration::from_millis(7_500);

/// The pause between two looks of a directory: whether Kafka answers, where the topic ends, whose lease is over.
pub const SWEEP: Duration = Duration::from_millis(500);

/// After how long a killed instance is out of rotation at the latest, when Kafka answers and the fleet is well.
pub const OUT_WITHIN: Duration = Duration::from_millis(8_500);

/// A directory that had no contact with Kafka for longer begins every lease anew when it has: for all it knows, everybody
/// was as cut off. Shorter than [`TTL`] less a heartbeat, or leases would end in a silence that was not noticed.
pub const SILENCE: Duration = Duration::from_secs(2);

/// How few instances may vanish at once without anybody doubting it: two processes of a machine that died.
pub const FEWEST_PROTECTED: usize = 3;

/// How long leases that ended together are kept. Eureka keeps them for ever; but then who is really dead stays for ever.
pub const LONGEST_PROTECTION: Duration = Duration::from_mins(15);

/// How long a lease that has ended may lie in the topic until a tombstone is written for it.
pub const BURIED_AFTER: Duration = Duration::from_hours(1);

/// How long an override outlives the last that was heard of its instance: over a week of maintenance.
pub const OVERRIDE_KEPT: Duration = Duration::from_hours(7 * 24);

const _: () = assert!(TTL.as_millis() + 2 * SWEEP.as_millis() <= OUT_WITHIN.as_millis());
const _: () = assert!(HEARTBEAT.as_millis() + SILENCE.as_millis() < TTL.as_millis());
