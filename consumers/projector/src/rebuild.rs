//! A new generation of tables, filled from the beginning of the events while the old one serves.
//!
//! The order of its steps is what makes it safe (see `docs/adr/0012-offsets-belong-to-a-generation.md`):
//!
//! 1. take the lock, so that there is one rebuild at a time;
//! 2. read all partitions from where the generation stands, write, and only then remember how far it is; interrupted, it
//!    goes on from there, if it is still the same projection that writes;
//! 3. once each partition's end was reached, leave the positions behind as the offsets of the generation's own group;
//! 4. flip the one row that readers and projectors look at;
//! 5. go on writing until the projectors have taken over in that group, so that no reader sees the views stand still.

mod lane;
mod lock;
mod offsets;
mod parking;
mod tell;

use std::time::Instant;

use futures::future::join_all;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tracking_view::FORM;
use view_store::Generations;

use crate::live::group_of;
use crate::{Error, Projector};
use lane::Shared;
use lock::Lock;
use parking::RebuildParking;
pub use tell::{RebuildProgress, Stage};

/// Partitions are read by so many lanes at once, each with its reader and its batch.
const LANES: usize = 4;

/// What a rebuild came to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Rebuilt {
    /// The new live generation.
    pub generation: u32,
    /// The one that was live; `--back` goes there.
    pub previous: u32,
    /// Whether it went on where an interrupted rebuild had stopped.
    pub resumed: bool,
    /// Events written by this run.
    pub events: u64,
    /// How long it took.
    pub seconds: f64,
}

/// What flipping back came to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FlippedBack {
    /// The live generation now.
    pub generation: u32,
    /// The one that was live; flipping back again goes there.
    pub previous: u32,
    /// How many records the live generation hasn't got yet: the projector catches it up.
    pub behind: i64,
}

impl Projector {
    /// Fills a new generation, or goes on with one that was interrupted, and flips. `tell` hears how it goes, some times a
    /// second.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when told to stop before the flip: what is written stays, and the next run goes on from there.
    /// [`Error::Locked`] when another rebuild runs.
    pub async fn rebuild(
        &self,
        tell: impl Fn(&RebuildProgress) + Send + Sync,
        cancel: &CancellationToken,
    ) -> Result<Rebuilt, Error> {
        let begun = Instant::now();
        let lock = Lock::take(self, cancel).await?;
        let stop = cancel.child_token();
        let rebuilt = tokio::select! {
            rebuilt = self.rebuild_locked(begun, &tell, &stop) => rebuilt,
            error = lock.lost() => Err(error),
        };
        stop.cancel();
        lock.release().await;
        match rebuilt {
            Err(error) if error.is_cancelled() => Err(Error::Cancelled),
            other => other,
        }
    }

    async fn rebuild_locked(
        &self,
        begun: Instant,
        tell: &(impl Fn(&RebuildProgress) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Rebuilt, Error> {
        let before = self.before_rebuild().await?;
        let generation = self.store.begin_generation().await?;
        self.store.save_form(generation, FORM).await?;
        let writer = self.store.writer(generation).await?;
        let parking = RebuildParking::load(self).await?;
        let shared = Shared::of(self, &writer).await?;
        let stop = cancel.child_token();
        let lanes = shared.lanes(LANES).into_iter().map(|partitions| async {
            let ended = lane::run(self, &shared, partitions, &writer, &parking, &stop).await;
            // The others finish what they are at, and remember it.
            stop.cancel();
            // Stopped because the work is done, or because the caller said so: the conductor knows which.
            ended.or_else(|error| if error.is_cancelled() { Ok(()) } else { Err(error) })
        });
        let conduct = async {
            let done = self.conduct(generation, before.live, &shared, &stop).await;
            stop.cancel();
            done
        };
        let telling = tell::keep_telling(begun, generation, &shared, &writer, tell, &stop);
        let (filled, flipped, ()) = tokio::join!(join_all(lanes), conduct, telling);
        // A lane that failed stops the conductor, whose own error then says no more than that.
        filled.into_iter().collect::<Result<(), Error>>()?;
        flipped?;
        Ok(Rebuilt {
            generation,
            previous: before.live,
            resumed: before.building == Some(generation),
            events: shared.events(),
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// Gives up what an interrupted rebuild left, if another form of the projection filled it: half of its rows would be the
    /// one's and half the other's.
    async fn before_rebuild(&self) -> Result<Generations, Error> {
        let generations = self.store.generations().await?;
        let Some(building) = generations.building else { return Ok(generations) };
        let form = self.store.form(building).await?;
        if form == Some(FORM) {
            return Ok(generations);
        }
        tracing::warn!(
            generation = building,
            form,
            now = FORM,
            "another projection began this rebuild; it is begun anew"
        );
        self.store.abandon_building().await?;
        Ok(self.store.generations().await?)
    }

    /// From the first end of all partitions to the hand-over.
    async fn conduct(
        &self,
        generation: u32,
        live: u32,
        shared: &Shared,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        shared.until_caught_up(cancel).await?;
        let group = group_of(&self.base_group, generation);
        shared.set_stage(Stage::Flipping);
        offsets::leave_behind(self, &group, shared.positions()).await?;
        self.store.flip(generation, "rebuilt").await?;
        shared.set_stage(Stage::HandingOver);
        let old_group = group_of(&self.base_group, live);
        offsets::until_taken_over(self, &old_group, &group, shared, cancel).await;
        Ok(())
    }

    /// Makes the generation live again that was live before. The projectors follow, and catch it up from where they left it.
    ///
    /// # Errors
    /// When there is none, when somebody else holds the lock, and when Kafka or the database is away.
    pub async fn flip_back(&self, cancel: &CancellationToken) -> Result<FlippedBack, Error> {
        let lock = Lock::take(self, cancel).await?;
        let flipped = async {
            let generations = self.store.flip_back("flipped back").await?;
            let behind = offsets::behind(self, &group_of(&self.base_group, generations.live)).await?;
            let previous = generations.previous.unwrap_or(generations.live);
            Ok(FlippedBack { generation: generations.live, previous, behind })
        };
        let flipped = flipped.await;
        lock.release().await;
        flipped
    }

    /// Drops every generation that isn't live, one that an interrupted rebuild left included; which ones, it says.
    ///
    /// # Errors
    /// When somebody else holds the lock, and when Kafka or the database is away.
    pub async fn drop_old(&self, cancel: &CancellationToken) -> Result<Vec<u32>, Error> {
        let lock = Lock::take(self, cancel).await?;
        let dropped = async {
            let mut dropped: Vec<u32> = self.store.abandon_building().await?.into_iter().collect();
            dropped.extend(self.store.drop_old().await?);
            Ok(dropped)
        };
        let dropped = dropped.await;
        lock.release().await;
        dropped
    }
}
