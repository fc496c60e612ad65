//! Records, one by one: each command has a reply, and what was parked was poison.

use std::collections::{BTreeMap, HashMap};

use super::Check;
use crate::observed::{Observed, Posted};

/// Each record of the commands topic that is decided where it lies has exactly one reply.
///
/// Clients that try again until they are answered hide a record that was skipped; this doesn't. Records may well have the same
/// `pt-reply-to`: an idempotent producer whose records timed out under way begins a new epoch, and what it sends again then
/// may lie there twice.
pub(super) fn one_reply_each(observed: &Observed) -> Check {
    let mut check = Check::new("one reply each", "each command record has exactly one reply");
    let mut replies: HashMap<&str, usize> = HashMap::new();
    for replied in &observed.replies {
        if let Some(reply_to) = &replied.reply_to {
            *replies.entry(reply_to).or_default() += 1;
        }
    }
    let mut records: BTreeMap<&str, Vec<&Posted>> = BTreeMap::new();
    for posted in observed.commands.iter().filter(|posted| posted.at_home) {
        records.entry(posted.reply_to.as_deref().unwrap_or_default()).or_default().push(posted);
    }
    // Who posted without a name for the reply gets one without.
    records.remove("");
    for (reply_to, records) in records {
        let count = replies.get(reply_to).copied().unwrap_or(0);
        let first = records[0];
        check.expect(count == records.len(), format!("[{}]@{}", first.partition, first.offset), || {
            let command = first.command_id.map_or_else(|| "?".to_owned(), |id| id.to_string());
            format!(
                "command {command} lies there {} times for {reply_to}, with {count} replies",
                records.len()
            )
        });
    }
    check
}

/// The dead letters hold each piece of poison as often as it lies in the topic, and nothing else. Once, that is; twice where
/// the client's producer had to begin anew and couldn't know that the first was written.
pub(super) fn dead_letters_are_the_poison(observed: &Observed) -> Check {
    let mut check =
        Check::new("dead letters", "the dead letters hold just the poison, each record of it once");
    let mut parked: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in &observed.dead_letters {
        let ours = letter.mark.as_deref().filter(|_| letter.by == "command-handler");
        check.expect(ours.is_some(), &letter.from, || {
            format!("parked by {} as {}, and no poison", letter.by, letter.code)
        });
        if let Some(mark) = ours {
            *parked.entry(mark).or_default() += 1;
        }
    }
    let mut sent: BTreeMap<&str, bool> = BTreeMap::new();
    for poison in &observed.poison {
        let acknowledged = sent.entry(&poison.mark).or_default();
        *acknowledged |= poison.acknowledged;
    }
    for (mark, acknowledged) in &sent {
        let count = parked.get(mark).copied().unwrap_or(0);
        let lies = observed.commands.iter().filter(|record| record.mark.as_deref() == Some(*mark)).count();
        let right = count == lies && (lies > 0 || !acknowledged);
        check.expect(right, format!("poison {mark}"), || {
            format!("it lies in the commands topic {lies} times, and is parked {count} times")
        });
    }
    for mark in parked.keys().filter(|mark| !sent.contains_key(*mark)) {
        check.expect(false, format!("poison {mark}"), || "parked, and nobody sent it".to_owned());
    }
    check
}
