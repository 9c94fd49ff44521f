//! The kernel's own account of the drops, compared with the predicted one.

use super::counters::{Counts, PAUSE, awaited, read, reason, risen};
use super::flows::{Flow, Flows};
use super::results::CounterResult;
use crate::cloud::Cloud;
use crate::error::Errors;
use crate::flow::{Disposition, Protocol, Reason};
use crate::progress::{Progress, Unwatched};
use crate::target;

/// How often flows are sent again that several hosts should have counted: a switch in user space loses packets while it has much
/// to do.
const AGAIN: usize = 3;

/// The reasons for which the kernel's counts differ from the prediction. All flows were sent since `before`.
///
/// A lab may have other traffic, from programs that its user runs. So if the counters differ, the flows that should be
/// dropped are sent again, and then nothing is sent for a while. Too few drops are a disagreement; too many only if the
/// number is the same twice and the counter does not change while nothing is sent.
pub(super) fn hold(
    lab: &str,
    cloud: &Cloud,
    before: &Counts,
    flows: &Flows<'_>,
    progress: &dyn Progress,
) -> Result<Vec<CounterResult>, Errors> {
    let is_spread = target::of(lab).is_spread();
    let Some((mut after, first)) = settled(lab, cloud, before, flows)? else { return Ok(Vec::new()) };
    if first.is_empty() {
        return Ok(first);
    }
    let mut dropped = flows.only(|flow| reason(flow.predicted).is_some());
    let mut second = Vec::new();
    for _ in 0..if is_spread { AGAIN } else { 1 } {
        dropped.observe(lab, Some(&after), progress)?;
        let Some((again, differences)) = settled(lab, cloud, &after, &dropped)? else { return Ok(Vec::new()) };
        (after, second) = (again, differences);
        if !second.iter().any(CounterResult::is_too_few) {
            break;
        }
    }
    std::thread::sleep(PAUSE);
    let rested = read(lab, cloud)?.unwrap_or_default();
    let stays =
        |it: &CounterResult| it.is_too_few() || (first.contains(it) && after.get(&it.reason) == rested.get(&it.reason));
    Ok(second.into_iter().filter(stays).collect())
}

/// The counts, and in what they differ from the prediction for these flows, which were sent since `before`. `None`: a host does not
/// say (it may have ceased to answer meanwhile).
fn settled(
    lab: &str,
    cloud: &Cloud,
    before: &Counts,
    flows: &Flows<'_>,
) -> Result<Option<(Counts, Vec<CounterResult>)>, Errors> {
    let is_spread = target::of(lab).is_spread();
    let found = |after: &Counts| differences(flows, before, after, is_spread);
    let is_enough = |after: &Counts| !found(after).iter().any(CounterResult::is_too_few);
    let after = awaited(is_spread, || read(lab, cloud), is_enough)?;
    Ok(after.map(|after| {
        let found = found(&after);
        (after, found)
    }))
}

/// One of the flows that should be dropped for this reason and are not counted under it, found by bisection. `None` if
/// the repeated flows are counted.
pub(super) fn culprit(lab: &str, cloud: &Cloud, of: Reason, flows: &Flows<'_>) -> Result<Option<Flow>, Errors> {
    let is_spread = target::of(lab).is_spread();
    let suspect = |flow: &Flow| {
        let is_sure = flow.is_sent() && flow.is_counted() && flow.agrees();
        let is_sure = is_sure && !strays(flow.predicted, flow.traffic.protocol, is_spread);
        is_sure && reason(flow.predicted) == Some(of)
    };
    let mut suspects = flows.only(suspect);
    let guilty = |suspects: &mut Flows<'_>| {
        let before = read(lab, cloud)?;
        suspects.observe(lab, before.as_ref(), &Unwatched)?;
        let Some(before) = before else { return Ok(false) };
        let Some((_, found)) = settled(lab, cloud, &before, suspects)? else { return Ok(false) };
        Ok::<_, Errors>(found.iter().any(|it| it.reason == of && it.is_too_few()))
    };
    if !guilty(&mut suspects)? {
        return Ok(None);
    }
    while suspects.len() > 1 {
        let mut half = suspects.split_half();
        if guilty(&mut half)? {
            suspects = half;
        }
    }
    Ok(suspects.iter().next())
}

/// How often a dropped TCP connection tries again while several hosts are waited for: after one second, and three.
const ATTEMPTS: u64 = 2;

/// The counters whose increase differs from the number of flows dropped as predicted. (A flow that was not dropped, or
/// was dropped against the prediction, is a disagreement by itself.) A flow that [`strays`] may be counted under any
/// reason, or not at all.
fn differences(flows: &Flows<'_>, before: &Counts, after: &Counts, is_spread: bool) -> Vec<CounterResult> {
    let mut predicted = Counts::new();
    let (mut straying, mut repeated) = (0, Counts::new());
    for flow in flows.iter().filter(|flow| flow.is_sent() && flow.is_counted() && flow.agrees()) {
        if strays(flow.predicted, flow.traffic.protocol, is_spread) {
            straying += 1;
        } else if let Some(reason) = reason(flow.predicted) {
            *predicted.entry(reason).or_default() += 1;
            if is_spread && matches!(flow.traffic.protocol, Protocol::Tcp(_)) {
                *repeated.entry(reason).or_default() += ATTEMPTS;
            }
        }
    }
    let result = |reason| CounterResult {
        reason,
        predicted: predicted.get(&reason).copied().unwrap_or(0),
        counted: risen(before, after, reason),
    };
    Reason::DROPS
        .into_iter()
        .map(result)
        .filter(|it| {
            let most = it.predicted + straying + repeated.get(&it.reason).unwrap_or(&0);
            !(it.predicted..=most).contains(&it.counted)
        })
        .collect()
}

/// Whether this is a UDP answer that may reach another VPC, where an instance has the same address. That VPC did not
/// see the flow's first packet, so the stray answer looks like a new flow there: that instance's groups apply, and an
/// error about it may find no route back.
///
/// Over several hosts, OVN's connection tracking drops the answer of a flow that was not seen, and the second attempt of a TCP
/// connection that had no answer; and what comes back to one that forwards, its kernel drops. None of them says why.
pub(super) fn strays(predicted: Disposition, protocol: Protocol, is_spread: bool) -> bool {
    let Disposition::Drop { reason, on_return } = predicted else { return false };
    let nobody = on_return && reason == Reason::NoSuchAddress;
    match protocol {
        _ if is_spread && (nobody || reason == Reason::NotForwarded) => true,
        Protocol::Tcp(_) => is_spread && on_return,
        Protocol::Udp(_) => nobody,
        Protocol::Icmp => false,
    }
}
