//! The tables from end to end: who is listed where, and what belongs to no shipment of the log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt, TryStreamExt, stream};
use shipment_events::ShipmentId;
use tracking_view::List;
use view_store::{Listed, Slice};

use crate::known::{Directory, Match};
use crate::progress::Meter;
use crate::second_look::Suspects;
use crate::summary::by_list;
use crate::{Error, Options, Summary, Verifier};

/// Into how many slices a table is cut.
const SLICES: u32 = 64;
/// How many of them are read at once.
const AT_ONCE: usize = 8;

/// A table to be read from end to end.
#[derive(Clone, Copy)]
enum Table {
    Shipments,
    Histories,
    List(List),
}

/// What was met.
pub(crate) struct Scanned {
    directory: Arc<Directory>,
    entries: [AtomicU64; List::ALL.len()],
    ghosts: [AtomicU64; List::ALL.len()],
    /// Shipments that the log didn't have, and the lists in which they stand, a bit each.
    strangers: Mutex<BTreeMap<ShipmentId, u8>>,
    meter: Meter,
}

/// Reads all tables that the options ask for.
pub(crate) async fn scan(
    verifier: &Verifier,
    directory: &Arc<Directory>,
    options: Options,
) -> Result<Arc<Scanned>, Error> {
    let scanned = Arc::new(Scanned {
        directory: directory.clone(),
        entries: Default::default(),
        ghosts: Default::default(),
        strangers: Mutex::default(),
        meter: verifier.logs.meter.clone(),
    });
    let tables = if options.rows { &[Table::Shipments, Table::Histories][..] } else { &[] };
    let lists = List::ALL.into_iter().filter(|_| options.lists).map(Table::List);
    let tables: Vec<Table> = tables.iter().copied().chain(lists).collect();
    let of_table = |table| Slice::ring(SLICES).into_iter().map(move |slice| (table, slice));
    let jobs: Vec<(Table, Slice)> = tables.into_iter().flat_map(of_table).collect();
    stream::iter(jobs)
        .map(|(table, slice)| {
            let (reader, scanned) = (verifier.reader.clone(), scanned.clone());
            let read = tokio::spawn(async move {
                match table {
                    Table::Shipments => reader.scan_shipments(slice, |page| scanned.ids(&page)).await,
                    Table::Histories => reader.scan_histories(slice, |page| scanned.ids(&page)).await,
                    Table::List(list) => {
                        reader.scan_list(list, slice, |page| scanned.listed(list, &page)).await
                    }
                }
            });
            async move { Ok::<_, Error>(read.await??) }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(scanned)
}

impl Scanned {
    fn ids(&self, page: &[ShipmentId]) {
        self.meter.count(page.len() as u64);
        for id in page.iter().filter(|id| !self.directory.knows(**id)) {
            self.stranger(*id, 0);
        }
    }

    fn listed(&self, list: List, page: &[Listed]) {
        self.meter.count(page.len() as u64);
        for listed in page {
            match self.directory.see(list, listed) {
                Match::Entry => _ = self.entries[list as usize].fetch_add(1, Ordering::Relaxed),
                Match::Ghost => _ = self.ghosts[list as usize].fetch_add(1, Ordering::Relaxed),
                Match::Suspect => {}
                Match::Orphan => self.stranger(listed.shipment_id, 1 << list as u8),
            }
        }
    }

    fn stranger(&self, id: ShipmentId, list: u8) {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        *strangers.entry(id).or_default() |= list;
    }

    pub(crate) fn add_to(&self, summary: &mut Summary, suspects: &mut Suspects) {
        let counts = |of: &[AtomicU64; List::ALL.len()]| {
            by_list(std::array::from_fn(|list| of[list].load(Ordering::Relaxed)))
        };
        summary.entries = counts(&self.entries);
        summary.ghosts = counts(&self.ghosts);
        let strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, lists) in strangers.iter() {
            suspects.add_stranger(*id, *lists);
        }
        self.directory.unseen().for_each(|id| suspects.add(id));
    }
}
