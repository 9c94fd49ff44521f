//! Checks of bandwidth.

use super::prober::{Prober, namespace};
use super::{CheckResult, Claim, Observed};
use crate::cloud::{Bandwidth, Direction, PortRange};
use crate::error::Result;
use crate::flow::{Endpoint, Protocol};
use crate::lab::Expect;
use crate::probe::bandwidth::{Flow, bandwidth};
use crate::trace;

/// How far the goodput may lie from what a check expects, in percent.
const TOLERANCE: u64 = 15;

/// iperf3's port, tried first.
const PORT: u16 = 5201;

/// Measures a flow, by a TCP port that the groups let pass.
pub(super) fn hold(
    lab: &str,
    prober: &Prober<'_>,
    claim: &Claim<'_>,
    expected: Bandwidth,
    line: usize,
) -> Result<CheckResult> {
    let Claim { from, to, check } = claim;
    let port = port(prober, claim);
    let protocol = Protocol::Tcp(port);
    let predicted = trace::predict(prober.cloud, from, to, protocol);
    let probe = prober.probe(from, to, protocol, predicted);
    let flow = probe.and_then(|probe| {
        let listener = probe.listener.or_else(|| namespace(to))?;
        Some(Flow { from: probe.from, source: probe.source, to: probe.to, port, listener, lane: probe.lane })
    });
    let measured = match flow {
        Some(flow) => bandwidth(lab, &flow)?,
        None => None,
    };
    let within = |goodput: Bandwidth| goodput.0.abs_diff(expected.0) * 100 <= expected.0 * TOLERANCE;
    Ok(CheckResult {
        from: from.clone(),
        to: to.clone(),
        protocol: check.protocol,
        expected: Expect::Bandwidth(expected),
        predicted,
        observed: measured.map_or(Observed::Drop, Observed::Bandwidth),
        passed: measured.is_some_and(within),
        line,
    })
}

/// The port that the check names, else one that the receiver's groups let in.
fn port(prober: &Prober<'_>, claim: &Claim<'_>) -> u16 {
    if let Protocol::Tcp(port) = claim.check.protocol {
        return port;
    }
    let receiver = match &claim.to {
        Endpoint::Instance(name) => prober.cloud.instance(name),
        _ => None,
    };
    let groups = receiver.into_iter().flat_map(|receiver| prober.cloud.groups_of(receiver));
    let rules = groups.flat_map(|group| &group.rules).filter(|rule| rule.direction == Direction::Ingress);
    let named = rules.filter_map(|rule| rule.ports).map(|PortRange { low, .. }| low);
    let reaches = |port: &u16| trace::predict(prober.cloud, &claim.from, &claim.to, Protocol::Tcp(*port)).reaches();
    [PORT].into_iter().chain(named).find(reaches).unwrap_or(PORT)
}
