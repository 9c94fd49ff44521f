//! The rows of the shipped labs, and of random clouds.
#![allow(clippy::disallowed_methods, reason = "it reads the labs; what it tests is pure")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use peerlab_lab as lab;
use peerlab_message::error::Source;
use peerlab_ovsdb::Datum;
use proptest::prelude::*;

use crate::cloud::Cloud;
use crate::cloud::random::random_operation;
use crate::placement::{Host, Placement};
use crate::rows::{Cell, Rows};
use crate::table::Table;
use crate::{Compiled, compile};

/// The labs whose rows are kept, which show each thing that a lab can have.
const GOLDEN: [&str; 9] = [
    "cross-account",
    "vpc-peering",
    "aws-nacl-ephemeral",
    "internet",
    "nat-gateway",
    "nat-instance",
    "standby-route",
    "groups-both-ways",
    "overlapping",
];

pub(crate) fn placement() -> Placement {
    let hosts = ["h1", "h2", "h3"].map(|name| Host { name: name.into(), weight: 1 });
    Placement { hosts: hosts.into(), pins: Vec::new() }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of all shipped labs.
fn shipped() -> Vec<String> {
    let names = fs::read_dir(root().join("labs")).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        (path.extension()? == "toml").then(|| path.file_stem().unwrap().to_str().unwrap().to_owned())
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The clouds of a lab, after its tables and after each step.
pub(crate) fn clouds(name: &str) -> Vec<Cloud> {
    let text = fs::read_to_string(root().join(format!("labs/{name}.toml"))).unwrap();
    let lab = lab::read(Source::new(name, text)).unwrap();
    let mut cloud = lab.build().unwrap().0;
    let mut clouds = vec![cloud.clone()];
    for step in 0..lab.steps.len() {
        lab.play(&mut cloud, step).unwrap();
        clouds.push(cloud.clone());
    }
    clouds
}

fn warnings(compiled: &Compiled) -> String {
    compiled.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect()
}

#[test]
fn the_rows_of_labs_are_those_that_were_read() {
    let write = std::env::var("GOLDEN").is_ok_and(|value| value == "write");
    for name in GOLDEN {
        let cloud = clouds(name).pop().unwrap();
        let compiled = compile(name, &cloud, &placement());
        let text = warnings(&compiled) + &compiled.rows.to_string();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
        if write {
            fs::write(&path, &text).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            golden == text,
            "{name}: `GOLDEN=write cargo test -p peerlab-ovn` writes {}; read the diff",
            path.display()
        );
    }
}

#[test]
fn the_rows_of_every_lab_are_well_formed_after_each_step() {
    let mut count = 0;
    for name in shipped() {
        for cloud in clouds(&name) {
            well_formed(&compile(&name, &cloud, &placement()).rows);
            count += 1;
        }
    }
    assert!(count > 150, "only {count} states");
}

/// What holds for the rows of any lab.
fn well_formed(rows: &Rows) {
    let mut names: BTreeMap<(Table, String), &str> = BTreeMap::new();
    let mut owned = BTreeMap::new();
    for ((table, key), row) in &rows.rows {
        for column in table.references() {
            let Cell::Rows(to) = &row[*column] else { panic!("{table} {key}: {column} has no references") };
            for to in to {
                assert!(rows.rows.contains_key(to), "{table} {key}: {column} refers to {to:?}, which is not there");
                *owned.entry(to.clone()).or_insert(0) += usize::from(*column != "ports" || *table != Table::PortGroup);
            }
        }
        let value = |column: &str| match &row[column] {
            Cell::Value(value) => value.clone(),
            Cell::Rows(_) => panic!("{table} {key}: {column}"),
        };
        if let Some(Cell::Value(name)) = row.get("name") {
            let name = name.text().unwrap();
            let taken = names.insert((*table, name.to_owned()), key);
            assert_eq!(taken, None, "two rows of {table} are called {name}");
            if matches!(table, Table::PortGroup | Table::AddressSet) {
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
                assert!(name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit()), "{name}");
            }
        }
        match table {
            Table::LogicalRouterPort => {
                if let Some(peer) = value("peer").text() {
                    let peer = &rows.rows[&(Table::LogicalRouterPort, peer.to_owned())];
                    assert_eq!(peer["peer"], Cell::Value(Datum::one(key.as_str())), "{key} and its peer");
                }
            }
            Table::LogicalSwitchPort if value("type").text() == Some("router") => {
                let port = value("options").get("router-port").unwrap().to_owned();
                assert!(rows.rows.contains_key(&(Table::LogicalRouterPort, port)), "{key}");
            }
            Table::StaticRoute => {
                if let Some(port) = value("output_port").text() {
                    assert!(rows.rows.contains_key(&(Table::LogicalRouterPort, port.to_owned())), "{key}: {port}");
                }
            }
            Table::Policy | Table::Acl => {
                let text = value("match").text().unwrap().to_owned();
                for word in text.split([' ', ',', '{', '}']).filter_map(|word| word.strip_prefix('$')) {
                    assert!(rows.rows.contains_key(&(Table::AddressSet, word.to_owned())), "{key}: {word}");
                }
                for word in text.split(' ').filter_map(|word| word.strip_prefix('@')) {
                    assert!(rows.rows.contains_key(&(Table::PortGroup, word.to_owned())), "{key}: {word}");
                }
                let drops = value("action").text() == Some("drop");
                let Cell::Value(ids) = &row["external_ids"] else { panic!("{key}") };
                assert_eq!(ids.get("reason").is_some(), drops, "{key}: what drops says why");
            }
            _ => {}
        }
    }
    for (table, key) in rows.rows.keys().filter(|(table, _)| !table.is_root()) {
        assert_eq!(owned.get(&(*table, key.clone())), Some(&1), "{table} {key} has one owner");
    }
}

/// A shipped lab after some of its steps, and then random operations.
pub(crate) fn random_clouds() -> impl Strategy<Value = (Cloud, Cloud)> {
    let rolls = || prop::collection::vec(prop::collection::vec(any::<u16>(), 12), 0..24);
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), rolls(), rolls()).prop_map(
        |(name, step, rolls, more)| {
            let names = shipped();
            let name: &String = name.get(names.as_slice());
            let clouds = clouds(name);
            let mut cloud = step.get(clouds.as_slice()).clone();
            let mut operate = |all: &[Vec<u16>]| {
                for rolls in all {
                    let operation = random_operation(&cloud, rolls);
                    let _refused = cloud.apply(&operation);
                }
                cloud.clone()
            };
            (operate(&rolls), operate(&more))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rows_of_random_clouds_are_well_formed((cloud, other) in random_clouds()) {
        for cloud in [cloud, other] {
            let rows = compile("lab", &cloud, &placement()).rows;
            well_formed(&rows);
            prop_assert_eq!(compile("lab", &cloud.clone(), &placement()).rows, rows);
        }
    }
}
