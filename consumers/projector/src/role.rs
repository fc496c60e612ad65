//! The role: ops endpoints, and a worker for whichever generation is live.

use settings::Settings;
use telemetry::Readiness;
use telemetry::ops::Server;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use view_store::Writer;

use crate::lag::Conditions;
use crate::progress::Progress;
use crate::{Error, Projector, metrics};

/// Projects until `shutdown`. Waits for a database that is away and for tables that aren't made yet; ends with an error
/// only over what waiting doesn't mend.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    let server = Server::bind(settings.projector.ops_listen).await?;
    let readiness = Readiness::new();
    let stop = shutdown.child_token();
    // Before anybody can ask: without conditions it would count as ready.
    let conditions = Conditions::of(&readiness);
    conditions.database.unmet("not connected yet");
    let ops = tokio::spawn(server.run(readiness, stop.clone()));
    let worked = async {
        let projector = Projector::connect_patiently(settings, &stop).await?;
        projector.work(&conditions, &stop).await
    };
    let worked = worked.await;
    stop.cancel();
    ops.await??;
    match worked {
        Err(error) if error.is_cancelled() => Ok(()),
        other => other,
    }
}

impl Projector {
    /// The role without its ops endpoints: for whoever runs several in one process.
    pub async fn run(&self, readiness: &Readiness, shutdown: CancellationToken) -> Result<(), Error> {
        match self.work(&Conditions::of(readiness), &shutdown).await {
            Err(error) if error.is_cancelled() => Ok(()),
            other => other,
        }
    }

    async fn work(&self, conditions: &Conditions, shutdown: &CancellationToken) -> Result<(), Error> {
        metrics::register();
        let projector = Self { intake: self.intake.telling(conditions.registry.clone()), ..self.clone() };
        let stop = shutdown.child_token();
        let first = projector.live_writer(conditions, &stop).await?;
        // Dropping the set ends its tasks too: nothing works on when the role is gone.
        let mut parts = JoinSet::new();
        let (outcomes, writer, told) = (projector.clone(), first.clone(), stop.clone());
        parts.spawn(async move { outcomes.keep_outcomes(&writer, &told).await });
        let (letters, told) = (projector.clone(), stop.clone());
        parts.spawn(async move { letters.count_dead_letters(&told).await });
        let (views, conditions, told) = (projector.clone(), conditions.clone(), stop.clone());
        parts.spawn(async move { views.follow(first, &conditions, &told).await });
        let mut outcome = Ok(());
        // When one ends, for whatever reason, so does the other, in good order.
        while let Some(ended) = parts.join_next().await {
            stop.cancel();
            outcome = outcome.and(ended?);
        }
        outcome
    }

    /// Keeps the live generation up to date, whichever that is at the moment.
    async fn follow(
        &self,
        first: Writer,
        conditions: &Conditions,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let mut writer = first;
        while !cancel.is_cancelled() {
            let generation = writer.generation();
            metrics::LIVE.set(i64::from(generation));
            let progress = Progress::default();
            let stop = cancel.child_token();
            let work = async {
                let worked = self.keep_up(&writer, &progress, &stop).await;
                stop.cancel();
                worked
            };
            let flipped = async {
                tokio::select! {
                    live = self.other_than(generation) => {
                        tracing::info!(from = generation, to = live, "another generation is live, following");
                        stop.cancel();
                    }
                    () = stop.cancelled() => {}
                }
            };
            let watch = self.watch(&writer, &progress, conditions, &stop);
            let (worked, (), ()) = tokio::join!(work, flipped, watch);
            if let Err(error) = worked {
                // Somebody may have flipped and dropped the old tables within the moment it takes to follow.
                let live = self.store.generations().await.map(|generations| generations.live);
                if live.ok().is_none_or(|live| live == generation) {
                    return Err(error);
                }
            }
            if !cancel.is_cancelled() {
                writer = self.live_writer(conditions, cancel).await?;
            }
        }
        Ok(())
    }

    /// A writer to the live generation, as soon as there is one.
    async fn live_writer(
        &self,
        conditions: &Conditions,
        cancel: &CancellationToken,
    ) -> Result<Writer, Error> {
        let mut pauses = crate::pause::Pauses::up_to(std::time::Duration::from_secs(2));
        loop {
            let waiting = |reason: String| {
                tracing::warn!(reason, "waiting for the tables");
                conditions.database.unmet(reason);
            };
            let live = self.generations_patiently(cancel, waiting).await?.live;
            match self.store.writer(live).await {
                Ok(writer) => return Ok(writer),
                // Dropped after a flip, just now: look again.
                Err(error) if self.store.generations().await.is_ok_and(|g| g.live == live) => {
                    if error.fault() != view_store::Fault::Retry {
                        return Err(error.into());
                    }
                }
                Err(error) => tracing::debug!(%error, "no writer yet"),
            }
            pauses.wait(cancel).await?;
        }
    }
}
