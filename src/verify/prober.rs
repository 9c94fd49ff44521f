//! Converts flows between endpoints of the Cloud to probes between namespaces and addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::ends::Answerer;
use super::ends::namespace;
use super::pairs::{Answered, Pair};
use crate::cloud::{Cloud, INTERNET_HOST, Instance, InstanceName, VpcName};
use crate::flow::{Disposition, Endpoint, Protocol, Reason, SOURCE_PORT, Traffic};
use crate::network::compile;
use crate::network::model::NamespaceName;
use crate::probe::{Lane, Ping, Probe, Sender, SourcePort, Sweep};
use crate::trace;

/// An address of TEST-NET-1, which no host on the internet has.
const NOBODY_OUT_THERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Makes probes for a Cloud.
pub(super) struct Prober<'a> {
    pub(super) cloud: &'a Cloud,
    /// The lanes between two VPCs, with the lesser name first.
    lanes: BTreeMap<(VpcName, VpcName), Lane>,
    /// The namespaces with an address, for addresses that several have.
    claims: BTreeMap<Ipv4Addr, Vec<NamespaceName>>,
    /// Whether a subnet has a network ACL.
    has_acls: bool,
    /// Whether addresses of several senders may become one on the way.
    translates: bool,
}

impl<'a> Prober<'a> {
    pub(super) fn new(cloud: &'a Cloud) -> Self {
        let mut lanes = BTreeMap::new();
        for peering in cloud.peerings().filter(|peering| peering.carries) {
            let Some(far) = peering.far else { continue };
            let id = lanes.len();
            let lane = lanes.entry(ordered(peering.vpc, far.vpc)).or_insert(Lane {
                id,
                bandwidth: None,
                latency: Duration::ZERO,
            });
            lane.bandwidth = [lane.bandwidth, peering.bandwidth].into_iter().flatten().min();
            // For both directions.
            lane.latency = lane.latency.max(2 * peering.latency.unwrap_or_default());
        }
        let translates = cloud.instances().any(|instance| instance.masquerade) || cloud.nat_gateways().next().is_some();
        Prober { cloud, lanes, claims: claims(cloud), has_acls: cloud.has_acls(), translates }
    }

    /// The probe for a flow; `None` if an instance that it names does not exist.
    pub(super) fn probe(
        &self,
        from: &Endpoint,
        to: &Endpoint,
        traffic: Traffic,
        predicted: Disposition,
    ) -> Option<Probe> {
        let protocol = traffic.protocol;
        let sender = self.instance(from)?;
        let receiver = self.instance(to)?;
        let listener = match protocol {
            Protocol::Icmp => None,
            Protocol::Tcp(_) | Protocol::Udp(_) => self.listener(from, to, traffic),
        };
        let (listener, received) = listener.map_or((None, None), |(at, received)| (Some(at), received));
        let answers = answerer(self.cloud, from, to, traffic, predicted);
        let receiver = answers.map_or(Some(receiver), |answers| self.instance(&answers))?;
        let lane = sender.zip(receiver).and_then(|(sender, receiver)| {
            let ends = ordered(sender.subnet.vpc.clone(), receiver.subnet.vpc.clone());
            self.lanes.get(&ends).copied().filter(|_| crosses(predicted))
        });
        let address = self.address(to, sender);
        Some(Probe {
            from: namespace(self.cloud, from)?,
            source: sender.is_none().then_some(INTERNET_HOST),
            source_port: self.source_port(traffic),
            to: address,
            protocol,
            size: traffic.size,
            listener,
            received,
            expected: predicted.is_answered(),
            lane,
            claimants: self.claimants(to, address),
        })
    }

    /// Who may get a packet for a named receiver: the receiver, and all others with its address.
    fn claimants(&self, to: &Endpoint, address: Ipv4Addr) -> Vec<NamespaceName> {
        let named = namespace(self.cloud, to).filter(|_| !matches!(to, Endpoint::Address(_)));
        let others = named.iter().flat_map(|_| self.claims.get(&address)).flatten();
        let others: Vec<_> = others.filter(|other| Some(*other) != named.as_ref()).cloned().collect();
        named.into_iter().chain(others).collect()
    }

