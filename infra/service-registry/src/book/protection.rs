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
    let seen: Vec<&Held> = held.filter(|held| held.was_seen()).collect();
    let is_late = |held: &Held| held.age(now) * 2 > held.lease.ttl();
    let Some(oldest) = seen.iter().filter(|held| is_late(held)).map(|held| held.age(now)).max() else {
        return false;
    };
    // Of one with a longer ttl nothing is known yet: it need not have been heard of for so long.
    let is_told = |held: &Held| is_late(held) || held.lease.ttl() < oldest * 2;
    let late = seen.iter().filter(|held| is_late(held)).count();
    late >= FEWEST_PROTECTED && late * 2 >= seen.iter().filter(|held| is_told(held)).count()
}
