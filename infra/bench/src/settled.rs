//! Whether a group has dealt out its partitions: a member that came first has all of them for some seconds.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::process::Running;
use crate::world::{PARTITIONS, World};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// How long it may take: two rebalances, each of which a member notices within some seconds.
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until each of the handler's workers has as many partitions as any other.
pub(crate) async fn until_settled(world: &World, handler: &mut Running, workers: usize) -> Result<()> {
    let share = PARTITIONS as usize / workers;
    let begun = Instant::now();
    loop {
        let (bootstrap, group) = (world.bootstrap.clone(), world.handler_group());
        let shares = tokio::task::spawn_blocking(move || shares(&bootstrap, &group)).await??;
        if shares == vec![share; workers] {
            return Ok(());
        }
        handler.check()?;
        if begun.elapsed() > PATIENCE {
            bail!("the workers still have {shares:?} partitions, not {share} each");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How many partitions each member has; nothing while the group is moving.
fn shares(bootstrap: &str, group: &str) -> Result<Vec<usize>> {
    let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
    let list = client.fetch_group_list(Some(group), Duration::from_secs(10))?;
    let group = list.groups().iter().find(|found| found.name() == group && found.state() == "Stable");
    let members = group.map_or(&[][..], rdkafka::groups::GroupInfo::members);
    Ok(members.iter().map(|member| partitions(member.assignment().unwrap_or_default())).collect())
}

/// Kafka's consumer protocol: a version (16 bits); for each topic its name (length in 16 bits) and the numbers of its
/// partitions (32 bits each), both lists with their length in 32 bits.
fn partitions(assignment: &[u8]) -> usize {
    let number = |at: usize, bytes: usize| {
        let slice = assignment.get(at..at + bytes).unwrap_or_default();
        slice.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let (mut at, mut count) = (6, 0);
    for _ in 0..number(2, 4) {
        at += 2 + number(at, 2);
        count += number(at, 4);
        at += 4 + 4 * number(at, 4);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_of_all_topics_are_counted() {
        let mut assignment = vec![0, 1, 0, 0, 0, 2];
        for (name, partitions) in [("commands", &[0, 3, 4][..]), ("x", &[7][..])] {
            assignment.extend([0, name.len() as u8]);
            assignment.extend(name.bytes());
            assignment.extend([0, 0, 0, partitions.len() as u8]);
            assignment.extend(partitions.iter().flat_map(|partition: &u8| [0, 0, 0, *partition]));
        }
        assignment.extend([0; 4]);
        assert_eq!(partitions(&assignment), 4);
        assert_eq!((partitions(&[]), partitions(&[0, 1, 0, 0, 0, 0])), (0, 0));
    }
}
