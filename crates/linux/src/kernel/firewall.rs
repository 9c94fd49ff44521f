//! Rulesets of namespaces. The calling worker thread is in the namespace; errors name it.

use std::collections::BTreeMap;

use super::messages::Said;
use super::nft::Nft;
use crate::error::{Error, Result};
use crate::msg;
use crate::network::model::NamespaceName;
use crate::network::ruleset::{Family, Ruleset, Table};
use crate::network::ruleset_diff::{RulesetChange, TableId};

pub(super) fn read(lab: &str, name: &NamespaceName) -> Result<Ruleset> {
    Nft::open().and_then(|nft| nft.read()).map_err(|error| at(lab, name, error))
}

pub(super) fn apply(lab: &str, name: &NamespaceName, changes: &[RulesetChange]) -> Result<()> {
    closed_later(|nft| nft.apply(changes)).map_err(|error| at(lab, name, error))
}

/// The packets of each named counter, of any table.
pub(super) fn counters(lab: &str, name: &NamespaceName) -> Result<BTreeMap<String, u64>> {
    let found = Nft::open().and_then(|nft| nft.counters()).map_err(|error| at(lab, name, error))?;
    let mut sums = BTreeMap::new();
    for ((_, counter), packets) in found {
        *sums.entry(counter).or_default() += packets;
    }
    Ok(sums)
}

/// The packets that rules of groups dropped, by reason and rule.
pub(super) fn rule_counters(lab: &str, name: &NamespaceName) -> Result<BTreeMap<(String, String), u64>> {
    Nft::open().and_then(|nft| nft.rule_counters()).map_err(|error| at(lab, name, error))
}

/// Checks that the kernel accepts a table of this family.
pub(super) fn try_out(family: Family, name: &str, table: Table) -> Result<()> {
    closed_later(|nft| nft.apply(&[RulesetChange::AddTable { table: TableId::new(family, name), content: table }]))
}

/// Runs `work` and closes the socket on another thread. After a deletion, closing the socket waits for an RCU grace
/// period (13 ms), and nobody here needs to wait for that. Left open, the socket would keep its namespace alive.
fn closed_later<T>(work: impl FnOnce(&Nft) -> Result<T>) -> Result<T> {
    let nft = Nft::open()?;
    let result = work(&nft);
    // If no thread can be started, the socket is closed here.
    let _ = std::thread::Builder::new().spawn(move || drop(nft));
    result
}

fn at(lab: &str, name: &NamespaceName, error: Error) -> Error {
    Error { message: msg!(Said::InNamespace { lab, name, why: &error.message }), ..error }
}
