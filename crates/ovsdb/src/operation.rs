//! The operations of a transaction, and their outcomes (RFC 7047 §5.2).

use serde_json::{Value, json};

use crate::value::{Datum, Row, Uuid, read_row, write_row};

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Reads columns of rows.
    Select {
        /// The table.
        table: String,
        /// All of which must hold.
        conditions: Vec<Condition>,
        /// The columns; none: all.
        columns: Vec<String>,
    },
    /// Adds a row.
    Insert {
        /// The table.
        table: String,
        /// Its columns.
        row: Row,
        /// By which the transaction's other rows refer to it.
        name: Option<String>,
    },
    /// Sets columns of rows.
    Update {
        /// The table.
        table: String,
        /// All of which must hold.
        conditions: Vec<Condition>,
        /// The new values.
        row: Row,
    },
    /// Adds to or removes from sets and maps.
    Mutate {
        /// The table.
        table: String,
        /// All of which must hold.
        conditions: Vec<Condition>,
        /// The changes.
        mutations: Vec<Mutation>,
    },
    /// Removes rows.
    Delete {
        /// The table.
        table: String,
        /// All of which must hold.
        conditions: Vec<Condition>,
    },
    /// Lets the transaction fail ([`Failure::Outdated`](crate::Failure::Outdated)) unless the rows are just these.
    Wait {
        /// The table.
        table: String,
        /// All of which must hold.
        conditions: Vec<Condition>,
        /// The columns that are compared.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Row>,
    },
}

/// A condition on a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The comparison.
    pub function: Function,
    /// The other side.
    pub value: Datum,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Equal.
    Is,
    /// Contains all of it.
    Includes,
}

/// A change of a set or map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// The column.
    pub column: String,
    /// What is done.
    pub mutator: Mutator,
    /// With these values.
    pub value: Datum,
}

/// What a mutation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutator {
    /// Adds values; a key that a map has keeps its value.
    Insert,
    /// Removes values, of a map the pairs.
    Delete,
    /// Adds a number.
    Add,
}

impl Condition {
    /// The row with this identity.
    pub fn row(uuid: &Uuid) -> Self {
        Condition { column: "_uuid".into(), function: Function::Is, value: Datum::one(uuid.clone()) }
    }

    /// A column that equals a value.
    pub fn is(column: &str, value: Datum) -> Self {
        Condition { column: column.into(), function: Function::Is, value }
    }

    /// A column that contains a value.
    pub fn includes(column: &str, value: Datum) -> Self {
        Condition { column: column.into(), function: Function::Includes, value }
    }

    pub(crate) fn write(&self) -> Value {
        let function = match self.function {
            Function::Is => "==",
            Function::Includes => "includes",
        };
        json!([self.column, function, self.value.write()])
    }
}

fn conditions(all: &[Condition]) -> Value {
    all.iter().map(Condition::write).collect()
}

impl Operation {
    /// Reads columns of rows.
    pub fn select(table: &str, conditions: Vec<Condition>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Operation::Select { table: table.into(), conditions, columns }
    }

    /// The operation as JSON.
    pub fn write(&self) -> Value {
        match self {
            Operation::Select { table, conditions: all, columns } => {
                let mut select = json!({"op": "select", "table": table, "where": conditions(all)});
                if !columns.is_empty() {
                    select["columns"] = json!(columns);
                }
                select
            }
            Operation::Insert { table, row, name } => {
                let mut insert = json!({"op": "insert", "table": table, "row": write_row(row)});
                if let Some(name) = name {
                    insert["uuid-name"] = json!(name);
                }
                insert
            }
            Operation::Update { table, conditions: all, row } => {
                json!({"op": "update", "table": table, "where": conditions(all), "row": write_row(row)})
            }
            Operation::Mutate { table, conditions: all, mutations } => {
                let mutations: Vec<_> = mutations.iter().map(Mutation::write).collect();
                json!({"op": "mutate", "table": table, "where": conditions(all), "mutations": mutations})
            }
            Operation::Delete { table, conditions: all } => {
                json!({"op": "delete", "table": table, "where": conditions(all)})
            }
            Operation::Wait { table, conditions: all, columns, rows } => {
                let rows: Vec<_> = rows.iter().map(write_row).collect();
                json!({"op": "wait", "timeout": 0, "table": table, "where": conditions(all), "columns": columns,
                    "until": "==", "rows": rows})
            }
        }
    }
}

impl Mutation {
    fn write(&self) -> Value {
        let mutator = match self.mutator {
            Mutator::Insert => "insert",
            Mutator::Delete => "delete",
            Mutator::Add => "+=",
        };
        json!([self.column, mutator, self.value.write()])
    }
}

/// The outcome of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The rows of a select.
    pub rows: Vec<Row>,
    /// The identity of an inserted row.
    pub uuid: Option<Uuid>,
    /// The number of rows that were changed or removed.
    pub count: usize,
}

impl Outcome {
    /// Reads an outcome.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let rows = match object.get("rows") {
            Some(rows) => rows.as_array()?.iter().map(read_row).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        let uuid = object.get("uuid").and_then(Datum::read).and_then(|it| it.uuid().cloned());
        let count = object.get("count").and_then(Value::as_u64).unwrap_or_default();
        Some(Outcome { rows, uuid, count: usize::try_from(count).unwrap_or(usize::MAX) })
    }
}
