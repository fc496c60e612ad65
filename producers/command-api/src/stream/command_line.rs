//! A line, and the command it becomes.

use auth::Principal;
use http_api::{FieldError, Problem, codes, from_json};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use shipment_domain::ShipmentCommand;
use shipment_events::{EventId, ShipmentId};
use uuid::Uuid;

use crate::app::App;
use crate::body::{AmendBody, Moment, ReasonBody, RegisterBody, ScanBody, Wanted};
use crate::idempotency_key::{FORM, IdempotencyKey};
use crate::terms::as_sequence;

/// The command's type. A line is read twice: first for this alone, then as the command that it names, so that faults are
/// found at their place.
#[derive(Deserialize)]
struct TypeOnly {
    r#type: Type,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
enum Type {
    RegisterShipment,
    AmendShipment,
    RecordScan,
    RetractScan,
    CancelShipment,
    ArchiveShipment,
}

/// One command with the body of its endpoint.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandLine<B> {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    idempotency_key: Option<String>,
    shipment_id: Option<Uuid>,
    scan_event_id: Option<Uuid>,
    expected_version: Option<u64>,
    issued_at: Option<Moment>,
    actor: Option<String>,
    body: Option<B>,
}

/// A line that was read.
pub(super) struct Read {
    /// Its key: its own, one of the stream's, or a new one.
    pub(super) key: IdempotencyKey,
    /// Its command.
    pub(super) command: ShipmentCommand,
}

/// Reads a line. `fallback` is the key of a line that names none.
pub(super) fn read(
    app: &App,
    principal: &Principal,
    line: &[u8],
    fallback: IdempotencyKey,
) -> Result<Read, Problem> {
    let TypeOnly { r#type } = from_json(line)?;
    match r#type {
        Type::RegisterShipment => {
            of::<RegisterBody>(app, principal, line, fallback, r#type, |body, _| Ok(required(body)?.wanted()))
        }
        Type::AmendShipment => {
            of::<AmendBody>(app, principal, line, fallback, r#type, |body, _| Ok(required(body)?.wanted()))
        }
        Type::RecordScan => {
            of::<ScanBody>(app, principal, line, fallback, r#type, |body, _| Ok(required(body)?.wanted()))
        }
        Type::RetractScan => of::<ReasonBody>(app, principal, line, fallback, r#type, |body, scan| {
            let scan = scan.ok_or_else(|| Problem::invalid_field("", "missing field `scan_event_id`"))?;
            Ok(body.unwrap_or_default().retraction(EventId::new(scan)))
        }),
        Type::CancelShipment => of::<ReasonBody>(app, principal, line, fallback, r#type, |body, _| {
            Ok(body.unwrap_or_default().cancellation())
        }),
        Type::ArchiveShipment => of::<ReasonBody>(app, principal, line, fallback, r#type, |body, _| {
            Ok(body.unwrap_or_default().archival())
        }),
    }
}

fn of<B: DeserializeOwned>(
    app: &App,
    principal: &Principal,
    line: &[u8],
    fallback: IdempotencyKey,
    r#type: Type,
    wanted: impl FnOnce(Option<B>, Option<Uuid>) -> Result<Wanted, Problem>,
) -> Result<Read, Problem> {
    let line: CommandLine<B> = from_json(line)?;
    if r#type != Type::RetractScan && line.scan_event_id.is_some() {
        return Err(Problem::invalid_field("/scan_event_id", "only RetractScan has one"));
    }
    if r#type != Type::RegisterShipment && line.shipment_id.is_none() {
        return Err(Problem::invalid_field("", "missing field `shipment_id`"));
    }
    let key = match line.idempotency_key {
        None => fallback,
        Some(text) => {
            IdempotencyKey::parse(&text).ok_or_else(|| Problem::invalid_field("/idempotency_key", FORM))?
        }
    };
    let mut wanted = wanted(line.body, line.scan_event_id)?;
    said_once(&wanted)?;
    wanted.issued_at = line.issued_at.map(|Moment(at)| at);
    wanted.actor = line.actor;
    let command = app.command(
        principal,
        &key,
        line.shipment_id.map(ShipmentId::new),
        line.expected_version.map(as_sequence),
        wanted,
    );
    Ok(Read { key, command })
}

fn required<B>(body: Option<B>) -> Result<B, Problem> {
    body.ok_or_else(|| Problem::invalid_field("", "missing field `body`"))
}

