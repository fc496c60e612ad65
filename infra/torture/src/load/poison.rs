//! Poison: records of the commands topic that nothing can be made of.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event_log::{Headers, Outgoing};
use rand::Rng;
use shipment_events::ShipmentId;

use super::Wanted;
use super::client::Client;
use super::misplace::Posting;
use super::wanted::amendment;
use crate::chance::uuid;
use crate::cluster::PARTITIONS;
use crate::observed::Poison;

/// The header by which a dead letter is known to be poison.
pub(crate) const MARK: &str = "pt-torture";
/// Between two pieces.
const PAUSE: Duration = Duration::from_millis(1500);

impl Client {
    /// Posts a piece now and then, until it is time to end.
    pub(super) async fn poison(mut self, posting: Posting, posted: Arc<Mutex<Vec<Poison>>>) {
        for n in 0.. {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
            let mark = format!("{n}");
            let Some(record) = self.piece(&posting, n, &mark) else { continue };
            let acknowledged = posting.post(&record).await;
            posted.lock().unwrap_or_else(PoisonError::into_inner).push(Poison { mark, acknowledged });
        }
    }

    fn piece(&mut self, posting: &Posting, n: u64, mark: &str) -> Option<Outgoing> {
        let id = ShipmentId::new(uuid(&mut self.chance));
        let command = Wanted::of(id, amendment(1)).command(uuid(&mut self.chance).into(), id);
        let framed = posting.encoder.to_vec(&command).ok()?;
        let (key, value) = match n % 5 {
            // Not even framed.
            0 => ("nobody".to_owned(), Some(b"not a command".to_vec())),
            // A deletion, of all things.
            1 => (command.key(), None),
            // Cut short.
            2 => (command.key(), Some(framed[..framed.len() / 2].to_vec())),
            // Under another's key.
            3 => (uuid(&mut self.chance).to_string(), Some(framed)),
            // Of a schema that nobody registered.
            _ => (command.key(), Some([&[0], &4_000_000_u32.to_be_bytes()[..], &framed[5..]].concat())),
        };
        Some(Outgoing {
            topic: posting.topic.clone(),
            partition: self.chance.random_range(0..PARTITIONS),
            key: Some(key.into()),
            value: value.map(Into::into),
            headers: Headers::new().with(MARK, mark),
            timestamp: None,
        })
    }
}
