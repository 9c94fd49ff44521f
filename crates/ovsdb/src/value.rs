//! The values of columns (RFC 7047 §5.1).

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

/// A row: the values of its columns by name.
pub type Row = BTreeMap<String, Datum>;

/// The identity of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub Arc<str>);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A real number. Ordered as by IEEE 754's total order, so that it may be in a set.
#[derive(Clone, Copy, Debug)]
pub struct Real(pub f64);

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Real {}

/// A single value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Atom {
    /// True or false.
    Boolean(bool),
    /// A signed number of 64 bits.
    Integer(i64),
    /// A real number.
    Real(Real),
    /// A text.
    String(Arc<str>),
    /// A reference to a row.
    Uuid(Uuid),
    /// A reference to a row that the same transaction inserts, by the name that it gives it.
    Named(Arc<str>),
}

impl Atom {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Atom::String(text) => Some(text),
            _ => None,
        }
    }

    /// Reads an atom. JSON does not tell reals without a fraction from integers, so these are integers.
    pub fn read(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(it) => Atom::Boolean(*it),
            Value::String(it) => Atom::String(it.as_str().into()),
            Value::Number(it) => match it.as_i64() {
                Some(integer) => Atom::Integer(integer),
                None => Atom::Real(Real(it.as_f64()?)),
            },
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(kind), Value::String(text)] if kind == "uuid" => Atom::Uuid(Uuid(text.as_str().into())),
                [Value::String(kind), Value::String(text)] if kind == "named-uuid" => Atom::Named(text.as_str().into()),
                _ => return None,
            },
            Value::Null | Value::Object(_) => return None,
        })
    }

    /// The atom as JSON.
    pub fn write(&self) -> Value {
        match self {
            Atom::Boolean(it) => json!(it),
            Atom::Integer(it) => json!(it),
            Atom::Real(it) => json!(it.0),
            Atom::String(it) => json!(&**it),
            Atom::Uuid(it) => json!(["uuid", &*it.0]),
            Atom::Named(it) => json!(["named-uuid", &**it]),
        }
    }
}

impl From<&str> for Atom {
    fn from(text: &str) -> Self {
        Atom::String(text.into())
    }
}

impl From<String> for Atom {
    fn from(text: String) -> Self {
        Atom::String(text.into())
    }
}

impl From<i64> for Atom {
    fn from(number: i64) -> Self {
        Atom::Integer(number)
    }
}

impl From<bool> for Atom {
    fn from(is: bool) -> Self {
        Atom::Boolean(is)
    }
}

impl From<Uuid> for Atom {
    fn from(uuid: Uuid) -> Self {
        Atom::Uuid(uuid)
    }
}

/// The value of a column. A column with exactly one value is a set of one: the server writes it so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// Values, each once.
    Set(BTreeSet<Atom>),
    /// Values by key.
    Map(BTreeMap<Atom, Atom>),
}

impl Datum {
    /// The empty set.
    pub fn none() -> Self {
        Datum::Set(BTreeSet::new())
    }

    /// One value.
    pub fn one(atom: impl Into<Atom>) -> Self {
        Datum::Set([atom.into()].into())
    }

    /// A set of values.
    pub fn set<A: Into<Atom>>(atoms: impl IntoIterator<Item = A>) -> Self {
        Datum::Set(atoms.into_iter().map(Into::into).collect())
    }

    /// A map.
    pub fn map<K: Into<Atom>, V: Into<Atom>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Datum::Map(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// The only value, if there is exactly one.
    pub fn only(&self) -> Option<&Atom> {
        match self {
            Datum::Set(set) if set.len() == 1 => set.first(),
            _ => None,
        }
    }

    /// The only value, if it is a text.
    pub fn text(&self) -> Option<&str> {
        self.only()?.text()
    }

    /// The only value, if it is an integer.
    pub fn integer(&self) -> Option<i64> {
        match self.only()? {
            Atom::Integer(it) => Some(*it),
            _ => None,
        }
    }

    /// The only value, if it is true or false.
    pub fn boolean(&self) -> Option<bool> {
        match self.only()? {
            Atom::Boolean(it) => Some(*it),
            _ => None,
        }
    }

    /// The only value, if it is a reference.
    pub fn uuid(&self) -> Option<&Uuid> {
        match self.only()? {
            Atom::Uuid(it) => Some(it),
            _ => None,
        }
    }

    /// The references in a set.
    pub fn uuids(&self) -> impl Iterator<Item = &Uuid> {
        let set = match self {
            Datum::Set(set) => Some(set),
            Datum::Map(_) => None,
        };
        set.into_iter().flatten().filter_map(|atom| match atom {
            Atom::Uuid(uuid) => Some(uuid),
            _ => None,
        })
    }

    /// The text of a key in a map of texts.
    pub fn get(&self, key: &str) -> Option<&str> {
        match self {
            Datum::Map(map) => map.get(&Atom::from(key))?.text(),
            Datum::Set(_) => None,
        }
    }

    /// Whether there is nothing in it: an empty set is an empty map.
    pub fn is_empty(&self) -> bool {
        match self {
            Datum::Set(set) => set.is_empty(),
            Datum::Map(map) => map.is_empty(),
        }
    }

    /// Reads a value.
    pub fn read(value: &Value) -> Option<Self> {
        if let Value::Array(pair) = value
            && let [Value::String(kind), Value::Array(items)] = pair.as_slice()
        {
            return match kind.as_str() {
                "set" => items.iter().map(Atom::read).collect::<Option<_>>().map(Datum::Set),
                "map" => items.iter().map(read_pair).collect::<Option<_>>().map(Datum::Map),
                _ => None,
            };
        }
        Some(Datum::Set([Atom::read(value)?].into()))
    }

    /// The value as JSON.
    pub fn write(&self) -> Value {
        match self {
            Datum::Set(set) => match self.only() {
                Some(only) => only.write(),
                None => json!(["set", set.iter().map(Atom::write).collect::<Vec<_>>()]),
            },
            Datum::Map(map) => {
                let pairs: Vec<_> = map.iter().map(|(key, value)| json!([key.write(), value.write()])).collect();
                json!(["map", pairs])
            }
        }
    }

    /// The value after a difference as the server's `update2` sends it: of a set the values that come or go, of a map the pairs
    /// that are new, changed or gone; any other value is the new one (ovsdb-server(7), §4.1.14).
    pub fn changed_by(&self, difference: &Datum, is_set: bool) -> Datum {
        match (self, difference) {
            (Datum::Set(old), Datum::Set(changed)) if is_set => Datum::Set(old ^ changed),
            (Datum::Map(old), Datum::Map(changed)) => {
                let mut new = old.clone();
                for (key, value) in changed {
                    if new.get(key) == Some(value) {
                        new.remove(key);
                    } else {
                        new.insert(key.clone(), value.clone());
                    }
                }
                Datum::Map(new)
            }
            _ => difference.clone(),
        }
    }
}

fn read_pair(value: &Value) -> Option<(Atom, Atom)> {
    match value.as_array()?.as_slice() {
        [key, value] => Some((Atom::read(key)?, Atom::read(value)?)),
        _ => None,
    }
}

/// Reads a row.
pub(crate) fn read_row(value: &Value) -> Option<Row> {
    value.as_object()?.iter().map(|(column, value)| Some((column.clone(), Datum::read(value)?))).collect()
}

/// A row as JSON.
pub(crate) fn write_row(row: &Row) -> Value {
    row.iter().map(|(column, value)| (column.clone(), value.write())).collect::<serde_json::Map<_, _>>().into()
}
