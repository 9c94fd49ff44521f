//! The changes of a lab's rows: planned, and made in one transaction with the journal.

use std::time::{Duration, Instant};

use peerlab_ovn::{Difference, compile, diff};
use peerlab_ovsdb::{Datum, Mutation, Mutator, Operation, Row, Watch};

use super::hosts::{self, HostState};
use super::messages::Said;
use super::{BLINK, PATIENCE, Port, database, follow, placement, read};
use crate::error::{Errors, Result};
use crate::journal::Store;
use crate::message::Message;
use crate::msg;
use crate::progress::{Progress, Work};
use crate::target::{self, Changes, Goal, Made};

/// The changes to make.
#[derive(Debug)]
pub(super) struct Plan {
    lab: String,
    placement: String,
    difference: Difference,
    warnings: Vec<Message>,
}

impl Plan {
    pub(super) fn of(lab: &str, goal: &Goal<'_>) -> Result<Self> {
        let placement = placement::wanted(lab, !goal.is_new)?;
        let compiled = compile(lab, &goal.cloud, &placement);
        let difference = diff(&read(lab)?, &compiled.rows);
        let placement = placement::write(&placement);
        Ok(Plan { lab: lab.into(), placement, difference, warnings: compiled.warnings })
    }
}

impl target::Plan for Plan {
    fn count(&self) -> usize {
        let moved = Store::of(&self.lab).placement().is_some_and(|it| it != self.placement);
        self.difference.changes.len() + usize::from(moved && self.difference.changes.is_empty())
    }

    fn announce(&self) -> Result<()> {
        Ok(())
    }

    fn make(self: Box<Self>, progress: &dyn Progress) -> Result<Made, Errors> {
        let Plan { lab, placement, difference, warnings } = *self;
        Store::of(&lab).write_placement(&placement)?;
        let mut operations = difference.operations;
        operations.push(numbered());
        database()?.commit(&lab, operations)?;
        let mut notes = warnings;
        notes.extend(wait(&lab, progress)?);
        Ok(Made { changes: Changes::new(difference.changes), notes })
    }
}

/// Asks OVN to say when the hosts have what is written until then.
fn numbered() -> Operation {
    let next = Mutation { column: "nb_cfg".into(), mutator: Mutator::Add, value: Datum::one(1) };
    Operation::Mutate { table: "NB_Global".into(), conditions: Vec::new(), mutations: vec![next] }
}

/// A number in this row: of what is written (`nb_cfg`), of what ovn-northd has computed (`sb_cfg`), or of what all hosts have
/// (`hv_cfg`).
fn number(row: Option<&Row>, column: &str) -> i64 {
    row.and_then(|row| row.get(column)?.integer()).unwrap_or_default()
}

/// How long ovn-northd may take to compute a change: it waits for 8 seconds before it tries the next server of a cluster.
const COMPUTING: Duration = Duration::from_secs(60);

/// How much longer for each port: OVN connects none before it has programmed the flows of all.
const EACH: Duration = Duration::from_millis(50);

/// How long a host may take to program the flows, where another one is lost and so OVN never says that all have.
const FLOWS: Duration = Duration::from_secs(1);

/// Waits until the hosts have made what was asked for; returns what they have not.
fn wait(lab: &str, progress: &dyn Progress) -> Result<Vec<Message>> {
    let version = database()?.version_of(lab).unwrap_or_default();
    let rows = database()?.client().select("NB_Global", Vec::new(), &["nb_cfg"])?;
    let wanted = number(rows.first(), "nb_cfg");
    let mut there = follow(
        database()?,
        vec![
            Watch::any(Port::TABLE, &Port::COLUMNS, vec![Port::condition(lab)]),
            HostState::watch(),
            Watch::all("NB_Global", &["sb_cfg", "hv_cfg"]),
        ],
    )?;
    // The hosts have theirs once OVN has computed what they need.
    let mut until = Instant::now() + COMPUTING;
    let mut computed: Option<Instant> = None;
    let mut begins = true;
    let mut left = (usize::MAX, usize::MAX);
    loop {
        let global = there.replica().rows("NB_Global").next().map(|(_, row)| row);
        let all_have = number(global, "hv_cfg") >= wanted;
        if computed.is_none() && number(global, "sb_cfg") >= wanted {
            computed = Some(Instant::now());
            until = Instant::now() + PATIENCE;
        }
        let ports: Vec<_> = there.replica().rows(Port::TABLE).filter_map(|(_, row)| Port::read(row)).collect();
        let hosts = hosts::of(&there);
        if std::mem::take(&mut begins) {
            progress.begin(Work::Building, ports.len());
        }
        let state = |name: &str| hosts.iter().find(|host| host.name == name);
        let alive = |name: &str| state(name).is_some_and(HostState::is_alive);
        let reached = |host: &&HostState| host.version_of(lab).is_some_and(|it| it >= version);
        let mut used: Vec<_> = ports.iter().map(|port| port.host.clone()).collect();
        used.sort();
        used.dedup();
        let down: Vec<_> = ports.iter().filter(|port| !port.up && alive(&port.host)).collect();
        let late: Vec<_> =
            used.iter().filter(|name| alive(name) && state(name).filter(reached).is_none()).cloned().collect();
        // As long as something comes, it is awaited.
        if computed.is_some() && left != (down.len(), late.len()) {
            left = (down.len(), late.len());
            until = Instant::now() + PATIENCE + EACH * u32::try_from(ports.len()).unwrap_or(u32::MAX);
        }
        let is_lost = hosts.iter().any(|host| !host.is_alive());
        let has_flows = all_have || is_lost && computed.is_some_and(|at| at.elapsed() >= FLOWS);
        let is_done = computed.is_some() && has_flows && down.is_empty() && late.is_empty();
        if is_done || Instant::now() >= until {
            if computed.is_none() {
                return Ok(vec![msg!(Said::NotComputed)]);
            }
            let lost = used.iter().filter(|name| !alive(name)).map(|host| {
                let parts = ports.iter().filter(|port| port.host == **host).count();
                msg!(Said::HostLost { host, parts })
            });
            let down = down.iter().map(|port| msg!(Said::NotUpYet { name: &port.name, host: &port.host }));
            let late = late.iter().map(|host| match state(host).and_then(|it| it.trouble.clone()) {
                Some(why) => msg!(Said::HostTrouble { host, why }),
                None => msg!(Said::HostLate { host }),
            });
            return Ok(lost.chain(late).chain(down).collect());
        }
        there.wait(BLINK);
    }
}
