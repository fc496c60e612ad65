//! The book, with the place in the topic up to which it is written.

use std::time::Instant;

use event_log::{ReaderEvent, Received};

use super::Outlook;
use crate::{Book, Change, Moment, Record, metrics};

/// A book that is filled from the topic.
pub(super) struct Ledger {
    pub(super) book: Book,
    /// The offset to be read next.
    pub(super) position: i64,
    /// Where the topic ended when it was asked last, and when that was: passed, everything up to then has been read.
    asked: Option<(i64, Moment)>,
    began: Instant,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self { book: Book::new(), position: 0, asked: None, began: Instant::now() }
    }

    /// Now, by this reader's clock.
    pub(super) fn now(&self) -> Moment {
        Moment::at(self.began.elapsed().as_millis() as i64)
    }

    /// Takes in what was read.
    pub(super) fn take(&mut self, events: Vec<ReaderEvent>) -> Vec<Change> {
        let mut changes = Vec::new();
        for event in events {
            match event {
                ReaderEvent::Record(record) => {
                    self.position = record.offset + 1;
                    changes.extend(self.apply(&record));
                }
                // The last records may have been compacted away.
                ReaderEvent::Eof(end) => self.position = self.position.max(end.offset),
            }
        }
        changes.extend(self.settle());
        changes
    }

    /// Notes where the topic ended at a moment.
    pub(super) fn ended(&mut self, end: i64, at: Moment) -> Vec<Change> {
        // The earlier answer is kept until it is reached: on a busy topic the next is always a little ahead.
        self.asked.get_or_insert((end, at));
        self.settle()
    }

    /// The topic is read from here on, anew.
    pub(super) fn begin_at(&mut self, position: i64) {
        (self.position, self.asked) = (position, None);
    }

    pub(super) fn outlook(&self) -> Outlook {
        let silent_for = self.book.contact_at().map(|at| self.now().since(at));
        Outlook { protecting: self.book.is_protecting(), silent_for }
    }

    fn settle(&mut self) -> Vec<Change> {
        match self.asked {
            Some((end, at)) if self.position >= end => {
                self.asked = None;
                self.book.contact(at)
            }
            _ => Vec::new(),
        }
    }

    fn apply(&mut self, record: &Received) -> Option<Change> {
        let read = Record::read(record.key_str().unwrap_or_default(), record.value.as_deref());
        match read {
            Ok(read) => self.book.apply(read, record.timestamp.millis().unwrap_or(0), self.now()),
            Err(error) => {
                metrics::UNREADABLE.inc();
                let error = telemetry::chain(&error);
                tracing::warn!(offset = record.offset, error, "a record of the registry is passed over");
                None
            }
        }
    }
}
