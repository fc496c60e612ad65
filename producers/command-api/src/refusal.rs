//! A rule's refusal as a problem.

use axum::http::{StatusCode, header};
use http_api::{EntityTag, ErrorDoc, FieldError, Problem};
use shipment_domain::Rule;
use shipment_events::Rejected;

use crate::exchange::What;

/// Where in the JSON the command's body lies: the whole of a request's body, a member of a stream's line.
#[derive(Clone, Copy)]
pub(crate) enum Within {
    /// A request, whose body is the command's.
    Request,
    /// A line of a stream.
    Line,
}

/// The problem that tells of a refusal.
pub(crate) fn problem(rejected: &Rejected, what: &What, within: Within) -> Problem {
    let problem = match Rule::from_code(&rejected.code) {
        Some(rule) => Problem::new(status(rule), rule.code(), rule.title()),
        // A newer handler may have rules that this API doesn't know.
        None => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            rejected.code.clone(),
            "A rule refused the command",
        ),
    };
    let mut problem = problem
        .detail(rejected.text.clone())
        .member("command_id", what.command_id.to_string())
        .member("shipment_id", what.shipment_id.to_string());
    let conflicting = matches!(problem.status(), StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED);
    if conflicting {
        problem = problem.member("version", rejected.version.get());
    }
    if problem.status() == StatusCode::PRECONDITION_FAILED {
        let version = u64::try_from(rejected.version.get()).unwrap_or(0);
        problem = problem.header(header::ETAG, EntityTag::of_version(version).header());
    }
    for error in
        what.faults.iter().filter(|faults| faults.text == rejected.text).flat_map(|faults| &faults.errors)
    {
        problem = problem.error(located(error, within));
    }
    problem
}

/// The pages of the domain's rules.
pub fn error_docs() -> impl Iterator<Item = ErrorDoc> {
    Rule::ALL.into_iter().map(|rule| ErrorDoc {
        code: rule.code(),
        status: rule.http_status(),
        title: rule.title(),
        meaning: rule.meaning(),
        remedy: rule.way_out(),
    })
}

fn status(rule: Rule) -> StatusCode {
    StatusCode::from_u16(rule.http_status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
}

fn located(error: &FieldError, within: Within) -> FieldError {
    let path = error.pointer.as_deref().unwrap_or_default();
    let pointer = match within {
        // Time of issue and actor belong to the line itself.
        Within::Line if !matches!(path, "/issued_at" | "/actor") => format!("/body{path}"),
        Within::Request | Within::Line => path.to_owned(),
    };
    FieldError::at_pointer(pointer, error.detail.clone())
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde_json::json;
    use shipment_events::{CommandId, Sequence, ShipmentId};
    use uuid::Uuid;

    use super::*;
    use crate::exchange::Faults;

    fn what(faults: Option<Faults>) -> What {
        What {
            command_id: CommandId::new(Uuid::from_u128(1)),
            shipment_id: ShipmentId::new(Uuid::from_u128(2)),
            type_name: "AmendShipment",
            is_registration: false,
            is_scan: false,
            faults,
        }
    }

    fn rejected(code: &str) -> Rejected {
        Rejected { code: code.to_owned(), text: "the words".to_owned(), version: Sequence::new(8) }
    }

    #[test]
    fn every_rule_has_its_status_and_title() {
        for rule in Rule::ALL {
            let problem = problem(&rejected(rule.code()), &what(None), Within::Request);
            assert_eq!((problem.status().as_u16(), problem.code()), (rule.http_status(), rule.code()));
            assert_eq!(problem.to_json()["title"], rule.title());
            assert_eq!(problem.to_json()["detail"], "the words");
            assert_eq!(problem.to_json()["command_id"], Uuid::from_u128(1).to_string());
        }
        assert_eq!(problem(&rejected("PT-1999"), &what(None), Within::Request).status().as_u16(), 422);
    }

    #[test]
    fn a_conflict_tells_the_version_now() {
        let problem = problem(&rejected("PT-1003"), &what(None), Within::Request);
        assert_eq!(problem.to_json()["version"], 8);
        assert_eq!(problem.into_response().headers()[header::ETAG], "\"8\"");
    }

    #[test]
    fn fields_are_pointed_at_where_the_sender_wrote_them() {
        let faults = || Faults {
            text: "the words".to_owned(),
            errors: vec![
                FieldError::at_pointer("/recipient/phone", "no"),
                FieldError::at_pointer("/actor", "no"),
            ],
        };
        let pointers = |within| {
            let json = problem(&rejected("PT-1005"), &what(Some(faults())), within).to_json();
            json["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| error["pointer"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(pointers(Within::Request), [json!("/recipient/phone"), json!("/actor")]);
        assert_eq!(pointers(Within::Line), [json!("/body/recipient/phone"), json!("/actor")]);
        let others = Faults { text: "other words".to_owned(), ..faults() };
        assert!(
            problem(&rejected("PT-1005"), &what(Some(others)), Within::Line).to_json()["errors"].is_null()
        );
    }
}
