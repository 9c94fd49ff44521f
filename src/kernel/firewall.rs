//! Rulesets of namespaces. The calling worker stands inside; errors say where.

use std::collections::BTreeMap;

use super::nft::Nft;
use crate::error::{Error, Result};
use crate::network::model::NamespaceName;
use crate::network::ruleset::{Family, Ruleset, Table};
use crate::network::ruleset_diff::{RulesetChange, TableId};

pub(super) fn read(lab: &str, name: &NamespaceName) -> Result<Ruleset> {
    Nft::open().and_then(|nft| nft.read()).map_err(|error| at(lab, name, error))
}

pub(super) fn apply(lab: &str, name: &NamespaceName, changes: &[RulesetChange]) -> Result<()> {
    closed_later(|nft| nft.apply(changes)).map_err(|error| at(lab, name, error))
}

/// By name, whichever table it is in: packets.
pub(super) fn counters(lab: &str, name: &NamespaceName) -> Result<BTreeMap<String, u64>> {
    let found = Nft::open().and_then(|nft| nft.counters()).map_err(|error| at(lab, name, error))?;
    let mut sums = BTreeMap::new();
    for ((_, counter), packets) in found {
        *sums.entry(counter).or_default() += packets;
    }
    Ok(sums)
}

/// The packets that rules of groups dropped: by reason and rule.
pub(super) fn rule_counters(lab: &str, name: &NamespaceName) -> Result<BTreeMap<(String, String), u64>> {
    Nft::open().and_then(|nft| nft.rule_counters()).map_err(|error| at(lab, name, error))
}

/// Whether the kernel takes a table of this family.
pub(super) fn try_out(family: Family, name: &str, table: Table) -> Result<()> {
    closed_later(|nft| nft.apply(&[RulesetChange::AddTable { table: TableId::new(family, name), content: table }]))
}

/// After something was deleted, closing the socket waits 13 ms for the kernel to have forgotten that: nobody here needs to
/// wait with it. Left open, it would keep its namespace alive.
fn closed_later<T>(work: impl FnOnce(&Nft) -> Result<T>) -> Result<T> {
    let nft = Nft::open()?;
    let result = work(&nft);
    // Where there can be no more threads, it is closed here.
    let _ = std::thread::Builder::new().spawn(move || drop(nft));
    result
}

fn at(lab: &str, name: &NamespaceName, error: Error) -> Error {
    Error { message: format!("namespace {lab}.{name}: {}", error.message).into(), ..error }
}
