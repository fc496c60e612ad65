//! How commands and shipments get their ids, so that a retry has the same.

use settings::Secret;
use shipment_events::{CommandId, ShipmentId};
use uuid::Uuid;

use crate::idempotency_key::IdempotencyKey;

/// Who posts, until there is sign-in.
pub(crate) const ANONYMOUS: &str = "anonymous";

/// Under which the namespaces of all installations lie.
const ROOT: Uuid = Uuid::from_u128(0x8d6f_2a4e_5c1b_4f7a_9e03_6b7d_1c52_a890);

/// From which an installation's command ids are derived. Whoever doesn't know its secret can't foresee an id.
#[derive(Clone, Copy)]
pub(crate) struct Namespace(Uuid);

impl Namespace {
    pub(crate) fn of_secret(secret: &Secret) -> Self {
        Self(Uuid::new_v5(&ROOT, secret.expose().as_bytes()))
    }

    /// The command that this principal names by this key, for the shipment named, if one is. The same key for another
    /// shipment is another command: ids of events come from those of commands, and no two may be the same.
    pub(crate) fn command_id(
        &self,
        principal: &str,
        key: &IdempotencyKey,
        shipment: Option<ShipmentId>,
    ) -> CommandId {
        // Principal and key can hold no zero byte, so no two triples give the same name.
        let mut name = [principal.as_bytes(), &[0], key.as_str().as_bytes()].concat();
        if let Some(shipment) = shipment {
            name.push(0);
            name.extend(shipment.as_uuid().as_bytes());
        }
        CommandId::new(Uuid::new_v5(&self.0, &name))
    }
}

/// The id of a shipment whose registration names none: the same command always registers the same shipment.
pub(crate) fn shipment_of(command: CommandId) -> ShipmentId {
    ShipmentId::new(Uuid::new_v5(&command.as_uuid(), b"shipment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text).unwrap()
    }

    #[test]
    fn ids_stay_what_they_are() {
        let namespace = Namespace::of_secret(&Secret::from("sixteen characters"));
        let command = namespace.command_id(ANONYMOUS, &key("order-17"), None);
        // Ids derived yesterday must be derived again tomorrow, or retries make new commands.
        assert_eq!(command.to_string(), "2e61f9d0-7e7e-5e30-ba01-c96cfe54ab9b");
        assert_eq!(shipment_of(command).to_string(), "fe68fd81-4a5e-5d0f-909a-53316d80650a");
    }

    #[test]
    fn another_key_principal_secret_or_shipment_is_another_command() {
        let (one, other) =
            (Namespace::of_secret(&Secret::from("one")), Namespace::of_secret(&Secret::from("other")));
        let ids = [
            one.command_id(ANONYMOUS, &key("a"), None),
            one.command_id(ANONYMOUS, &key("b"), None),
            one.command_id("shop", &key("a"), None),
            other.command_id(ANONYMOUS, &key("a"), None),
            one.command_id(ANONYMOUS, &key("a"), Some(ShipmentId::new(Uuid::from_u128(1)))),
            one.command_id(ANONYMOUS, &key("a"), Some(ShipmentId::new(Uuid::from_u128(2)))),
        ];
        for (n, id) in ids.iter().enumerate() {
            assert!(!ids[..n].contains(id));
        }
    }
}
