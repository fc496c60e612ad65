use std::fmt;
use std::str::FromStr;

use shipment_events::{ShipmentId, Timestamp};
use tracking_view::ListEntry;
use uuid::Uuid;

use crate::ListQuery;

/// Where a page ended: a position in the list itself, not in a driver's paging, so it outlives restarts, flips to
/// another generation, and whatever is written meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cursor {
    query: u64,
    pub(crate) at: Timestamp,
    pub(crate) shipment_id: ShipmentId,
}

/// The text is no cursor, or one of another list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the cursor is not one of this list; take `next` of its last page, or leave it out to begin anew")]
pub struct BadCursor;

const BYTES: usize = 8 + 8 + 16;

impl Cursor {
    pub(crate) fn after(query: &ListQuery, entry: &ListEntry) -> Self {
        Self { query: query.fingerprint(), at: entry.at, shipment_id: entry.shipment_id }
    }

    /// Whether it was made by a page of this query.
    pub fn check(self, query: &ListQuery) -> Result<Self, BadCursor> {
        if self.query == query.fingerprint() { Ok(self) } else { Err(BadCursor) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_millis();
        write!(f, "{:016x}{at:016x}{}", self.query, self.shipment_id.as_uuid().simple())
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        if text.len() != 2 * BYTES || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(BadCursor);
        }
        let number = |part: &str| u64::from_str_radix(part, 16).map_err(|_| BadCursor);
        Ok(Self {
            query: number(&text[..16])?,
            at: Timestamp::from_millis(number(&text[16..32])? as i64),
            shipment_id: Uuid::parse_str(&text[32..]).map_err(|_| BadCursor)?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use shipment_events::CustomerId;
    use tracking_view::Bucket;

    use super::*;
    use crate::DayRange;

    #[test]
    fn a_cursor_goes_out_and_comes_back() {
        let query = ListQuery::Customer(CustomerId::new("c"), DayRange::ALL);
        for millis in [0, -5, 1_790_000_000_123] {
            let entry = ListEntry {
                bucket: Bucket::Day(Timestamp::from_millis(millis).date(), 0),
                at: Timestamp::from_millis(millis),
                shipment_id: Uuid::from_u128(u128::MAX / 3).into(),
            };
            let cursor = Cursor::after(&query, &entry);
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
            assert_eq!(cursor.check(&query), Ok(cursor));
            assert_eq!(cursor.check(&ListQuery::Day(DayRange::ALL)), Err(BadCursor));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "abc", &"g".repeat(64), &"ä".repeat(32), &"+".repeat(64)] {
            assert_eq!(text.parse::<Cursor>(), Err(BadCursor));
        }
    }
}
