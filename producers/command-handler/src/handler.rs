//! The handler: several workers on threads of their own, over one state store.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use event_log::{
    GroupConsumer, GroupSettings, Isolation, Kafka, Offsets, Reset, Rotation, RotationSettings, StartPolicy,
    Topics,
};
use settings::keys::CommandHandler as Settings;
use telemetry::Condition;
use tokio_util::sync::CancellationToken;

use crate::batch::{Circumstances, Codec};
use crate::lag::Measuring;
use crate::progress::Progress;
use crate::restore::Restore;
use crate::schemas::Schemas;
use crate::store::{Memory, Origin, Store};
use crate::watch::Watch;
use crate::worker::{Limits, Parts, Worker};
use crate::{Error, metrics};

/// How long one question about topics may take.
const ASK: Duration = Duration::from_secs(10);

/// Between two looks at the number of partitions.
const LOOK_AT_PARTITIONS: Duration = Duration::from_secs(30);

/// Between two looks at whether the workers still run.
const LOOK_AT_WORKERS: Duration = Duration::from_millis(50);

/// Between two looks at the size of the store.
const LOOK_AT_STORE: Duration = Duration::from_secs(5);

/// A transactional call must have failed before the broker gives the transaction up, so that no request is sent twice
/// within one.
const CALL_MARGIN: Duration = Duration::from_secs(2);

/// Less than this is not called a hang, however short the timeouts are.
const LEAST_HANG: Duration = Duration::from_secs(40);

/// The most that is written and not on disk yet, over all partitions.
const WRITE_BUFFER_BYTES: u64 = 24 * 1024 * 1024;

/// A command handler, ready to work.
pub struct Handler {
    /// The cluster.
    pub kafka: Kafka,
    /// Its topics.
    pub topics: Topics,
    /// Group, instance, workers, limits, store.
    pub settings: Settings,
    /// The contract.
    pub codec: Codec,
    /// Where unknown schemas come from.
    pub schemas: Arc<dyn Schemas>,
    /// Holds while every partition assigned runs.
    pub condition: Condition,
    /// Who watches.
    pub watch: Arc<dyn Watch>,
}

impl Handler {
    /// Works until `shutdown`, or until a worker can't go on. Blocks. The batches at hand are finished first.
    pub fn work(&self, shutdown: &CancellationToken) -> Result<(), Error> {
        let outcome = self.work_until(shutdown);
        self.condition.unmet("stopped");
        outcome
    }

    fn work_until(&self, shutdown: &CancellationToken) -> Result<(), Error> {
        metrics::register();
        let asking = Offsets::new(&self.kafka, Isolation::Committed, ASK)?;
        self.check_partitions(&asking)?;
        let (given, origin) = self.circumstances(&asking)?;
        let store = self.open_store()?;
        let progress = Progress::new(self.condition.clone(), self.settings.workers);
        // When one worker can't go on, the others end in good order, and the process with them.
        let stop = shutdown.child_token();
        self.measure(&progress, &stop)?;
        std::thread::scope(|scope| {
            let mut workers = Vec::new();
            for number in 0..self.settings.workers {
                let worker = self.worker(number, &given, &origin, &store, &progress);
                let (stop, thread) = (&stop, std::thread::Builder::new().name(format!("worker-{number}")));
                let spawned = worker.and_then(|worker| {
                    thread.spawn_scoped(scope, move || worker.run(stop)).map_err(|_| Error::Thread)
                });
                match spawned {
                    Ok(worker) => workers.push(worker),
                    Err(error) => {
                        stop.cancel();
                        return Err(error);
                    }
                }
            }
            self.oversee(workers, &asking, &store, &stop)
        })
    }

    /// Shows how far behind they are.
    fn measure(&self, progress: &Progress, stop: &CancellationToken) -> Result<(), Error> {
        let measuring = Measuring {
            kafka: self.kafka.with_client_id(format!("command-handler.{}.lag", self.settings.instance)),
            group: self.group(),
            commands: self.topics.commands.clone(),
            standings: progress.standings.clone(),
        };
        let (stop, thread) = (stop.clone(), std::thread::Builder::new().name("lag".to_owned()));
        // Nobody waits for its end: it may be waiting for Kafka.
        let spawned = thread.spawn(move || measuring.keep_measuring(&stop));
        spawned.map(drop).map_err(|_| Error::Thread)
    }

    /// Waits for the workers, and stops them all when one ends or the partitions change.
    fn oversee(
        &self,
        workers: Vec<ScopedJoinHandle<'_, Result<(), Error>>>,
        asking: &Offsets,
        store: &Store,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        let (mut looked, mut weighed) = (Instant::now(), None);
        let mut outcome = Ok(());
        while !stop.is_cancelled() && !workers.iter().any(ScopedJoinHandle::is_finished) {
            std::thread::sleep(LOOK_AT_WORKERS);
            if weighed.is_none_or(|at: Instant| at.elapsed() >= LOOK_AT_STORE) {
                weighed = Some(Instant::now());
                show_size(store);
            }
            if looked.elapsed() < LOOK_AT_PARTITIONS {
                continue;
            }
            looked = Instant::now();
            match self.check_partitions(asking) {
                Err(error @ Error::PartitionCount { .. }) => {
                    outcome = Err(error);
                    break;
                }
                Err(error) => tracing::warn!(%error, "partition counts can't be looked at"),
                Ok(()) => {}
            }
        }
        stop.cancel();
        for worker in workers {
            let ended = worker.join().unwrap_or(Err(Error::Thread));
            outcome = outcome.and(ended);
        }
        outcome
    }

