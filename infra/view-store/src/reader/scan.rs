//! Whole tables, by slices of the ring of tokens: any number of them may be read at once, and none needs the others.

use scylla::deserialize::row::DeserializeRow;
use scylla::response::{PagingState, PagingStateResponse};
use scylla::statement::prepared::PreparedStatement;
use scylla::value::{CqlDate, CqlTimestamp};
use shipment_events::{CustomerId, Date, ShipmentId, Timestamp};
use tracking_view::{Bucket, List, ListEntry, Month, PhoneHash};
use uuid::Uuid;

use super::GenerationReader;
use super::generation::PATIENCE;
use crate::backoff::insist;
use crate::tables::{EVENTS, SHIPMENTS, list_partition, list_table};
use crate::{Error, ViewStore};

/// Rows in one answer.
const PAGE: i32 = 5_000;

/// A part of the ring of tokens: what lies after one token, up to and with another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slice {
    after: i64,
    to: i64,
}

impl Slice {
    /// The whole ring in so many parts of equal size.
    pub fn ring(parts: u32) -> Vec<Self> {
        // No partition has the lowest token: both databases keep it for the beginning of the ring.
        let width = (i128::from(u64::MAX) / i128::from(parts.max(1))).max(1);
        let bound = |n: u32| (i128::from(i64::MIN) + width * i128::from(n)) as i64;
        let parts = parts.max(1);
        (0..parts)
            .map(|n| Self { after: bound(n), to: if n + 1 == parts { i64::MAX } else { bound(n + 1) } })
            .collect()
    }
}

/// A row of a list's table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Who is listed.
    pub shipment_id: ShipmentId,
    /// Where; `None` if its key is none that is ever written.
    pub entry: Option<ListEntry>,
}

/// The statements that read a slice of each table.
pub(super) struct Scans {
    shipments: PreparedStatement,
    histories: PreparedStatement,
    lists: Vec<PreparedStatement>,
}

impl Scans {
    pub(super) async fn prepare(store: &ViewStore, keyspace: &str) -> Result<Self, Error> {
        let scan = async |what: &str, table: &str, key: &str| {
            let cql =
                format!("SELECT {what} FROM {keyspace}.{table} WHERE token({key}) > ? AND token({key}) <= ?");
            let mut prepared = store.prepare("read a table whole", &cql).await?;
            prepared.set_page_size(PAGE);
            Ok::<_, Error>(prepared)
        };
        let mut lists = Vec::new();
        for list in List::ALL {
            let key: Vec<_> = list_partition(list).iter().map(|(name, _)| *name).collect();
            let key = key.join(", ");
            let columns = format!("{key}, listed_at, shipment_id");
            lists.push(scan(&columns, list_table(list), &key).await?);
        }
        Ok(Self {
            shipments: scan("shipment_id", SHIPMENTS, "shipment_id").await?,
            histories: scan("DISTINCT shipment_id", EVENTS, "shipment_id").await?,
            lists,
        })
    }
}

impl GenerationReader {
    /// The shipments that have a row, page by page.
    pub async fn scan_shipments(
        &self,
        slice: Slice,
        take: impl FnMut(Vec<ShipmentId>) + Send,
    ) -> Result<(), Error> {
        self.scan("reading the shipments", &self.scans.shipments, slice, |(id,): (Uuid,)| id.into(), take)
            .await
    }

    /// The shipments that have a history, page by page.
    pub async fn scan_histories(
        &self,
        slice: Slice,
        take: impl FnMut(Vec<ShipmentId>) + Send,
    ) -> Result<(), Error> {
        self.scan("reading the histories", &self.scans.histories, slice, |(id,): (Uuid,)| id.into(), take)
            .await
    }

