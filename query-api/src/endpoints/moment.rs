//! `as_of` and `known_at`: a shipment as it was.

use http_api::Problem;
use shipment_events::{EventBody, ShipmentEvent, Timestamp, effective_time};

/// A moment asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// What had happened by then.
    pub(super) as_of: Option<Timestamp>,
    /// Events that were written down by then.
    pub(super) known_at: Option<Timestamp>,
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
                self.is_after(event)
            }
            EventBody::ShipmentRegistered(_)
            | EventBody::ShipmentAmended(_)
            | EventBody::ScanRetracted(_) => true,
        };
        by_then && self.known_at.is_none_or(|t| event.recorded_at <= t)
    }

    /// Whether an event had happened by then, on the clock that orders events.
    pub(super) fn is_after(&self, event: &ShipmentEvent) -> bool {
        self.as_of.is_none_or(|t| effective_time(event.occurred_at, event.recorded_at) <= t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_any_offset_escaped_or_not() {
        let noon = Timestamp::parse_rfc3339("2026-11-24T12:00:00Z").unwrap();
        for text in ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00+01:00", "2026-11-24T13:00:00 01:00"] {
            let moment = Moment::read(Some(text), None).unwrap().unwrap();
            assert_eq!(moment, Moment { as_of: Some(noon), known_at: None }, "{text}");
        }
        assert_eq!(Moment::read(None, None).unwrap(), None);
        for bad in ["", "today", "2026-11-24", "1790000000", "2026-11-24T12:00:00", "2026-13-01T00:00:00Z"] {
            assert_eq!(Moment::read(None, Some(bad)).unwrap_err().status(), 400, "{bad}");
        }
    }
}
