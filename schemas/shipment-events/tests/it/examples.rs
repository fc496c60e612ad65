//! Stories with their outcome: tested here, and published as they are in `docs/statuses.md`.

use shipment_events::Status::{
    self, AttemptFailed, Cancelled, Customs, Delivered, Disposed, Expired, InTransit, InfoReceived, Lost,
    OutForDelivery, PickedUp, Registered, Returned, Returning,
};

/// What was said of a shipment, and where that leaves it.
pub(crate) struct Example {
    pub(crate) title: &'static str,
    /// The hour of each thing said, and the status it said; in the order of arrival.
    pub(crate) said: &'static [(i64, Status)],
    pub(crate) stands: Status,
    pub(crate) since: i64,
    pub(crate) because: &'static str,
}

pub(crate) const EXAMPLES: [Example; 12] = [
    Example {
        title: "The plain course",
        said: &[
            (0, Registered),
            (4, InfoReceived),
            (9, PickedUp),
            (20, InTransit),
            (32, OutForDelivery),
            (36, Delivered),
        ],
        stands: Delivered,
        since: 36,
        because: "each later scan of one class wins, and a higher class wins over all below.",
    },
    Example {
        title: "A hub's scan arrives late",
        said: &[(0, Registered), (36, Delivered), (20, InTransit)],
        stands: Delivered,
        since: 36,
        because: "`delivered` is of a higher class.",
    },
    Example {
        title: "A hub's clock is wrong, and it scans after the delivery",
        said: &[(0, Registered), (36, Delivered), (40, InTransit)],
        stands: Delivered,
        since: 36,
        because: "a higher class wins whatever the times say.",
    },
    Example {
        title: "Found after it was lost",
        said: &[(0, Registered), (9, PickedUp), (80, Lost), (200, InTransit)],
        stands: InTransit,
        since: 200,
        because: "`lost` is of the class of parcels in hand, and there the later scan wins.",
    },
    Example {
        title: "The scan that found it arrives before the report of its loss",
        said: &[(0, Registered), (9, PickedUp), (200, InTransit), (80, Lost)],
        stands: InTransit,
        since: 200,
        because: "what counts is when things happened, not when they were told.",
    },
    Example {
        title: "Returned after delivery",
        said: &[(0, Registered), (36, Delivered), (60, Returning), (90, Returned)],
        stands: Returned,
        since: 90,
        because: "scans of a return outrank `delivered`.",
    },
    Example {
        title: "A courier's late scan of a parcel on its way back",
        said: &[(0, Registered), (50, Returning), (60, AttemptFailed)],
        stands: Returning,
        since: 50,
        because: "`returning` is of a higher class than any scan on the way out.",
    },
    Example {
        title: "Destroyed on its way back",
        said: &[(0, Registered), (50, Returning), (70, Disposed)],
        stands: Disposed,
        since: 70,
        because: "what exists no more goes nowhere.",
    },
    Example {
        title: "Cancelled, yet it moves",
        said: &[(0, Registered), (2, Cancelled), (9, PickedUp)],
        stands: PickedUp,
        since: 9,
        because: "a parcel in somebody's hand outranks what was said in an office.",
    },
    Example {
        title: "Cancelled, and the carrier is told of it all the same",
        said: &[(0, Registered), (2, Cancelled), (4, InfoReceived)],
        stands: Cancelled,
        since: 2,
        because: "an announcement alone doesn't undo a cancellation.",
    },
    Example {
        title: "Two scans at the same second",
        said: &[(0, Registered), (20, Customs), (20, InTransit)],
        stands: Customs,
        since: 20,
        because: "at the same time the higher rank wins.",
    },
    Example {
        title: "Never handed over",
        said: &[(0, Registered), (4, InfoReceived), (700, Expired)],
        stands: Expired,
        since: 700,
        because: "an announcement that ran out outranks the announcement.",
    },
];
