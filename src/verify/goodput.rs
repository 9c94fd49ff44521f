//! Checks of bandwidth.

use super::prober::{Prober, endpoint, namespace};
use super::{AnsweredBy, CheckResult, Claim, Observed, answerer};
use crate::cloud::{Bandwidth, Cloud, Direction, PortRange};
use crate::error::Result;
use crate::flow::{Endpoint, Protocol};
use crate::lab::Expect;
use crate::network::model::NamespaceName;
use crate::probe::bandwidth::{Flow, Measured, bandwidth};
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
        let listener = probe.listener.or_else(|| namespace(prober.cloud, to))?;
        let claimants = probe.claimants;
        Some(Flow { from: probe.from, source: probe.source, to: probe.to, port, listener, claimants, lane: probe.lane })
    });
    let measured = match &flow {
        Some(flow) => bandwidth(lab, flow)?,
        None => None,
    };
    let mut answered_by = AnsweredBy { predicted: answerer(prober.cloud, from, to, protocol, predicted), seen: None };
    let observed = match measured {
        None => Observed::Drop,
        Some(Measured { got_by, .. }) if names_another(prober.cloud, to, &got_by) => {
            answered_by.seen = endpoint(prober.cloud, &got_by);
            Observed::AnsweredByAnother
        }
        Some(Measured { goodput, .. }) => Observed::Bandwidth(goodput),
    };
    Ok(CheckResult {
        from: from.clone(),
        to: to.clone(),
        protocol,
        expected: Expect::Bandwidth(expected),
        predicted,
        observed,
        answered_by,
        passed: matches!(observed, Observed::Bandwidth(goodput) if within(goodput, expected)),
        line,
    })
}

fn names_another(cloud: &Cloud, to: &Endpoint, got_by: &NamespaceName) -> bool {
    endpoint(cloud, got_by).is_some_and(|got_by| to.names_another(&got_by))
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
