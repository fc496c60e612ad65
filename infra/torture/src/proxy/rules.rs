//! What is done to which requests. Shared by all proxies of a cluster.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, watch};

use super::frame::{Api, Request};

/// How long the rest of a transaction is held up behind the first record that a zombie is to meet.
const BEHIND_A_ZOMBIE: Duration = Duration::from_millis(600);

/// What is done to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It arrives so much later, and everything behind it on its connection as well.
    Delay(Duration),
    /// It never arrives: the connection is closed instead.
    Cut,
    /// It arrives, and the connection is closed instead of its answer.
    LoseAnswer,
    /// The connection is closed, and yet it arrives: in the middle of the next transaction of the same producer.
    Zombie,
}

/// Which requests, and what is done to them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What the request asks for.
    pub api: Api,
    /// What the client's id begins with.
    pub client: String,
    /// On their way to which broker, by its id; none for all.
    pub broker: Option<u8>,
    /// What is done.
    pub action: Action,
    /// To how many.
    pub times: u32,
}

/// What a connection does with a request.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Pass it on.
    Pass,
    /// Pass it on after this.
    Wait(Duration),
    /// Close the connection.
    Cut,
    /// Pass it on, and close the connection when it is answered.
    LoseAnswer,
    /// Close the client's side; pass it on once released, if ever.
    Keep(watch::Receiver<bool>),
    /// Pass it on, then release what was kept.
    PassAndRelease(watch::Sender<bool>),
}

/// The rules in force.
#[derive(Clone)]
pub struct Rules {
    inner: Arc<Mutex<Inner>>,
    cuts: broadcast::Sender<String>,
}

#[derive(Default)]
struct Inner {
    rules: Vec<Rule>,
    /// Clients that nothing passes for, by what their ids begin with, and until when.
    stalled: Vec<(String, Instant)>,
    /// By transactional id, requests that were kept.
    kept: Vec<(String, watch::Sender<bool>)>,
    /// Transactions that are held up, by id.
    held: Vec<(String, Instant)>,
    hits: u32,
    released: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { inner: Arc::default(), cuts: broadcast::channel(64).0 }
    }
}

impl Rules {
    /// From now on, besides those in force.
    pub fn add(&self, rule: Rule) {
        self.lock().rules.push(rule);
    }

    /// No rule is in force any more, and nobody is stalled. What was kept is dropped.
    pub fn clear(&self) {
        *self.lock() = Inner::default();
    }

    /// Nothing of these clients passes, for so long.
    pub fn stall(&self, client: &str, how_long: Duration) {
        self.lock().stalled.push((client.to_owned(), Instant::now() + how_long));
    }

    /// Closes every connection of these clients.
    pub fn cut(&self, client: &str) {
        // Nobody may be connected.
        let _ = self.cuts.send(client.to_owned());
    }

    /// How many requests a rule was applied to since the last [`clear`](Self::clear).
    pub fn hits(&self) -> u32 {
        self.lock().hits
    }

    /// How many kept requests were let go since the last [`clear`](Self::clear).
    pub fn released(&self) -> u32 {
        self.lock().released
    }

    pub(super) fn cuts(&self) -> broadcast::Receiver<String> {
        self.cuts.subscribe()
    }