    fn worker(
        &self,
        number: usize,
        given: &Circumstances,
        origin: &Origin,
        store: &Store,
        progress: &Progress,
    ) -> Result<Worker, Error> {
        let Settings { instance, session_timeout_ms, transaction_timeout_ms, .. } = &self.settings;
        let kafka = self.kafka.with_client_id(format!("command-handler.{instance}.{number}"));
        let group = self.group();
        // Both ids are stable over restarts: the group gives a worker that comes back its partitions back without a
        // rebalance, and its producers fence off those of the one it follows.
        let consumer = GroupConsumer::join(
            &kafka,
            GroupSettings {
                instance: Some(format!("{instance}.{number}")),
                start: StartPolicy::Held,
                reset: Reset::Fail,
                isolation: Isolation::Committed,
                session_timeout: Duration::from_millis(u64::from(*session_timeout_ms)),
                ..GroupSettings::new(&group, &[&self.topics.commands])
            },
        )?;
        let transaction_timeout = Duration::from_millis(u64::from(*transaction_timeout_ms));
        let producers = Rotation::new(
            &kafka,
            RotationSettings {
                slots: self.settings.producers_per_worker,
                transaction_timeout,
                call_timeout: transaction_timeout.saturating_sub(CALL_MARGIN).max(transaction_timeout / 2),
                ..RotationSettings::new(&group, instance, number)
            },
        );
        let restore = Restore {
            kafka,
            group,
            commands: self.topics.commands.clone(),
            snapshots: self.topics.snapshots.clone(),
            origin: origin.clone(),
            tombstones_kept: self.tombstones_kept(),
            worker: number,
            watch: self.watch.clone(),
            progress: progress.clone(),
            longest_step: self.longest_step(),
        };
        Ok(Worker::new(Parts {
            number,
            consumer,
            producers,
            given: given.clone(),
            store: store.clone(),
            restore,
            schemas: self.schemas.clone(),
            limits: Limits {
                records: self.settings.batch_records,
                bytes: self.settings.batch_bytes,
                quiet: Duration::from_millis(self.settings.quiet_ms),
            },
        }))
    }

    /// Whatever a worker waits for has failed by then: each of its producers is taken over within a transaction's timeout,
    /// and everything else is asked for a shorter time than a session.
    fn longest_step(&self) -> Duration {
        let Settings { session_timeout_ms, transaction_timeout_ms, producers_per_worker, .. } =
            &self.settings;
        let session = Duration::from_millis(u64::from(*session_timeout_ms));
        let transaction = Duration::from_millis(u64::from(*transaction_timeout_ms));
        (session + transaction * (*producers_per_worker as u32)).max(LEAST_HANG)
    }

    fn circumstances(&self, asking: &Offsets) -> Result<(Circumstances, Origin), Error> {
        let given = Circumstances {
            codec: self.codec.clone(),
            topics: self.topics.clone(),
            commands_topic_id: asking.topic_id(&self.topics.commands)?.to_string(),
            absent_schemas: std::collections::HashSet::new(),
        };
        let origin = Origin {
            cluster_id: asking.cluster_id()?,
            topic_id: asking.topic_id(&self.topics.snapshots)?.to_string(),
        };
        Ok((given, origin))
    }

    fn open_store(&self) -> Result<Store, Error> {
        let memory = Memory {
            cache_bytes: self.settings.state_cache_bytes,
            write_buffer_bytes: WRITE_BUFFER_BYTES,
            partitions: self.topics.partitions().unsigned_abs(),
        };
        Ok(Store::open(&self.state_dir(), memory)?)
    }

    /// Each instance has its own, so that several can run on one machine.
    fn state_dir(&self) -> PathBuf {
        self.settings.state_dir.join(&self.settings.instance)
    }

    fn group(&self) -> String {
        let default = || format!("{}.command-handler", self.topics.settings().prefix);
        self.settings.group.clone().unwrap_or_else(default)
    }

    /// A record follows its command to the same partition of every topic, so all must have as many.
    fn check_partitions(&self, asking: &Offsets) -> Result<(), Error> {
        let expected = self.topics.partitions();
        let Topics { commands, events, snapshots, replies, dead_letters, .. } = &self.topics;
        for topic in [commands, events, snapshots, replies, dead_letters] {
            let topic = topic.to_string();
            let Some(actual) = asking.partition_count(&topic)? else {
                return Err(event_log::Error::UnknownTopic { topic }.into());
            };
            if actual != expected {
                return Err(Error::PartitionCount { topic, expected, actual });
            }
        }
        Ok(())
    }

    /// `delete.retention.ms` of the snapshots topic, as `parceltrack topics` sets and verifies it.
    fn tombstones_kept(&self) -> Duration {
        let specs = self.topics.specs();
        let snapshots = specs.iter().find(|spec| spec.name == self.topics.snapshots);
        let millis = snapshots.and_then(|spec| spec.config.get("delete.retention.ms")?.parse().ok());
        Duration::from_millis(millis.unwrap_or(0))
    }
}

fn show_size(store: &Store) {
    match store.bytes() {
        Ok(bytes) => metrics::STORE_BYTES.set(i64::try_from(bytes).unwrap_or(i64::MAX)),
        Err(error) => {
            tracing::debug!(error = %telemetry::chain(&error), "the state store's size is not known");
        }
    }
}
