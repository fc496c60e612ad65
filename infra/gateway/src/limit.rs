//! How much a caller may ask for: a bucket of tokens each, which fills up over a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time in which a whole quota comes back.
const WINDOW: Duration = Duration::from_secs(60);

/// Callers of one generation at most; two are remembered.
const CALLERS: usize = 32_768;

/// What remains for a caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// Whether the request may pass.
    pub(crate) passes: bool,
    /// What the caller may ask for in a minute.
    pub(crate) quota: u64,
    /// Requests left now.
    pub(crate) left: u64,
    /// Until there is more: the next one, where none is left, else all of them.
    pub(crate) more_in: Duration,
}

/// Counts requests of one kind, by caller.
///
/// Memory is bounded by forgetting whoever was not heard of while 32,768 others were: it begins anew with its whole quota.
#[derive(Debug)]
pub(crate) struct Limiter {
    generations: Mutex<Generations>,
    callers: usize,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Box<str>, Bucket>,
    old: HashMap<Box<str>, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limiter {
    pub(crate) fn new() -> Self {
        Self::remembering(CALLERS)
    }

    fn remembering(callers: usize) -> Self {
        Self { generations: Mutex::default(), callers }
    }

    /// Takes one request out of the caller's quota.
    pub(crate) fn take(&self, caller: &str, quota: u64, now: Instant) -> Verdict {
        self.ask(caller, quota, now, 1.0)
    }

    /// Tells what remains without taking. Who is not known has all, and stays unknown: the place is for who took something.
    pub(crate) fn look(&self, caller: &str, quota: u64, now: Instant) -> Verdict {
        if self.knows(caller) {
            return self.ask(caller, quota, now, 0.0);
        }
        let more_in = if quota == 0 { WINDOW } else { Duration::ZERO };
        Verdict { passes: quota > 0, quota, left: quota, more_in }
    }

    fn knows(&self, caller: &str) -> bool {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.young.contains_key(caller) || generations.old.contains_key(caller)
    }

    fn ask(&self, caller: &str, quota: u64, now: Instant, cost: f64) -> Verdict {
        let whole = quota as f64;
        // Nothing is left half-changed by a panic.
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = generations.bucket(caller, Bucket { tokens: whole, at: now }, self.callers);
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * whole / WINDOW.as_secs_f64();
        bucket.tokens = (bucket.tokens + gained).min(whole);
        bucket.at = now;
        let passes = bucket.tokens >= 1.0;
        if passes {
            bucket.tokens -= cost;
        }
        let missing = if bucket.tokens < 1.0 { 1.0 - bucket.tokens } else { whole - bucket.tokens };
        let more_in = WINDOW.mul_f64(if quota == 0 { 1.0 } else { missing / whole });
        Verdict { passes, quota, left: bucket.tokens as u64, more_in }
    }
}

impl Generations {
    fn bucket(&mut self, caller: &str, fresh: Bucket, callers: usize) -> &mut Bucket {
        if !self.young.contains_key(caller) {
            let known = self.old.remove(caller).unwrap_or(fresh);
            if self.young.len() >= callers {
                self.old = std::mem::take(&mut self.young);
            }
            self.young.insert(caller.into(), known);
        }
        self.young.get_mut(caller).expect("it was just put there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_used_up_and_comes_back_bit_by_bit() {
        let (limiter, start) = (Limiter::new(), Instant::now());
        for left in (0..6).rev() {
            let verdict = limiter.take("a", 6, start);
            assert!(verdict.passes);
            assert_eq!(verdict.left, left);
        }
        let refused = limiter.take("a", 6, start);
        assert!(!refused.passes);
        assert_eq!(refused.more_in, Duration::from_secs(10));
        assert!(limiter.take("b", 6, start).passes, "another caller has a quota of its own");
        assert!(!limiter.take("a", 6, start + Duration::from_secs(9)).passes);
        assert!(limiter.take("a", 6, start + Duration::from_secs(11)).passes);
        assert!(!limiter.take("a", 6, start + Duration::from_secs(11)).passes);
        assert_eq!(limiter.look("a", 6, start + Duration::from_secs(600)).left, 6);
    }

    #[test]
    fn looking_takes_nothing_and_a_quota_of_nothing_lets_nothing_pass() {
        let (limiter, now) = (Limiter::new(), Instant::now());
        for _ in 0..5 {
            assert!(limiter.look("a", 1, now).passes);
        }
        assert!(limiter.take("a", 1, now).passes);
        assert!(!limiter.look("a", 1, now).passes);
        assert!(!limiter.take("z", 0, now).passes);
    }

    #[test]
    fn who_only_looks_pushes_out_nobody() {
        let (limiter, now) = (Limiter::remembering(10), Instant::now());
        assert!(limiter.take("guesses", 1, now).passes);
        for n in 0..1_000 {
            assert_eq!(limiter.look(&format!("c{n}"), 7, now).left, 7);
        }
        assert!(!limiter.look("guesses", 1, now).passes);
        assert_eq!(limiter.generations.lock().unwrap().young.len(), 1);
    }

    #[test]
    fn a_lowered_quota_is_in_force_at_once() {
        let (limiter, now) = (Limiter::new(), Instant::now());
        assert_eq!(limiter.take("a", 1_000, now).left, 999);
        assert_eq!(limiter.take("a", 2, now).left, 1);
    }

    #[test]
    fn no_more_callers_are_remembered_than_two_generations() {
        let (limiter, now) = (Limiter::remembering(10), Instant::now());
        assert!(limiter.take("steady", 1, now).passes);
        for n in 0..1_000 {
            limiter.take(&format!("c{n}"), 1, now);
            // Whoever keeps coming is not forgotten.
            assert!(!limiter.take("steady", 1, now).passes);
        }
        let generations = limiter.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 20);
    }
}
