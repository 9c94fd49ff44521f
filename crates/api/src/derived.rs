//! Ids of what the Cloud knows without an id of its own: the same for the same thing.

use peerlab_cloud::{RouteEntry, RouteTable, Rule, RuleArguments, RulePeer, SecurityGroup, fnv};

/// An id that follows from these texts: the prefix and 16 hexadecimal digits.
pub(crate) fn derived(prefix: &str, texts: &[&str]) -> String {
    let hash = texts.iter().fold(fnv::SEED, |seed, text| fnv::hash(fnv::hash(seed, text.as_bytes()), b"\n"));
    format!("{prefix}{hash:016x}")
}

/// The id of an entry.
pub(crate) fn entry_id(table: &RouteTable, entry: &RouteEntry) -> String {
    let text = format!("{} {} {:?} {}", table.id, entry.destination, entry.priority, entry.next_hop);
    format!("rte-{:013x}", fnv::hash(fnv::SEED, text.as_bytes()) >> 12)
}

/// The id of a rule.
pub(crate) fn rule_id(group: &SecurityGroup, rule: &Rule) -> String {
    let arguments = arguments_of(rule);
    let text = format!("{} {rule} {:?}", group.id, arguments.group);
    format!("sgr-{:013x}", fnv::hash(fnv::SEED, text.as_bytes()) >> 12)
}

/// The arguments that mean a rule, its group by its id.
pub(crate) fn arguments_of(rule: &Rule) -> RuleArguments {
    let mut arguments = rule.arguments();
    if let RulePeer::Group { id, .. } = &rule.peer {
        arguments.group = Some(id.to_string());
    }
    RuleArguments { priority: Some(rule.priority.to_string()), ..arguments }
}
