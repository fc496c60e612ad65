//! The checks: pure, from what a run left behind to what is wrong with it.
//!
//! | file | what must hold |
//! |---|---|
//! | `answers` | each accepted command has exactly one event, at the version answered; a repeated key got the first answer; what a version conflict refused has no event |
//! | `order` | events lie in an order that the answers allow; for one expected version there is one winner |
//! | `histories` | sequences without gap or repeat, no command twice, no event of a command that nobody sent |
//! | `snapshots` | each snapshot equals the fold of the events up to it, and the last one of all of them |
//! | `records` | each record of the commands topic has exactly one reply; the dead letters hold just the poison |
//! | `views` | rows, histories and lists equal the fold |
//! | `verify` | what `parceltrack verify` finds |
//! | `recovery` | no partition stays stuck: after each fault each answers again in time |

mod answers;
mod histories;
mod order;
mod reads;
mod records;
mod recovery;
mod snapshots;
mod verify;
pub(crate) mod views;

use serde::{Deserialize, Serialize};
use tracking_view::PhoneKey;

use crate::observed::Observed;

pub use recovery::{LIMIT, recovery};
pub use verify::verify;

/// Something that must not be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Whose it is: a shipment, a command, a record.
    pub of: String,
    /// What is wrong.
    pub text: String,
}

/// A check, and what it found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Check {
    /// Its short name.
    pub name: String,
    /// What must hold.
    pub claim: String,
    /// How many things it was held against.
    pub held_against: usize,
    /// Where it does not hold.
    pub findings: Vec<Finding>,
}

impl Check {
    /// One that found nothing yet.
    pub fn new(name: &str, claim: &str) -> Self {
        Self { name: name.to_owned(), claim: claim.to_owned(), held_against: 0, findings: Vec::new() }
    }

    /// Holds the claim against one more thing.
    pub fn expect(&mut self, holds: bool, of: impl std::fmt::Display, text: impl FnOnce() -> String) {
        self.held_against += 1;
        if !holds {
            self.findings.push(Finding { of: of.to_string(), text: text() });
        }
    }
}

/// Every check of the ledger against log and tables.
pub fn all(observed: &Observed, phones: &PhoneKey) -> Vec<Check> {
    vec![
        answers::answered(observed),
        answers::well_formed(observed),
        answers::exactly_once(observed),
        answers::first_answer_again(observed),
        answers::refused_leaves_nothing(observed),
        order::real_time(observed),
        order::one_winner(observed),
        histories::sequences(observed),
        histories::commands_once(observed),
        histories::statuses(observed),
        snapshots::equal_the_fold(observed),
        records::one_reply_each(observed),
        records::dead_letters_are_the_poison(observed),
        reads::own_writes(observed),
        views::rows(observed, phones),
        views::histories(observed),
        views::lists(observed),
    ]
}

#[cfg(test)]
mod given;
#[cfg(test)]
mod tests;
