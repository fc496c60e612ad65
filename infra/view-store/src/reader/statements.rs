use scylla::statement::prepared::PreparedStatement;
use tracking_view::{Column, List};

use crate::tables::{EVENTS, SHIPMENTS, list_partition, list_table};
use crate::{Detail, Error, ViewStore};

/// The fixed set of statements that reads need.
pub(super) struct ReadStatements {
    full: PreparedStatement,
    public: PreparedStatement,
    pub(super) version: PreparedStatement,
    pub(super) history: PreparedStatement,
    lists: Vec<ListReads>,
}

/// Reads of one partition of a list, latest first.
pub(super) struct ListReads {
    /// What was listed before a moment.
    pub(super) before: PreparedStatement,
    /// What comes after an entry.
    pub(super) after: PreparedStatement,
}

/// The columns of a row that are read, in order; `parked` comes after them.
pub(super) fn columns(detail: Detail) -> &'static [Column] {
    match detail {
        Detail::Full => &Column::SHIPMENT,
        Detail::Public => Column::PUBLIC,
    }
}

impl ReadStatements {
    pub(super) async fn prepare(store: &ViewStore, keyspace: &str) -> Result<Self, Error> {
        let shipment = |detail| {
            let columns: Vec<_> = columns(detail).iter().map(|column| column.name()).collect();
            format!("SELECT {}, parked FROM {keyspace}.{SHIPMENTS} WHERE shipment_id = ?", columns.join(", "))
        };
        let version = format!("SELECT version FROM {keyspace}.{SHIPMENTS} WHERE shipment_id = ?");
        let history = format!(
            "SELECT {}, sequence FROM {keyspace}.{EVENTS} WHERE shipment_id = ? AND sequence > ? LIMIT ?",
            Column::EVENT.map(Column::name).join(", ")
        );
        let mut lists = Vec::new();
        for list in List::ALL {
            let key: Vec<_> = list_partition(list).iter().map(|(name, _)| format!("{name} = ?")).collect();
            let select = format!(
                "SELECT listed_at, shipment_id FROM {keyspace}.{} WHERE {}",
                list_table(list),
                key.join(" AND ")
            );
            let before = format!("{select} AND listed_at < ? LIMIT ?");
            let after = format!("{select} AND (listed_at, shipment_id) < (?, ?) LIMIT ?");
            lists.push(ListReads {
                before: store.prepare("read a list", &before).await?,
                after: store.prepare("read on in a list", &after).await?,
            });
        }
        Ok(Self {
            full: store.prepare("read a shipment", &shipment(Detail::Full)).await?,
            public: store.prepare("read a shipment", &shipment(Detail::Public)).await?,
            version: store.prepare("read a version", &version).await?,
            history: store.prepare("read a history", &history).await?,
            lists,
        })
    }

    pub(super) fn shipment(&self, detail: Detail) -> &PreparedStatement {
        match detail {
            Detail::Full => &self.full,
            Detail::Public => &self.public,
        }
    }

    pub(super) fn list(&self, list: List) -> &ListReads {
        &self.lists[list as usize]
    }
}
