//! Whether a request may be sent again.

use std::sync::Mutex;
use std::sync::PoisonError;

use auth::Class;
use http::Method;

/// Times that a request is sent again at most.
pub(crate) const RETRIES: usize = 2;

/// Retries that are saved up for, at most.
const SAVED: f64 = 100.0;

/// Retries that a gateway has which did nothing yet.
const AT_FIRST: f64 = 10.0;

/// Whether sending it a second time has the effect of sending it once. Only commands are known by their key.
pub(crate) fn is_repeatable(method: &Method, class: Class, has_key: bool) -> bool {
    match class {
        Class::Command | Class::CommandStream => has_key,
        Class::Read | Class::List | Class::Live | Class::Track => true,
        Class::Control | Class::Console => matches!(*method, Method::GET | Method::HEAD),
    }
}

/// Retries are a share of the requests: when everything fails, they would make it worse.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<f64>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(AT_FIRST))
    }

    /// A request came.
    pub(crate) fn earn(&self, percent: u32) {
        let mut saved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = (*saved + f64::from(percent) / 100.0).min(SAVED);
    }

    /// Whether there is one retry left; it is then taken.
    pub(crate) fn spend(&self) -> bool {
        let mut saved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *saved >= 1.0;
        if enough {
            *saved -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_keyed_commands_may_be_repeated() {
        assert!(is_repeatable(&Method::GET, Class::Read, false));
        assert!(is_repeatable(&Method::POST, Class::Track, false));
        assert!(is_repeatable(&Method::POST, Class::Command, true));
        assert!(is_repeatable(&Method::PATCH, Class::Command, true));
        assert!(!is_repeatable(&Method::POST, Class::Command, false));
        assert!(is_repeatable(&Method::GET, Class::Control, false));
        assert!(!is_repeatable(&Method::POST, Class::Control, true), "a roll-back knows no key");
        assert!(!is_repeatable(&Method::DELETE, Class::Control, true));
    }

    #[test]
    fn retries_are_a_share_of_requests() {
        let budget = Budget::new();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
        (0..50).for_each(|_| budget.earn(20));
        let spent = (0..100).filter(|_| budget.spend()).count();
        assert!((9..=10).contains(&spent), "{spent}");
    }
}
