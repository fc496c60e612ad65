//! Self-preservation: many that vanish at once have more likely been cut off than died.
//!
//! Eureka gives up nobody while fewer than 85 % of the expected renewals come (`renewalPercentThreshold`), over a minute and
//! without an end. Here it takes half of the instances, and no fewer than [`FEWEST_PROTECTED`]: with a ttl of seconds, not
//! of minutes, it is looked at who misses a renewal now, not how many came in the last minute; and a rolling restart of a
//! small fleet must not stop the dead from being found.

use super::held::Held;
use crate::Moment;
use crate::timing::FEWEST_PROTECTED;

/// Whether, of these leases, so many are late that none may end.
///
/// Late is who was not renewed for half of its ttl, one and a half heartbeats: instances that were cut off together were
/// renewed last within one heartbeat, so when the first lease ends all of them are late.
pub(super) fn is_due<'a>(held: impl Iterator<Item = &'a Held>, now: Moment) -> bool {
    let (mut all, mut late) = (0, 0);
    for held in held.filter(|held| held.was_seen()) {
        all += 1;
        late += usize::from(held.age(now) * 2 > held.lease.ttl());
    }
    late >= FEWEST_PROTECTED && late * 2 >= all
}
