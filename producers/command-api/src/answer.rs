//! An outcome as the sender reads it.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_api::{EntityTag, Prefer, Problem};
use serde::Serialize;
use shipment_events::{Accepted, EventId, Outcome};
use telemetry::TraceContext;

use crate::app::App;
use crate::exchange::{Became, What};
use crate::idempotency_key::IdempotencyKey;
use crate::refusal::{self, Within};

/// Says that the answer is that of an earlier request: this one changed nothing.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The answer to a command that was accepted, or will be decided.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Body,
    pub(crate) location: Option<String>,
    replayed: bool,
}

/// The members of an answer.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Body {
    /// It was done.
    Done(Done),
    /// It will be decided.
    Taken { command_id: String, shipment_id: String },
}

/// What a command that was done led to.
#[derive(Serialize)]
pub(crate) struct Done {
    command_id: String,
    shipment_id: String,
    version: i64,
    partition: i32,
    events: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    status_url: String,
}

impl Answer {
    /// The answer, or the problem that tells which rule refused.
    pub(crate) fn of(app: &App, what: &What, became: &Became, within: Within) -> Result<Self, Problem> {
        match became {
            Became::Undecided => Ok(Self::taken(app, what)),
            Became::Decided(reply) => match &reply.outcome {
                Outcome::Accepted(accepted) => Ok(Self::done(app, what, accepted)),
                Outcome::Rejected(rejected) => Err(refusal::problem(rejected, what, within)),
            },
        }
    }

    fn taken(app: &App, what: &What) -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            body: Body::Taken {
                command_id: what.command_id.to_string(),
                shipment_id: what.shipment_id.to_string(),
            },
            location: Some(app.query_url(format_args!("commands/{}", what.command_id))),
            replayed: false,
        }
    }

    /// A request that is repeated is answered as it was the first time. A scan that is known already may have come by
    /// another command, which the reply doesn't name, so it is answered as known.
    fn done(app: &App, what: &What, accepted: &Accepted) -> Self {
        let replayed = accepted.events == 0;
        let made_events = !(what.is_scan && replayed);
        let created = what.is_registration || (what.is_scan && made_events);
        let shipment = app.query_url(format_args!("shipments/{}", what.shipment_id));
        Self {
            status: if created { StatusCode::CREATED } else { StatusCode::OK },
            location: created
                .then(|| if what.is_scan { format!("{shipment}/history") } else { shipment.clone() }),
            replayed,
            body: Body::Done(Done {
                command_id: what.command_id.to_string(),
                shipment_id: what.shipment_id.to_string(),
                version: accepted.version.get(),
                partition: accepted.partition,
                events: if made_events { accepted.events.max(1) } else { 0 },
                event_id: made_events.then(|| EventId::of_command(what.command_id, 0).to_string()),
                status_url: format!("{shipment}?min_version={}", accepted.version),
            }),
        }
    }

    /// As a whole response.
    pub(crate) fn into_response(self, prefer: &Prefer) -> Response {
        let version = match &self.body {
            Body::Done(done) => Some(u64::try_from(done.version).unwrap_or(0)),
            Body::Taken { .. } => None,
        };
        // A reply that came at once wasn't asynchronous, whatever was preferred.
        let applied =
            (self.status == StatusCode::ACCEPTED || !prefer.respond_async).then(|| prefer.applied());
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.extend(version.map(|version| (header::ETAG, EntityTag::of_version(version).header())));
        let location = self.location.and_then(|location| HeaderValue::from_str(&location).ok());
        headers.extend(location.map(|location| (header::LOCATION, location)));
        headers.extend(applied.flatten().map(|applied| (Prefer::APPLIED, applied)));
        headers.extend(self.replayed.then(|| (REPLAYED, HeaderValue::from_static("true"))));
        response
    }
}

/// Adds what every answer to a command carries: its key, and where it stands in its trace.
pub(crate) fn named(
    answer: Result<Response, Problem>,
    key: &IdempotencyKey,
    trace: &TraceContext,
) -> Result<Response, Problem> {
    let traceparent = HeaderName::from_static(TraceContext::HEADER);
    let place = HeaderValue::from_str(&trace.to_string()).unwrap_or(HeaderValue::from_static(""));
    match answer {
        Ok(mut response) => {
            response.headers_mut().insert(IdempotencyKey::HEADER, key.header());
            response.headers_mut().insert(traceparent, place);
            Ok(response)
        }
        Err(problem) => Err(problem.header(IdempotencyKey::HEADER, key.header()).header(traceparent, place)),
    }
}
