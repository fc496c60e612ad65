//! The nineteen statuses and the order among them. `docs/statuses.md` is made from this table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! classes {
    ($($variant:ident = $text:literal, $meaning:literal;)+) => {
        /// How strongly a status speaks. A higher class wins over a lower one whatever the times say; within a class the
        /// later event time wins, so that a parcel can be lost, found, and on its way again.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Class {
            $(#[doc = $meaning] $variant,)+
        }

        impl Class {
            /// Every class, the weakest first.
            pub const ALL: [Self; 8] = [$(Self::$variant,)+];

            /// The name in the published table.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// What its statuses have in common.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

classes! {
    Registered = "registered", "Known from the shop alone.";
    Announced = "announced", "The carrier was told of it.";
    CalledOff = "called off", "It was called off, or the announcement ran out, before anybody touched it.";
    Moving = "moving", "Somebody had it in hand.";
    Delivered = "delivered", "It reached the recipient.";
    Returning = "returning", "It is on its way back.";
    Returned = "returned", "It is back with the sender.";
    Disposed = "disposed", "It exists no more.";
}

macro_rules! statuses {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal, $class:ident, $rank:literal, $set_by:literal;)+) => {
        /// Where a shipment stands.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Status {
            $($(#[$doc])+ $variant,)+
        }

        impl Status {
            /// Every status, in the order of the published table.
            pub const ALL: [Self; 19] = [$(Self::$variant,)+];

            /// The name in events, rows and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// How strongly it speaks.
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)+ }
            }

            /// Which wins within a class at the same event time: the higher.
            pub const fn rank(self) -> u8 {
                match self { $(Self::$variant => $rank,)+ }
            }

            /// What sets it, in words.
            pub const fn set_by(self) -> &'static str {
                match self { $(Self::$variant => $set_by,)+ }
            }
        }
    };
}

statuses! {
    /// The shop registered it.
    Registered = "registered", Registered, 0, "the RegisterShipment command";
    /// The carrier has its data, not yet the parcel.
    InfoReceived = "info_received", Announced, 0, "a scan: label made, data received";
    /// The announcement ran out: nothing was handed over in time.
    Expired = "expired", CalledOff, 0, "a scan: label or announcement expired";
    /// The shop called it off.
    Cancelled = "cancelled", CalledOff, 1, "the CancelShipment command, or a scan: shipment voided";
    /// The carrier has the parcel.
    PickedUp = "picked_up", Moving, 0, "a scan: collected, accepted, dropped off";
    /// Moving between places.
    InTransit = "in_transit", Moving, 1, "a scan: departed, arrived, sorted, forwarded";
    /// With the customs of some country.
    Customs = "customs", Moving, 2, "a scan: customs clearance begun, held or done";
    /// Later than planned.
    Delayed = "delayed", Moving, 3, "a scan: delayed, rescheduled";
    /// Held, on request or for want of something.
    OnHold = "on_hold", Moving, 4, "a scan: held, awaiting instructions";
    /// On the vehicle to the recipient.
    OutForDelivery = "out_for_delivery", Moving, 5, "a scan: with the courier";
    /// The courier was there in vain.
    AttemptFailed = "attempt_failed", Moving, 6, "a scan: nobody home, refused at first, address not found";
    /// Waiting in a shop, locker or post office.
    AvailableForPickup = "available_for_pickup", Moving, 7, "a scan: ready for collection by the recipient";
    /// Something is wrong that has no better name.
    Exception = "exception", Moving, 8, "a scan: exception, address problem, operational trouble";
    /// Damaged, and still in hand.
    Damaged = "damaged", Moving, 9, "a scan: damage found";
    /// Nobody knows where it is; a later scan finds it again.
    Lost = "lost", Moving, 10, "a scan: lost, missing, investigation begun";
    /// Handed over.
    Delivered = "delivered", Delivered, 0, "a scan: delivered, collected by the recipient";
    /// On its way back to the sender.
    Returning = "returning", Returning, 0, "a scan: return begun, refused for good";
    /// Back with the sender.
    Returned = "returned", Returned, 0, "a scan: delivered to the sender";
    /// Destroyed or abandoned.
    Disposed = "disposed", Disposed, 0, "a scan: disposed of, destroyed";
}

impl Status {
    /// Whether a carrier's scan can set it. Only `registered` can't be scanned.
    pub const fn can_be_scanned(self) -> bool {
        !matches!(self, Self::Registered)
    }

    /// Whether nothing more is expected to happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned | Self::Disposed | Self::Cancelled | Self::Expired)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownStatus(pub String);

impl fmt::Display for UnknownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no status; the statuses are", self.0)?;
        for (n, status) in Status::ALL.iter().enumerate() {
            write!(f, "{} {status}", if n == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownStatus {}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}
