//! The hosts: each has a row of the table `DNS`, which its `peerlab node` writes.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use peerlab_ovsdb::{Client, Condition, Datum, Operation, Row, Watch};

use super::database;
use crate::error::Result;
use crate::journal::shared::{KIND, TABLE};

/// The value of the kind of these rows.
const NODE: &str = "node";

/// How often a host says that it is there.
pub const BEAT: Duration = Duration::from_secs(3);

/// How long after that it counts as lost.
const LOST: Duration = Duration::from_secs(12);

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostState {
    /// The name of its chassis.
    pub name: String,
    /// Its share of the instances, relative to the others: its processors.
    pub weight: u32,
    /// Its memory in MiB.
    pub memory: u64,
    /// The version of its peerlab.
    pub version: String,
    /// When it last said that it is there, in seconds since 1970 by its own clock.
    pub seen: u64,
    /// The labs of which it has something: the version of the journal that it has reached, and the number of parts.
    pub labs: BTreeMap<String, (u64, usize)>,
    /// What it cannot do, in English.
    pub trouble: Option<String>,
}

impl HostState {
    /// Whether it said so lately that it is there.
    pub fn is_alive(&self) -> bool {
        now().abs_diff(self.seen) < LOST.as_secs()
    }

    /// Whether it has something of a lab.
    pub fn has(&self, lab: &str) -> bool {
        self.labs.contains_key(lab)
    }

    /// The version of a lab's journal that it has reached.
    pub fn version_of(&self, lab: &str) -> Option<u64> {
        self.labs.get(lab).map(|(version, _)| *version)
    }

    const COLUMNS: [&str; 2] = ["external_ids", "records"];

    /// The rows of all hosts.
    fn all() -> Condition {
        Condition::includes("external_ids", Datum::map([(KIND, NODE)]))
    }

    /// Follows all hosts.
    pub(super) fn watch() -> Watch {
        Watch::any(TABLE, &HostState::COLUMNS, vec![HostState::all()])
    }

    fn condition(name: &str) -> Condition {
        Condition::includes("external_ids", Datum::map([(KIND, NODE), ("host", name)]))
    }

    /// The operations that write its row, in place of the former one.
    pub fn written(&self) -> [Operation; 2] {
        let number = |number: u64| number.to_string();
        let mut records: Vec<(String, String)> = vec![
            ("weight".into(), number(self.weight.into())),
            ("memory".into(), number(self.memory)),
            ("version".into(), self.version.clone()),
            ("seen".into(), number(self.seen)),
        ];
        records.extend(self.trouble.iter().map(|trouble| ("trouble".to_owned(), trouble.clone())));
        let lab =
            |(lab, (version, parts)): (&String, &(u64, usize))| (format!("lab:{lab}"), format!("{version} {parts}"));
        records.extend(self.labs.iter().map(lab));
        let row = Row::from([
            ("external_ids".to_owned(), Datum::map([(KIND, NODE), ("host", &*self.name)])),
            ("records".to_owned(), Datum::map(records)),
        ]);
        [
            Operation::Delete { table: TABLE.into(), conditions: vec![HostState::condition(&self.name)] },
            Operation::Insert { table: TABLE.into(), row, name: None },
        ]
    }

    fn read(row: &Row) -> Option<Self> {
        let (ids, records) = (row.get("external_ids")?, row.get("records")?);
        let number = |key: &str| records.get(key).and_then(|text| text.parse().ok()).unwrap_or_default();
        let labs = match records {
            Datum::Map(map) => map.iter().filter_map(|(key, value)| {
                let (version, parts) = value.text()?.split_once(' ')?;
                Some((key.text()?.strip_prefix("lab:")?.to_owned(), (version.parse().ok()?, parts.parse().ok()?)))
            }),
            Datum::Set(_) => return None,
        };
        Some(HostState {
            name: ids.get("host")?.to_owned(),
            weight: u32::try_from(number("weight")).unwrap_or(1),
            memory: number("memory"),
            version: records.get("version").unwrap_or_default().to_owned(),
            seen: number("seen"),
            labs: labs.collect(),
            trouble: records.get("trouble").map(str::to_owned),
        })
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The hosts, by name.
pub fn hosts() -> Result<Vec<HostState>> {
    let rows = database()?.client().select(TABLE, vec![HostState::all()], &HostState::COLUMNS)?;
    Ok(sorted(rows.iter()))
}

/// The hosts, as a connection that follows them has them.
pub(super) fn of(client: &Client) -> Vec<HostState> {
    sorted(client.replica().rows(TABLE).map(|(_, row)| row))
}

fn sorted<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<HostState> {
    let mut hosts: Vec<_> = rows.filter_map(HostState::read).collect();
    hosts.sort_by(|one, other| one.name.cmp(&other.name));
    hosts
}
