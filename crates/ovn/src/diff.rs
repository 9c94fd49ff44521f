//! The difference between the rows of a lab and those that are in the database, as operations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use peerlab_ovsdb::{Atom, Condition, Datum, Mutation, Mutator, Operation, Outcome, Row, Uuid};

use crate::rows::{Cell, Rows};
use crate::table::{KEY, OWNER, Table};

/// The rows of a lab that are in the database.
#[derive(Clone, Debug, Default)]
pub struct Actual {
    rows: BTreeMap<(Table, String), (Uuid, Row)>,
    /// Copies of rows that somebody made, which have the same key.
    copies: Vec<(Table, Uuid)>,
}

/// What changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A row comes.
    Insert(Table, String),
    /// Columns of a row change.
    Update(Table, String, Vec<String>),
    /// A row goes.
    Delete(Table, String),
}

/// The difference.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// The changes, for people.
    pub changes: Vec<Change>,
    /// The operations that make them.
    pub operations: Vec<Operation>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Insert(table, key) => write!(f, "+ {table} {key}"),
            Change::Update(table, key, columns) => write!(f, "~ {table} {key}: {}", columns.join(", ")),
            Change::Delete(table, key) => write!(f, "- {table} {key}"),
        }
    }
}

impl Actual {
    /// The operations that read a lab.
    pub fn reading(lab: &str) -> Vec<Operation> {
        let select = |table: Table| {
            let mine = Condition::includes("external_ids", Datum::map([(OWNER, lab)]));
            let mut columns: Vec<_> = table.defaults().into_keys().collect();
            columns.extend(["_uuid", "external_ids"].map(String::from));
            Operation::Select { table: table.name().into(), conditions: vec![mine], columns }
        };
        Table::ALL.map(select).into()
    }

    /// What they read.
    pub fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut actual = Actual::default();
        for (table, outcome) in Table::ALL.into_iter().zip(outcomes) {
            for mut row in outcome.rows {
                let Some(uuid) = row.remove("_uuid").and_then(|it| it.uuid().cloned()) else { continue };
                let key = row.get("external_ids").and_then(|ids| ids.get(KEY)).unwrap_or_default().to_owned();
                match actual.rows.contains_key(&(table, key.clone())) {
                    true => actual.copies.push((table, uuid)),
                    false => _ = actual.rows.insert((table, key), (uuid, row)),
                }
            }
        }
        actual
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// A row.
    pub fn row(&self, table: Table, key: &str) -> Option<&Row> {
        self.rows.get(&(table, key.to_owned())).map(|(_, row)| row)
    }
}

/// The difference from what is there to what is wanted.
pub fn diff(actual: &Actual, wanted: &Rows) -> Difference {
    let names: BTreeMap<_, _> = wanted.rows.keys().enumerate().map(|(at, key)| (key, format!("r{at}"))).collect();
    let reference = |to: &(Table, String)| match actual.rows.get(to) {
        Some((uuid, _)) => Atom::Uuid(uuid.clone()),
        None => Atom::Named(names[to].as_str().into()),
    };
    let value = |cell: &Cell| match cell {
        Cell::Value(value) => value.clone(),
        Cell::Rows(rows) => Datum::Set(rows.iter().map(reference).collect()),
    };
    let mut difference = Difference::default();
    let mut later = Vec::new();
    for (key @ (table, name), columns) in &wanted.rows {
        let Some((uuid, row)) = actual.rows.get(key) else {
            let row = columns.iter().map(|(column, cell)| (column.clone(), value(cell))).collect();
            let (table_name, named) = (table.name().to_owned(), Some(names[key].clone()));
            difference.operations.push(Operation::Insert { table: table_name, row, name: named });
            difference.changes.push(Change::Insert(*table, name.clone()));
            continue;
        };
        let (mut update, mut mutations, mut changed) = (Row::new(), Vec::new(), Vec::new());
        for (column, cell) in columns {
            let (wanted, there) = (value(cell), row.get(column));
            if there.is_some_and(|there| *there == wanted || there.is_empty() && wanted.is_empty()) {
                continue;
            }
            changed.push(column.clone());
            match (there, &wanted) {
                // Of a large set, only what differs is sent.
                (Some(Datum::Set(there)), Datum::Set(wanted)) if there.len() > FEW => {
                    let mut mutate = |mutator, set: BTreeSet<Atom>| {
                        let (column, value) = (column.clone(), Datum::Set(set));
                        if !value.is_empty() {
                            mutations.push(Mutation { column, mutator, value });
                        }
                    };
                    mutate(Mutator::Delete, there - wanted);
                    mutate(Mutator::Insert, wanted - there);
                }
                _ => _ = update.insert(column.clone(), wanted),
            }
        }
        let (table_name, row) = (table.name().to_owned(), vec![Condition::row(uuid)]);
        if !update.is_empty() {
            later.push(Operation::Update { table: table_name.clone(), conditions: row.clone(), row: update });
        }
        if !mutations.is_empty() {
            later.push(Operation::Mutate { table: table_name, conditions: row, mutations });
        }
        if !changed.is_empty() {
            difference.changes.push(Change::Update(*table, name.clone(), changed));
        }
    }
    difference.operations.extend(later);
    for (key @ (table, name), (uuid, _)) in &actual.rows {
        if !wanted.rows.contains_key(key) {
            difference.changes.push(Change::Delete(*table, name.clone()));
            delete(&mut difference, *table, uuid);
        }
    }
    for (table, uuid) in &actual.copies {
        difference.changes.push(Change::Delete(*table, uuid.to_string()));
        delete(&mut difference, *table, uuid);
    }
    difference
}

/// A set of so many values is written as a whole.
const FEW: usize = 8;

/// The server forgets other rows once nothing refers to them.
fn delete(difference: &mut Difference, table: Table, uuid: &Uuid) {
    if table.is_root() {
        let conditions = vec![Condition::row(uuid)];
        difference.operations.push(Operation::Delete { table: table.name().into(), conditions });
    }
}

#[cfg(test)]
mod tests;
