//! What seemed wrong, again: with the tables as they are now, and with the events that came meanwhile.

mod batch;
mod verdict;

use std::collections::BTreeMap;

use shipment_events::ShipmentId;
use tokio_util::sync::CancellationToken;

use crate::finding::Finding;
use crate::progress::Stage;
use crate::{Error, Options, Summary, Verifier, repair};
pub(crate) use batch::Batch;
pub(crate) use verdict::Verdict;

/// How many shipments are looked at at once: the log is read once more for each such lot.
const LOT: usize = 5_000;
/// How much of the whole work this is taken to be.
const SHARE: f64 = 0.02;

/// Who is looked at again.
pub(crate) struct Suspects {
    partitions: i32,
    /// By partition, so that a lot touches few of them.
    shipments: BTreeMap<(i32, ShipmentId), Suspect>,
}

/// Why a shipment is looked at again.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Suspect {
    /// The first look didn't meet it in the log, so its log isn't compared yet either.
    pub(crate) is_new: bool,
    /// The lists in which it was met, a bit each, if it is new.
    pub(crate) lists: u8,
}

impl Suspects {
    pub(crate) fn new(partitions: i32) -> Self {
        Self { partitions, shipments: BTreeMap::new() }
    }

    /// A shipment whose snapshot, row or list entries seemed wrong.
    pub(crate) fn add(&mut self, id: ShipmentId) {
        self.entry(id);
    }

    /// One that nothing was compared of so far.
    pub(crate) fn add_whole(&mut self, id: ShipmentId) {
        self.entry(id).is_new = true;
    }

    /// One that the tables have and the log had not.
    pub(crate) fn add_stranger(&mut self, id: ShipmentId, lists: u8) {
        *self.entry(id) = Suspect { is_new: true, lists };
    }

    fn entry(&mut self, id: ShipmentId) -> &mut Suspect {
        let partition = event_log::partition_of(id, self.partitions);
        self.shipments.entry((partition, id)).or_default()
    }
}

/// Looks again, some times if need be, and says what stands.
pub(crate) async fn look(
    verifier: &Verifier,
    suspects: Suspects,
    options: Options,
    summary: &mut Summary,
    found: &mut impl FnMut(&mut Summary, &Finding),
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let suspects: Vec<_> = suspects.shipments.into_iter().collect();
    verifier.logs.meter.begin(Stage::LookingAgain, SHARE, suspects.len() as u64);
    if options.shipment.is_none() {
        summary.looked_again = suspects.len() as u64;
    }
    for lot in suspects.chunks(LOT) {
        let mut batch = Batch::new(verifier, options, lot);
        let mut verdicts = batch.settle(lot.iter().map(|((_, id), _)| *id).collect()).await?;
        if options.repair {
            verifier.logs.meter.begin(Stage::Repairing, 0.0, lot.len() as u64);
            repair::repair(&mut batch, &mut verdicts, cancel).await?;
        }
        for (id, verdict) in verdicts {
            if options.shipment.is_some() && verdict.is_of_nobody {
                return Err(Error::NoShipment(id));
            }
            verdict.add_to(summary);
            verdict.into_findings().iter().for_each(|finding| found(summary, finding));
        }
    }
    Ok(())
}
