//! The tables, as data: `apply` makes them of it and `verify` compares with it.

use tracking_view::{Column, List};

/// One table.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) partition: Vec<(&'static str, &'static str)>,
    pub(crate) clustering: Vec<(&'static str, &'static str)>,
    /// Whether clustering columns fall; they all do, or none does.
    pub(crate) falling: bool,
    pub(crate) regular: Vec<(&'static str, &'static str)>,
    pub(crate) upkeep: Upkeep,
    pub(crate) comment: &'static str,
}

/// How the database keeps a table in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Upkeep {
    /// The compaction strategy's class, and what else it is given.
    pub(crate) compaction: (&'static str, &'static [(&'static str, &'static str)]),
    /// How long tombstones are kept, in seconds.
    pub(crate) gc_grace: i32,
}

const DAY: i32 = 24 * 60 * 60;

/// A row is written some ten times over days and read far more often: levels keep it in one or two files.
const REWRITTEN: Upkeep = Upkeep { compaction: ("LeveledCompactionStrategy", &[]), gc_grace: 10 * DAY };

/// Written once, the largest table by far, read by the partition: the cheapest writes win.
const APPENDED: Upkeep = Upkeep { compaction: ("SizeTieredCompactionStrategy", &[]), gc_grace: 10 * DAY };

/// Entries move from status to status and leave tombstones. A tombstone that is forgotten too early lets a ghost
/// return, and readers drop ghosts: so three hours (how long hints for a node that is away are kept) are enough, and
/// levels bring tombstone and entry together soon.
const LISTED: Upkeep = Upkeep { compaction: ("LeveledCompactionStrategy", &[]), gc_grace: 3 * 60 * 60 };

/// Everything expires after a week: whole files are dropped, a day at a time. Windows go by write timestamps, so this is
/// only for tables stamped by a clock, never for those stamped by sequence.
const EXPIRING: Upkeep = Upkeep {
    compaction: (
        "TimeWindowCompactionStrategy",
        &[("compaction_window_unit", "DAYS"), ("compaction_window_size", "1")],
    ),
    gc_grace: 3 * 60 * 60,
};

pub(crate) const SHIPMENTS: &str = "shipments";
pub(crate) const EVENTS: &str = "shipment_events";
pub(crate) const POSITIONS: &str = "rebuild_positions";
pub(crate) const GENERATIONS: &str = "generations";
pub(crate) const OUTCOMES: &str = "command_outcomes";

/// The name of a list's table.
pub(crate) const fn list_table(list: List) -> &'static str {
    match list {
        List::TrackingNumber => "shipments_by_tracking_number",
        List::Customer => "shipments_by_customer",
        List::Phone => "shipments_by_phone",
        List::Status => "shipments_by_status",
        List::Day => "shipments_by_day",
        List::Archive => "archived_shipments",
    }
}

/// The partition key of a list's table.
pub(crate) const fn list_partition(list: List) -> &'static [(&'static str, &'static str)] {
    match list {
        List::TrackingNumber => &[("tracking_number", "text")],
        List::Customer => &[("customer_id", "text"), ("month", "int")],
        List::Phone => &[("phone_hash", "blob")],
        List::Status => &[("status", "text"), ("day", "date"), ("shard", "int")],
        List::Day | List::Archive => &[("day", "date"), ("shard", "int")],
    }
}

/// The tables of a generation.
pub(crate) fn generation_tables() -> Vec<Table> {
    let columns = |columns: &[Column]| columns.iter().map(|c| (c.name(), c.cql_type())).collect::<Vec<_>>();
    let mut shipment = columns(&Column::SHIPMENT);
    shipment.push(("parked", "map<bigint, timestamp>"));
    let mut tables = vec![
        Table {
            name: SHIPMENTS,
            partition: vec![("shipment_id", "uuid")],
            clustering: vec![],
            falling: false,
            regular: shipment,
            upkeep: REWRITTEN,
            comment: "the shipment now; a row without registered_at is not shown",
        },
        Table {
            name: EVENTS,
            partition: vec![("shipment_id", "uuid")],
            clustering: vec![("sequence", "bigint")],
            falling: false,
            regular: columns(&Column::EVENT),
            upkeep: APPENDED,
            comment: "every event of a shipment; payload is the record value as it lies in the topic",
        },
        Table {
            name: POSITIONS,
            partition: vec![("topic", "text")],
            clustering: vec![("partition", "int")],
            falling: false,
            regular: vec![("position", "bigint")],
            upkeep: REWRITTEN,
            comment: "how far a rebuild of this generation has come",
        },
    ];
    tables.extend(List::ALL.map(|list| Table {
        name: list_table(list),
        partition: list_partition(list).to_vec(),
        clustering: vec![("listed_at", "timestamp"), ("shipment_id", "uuid")],
        falling: true,
        regular: vec![],
        upkeep: LISTED,
        comment: "keys and shipment id only; entries that differ from the row are ghosts",
    }));
    tables
}

/// The tables of the base keyspace.
pub(crate) fn base_tables() -> Vec<Table> {
    vec![
        Table {
            name: GENERATIONS,
            partition: vec![("name", "text")],
            clustering: vec![],
            falling: false,
            regular: vec![
                ("live", "int"),
                ("previous", "int"),
                ("building", "int"),
                ("last", "int"),
                ("since", "timestamp"),
                ("note", "text"),
            ],
            upkeep: REWRITTEN,
            comment: "which generation of the projection tables is read",
        },
        Table {
            name: OUTCOMES,
            partition: vec![("command_id", "uuid")],
            clustering: vec![],
            falling: false,
            regular: vec![("shipment_id", "uuid"), ("decided_at", "timestamp"), ("reply", "text")],
            upkeep: EXPIRING,
            comment: "what became of commands, for seven days",
        },
    ]
}

impl Table {
    /// The statement that makes it, unless it is there.
    pub(crate) fn create(&self, keyspace: &str) -> String {
        let columns: Vec<String> = self
            .partition
            .iter()
            .chain(&self.clustering)
            .chain(&self.regular)
            .map(|(name, cql)| format!("{name} {cql}"))
            .collect();
        let names = |columns: &[(&'static str, _)]| columns.iter().map(|(n, _)| *n).collect::<Vec<_>>();
        let mut key = vec![format!("({})", names(&self.partition).join(", "))];
        key.extend(names(&self.clustering).into_iter().map(str::to_owned));
        let direction = if self.falling { "DESC" } else { "ASC" };
        let order: Vec<String> =
            names(&self.clustering).into_iter().map(|name| format!("{name} {direction}")).collect();
        let order = if order.is_empty() {
            String::new()
        } else {
            format!("CLUSTERING ORDER BY ({}) AND ", order.join(", "))
        };
        let (class, options) = self.upkeep.compaction;
        let class = format!("'class': '{class}'");
        let options = options.iter().map(|(name, value)| format!("'{name}': '{value}'"));
        let options = std::iter::once(class).chain(options).collect::<Vec<_>>().join(", ");
        format!(
            "CREATE TABLE IF NOT EXISTS {keyspace}.{} ({}, PRIMARY KEY ({})) WITH {order}compaction = \
             {{{options}}} AND gc_grace_seconds = {} AND comment = '{}'",
            self.name,
            columns.join(", "),
            key.join(", "),
            self.upkeep.gc_grace,
            self.comment
        )
    }
}
