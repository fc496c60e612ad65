//! Which instance is next: the less busy of two, among those that answer.
//!
//! Each instance has a circuit breaker. It opens at once when a connection is refused, and after some failures in a row when
//! answers break off or don't come; each time it opens again, it stays open twice as long. Then one request at a time tries
//! whether the instance is back. A service none of whose instances may be asked is told as unavailable, without a wait.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The first pause after a refused connection.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How long one request tries alone whether an instance is back: it may be a stream, which goes on without an answer.
const PROBE: Duration = Duration::from_secs(5);

/// The longest pause of all.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// When an instance is passed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breaking {
    /// After so many failures in a row.
    pub(crate) failures: u32,
    /// For so long at first.
    pub(crate) pause: Duration,
}

/// How a request to an instance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It answered, whatever it said.
    Answered,
    /// It took no connection.
    Unreachable,
    /// It broke off, or took too long.
    Failed,
}

/// The instances of one service, as far as they were asked.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    instances: Mutex<States>,
}

/// A service has few instances: to look at each costs less than a hash.
#[derive(Debug, Default)]
struct States(Vec<(SocketAddr, State)>);

impl States {
    fn get(&self, address: SocketAddr) -> Option<&State> {
        self.0.iter().find(|(known, _)| *known == address).map(|(_, state)| state)
    }

    fn get_mut(&mut self, address: SocketAddr) -> Option<&mut State> {
        self.0.iter_mut().find(|(known, _)| *known == address).map(|(_, state)| state)
    }

