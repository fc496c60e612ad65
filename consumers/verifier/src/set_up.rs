//! How topics and tables are set up, and what waits among the dead letters.

use std::time::Duration;

use event_log::Admin;
use projector::DeadLetters;

use crate::finding::{Finding, Kind};
use crate::summary::DeadLettersWaiting;
use crate::{Error, Verifier};

const TIMEOUT: Duration = Duration::from_secs(30);

/// What of topics and tables isn't as it must be.
pub(crate) async fn compare(verifier: &Verifier) -> Result<Vec<Finding>, Error> {
    let topics = Admin::new(&verifier.logs.kafka, TIMEOUT)?.verify(&verifier.specs).await?;
    let topics = topics.iter().map(|deviation| Finding::new(Kind::TopicConfig, deviation.to_string()));
    let tables = verifier.store.verify_tables().await?;
    let tables = tables.iter().map(|difference| Finding::new(Kind::TableConfig, difference.to_string()));
    Ok(topics.chain(tables).collect())
}

pub(crate) async fn dead_letters(verifier: &Verifier) -> Result<DeadLettersWaiting, Error> {
    let mut waiting = DeadLettersWaiting::default();
    for letter in DeadLetters::of(verifier.projector.clone()).list().await? {
        waiting.waiting += 1;
        *waiting.by_reason.entry(format!("{}/{}", letter.by, letter.code)).or_default() += 1;
    }
    Ok(waiting)
}
