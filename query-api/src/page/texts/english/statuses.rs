//! What a status means, in English.

use shipment_events::Status;

use crate::page::texts::Said;

/// What is said of a status.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) const fn said(status: Status) -> Said {
    let (name, means, advice): (_, _, &'static [&'static str]) = match status {
        Status::Registered => {
            ("Registered", "The sender has registered the parcel. The carrier doesn’t have it yet.", &[])
        }
        Status::InfoReceived => (
            "Announced to the carrier",
            "The carrier knows of the parcel, and waits for it to be handed over.",
            &[],
        ),
        Status::Expired => (
            "Never handed to the carrier",
            "The announcement has expired: the carrier never got the parcel.",
            &[
                "Ask the sender whether it was sent under another number.",
                "If it wasn’t sent, ask the sender for your money back.",
            ],
        ),
        Status::Cancelled => (
            "Cancelled",
            "The sender has called this parcel off.",
            &["If you didn’t expect that, ask the sender."],
        ),
        Status::PickedUp => ("With the carrier", "The carrier has the parcel.", &[]),
        Status::InTransit => ("On its way", "The parcel is moving towards its destination.", &[]),
        Status::Customs => (
            "With customs",
            "Customs are looking at the parcel. That can take some days.",
            &[
                "Watch for a message from the carrier: customs may want a document or a payment.",
                "Pay on the carrier’s own website only, and follow no links in messages you didn’t expect.",
            ],
        ),
        Status::Delayed => (
            "Delayed",
            "The parcel is later than planned, and still on its way.",
            &["You needn’t do anything. The next step shows here as soon as it is known."],
        ),
        Status::OnHold => (
            "On hold",
            "The carrier keeps the parcel and waits for something, such as instructions or a date.",
            &["Ask the carrier what it waits for. Have the tracking number at hand."],
        ),
        Status::OutForDelivery => {
            ("Out for delivery", "The parcel is in the vehicle of the courier who delivers it.", &[])
        }
        Status::AttemptFailed => (
            "Delivery attempted",
            "The courier came, and could not hand the parcel over.",
            &[
                "Look for a notice from the courier, in your letter box or by e-mail.",
                "Agree with the carrier on another day or a collection point.",
                "See that your name is on the bell and that the address is complete.",
            ],
        ),
        Status::AvailableForPickup => (
            "Ready for collection",
            "The parcel waits for you at a collection point.",
            &[
                "Bring an identity document, and the tracking number or the carrier’s notice.",
                "Don’t wait long: after some days parcels go back to the sender.",
            ],
        ),
        Status::Exception => (
            "Something went wrong",
            "The carrier reports a problem with the parcel.",
            &[
                "Ask the carrier what it needs. Have the tracking number at hand.",
                "Check with the sender that the address is right.",
            ],
        ),
        Status::Damaged => (
            "Damaged",
            "The carrier found damage on the parcel.",
            &[
                "Ask the sender what happens next: you may get a replacement.",
                "If it arrives, take pictures before you open it, and note the damage when you sign.",
            ],
        ),
        Status::Lost => (
            "Not found",
            "The carrier can’t find the parcel just now. It may still turn up.",
            &[
                "Ask the sender to open an inquiry with the carrier.",
                "The sender can replace the parcel or give your money back.",
            ],
        ),
        Status::Delivered => (
            "Delivered",
            "The parcel was handed over.",
            &["Not there? Ask your neighbours and look for a notice, then ask the sender."],
        ),
        Status::Returning => (
            "On its way back",
            "The parcel could not be delivered, and goes back to the sender.",
            &["Ask the sender to send it again, or for your money back."],
        ),
        Status::Returned => (
            "Returned to the sender",
            "The sender has the parcel back.",
            &["Ask the sender to send it again, or for your money back."],
        ),
        Status::Disposed => (
            "Disposed of",
            "The parcel was destroyed or given up, and won’t arrive.",
            &["Ask the sender for a replacement, or for your money back."],
        ),
    };
    Said { name, means, advice }
}
