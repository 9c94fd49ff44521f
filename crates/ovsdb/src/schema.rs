//! The schema of a database, as far as its users rely on it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::Error;
use crate::messages::Said;
use crate::msg;

/// A column that a user of the database needs, and the version that first had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The version of OVN or Open vSwitch.
    pub since: &'static str,
}

/// The columns of each table, and which of these are sets or maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schema {
    tables: BTreeMap<String, BTreeMap<String, bool>>,
}

impl Schema {
    /// Reads a schema; what is no table or column is left out.
    pub(crate) fn read(value: &Value) -> Self {
        let tables = value["tables"].as_object().into_iter().flatten();
        let tables = tables.map(|(name, table)| {
            let columns = table["columns"].as_object().into_iter().flatten();
            (name.clone(), columns.map(|(name, column)| (name.clone(), has_many(&column["type"]))).collect())
        });
        Schema { tables: tables.collect() }
    }

    /// Whether a column may have several values.
    pub(crate) fn has_many(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).and_then(|columns| columns.get(column)).copied().unwrap_or_default()
    }

    /// One error, if something that is needed is lacking.
    pub(crate) fn check(&self, database: &str, needs: &[Need]) -> Result<(), Error> {
        let lacks = |need: &&Need| self.tables.get(need.table).is_none_or(|it| !it.contains_key(need.column));
        let lacking: Vec<_> = needs.iter().filter(lacks).collect();
        let Some(first) = lacking.first() else { return Ok(()) };
        let lacking: BTreeSet<_> = lacking.iter().map(|need| format!("{}.{}", need.table, need.column)).collect();
        let (lacking, since) = (lacking.into_iter().collect::<Vec<_>>().join(", "), first.since);
        Err(Error::host(msg!(Said::TooOld { database, lacking, since })).code("SchemaTooOld").hint(Said::Upgrade))
    }
}

/// A type that is more than one atom, or none.
fn has_many(kind: &Value) -> bool {
    match kind {
        Value::Object(kind) => match kind.get("max") {
            Some(Value::String(_)) => true,
            Some(most) => most.as_u64().is_some_and(|most| most > 1),
            None => kind.contains_key("value"),
        },
        _ => false,
    }
}
