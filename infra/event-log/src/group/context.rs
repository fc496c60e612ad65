//! The callbacks of a group consumer. They only take notes; the owner's next poll acts on them.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Statistics, TopicPartitionList};

use crate::context::LogContext;

/// A rebalance that librdkafka waits to see carried out.
pub(super) enum Rebalance {
    Assigned(TopicPartitionList),
    Revoked { list: TopicPartitionList, lost: bool },
}

pub(super) struct Context {
    log: LogContext,
    pending: Mutex<VecDeque<Rebalance>>,
    closing: AtomicBool,
}

impl Context {
    pub(super) fn new(log: LogContext) -> Self {
        Self { log, pending: Mutex::default(), closing: AtomicBool::new(false) }
    }

    /// See [`LogContext::ended_at`].
    pub(super) fn ended_at(&self) -> Option<i64> {
        self.log.ended_at()
    }

    pub(super) fn next(&self) -> Option<Rebalance> {
        self.pending.lock().ok()?.pop_front()
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.log.log(level, facility, message);
    }

    fn stats(&self, statistics: Statistics) {
        self.log.stats(statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.log.error(error, reason);
    }
}

impl ConsumerContext for Context {
    /// Runs inside `poll`. librdkafka asks to be told when an assignment is taken on or given up, not that it be done
    /// here: until then nobody else gets what is revoked.
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let assigned = what == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::Relaxed) {
            let done = if assigned {
                consumer.incremental_assign(list)
            } else {
                consumer.incremental_unassign(list)
            };
            if let Err(error) = done {
                tracing::debug!(%error, "rebalance while closing");
            }
            return;
        }
        let rebalance = if assigned {
            Rebalance::Assigned(list.clone())
        } else {
            Rebalance::Revoked { list: list.clone(), lost: consumer.assignment_lost() }
        };
        if let Ok(mut pending) = self.pending.lock() {
            pending.push_back(rebalance);
        }
    }
}
