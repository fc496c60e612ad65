//! `as_of` and `known_at`: a shipment as it was.

use http_api::Problem;
use shipment_events::{EventBody, ShipmentEvent, Timestamp};

/// A moment asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// What had happened by then.
    as_of: Option<Timestamp>,
    /// Events that were written down by then.
    known_at: Option<Timestamp>,
}

impl Moment {
    /// From the parameters' texts; `None` where neither is given.
    pub(super) fn read(as_of: Option<&str>, known_at: Option<&str>) -> Result<Option<Self>, Problem> {
        let time = |name: &'static str, text: Option<&str>| {
            text.map(|text| {
                // An unescaped `+` of an offset reads as a space.
                Timestamp::parse_rfc3339(&text.replace(' ', "+")).map_err(|_| {
                    let detail = format!("{name} is a time as in 2026-11-24T12:00:00Z (RFC 3339)");
                    Problem::invalid_parameter(name, detail)
                })
            })
            .transpose()
        };
        let moment = Self { as_of: time("as_of", as_of)?, known_at: time("known_at", known_at)? };
        Ok((moment != Self::default()).then_some(moment))
    }

    /// Whether an event counts at this moment.
    ///
    /// `as_of` asks where the parcel was: what the shop says of it, and what was taken back, is told as it is known
    /// today, also where the shop registered it long after its first scan.
    pub(super) fn includes(&self, event: &ShipmentEvent) -> bool {
        let by_then = match event.body {
            EventBody::ScanRecorded(_) | EventBody::ShipmentCancelled(_) | EventBody::ShipmentArchived(_) => {
                self.as_of.is_none_or(|t| event.occurred_at <= t)
            }
            EventBody::ShipmentRegistered(_)
            | EventBody::ShipmentAmended(_)
            | EventBody::ScanRetracted(_) => true,
        };
        by_then && self.known_at.is_none_or(|t| event.recorded_at <= t)
    }
}
