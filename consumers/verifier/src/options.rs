use shipment_events::ShipmentId;

/// What to verify.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Only this shipment; then nothing is told of topics, tables and orphans.
    pub shipment: Option<ShipmentId>,
    /// The rows of shipments and of their histories.
    pub rows: bool,
    /// The lists.
    pub lists: bool,
    /// Write rows that aren't right anew from the log, and look again.
    pub repair: bool,
    /// Of how many shipments the rows are read at once: how hard the database is worked.
    pub concurrency: usize,
}

impl Default for Options {
    /// All of it, and nothing is written.
    fn default() -> Self {
        Self { shipment: None, rows: true, lists: true, repair: false, concurrency: 256 }
    }
}
