//! Proves a fault: it breaks a check, the fix search mends it by operations that the accounts may call, and no other way to
//! mend it is needed. And what mends it best.

use std::collections::BTreeSet;

use crate::cloud::{Cloud, Operation, inverse};
use crate::flows::{Flow, differences, failing, flows, traffics};
use crate::lab::Lab;
use crate::trace::explain;
use crate::wide::from_everywhere;

/// The most flows that a repair mends one after another.
const ROUNDS: usize = 24;

/// The lab as its author wrote it, and what must hold there.
pub(crate) struct Healthy<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) flows: Vec<Flow<'a>>,
}

/// A fault alone in the healthy lab.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    /// The checks' flows that it breaks, by index.
    pub(crate) breaks: BTreeSet<usize>,
    /// The operations that mend it best.
    pub(crate) mend: Vec<Operation>,
}

/// Several faults at once.
#[derive(Debug)]
pub(crate) struct Together {
    pub(crate) cloud: Cloud,
    pub(crate) breaks: BTreeSet<usize>,
}

impl<'a> Healthy<'a> {
    /// A lab whose checks are these flows.
    pub(crate) fn new(cloud: &'a Cloud, checks: &'a [crate::lab::Check]) -> Self {
        Healthy { cloud, flows: flows(checks) }
    }

    /// Proves a fault that nothing else accompanies. `None`: the cloud refuses it, it breaks nothing, it breaks what must be
    /// dropped, or the fix search finds no repair.
    pub(crate) fn alone(&self, operations: &[Operation]) -> Option<Alone> {
        let cloud = applied(self.cloud, operations)?;
        let breaks = failing(&cloud, &self.flows);
        if breaks.is_empty() || breaks.iter().any(|index| !self.flows[*index].wants_reach()) {
            return None;
        }
        let found = self.repair(&cloud)?;
        let mend = self.best(&cloud, inverse(self.cloud, operations), Some(found))?;
        Some(Alone { breaks, mend })
    }

    /// Proves several faults: all are accepted; whichever is left, a check fails; and the search mends them all.
    pub(crate) fn together(&self, faults: &[(Vec<Operation>, Alone)]) -> Option<Together> {
        let all: Vec<_> = faults.iter().flat_map(|(operations, _)| operations.clone()).collect();
        let cloud = applied(self.cloud, &all)?;
        let breaks = failing(&cloud, &self.flows);
        if breaks.is_empty() {
            return None;
        }
        for left in 0..faults.len() {
            let others = faults.iter().enumerate().filter(|(index, _)| *index != left);
            let mends: Vec<_> = others.flat_map(|(_, (_, alone))| alone.mend.clone()).collect();
            let one_left = applied(&cloud, &mends)?;
            let still = failing(&one_left, &self.flows);
            // Its own damage, and none that the others left.
            if still.is_empty() || !still.is_subset(&faults[left].1.breaks) {
                return None;
            }
        }
        let mends: Vec<_> = faults.iter().flat_map(|(_, alone)| alone.mend.clone()).collect();
        if !self.mends(&cloud, &mends) {
            return None;
        }
        self.repair(&cloud)?;
        Some(Together { cloud, breaks })
    }

    /// The repair by the fix search: the operations that `explain` proposes, one failing check after the other. `None`: there
    /// is none, or it breaks another check.
    pub(crate) fn repair(&self, broken: &Cloud) -> Option<Vec<Operation>> {
        let mut cloud = broken.clone();
        let mut done = Vec::new();
        for _ in 0..ROUNDS {
            let failing = failing(&cloud, &self.flows);
            let Some(first) = failing.first().map(|index| &self.flows[*index]) else { return Some(done) };
            if !first.wants_reach() {
                return None;
            }
            let fix = explain(&cloud, first.from, first.to, first.check.traffic()).fix?;
            if fix.is_empty() {
                return None;
            }
            for operation in &fix {
                cloud.apply(operation).ok()?;
            }
            done.extend(fix);
        }
        None
    }

    /// Whether these operations make everything as it was: each pair reaches or drops as in the healthy lab, and no rule lets in
    /// more.
    pub(crate) fn mends(&self, broken: &Cloud, operations: &[Operation]) -> bool {
        let Some(cloud) = applied(broken, operations) else { return false };
        let traffics = traffics(&[self.cloud, broken, &cloud], &self.flows);
        failing(&cloud, &self.flows).is_empty()
            && differences(self.cloud, &cloud, &traffics).is_empty()
            && from_everywhere(self.cloud, broken, &cloud).is_empty()
    }

    /// The shorter of two repairs that make everything as it was; of one of the same length, the first. If there is none, the
    /// second, which at least makes all checks hold.
    fn best(
        &self,
        broken: &Cloud,
        back: Option<Vec<Operation>>,
        found: Option<Vec<Operation>>,
    ) -> Option<Vec<Operation>> {
        let whole = [&back, &found].into_iter().flatten().filter(|it| self.mends(broken, it)).min_by_key(|it| it.len());
        whole.cloned().or(found)
    }
}

/// A Cloud after operations; `None`: one is refused.
pub(crate) fn applied<'o>(cloud: &Cloud, operations: impl IntoIterator<Item = &'o Operation>) -> Option<Cloud> {
    let mut cloud = cloud.clone();
    operations.into_iter().try_for_each(|operation| cloud.apply(operation).map(drop)).ok()?;
    Some(cloud)
}

/// A Cloud after those of these operations that it does not refuse.
pub(crate) fn attempted<'o>(cloud: &Cloud, operations: impl IntoIterator<Item = &'o Operation>) -> Cloud {
    let mut cloud = cloud.clone();
    operations.into_iter().for_each(|operation| _ = cloud.apply(operation));
    cloud
}

/// What mends an exercise.
#[derive(Clone, Debug)]
pub struct Solution {
    /// For each fault the operations that mend it, with their callers.
    pub mends: Vec<Vec<Operation>>,
    /// The number of operations of the best repair.
    pub best: usize,
}

/// What mends a lab that is an exercise, or that has faults; with the Cloud in which they were made. `healthy` is the lab as
/// its author wrote it.
pub fn solution(lab: &Lab, healthy: &Cloud) -> Solution {
    let checks = lab.final_checks();
    let well = Healthy::new(healthy, checks);
    let mut before = healthy.clone();
    let mut mends = Vec::new();
    for fault in &lab.faults {
        let sequence = inverse(&before, &fault.operations);
        before = attempted(&before, &fault.operations);
        let alone = attempted(healthy, &fault.operations);
        let found = well.repair(&alone);
        mends.push(well.best(&alone, sequence.clone(), found).or(sequence).unwrap_or_default());
    }
    let all: Vec<_> = mends.iter().flatten().cloned().collect();
    let shortest = well.best(&before, Some(all.clone()), well.repair(&before));
    Solution { best: shortest.map_or(all.len(), |it| it.len().min(all.len().max(1))), mends }
}

/// The repair that the fix search finds for a lab in this state; `None`: there is none that keeps what must be dropped.
pub fn repair(lab: &Lab, healthy: &Cloud, now: &Cloud) -> Option<Vec<Operation>> {
    Healthy::new(healthy, lab.final_checks()).repair(now)
}
