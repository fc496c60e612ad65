use std::collections::BTreeMap;
use std::fmt;

use scylla::value::{CqlValue, Row};

use super::ViewStore;
use crate::Error;
use crate::tables::{Table, base_tables, generation_tables};

/// Something in the database isn't as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The table, with its keyspace.
    pub table: String,
    /// What of it: a column, or a property.
    pub what: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, what, expected, found, fix } = self;
        write!(f, "{table}: {what} is {found}, should be {expected}; {fix}")
    }
}

const READING: &str = "reading the schema";
const REBUILD: &str = "run `parceltrack rebuild`: it makes new tables beside these";
const APPLY: &str = "run `parceltrack tables apply`";

impl ViewStore {
    /// Compares the tables of the base keyspace and of every generation in use with what they should be. Empty: all is
    /// well.
    pub async fn verify_tables(&self) -> Result<Vec<Difference>, Error> {
        let generations = match self.generations().await {
            Err(Error::NoTables { keyspace }) => {
                let (table, what) = (format!("{keyspace}.generations"), "the live generation".to_owned());
                let (expected, found) = ("a row".to_owned(), "missing".to_owned());
                return Ok(vec![Difference { table, what, expected, found, fix: APPLY.to_owned() }]);
            }
            known => known?,
        };
        let mut differences = Vec::new();
        for table in base_tables() {
            self.compare(&self.options().keyspace, &table, &mut differences).await?;
        }
        for generation in generations.all() {
            for table in generation_tables() {
                self.compare(&self.keyspace_of(generation), &table, &mut differences).await?;
            }
        }
        Ok(differences)
    }

    async fn compare(&self, keyspace: &str, table: &Table, into: &mut Vec<Difference>) -> Result<(), Error> {
        let full_name = format!("{keyspace}.{}", table.name);
        let mut differ = |what: &str, expected: &str, found: &str, fix: String| {
            let table = full_name.clone();
            let (what, expected, found) = (what.to_owned(), expected.to_owned(), found.to_owned());
            into.push(Difference { table, what, expected, found, fix });
        };
        let Some((gc_grace, compaction)) = self.upkeep(keyspace, table.name).await? else {
            differ("the table", "there", "missing", APPLY.to_owned());
            return Ok(());
        };
        let (class, _) = table.upkeep.compaction;
        let alter = format!("ALTER TABLE {full_name} WITH");
        if compaction.rsplit('.').next() != Some(class) {
            differ("compaction", class, &compaction, format!("{alter} compaction = {{'class': '{class}'}}"));
        }
        let expected = table.upkeep.gc_grace.to_string();
        if gc_grace != expected {
            differ(
                "gc_grace_seconds",
                &expected,
                &gc_grace,
                format!("{alter} gc_grace_seconds = {expected}"),
            );
        }
        let found = self.columns(keyspace, table.name).await?;
        let expected = expected_columns(table);
        for (name, shape) in &expected {
            match found.get(name) {
                None => differ(&format!("column {name}"), shape, "missing", REBUILD.to_owned()),
                Some(other) if other != shape => {
                    differ(&format!("column {name}"), shape, other, REBUILD.to_owned());
                }
                Some(_) => {}
            }
        }
        for (name, shape) in found.iter().filter(|(name, _)| !expected.contains_key(*name)) {
            differ(
                &format!("column {name}"),
                "absent",
                shape,
                format!("ALTER TABLE {full_name} DROP {name}"),
            );
        }
        Ok(())
    }

    async fn upkeep(&self, keyspace: &str, table: &str) -> Result<Option<(String, String)>, Error> {
        let cql = "SELECT gc_grace_seconds, compaction FROM system_schema.tables \
                   WHERE keyspace_name = ? AND table_name = ?";
        let rows = self.ask(READING, cql, (keyspace, table)).await?;
        Ok(rows.into_iter().next().map(|row| {
            let mut cells = row.columns.into_iter();
            let gc_grace = cells.next().flatten().and_then(|v| v.as_int());
            let class = match cells.next().flatten() {
                Some(CqlValue::Map(options)) => options
                    .into_iter()
                    .find(|(name, _)| name.as_text().is_some_and(|name| name == "class"))
                    .and_then(|(_, class)| class.into_string()),
                _ => None,
            };
            (gc_grace.map_or_else(String::new, |n| n.to_string()), class.unwrap_or_default())
        }))
    }

    async fn columns(&self, keyspace: &str, table: &str) -> Result<BTreeMap<String, String>, Error> {
        let cql = "SELECT column_name, type, kind, position, clustering_order FROM system_schema.columns \
                   WHERE keyspace_name = ? AND table_name = ?";
        let rows = self.ask(READING, cql, (keyspace, table)).await?;
        let column = |row: Row| {
            let mut cells = row.columns.into_iter();
            let mut text = || cells.next().flatten().and_then(CqlValue::into_string);
            let (name, cql, kind) = (text()?, text()?, text()?);
            let position = cells.next().flatten().and_then(|v| v.as_int())?;
            let order = cells.next().flatten().and_then(CqlValue::into_string)?;
            Some((name, shape(&cql, &kind, position, &order)))
        };
        Ok(rows.into_iter().filter_map(column).collect())
    }
}

fn expected_columns(table: &Table) -> BTreeMap<String, String> {
    let order = if table.falling { "desc" } else { "asc" };
    let key = |columns: &[(&'static str, &'static str)], kind: &'static str, order: &'static str| {
        let shapes = columns
            .iter()
            .enumerate()
            .map(|(position, (name, cql))| ((*name).to_owned(), shape(cql, kind, position as i32, order)));
        shapes.collect::<Vec<_>>()
    };
    let mut columns = key(&table.partition, "partition_key", "none");
    columns.extend(key(&table.clustering, "clustering", order));
    let regular =
        table.regular.iter().map(|(name, cql)| ((*name).to_owned(), shape(cql, "regular", -1, "none")));
    columns.extend(regular);
    columns.into_iter().collect()
}

fn shape(cql: &str, kind: &str, position: i32, order: &str) -> String {
    let order = order.to_lowercase();
    match kind {
        "regular" => cql.to_owned(),
        "clustering" => format!("{cql}, clustering column {position} {order}"),
        _ => format!("{cql}, {kind} {position}"),
    }
}