    /// The port to send from, where it matters: a network ACL may tell ports apart.
    pub(super) fn source_port(&self, traffic: Traffic) -> Option<SourcePort> {
        let port = traffic.source_port;
        let matters = traffic.protocol != Protocol::Icmp && (port != SOURCE_PORT || self.has_acls);
        let alike = || if self.has_acls { self.cloud.ports_like(traffic) } else { port..=port };
        matters.then(|| SourcePort { port, alike: alike(), alone: self.translates })
    }

    /// The echo requests of pairs of these instances.
    pub(super) fn sweep(&self, instances: &[InstanceName], pairs: &[Pair], answered: &Answered) -> Sweep {
        let found = |name| self.cloud.instance(name).expect("an instance of the matrix is one of its cloud");
        let places: Vec<_> = instances.iter().map(found).collect();
        let mut vpcs = BTreeMap::new();
        let vpcs: Vec<usize> = places
            .iter()
            .map(|it| {
                let next = vpcs.len();
                *vpcs.entry(&it.subnet.vpc).or_insert(next)
            })
            .collect();
        let mut between = BTreeMap::new();
        let place = |end: Option<Answerer>| match end {
            Some(Answerer::Endpoint(Endpoint::Instance(name))) => instances.binary_search(&name).ok(),
            _ => None,
        };
        let mut lane = |pair: &Pair| {
            let (from, to) = (pair.from as usize, pair.to as usize);
            let to = place(answered.by(pair).predicted).unwrap_or(to);
            *between.entry((vpcs[from], vpcs[to])).or_insert_with(|| {
                let ends = ordered(places[from].subnet.vpc.clone(), places[to].subnet.vpc.clone());
                self.lanes.get(&ends).map(|lane| lane.id)
            })
        };
        let ping = |pair: &Pair| {
            let lane = lane(pair).filter(|_| crosses(pair.predicted));
            Ping::new(pair.from as usize, places[pair.to as usize].ip, lane, pair.predicted.is_answered())
        };
        let mut lanes: Vec<_> = self.lanes.values().copied().collect();
        lanes.sort_unstable_by_key(|lane| lane.id);
        let namespaces: Vec<_> = instances.iter().map(|name| compile::of_instance(self.cloud, name)).collect();
        let mut is_named = vec![false; instances.len()];
        let mut claimants = BTreeSet::new();
        for pair in pairs {
            let to = pair.to as usize;
            if !std::mem::replace(&mut is_named[to], true) {
                claimants.insert(namespaces[to].clone());
                claimants.extend(self.claims.get(&places[to].ip).into_iter().flatten().cloned());
            }
        }
        let senders = namespaces.into_iter().map(|namespace| Sender { namespace, source: None, size: None }).collect();
        Sweep { senders, lanes, pings: pairs.iter().map(ping).collect(), claimants }
    }

    /// The instance of an endpoint, if it is one; `None` if it does not exist.
    #[expect(clippy::option_option, reason = "no such instance, and no instance, are two things")]
    fn instance(&self, endpoint: &Endpoint) -> Option<Option<&'a Instance>> {
        match endpoint {
            Endpoint::Instance(name) => self.cloud.instance(name).map(Some),
            Endpoint::Internet | Endpoint::Address(_) => Some(None),
        }
    }

    /// The address by which `sender` (`None`: the internet) refers to an existing endpoint. From the internet, an
    /// instance without a public address is addressed by its private one, which is dropped as no-public-ip; or by
    /// another address that no internet host has, if a host has addresses in the VPC's block.
    fn address(&self, to: &Endpoint, sender: Option<&Instance>) -> Ipv4Addr {
        match to {
            Endpoint::Internet => INTERNET_HOST,
            Endpoint::Address(address) => *address,
            Endpoint::Instance(name) => match (self.cloud.instance(name), sender) {
                (Some(receiver), None) => {
                    let private = if receiver.ip.is_private() { receiver.ip } else { NOBODY_OUT_THERE };
                    receiver.public_ip.unwrap_or(private)
                }
                (Some(receiver), Some(_)) => receiver.ip,
                (None, _) => Ipv4Addr::UNSPECIFIED,
            },
        }
    }

    /// Where to listen for a flow, and for what if that differs: at its predicted receiver, else at the intended one.
    pub(super) fn listener(
        &self,
        from: &Endpoint,
        to: &Endpoint,
        traffic: Traffic,
    ) -> Option<(NamespaceName, Option<Protocol>)> {
        let trace = trace::trace(self.cloud, from, to, traffic);
        let received = Some(trace.received).filter(|received| *received != traffic.protocol);
        let receiver = trace.receiver.unwrap_or_else(|| self.meant(from, to));
        Some((namespace(self.cloud, &receiver)?, received))
    }

    /// The intended receiver of a packet that nobody receives.
    fn meant(&self, from: &Endpoint, to: &Endpoint) -> Endpoint {
        let Endpoint::Address(address) = to else { return to.clone() };
        let sender = self.instance(from).flatten();
        let own = sender.map(|sender| &sender.subnet.vpc);
        let peers = self.lanes.keys().filter_map(|(a, b)| match own {
            Some(own) if a == own => Some(b),
            Some(own) if b == own => Some(a),
            _ => None,
        });
        let private = own.into_iter().chain(peers).find_map(|vpc| self.cloud.instance_at(vpc, *address));
        match private.or_else(|| self.cloud.instance_at_public(*address)) {
            Some(instance) => Endpoint::Instance(instance.name.clone()),
            None => to.clone(),
        }
    }
}

