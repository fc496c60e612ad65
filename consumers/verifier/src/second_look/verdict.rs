use tracking_view::List;

use crate::Summary;
use crate::compare::entries;
use crate::finding::Finding;

/// What is to be said of a shipment after a look.
#[derive(Default, Debug)]
pub(crate) struct Verdict {
    /// What no further look changes.
    pub(crate) certain: Vec<Finding>,
    /// What may look otherwise next time.
    pub(crate) doubtful: Vec<Finding>,
    /// It changed while it was looked at, so that its lists can't be told about.
    pub(crate) unsettled: bool,
    /// Neither a topic nor a table knows it.
    pub(crate) is_of_nobody: bool,
    /// How many events its row is behind, if that is all.
    pub(crate) lag: u64,
    /// What was compared; of those that the first look has counted, nothing.
    pub(crate) counts: Counts,
}

/// What was compared of a shipment.
#[derive(Default, Debug)]
pub(crate) struct Counts {
    pub(crate) shipments: u64,
    pub(crate) events: u64,
    pub(crate) snapshots: u64,
    pub(crate) rows: u64,
    pub(crate) event_rows: u64,
    pub(crate) entries: Vec<List>,
}

impl Verdict {
    pub(crate) fn is_settled(&self) -> bool {
        self.doubtful.is_empty() && !self.unsettled
    }

    pub(crate) fn add_to(&self, summary: &mut Summary) {
        let counts = &self.counts;
        summary.shipments += counts.shipments;
        summary.events += counts.events;
        summary.snapshots += counts.snapshots;
        summary.rows += counts.rows;
        summary.event_rows += counts.event_rows;
        for list in &counts.entries {
            *summary.entries.entry(entries::name(*list)).or_default() += 1;
        }
        summary.unsettled += u64::from(self.unsettled);
        if self.lag > 0 {
            summary.lag.shipments += 1;
            summary.lag.events += self.lag;
        }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.certain;
        findings.extend(self.doubtful);
        findings
    }
}
