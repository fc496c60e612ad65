//! Shipments of a test's own: customer, telephone and tracking numbers that no other has.

use shipment_events::{
    CustomerId, EventBody, ListKeys, Party, Phone, Registration, ShipmentEvent, ShipmentId, Status,
};
use uuid::Uuid;

use crate::histories::{Step, history};

pub(crate) const REGISTER: Step = Step::Register { phone: Some(1), number: Some(1), reference: true };

pub(crate) const fn scan(status: Status) -> Step {
    Step::Scan { status, hours: 0 }
}

/// Who the shipments of one test belong to.
pub(crate) struct Shop {
    pub(crate) tag: String,
    digits: u128,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let random = Uuid::new_v4();
        Self {
            tag: random.simple().to_string()[..10].to_uppercase(),
            digits: random.as_u128() % 1_000_000_000,
        }
    }

    pub(crate) fn customer(&self) -> String {
        format!("shop-{}", self.tag)
    }

    pub(crate) fn phone(&self) -> String {
        format!("+49{:09}", self.digits)
    }

    /// As carriers might print it.
    pub(crate) fn number(&self, given: &str) -> String {
        format!("{} {given}", self.tag)
    }

    /// A new shipment to which this happened.
    pub(crate) fn parcel(&self, steps: &[Step]) -> Vec<ShipmentEvent> {
        let mut events = history(ShipmentId::new(Uuid::new_v4()), steps);
        for event in &mut events {
            let (keys, before) = (event.keys.as_mut(), event.keys_before.as_mut());
            keys.into_iter().chain(before).for_each(|keys| self.own_keys(keys));
            match &mut event.body {
                EventBody::ShipmentRegistered(said) => self.own(said),
                EventBody::ShipmentAmended(change) => {
                    change.recipient.iter_mut().for_each(|party| self.own_party(party));
                    change.tracking_number.iter_mut().for_each(|number| *number = self.number(number));
                }
                _ => {}
            }
        }
        events
    }

    fn own(&self, said: &mut Registration) {
        said.customer_id = CustomerId::new(self.customer());
        self.own_party(&mut said.recipient);
        said.tracking_number.iter_mut().for_each(|number| *number = self.number(number));
    }

    fn own_party(&self, party: &mut Party) {
        party.phone.iter_mut().for_each(|phone| *phone = Phone::new(self.phone()));
    }

    fn own_keys(&self, keys: &mut ListKeys) {
        keys.customer_id = CustomerId::new(self.customer());
        keys.recipient_phone.iter_mut().for_each(|phone| *phone = Phone::new(self.phone()));
        keys.tracking_number.iter_mut().for_each(|number| *number = self.number(number));
    }
}

pub(crate) fn id_of(events: &[ShipmentEvent]) -> ShipmentId {
    events[0].shipment_id
}

/// A shipment's address.
pub(crate) fn path_of(events: &[ShipmentEvent]) -> String {
    format!("/api/v1/shipments/{}", id_of(events))
}

pub(crate) fn unknown() -> String {
    format!("/api/v1/shipments/{}", Uuid::new_v4())
}
