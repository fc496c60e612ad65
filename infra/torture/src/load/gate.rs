//! The two ways in: over HTTP through the gateway or any of the command APIs, and straight to the commands topic.

use std::sync::Arc;
use std::time::Duration;

use command_client::{CommandClient, Error as ClientError};
use reqwest::StatusCode;
use serde_json::Value;
use shipment_events::{CommandId, CommandReply, Outcome, ShipmentId};
use telemetry::TraceContext;
use uuid::Uuid;

use super::Wanted;
use crate::ledger::{Answer, Told};

/// Longer than an API's own deadline, so that most of what it has to say is heard.
const HTTP_PATIENCE: Duration = Duration::from_secs(9);
/// How long a reply is waited for before the command is sent again.
const REPLY_PATIENCE: Duration = Duration::from_secs(6);

/// A way in. Cheap to clone.
#[derive(Clone)]
pub enum Gate {
    /// Over HTTP.
    Http(Arc<HttpGate>),
    /// Straight to Kafka.
    Kafka(Arc<KafkaGate>),
}

impl Gate {
    /// The door that this try goes through: each try another, where there are several.
    pub fn door(&self, n: usize) -> String {
        match self {
            Self::Http(gate) => gate.apis[n % gate.apis.len()].0.clone(),
            Self::Kafka(_) => "kafka".to_owned(),
        }
    }

    /// Asks for something under a key, and hears what is said, if anything is.
    pub async fn ask(&self, n: usize, key: Uuid, wanted: &Wanted) -> (Answer, Told) {
        match self {
            Self::Http(gate) => gate.ask(n, key, wanted).await,
            Self::Kafka(gate) => gate.ask(key, wanted).await,
        }
    }

    /// The command's id, where the sender gives it.
    pub fn names(&self, key: Uuid) -> Option<CommandId> {
        matches!(self, Self::Kafka(_)).then(|| CommandId::new(key))
    }
}

/// The gateway and the command APIs.
pub struct HttpGate {
    http: reqwest::Client,
    apis: Vec<(String, u16)>,
}

impl HttpGate {
    /// Those, by name and port.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(apis: Vec<(String, u16)>) -> reqwest::Result<Self> {
        Ok(Self { http: reqwest::Client::builder().timeout(HTTP_PATIENCE).build()?, apis })
    }

    async fn ask(&self, n: usize, key: Uuid, wanted: &Wanted) -> (Answer, Told) {
        let (method, path, body) = wanted.request();
        let port = self.apis[n % self.apis.len()].1;
        let mut request = self
            .http
            .request(method, format!("http://127.0.0.1:{port}{path}"))
            .header("idempotency-key", key.to_string())
            .json(&body);
        if let Some(version) = wanted.expected_version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let Ok(response) = request.send().await else { return (Answer::Lost, Told::default()) };
        let status = response.status();
        // An answer of which only the head arrived tells nothing for certain.
        let Ok(json) = response.json::<Value>().await else { return (Answer::Lost, Told::default()) };
        (answer(status, &json), told(&json))
    }
}

fn answer(status: StatusCode, json: &Value) -> Answer {
    let version = json["version"].as_i64();
    match (status, version) {
        (StatusCode::OK | StatusCode::CREATED, Some(version)) => {
            Answer::Accepted { version, events: json["events"].as_i64().unwrap_or(0) as i32 }
        }
        (StatusCode::ACCEPTED, _) => Answer::Taken,
        (StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, _) => Answer::Unavailable,
        // The gateway knows no more: what was asked for may have happened.
        (StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT, _) => Answer::Lost,
        _ => match json["code"].as_str() {
            // The rules of the domain; the others are about the request itself.
            Some(code) if status.is_client_error() && code.starts_with("PT-1") => {
                Answer::Rejected { code: code.to_owned(), version }
            }
            _ => Answer::Broken { text: format!("{status}: {json}") },
        },
    }
}

fn told(json: &Value) -> Told {
    let id = |name: &str| json[name].as_str().and_then(|id| id.parse::<Uuid>().ok());
    Told {
        command_id: id("command_id").map(CommandId::new),
        shipment_id: id("shipment_id").map(ShipmentId::new),
    }
}

/// The commands topic.
pub struct KafkaGate {
    client: CommandClient,
}

impl KafkaGate {
    /// Through this client.
    pub fn new(client: CommandClient) -> Self {
        Self { client }
    }

    async fn ask(&self, key: Uuid, wanted: &Wanted) -> (Answer, Told) {
        let command_id = CommandId::new(key);
        let shipment_id = wanted.shipment_id.unwrap_or_else(|| ShipmentId::new(key));
        let told = Told { command_id: Some(command_id), shipment_id: Some(shipment_id) };
        let command = wanted.command(command_id, shipment_id);
        let mut pending = match self.client.send(&command, &TraceContext::start()) {
            Ok(pending) => pending,
            Err(error) if error.is_unsent() => return (Answer::Unavailable, told),
            Err(error) => return (Answer::Broken { text: error.to_string() }, told),
        };
        let heard = match pending.reply(REPLY_PATIENCE).await {
            Ok(reply) => of_reply(&reply),
            Err(ClientError::NoReply { .. } | ClientError::NotAcknowledged { .. }) => Answer::Lost,
            Err(error) => Answer::Broken { text: error.to_string() },
        };
        (heard, told)
    }
}

/// A reply as an answer.
pub fn of_reply(reply: &CommandReply) -> Answer {
    match &reply.outcome {
        Outcome::Accepted(accepted) => {
            Answer::Accepted { version: accepted.version.get(), events: accepted.events }
        }
        Outcome::Rejected(rejected) => {
            Answer::Rejected { code: rejected.code.clone(), version: Some(rejected.version.get()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_what_they_say() {
        let of = |status: u16, json: Value| answer(StatusCode::from_u16(status).unwrap(), &json);
        assert_eq!(of(201, json!({"version": 3, "events": 1})), Answer::Accepted { version: 3, events: 1 });
        assert_eq!(of(202, json!({})), Answer::Taken);
        assert_eq!(of(503, json!({"code": "PT-0009"})), Answer::Unavailable);
        let conflict = Answer::Rejected { code: "PT-1003".to_owned(), version: Some(7) };
        assert_eq!(of(412, json!({"code": "PT-1003", "version": 7})), conflict);
        for (status, json) in [(500, json!({})), (400, json!({"code": "PT-0002"})), (200, json!({}))] {
            assert!(matches!(of(status, json), Answer::Broken { .. }), "{status}");
        }
    }
}
