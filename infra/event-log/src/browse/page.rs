//! One page of what there is.

use std::collections::BTreeMap;

use super::shelf::Shelf;
use super::{Browser, Spans};
use crate::{Error, Received};

/// From which end of the stretches a page is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// The oldest first.
    Oldest,
    /// The newest first.
    #[default]
    Newest,
}

/// How much one page may be, and cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageBounds {
    /// So many records at most.
    pub records: usize,
    /// So many bytes at most, roughly; one record comes in any case.
    pub bytes: usize,
    /// So many offsets are looked at in search of them.
    pub look_at: u64,
}

/// Records, and where to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// In the order asked for by their times; those of one partition in the order of their offsets.
    pub records: Vec<Received>,
    /// How many offsets were looked at.
    pub looked_at: u64,
    /// What wasn't looked at yet; the next page is taken from these. Empty when that was all.
    pub left: Spans,
}

/// The least that is read of a partition from its end.
const WINDOW: u64 = 64;
/// Windows grow up to this while nothing is found.
const LARGEST_WINDOW: u64 = 4096;

impl Browser {
    /// The next page of these stretches, of the records that are wanted. When `look_at` is used up the page may be short, or
    /// empty, though there is more: `left` says so.
    ///
    /// # Errors
    /// [`Error::OffsetGone`] where the topic was cut below the stretches meanwhile, and when Kafka is away.
    pub async fn page(
        &self,
        topic: &str,
        spans: &Spans,
        order: Order,
        bounds: PageBounds,
        wanted: impl Fn(&Received) -> bool + Send,
    ) -> Result<Page, Error> {
        let mut search = Search::new(spans, order, bounds);
        match order {
            Order::Oldest => search.forth(self, topic, &wanted).await?,
            Order::Newest => search.back(self, topic, &wanted).await?,
        }
        Ok(search.page())
    }
}

struct Search {
    order: Order,
    bounds: PageBounds,
    looked_at: u64,
    all: Spans,
    left: Spans,
    shelves: BTreeMap<i32, Shelf>,
}

impl Search {
    fn new(spans: &Spans, order: Order, bounds: PageBounds) -> Self {
        let (all, left) = (spans.clone(), spans.clone());
        let mut search = Self { order, bounds, looked_at: 0, all, left, shelves: BTreeMap::new() };
        search.shelves = spans.iter().map(|(partition, _)| (partition, search.shelf())).collect();
        search
    }

    fn shelf(&self) -> Shelf {
        Shelf::new(self.order, self.bounds.records, self.bounds.bytes / self.all.iter().len().max(1))
    }

    fn budget(&self) -> u64 {
        self.bounds.look_at.saturating_sub(self.looked_at)
    }

    /// The partitions that something may still come from.
    fn open(&self) -> Spans {
        let open = |(partition, _): &(i32, _)| self.shelves.get(partition).is_some_and(|s| !s.is_full());
        self.left.iter().filter(open).map(|(partition, span)| (partition, span.clone())).collect()
    }

    async fn forth(
        &mut self,
        browser: &Browser,
        topic: &str,
        wanted: &(impl Fn(&Received) -> bool + Send),
    ) -> Result<(), Error> {
        let mut stream = browser.stream(topic, self.left.clone()).await?;
        let mut open = self.open();
        while self.budget() > 0 && !open.is_empty() {
            let Some(record) = stream.next().await? else {
                // Behind the last of each there were only marks of transactions.
                for (partition, _) in open.iter() {
                    self.left.remove(partition);
                }
                return Ok(());
            };
            self.take(record, stream.left(), &mut open, wanted);
        }
        Ok(())
    }

    /// Takes a record, unless nothing more can come onto the page from its partition; it was looked at in any case. `unread` is what
    /// will still be read.
    fn take(
        &mut self,
        record: Received,
        unread: &Spans,
        open: &mut Spans,
        wanted: &(impl Fn(&Received) -> bool + Send),
    ) {
        self.looked_at += 1;
        let (partition, next) = (record.partition, record.offset + 1);
        if let Some(span) = open.get(partition).cloned() {
            self.left.set(partition, next..span.end);
            open.set(partition, next..span.end);
            if let Some(shelf) = self.shelves.get_mut(&partition).filter(|_| wanted(&record)) {
                shelf.put(record);
                if shelf.is_full() {
                    open.remove(partition);
                }
            }
        }
        // What is left of one that was read to its end are marks of transactions.
        let read: Vec<i32> =
            open.iter().map(|(partition, _)| partition).filter(|p| unread.get(*p).is_none()).collect();
        for partition in read {
            open.remove(partition);
            self.left.remove(partition);
        }
    }

