//! How commands and shipments get their ids, so that a retry has the same.

use settings::Secret;
use shipment_events::{CommandId, ShipmentId};
use uuid::Uuid;

use crate::idempotency_key::IdempotencyKey;

/// Under which the namespaces of all installations lie.
const ROOT: Uuid = Uuid::from_u128(0x8d6f_2a4e_5c1b_4f7a_9e03_6b7d_1c52_a890);

/// From which an installation's command ids are derived. Whoever doesn't know its secret can't foresee an id.
#[derive(Clone, Copy)]
pub(crate) struct Namespace(Uuid);

impl Namespace {
    pub(crate) fn of_secret(secret: &Secret) -> Self {
        Self(Uuid::new_v5(&ROOT, secret.expose().as_bytes()))
    }

    /// What this principal names by this key.
    pub(crate) fn named(&self, principal: &str, key: &IdempotencyKey) -> Named {
        // Neither part can hold a zero byte, so no two pairs give the same name.
        let name = [principal.as_bytes(), &[0], key.as_str().as_bytes()].concat();
        Named(Uuid::new_v5(&self.0, &name))
    }
}

/// From which the ids of whatever a principal names by one key are derived.
#[derive(Clone, Copy)]
pub(crate) struct Named(Uuid);

impl Named {
    /// The shipment of a registration that names none: the same key always registers the same one.
    pub(crate) fn shipment(self) -> ShipmentId {
        ShipmentId::new(Uuid::new_v5(&self.0, b"shipment"))
    }

    /// The command for this shipment. For another one it is another command: ids of events come from those of commands, and
    /// no two may be the same.
    pub(crate) fn command(self, shipment: ShipmentId) -> CommandId {
        CommandId::new(Uuid::new_v5(&self.0, shipment.as_uuid().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANONYMOUS: &str = "anonymous";

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text).unwrap()
    }

    #[test]
    fn ids_stay_what_they_are() {
        let named =
            Namespace::of_secret(&Secret::from("sixteen characters")).named(ANONYMOUS, &key("order-17"));
        // Ids derived yesterday must be derived again tomorrow, or retries make new commands.
        assert_eq!(named.shipment().to_string(), "fe68fd81-4a5e-5d0f-909a-53316d80650a");
        assert_eq!(named.command(named.shipment()).to_string(), "0d4b1e51-f52c-5ead-836c-7b62011f6f94");
    }

    #[test]
    fn another_key_principal_secret_or_shipment_is_another_command() {
        let (one, other) =
            (Namespace::of_secret(&Secret::from("one")), Namespace::of_secret(&Secret::from("other")));
        let shipment = |n| ShipmentId::new(Uuid::from_u128(n));
        let ids = [
            one.named(ANONYMOUS, &key("a")).command(shipment(1)),
            one.named(ANONYMOUS, &key("b")).command(shipment(1)),
            one.named("shop", &key("a")).command(shipment(1)),
            other.named(ANONYMOUS, &key("a")).command(shipment(1)),
            one.named(ANONYMOUS, &key("a")).command(shipment(2)),
        ];
        for (n, id) in ids.iter().enumerate() {
            assert!(!ids[..n].contains(id));
        }
    }
}
