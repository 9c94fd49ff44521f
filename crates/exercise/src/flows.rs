//! The flows of checks, and whether they are as expected, by the trace's prediction.

use std::collections::BTreeSet;

use crate::cloud::{Cloud, Direction, PortRange, RuleProtocol};
use crate::flow::{Disposition, Endpoint, Protocol, Traffic};
use crate::lab::{Check, Expect};
use crate::trace::{matrix, predict};

/// A check in one direction.
#[derive(Clone, Copy)]
pub(crate) struct Flow<'a> {
    pub(crate) from: &'a Endpoint,
    pub(crate) to: &'a Endpoint,
    pub(crate) check: &'a Check,
}

impl Flow<'_> {
    pub(crate) fn predict(&self, cloud: &Cloud) -> Disposition {
        predict(cloud, self.from, self.to, self.check.traffic())
    }

    pub(crate) fn wants_reach(&self) -> bool {
        !matches!(self.check.expect, Expect::Drop(_))
    }

    /// Whether it is as the check expects.
    pub(crate) fn holds(&self, cloud: &Cloud) -> bool {
        self.check.expect.is_met_by(self.predict(cloud))
    }
}

/// The flows of checks, in their order.
pub(crate) fn flows(checks: &[Check]) -> Vec<Flow<'_>> {
    checks.iter().flat_map(|check| check.ways().map(move |(from, to)| Flow { from, to, check })).collect()
}

/// Those that are not as expected, by index.
pub(crate) fn failing(cloud: &Cloud, flows: &[Flow<'_>]) -> BTreeSet<usize> {
    (0..flows.len()).filter(|index| !flows[*index].holds(cloud)).collect()
}

/// The most kinds of packets that are compared: more tell no more, and cost time.
const MOST: usize = 24;

/// Packets that tell two Clouds apart: a ping, what the checks send, and the ports that rules and entries name.
pub(crate) fn traffics(clouds: &[&Cloud], flows: &[Flow<'_>]) -> Vec<Traffic> {
    let mut found: Vec<Traffic> = vec![Protocol::Icmp.into()];
    let mut add = |traffic: Traffic| {
        if !found.contains(&traffic) && found.len() < MOST {
            found.push(traffic);
        }
    };
    flows.iter().for_each(|flow| add(flow.check.traffic()));
    let mut of_ports = |protocol: RuleProtocol, ports: Option<PortRange>| {
        let Some(PortRange { low, high }) = ports else { return };
        for port in [low, high].into_iter().filter(|port| (1..1024).contains(port) || low == high && *port > 0) {
            match protocol {
                RuleProtocol::Tcp => add(Protocol::Tcp(port).into()),
                RuleProtocol::Udp => add(Protocol::Udp(port).into()),
                _ => {}
            }
        }
    };
    for cloud in clouds {
        let rules = cloud.security_groups().flat_map(|group| &group.rules);
        rules.filter(|rule| rule.direction == Direction::Ingress).for_each(|rule| of_ports(rule.protocol, rule.ports));
        let entries = cloud.network_acls().flat_map(|acl| &acl.entries);
        entries.for_each(|entry| of_ports(entry.protocol, entry.ports));
    }
    found
}

/// A flow that reaches in one Cloud and not in another.
pub(crate) struct Difference {
    pub(crate) from: Endpoint,
    pub(crate) to: Endpoint,
    pub(crate) protocol: Protocol,
    pub(crate) was: Disposition,
    pub(crate) is: Disposition,
}

/// Every pair of the first Cloud's instances, and of an instance and the internet, that reaches in one of the two Clouds only.
pub(crate) fn differences(was: &Cloud, is: &Cloud, traffics: &[Traffic]) -> Vec<Difference> {
    let mut found = Vec::new();
    for traffic in traffics {
        let (before, after) = (matrix(was, *traffic), matrix(is, *traffic));
        let mut compare = |from: Endpoint, to: Endpoint, was: Disposition, is: Disposition| {
            if was.reaches() != is.reaches() {
                found.push(Difference { from, to, protocol: traffic.protocol, was, is });
            }
        };
        let end = |index: usize| &before.instances()[index];
        for (from, to) in before.pairs() {
            let (one, other) = (end(from), end(to));
            let named = |from, to| predict(is, &Endpoint::Instance(from), &Endpoint::Instance(to), *traffic);
            let is = after.get(one, other).unwrap_or_else(|| named(one.clone(), other.clone()));
            compare(Endpoint::Instance(one.clone()), Endpoint::Instance(other.clone()), before.at(from, to), is);
        }
        for name in before.instances() {
            let instance = Endpoint::Instance(name.clone());
            for (from, to) in [(&instance, &Endpoint::Internet), (&Endpoint::Internet, &instance)] {
                let [was, is] = [was, is].map(|cloud| predict(cloud, from, to, *traffic));
                compare(from.clone(), to.clone(), was, is);
            }
        }
    }
    found
}
