//! The few of librdkafka's statistics that operators need, added up over the clients of a kind.

use std::sync::{Mutex, PoisonError};

use rdkafka::Statistics;
use rdkafka::statistics::Broker;
use telemetry::metrics::{Histogram, IntCounter, IntGauge};

use crate::metrics;

/// What a client needs to give statistics, unless the properties given have it otherwise. Only for clients that are polled all
/// the time: to others they would pile up.
pub(crate) const STATISTICS: &[(&str, &str)] = &[("statistics.interval.ms", "5000")];

/// What one client has told so far.
pub(crate) struct Figures {
    rtt: Histogram,
    failures: [IntCounter; 3],
    retries: IntCounter,
    queue_messages: IntGauge,
    queue_bytes: IntGauge,
    told: Mutex<Told>,
}

/// Counts since the client began.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Told {
    failures: [u64; 3],
    retries: u64,
    queue_messages: i64,
    queue_bytes: i64,
}

impl Figures {
    /// Of a kind of client.
    pub(crate) fn of(client: &str) -> Self {
        let failures = ["send", "receive", "timeout"];
        Self {
            rtt: metrics::RTT.with_label_values(&[client]),
            failures: failures.map(|kind| metrics::ERRORS.with_label_values(&[client, kind])),
            retries: metrics::RETRIES.with_label_values(&[client]),
            queue_messages: metrics::QUEUE_MESSAGES.with_label_values(&[client]),
            queue_bytes: metrics::QUEUE_BYTES.with_label_values(&[client]),
            told: Mutex::default(),
        }
    }

    /// Takes in what it tells now.
    pub(crate) fn take(&self, statistics: &Statistics) {
        for broker in statistics.brokers.values() {
            if let Some(rtt) = broker.rtt.as_ref().filter(|rtt| rtt.cnt > 0) {
                self.rtt.observe(rtt.avg as f64 / 1e6);
            }
        }
        self.change(Told::of(statistics));
    }

    fn change(&self, now: Told) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *told, now);
        for (counter, (now, before)) in self.failures.iter().zip(now.failures.iter().zip(before.failures)) {
            counter.inc_by(now.saturating_sub(before));
        }
        self.retries.inc_by(now.retries.saturating_sub(before.retries));
        self.queue_messages.add(now.queue_messages - before.queue_messages);
        self.queue_bytes.add(now.queue_bytes - before.queue_bytes);
    }
}

impl Drop for Figures {
    /// What it counted stays counted; it has no queue any more.
    fn drop(&mut self) {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        self.change(Told { queue_messages: 0, queue_bytes: 0, ..told });
    }
}

impl Told {
    fn of(statistics: &Statistics) -> Self {
        let sum = |of: fn(&Broker) -> u64| statistics.brokers.values().map(of).sum();
        Self {
            failures: [
                sum(|broker| broker.txerrs),
                sum(|broker| broker.rxerrs),
                sum(|broker| broker.req_timeouts),
            ],
            retries: sum(|broker| broker.txretries),
            queue_messages: statistics.msg_cnt as i64,
            queue_bytes: statistics.msg_size as i64,
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::statistics::Window;

    use super::*;

    fn statistics(errors: u64, queued: u64) -> Statistics {
        let rtt = Some(Window { avg: 2_000, cnt: 5, ..Window::default() });
        let broker = Broker { txerrs: errors, txretries: 1, rtt, ..Broker::default() };
        let silent = Broker { rtt: Some(Window::default()), ..Broker::default() };
        Statistics {
            msg_cnt: queued,
            msg_size: queued * 100,
            brokers: [("a".to_owned(), broker), ("b".to_owned(), silent)].into(),
            ..Statistics::default()
        }
    }

    #[test]
    fn clients_of_a_kind_are_added_up_and_one_that_is_gone_has_no_queue() {
        let client = "test_client";
        let (one, two) = (Figures::of(client), Figures::of(client));
        one.take(&statistics(3, 10));
        one.take(&statistics(5, 4));
        two.take(&statistics(1, 2));
        let shown = || {
            (
                metrics::ERRORS.with_label_values(&[client, "send"]).get(),
                metrics::RETRIES.with_label_values(&[client]).get(),
                metrics::QUEUE_MESSAGES.with_label_values(&[client]).get(),
                metrics::QUEUE_BYTES.with_label_values(&[client]).get(),
            )
        };
        assert_eq!(shown(), (6, 2, 6, 600));
        drop(one);
        assert_eq!(shown(), (6, 2, 2, 200));
        let rtt = metrics::RTT.with_label_values(&[client]);
        assert_eq!(rtt.get_sample_count(), 3);
        assert!((rtt.get_sample_sum() - 0.006).abs() < 1e-9);
    }
}
