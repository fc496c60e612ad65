//! A [`GroupConsumer`] for async code: a thread polls, a bounded channel hands over batches and rebalances in order.

use std::collections::VecDeque;
use std::sync::mpsc as std_mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use telemetry::watchdog::Pulse;
use tokio::sync::{mpsc, oneshot};

use crate::{Error, Event, GroupConsumer, GroupSettings, Kafka, Received, StartPolicy, TopicPartition};

/// The longest the thread stays in one poll: a commit waits that long at most to be taken up.
const STEP: Duration = Duration::from_millis(10);
/// Batches that wait in the channel: one is worked on, one waits.
const WAITING: usize = 1;
/// How long the owner may be busy before the partitions are paused and polling goes on. Not sooner: a pause throws away what
/// was fetched ahead.
const BUSY: Duration = Duration::from_secs(2);
/// The longest that one step may take, besides a session: a commit waits for its answer, and that for a coordinator. One that
/// takes longer never ends.
const LONGEST_STEP: Duration = Duration::from_secs(90);

/// What a [`GroupStream`] brings.
#[derive(Debug)]
pub enum StreamEvent {
    /// Records in order, at least one.
    Batch(Vec<Received>),
    /// The ends of partitions were reached, at these offsets: all that there was has been handed over. Only with
    /// [`GroupSettings::ends`](crate::GroupSettings::ends).
    Ends(Vec<(TopicPartition, i64)>),
    /// Partitions are the owner's from now on, and are read from the committed offsets.
    Assigned(Vec<TopicPartition>),
    /// Partitions are to be given up. They still are the owner's until the next call of [`GroupStream::next`], so that what
    /// is done can be committed before.
    Revoked(Vec<TopicPartition>),
    /// Partitions are gone; nothing on them can be committed any more.
    Lost(Vec<TopicPartition>),
}

/// A member of a consumer group. Dropping it ends its thread and leaves the group (see [`GroupConsumer`]).
pub struct GroupStream {
    events: mpsc::Receiver<Result<StreamEvent, Error>>,
    controls: std_mpsc::Sender<Control>,
    thread: Option<JoinHandle<()>>,
    must_release: bool,
}

enum Control {
    Commit(Vec<(TopicPartition, i64)>, oneshot::Sender<Result<(), Error>>),
    Release,
}

impl GroupStream {
    /// Joins the group in the background, and hands over batches of at most `batch` records.
    pub fn join(kafka: &Kafka, settings: GroupSettings, batch: usize) -> Result<Self, Error> {
        Self::join_within(kafka, settings, batch, usize::MAX)
    }

    /// The same with batches of at most `bytes`, but for a single record that is larger.
    pub fn join_within(
        kafka: &Kafka,
        settings: GroupSettings,
        batch: usize,
        bytes: usize,
    ) -> Result<Self, Error> {
        let name = format!("group {}", settings.group);
        let pulse = Pulse::start(name.clone(), settings.session_timeout + LONGEST_STEP);
        // Nobody could start what is held.
        let settings = GroupSettings { start: StartPolicy::Committed, ..settings };
        let consumer = GroupConsumer::join(kafka, settings)?;
        let (sender, events) = mpsc::channel(WAITING);
        let (controls, orders) = std_mpsc::channel();
        let bridge = Bridge {
            consumer,
            sender,
            orders,
            batch: batch.max(1),
            bytes,
            outbox: VecDeque::new(),
            full_since: None,
            paused: false,
            revoking: false,
            pulse,
        };
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || bridge.run())
            .inspect_err(|error| tracing::error!(%error, "no thread to read with"))
            .ok();
        Ok(Self { events, controls, thread, must_release: false })
    }

    /// What comes next. After an error the stream is at its end, and every further call gives [`Error::Ended`].
    ///
    /// Can be cancelled: nothing is lost.
    pub async fn next(&mut self) -> Result<StreamEvent, Error> {
        if std::mem::take(&mut self.must_release) {
            self.controls.send(Control::Release).map_err(|_| Error::Ended)?;
        }
        let event = self.events.recv().await.ok_or(Error::Ended)??;
        self.must_release = matches!(event, StreamEvent::Revoked(_) | StreamEvent::Lost(_));
        Ok(event)
    }

    /// Commits offsets: for each partition, the one to go on from.
    pub async fn commit(&self, offsets: Vec<(TopicPartition, i64)>) -> Result<(), Error> {
        let (answer, outcome) = oneshot::channel();
        self.controls.send(Control::Commit(offsets, answer)).map_err(|_| Error::Ended)?;
        outcome.await.map_err(|_| Error::Ended)?
    }

    /// Ends the thread and waits until the consumer is closed.
    pub async fn close(mut self) {
        let thread = self.thread.take();
        drop(self);
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::warn!("the reading thread ended badly");
            }
        }
    }
}

