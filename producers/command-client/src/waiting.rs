//! Who waits for which reply.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shipment_events::CommandReply;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use crate::Error;

/// The waiters of one client, by the number of their send.
pub(crate) struct Waiting {
    instance: Uuid,
    max: usize,
    next: AtomicU64,
    closed: AtomicBool,
    reading: AtomicBool,
    waiters: Mutex<HashMap<u64, oneshot::Sender<CommandReply>>>,
    idle: Notify,
}

impl Waiting {
    pub(crate) fn new(instance: Uuid, max: usize) -> Self {
        Self {
            instance,
            max,
            next: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            reading: AtomicBool::new(true),
            waiters: Mutex::default(),
            idle: Notify::new(),
        }
    }

    /// Takes a place, if there is one.
    pub(crate) fn enter(&self) -> Result<(u64, oneshot::Receiver<CommandReply>), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        let mut waiters = self.lock();
        if waiters.len() >= self.max {
            return Err(Error::Busy { waiting: waiters.len() });
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        waiters.insert(number, sender);
        Ok((number, receiver))
    }

    /// Gives the place free again, answered or not.
    pub(crate) fn leave(&self, number: u64) {
        let mut waiters = self.lock();
        waiters.remove(&number);
        if waiters.is_empty() {
            self.idle.notify_waiters();
        }
    }

    /// Hands a reply to the one who waits for it; nobody may, and then it is dropped.
    pub(crate) fn answer(&self, number: u64, reply: CommandReply) {
        let waiter = self.lock().remove(&number);
        if let Some(waiter) = waiter {
            // The receiver may have given up at this very moment.
            let _ = waiter.send(reply);
        }
        if self.len() == 0 {
            self.idle.notify_waiters();
        }
    }

    pub(crate) fn waits(&self, number: u64) -> bool {
        self.lock().contains_key(&number)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Lets nobody in any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Lets nobody in any more, and tells all that wait that no answer will come.
    pub(crate) fn abandon(&self) {
        self.close();
        self.lock().clear();
        self.idle.notify_waiters();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Notes whether replies are being read at the moment.
    pub(crate) fn set_reading(&self, reading: bool) {
        self.reading.store(reading, Ordering::Release);
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.reading.load(Ordering::Acquire)
    }

    /// Waits until nobody waits.
    pub(crate) async fn idle(&self) {
        loop {
            let notified = self.idle.notified();
            if self.len() == 0 {
                return;
            }
            notified.await;
        }
    }

    /// The `pt-reply-to` of a send.
    pub(crate) fn address(&self, number: u64) -> String {
        format!("{}/{number}", self.instance)
    }

    /// The number in a `pt-reply-to`, if it is one of ours.
    pub(crate) fn number_of(&self, address: &[u8]) -> Option<u64> {
        let (instance, number) = std::str::from_utf8(address).ok()?.split_once('/')?;
        let mut buffer = Uuid::encode_buffer();
        (*instance == *self.instance.hyphenated().encode_lower(&mut buffer)).then(|| number.parse().ok())?
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<CommandReply>>> {
        // A panic while the map was held leaves it whole.
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use shipment_events::{CommandId, Outcome, Rejected, Sequence, ShipmentId, Timestamp};

    use super::*;

    fn reply(code: &str) -> CommandReply {
        CommandReply {
            command_id: CommandId::new(Uuid::nil()),
            shipment_id: ShipmentId::new(Uuid::nil()),
            decided_at: Timestamp::from_millis(0),
            outcome: Outcome::Rejected(Rejected {
                code: code.to_owned(),
                text: String::new(),
                version: Sequence::NONE,
            }),
        }
    }

    #[test]
    fn each_send_gets_its_own_reply() {
        let waiting = Waiting::new(Uuid::from_u128(7), 2);
        let (first, mut first_reply) = waiting.enter().unwrap();
        let (second, mut second_reply) = waiting.enter().unwrap();
        assert!(matches!(waiting.enter(), Err(Error::Busy { waiting: 2 })));
        waiting.answer(second, reply("second"));
        waiting.answer(99, reply("nobody's"));
        assert_eq!(second_reply.try_recv().unwrap(), reply("second"));
        assert!(first_reply.try_recv().is_err());
        waiting.leave(first);
        assert_eq!(waiting.len(), 0);
    }

    #[test]
    fn an_address_is_known_again_by_its_own_client_only() {
        let waiting = Waiting::new(Uuid::from_u128(7), 2);
        let other = Waiting::new(Uuid::from_u128(8), 2);
        let address = waiting.address(12);
        assert_eq!(waiting.number_of(address.as_bytes()), Some(12));
        assert_eq!(other.number_of(address.as_bytes()), None);
        for foreign in [&b"command-api-1"[..], b"", b"/", b"\xff/1", &address.as_bytes()[..36]] {
            assert_eq!(waiting.number_of(foreign), None);
        }
    }

    #[tokio::test]
    async fn who_is_abandoned_is_told_so() {
        let waiting = Waiting::new(Uuid::from_u128(7), 2);
        let (_, receiver) = waiting.enter().unwrap();
        waiting.abandon();
        assert!(receiver.await.is_err());
        assert!(matches!(waiting.enter(), Err(Error::Closed)));
        waiting.idle().await;
    }
}
