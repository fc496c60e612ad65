//! How many commands a handler is done with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use event_log::{GroupOffsets, TopicPartition};

use crate::process::Running;
use crate::world::{PARTITIONS, World};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// How long it may stand still.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks at the committed offsets of a world's handlers, ours or bare.
pub(crate) struct Handled {
    group: Arc<GroupOffsets>,
    partitions: Vec<TopicPartition>,
}

/// How many commands were done at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) at: Instant,
    pub(crate) commands: i64,
}

impl Handled {
    pub(crate) fn watch(world: &World) -> Result<Self> {
        let group = GroupOffsets::new(&world.kafka, &world.handler_group(), Duration::from_secs(10))?;
        let commands = &world.topics.commands;
        let partitions = (0..PARTITIONS).map(|p| TopicPartition::new(commands.clone(), p)).collect();
        Ok(Self { group: Arc::new(group), partitions })
    }

    /// Now.
    pub(crate) async fn now(&self) -> Result<Mark> {
        let (group, partitions) = (self.group.clone(), self.partitions.clone());
        let offsets = tokio::task::spawn_blocking(move || group.committed(&partitions)).await??;
        let commands = offsets.iter().filter_map(|(_, offset)| *offset).sum();
        Ok(Mark { at: Instant::now(), commands })
    }

    /// Once there are at least so many: committed with what follows from them, so that every reader may see it.
    pub(crate) async fn until(&self, handler: &mut Running, wanted: i64) -> Result<Mark> {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let mark = self.now().await?;
            if mark.commands >= wanted {
                return Ok(mark);
            }
            if mark.commands > last {
                (last, since) = (mark.commands, mark.at);
            }
            handler.check()?;
            if since.elapsed() > PATIENCE {
                bail!("the handler stands still at {last} of {wanted} commands");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