    fn of(&mut self, address: SocketAddr) -> &mut State {
        let known = self.0.iter().position(|(known, _)| *known == address);
        let at = known.unwrap_or_else(|| {
            self.0.push((address, State::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    /// Whoever left the registry is forgotten once nothing is under way there.
    fn forget_who_left(&mut self, up: &[SocketAddr]) {
        self.0.retain(|(address, state)| state.under_way > 0 || up.contains(address));
    }
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    failures: u32,
    pauses: u32,
    open_until: Option<Instant>,
    /// Until when nobody else tries whether it is back.
    probing: Option<Instant>,
}

/// A request under way; it counts as such until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    pool: Arc<Pool>,
    address: SocketAddr,
    /// Until when nobody else tries, if this one tries whether the instance is back: it tells this try from a later one.
    probe: Option<Instant>,
}

impl Pool {
    /// An instance for a request, if possible none of those `tried` before; `chance` picks the two that are compared.
    /// When none may be asked: how long until one may.
    pub(crate) fn pick(
        self: &Arc<Self>,
        up: &[SocketAddr],
        tried: &[SocketAddr],
        chance: u64,
        now: Instant,
    ) -> Result<Slot, Duration> {
        let mut states = self.lock();
        if states.0.len() > up.len() {
            states.forget_who_left(up);
        }
        let usable =
            |address: &&SocketAddr| states.get(**address).is_none_or(|state| state.may_be_asked(now));
        let all = up.iter().filter(usable);
        let fresh = all.clone().filter(|address| !tried.contains(address));
        let next = less_busy(&fresh, &states, chance).or_else(|| less_busy(&all, &states, chance));
        let Some(address) = next else {
            let waits = up.iter().filter_map(|address| states.get(*address)?.open_until);
            let wait = waits.min().map_or(FIRST_PAUSE, |until| until.saturating_duration_since(now));
            return Err(wait);
        };
        let state = states.of(address);
        state.under_way += 1;
        let probe = state.open_until.map(|_| now + PROBE);
        state.probing = probe.or(state.probing);
        Ok(Slot { pool: Arc::clone(self), address, probe })
    }

    /// Of the instances that there are, how many breakers are closed now, how many are open, and how many let a request try whether
    /// the instance is back.
    pub(crate) fn breakers(&self, up: &[SocketAddr], now: Instant) -> [(&'static str, i64); 3] {
        let (mut closed, mut open, mut half_open) = (0, 0, 0);
        let mut states = self.lock();
        states.forget_who_left(up);
        for (_, state) in &states.0 {
            *match state.open_until {
                None => &mut closed,
                Some(until) if until > now => &mut open,
                Some(_) => &mut half_open,
            } += 1;
        }
        [("closed", closed), ("open", open), ("half_open", half_open)]
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, States> {
        // Nothing is left half-changed by a panic.
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn less_busy<'a>(
    among: &(impl Iterator<Item = &'a SocketAddr> + Clone),
    states: &States,
    chance: u64,
) -> Option<SocketAddr> {
    let count = among.clone().count() as u64;
    if count <= 1 {
        return among.clone().next().copied();
    }
    let first = chance % count;
    // Another one than the first, where there is one.
    let second = (first + 1 + (chance / count) % (count - 1)) % count;
    let nth = |at: u64| among.clone().nth(at as usize).copied();
    let (first, second) = (nth(first)?, nth(second)?);
    let busy = |address: &SocketAddr| states.get(*address).map_or(0, |state| state.under_way);
    Some(if busy(&second) < busy(&first) { second } else { first })
}

impl State {
    fn may_be_asked(&self, now: Instant) -> bool {
        match self.open_until {
            None => true,
            Some(until) => now >= until && self.probing.is_none_or(|until| now >= until),
        }
    }

    fn pause(&mut self, first: Duration, now: Instant) {
        let pause = first.saturating_mul(1 << self.pauses.min(5)).min(LONGEST_PAUSE);
        self.pauses += 1;
        self.open_until = Some(now + pause);
    }
}

impl Slot {
    /// Where the request goes.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says how it ended. Whether the breaker opened by that.
    pub(crate) fn ended(&mut self, outcome: Outcome, breaking: Breaking, now: Instant) -> bool {
        let mut states = self.pool.lock();
        let Some(state) = states.get_mut(self.address) else { return false };
        // One that took so long that others tried, too, tells nothing any more.
        let probe = self.probe.take().is_some_and(|until| state.probing == Some(until));
        if probe {
            state.probing = None;
        }
        let was_open = state.open_until.is_some();
        match outcome {
            // What was sent before the breaker opened tells nothing of now.
            Outcome::Answered if was_open && !probe => {}
            Outcome::Answered => *state = State { under_way: state.under_way, ..State::default() },
            Outcome::Unreachable | Outcome::Failed => {
                state.failures += 1;
                let first = if outcome == Outcome::Unreachable { FIRST_PAUSE } else { breaking.pause };
                let enough = outcome == Outcome::Unreachable || state.failures >= breaking.failures;
                if probe || (!was_open && enough) {
                    state.pause(first, now);
                    return true;
                }
            }
        }
        false
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut states = self.pool.lock();
        if let Some(state) = states.get_mut(self.address) {
            state.under_way = state.under_way.saturating_sub(1);
            // A probe that nobody waited for tells nothing: the next request is one.
            if self.probe.is_some() && self.probe == state.probing {
                state.probing = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKING: Breaking = Breaking { failures: 3, pause: Duration::from_secs(5) };

    fn addresses(count: u16) -> Vec<SocketAddr> {
        (1..=count).map(|port| SocketAddr::from(([127, 0, 0, 1], port))).collect()
    }

    #[test]
    fn the_less_busy_of_two_is_next() {
        let (pool, up, now) = (Arc::new(Pool::default()), addresses(2), Instant::now());
        let slots: Vec<Slot> = (0..10).map(|chance| pool.pick(&up, &[], chance * 7, now).unwrap()).collect();
        let first = slots.iter().filter(|slot| slot.address() == up[0]).count();
        assert_eq!(first, 5);
        drop(slots);
        assert!(pool.lock().0.iter().all(|(_, state)| state.under_way == 0));
    }

    #[test]
    fn every_instance_gets_its_share() {
        let (pool, up, now) = (Arc::new(Pool::default()), addresses(5), Instant::now());
        let picked: std::collections::HashSet<SocketAddr> =
            (0..200).map(|chance| pool.pick(&up, &[], chance, now).unwrap().address()).collect();
        assert_eq!(picked.len(), 5);
    }

    #[test]
    fn a_refused_connection_pauses_an_instance_longer_each_time() {
        let (pool, up, mut now) = (Arc::new(Pool::default()), addresses(1), Instant::now());
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            let mut slot = pool.pick(&up, &[], 0, now).unwrap();
            assert!(slot.ended(Outcome::Unreachable, BREAKING, now));
            drop(slot);
            assert_eq!(pool.pick(&up, &[], 0, now).unwrap_err(), Duration::from_secs(pause));
            now += Duration::from_secs(pause);
        }
        let mut slot = pool.pick(&up, &[], 0, now).unwrap();
        slot.ended(Outcome::Answered, BREAKING, now);
        drop(slot);
        assert!(pool.pick(&up, &[], 0, now).is_ok());
        assert_eq!(pool.breakers(&up, now), [("closed", 1), ("open", 0), ("half_open", 0)]);
    }

    #[test]
    fn failures_in_a_row_open_the_breaker_and_an_answer_in_between_does_not() {
        let (pool, up, now) = (Arc::new(Pool::default()), addresses(1), Instant::now());
        let end = |outcome| pool.pick(&up, &[], 0, now).unwrap().ended(outcome, BREAKING, now);
        assert!(!end(Outcome::Failed));
        assert!(!end(Outcome::Failed));
        assert!(!end(Outcome::Answered));
        assert!(!end(Outcome::Failed));
        assert!(!end(Outcome::Failed));
        assert!(end(Outcome::Failed));
        assert_eq!(pool.pick(&up, &[], 0, now).unwrap_err(), BREAKING.pause);
        assert_eq!(pool.breakers(&up, now), [("closed", 0), ("open", 1), ("half_open", 0)]);
        let later = now + BREAKING.pause;
        assert_eq!(pool.breakers(&up, later), [("closed", 0), ("open", 0), ("half_open", 1)]);
    }

    #[test]
    fn one_request_at_a_time_tries_whether_an_instance_is_back() {
        let (pool, up, start) = (Arc::new(Pool::default()), addresses(1), Instant::now());
        pool.pick(&up, &[], 0, start).unwrap().ended(Outcome::Unreachable, BREAKING, start);
        let later = start + Duration::from_secs(2);
        let probe = pool.pick(&up, &[], 0, later).unwrap();
        assert!(pool.pick(&up, &[], 0, later).is_err(), "the probe is under way");
        assert!(pool.pick(&up, &[], 0, later + PROBE).is_ok(), "and has been for too long");
        drop(probe);
        let mut probe = pool.pick(&up, &[], 0, later).unwrap();
        probe.ended(Outcome::Answered, BREAKING, later);
        assert!(
            pool.pick(&up, &[], 0, later).is_ok(),
            "as soon as it answered, though its body is still on the way"
        );
    }

    #[test]
    fn a_try_that_was_overtaken_tells_nothing() {
        let (pool, up, start) = (Arc::new(Pool::default()), addresses(1), Instant::now());
        pool.pick(&up, &[], 0, start).unwrap().ended(Outcome::Unreachable, BREAKING, start);
        let mut hanging = pool.pick(&up, &[], 0, start + Duration::from_secs(1)).unwrap();
        let later = start + Duration::from_secs(10);
        pool.pick(&up, &[], 0, later).unwrap().ended(Outcome::Answered, BREAKING, later);
        assert!(!hanging.ended(Outcome::Failed, BREAKING, later));
        drop(hanging);
        assert!(pool.pick(&up, &[], 0, later).is_ok());
    }

    #[test]
    fn another_instance_is_tried_first_and_the_same_only_if_there_is_no_other() {
        let (pool, up, now) = (Arc::new(Pool::default()), addresses(2), Instant::now());
        for chance in 0..20 {
            assert_eq!(pool.pick(&up, &up[..1], chance, now).unwrap().address(), up[1]);
        }
        assert!(pool.pick(&up, &up, 0, now).is_ok());
        assert_eq!(pool.pick(&[], &[], 0, now).unwrap_err(), FIRST_PAUSE);
    }

    #[test]
    fn whoever_is_gone_is_forgotten() {
        let (pool, up, now) = (Arc::new(Pool::default()), addresses(2), Instant::now());
        let held = pool.pick(&up[..1], &[], 0, now).unwrap();
        drop(pool.pick(&up[1..], &[], 0, now).unwrap());
        assert_eq!(pool.lock().0.len(), 2);
        drop(held);
        drop(pool.pick(&up[1..], &[], 0, now).unwrap());
        assert_eq!(pool.lock().0.len(), 1);
    }
}
