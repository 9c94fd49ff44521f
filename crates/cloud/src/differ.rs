//! Compares two Clouds.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::map::{Keep, Map};
use super::{Cloud, VpcName};

/// How much of a VPC differs between two Clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Its route tables, at most.
    Routes,
    /// More than its route tables.
    More,
}

impl Cloud {
    /// The VPCs that differ between two Clouds, in themselves or in their contents.
    pub fn vpcs_that_differ(&self, other: &Cloud) -> BTreeMap<VpcName, Extent> {
        let mut differ = BTreeMap::new();
        differing(&self.route_tables, &other.route_tables, |table| {
            _ = differ.insert(table.vpc.clone(), Extent::Routes)
        });
        let mut add = |vpc: &VpcName| _ = differ.insert(vpc.clone(), Extent::More);
        differing(&self.vpcs, &other.vpcs, |vpc| add(&vpc.name));
        differing(&self.subnets, &other.subnets, |subnet| add(&subnet.name.vpc));
        differing(&self.security_groups, &other.security_groups, |group| add(&group.vpc));
        differing(&self.network_acls, &other.network_acls, |acl| add(&acl.vpc));
        differing(&self.instances, &other.instances, |instance| add(&instance.subnet.vpc));
        differing(&self.nat_gateways, &other.nat_gateways, |nat| add(&nat.host.subnet.vpc));
        differing(&self.gateways, &other.gateways, |gateway| add(&gateway.vpc));
        differing(&self.router_interfaces, &other.router_interfaces, |interface| add(&interface.vpc));
        differing(&self.vpc_peerings, &other.vpc_peerings, |half| add(&half.vpc));
        differing(&self.peering_connections, &other.peering_connections, |connection| {
            add(&connection.requester.vpc);
            add(&connection.accepter.vpc);
        });
        differ
    }
}

/// Passes each entry that differs between two maps to `tell`. For two maps derived from the same kept map, compares
/// only what changed since.
fn differing<K: Ord + Keep, V: Keep + PartialEq>(one: &Map<K, V>, other: &Map<K, V>, mut tell: impl FnMut(&V)) {
    let mut compare = |a: Option<&V>, b: Option<&V>| {
        let is_same = a.zip(b).is_some_and(|(a, b)| std::ptr::eq(a, b));
        if !is_same && a != b {
            a.into_iter().chain(b).for_each(&mut tell);
        }
    };
    if one.is_kin(other) {
        let changed: BTreeSet<_> = one.changed().chain(other.changed()).collect();
        changed.into_iter().for_each(|key| compare(one.get(key), other.get(key)));
        return;
    }
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        let a = left.next_if(|_| order != Ordering::Greater).map(|(_, value)| value);
        let b = right.next_if(|_| order != Ordering::Less).map(|(_, value)| value);
        compare(a, b);
    }
}
