//! A letter whole.

use std::fmt::Write as _;
use std::sync::Arc;

use event_codec::{Contract, contract};
use event_log::Received;
use serde::Serialize;
use serde_json::Value;
use shipment_events::ShipmentEvent;
use tokio_util::sync::CancellationToken;

use super::DeadLetter;
use crate::{Error, Projector};

/// A letter with its headers, and on request with its payload.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Shown {
    /// What it says about itself.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// Every header, in order. Values that aren't text are shown in hex.
    pub headers: Vec<(String, String)>,
    /// The payload as JSON, if it was asked for and can be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded: Option<Value>,
    /// The payload in hex, if it was asked for and can't be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
}

impl Shown {
    pub(super) async fn of(
        projector: &Projector,
        letter: DeadLetter,
        record: &Received,
        payload: bool,
        cancel: &CancellationToken,
    ) -> Result<Self, Error> {
        let text = |value: &[u8]| std::str::from_utf8(value).map_or_else(|_| hex(value), str::to_owned);
        let headers = record.headers.iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
        let decoded = if payload { decode(projector, &letter, record, cancel).await? } else { None };
        let undecoded = payload && decoded.is_none();
        let hex = undecoded.then(|| record.value.as_deref().map(hex).unwrap_or_default());
        Ok(Self { letter, headers, decoded, hex })
    }
}

async fn decode(
    projector: &Projector,
    letter: &DeadLetter,
    record: &Received,
    cancel: &CancellationToken,
) -> Result<Option<Value>, Error> {
    let topics = &projector.topics;
    let topic = letter.source.topic.as_str();
    if topic == &*topics.events {
        let decoder = projector.intake.decoder::<ShipmentEvent>(&contract::event());
        let event = projector.intake.decode(&decoder, record, cancel).await?.ok();
        return Ok(event.and_then(|event| serde_json::to_value(event).ok()));
    }
    let of: Option<Arc<Contract>> = if topic == &*topics.commands {
        Some(contract::command())
    } else if topic == &*topics.replies {
        Some(contract::reply())
    } else {
        None
    };
    let Some(contract) = of else { return Ok(None) };
    // The command's own type belongs to the producers; as plain values it can be read without them.
    let decoder = projector.intake.decoder::<Value>(&contract);
    Ok(projector.intake.decode(&decoder, record, cancel).await?.ok())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