    async fn back(
        &mut self,
        browser: &Browser,
        topic: &str,
        wanted: &(impl Fn(&Received) -> bool + Send),
    ) -> Result<(), Error> {
        let mut window = WINDOW.max(self.bounds.records as u64 + 8);
        loop {
            let open = self.open();
            let each = window.min(self.budget() / open.iter().len().max(1) as u64);
            if open.is_empty() || each == 0 {
                return Ok(());
            }
            let last = |span: &std::ops::Range<i64>| span.start.max(span.end - each as i64)..span.end;
            let windows: Spans = open.iter().map(|(partition, span)| (partition, last(span))).collect();
            let mut found: BTreeMap<i32, Shelf> =
                windows.iter().map(|(partition, _)| (partition, self.shelf())).collect();
            let mut stream = browser.stream(topic, windows.clone()).await?;
            while let Some(record) = stream.next().await? {
                if let Some(shelf) = found.get_mut(&record.partition).filter(|_| wanted(&record)) {
                    shelf.put(record);
                }
            }
            self.looked_at += windows.offsets();
            for (partition, older) in found {
                if let Some(shelf) = self.shelves.get_mut(&partition) {
                    shelf.put_before(older);
                }
                if let (Some(span), Some(window)) = (open.get(partition), windows.get(partition)) {
                    self.left.set(partition, span.start..window.start);
                }
            }
            window = (window * 4).min(LARGEST_WINDOW);
        }
    }

    /// Merges by time what was found; what there is no room for is left for the next page.
    fn page(mut self) -> Page {
        let mut records = Vec::new();
        while records.len() < self.bounds.records {
            let times = self.shelves.iter().filter_map(|(p, shelf)| Some((shelf.next_time()?, *p)));
            let next = match self.order {
                Order::Oldest => times.min(),
                Order::Newest => times.max(),
            };
            let taken = next.and_then(|(_, partition)| self.shelves.get_mut(&partition)?.take());
            let Some(record) = taken else { break };
            records.push(record);
        }
        records.shrink_to_fit();
        Page { looked_at: self.looked_at, left: self.left_over(), records }
    }

    fn left_over(&self) -> Spans {
        let mut left = self.left.clone();
        for (partition, shelf) in &self.shelves {
            if let (Some(offset), Some(all)) = (shelf.goes_on_at(), self.all.get(*partition)) {
                left.set(
                    *partition,
                    match self.order {
                        Order::Oldest => offset..all.end,
                        Order::Newest => all.start..offset,
                    },
                );
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Headers, Timestamp};

    fn record(partition: i32, offset: i64) -> Received {
        Received {
            topic: "events".into(),
            partition,
            offset,
            timestamp: Timestamp::Created(offset),
            key: None,
            value: None,
            headers: Headers::new(),
        }
    }

    #[test]
    fn what_is_not_taken_counts_and_a_mark_at_an_end_keeps_nothing_open() {
        let spans: Spans = "0:0-1000,1:0-4".parse().unwrap();
        let bounds = PageBounds { records: 2, bytes: 1 << 20, look_at: 100 };
        let mut search = Search::new(&spans, Order::Oldest, bounds);
        let mut open = search.open();
        let any = |_: &Received| true;
        for offset in 0..5 {
            search.take(record(0, offset), &"0:5-1000,1:0-4".parse().unwrap(), &mut open, &any);
        }
        assert_eq!((search.looked_at, open.to_string()), (5, "1:0-4".to_owned()));
        search.take(record(1, 0), &"0:5-1000,1:1-4".parse().unwrap(), &mut open, &any);
        assert_eq!(open.to_string(), "1:1-4");
        // The end of partition 1 was met meanwhile.
        search.take(record(0, 5), &"0:6-1000".parse().unwrap(), &mut open, &any);
        assert!(open.is_empty(), "{open}");
        assert_eq!((search.looked_at, search.left.to_string()), (7, "0:2-1000".to_owned()));
    }
}