/// The probe for a flow: sender, address, and a listener where it should arrive. `None` if an instance that it names
/// does not exist.
pub fn probe(cloud: &Cloud, from: &Endpoint, to: &Endpoint, traffic: impl Into<Traffic>) -> Option<Probe> {
    let traffic = traffic.into();
    Prober::new(cloud).probe(from, to, traffic, trace::predict(cloud, from, to, traffic))
}

/// As [`probe`], for many flows at once.
pub fn probes(
    cloud: &Cloud,
    flows: impl IntoIterator<Item = (Endpoint, Endpoint)>,
    protocol: Protocol,
) -> Vec<Option<Probe>> {
    let prober = Prober::new(cloud);
    let probe = |(from, to)| prober.probe(&from, &to, protocol.into(), trace::predict(cloud, &from, &to, protocol));
    flows.into_iter().map(probe).collect()
}

/// For a flow predicted to end in `answered-by-another`: who is predicted to answer.
pub(crate) fn answerer(
    cloud: &Cloud,
    from: &Endpoint,
    to: &Endpoint,
    traffic: impl Into<Traffic>,
    predicted: Disposition,
) -> Option<Endpoint> {
    (predicted == Disposition::ANSWERED_BY_ANOTHER).then(|| trace::answerer(cloud, from, to, traffic)).flatten()
}

/// The namespaces with an address, for addresses that several have. The internet has every address that is not
/// reserved.
fn claims(cloud: &Cloud) -> BTreeMap<Ipv4Addr, Vec<NamespaceName>> {
    let mut claims: BTreeMap<Ipv4Addr, Vec<NamespaceName>> = BTreeMap::new();
    for instance in cloud.instances() {
        for address in [Some(instance.ip), instance.public_ip].into_iter().flatten() {
            claims.entry(address).or_default().push(compile::of_instance(cloud, &instance.name));
        }
    }
    for (address, claimants) in &mut claims {
        if !trace::is_reserved(*address) {
            claimants.push("internet".into());
        }
    }
    claims.retain(|_, claimants| claimants.len() > 1);
    claims
}

fn ordered(a: VpcName, b: VpcName) -> (VpcName, VpcName) {
    if a < b { (a, b) } else { (b, a) }
}

/// Whether a packet reaches a peering between its ends.
fn crosses(predicted: Disposition) -> bool {
    use Reason::{
        EgressNetworkAcl, EgressSecurityGroup, NextHopGone, NoInternetGateway, NoPublicIp, NoRoute, PeeringInactive,
        TooBig,
    };
    !matches!(
        predicted,
        Disposition::Drop {
            reason: EgressSecurityGroup
                | EgressNetworkAcl
                | NoRoute
                | NextHopGone
                | PeeringInactive
                | NoInternetGateway
                | NoPublicIp
                | TooBig,
            on_return: false
        }
    )
}
