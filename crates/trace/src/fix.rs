//! Searches for the smallest set of operations that makes a flow reach (docs/explain.md).
//!
//! [`remedy`](super::remedy) proposes operations for a blocker, and [`Cloud::apply`] on a clone tests them: an
//! operation that the cloud refuses is not a fix.

use super::instead::instead;
use super::messages::Said;
use super::path::walk;
use super::predict;
use super::remedy::{self, Asked};
use super::walk::{Block, Cause, Mode, Toward};
use crate::cloud::{Call, Cloud, Fault, Operation, Refusal};
use crate::message::Message;
use crate::msg;

/// The result of a search.
pub(super) struct Plan {
    /// The operations in order, each with the index of its blocker.
    steps: Vec<Step>,
    /// Whether they make the flow reach.
    reaches: bool,
    /// By blocker: how the cloud refused the proposals.
    refusals: Vec<Option<Message>>,
    /// Where the search ended first, if nothing makes the flow reach.
    dead_end: Option<DeadEnd>,
}

/// A blocker that nothing lifts, once those before it are lifted as proposed.
pub(super) struct DeadEnd {
    pub(super) block: Block,
    /// What to build instead, or how the cloud refused the proposals.
    pub(super) instead: Option<Message>,
}

#[derive(Clone)]
struct Step {
    operation: Operation,
    block: usize,
}

impl Plan {
    /// All operations, if they make the flow reach.
    pub(super) fn operations(&self) -> Option<Vec<Operation>> {
        self.reaches.then(|| self.steps.iter().map(|step| step.operation.clone()).collect())
    }

    /// The operations for one blocker.
    pub(super) fn of_block(&self, block: usize) -> impl Iterator<Item = &Operation> {
        self.steps.iter().filter(move |step| step.block == block).map(|step| &step.operation)
    }

    /// Why the cloud refused all proposals for a blocker.
    pub(super) fn refusal(&self, block: usize) -> Option<Message> {
        self.refusals[block].clone()
    }

    /// The blocker because of which nothing helps, behind all others.
    pub(super) fn into_dead_end(self) -> Option<DeadEnd> {
        self.dead_end
    }
}

/// The most Clouds to try; labs of the tutorials' size need fewer than 20.
const BUDGET: usize = 200;

/// Searches depth first, preferred proposals first, and prunes branches that cannot be shorter than the best result.
pub(super) fn search(cloud: &Cloud, asked: &Asked, blocks: &[Block]) -> Plan {
    let refusals = vec![None; blocks.len()];
    let mut search = Search { asked, blocks, best: None, budget: BUDGET, refusals, dead_end: None };
    // What is under way ends by itself.
    let settled = cloud.settled();
    match &settled {
        Some(settled) => {
            let Asked { from, to, traffic } = *asked;
            search.go(settled, &walk(settled, from, to, traffic, Mode::Lift).blocks, &mut Vec::new(), 0);
        }
        None => search.go(cloud, blocks, &mut Vec::new(), 0),
    }
    let cloud = settled.as_ref().unwrap_or(cloud);
    match search.best {
        Some(steps) => {
            let (steps, refusals) = (without_needless(cloud, asked, steps), search.refusals);
            Plan { steps, reaches: true, refusals, dead_end: None }
        }
        // Nothing makes the flow reach, but fixes for single blockers are still useful.
        None => {
            let steps = search.one_by_one(cloud);
            Plan { steps, reaches: false, refusals: search.refusals, dead_end: search.dead_end }
        }
    }
}

struct Search<'a> {
    asked: &'a Asked<'a>,
    /// The blockers of the original Cloud.
    blocks: &'a [Block],
    best: Option<Vec<Step>>,
    budget: usize,
    refusals: Vec<Option<Message>>,
    dead_end: Option<DeadEnd>,
}

impl Search<'_> {
    /// Searches from `cloud`, the result of `done`, where `blocks` remain; the next operations are for the blocker
    /// `current`.
    fn go(&mut self, cloud: &Cloud, blocks: &[Block], done: &mut Vec<Step>, current: usize) {
        // Nearly every remaining blocker needs a separate operation. If one operation fixes two, needless ones are
        // removed at the end.
        if self.best.as_ref().is_some_and(|best| done.len() + blocks.len() >= best.len()) || self.budget == 0 {
            return;
        }
        let Some(first) = next(blocks) else {
            self.best = Some(done.clone());
            return;
        };
        let known = self.blocks.iter().position(|block| block.cause.is(&first.cause));
        let current = known.unwrap_or(current);
        let mut scratch: Option<Cloud> = None;
        let (mut is_dead_end, mut refused) = (true, None);
        for operations in remedy::proposals(cloud, self.asked, first) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            let mut changed = scratch.take().unwrap_or_else(|| cloud.clone());
            match apply_all(&mut changed, &operations) {
                Ok(()) => {
                    is_dead_end = false;
                    let Asked { from, to, traffic } = *self.asked;
                    let left = walk(&changed, from, to, traffic, Mode::Lift).blocks;
                    let length = done.len();
                    done.extend(operations.into_iter().map(|operation| Step { operation, block: current }));
                    self.go(&changed, &left, done, current);
                    done.truncate(length);
                }
                Err(Refused { refusal, changed_nothing }) => {
                    // It does not help the reader that an operation belongs to another provider.
                    if refusal.fault != Fault::UnsupportedOperation {
                        let Refusal { code, message, hint, .. } = refusal;
                        let refusal = msg!(Said::Refused { code, message, hint });
                        refused.get_or_insert_with(|| refusal.clone());
                        self.refusals[current].get_or_insert(refusal);
                    }
                    // If the first operation is refused, the Cloud is unchanged and can be reused for the next
                    // proposal.
                    scratch = changed_nothing.then_some(changed);
                }
            }
        }
        if is_dead_end {
            let instead = || instead(cloud, first).or(refused);
            self.dead_end.get_or_insert_with(|| DeadEnd { block: first.clone(), instead: instead() });
        }
    }

    /// For each blocker the first proposal that the cloud accepts, whether the flow then reaches or not.
    fn one_by_one(&mut self, cloud: &Cloud) -> Vec<Step> {
        let mut steps = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let proposals = remedy::proposals(cloud, self.asked, block);
            let done = proposals.into_iter().find(|operations| apply_all(&mut cloud.clone(), operations).is_ok());
            steps.extend(done.into_iter().flatten().map(|operation| Step { operation, block: index }));
        }
        steps
    }
}

