//! Proposes a check for a part that no check covers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::event::Event;
use super::messages::Said;
use crate::cloud::{Bandwidth, Cloud, DnatEntry, PortRange, RuleProtocol};
use crate::flow::{Disposition, Endpoint, Protocol, SOURCE_PORT, Traffic};
use crate::message::Message;
use crate::msg;
use crate::trace;
use crate::verify::bandwidth;

/// A check, as an author would write it.
pub(super) struct Suggestion {
    from: Endpoint,
    to: Endpoint,
    traffic: Traffic,
    claim: Claim,
    /// The step (from 1); `None`: the finished lab.
    step: Option<usize>,
}

enum Claim {
    Ends(Disposition),
    Carries(Bandwidth),
}

impl Suggestion {
    /// The last place in a lab where a flow ends differently with and without the part.
    pub(super) fn find(mut whole: Cloud, mut without: Cloud, rest: &[Event<'_>]) -> Option<Self> {
        let mut last = None;
        for event in rest {
            match event {
                Event::Operation(operation) => {
                    let _ = whole.apply(operation);
                    let _ = without.apply(operation);
                }
                Event::Refused(..) => {}
                Event::Checks(_, step) => last = difference(&whole, &without, *step).or(last),
            }
        }
        last
    }
}

fn difference(whole: &Cloud, without: &Cloud, step: Option<usize>) -> Option<Suggestion> {
    for traffic in traffics(whole) {
        let differs = between_instances(whole, without, traffic).or_else(|| with_internet(whole, without, traffic));
        if let Some((from, to, ends)) = differs {
            return Some(Suggestion { from, to, traffic, claim: Claim::Ends(ends), step });
        }
    }
    let carries = |cloud, from, to| bandwidth(cloud, from, to, Protocol::Icmp);
    let ends = one_of_each_subnet(whole);
    let mut pairs = ends.iter().flat_map(|from| ends.iter().map(move |to| (from, to)));
    let (from, to, bandwidth) = pairs.find_map(|(from, to)| {
        let bandwidth = carries(whole, from, to)?;
        (carries(without, from, to) != Some(bandwidth)).then(|| (from.clone(), to.clone(), bandwidth))
    })?;
    Some(Suggestion { from, to, traffic: Protocol::Icmp.into(), claim: Claim::Carries(bandwidth), step })
}

/// The first pair of instances whose flow ends differently.
fn between_instances(whole: &Cloud, without: &Cloud, traffic: Traffic) -> Option<(Endpoint, Endpoint, Disposition)> {
    let (whole, without) = (trace::matrix(whole, traffic), trace::matrix(without, traffic));
    let names = whole.instances();
    let end = |index: usize| Endpoint::Instance(names[index].clone());
    let same = names == without.instances();
    let otherwise = |from: usize, to: usize| match same {
        true => Some(without.at(from, to)),
        false => without.get(&names[from], &names[to]),
    };
    let mut pairs = whole.pairs();
    let (from, to) = pairs.find(|(from, to)| otherwise(*from, *to) != Some(whole.at(*from, *to)))?;
    Some((end(from), end(to), whole.at(from, to)))
}

/// The first flow to or from the internet that ends differently.
fn with_internet(whole: &Cloud, without: &Cloud, traffic: Traffic) -> Option<(Endpoint, Endpoint, Disposition)> {
    let ends = whole.instances().map(|instance| Endpoint::Instance(instance.name.clone()));
    let flows = ends.flat_map(|end| [(end.clone(), Endpoint::Internet), (Endpoint::Internet, end)]);
    let public = whole.nat_gateways().filter_map(|nat| nat.public_ip());
    let mut flows = flows.chain(public.map(|ip| (Endpoint::Internet, Endpoint::Address(ip))));
    flows.find_map(|(from, to)| {
        let ends = trace::predict(whole, &from, &to, traffic);
        (ends != trace::predict(without, &from, &to, traffic)).then_some((from, to, ends))
    })
}

fn one_of_each_subnet(cloud: &Cloud) -> Vec<Endpoint> {
    let of_subnet: BTreeMap<_, _> = cloud.instances().map(|it| (it.subnet.clone(), it.name.clone())).collect();
    of_subnet.into_values().map(Endpoint::Instance).collect()
}

/// ICMP, SSH, and a protocol for each rule of a group and each entry of a network ACL; and then the same from the ports
/// that an ACL tells apart.
fn traffics(cloud: &Cloud) -> Vec<Traffic> {
    let rules = cloud.security_groups().flat_map(|group| &group.rules).map(|rule| (rule.protocol, rule.ports));
    let entries = || cloud.network_acls().flat_map(|acl| &acl.entries).map(|entry| (entry.protocol, entry.ports));
    let one = |entry: &DnatEntry| (entry.protocol, Some(PortRange { low: entry.port, high: entry.port }));
    let led_in = cloud.nat_gateways().flat_map(|nat| &nat.dnat).map(one);
    let named = rules.chain(entries()).chain(led_in).filter_map(|(protocol, ports)| {
        let port = ports.map(|ports| ports.low).filter(|port| *port != 0);
        match protocol {
            RuleProtocol::Tcp => port.map(Protocol::Tcp),
            RuleProtocol::Udp => port.map(Protocol::Udp),
            _ => None,
        }
    });
    let protocols: BTreeSet<_> = named.chain([Protocol::Icmp, Protocol::Tcp(22)]).collect();
    let told_apart: BTreeSet<_> =
        entries().filter_map(|(_, ports)| ports).flat_map(|ports| [ports.low, ports.high]).collect();
    let usual = protocols.iter().map(|protocol| Traffic::from(*protocol));
    let others = told_apart.iter().flat_map(|port| {
        let with_ports = protocols.iter().filter(|protocol| **protocol != Protocol::Icmp);
        with_ports.map(|protocol| Traffic::of(*protocol, Some(*port)))
    });
    let sizes = sizes(cloud).into_iter().map(|size| Traffic::from(Protocol::Icmp).sized(Some(size)));
    usual.chain(others).chain(sizes).collect()
}

/// The largest packets that pass a link, and those that just do not; none where all links are the provider's usual ones.
fn sizes(cloud: &Cloud) -> BTreeSet<u16> {
    let vpcs = cloud.vpcs().map(|vpc| vpc.mtu);
    let mtus: BTreeSet<_> = vpcs.chain(cloud.peerings().map(|end| end.mtu)).collect();
    let all_usual = mtus.iter().all(|mtu| *mtu == cloud.provider().mtu);
    if all_usual { BTreeSet::new() } else { mtus.into_iter().flat_map(|mtu| [mtu, mtu + 1]).collect() }
}

impl Suggestion {
    /// As an author would write it, and where.
    pub(super) fn message(&self) -> Message {
        match self.step {
            Some(step) => msg!(Said::InStep { check: self, step }),
            None => Message::text(self),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Suggestion { from, to, traffic: Traffic { protocol, source_port, size }, claim, step } = self;
        match step {
            Some(_) => f.write_str("[[step.check]]")?,
            None => f.write_str("[[check]]")?,
        }
        write!(f, " from = \"{from}\", to = \"{to}\"")?;
        if *protocol != Protocol::Icmp {
            write!(f, ", protocol = \"{protocol}\"")?;
        }
        if *source_port != SOURCE_PORT {
            write!(f, ", source_port = {source_port}")?;
        }
        if let Some(size) = size {
            write!(f, ", size = {size}")?;
        }
        match claim {
            Claim::Ends(Disposition::Reach) => f.write_str(", expect = \"reach\"")?,
            Claim::Ends(drop) => write!(f, ", expect = \"drop\", because = \"{drop}\"")?,
            Claim::Carries(bandwidth) => {
                let written = bandwidth.to_string().replace(' ', "").replace("/s", "");
                write!(f, ", bandwidth = \"{written}\"")?;
            }
        }
        Ok(())
    }
}
