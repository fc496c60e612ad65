//! What was found so far in one partition for a page.

use std::collections::VecDeque;

use super::Order;
use crate::Received;

/// The records that may stand on the page, in the order of their offsets; no more than that, and no more bytes than allowed.
pub(super) struct Shelf {
    order: Order,
    room: usize,
    bytes_room: usize,
    bytes: usize,
    held: VecDeque<Received>,
    /// Newest first: below this offset there is more that was wanted, and for which there was no room.
    overflow: Option<i64>,
}

impl Shelf {
    pub(super) fn new(order: Order, room: usize, bytes_room: usize) -> Self {
        Self { order, room, bytes_room, bytes: 0, held: VecDeque::new(), overflow: None }
    }

    /// Whether nothing more can come onto the page from this partition.
    pub(super) fn is_full(&self) -> bool {
        self.overflow.is_some()
            || self.held.len() >= self.room
            || (self.bytes >= self.bytes_room && !self.held.is_empty())
    }

    /// Puts the next one of the partition behind the others. Newest first, the oldest gives way.
    pub(super) fn put(&mut self, record: Received) {
        self.bytes += record.size();
        self.held.push_back(record);
        if self.order == Order::Newest {
            while self.held.len() > 1 && (self.held.len() > self.room || self.bytes > self.bytes_room) {
                if let Some(oldest) = self.held.pop_front() {
                    self.bytes -= oldest.size();
                    self.overflow = Some(oldest.offset + 1);
                }
            }
        }
    }

    /// Puts a stretch that lies before what is held already; newest first, it is read in the order of offsets, too.
    pub(super) fn put_before(&mut self, older: Self) {
        self.overflow = older.overflow;
        for record in older.held.into_iter().rev() {
            let has_room = self.held.is_empty()
                || (self.held.len() < self.room && self.bytes + record.size() <= self.bytes_room);
            if !has_room {
                self.overflow = self.overflow.max(Some(record.offset + 1));
                return;
            }
            self.bytes += record.size();
            self.held.push_front(record);
        }
    }

    /// The time of the one that would come onto the page next.
    pub(super) fn next_time(&self) -> Option<i64> {
        let next = match self.order {
            Order::Oldest => self.held.front(),
            Order::Newest => self.held.back(),
        };
        next.map(|record| record.timestamp.millis().unwrap_or(0))
    }

    /// Takes that one.
    pub(super) fn take(&mut self) -> Option<Received> {
        match self.order {
            Order::Oldest => self.held.pop_front(),
            Order::Newest => self.held.pop_back(),
        }
    }

    /// Where to go on, if not all that was found came onto the page: the start of what is left, or newest first its end.
    pub(super) fn goes_on_at(&self) -> Option<i64> {
        match self.order {
            Order::Oldest => self.held.front().map(|record| record.offset),
            Order::Newest => self.held.back().map(|record| record.offset + 1).or(self.overflow),
        }
    }
}
