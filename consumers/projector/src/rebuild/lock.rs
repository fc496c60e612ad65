//! One rebuild at a time.

use std::time::Duration;

use event_log::{GroupSettings, GroupStream, Isolation, Offsets, Reset, StartPolicy, StreamEvent};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Error, Projector};

/// The broker takes none shorter. One that was killed is out of the way after this.
const SESSION: Duration = Duration::from_secs(6);
/// How long to wait for the lock: for a holder that was killed to be given up, and a little more.
const PATIENCE: Duration = Duration::from_secs(12);

/// The right to change which generations there are: to own the one partition of the configuration topic in a consumer
/// group made for that. The group's heartbeats keep it, so it ends with the process, and neither clocks nor lightweight
/// transactions are needed. Of the topic nothing is read.
pub(super) struct Lock {
    held: CancellationToken,
    keeper: JoinHandle<()>,
    release: CancellationToken,
}

impl Lock {
    pub(super) async fn take(projector: &Projector, cancel: &CancellationToken) -> Result<Self, Error> {
        let settings = GroupSettings {
            start: StartPolicy::Held,
            reset: Reset::Latest,
            session_timeout: SESSION,
            ..GroupSettings::new(format!("{}.rebuild", projector.base_group), &[&projector.topics.config])
        };
        kafka_answers(projector).await?;
        let mut stream = GroupStream::join(&projector.kafka, settings, 1)?;
        let taken = async {
            loop {
                if matches!(stream.next().await?, StreamEvent::Assigned(p) if !p.is_empty()) {
                    return Ok::<_, Error>(());
                }
            }
        };
        let taken = tokio::select! {
            () = cancel.cancelled() => Err(Error::Cancelled),
            () = tokio::time::sleep(PATIENCE) => Err(Error::Locked),
            taken = taken => taken,
        };
        if let Err(error) = taken {
            stream.close().await;
            return Err(error);
        }
        let (held, release) = (CancellationToken::new(), CancellationToken::new());
        let keeper = tokio::spawn(keep(stream, held.clone(), release.clone()));
        Ok(Self { held, keeper, release })
    }

    /// Returns if it isn't held any more.
    pub(super) async fn lost(&self) -> Error {
        self.held.cancelled().await;
        Error::LockLost
    }

    pub(super) async fn release(self) {
        self.release.cancel();
        if let Err(error) = self.keeper.await {
            tracing::warn!(%error, "the rebuild's lock was not released in order");
        }
    }
}

/// A Kafka that is away must not look like another rebuild.
async fn kafka_answers(projector: &Projector) -> Result<(), Error> {
    let (kafka, topic) = (projector.kafka.clone(), projector.topics.config.clone());
    let asked = tokio::task::spawn_blocking(move || {
        Offsets::new(&kafka, Isolation::Committed, PATIENCE)?.partition_count(&topic)
    });
    asked.await??;
    Ok(())
}

async fn keep(mut stream: GroupStream, held: CancellationToken, release: CancellationToken) {
    loop {
        let event = tokio::select! {
            () = release.cancelled() => break,
            event = stream.next() => event,
        };
        match event {
            Ok(StreamEvent::Revoked(partitions) | StreamEvent::Lost(partitions))
                if !partitions.is_empty() =>
            {
                break;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the rebuild's lock can't be kept");
                break;
            }
        }
    }
    held.cancel();
    stream.close().await;
}
