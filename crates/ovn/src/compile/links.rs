//! The link-local addresses between routers: a /30 for each pair, other than any other of the lab, because a policy names a next hop
//! by its address alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::cloud::{
    Cloud, Direction, NetworkAcl, Peering, PeeringName, Policy, RuleProtocol, Subnet, SubnetName, VpcName, fnv,
};
use crate::message::Message;
use crate::messages::Said;
use crate::msg;

/// The /30 blocks in 169.254.0.0/16.
const BLOCKS: u32 = 1 << 14;

/// The first address that a VPC's port to the internet can have, and how many there are.
const UPLINKS: (u32, u32) = (u32::from_be_bytes([100, 64, 0, 2]), (1 << 22) - 3);

/// The addresses of each pair and of each port to the internet.
pub(super) struct Links {
    pairs: BTreeMap<String, u32>,
    uplinks: BTreeMap<VpcName, u32>,
}

/// The end of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Second,
}

impl Links {
    pub(super) fn of(cloud: &Cloud, warnings: &mut Vec<Message>) -> Self {
        let edges = cloud.subnets().filter(|subnet| has_edge(cloud, subnet)).map(|it| of_subnet(&it.name));
        let peerings = cloud.peerings().filter(|end| end.carries).filter_map(|end| Some(pair_of(&end)?.0));
        let (keys, mut taken, mut pairs) =
            (edges.chain(peerings).collect::<BTreeSet<_>>(), BTreeSet::new(), BTreeMap::new());
        for key in keys {
            match free(&key, BLOCKS, &mut taken) {
                Some(block) => _ = pairs.insert(key, block),
                None => warnings.push(msg!(Said::TooFewLinks { peering: key })),
            }
        }
        let (mut taken, mut uplinks) = (BTreeSet::new(), BTreeMap::new());
        for vpc in cloud.vpcs() {
            uplinks.extend(free(vpc.name.as_str(), UPLINKS.1, &mut taken).map(|number| (vpc.name.clone(), number)));
        }
        Links { pairs, uplinks }
    }

    /// The address of a pair's end.
    pub(super) fn address(&self, pair: &str, side: Side) -> Option<Ipv4Addr> {
        let first = u32::from_be_bytes([169, 254, 0, 0]) + 4 * self.pairs.get(pair)?;
        Some(Ipv4Addr::from(first + if side == Side::First { 1 } else { 2 }))
    }

    /// The address of a VPC's port to the internet.
    pub(super) fn uplink(&self, vpc: &VpcName) -> Option<Ipv4Addr> {
        Some(Ipv4Addr::from(UPLINKS.0 + self.uplinks.get(vpc)?))
    }
}

/// A free number for a name: that of its hash, or the next one.
fn free(name: &str, count: u32, taken: &mut BTreeSet<u32>) -> Option<u32> {
    let hash = fnv::hash(fnv::SEED, name.as_bytes());
    let first = ((hash ^ (hash >> 32)) % u64::from(count)) as u32;
    let number = (0..count).map(|step| (first + step) % count).find(|number| !taken.contains(number))?;
    taken.insert(number);
    Some(number)
}

/// Whether a subnet has an edge: a network ACL that may drop something.
pub(super) fn has_edge(cloud: &Cloud, subnet: &Subnet) -> bool {
    let accepts_all = |acl: &NetworkAcl, direction| {
        let first = acl.entries(direction).next();
        first.is_some_and(|entry| {
            entry.policy == Policy::Accept && entry.protocol == RuleProtocol::All && entry.cidr.prefix_len() == 0
        })
    };
    let acl = cloud.acl_of(subnet);
    acl.is_some_and(|acl| !(accepts_all(acl, Direction::Ingress) && accepts_all(acl, Direction::Egress)))
}

/// The pair of routers at a subnet's edge.
pub(super) fn of_subnet(subnet: &SubnetName) -> String {
    subnet.to_string()
}

/// The pair of an end of a peering, and which side it is. `None` if it has no other end.
pub(super) fn pair_of(end: &Peering) -> Option<(String, Side)> {
    let far = end.far.as_ref()?;
    let key = |vpc: &VpcName, name: &PeeringName| format!("{vpc}~{name}");
    let (own, other) = (key(&end.vpc, &end.name), key(&far.vpc, &far.name));
    Some(if own < other { (own, Side::First) } else { (other, Side::Second) })
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Side::First => Side::Second,
            Side::Second => Side::First,
        }
    }
}