    /// What to do with a request that has just come, on its way to a broker.
    pub(super) fn judge(&self, request: &Request<'_>, broker: u8) -> Verdict {
        let mut inner = self.lock();
        let now = Instant::now();
        inner.stalled.retain(|(_, until)| *until > now);
        inner.held.retain(|(_, until)| *until > now);
        if let Some((_, until)) = inner.stalled.iter().find(|(client, _)| request.client.starts_with(client))
        {
            return Verdict::Wait(*until - now);
        }
        if let Some(id) = request.transactional_id {
            if let Some((_, until)) = inner.held.iter().find(|(held, _)| held == id) {
                return Verdict::Wait(*until - now);
            }
            if request.api == Api::Produce
                && let Some(at) = inner.kept.iter().position(|(kept, _)| kept == id)
            {
                let (id, release) = inner.kept.remove(at);
                inner.held.push((id, now + BEHIND_A_ZOMBIE));
                inner.released += 1;
                return Verdict::PassAndRelease(release);
            }
        }
        let applies = |rule: &Rule| {
            rule.api == request.api
                && request.client.starts_with(&rule.client)
                && rule.broker.is_none_or(|only| only == broker)
                && rule.times > 0
        };
        let Some(rule) = inner.rules.iter_mut().find(|rule| applies(rule)) else { return Verdict::Pass };
        rule.times -= 1;
        let action = rule.action;
        inner.hits += 1;
        match action {
            Action::Delay(how_long) => Verdict::Wait(how_long),
            Action::Cut => Verdict::Cut,
            Action::LoseAnswer => Verdict::LoseAnswer,
            Action::Zombie => {
                let (release, released) = watch::channel(false);
                inner.kept.push((request.transactional_id.unwrap_or_default().to_owned(), release));
                Verdict::Keep(released)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(api: Api, client: &'a str, id: Option<&'a str>) -> Request<'a> {
        Request { api, correlation: 1, client, transactional_id: id }
    }

    fn rule(action: Action) -> Rule {
        Rule { api: Api::EndTxn, client: "handler.a".to_owned(), broker: Some(1), action, times: 1 }
    }

    #[test]
    fn a_rule_is_applied_to_its_client_and_request_so_many_times() {
        let rules = Rules::default();
        rules.add(rule(Action::Cut));
        assert!(matches!(rules.judge(&request(Api::Produce, "handler.a.0", None), 1), Verdict::Pass));
        assert!(matches!(rules.judge(&request(Api::EndTxn, "handler.b.0", None), 1), Verdict::Pass));
        assert!(matches!(rules.judge(&request(Api::EndTxn, "handler.a.0", None), 2), Verdict::Pass));
        assert!(matches!(rules.judge(&request(Api::EndTxn, "handler.a.0", None), 1), Verdict::Cut));
        assert!(matches!(rules.judge(&request(Api::EndTxn, "handler.a.0", None), 1), Verdict::Pass));
        assert_eq!(rules.hits(), 1);
    }

    #[test]
    fn a_zombie_is_released_by_the_next_record_of_its_producer_and_what_follows_is_held_up() {
        let rules = Rules::default();
        rules.add(rule(Action::Zombie));
        let kept = rules.judge(&request(Api::EndTxn, "handler.a.0", Some("a.0.1")), 1);
        let Verdict::Keep(released) = kept else { panic!("{kept:?}") };
        assert!(matches!(
            rules.judge(&request(Api::Produce, "handler.a.0", Some("a.0.2")), 1),
            Verdict::Pass
        ));
        let next = rules.judge(&request(Api::Produce, "handler.a.0", Some("a.0.1")), 1);
        let Verdict::PassAndRelease(release) = next else { panic!("{next:?}") };
        release.send(true).unwrap();
        assert!(*released.borrow());
        let behind = rules.judge(&request(Api::Produce, "handler.a.0", Some("a.0.1")), 1);
        assert!(matches!(behind, Verdict::Wait(_)), "{behind:?}");
        assert_eq!(rules.released(), 1);
    }

    #[test]
    fn a_stalled_client_waits_and_others_do_not() {
        let rules = Rules::default();
        rules.stall("handler.a", Duration::from_secs(60));
        let verdict = rules.judge(&request(Api::Other(3), "handler.a.0", None), 1);
        assert!(matches!(verdict, Verdict::Wait(left) if left > Duration::from_secs(50)), "{verdict:?}");
        assert!(matches!(rules.judge(&request(Api::Other(3), "handler.b.0", None), 1), Verdict::Pass));
        rules.clear();
        assert!(matches!(rules.judge(&request(Api::Other(3), "handler.a.0", None), 1), Verdict::Pass));
    }
}
