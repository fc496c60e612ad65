//! `GET /api/v1/commands/{command_id}`: what became of a command.

use std::sync::Arc;

use auth::Principal;
use axum::Json;
use axum::extract::State;
use http_api::{PathParams, Problem};
use serde::Serialize;
use shipment_events::{CommandId, CommandReply, Outcome};

use super::not_found;
use crate::state::Api;

/// How commands for a shipment that isn't there are refused, for the sender or at all.
const NO_SUCH_SHIPMENT: &str = "PT-1001";

#[derive(Serialize)]
pub(super) struct Answer {
    command_id: String,
    shipment_id: String,
    decided_at: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    principal: Principal,
    PathParams(id): PathParams<CommandId>,
) -> Result<Json<Answer>, Problem> {
    let reply = api.views.outcome(id).await?;
    let unknown = || {
        not_found("no outcome of this command is known: it may not be decided yet, or seven days have passed")
    };
    let reply = reply.ok_or_else(unknown)?;
    if !api.is_somebody_elses(&principal, reply.shipment_id).await? {
        return Ok(Json(reply.into()));
    }
    // Who was told that there is no such shipment may be told again.
    let answer = Answer { version: None, ..reply.into() };
    if answer.code.as_deref() == Some(NO_SUCH_SHIPMENT) { Ok(Json(answer)) } else { Err(unknown()) }
}

impl From<CommandReply> for Answer {
    fn from(reply: CommandReply) -> Self {
        let (outcome, version, code, text) = match reply.outcome {
            Outcome::Accepted(accepted) => ("accepted", accepted.version, None, None),
            Outcome::Rejected(rejected) => {
                ("rejected", rejected.version, Some(rejected.code), Some(rejected.text))
            }
        };
        Self {
            command_id: reply.command_id.to_string(),
            shipment_id: reply.shipment_id.to_string(),
            decided_at: reply.decided_at.to_string(),
            outcome,
            version: Some(version.get()),
            code,
            text,
        }
    }
}
