//! The body of requests that only say why.

use serde::Deserialize;
use shipment_domain::{ArchiveShipment, CancelShipment, CommandBody, RetractScan};
use shipment_events::EventId;

use super::{Moment, Wanted};

/// Why a scan is retracted, a shipment cancelled or archived. All of it can be left out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReasonBody {
    reason: Option<String>,
    issued_at: Option<Moment>,
    actor: Option<String>,
}

impl ReasonBody {
    pub(crate) fn retraction(self, scan_event_id: EventId) -> Wanted {
        self.wanted(|reason| CommandBody::RetractScan(RetractScan { scan_event_id, reason }))
    }

    pub(crate) fn cancellation(self) -> Wanted {
        self.wanted(|reason| CommandBody::CancelShipment(CancelShipment { reason }))
    }

    pub(crate) fn archival(self) -> Wanted {
        self.wanted(|reason| CommandBody::ArchiveShipment(ArchiveShipment { reason }))
    }

    fn wanted(self, body: impl FnOnce(Option<String>) -> CommandBody) -> Wanted {
        Wanted {
            body: body(self.reason),
            shipment_id: None,
            issued_at: self.issued_at.map(|Moment(at)| at),
            actor: self.actor,
        }
    }
}