/// What a line says of itself is said on the line: in its body as well, one of the two would be lost.
fn said_once(wanted: &Wanted) -> Result<(), Problem> {
    let said = [
        ("shipment_id", wanted.shipment_id.is_some()),
        ("issued_at", wanted.issued_at.is_some()),
        ("actor", wanted.actor.is_some()),
    ];
    let problem = |detail: &str| Problem::http(codes::INVALID_FIELD).detail(detail.to_owned());
    let misplaced = said.into_iter().filter(|(_, there)| *there).map(|(name, _)| {
        FieldError::at_pointer(
            format!("/body/{name}"),
            format!("belongs beside `body`, as `{name}` of the line"),
        )
    });
    let mut misplaced = misplaced.peekable();
    match misplaced.peek() {
        None => Ok(()),
        Some(_) => {
            Err(misplaced.fold(problem("a field stands in the body that belongs beside it"), Problem::error))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use settings::{Secret, Settings};
    use shipment_domain::CommandBody;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::link::Link;

    const SHIPMENT: &str = "8b5e6c1e-0b1d-4d0a-9c53-0123456789ab";
    const EVENT: &str = "11111111-0b1d-4d0a-9c53-0123456789ab";

    fn read(line: &Value) -> Result<Read, Value> {
        let secret = Secret::from("sixteen characters");
        let app = App::new(&Settings::default(), &secret, Link::default(), CancellationToken::new());
        let fallback = IdempotencyKey::parse("upload:7").unwrap();
        super::read(&app, &Principal::unchecked(), line.to_string().as_bytes(), fallback)
            .map_err(|problem| problem.to_json())
    }

    fn registration() -> Value {
        json!({"customer_id": "s", "sender": {"name": "S"}, "recipient": {"name": "A"},
               "destination": {"country": "DE"}, "weight_grams": 1})
    }

    fn scan() -> Value {
        json!({"time": "2026-11-24T09:30:00+01:00", "status": "in_transit", "carrier": "dhl"})
    }

    #[test]
    fn each_type_has_the_body_of_its_endpoint() {
        for (line, type_name) in [
            (json!({"type": "RegisterShipment", "body": registration()}), "RegisterShipment"),
            (
                json!({"type": "AmendShipment", "shipment_id": SHIPMENT, "body": {"weight_grams": 2}}),
                "AmendShipment",
            ),
            (json!({"type": "RecordScan", "shipment_id": SHIPMENT, "body": scan()}), "RecordScan"),
            (json!({"type": "RetractScan", "shipment_id": SHIPMENT, "scan_event_id": EVENT}), "RetractScan"),
            (
                json!({"type": "CancelShipment", "shipment_id": SHIPMENT, "body": {"reason": "r"}}),
                "CancelShipment",
            ),
            (json!({"type": "ArchiveShipment", "shipment_id": SHIPMENT, "body": null}), "ArchiveShipment"),
        ] {
            let Ok(Read { key, command }) = read(&line) else { panic!("{line}") };
            assert_eq!(command.body.type_name(), type_name);
            assert!(CommandBody::TYPE_NAMES.contains(&type_name), "{type_name}");
            assert_eq!(key.as_str(), "upload:7");
            if type_name != "RegisterShipment" {
                assert_eq!(command.shipment_id.to_string(), SHIPMENT);
            }
        }
    }

    #[test]
    fn what_stands_beside_the_body_arrives() {
        let line = json!({
            "type": "RetractScan", "idempotency_key": "k-1", "shipment_id": SHIPMENT, "scan_event_id": EVENT,
            "expected_version": 7, "issued_at": "2026-11-24T09:30:00+01:00", "actor": "clerk-3", "body": {"reason": "wrong"}
        });
        let Read { key, command } = read(&line).ok().unwrap();
        assert_eq!(key.as_str(), "k-1");
        assert_eq!(command.expected_version.unwrap().get(), 7);
        assert_eq!(command.issued_at.to_string(), "2026-11-24T08:30:00.000Z");
        assert_eq!(command.actor.as_deref(), Some("clerk-3"));
        let CommandBody::RetractScan(body) = command.body else { panic!("another command") };
        assert_eq!((body.scan_event_id.to_string().as_str(), body.reason.as_deref()), (EVENT, Some("wrong")));
    }

    #[test]
    fn the_same_key_names_the_same_command_and_shipment() {
        let line = |key: &str| {
            let line = json!({"type": "RegisterShipment", "idempotency_key": key, "body": registration()});
            let command = read(&line).ok().unwrap().command;
            (command.command_id, command.shipment_id)
        };
        assert_eq!(line("a"), line("a"));
        assert_ne!(line("a").0, line("b").0);
        assert_ne!(line("a").1, line("b").1);
    }

    #[test]
    fn faults_are_pointed_at() {
        let mut misspelt = json!({"type": "RegisterShipment", "body": registration()});
        misspelt["body"]["recipient"]["nmae"] = json!("A");
        for (line, pointer, detail) in [
            (misspelt, "/body/recipient/nmae", "unknown field `nmae`"),
            (json!({"type": "Register", "body": registration()}), "/type", "unknown variant `Register`"),
            (json!({"body": registration()}), "", "missing field `type`"),
            (json!({"type": "RegisterShipment"}), "", "missing field `body`"),
            (json!({"type": "CancelShipment"}), "", "missing field `shipment_id`"),
            (json!({"type": "CancelShipment", "shipment_id": "7"}), "/shipment_id", "UUID parsing failed"),
            (json!({"type": "RetractScan", "shipment_id": SHIPMENT}), "", "missing field `scan_event_id`"),
            (
                json!({"type": "CancelShipment", "shipment_id": SHIPMENT, "scan_event_id": EVENT}),
                "/scan_event_id",
                "only RetractScan",
            ),
            (
                json!({"type": "CancelShipment", "shipment_id": SHIPMENT, "expected_version": -1}),
                "/expected_version",
                "invalid value",
            ),
            (
                json!({"type": "CancelShipment", "shipment_id": SHIPMENT, "idempotency_key": "a b"}),
                "/idempotency_key",
                "visible ASCII",
            ),
            (
                json!({"type": "CancelShipment", "shipment_id": SHIPMENT, "reason": "r"}),
                "/reason",
                "unknown field",
            ),
            (
                json!({"type": "CancelShipment", "shipment_id": SHIPMENT, "body": {"actor": "a"}}),
                "/body/actor",
                "belongs beside `body`",
            ),
        ] {
            let problem = read(&line).err().unwrap();
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{line} {problem}");
            assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(detail), "{line} {problem}");
        }
        assert_eq!(read(&json!([1])).err().unwrap()["status"], 400);
    }
}
