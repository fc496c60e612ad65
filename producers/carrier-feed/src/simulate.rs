//! `parceltrack simulate`: a plausible carrier network at work.
//!
//! Shops register, amend and cancel; carriers announce, collect, carry over hubs, through customs, to the door; and now
//! and then a scan is late, repeated, out of order or wrong (and then retracted), a parcel is lost, found, damaged, sent
//! back. What is played is [`Traffic`]: a pure function of seed and number of shipments, so that the same seed plays the
//! same again, to the byte.
//!
//! Pacing is open-loop: command *n* is due at `n / rate`, whether or not the ones before were answered, and latency counts
//! from when it was due. A system that falls behind can't hide it by slowing its load down.

mod journey;
mod latency;
mod network;
mod summary;
mod traffic;

use std::time::Duration;

use chrono::NaiveDate;
use command_client::CommandClient;
use futures::FutureExt;
use shipment_domain::CommandBody;
use shipment_events::Timestamp;
use telemetry::TraceContext;
use tokio::time::{Instant, sleep_until};

use crate::posting::{Answered, Posting};
use crate::tally::Fate;

pub use latency::Latency;
pub use summary::SimulationSummary;
pub use traffic::Traffic;

/// What to play, and how fast.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// How many shipments.
    pub shipments: u64,
    /// Commands a second; 0 is as fast as they are answered, with `max_in_flight` under way.
    pub rate: f64,
    /// The same seed plays the same shipments with the same ids: played twice, the second run changes nothing.
    pub seed: u64,
    /// The day the network opens.
    pub start: NaiveDate,
    /// How many commands may be under way at once.
    pub max_in_flight: usize,
    /// How long to wait for the answer to a command.
    pub patience: Duration,
}

impl SimulateOptions {
    /// So many shipments at so many commands a second, opening on 5 January 2026, at most 5,000 commands under way, 30 s
    /// for an answer.
    pub fn new(shipments: u64, rate: f64, seed: u64) -> Self {
        Self {
            shipments,
            rate,
            seed,
            start: NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default(),
            max_in_flight: 5000,
            patience: Duration::from_secs(30),
        }
    }
}

/// Plays the network into the commands topic. `progress` is called with what it came to so far, a few times a second.
///
/// # Errors
/// When commands can't be sent at all.
pub async fn simulate(
    client: &CommandClient,
    options: &SimulateOptions,
    mut progress: impl FnMut(&SimulationSummary),
) -> Result<SimulationSummary, command_client::Error> {
    let opening = Timestamp::from(options.start.and_time(chrono::NaiveTime::MIN).and_utc());
    let traffic = Traffic::new(options.shipments, options.seed, opening);
    let mut posting: Posting<'_, Tag> = Posting::new(client, options.max_in_flight, options.patience);
    let mut summary = SimulationSummary::new(options);
    let started = Instant::now();
    let mut shown = started;
    for (n, command) in traffic.enumerate() {
        let due = (options.rate > 0.0).then(|| started + Duration::from_secs_f64(n as f64 / options.rate));
        wait_until(due, &mut posting, &mut summary).await;
        while !posting.has_room() {
            take(posting.next().await, &mut summary);
        }
        let due = due.unwrap_or_else(Instant::now);
        if matches!(command.body, CommandBody::RegisterShipment(_)) {
            summary.shipments_begun += 1;
        }
        let tag = Tag { due, kind: command.body.type_name() };
        posting.send(&command, &TraceContext::start(), tag).await?;
        summary.sent(due.elapsed());
        if shown.elapsed() >= Duration::from_millis(200) {
            shown = Instant::now();
            summary.elapsed(started.elapsed());
            progress(&summary);
        }
    }
    while !posting.is_empty() {
        take(posting.next().await, &mut summary);
    }
    summary.elapsed(started.elapsed());
    summary.finish();
    progress(&summary);
    Ok(summary)
}

struct Tag {
    due: Instant,
    kind: &'static str,
}

/// Takes the answers that come until then.
async fn wait_until(due: Option<Instant>, posting: &mut Posting<'_, Tag>, summary: &mut SimulationSummary) {
    while let Some(Some(answered)) = posting.next().now_or_never() {
        take(Some(answered), summary);
    }
    let Some(due) = due else { return };
    // When it is behind already, not even a yield of the timer is in its way.
    while Instant::now() < due {
        tokio::select! {
            () = sleep_until(due) => return,
            answered = posting.next(), if !posting.is_empty() => take(answered, summary),
        }
    }
}

fn take(answered: Option<Answered<Tag>>, summary: &mut SimulationSummary) {
    if let Some(Answered { tag, fate, at }) = answered {
        if fate != Fate::Unanswered {
            summary.latency.record(at.saturating_duration_since(tag.due));
        }
        summary.count(tag.kind, &fate);
    }
}
