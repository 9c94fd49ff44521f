//! The operations lead to the wanted rows: in a model of the database.

use proptest::prelude::*;

use super::*;
use crate::compile;
use crate::compile::tests::{clouds, placement, random_clouds};

/// A database of OVN as far as labs use it: applies a transaction as a server does.
#[derive(Clone, Debug, Default)]
struct Database {
    rows: BTreeMap<(String, Uuid), Row>,
    next: usize,
}

impl Database {
    fn transact(&mut self, operations: &[Operation]) {
        let mut named = BTreeMap::new();
        for operation in operations {
            if let Operation::Insert { name: Some(name), .. } = operation {
                self.next += 1;
                named.insert(name.clone(), Uuid(format!("{:08}", self.next).into()));
            }
        }
        let atom = |atom: &Atom| match atom {
            Atom::Named(name) => Atom::Uuid(named[&**name].clone()),
            other => other.clone(),
        };
        let datum = |value: &Datum| match value {
            Datum::Set(set) => Datum::Set(set.iter().map(atom).collect()),
            map => map.clone(),
        };
        let values = |row: &Row| row.iter().map(|(column, value)| (column.clone(), datum(value))).collect::<Row>();
        let of = |conditions: &[Condition]| conditions[0].value.uuid().unwrap().clone();
        for operation in operations {
            match operation {
                Operation::Insert { table, row, name } => {
                    let uuid = named[name.as_ref().unwrap()].clone();
                    assert!(self.rows.insert((table.clone(), uuid), values(row)).is_none());
                }
                Operation::Update { table, conditions, row } => {
                    self.rows.get_mut(&(table.clone(), of(conditions))).unwrap().extend(values(row));
                }
                Operation::Mutate { table, conditions, mutations } => {
                    let row = self.rows.get_mut(&(table.clone(), of(conditions))).unwrap();
                    for Mutation { column, mutator, value } in mutations {
                        let (Some(Datum::Set(old)), Datum::Set(value)) = (row.get_mut(column), datum(value)) else {
                            panic!("{column}")
                        };
                        *old = match mutator {
                            Mutator::Insert => &*old | &value,
                            Mutator::Delete => &*old - &value,
                            Mutator::Add => panic!("no lab adds numbers"),
                        };
                    }
                }
                Operation::Delete { table, conditions } => {
                    assert!(self.rows.remove(&(table.clone(), of(conditions))).is_some());
                }
                Operation::Select { .. } | Operation::Wait { .. } => panic!("no lab is written by {operation:?}"),
            }
        }
        loop {
            let referred: BTreeSet<_> =
                self.rows.values().flat_map(|row| row.values().flat_map(Datum::uuids)).cloned().collect();
            let root = |name: &str| Table::ALL.into_iter().any(|table| table.is_root() && table.name() == name);
            let before = self.rows.len();
            self.rows.retain(|(table, uuid), _| root(table) || referred.contains(uuid));
            for uuid in self.rows.values().flat_map(|row| row.values().flat_map(Datum::uuids)) {
                assert!(self.rows.keys().any(|(_, there)| there == uuid), "a reference to nothing");
            }
            if self.rows.len() == before {
                return;
            }
        }
    }

    fn read(&self, lab: &str) -> Actual {
        let outcomes = Table::ALL.into_iter().map(|table| {
            let rows = self
                .rows
                .iter()
                .filter(|((name, _), row)| name == table.name() && row["external_ids"].get(OWNER) == Some(lab));
            let rows = rows.map(|((_, uuid), row)| {
                row.clone().into_iter().chain([("_uuid".to_owned(), Datum::one(uuid.clone()))]).collect()
            });
            Outcome { rows: rows.collect(), ..Outcome::default() }
        });
        Actual::of(outcomes)
    }

    /// Brings a lab to these rows; returns the number of operations.
    fn settle(&mut self, rows: &Rows) -> usize {
        let difference = diff(&self.read(&rows.lab), rows);
        self.transact(&difference.operations);
        assert_eq!(difference.changes.is_empty(), difference.operations.is_empty());
        difference.operations.len()
    }
}

/// Two databases with the same rows, whatever their identities.
fn same(one: &Database, other: &Database, rows: &Rows) {
    for database in [one, other] {
        assert_eq!(diff(&database.read(&rows.lab), rows).changes, []);
    }
    assert_eq!(one.rows.len(), other.rows.len(), "rows were left behind");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_difference_leads_from_any_cloud_to_any_other((before, after) in random_clouds()) {
        let [before, after] = [before, after].map(|cloud| compile("lab", &cloud, &placement()).rows);
        let (mut database, mut anew) = (Database::default(), Database::default());
        database.settle(&before);
        prop_assert_eq!(database.settle(&before), 0, "a second time there is nothing to do");
        database.settle(&after);
        anew.settle(&after);
        same(&database, &anew, &after);
    }
}

#[test]
fn two_labs_of_the_same_names_do_not_touch_each_other() {
    let mut database = Database::default();
    let steps = clouds("cross-account");
    let (first, last) = (&steps[0], steps.last().unwrap());
    let one = compile("one", last, &placement()).rows;
    database.settle(&one);
    let count = database.rows.len();
    database.settle(&compile("two", first, &placement()).rows);
    assert_eq!(diff(&database.read("one"), &one).changes, []);
    database.settle(&Rows::new("two"));
    assert_eq!((database.rows.len(), database.read("two").count()), (count, 0));
}

#[test]
fn what_somebody_changed_is_set_right() {
    let rows = compile("lab", clouds("cross-account").last().unwrap(), &placement()).rows;
    let mut fresh = Database::default();
    fresh.settle(&rows);
    for at in 0..fresh.rows.len() {
        let mut database = fresh.clone();
        let (key, row) = database.rows.iter_mut().nth(at).unwrap();
        let key = key.clone();
        let ids = row.get_mut("external_ids").unwrap();
        if let Datum::Map(map) = ids {
            map.insert("reason".into(), "by hand".into());
        }
        assert_eq!(database.settle(&rows), 1, "{key:?}");
        // A copy of a row, and a row that is gone.
        let mut database = fresh.clone();
        let row = database.rows[&key].clone();
        let root = Table::ALL.into_iter().any(|table| table.is_root() && table.name() == key.0);
        if root {
            database.rows.insert((key.0.clone(), Uuid("copy".into())), row);
            database.settle(&rows);
            same(&database, &fresh, &rows);
            database.rows.remove(&key).unwrap();
            database.transact(&[]);
            database.settle(&rows);
            same(&database, &fresh, &rows);
        }
    }
}