/// The blocker to fix next: the first one; before a route, the peering that it will use.
fn next(blocks: &[Block]) -> Option<&Block> {
    let first = blocks.first()?;
    let Cause::Route { subnet, toward: Toward::Vpc(meant), .. } = &first.cause else { return Some(first) };
    let joins = |block: &&Block| matches!(&block.cause, Cause::Peering { subnet: own, peer, .. } if own.vpc == subnet.vpc && peer == meant);
    blocks.iter().find(joins).or(Some(first))
}

/// The refusal of one of several operations.
pub(super) struct Refused {
    refusal: Refusal,
    /// Whether the first operation was refused.
    changed_nothing: bool,
}

/// Applies operations in order, up to the first that is refused.
pub(super) fn apply_all(cloud: &mut Cloud, operations: &[Operation]) -> Result<(), Refused> {
    for (index, operation) in operations.iter().enumerate() {
        cloud.apply(operation).map_err(|refusal| Refused { refusal, changed_nothing: index == 0 })?;
    }
    Ok(())
}

/// Removes operations without which the flow still reaches, until all are necessary.
fn without_needless(cloud: &Cloud, asked: &Asked, mut steps: Vec<Step>) -> Vec<Step> {
    while let Some(fewer) = without_replacement(cloud, asked, &steps) {
        steps = fewer;
    }
    let mut index = steps.len();
    while index > 0 {
        index -= 1;
        let fewer = without(&steps, index);
        if !suffices(cloud, asked, &fewer) {
            continue;
        }
        let behind = behind_what_it_replaces(cloud, &steps, index);
        let behind = behind.filter(|it| suffices(cloud, asked, it) && !suffices(cloud, asked, &without(it, index)));
        if let Some(behind) = behind {
            steps = behind;
        } else {
            steps = fewer;
            index = steps.len();
        }
    }
    steps
}

/// The steps without an entry's deletion and the creation of one for the same destination, if the flow still reaches: each of
/// the two alone may be necessary because of the other.
fn without_replacement(cloud: &Cloud, asked: &Asked, steps: &[Step]) -> Option<Vec<Step>> {
    let deleted = |step: &Step| match &step.operation.call {
        Call::DeleteRouteEntry(it) => Some((it.table.clone(), it.vpc.clone(), it.destination.clone())),
        _ => None,
    };
    let created = |step: &Step| match &step.operation.call {
        Call::CreateRouteEntry(it) => Some((it.table.clone(), it.vpc.clone(), it.destination.clone())),
        _ => None,
    };
    let pairs = (0..steps.len()).flat_map(|first| (first + 1..steps.len()).map(move |last| (first, last)));
    let replacements = pairs.filter(|(first, last)| {
        deleted(&steps[*first]).is_some_and(|destination| created(&steps[*last]) == Some(destination))
    });
    let fewer = replacements.map(|(first, last)| without(&without(steps, last), first));
    fewer.into_iter().find(|fewer| suffices(cloud, asked, fewer))
}

fn without(steps: &[Step], index: usize) -> Vec<Step> {
    let mut fewer = steps.to_vec();
    fewer.remove(index);
    fewer
}

fn suffices(cloud: &Cloud, asked: &Asked, steps: &[Step]) -> bool {
    let operations: Vec<_> = steps.iter().map(|step| step.operation.clone()).collect();
    let mut changed = cloud.clone();
    apply_all(&mut changed, &operations).is_ok() && predict(&changed, asked.from, asked.to, asked.traffic).reaches()
}

/// If the step `index` deletes an entry and another step creates one with the same priority: the new entry with the
/// next priority. With the same priority as the wrong entry, the new one would share its destination and be right for
/// some instances by chance. Behind it, the fix must delete the wrong entry, and is right for all instances.
fn behind_what_it_replaces(cloud: &Cloud, steps: &[Step], index: usize) -> Option<Vec<Step>> {
    let Call::DeleteRouteEntry(wrong) = &steps.get(index)?.operation.call else { return None };
    let mut steps = steps.to_vec();
    let new = steps.iter_mut().find_map(|step| match &mut step.operation.call {
        Call::CreateRouteEntry(new) => {
            let same = (&new.table, &new.vpc, &new.destination) == (&wrong.table, &wrong.vpc, &wrong.destination);
            same.then_some(&mut step.operation)
        }
        _ => None,
    })?;
    let Call::CreateRouteEntry(create) = &mut new.call else { return None };
    let priority = create.priority.as_deref().map_or(cloud.provider().entry_priority(), |text| text.parse().ok())?;
    create.priority = Some(priority.checked_add(1)?.to_string());
    *new = remedy::call(&new.caller.clone(), new.call.clone());
    Some(steps)
}
