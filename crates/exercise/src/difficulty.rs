//! How hard an exercise is, 1 to 5: how far the packet comes, how much is in its way at once, what could be it and is not,
//! and who must act.

use std::collections::BTreeSet;

use crate::cloud::{AccountName, Cloud, Operation};
use crate::flow::Endpoint;
use crate::flows::Flow;
use crate::trace::explain;

/// The difficulty of faults that break these flows, and that `mends` mend.
pub(crate) fn difficulty(broken: &Cloud, flows: &[&Flow<'_>], mends: &[Vec<Operation>]) -> u8 {
    let mut points = 2 * mends.len().saturating_sub(1);
    let explained = flows.iter().filter(|flow| flow.wants_reach()).take(MOST_FLOWS);
    let explained: Vec<_> = explained.map(|flow| explain(broken, flow.from, flow.to, flow.check.traffic())).collect();
    let at_once = explained.iter().map(|it| it.blockers.len()).max().unwrap_or_default();
    points += at_once.saturating_sub(1).min(2);
    // A packet that is lost on the way back came all the way there.
    let hops = explained
        .iter()
        .map(|it| if it.trace.back.is_empty() { it.trace.there.len() } else { 5 + it.trace.back.len() });
    points += match hops.max().unwrap_or_default() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    let callers: BTreeSet<&AccountName> = mends.iter().flatten().map(|operation| &operation.caller).collect();
    points += callers.len().saturating_sub(1);
    let senders = flows.iter().filter_map(|flow| match flow.from {
        Endpoint::Instance(name) => broken.instance(name).map(|it| &it.account),
        _ => None,
    });
    points += usize::from(senders.into_iter().any(|account| !callers.contains(account)));
    points += match mends.iter().map(Vec::len).sum::<usize>() {
        0..=1 => 0,
        2..=3 => 1,
        _ => 2,
    };
    points += usize::from(decoys(broken) >= MANY_DECOYS);
    1 + (points / 2).min(4) as u8
}

/// Explaining many flows of one fault tells no more.
const MOST_FLOWS: usize = 4;

/// So many entries and rules are not read at a glance.
const MANY_DECOYS: usize = 16;

/// The entries and rules that could be at fault.
fn decoys(cloud: &Cloud) -> usize {
    let entries = cloud.route_tables().map(|table| table.entries.len());
    let rules = cloud.security_groups().map(|group| group.rules.len());
    let acls = cloud.network_acls().map(|acl| acl.entries.len());
    entries.chain(rules).chain(acls).sum()
}
