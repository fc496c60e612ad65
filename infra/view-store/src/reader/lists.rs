use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use scylla::value::{CqlValue, Row};
use shipment_events::Timestamp;
use tracking_view::{Bucket, ListEntry, ShipmentRow, shard_of};

use super::live::Live;
use super::{CONCURRENCY, Detail, Reader};
use crate::bound::Bound;
use crate::writer::statements::bind_bucket;
use crate::{Cursor, Error, ListQuery};

/// A page of a list: where shipments are listed, ghosts included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryPage {
    /// The entries, latest first.
    pub entries: Vec<ListEntry>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

/// A page of a list: the shipments themselves.
#[derive(Clone, PartialEq, Debug)]
pub struct RowPage {
    /// The rows, latest first.
    pub rows: Vec<ShipmentRow>,
    /// Where to go on; `None` at the end. A page with a `next` may still be short, if it met very many ghosts.
    pub next: Option<Cursor>,
}

/// How many buckets of time are read at once, when the ones before were empty.
const WIDEST: usize = 16;
/// How many pages of entries are read for one of rows, before a short page is given.
const ROUNDS: usize = 20;

impl Reader {
    /// A page of a list, with its shipments' rows. Ghosts are dropped, and so is what isn't registered.
    pub async fn list(
        &self,
        query: &ListQuery,
        limit: usize,
        cursor: Option<Cursor>,
        detail: Detail,
    ) -> Result<RowPage, Error> {
        let mut page = RowPage { rows: Vec::new(), next: cursor };
        for _ in 0..ROUNDS {
            let EntryPage { entries, next } = self.entries(query, limit, page.next).await?;
            let ids: Vec<_> = entries.iter().map(|entry| entry.shipment_id).collect();
            let rows = self.shipments(&ids, detail).await?;
            let count = entries.len();
            for (n, (entry, row)) in entries.into_iter().zip(rows).enumerate() {
                // A shipment may be there twice, as a ghost and rightly: each time its row is read and decides.
                let Some(row) = row.filter(|row| entry.describes(row)) else { continue };
                page.rows.push(row);
                if page.rows.len() == limit {
                    let more = n + 1 < count || next.is_some();
                    page.next = more.then(|| Cursor::after(query, &entry));
                    return Ok(page);
                }
            }
            page.next = next;
            if page.next.is_none() {
                break;
            }
        }
        Ok(page)
    }

    /// A page of a list as it lies in its table.
    pub async fn entries(
        &self,
        query: &ListQuery,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<EntryPage, Error> {
        self.with_live(|live| async move { self.entries_of(&live, query, limit.max(1), cursor).await }).await
    }

    async fn entries_of(
        &self,
        live: &Arc<Live>,
        query: &ListQuery,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<EntryPage, Error> {
        let range = query.range();
        let end = cursor.map_or(range.end(), |cursor| range.end().min(next_moment(cursor.at)));
        let mut groups = query.groups(Timestamp::from_millis(end.as_millis() - 1));
        let mut entries: Vec<ListEntry> = Vec::new();
        let mut width = query.first_wave();
        // One more than wanted tells whether there is more.
        while entries.len() <= limit {
            let wave: Vec<Vec<Bucket>> = groups.by_ref().take(width).collect();
            if wave.is_empty() {
                break;
            }
            let wanted = limit + 1 - entries.len();
            let sizes: Vec<usize> = wave.iter().map(Vec::len).collect();
            let reads: Vec<_> = wave
                .into_iter()
                .flatten()
                .map(|bucket| self.bucket(live, bucket, query.range().end(), cursor, wanted))
                .collect();
            let lists: Vec<Vec<ListEntry>> = stream::iter(reads).buffered(CONCURRENCY).try_collect().await?;
            let mut lists = lists.into_iter();
            for size in sizes {
                let mut group: Vec<ListEntry> = lists.by_ref().take(size).flatten().collect();
                // Stable: at one moment shards follow one another, and within a shard the database's order stands.
                group.sort_by_key(|entry| std::cmp::Reverse(entry.at));
                entries.extend(group);
            }
            width = (width * 2).min(WIDEST);
        }
        let outside = entries.iter().position(|entry| !range.contains(entry.at));
        entries.truncate(outside.unwrap_or(entries.len()));
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|entry| Cursor::after(query, entry));
        Ok(EntryPage { entries, next })
    }

    /// What one partition holds before `end`, and after the cursor.
    async fn bucket(
        &self,
        live: &Live,
        bucket: Bucket,
        end: Timestamp,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<ListEntry>, Error> {
        let reads = live.statements.list(bucket.list());
        let limit = Bound::Int(i32::try_from(limit).unwrap_or(i32::MAX));
        let mut values = Vec::with_capacity(6);
        bind_bucket(&bucket, &mut values);
        let (statement, position) = match cursor {
            // Entries of one moment are ordered by shard first: of the cursor's moment, earlier shards are done, later
            // ones still to come, and the cursor's own goes on after it.
            Some(cursor) => match shard_in(&bucket).map(|shard| shard.cmp(&shard_of(cursor.shipment_id))) {
                None | Some(std::cmp::Ordering::Equal) if cursor.at < end => {
                    let id = Bound::Uuid(cursor.shipment_id.as_uuid());
                    (&reads.after, vec![Bound::Timestamp(cursor.at), id])
                }
                Some(std::cmp::Ordering::Less) => (&reads.before, vec![Bound::Timestamp(end.min(cursor.at))]),
                _ => (&reads.before, vec![Bound::Timestamp(end.min(next_moment(cursor.at)))]),
            },
            None => (&reads.before, vec![Bound::Timestamp(end)]),
        };
        values.extend(position);
        values.push(limit);
        let rows = self.store.read("reading a list", statement, &values).await?;
        let entry = |row: Row| {
            let mut cells = row.columns.into_iter();
            match (cells.next()??, cells.next()??) {
                (CqlValue::Timestamp(at), CqlValue::Uuid(id)) => Some(ListEntry {
                    bucket: bucket.clone(),
                    at: Timestamp::from_millis(at.0),
                    shipment_id: id.into(),
                }),
                _ => None,
            }
        };
        Ok(rows.into_iter().filter_map(entry).collect())
    }
}

const fn shard_in(bucket: &Bucket) -> Option<i32> {
    match bucket {
        Bucket::Status(_, _, shard) | Bucket::Day(_, shard) | Bucket::Archive(_, shard) => Some(*shard),
        _ => None,
    }
}

fn next_moment(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_add(1))
}
