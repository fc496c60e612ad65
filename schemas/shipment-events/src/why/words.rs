//! The same in plain sentences.

use std::fmt;

use super::{Claim, Speaker, Verdict, Why};
use crate::{EventId, FUTURE_TOLERANCE_MS, Sequence, Standing, Status, Timestamp, status_of};

/// How many sentences of one kind are said before the rest is counted only: a shipment may have a thousand scans.
const AT_MOST: usize = 3;

/// A sentence whose times, statuses and events whoever shows it may set apart. Its text has all of them in place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sentence(Vec<Word>);

/// A part of a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// Plain text.
    Text(String),
    /// A status's name.
    Status(Status),
    /// A moment.
    Time(Timestamp),
    /// An event of the shipment's history.
    Event(Sequence),
}

impl Sentence {
    /// Its parts, in order.
    pub fn words(&self) -> &[Word] {
        &self.0
    }

    fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Word::Text(text.into()));
        self
    }

    fn status(mut self, status: Status) -> Self {
        self.0.push(Word::Status(status));
        self
    }

    fn time(mut self, time: Timestamp) -> Self {
        self.0.push(Word::Time(time));
        self
    }

    fn event(mut self, sequence: Sequence) -> Self {
        self.0.push(Word::Event(sequence));
        self
    }

    /// What kind of event spoke, and which.
    fn speaker(self, claim: &Claim) -> Self {
        let who = match claim.by {
            Speaker::Registration => "the registration ",
            Speaker::Cancellation => "the cancellation ",
            Speaker::Scan => "the scan ",
        };
        self.text(who).event(claim.sequence)
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| match word {
            Word::Text(text) => f.write_str(text),
            Word::Status(status) => f.write_str(status.as_str()),
            Word::Time(time) => time.fmt(f),
            Word::Event(sequence) => write!(f, "#{sequence}"),
        })
    }
}

impl Why {
    /// Says it, the most telling first. Whatever was said of the shipment, the sentences are few.
    pub fn words(&self) -> Vec<Sentence> {
        let Some(standing) = self.standing else {
            return vec![Sentence::default().text("Nothing is known of this shipment.")];
        };
        let Some(winner) = self.claims.iter().find(|claim| claim.verdict == Verdict::Decides) else {
            let mut said = vec![nothing_counts(standing, self.claims.is_empty())];
            said.extend(self.taken_back(None));
            return said;
        };
        let mut said = vec![stands(winner), by_what_rule(winner, self.strongest_of_the_rest(winner))];
        said.extend(self.later_but_weaker(winner));
        said.extend(self.told_late(winner));
        said.extend(self.taken_back(Some(winner)));
        said.extend(self.ahead_of_time());
        said
    }

    fn losers(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.verdict.counts() && claim.verdict != Verdict::Decides)
    }

    /// The one that would decide if the winner weren't there, of those that say something else.
    fn strongest_of_the_rest(&self, winner: &Claim) -> Option<&Claim> {
        self.losers().find(|claim| claim.status != winner.status)
    }

    /// What happened after the winner and doesn't count for more: what people wonder about most. (Not that the shop registered
    /// it only then.)
    fn later_but_weaker(&self, winner: &Claim) -> Option<Sentence> {
        let is_later = |claim: &&Claim| claim.at > winner.at && claim.by != Speaker::Registration;
        let mut later: Vec<_> = self.losers().filter(is_later).collect();
        later.sort_by_key(|claim| std::cmp::Reverse((claim.at, claim.sequence)));
        let last = *later.first()?;
        let sentence =
            Sentence::default().text("Later than that, at ").time(last.at).text(", ").speaker(last);
        let sentence = sentence.text(" said ").status(last.status);
        let sentence = match later.len() - 1 {
            0 => sentence,
            more => sentence.text(format!(" (and {more} more later ones spoke)")),
        };
        Some(sentence.text(format!(
            ". It changes nothing: \"{}\" is a lower class than \"{}\", and a higher class wins whatever the times say.",
            last.status.class().as_str(),
            winner.status.class().as_str()
        )))
    }

    /// A scan that was written down after the winner, but happened before it.
    fn told_late(&self, winner: &Claim) -> Option<Sentence> {
        let late = |claim: &&Claim| claim.sequence > winner.sequence && claim.at < winner.at;
        let last = self.losers().filter(late).max_by_key(|claim| claim.sequence)?;
        let sentence = Sentence::default().speaker(last).text(" (").status(last.status);
        let sentence = sentence.text(") was only heard of at ").time(last.recorded_at);
        Some(capital(
            sentence
                .text(" but happened at ")
                .time(last.at)
                .text(": what counts is when things happened, not when they were told."),
        ))
    }

    fn taken_back(&self, winner: Option<&Claim>) -> Vec<Sentence> {
        let gone = self.claims.iter().filter_map(|claim| match claim.verdict {
            Verdict::Retracted(by) => Some((claim, by)),
            _ => None,
        });
        let gone: Vec<_> = gone.collect();
        let mut said: Vec<_> =
            gone.iter().take(AT_MOST).map(|(claim, by)| retracted(claim, *by, winner)).collect();
        if let Some(more) = gone.len().checked_sub(AT_MOST).filter(|more| *more > 0) {
            said.push(Sentence::default().text(format!("{more} more scans were taken back.")));
        }
        said
    }

    fn ahead_of_time(&self) -> Vec<Sentence> {
        let ahead: Vec<_> = self.claims.iter().filter(|claim| claim.is_from_the_future()).collect();
        let hours = FUTURE_TOLERANCE_MS / 3_600_000;
        let one = |claim: &&Claim| {
            let sentence =
                Sentence::default().speaker(claim).text(" claims to be of ").time(claim.occurred_at);
            let sentence = sentence.text(format!(", more than {hours} hours after it was written down"));
            capital(sentence.text(": that clock is not believed, and it counts at ").time(claim.at).text("."))
        };
        let mut said: Vec<_> = ahead.iter().take(AT_MOST).map(one).collect();
        if let Some(more) = ahead.len().checked_sub(AT_MOST).filter(|more| *more > 0) {
            said.push(Sentence::default().text(format!("{more} more clocks ran ahead like that.")));
        }
        said
    }
}

