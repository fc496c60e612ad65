//! Several transactional producers of one worker, taking turns.
//!
//! After a commit the broker is still writing markers, and the same producer's next transaction would wait for them.
//! Transactions stay strictly one after the other; only the producer changes.

use std::time::Duration;

use crate::{Fault, Kafka, TransactionSettings, TransactionalProducer};

/// How the producers of a worker are set up.
#[derive(Clone, Debug)]
pub struct RotationSettings {
    /// The consumer group of the worker.
    pub group: String,
    /// The process, stable over restarts.
    pub instance: String,
    /// The worker's number in the process.
    pub worker: usize,
    /// How many producers take turns.
    pub slots: usize,
    /// After this the broker aborts a transaction left open.
    pub transaction_timeout: Duration,
    /// How long one call may take before it counts as indefinite.
    pub call_timeout: Duration,
}

impl RotationSettings {
    /// Three producers, 10 s until the broker aborts, 8 s for a call.
    pub fn new(group: impl Into<String>, instance: impl Into<String>, worker: usize) -> Self {
        Self {
            group: group.into(),
            instance: instance.into(),
            worker,
            slots: 3,
            transaction_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(8),
        }
    }

    /// The id of a slot: `group.instance.worker.slot`.
    pub fn transactional_id(&self, slot: usize) -> String {
        format!("{}.{}.{}.{slot}", self.group, self.instance, self.worker)
    }
}

/// The producers of one worker.
pub struct Rotation {
    kafka: Kafka,
    settings: RotationSettings,
    slots: Vec<Option<TransactionalProducer>>,
    turn: usize,
}

impl Rotation {
    /// Makes none yet; [`renew`](Self::renew) or the first [`take_turn`](Self::take_turn) does.
    pub fn new(kafka: &Kafka, settings: RotationSettings) -> Self {
        let slots = (0..settings.slots.max(1)).map(|_| None).collect();
        Self { kafka: kafka.clone(), settings, slots, turn: 0 }
    }

    /// Makes every producer that is missing. Blocks.
    ///
    /// Offsets and state may be read only after this: until *all* ids are taken over, a request of a predecessor or of a
    /// discarded producer may still take effect.
    pub fn renew(&mut self) -> Result<(), Fault> {
        for slot in 0..self.slots.len() {
            if self.slots[slot].is_none() {
                self.slots[slot] = Some(self.make(slot)?);
            }
        }
        Ok(())
    }

    /// The producer whose turn it is. Makes what is missing first.
    pub fn take_turn(&mut self) -> Result<&mut TransactionalProducer, Fault> {
        self.renew()?;
        self.turn = (self.turn + 1) % self.slots.len();
        let turn = self.turn;
        let slot = &mut self.slots[turn];
        if slot.as_ref().is_some_and(TransactionalProducer::is_suspect) {
            tracing::info!(
                transactional_id = self.settings.transactional_id(turn),
                "a connection broke, replacing the producer"
            );
            *slot = None;
        }
        let producer = match self.slots[turn].take() {
            Some(producer) => producer,
            None => self.make(turn)?,
        };
        Ok(self.slots[turn].insert(producer))
    }

    /// The producer that had the last turn, if it was not discarded.
    pub fn current(&mut self) -> Option<&mut TransactionalProducer> {
        self.slots[self.turn].as_mut()
    }

    /// Drops every producer of the worker. The next [`renew`](Self::renew) makes new ones with the same ids, whose higher
    /// epochs fence whatever of these is still under way.
    pub fn discard_all(&mut self) {
        for slot in &mut self.slots {
            *slot = None;
        }
    }

    fn make(&self, slot: usize) -> Result<TransactionalProducer, Fault> {
        let settings = TransactionSettings {
            transactional_id: self.settings.transactional_id(slot),
            transaction_timeout: self.settings.transaction_timeout,
            call_timeout: self.settings.call_timeout,
        };
        TransactionalProducer::init(&self.kafka, settings)
    }
}
