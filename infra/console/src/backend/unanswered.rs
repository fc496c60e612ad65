//! Why another service did not answer as a page needs it.

use serde::Deserialize;
use service_registry::Address;

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// No instance of it is up.
    Nowhere { service: &'static str },
    /// The instance there broke off, was late, or takes no connections.
    Silent { service: &'static str, address: Address, late: bool },
    /// It refused, with a problem.
    Refused { service: &'static str, problem: Refusal },
    /// What it answered is not what is expected of it: another version, perhaps.
    Garbled { service: &'static str },
}

/// What a problem document says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldFault>,
    /// At which version it is, where another one was expected.
    pub(crate) version: Option<i64>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct FieldFault {
    pub(crate) pointer: String,
    pub(crate) parameter: String,
    pub(crate) detail: String,
}

impl Unanswered {
    /// Of the body of an answer that is no success.
    pub(crate) fn refused(service: &'static str, status: u16, body: &[u8]) -> Self {
        let mut problem: Refusal = serde_json::from_slice(body).unwrap_or_default();
        problem.status = status;
        Self::Refused { service, problem }
    }

    /// As the metric names it.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Nowhere { .. } => "nowhere",
            Self::Silent { .. } => "silent",
            Self::Refused { .. } => "refused",
            Self::Garbled { .. } => "garbled",
        }
    }

    /// Whether what was asked for does not exist.
    pub(crate) const fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { problem: Refusal { status: 404, .. }, .. })
    }

    /// Whether the same question may be answered a while later.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::Nowhere { .. } | Self::Silent { .. } => true,
            Self::Refused { problem: Refusal { status, .. }, .. } => matches!(status, 429 | 502..=504),
            Self::Garbled { .. } => false,
        }
    }

    /// Whether what was asked to be done may have been done all the same, or may still be when it is asked again as it is.
    pub(crate) const fn may_be_done(&self) -> bool {
        // Refused for what it says, and not for who says it or when.
        !matches!(
            self,
            Self::Refused {
                problem: Refusal { status: 400 | 402 | 404..=407 | 409..=428 | 430..=499, .. },
                ..
            }
        )
    }

    /// What happened, in a sentence.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Nowhere { service } => format!("No instance of the {service} is up, so it can't be asked."),
            Self::Silent { service, address, late: true } => {
                format!("The {service} at {address} did not answer in time.")
            }
            Self::Silent { service, address, late: false } => {
                format!("The {service} at {address} takes no connection, or broke off.")
            }
            Self::Refused { service, problem } => {
                let said = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
                let said = said.trim_end_matches('.');
                if said.is_empty() {
                    format!("The {service} refused, with status {}.", problem.status)
                } else {
                    format!("The {service} says: {said}.")
                }
            }
            Self::Garbled { service } => {
                format!("The {service} answered something that this console doesn't understand.")
            }
        }
    }

    /// What to do about it, in a sentence.
    pub(crate) fn way_out(&self) -> &'static str {
        match self {
            Self::Nowhere { .. } => "Start one, or look at its log.",
            Self::Silent { late: true, .. } => {
                "It may be busy, or wait for Kafka; look at its log if it stays so."
            }
            Self::Silent { late: false, .. } => {
                "It may be restarting: the registry lets go of it within ten seconds."
            }
            Self::Refused { problem: Refusal { status: 401 | 403, .. }, .. } => {
                "Sign in again, with a key or token that may do this."
            }
            Self::Refused { problem: Refusal { status: 503, .. }, .. } => "It says so for a while only.",
            Self::Refused { .. } => "Correct what it names, and try again.",
            Self::Garbled { .. } => {
                "Console and service may be of different versions: upgrade the older one."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_speaks_in_the_services_own_words() {
        let body =
            br#"{"type":"/docs/errors/PT-0002","title":"A field is not valid","status":422,"code":"PT-0002",
            "detail":"must be from 1 to 7","errors":[{"pointer":"/value","detail":"must be from 1 to 7"}]}"#;
        let refused = Unanswered::refused("config-service", 422, body);
        assert_eq!(refused.what(), "The config-service says: must be from 1 to 7.");
        let Unanswered::Refused { problem, .. } = &refused else { panic!("{refused:?}") };
        assert_eq!((problem.code.as_str(), problem.errors[0].pointer.as_str()), ("PT-0002", "/value"));
        let plain = Unanswered::refused("config-service", 502, b"<html>");
        assert_eq!(plain.what(), "The config-service refused, with status 502.");
        assert!(Unanswered::refused("config-service", 404, b"").is_not_found());
    }

    #[test]
    fn what_passes_and_what_may_be_done_is_told_by_the_status() {
        let refused = |status| Unanswered::refused("command-api", status, b"{}");
        let told = |why: Unanswered| (why.may_pass(), why.may_be_done());
        for status in [400, 404, 409, 412, 422] {
            assert_eq!(told(refused(status)), (false, false), "{status}");
        }
        assert_eq!(told(refused(403)), (false, true), "with another role it is the same command");
        for status in [429, 502, 503, 504] {
            assert_eq!(told(refused(status)), (true, true), "{status}");
        }
        assert_eq!(told(Unanswered::Nowhere { service: "command-api" }), (true, true));
        let address = "10.0.0.7:8092".parse().unwrap();
        assert_eq!(told(Unanswered::Silent { service: "command-api", address, late: true }), (true, true));
        assert_eq!(told(Unanswered::Garbled { service: "command-api" }), (false, true));
    }
}