fn stands(winner: &Claim) -> Sentence {
    let sentence = Sentence::default().text("It is ").status(winner.status).text(" since ").time(winner.at);
    sentence.text(", because ").speaker(winner).text(" says so.")
}

fn by_what_rule(winner: &Claim, other: Option<&Claim>) -> Sentence {
    let Some(other) = other else {
        return Sentence::default().text("Nothing that counts says anything else.");
    };
    let class = winner.status.class();
    let sentence = Sentence::default().text("The strongest word against it is ").speaker(other);
    let sentence = sentence.text(", which says ").status(other.status).text(" at ").time(other.at);
    match other.verdict {
        Verdict::Earlier => sentence.text(format!(
            ": both are of the class \"{}\", and within a class the later one wins.",
            class.as_str()
        )),
        Verdict::LowerRank => {
            let sentence = sentence.text(": of the same class and time, and then the higher rank wins, ");
            let (high, low) = (winner.status.rank(), other.status.rank());
            sentence
                .status(winner.status)
                .text(format!(" ({high}) before "))
                .status(other.status)
                .text(format!(" ({low})."))
        }
        _ => sentence.text(format!(
            ": its class, \"{}\" ({}), is lower than \"{}\" ({}), and the highest class wins.",
            other.status.class().as_str(),
            meaning(other),
            class.as_str(),
            meaning(winner),
        )),
    }
}

fn retracted(claim: &Claim, by: Sequence, winner: Option<&Claim>) -> Sentence {
    let sentence =
        Sentence::default().speaker(claim).text(" (").status(claim.status).text(", ").time(claim.at);
    let sentence = capital(sentence.text(") no longer counts: ").event(by).text(" took it back."));
    let had_won = |winner: &Claim| {
        status_of([winner.standing(), claim.standing()]).is_some_and(|won| won == claim.standing())
    };
    match winner {
        Some(winner) if had_won(winner) && claim.status != winner.status => {
            sentence.text(" With it, the shipment would be ").status(claim.status).text(".")
        }
        _ => sentence,
    }
}

fn nothing_counts(standing: Standing, nothing_said: bool) -> Sentence {
    debug_assert!(standing.event_id == EventId::new(uuid::Uuid::nil()), "some claim counts then");
    let sentence = Sentence::default().text("It is ").status(standing.status);
    sentence.text(if nothing_said {
        ", the bottom of the table, because no event said a status yet."
    } else {
        ", the bottom of the table, because all that was said of it was taken back and nobody registered it."
    })
}

/// What the statuses of its class have in common, as a part of a sentence.
fn meaning(claim: &Claim) -> String {
    let meaning = claim.status.class().meaning().trim_end_matches('.');
    let mut letters = meaning.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The same, with a capital where it begins.
fn capital(mut sentence: Sentence) -> Sentence {
    if let Some(Word::Text(text)) = sentence.0.first_mut()
        && let Some(first) = text.get_mut(..1)
    {
        first.make_ascii_uppercase();
    }
    sentence
}
