//! The line that tells of a line.

use http_api::Problem;
use serde::Serialize;
use serde_json::Value;

use crate::answer::{Answer, Body};
use crate::idempotency_key::IdempotencyKey;
use crate::metrics;

/// What became of one line.
#[derive(Serialize)]
pub(super) struct OutcomeLine {
    line: u64,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Answer(Body),
    Problem { problem: Value },
}

impl OutcomeLine {
    pub(super) fn of(line: u64, key: Option<&IdempotencyKey>, answer: Result<Answer, Problem>) -> Self {
        let idempotency_key = key.map(|key| key.as_str().to_owned());
        match answer {
            Ok(Answer { status, body, location, .. }) => {
                let outcome = Outcome::Answer(body);
                Self { line, status: status.as_u16(), idempotency_key, location, outcome }
            }
            Err(problem) => {
                let outcome = Outcome::Problem { problem: problem.to_json() };
                Self { line, status: problem.status().as_u16(), idempotency_key, location: None, outcome }
            }
        }
    }

    /// Appends it, with its end.
    pub(super) fn write(&self, buffer: &mut Vec<u8>) {
        let status = axum::http::StatusCode::from_u16(self.status).unwrap_or_default();
        metrics::STREAM_LINES.with_label_values(&[status.as_str()]).inc();
        let begin = buffer.len();
        if serde_json::to_writer(&mut *buffer, self).is_err() {
            // Nothing in it can fail to be written; half a line would spoil the next.
            buffer.truncate(begin);
            return;
        }
        buffer.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use http_api::codes;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_is_a_member() {
        let key = IdempotencyKey::parse("k-1").unwrap();
        let line =
            OutcomeLine::of(7, Some(&key), Err(Problem::http(codes::BODY_TOO_LARGE).detail("too long")));
        let mut written = b"before\n".to_vec();
        line.write(&mut written);
        let text = String::from_utf8(written).unwrap();
        let line: Value = serde_json::from_str(text.strip_prefix("before\n").unwrap().trim_end()).unwrap();
        assert_eq!(
            (&line["line"], &line["status"], &line["idempotency_key"]),
            (&json!(7), &json!(413), &json!("k-1"))
        );
        assert_eq!(line["problem"]["code"], codes::BODY_TOO_LARGE);
        assert_eq!(line["problem"]["detail"], "too long");
        assert!(text.ends_with("}\n"));
    }
}
