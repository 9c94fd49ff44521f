//! A copy of a part of a database, which a monitor keeps up to date.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::operation::Condition;
use crate::schema::Schema;
use crate::value::{Datum, Row, Uuid, read_row};

/// The rows and columns of a table that a monitor reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The table.
    pub table: String,
    /// The columns; none: all.
    pub columns: Vec<String>,
    /// One of which must hold; none: all rows.
    pub any: Vec<Condition>,
}

/// A copy of the rows that a monitor reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replica {
    tables: BTreeMap<String, BTreeMap<Uuid, Row>>,
}

impl Watch {
    /// Columns of all rows of a table.
    pub fn all(table: &str, columns: &[&str]) -> Self {
        Watch { table: table.into(), columns: columns.iter().map(|it| (*it).to_owned()).collect(), any: Vec::new() }
    }

    /// Columns of the rows for which one of the conditions holds.
    pub fn any(table: &str, columns: &[&str], any: Vec<Condition>) -> Self {
        Watch { any, ..Watch::all(table, columns) }
    }

    pub(crate) fn write(&self) -> Value {
        let mut watch = json!({});
        if !self.columns.is_empty() {
            watch["columns"] = json!(self.columns);
        }
        if !self.any.is_empty() {
            watch["where"] = self.any.iter().map(Condition::write).collect();
        }
        watch
    }
}

impl Replica {
    /// The rows of a table.
    pub fn rows(&self, table: &str) -> impl Iterator<Item = (&Uuid, &Row)> {
        self.tables.get(table).into_iter().flatten()
    }

    /// Applies the difference that a monitor reports (`<table-updates2>`, ovsdb-server(7)); `None` if it is none.
    pub(crate) fn apply(&mut self, updates: &Value, schema: &Schema) -> Option<()> {
        for (table, updates) in updates.as_object()? {
            let rows = self.tables.entry(table.clone()).or_default();
            for (uuid, update) in updates.as_object()? {
                let uuid = Uuid(uuid.as_str().into());
                let (kind, row) = update.as_object()?.iter().next()?;
                match kind.as_str() {
                    "initial" | "insert" => _ = rows.insert(uuid, read_row(row)?),
                    "delete" => _ = rows.remove(&uuid),
                    "modify" => {
                        let old = rows.entry(uuid).or_default();
                        for (column, difference) in read_row(row)? {
                            let many = schema.has_many(table, &column);
                            let before = old.get(&column).cloned().unwrap_or_else(|| match difference {
                                Datum::Map(_) => Datum::map::<&str, &str>([]),
                                Datum::Set(_) => Datum::none(),
                            });
                            old.insert(column, before.changed_by(&difference, many));
                        }
                    }
                    _ => return None,
                }
            }
        }
        Some(())
    }
}