/// The thread's side.
struct Bridge {
    consumer: GroupConsumer,
    sender: mpsc::Sender<Result<StreamEvent, Error>>,
    orders: std_mpsc::Receiver<Control>,
    batch: usize,
    bytes: usize,
    /// What the channel had no room for yet.
    outbox: VecDeque<StreamEvent>,
    full_since: Option<Instant>,
    paused: bool,
    /// A revocation was handed out and not released yet: until then the consumer must not be polled.
    revoking: bool,
    /// Goes last: closing the consumer may hang, too.
    pulse: Pulse,
}

impl Bridge {
    fn run(mut self) {
        while !self.sender.is_closed() {
            self.pulse.beat();
            if let Err(error) = self.step() {
                // The consumer goes first: who gets the error may start anew at once.
                let Self { consumer, sender, pulse, .. } = self;
                drop(consumer);
                // From here on it waits for its owner.
                drop(pulse);
                let _nobody_listens = sender.blocking_send(Err(error));
                return;
            }
        }
    }

    fn step(&mut self) -> Result<(), Error> {
        self.hand_over();
        if self.revoking {
            if let Ok(order) = self.orders.recv_timeout(STEP) {
                self.obey(order);
            }
            return Ok(());
        }
        while let Ok(order) = self.orders.try_recv() {
            self.obey(order);
        }
        if self.outbox.is_empty() {
            self.full_since = None;
        } else if self.full_since.get_or_insert_with(Instant::now).elapsed() < BUSY {
            thread::sleep(STEP / 5);
            return Ok(());
        }
        self.pause_or_resume()?;
        self.gather()
    }

    fn obey(&mut self, order: Control) {
        match order {
            Control::Commit(offsets, answer) => {
                let _nobody_waits = answer.send(self.consumer.commit(&offsets));
            }
            Control::Release => self.revoking = false,
        }
    }

    /// Moves what fits from the outbox to the channel.
    fn hand_over(&mut self) {
        while !self.outbox.is_empty() {
            let Ok(room) = self.sender.try_reserve() else { return };
            if let Some(event) = self.outbox.pop_front() {
                room.send(Ok(event));
            }
        }
    }

    /// Polling must go on while the owner is busy, or the group would evict this member; but without records.
    fn pause_or_resume(&mut self) -> Result<(), Error> {
        let full = !self.outbox.is_empty();
        if full != self.paused {
            let all: Vec<_> = self.consumer.assigned().iter().cloned().collect();
            if full {
                self.consumer.pause(&all)?;
            } else {
                self.consumer.resume(&all)?;
            }
            self.paused = full;
        }
        Ok(())
    }

    /// Polls for one batch, or one rebalance.
    fn gather(&mut self) -> Result<(), Error> {
        let mut records = Vec::new();
        let mut bytes = 0;
        let mut wait = STEP;
        let rebalance = loop {
            match self.consumer.poll(wait) {
                Ok(Some(Event::Record(record))) => {
                    bytes += record.size();
                    records.push(record);
                }
                Ok(Some(Event::Assigned(partitions))) => {
                    if self.paused {
                        self.consumer.pause(&partitions)?;
                    }
                    break Some(StreamEvent::Assigned(partitions));
                }
                Ok(Some(Event::Revoked(partitions))) => break Some(StreamEvent::Revoked(partitions)),
                Ok(Some(Event::Lost(partitions))) => break Some(StreamEvent::Lost(partitions)),
                Ok(None) => break None,
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "reading goes on");
                    break None;
                }
                Err(error) => return Err(error),
            }
            if records.len() >= self.batch || bytes >= self.bytes {
                break None;
            }
            wait = Duration::ZERO;
        };
        if !records.is_empty() {
            self.outbox.push_back(StreamEvent::Batch(records));
        }
        let ends = self.consumer.take_ends();
        if !ends.is_empty() {
            self.outbox.push_back(StreamEvent::Ends(ends));
        }
        if let Some(event) = rebalance {
            self.revoking = matches!(event, StreamEvent::Revoked(_) | StreamEvent::Lost(_));
            self.outbox.push_back(event);
        }
        Ok(())
    }
}
