//! Senders and recipients.

use serde::Deserialize;
use shipment_events::{Address, Party, Phone};

/// Sender or recipient. Personal, so it has no `Debug`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyBody {
    name: String,
    phone: Option<String>,
    address: Option<AddressBody>,
}

/// A postal address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressBody {
    street: String,
    city: String,
    region: Option<String>,
    postal_code: Option<String>,
    country: String,
}

impl From<PartyBody> for Party {
    fn from(body: PartyBody) -> Self {
        Self {
            name: body.name,
            phone: body.phone.map(Phone::new),
            address: body.address.map(|address| Address {
                street: address.street,
                city: address.city,
                region: address.region,
                postal_code: address.postal_code,
                country: address.country,
            }),
        }
    }
}
