//! Rulesets of namespaces: the calling thread stands inside.

use crate::error::Result;
use crate::network::model::NamespaceName;
use crate::network::ruleset::Ruleset;
use crate::network::ruleset_diff::RulesetChange;
use std::collections::BTreeMap;

pub(super) fn read(_lab: &str, _name: &NamespaceName) -> Result<Ruleset> {
    Ok(Ruleset::default())
}

pub(super) fn apply(_lab: &str, _name: &NamespaceName, _changes: &[RulesetChange]) -> Result<()> {
    Ok(())
}

pub(super) fn counters(_lab: &str, _name: &NamespaceName) -> Result<BTreeMap<String, u64>> {
    Ok(BTreeMap::new())
}
