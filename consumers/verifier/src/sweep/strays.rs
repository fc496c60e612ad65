use crate::Error;
use crate::finding::{Finding, Kind};
use crate::gather::{Stray, StrayOf};
use crate::intake::Intake;

/// What is to be said of a record that belongs to no shipment of its partition.
pub(crate) async fn finding(stray: &Stray, intake: &Intake) -> Result<Finding, Error> {
    let finding = match stray.of {
        StrayOf::OtherPartitionsEvent(id, sequence) => {
            let detail = format!("event {sequence} lies on another partition than its shipment's");
            Finding::of(Kind::WrongPartition, id, detail).sequence(sequence)
        }
        StrayOf::OtherPartitionsSnapshot(id) => Finding::of(
            Kind::SnapshotMisplaced,
            id,
            "a snapshot lies on another partition than its shipment's",
        ),
        StrayOf::NobodysEvent => match intake.event(&stray.raw).await? {
            Some(event) => {
                let detail =
                    format!("event {} lies under a key that is not `shipment-id#sequence`", event.sequence);
                Finding::of(Kind::WrongKey, event.shipment_id, detail).sequence(event.sequence)
            }
            None => {
                Finding::new(Kind::WrongKey, "the key is not `shipment-id#sequence`, and the value no event")
            }
        },
        StrayOf::NobodysSnapshot => Finding::new(Kind::SnapshotUnreadable, "the key is no shipment's id"),
    };
    Ok(finding.at(stray.partition, stray.raw.offset))
}
