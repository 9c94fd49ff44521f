//! Drops by reason, from the counters of a host's switch.
//!
//! A flow of the switch has the first 32 bits of its logical flow's uuid as its cookie, and the number of its router or switch as its
//! metadata. A logical flow has the first digits of the uuid of the northbound row that it was made of, which says the reason. But
//! equal routes of several routers share one logical flow, with the row of one of them; so a route is found by its router, its table
//! and its prefix. The number of a table is in the flows that choose it by the port where a packet comes in.
//!
//! All this is internal to OVN: it is so in 23.03. In a version where a row that drops has no such flow, nothing is counted.

use std::collections::{BTreeMap, BTreeSet};

use peerlab_ovsdb::{Condition, Datum, Operation, Outcome, Row, Uuid};

use crate::flow::Reason;
use crate::table::{OWNER, Table};

/// A flow of a switch that some packets met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its cookie.
    pub cookie: u64,
    /// The number of its router or switch.
    pub datapath: u64,
    /// The packets so far.
    pub packets: u64,
}

/// Packets dropped so far, by the VPC, or `internet`, and the reason.
pub type Drops = BTreeMap<(String, Reason), u64>;

/// The actions of logical flows that drop.
const DROPPING: [&str; 3] = ["drop;", "/* drop */", "ct_commit { ct_mark.blocked = 1; }; /* drop */"];

/// The operations that read, from the northbound database, why a lab's rows drop.
pub fn reading_reasons(lab: &str) -> Vec<Operation> {
    let mine = || vec![Condition::includes("external_ids", Datum::map([(OWNER, lab)]))];
    let select = |table: Table, columns: &[&str]| Operation::select(table.name(), mine(), columns);
    vec![
        select(Table::Acl, &["_uuid", "external_ids"]),
        select(Table::Policy, &["_uuid", "external_ids"]),
        select(Table::StaticRoute, &["route_table", "ip_prefix", "external_ids"]),
        select(Table::LogicalRouterPort, &["name", "options"]),
    ]
}

/// The operations that read the logical flows that drop, from the southbound database.
pub fn reading_flows() -> Vec<Operation> {
    let stage = Condition::includes("external_ids", Datum::map([("stage-name", "lr_in_ip_routing_pre")]));
    let choosing = Operation::select("Logical_Flow", vec![stage], &["match", "actions", "logical_datapath"]);
    let datapaths = Operation::select("Datapath_Binding", Vec::new(), &["_uuid", "tunnel_key", "external_ids"]);
    let dropping = DROPPING.map(|actions| {
        let actions = Condition::is("actions", Datum::one(actions));
        Operation::select("Logical_Flow", vec![actions], &["_uuid", "match", "external_ids"])
    });
    [datapaths, choosing].into_iter().chain(dropping).collect()
}

/// The drops of a lab among what a switch counted; `None` if a row that drops has no flow.
pub fn drops(lab: &str, hits: &[Hit], reasons: &[Outcome], flows: &[Outcome]) -> Option<Drops> {
    let [acls, policies, routes, ports] = reasons else { return None };
    let [datapaths, choosing, dropping @ ..] = flows else { return None };
    let by_row: BTreeMap<u64, Reason> = acls.rows.iter().chain(&policies.rows).filter_map(row_reason).collect();
    let by_route: BTreeMap<(&str, &str), Reason> = routes.rows.iter().filter_map(route_reason).collect();
    let tables = tables(&ports.rows, &choosing.rows);
    let places: BTreeMap<u64, (&Uuid, String)> =
        datapaths.rows.iter().filter_map(|row| place(lab, row)).map(|(key, uuid, name)| (key, (uuid, name))).collect();
    let flows: BTreeMap<u64, &Row> = dropping
        .iter()
        .flat_map(|it| &it.rows)
        .filter_map(|row| Some((digits(&uuid(row)?.to_string())?, row)))
        .collect();
    let hints: BTreeSet<u64> = flows.values().filter_map(|row| hint(row)).collect();
    if !by_row.keys().all(|row| hints.contains(row)) {
        return None;
    }
    let mut drops = Drops::new();
    for hit in hits {
        let (Some(flow), Some((datapath, place))) = (flows.get(&hit.cookie), places.get(&hit.datapath)) else {
            continue;
        };
        let of_row = || by_row.get(&hint(flow)?).copied();
        let of_route = || {
            let rest = flow.get("match")?.text()?.strip_prefix("reg7 == ")?;
            let (number, prefix) = rest.split_once(" && ip4.dst == ")?;
            let table = tables.get(&(*datapath, number))?;
            by_route.get(&(*table, prefix)).copied()
        };
        if let Some(reason) = of_route().or_else(of_row) {
            *drops.entry((place.clone(), reason)).or_default() += hit.packets;
        }
    }
    Some(drops)
}

fn uuid(row: &Row) -> Option<&Uuid> {
    row.get("_uuid")?.uuid()
}

/// The first 32 bits of a uuid.
fn digits(text: &str) -> Option<u64> {
    u64::from_str_radix(text.get(..8)?, 16).ok()
}

/// The row of which a logical flow was made.
fn hint(flow: &Row) -> Option<u64> {
    // OVN leaves out leading zeros in no version; a shorter one is none.
    digits(flow.get("external_ids")?.get("stage-hint")?)
}

fn reason(row: &Row) -> Option<Reason> {
    let word = row.get("external_ids")?.get("reason")?;
    Reason::DROPS.into_iter().find(|reason| reason.as_str() == word)
}

fn row_reason(row: &Row) -> Option<(u64, Reason)> {
    Some((digits(&uuid(row)?.to_string())?, reason(row)?))
}

fn route_reason(row: &Row) -> Option<((&str, &str), Reason)> {
    Some(((row.get("route_table")?.text()?, row.get("ip_prefix")?.text()?), reason(row)?))
}

/// The route tables of routers, by their numbers.
fn tables<'r>(ports: &'r [Row], choosing: &'r [Row]) -> BTreeMap<(&'r Uuid, &'r str), &'r str> {
    let of_port = |row: &'r Row| Some((row.get("name")?.text()?, row.get("options")?.get("route_table")?));
    let by_port: BTreeMap<&str, &str> = ports.iter().filter_map(of_port).collect();
    let chosen = |row: &'r Row| {
        let port = row.get("match")?.text()?.strip_prefix("inport == \"")?.strip_suffix('"')?;
        let number = row.get("actions")?.text()?.strip_prefix("reg7 = ")?.strip_suffix("; next;")?;
        Some(((row.get("logical_datapath")?.uuid()?, number), *by_port.get(port)?))
    };
    choosing.iter().filter_map(chosen).collect()
}

/// The number of a lab's router or switch, its uuid, and what it is of.
fn place<'r>(lab: &str, row: &'r Row) -> Option<(u64, &'r Uuid, String)> {
    let name = row.get("external_ids")?.get("name")?.strip_prefix(lab)?;
    let part = name.strip_prefix(['.', '/'])?.split(['/', '~']).next()?;
    Some((u64::try_from(row.get("tunnel_key")?.integer()?).ok()?, uuid(row)?, part.to_owned()))
}
