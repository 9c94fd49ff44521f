//! Explains why a flow does not arrive: every blocker, and the operations that fix them.

use super::fix::DeadEnd;
use super::hop::Trace;
use super::instead::instead;
use super::is_reserved;
use super::path::walk;
use super::walk::{Block, Mode};
use super::{fix, remedy};
use super::{matrix, trace};
use crate::cloud::{Call, Cloud, INTERNET_HOST, InstanceName, Operation, Origin, RouteEntry};
use crate::flow::{Disposition, Endpoint, Reason, Traffic};
use crate::message::Message;

/// A trace, all its blockers, and the fix.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The hops, up to the end of the flow.
    pub trace: Trace,
    /// Every blocker, there and back, in the order in which a packet meets them if the previous ones are fixed.
    pub blockers: Vec<Blocker>,
    /// The operations that make it reach, in order, all of them necessary. Empty if it reaches already. `None`: no
    /// known operation helps, and the blockers say what to build instead.
    pub fix: Option<Vec<Operation>>,
}

/// One thing that stops the flow.
#[derive(Clone, Debug)]
pub struct Blocker {
    /// The reason of the drop.
    pub reason: Reason,
    /// Whether the answer is dropped.
    pub on_return: bool,
    /// The place and the decision.
    pub at: Message,
    /// Where the deciding rule, entry or resource is written.
    pub origin: Option<Origin>,
    /// The part of the fix for this blocker; empty if another blocker's part fixes it, or if nothing can.
    pub fix: Vec<Operation>,
    /// The resource to build instead, if no operation can help.
    pub instead: Option<Message>,
}

impl Blocker {
    fn of(block: &Block, fix: Vec<Operation>, instead: Option<Message>) -> Self {
        let at = block.place.with(&block.decision);
        let (reason, on_return, origin) = (block.reason, block.on_return, block.origin.clone());
        Blocker { reason, on_return, at, origin, fix, instead }
    }

    /// The reason as labs and checks spell it, with `return:` on the path back.
    pub fn disposition(&self) -> Disposition {
        Disposition::Drop { reason: self.reason, on_return: self.on_return }
    }
}

/// Traces a flow past every blocker as if it were fixed, and searches for the smallest set of operations that makes it
/// reach, each with the account that must call it. Changes nothing.
pub fn explain(cloud: &Cloud, from: &Endpoint, to: &Endpoint, traffic: impl Into<Traffic>) -> Explanation {
    let traffic = traffic.into();
    let trace = trace(cloud, from, to, traffic);
    if trace.disposition.reaches() {
        return Explanation { trace, blockers: Vec::new(), fix: Some(Vec::new()) };
    }
    let blocks = walk(cloud, from, to, traffic, Mode::Lift).blocks;
    let plan = fix::search(cloud, &remedy::Asked { from, to, traffic }, &blocks);
    let operations = plan.operations();
    let blockers = blocks.iter().enumerate().map(|(index, block)| {
        let fix: Vec<_> = plan.of_block(index).cloned().collect();
        // Where operations help, there is nothing else to build.
        let instead = match operations {
            Some(_) => None,
            None => instead(cloud, block).or_else(|| plan.refusal(index).filter(|_| fix.is_empty())),
        };
        Blocker::of(block, fix, instead)
    });
    let mut blockers: Vec<_> = blockers.collect();
    let says_why = operations.is_some() || blockers.iter().any(|blocker| blocker.instead.is_some());
    if let Some(DeadEnd { block, instead }) = plan.into_dead_end().filter(|_| !says_why) {
        match blocks.iter().position(|it| it.cause.is(&block.cause)) {
            Some(index) => blockers[index].instead = instead,
            None => blockers.push(Blocker::of(&block, Vec::new(), instead)),
        }
    }
    Explanation { trace, blockers, fix: operations }
}

/// A pair of instances whose result differs after a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Change {
    pub from: InstanceName,
    pub to: InstanceName,
    pub was: Disposition,
    pub is: Disposition,
}

/// Side effects of a fix: every other pair of instances whose result differs afterwards, for this protocol.
pub fn side_effects(cloud: &Cloud, asked: &Trace, fix: &[Operation]) -> Vec<Change> {
    let mut changed = cloud.clone();
    if fix.is_empty() || fix.iter().any(|operation| changed.apply(operation).is_err()) {
        return Vec::new();
    }
    let traffic = asked.traffic();
    let (before, after) = (matrix(cloud, traffic), matrix(&changed, traffic));
    let end = |index: usize| &before.instances()[index];
    let is = |endpoint: &Endpoint, index| matches!(endpoint, Endpoint::Instance(name) if name == end(index));
    let others = before.pairs().filter(|(from, to)| !(is(&asked.from, *from) && is(&asked.to, *to)));
    let changes = others.map(|(from, to)| Change {
        from: end(from).clone(),
        to: end(to).clone(),
        was: before.at(from, to),
        is: after.at(from, to),
    });
    changes.filter(|change| change.was != change.is).collect()
}

/// What a fix leaves behind in the tables that it changes, as operations that remove it: entries for the address that lead
/// nowhere, and for the internet entries for a part of it that lead elsewhere. The flow reaches without them too.
pub fn left_behind(cloud: &Cloud, asked: &Trace, fix: &[Operation]) -> Vec<Operation> {
    let mut after = cloud.clone();
    if fix.iter().any(|operation| after.apply(operation).is_err()) {
        return Vec::new();
    }
    let touched: Vec<_> = fix
        .iter()
        .filter_map(|operation| match &operation.call {
            Call::CreateRouteEntry(it) => Some((it.table.clone(), it.vpc.clone())),
            Call::DeleteRouteEntry(it) => Some((it.table.clone(), it.vpc.clone())),
            _ => None,
        })
        .collect();
    let goes_out = asked.destination == Some(INTERNET_HOST);
    let ends = [asked.source, asked.destination];
    let mut left = Vec::new();
    for table in after.route_tables().filter(|table| touched.contains(&table.named())) {
        let Some(vpc) = after.vpc(&table.vpc) else { continue };
        let is_left = |entry: &&RouteEntry| {
            let covers = ends.iter().flatten().any(|address| entry.destination.contains(address));
            // What is reserved is a block of 8 bits or more.
            let (block, bits) = (entry.destination, entry.destination.prefix_len());
            let is_part = goes_out && bits > 0 && (bits < 8 || !is_reserved(block.network()));
            let elsewhere =
                entry.next_hop != after.way_out(&vpc.name) && !remedy::serves_somebody(&after, table, entry);
            covers && after.leads_nowhere(&vpc.name, &entry.next_hop) || is_part && elsewhere
        };
        left.extend(table.entries.iter().filter(is_left).map(|entry| remedy::delete_entry(&vpc.account, table, entry)));
    }
    let still_reaches = |operation: &Operation| {
        let mut without = after.clone();
        without.apply(operation).is_ok() && super::predict(&without, &asked.from, &asked.to, asked.traffic()).reaches()
    };
    left.retain(still_reaches);
    left
}
