//! Rows by table and key, before they are in a database: references between them are by key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use peerlab_ovsdb::Datum;

use crate::flow::Reason;
use crate::table::{KEY, OWNER, Table};

/// The rows of a lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The lab.
    pub lab: String,
    /// The columns of each row, all of [`Table::defaults`] and `external_ids`.
    pub rows: BTreeMap<(Table, String), BTreeMap<String, Cell>>,
}

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A value.
    Value(Datum),
    /// References to rows of the lab.
    Rows(BTreeSet<(Table, String)>),
}

/// A row under construction.
pub(crate) struct Writing<'r> {
    row: &'r mut BTreeMap<String, Cell>,
}

impl Rows {
    /// No rows: those of a lab that is down.
    pub fn none(lab: &str) -> Self {
        Rows::new(lab)
    }

    pub(crate) fn new(lab: &str) -> Self {
        Rows { lab: lab.into(), rows: BTreeMap::new() }
    }

    /// Adds a row. If the key is taken, it gets a number, so that no row is lost.
    pub(crate) fn add(&mut self, table: Table, key: &str) -> (String, Writing<'_>) {
        let mut free = key.to_owned();
        let mut number = 1;
        while self.rows.contains_key(&(table, free.clone())) {
            number += 1;
            free = format!("{key} #{number}");
        }
        let mut row: BTreeMap<_, _> =
            table.defaults().into_iter().map(|(column, value)| (column, Cell::Value(value))).collect();
        for column in table.references() {
            row.insert((*column).to_owned(), Cell::Rows(BTreeSet::new()));
        }
        let ids = Datum::map([(OWNER, self.lab.as_str()), (KEY, free.as_str())]);
        row.insert("external_ids".into(), Cell::Value(ids));
        let row = self.rows.entry((table, free.clone())).or_insert(row);
        (free, Writing { row })
    }

    /// Adds a row that another one refers to.
    pub(crate) fn add_to(&mut self, owner: (Table, &str), column: &str, table: Table, key: &str) -> Writing<'_> {
        let (key, _) = self.add(table, key);
        self.refer(owner, column, (table, key.clone()));
        let row = self.rows.get_mut(&(table, key)).expect("it was added");
        Writing { row }
    }

    /// Lets a row refer to another.
    pub(crate) fn refer(&mut self, (table, key): (Table, &str), column: &str, to: (Table, String)) {
        let row = self.rows.get_mut(&(table, key.to_owned())).expect("a row is added before what it refers to");
        match row.get_mut(column) {
            Some(Cell::Rows(rows)) => _ = rows.insert(to),
            _ => unreachable!("{table}.{column} refers to rows"),
        }
    }

    /// A row that was added.
    pub(crate) fn row(&mut self, table: Table, key: &str) -> Writing<'_> {
        Writing { row: self.rows.get_mut(&(table, key.to_owned())).expect("it was added") }
    }
}

impl Writing<'_> {
    /// Sets a column.
    pub(crate) fn set(self, column: &str, value: Datum) -> Self {
        let old = self.row.insert(column.into(), Cell::Value(value));
        debug_assert!(matches!(old, Some(Cell::Value(_))), "{column} is no column with a value");
        self
    }

    /// Sets a column to one text.
    pub(crate) fn text(self, column: &str, text: impl fmt::Display) -> Self {
        self.set(column, Datum::one(text.to_string()))
    }

    /// Sets a column to one number.
    pub(crate) fn number(self, column: &str, number: i64) -> Self {
        self.set(column, Datum::one(number))
    }

    /// Sets a key of a column that is a map.
    pub(crate) fn put(self, column: &str, key: &str, value: impl fmt::Display) -> Self {
        if let Some(Cell::Value(Datum::Map(map))) = self.row.get_mut(column) {
            map.insert(key.into(), value.to_string().into());
        }
        self
    }

    /// Says about what a row is, for the hosts.
    pub(crate) fn about(self, key: &str, value: impl fmt::Display) -> Self {
        self.put("external_ids", key, value)
    }

    /// Says why the row drops packets.
    pub(crate) fn because(self, reason: Reason) -> Self {
        self.about("reason", reason.as_str())
    }
}

/// A line for each row, and for each column that differs from its default.
impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((table, key), row) in &self.rows {
            writeln!(f, "{table} {key}")?;
            let defaults = table.defaults();
            for (column, cell) in row {
                match cell {
                    Cell::Rows(rows) => {
                        for (table, key) in rows {
                            writeln!(f, "    {column}: {table} {key}")?;
                        }
                    }
                    Cell::Value(Datum::Map(map)) => {
                        let own = |key: &str| column == "external_ids" && (key == OWNER || key == KEY);
                        let pairs = map.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?)));
                        for (key, value) in pairs.filter(|(key, _)| !own(key)) {
                            writeln!(f, "    {column}:{key}: {value}")?;
                        }
                    }
                    Cell::Value(value) if Some(value) != defaults.get(column) => {
                        writeln!(f, "    {column}: {}", text(value))?;
                    }
                    Cell::Value(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// A value as it is read.
fn text(value: &Datum) -> String {
    let atoms = match value {
        Datum::Set(set) => set.iter().map(|atom| match atom.text() {
            Some(text) => text.to_owned(),
            None => atom.write().to_string(),
        }),
        Datum::Map(_) => return value.write().to_string(),
    };
    atoms.collect::<Vec<_>>().join(", ")
}
