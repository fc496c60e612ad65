//! What readers were shown, against the events.

use shipment_events::fold;

use super::Check;
use crate::observed::{Observed, Seen};

/// Who read after a write was shown that or something later, as the events up to then lead to it.
pub(super) fn own_writes(observed: &Observed) -> Check {
    let mut check = Check::new(
        "reads",
        "who asked for a version was shown that or a later one, at the status of the fold up to it",
    );
    let histories = observed.histories();
    for read in &observed.reads {
        let (version, status) = match &read.seen {
            Some(Seen::Shipment { version, status }) => (*version, status.as_str()),
            Some(Seen::Nonsense { text }) => {
                check.expect(false, read.shipment_id, || text.clone());
                continue;
            }
            None => {
                check
                    .expect(false, read.shipment_id, || format!("version {} was never shown", read.at_least));
                continue;
            }
        };
        check.expect(version >= read.at_least, read.shipment_id, || {
            format!("version {version} was shown to who asked for {}", read.at_least)
        });
        let events = histories.get(&read.shipment_id).map_or(&[][..], Vec::as_slice);
        let until = events.iter().map(|event| &event.value).filter(|event| event.sequence.get() <= version);
        let fold = fold(until).status();
        check.expect(fold.is_some_and(|fold| fold.as_str() == status), read.shipment_id, || {
            let fold = fold.map_or("nothing", |fold| fold.as_str());
            format!("at version {version} it was shown as {status}, and its events lead to {fold}")
        });
    }
    check
}
