//! What became of an exercise: which faults are found and mended, and what is otherwise than its author wrote it.

use std::collections::BTreeSet;

use crate::cloud::{AccountName, ArgumentKind, Call, Cloud, ResourceKind};
use crate::flow::Disposition;
use crate::flows::{differences, failing, flows, traffics};
use crate::lab::{FaultKind, Lab};
use crate::proof::{Solution, attempted, solution};
use crate::wide::{Wide, from_everywhere};

/// The state of an exercise.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Each fault.
    pub faults: Vec<FaultSeen>,
    /// What reaches or drops otherwise than in the lab as its author wrote it.
    pub collateral: Vec<Collateral>,
    /// How much of it the learner made, not the faults.
    pub made: usize,
    /// How many checks failed when the exercise began.
    pub failed_at_start: usize,
    /// How many of these fail now, or fail now and did not then, as predicted.
    pub failing: usize,
    /// The number of operations of the best repair.
    pub best: usize,
    /// What mends it.
    pub solution: Solution,
}

/// A fault, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultSeen {
    /// Its kind.
    pub kind: FaultKind,
    /// Whether the learner changed the thing that is at fault.
    pub found: bool,
    /// Whether it breaks nothing any more.
    pub mended: bool,
}

/// A pair that reaches or drops otherwise than in the lab as its author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collateral {
    /// The sender; a block, if a rule accepts from more than the lab has.
    pub from: String,
    /// The receiver; a group, if it is about a rule.
    pub to: String,
    /// The protocol.
    pub protocol: String,
    /// As its author wrote it.
    pub was: String,
    /// Now.
    pub is: String,
}

/// Compares an exercise now with the lab as its author wrote it. `deeds` are the learner's operations, by account.
pub fn assess(lab: &Lab, healthy: &Cloud, broken: &Cloud, now: &Cloud, deeds: &[(AccountName, Call)]) -> Assessment {
    let checks = lab.final_checks();
    let flows = flows(checks);
    let solution = solution(lab, healthy);
    let began = failing(broken, &flows);
    let fails = failing(now, &flows);

    let touched: BTreeSet<_> = deeds.iter().filter_map(|(_, call)| subject(now, call)).collect();
    let faults = lab.faults.iter().enumerate().map(|(index, fault)| {
        let mended = is_mended(lab, healthy, now, &solution, index);
        let found = || {
            let own = fault.operations.iter().chain(&solution.mends[index]);
            own.filter_map(|operation| subject(now, &operation.call)).any(|own| touched.contains(&own))
        };
        FaultSeen { kind: fault.kind, found: mended && !deeds.is_empty() || found(), mended }
    });
    let faults = faults.collect();

    let traffics = traffics(&[healthy, now], &flows);
    let then = differences(healthy, broken, &traffics);
    let pairs = differences(healthy, now, &traffics);
    let known = |it: &crate::flows::Difference| {
        then.iter().any(|other| (&other.from, &other.to, other.protocol) == (&it.from, &it.to, it.protocol))
    };
    let made = pairs.iter().filter(|it| !known(it)).count();
    let wide = from_everywhere(healthy, broken, now);
    let made = made + wide.len();
    let pairs = pairs.into_iter().map(|it| Collateral {
        from: it.from.to_string(),
        to: it.to.to_string(),
        protocol: it.protocol.to_string(),
        was: it.was.to_string(),
        is: it.is.to_string(),
    });
    let wide = wide.into_iter().map(|Wide { from, to, protocol }| Collateral {
        from,
        to,
        protocol,
        was: "drop".into(),
        is: Disposition::Reach.to_string(),
    });
    let collateral = pairs.chain(wide).collect();
    let best = solution.best;
    Assessment { faults, collateral, made, failed_at_start: began.len(), failing: fails.len(), best, solution }
}

/// Whether a fault breaks nothing any more: with all others mended, the checks that it breaks alone hold.
pub(crate) fn is_mended(lab: &Lab, healthy: &Cloud, now: &Cloud, solution: &Solution, index: usize) -> bool {
    let flows = flows(lab.final_checks());
    let own = failing(&attempted(healthy, &lab.faults[index].operations), &flows);
    let holds = |cloud: &Cloud| own.iter().all(|flow| flows[*flow].holds(cloud));
    holds(now) || holds(&with_others_mended(now, solution, index))
}

/// The Cloud as if all other faults were mended.
pub(crate) fn with_others_mended(now: &Cloud, solution: &Solution, index: usize) -> Cloud {
    let others = solution.mends.iter().enumerate().filter(|(other, _)| *other != index);
    attempted(now, others.flat_map(|(_, mend)| mend))
}

/// The thing that a call changes: its kind, and its name.
pub(crate) fn subject(cloud: &Cloud, call: &Call) -> Option<(ResourceKind, String)> {
    let call = cloud.in_names(call);
    let tables = [ArgumentKind::Thing(&[ResourceKind::RouteTable]), ArgumentKind::Thing(&[ResourceKind::Vpc])];
    let is_entry = matches!(call, Call::CreateRouteEntry(_) | Call::DeleteRouteEntry(_));
    if is_entry {
        let [table, vpc] = tables.map(|kind| call.text_of(kind).map(str::to_owned));
        let name = table.or_else(|| vpc.map(|vpc| format!("{vpc}/default")));
        return Some((ResourceKind::RouteTable, name?));
    }
    // A subnet's association is the subnet's.
    if let Call::AssociateRouteTable(it) = &call {
        return Some((ResourceKind::Subnet, it.subnet.clone()));
    }
    if let Call::UnassociateRouteTable(it) = &call {
        return Some((ResourceKind::Subnet, it.subnet.clone()));
    }
    let (argument, texts) =
        call.arguments().find(|(argument, texts)| argument.option.is_none() && !texts.is_empty())?;
    let kind = match argument.kind {
        ArgumentKind::New(kind) | ArgumentKind::Deleted(kind) | ArgumentKind::Changed(kind) => kind,
        ArgumentKind::Thing(kinds) => *kinds.first()?,
        _ => return None,
    };
    Some((kind, texts.first()?.clone()))
}