    /// What lies in a list, page by page, ghosts included.
    pub async fn scan_list(
        &self,
        list: List,
        slice: Slice,
        take: impl FnMut(Vec<Listed>) + Send,
    ) -> Result<(), Error> {
        let statement = &self.scans.lists[list as usize];
        let doing = "reading a list whole";
        match list {
            List::TrackingNumber => {
                let row = |(number, at, id): (String, CqlTimestamp, Uuid)| {
                    listed(Some(Bucket::TrackingNumber(number)), at, id)
                };
                self.scan(doing, statement, slice, row, take).await
            }
            List::Customer => {
                let row = |(customer, month, at, id): (String, i32, CqlTimestamp, Uuid)| {
                    let bucket = Bucket::Customer(CustomerId::new(customer), Month::from_number(month));
                    listed(Some(bucket), at, id)
                };
                self.scan(doing, statement, slice, row, take).await
            }
            List::Phone => {
                let row = |(hash, at, id): (Vec<u8>, CqlTimestamp, Uuid)| {
                    let hash = hash.try_into().ok().map(PhoneHash::from_bytes);
                    listed(hash.map(Bucket::Phone), at, id)
                };
                self.scan(doing, statement, slice, row, take).await
            }
            List::Status => {
                let row = |(status, day, shard, at, id): (String, CqlDate, i32, CqlTimestamp, Uuid)| {
                    let status = status.parse().ok();
                    listed(status.map(|status| Bucket::Status(status, date(day), shard)), at, id)
                };
                self.scan(doing, statement, slice, row, take).await
            }
            List::Day | List::Archive => {
                let bucket = if list == List::Day { Bucket::Day } else { Bucket::Archive };
                let row = |(day, shard, at, id): (CqlDate, i32, CqlTimestamp, Uuid)| {
                    listed(Some(bucket(date(day), shard)), at, id)
                };
                self.scan(doing, statement, slice, row, take).await
            }
        }
    }

    async fn scan<R, T>(
        &self,
        doing: &'static str,
        statement: &PreparedStatement,
        slice: Slice,
        read: impl Fn(R) -> T + Send,
        mut take: impl FnMut(Vec<T>) + Send,
    ) -> Result<(), Error>
    where
        R: for<'frame> DeserializeRow<'frame, 'frame>,
    {
        let mut state = PagingState::start();
        loop {
            let (page, next) = insist(PATIENCE, || async {
                self.store
                    .session()
                    .execute_single_page(statement, (slice.after, slice.to), state.clone())
                    .await
                    .map_err(|source| Error::Statement { doing, source: Box::new(source) })
            })
            .await?;
            let unreadable =
                |source: Box<dyn std::error::Error + Send + Sync>| Error::Answer { doing, source };
            let page = page.into_rows_result().map_err(|e| unreadable(e.into()))?;
            let rows = page.rows::<R>().map_err(|e| unreadable(e.into()))?;
            let rows: Result<Vec<T>, _> = rows.map(|row| row.map(&read)).collect();
            take(rows.map_err(|e| unreadable(e.into()))?);
            match next {
                PagingStateResponse::HasMorePages { state: more } => state = more,
                PagingStateResponse::NoMorePages => return Ok(()),
            }
        }
    }
}

fn listed(bucket: Option<Bucket>, at: CqlTimestamp, id: Uuid) -> Listed {
    let (at, shipment_id) = (Timestamp::from_millis(at.0), ShipmentId::new(id));
    Listed { shipment_id, entry: bucket.map(|bucket| ListEntry { bucket, at, shipment_id }) }
}

fn date(day: CqlDate) -> Date {
    Date::from_days((day.0 ^ 0x8000_0000) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slices_of_a_ring_leave_nothing_out_and_nothing_twice() {
        for parts in [1, 2, 3, 7, 64, 1000] {
            let ring = Slice::ring(parts);
            assert_eq!(ring.len(), parts as usize);
            assert_eq!((ring[0].after, ring[ring.len() - 1].to), (i64::MIN, i64::MAX));
            assert!(ring.windows(2).all(|pair| pair[0].to == pair[1].after), "{parts}");
            assert!(ring.iter().all(|slice| slice.after < slice.to), "{parts}");
        }
        assert_eq!(Slice::ring(0), Slice::ring(1));
    }
}
