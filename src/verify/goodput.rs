//! Checks of bandwidth.

use super::prober::{Prober, namespace};
use super::{CheckResult, Claim, Observed};
use crate::cloud::{Bandwidth, Cloud, Direction, PortRange};
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
    let port = port(prober.cloud, from, to, check.protocol);
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
    Ok(CheckResult {
        from: from.clone(),
        to: to.clone(),
        protocol,
        expected: Expect::Bandwidth(expected),
        predicted,
        observed: measured.map_or(Observed::Drop, Observed::Bandwidth),
        passed: measured.is_some_and(|goodput| within(goodput, expected)),
        line,
    })
}

/// Whether a check that expects a goodput is content with this one.
pub(crate) fn within(goodput: Bandwidth, expected: Bandwidth) -> bool {
    goodput.0.abs_diff(expected.0) * 100 <= expected.0 * TOLERANCE
}

/// The port that the check names, else one that the receiver's groups let in.
pub(crate) fn port(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> u16 {
    if let Protocol::Tcp(port) = protocol {
        return port;
    }
    let receiver = match to {
        Endpoint::Instance(name) => cloud.instance(name),
        _ => None,
    };
    let groups = receiver.into_iter().flat_map(|receiver| cloud.groups_of(receiver));
    let rules = groups.flat_map(|group| &group.rules).filter(|rule| rule.direction == Direction::Ingress);
    let named = rules.filter_map(|rule| rule.ports).map(|PortRange { low, .. }| low);
    let reaches = |port: &u16| trace::predict(cloud, from, to, Protocol::Tcp(*port)).reaches();
    [PORT].into_iter().chain(named).find(reaches).unwrap_or(PORT)
}
