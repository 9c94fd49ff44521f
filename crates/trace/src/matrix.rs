//! Predicts every ordered pair of instances, tracing each class of equivalent pairs once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{answerer, groups, predict, route};
use crate::cloud::{Cloud, GroupName, Instance, InstanceName, RouteTableName, RulePeer, SubnetName, VpcName};
use crate::flow::{Disposition, Endpoint, Protocol, Reason, Traffic};

/// The results of all ordered pairs of instances, by class.
#[derive(Clone, Debug)]
pub struct Matrix {
    names: Vec<InstanceName>,
    /// The sort of each instance: equivalent instances have the same sort.
    sorts: Vec<usize>,
    /// Whether each instance runs.
    running: Vec<bool>,
    /// A number for each instance's private address.
    addresses: Vec<usize>,
    /// The results by the sorts of sender and receiver; `None`: no such pair.
    dispositions: Vec<Option<Disposition>>,
    /// The number of sorts.
    width: usize,
}

/// A class of equivalent pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u32);

/// A class, with a pair that represents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Members {
    /// The class.
    pub class: Class,
    /// Its first pair, by index.
    pub first: (usize, usize),
    /// The number of its pairs.
    pub pairs: usize,
    /// The result of all of them.
    pub disposition: Disposition,
}

/// Predicts every ordered pair of instances.
pub fn matrix(cloud: &Cloud, traffic: impl Into<Traffic>) -> Matrix {
    let traffic = traffic.into();
    let protocol = traffic.protocol;
    let instances: Vec<&Instance> = cloud.instances().collect();
    let sorts = number(sorts(cloud, &instances, protocol));
    let addresses = number(instances.iter().map(|instance| instance.ip).collect());
    let width = sorts.iter().max().map_or(0, |last| last + 1);

    let mut of_sort = vec![Vec::new(); width];
    for (index, sort) in sorts.iter().enumerate() {
        of_sort[*sort].push(index);
    }
    let endpoints: Vec<_> = instances.iter().map(|instance| Endpoint::Instance(instance.name.clone())).collect();
    let mut dispositions = Vec::with_capacity(width * width);
    for senders in &of_sort {
        for receivers in &of_sort {
            let mut pairs = senders.iter().flat_map(|from| receivers.iter().map(move |to| (*from, *to)));
            let pair = pairs.find(|(from, to)| addresses[*from] != addresses[*to]);
            dispositions.push(pair.map(|(from, to)| predict(cloud, &endpoints[from], &endpoints[to], traffic)));
        }
    }
    let running = instances.iter().map(|instance| instance.runs()).collect();
    let names = instances.into_iter().map(|instance| instance.name.clone()).collect();
    Matrix { names, sorts, running, addresses, dispositions, width }
}

impl Matrix {
    /// The instances, by name: their indices are those of the pairs.
    pub fn instances(&self) -> &[InstanceName] {
        &self.names
    }

    /// The result of the flow from one instance to another, by index.
    pub fn at(&self, from: usize, to: usize) -> Disposition {
        // The sender's own address: the packet never leaves.
        if self.addresses[from] == self.addresses[to] {
            return match self.running[from] {
                false => Disposition::drop(Reason::InstanceStopped),
                true if from == to => Disposition::Reach,
                true => Disposition::ANSWERED_BY_ANOTHER,
            };
        }
        let cell = self.dispositions[self.sorts[from] * self.width + self.sorts[to]];
        cell.expect("a pair of these sorts with two addresses was asked about")
    }

    /// The result of the flow from one instance to another; `None` if one does not exist.
    pub fn get(&self, from: &InstanceName, to: &InstanceName) -> Option<Disposition> {
        let index = |name| self.names.binary_search(name).ok();
        Some(self.at(index(from)?, index(to)?))
    }

    /// The class of a pair, by index: one probe represents all pairs of a class.
    pub fn class_of(&self, from: usize, to: usize) -> Class {
        let own = usize::from(self.addresses[from] == self.addresses[to]);
        Class(((self.sorts[from] * self.width + self.sorts[to]) * 2 + own) as u32)
    }

    /// The one that answers instead of the receiver, for those of `pairs` that end in `answered-by-another`. `protocol`
    /// must be that of the matrix.
    pub fn answerers(
        &self,
        cloud: &Cloud,
        protocol: Protocol,
        pairs: impl Iterator<Item = (usize, usize)>,
    ) -> BTreeMap<(usize, usize), Endpoint> {
        // The receiver is the same for all senders of a sort; a sender to its own address answers itself.
        let mut known = BTreeMap::new();
        let end = |index: usize| Endpoint::Instance(self.names[index].clone());
        let answered = pairs.filter(|(from, to)| self.at(*from, *to) == Disposition::ANSWERED_BY_ANOTHER);
        let named = answered.filter_map(|(from, to)| {
            if self.addresses[from] == self.addresses[to] {
                return Some(((from, to), end(from)));
            }
            let answerer =
                known.entry((self.sorts[from], to)).or_insert_with(|| answerer(cloud, &end(from), &end(to), protocol));
            Some(((from, to), answerer.clone()?))
        });
        named.collect()
    }

    /// All ordered pairs of two different instances, by index.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let all = self.names.len();
        (0..all).flat_map(move |from| (0..all).filter(move |to| *to != from).map(move |to| (from, to)))
    }

    /// All classes of pairs of two different instances, in the order of their first pairs.
    pub fn classes(&self) -> Vec<Members> {
        let mut places = vec![None; self.width * self.width * 2];
        let mut classes: Vec<Members> = Vec::new();
        for (from, to) in self.pairs() {
            let class = self.class_of(from, to);
            let place = *places[class.0 as usize].get_or_insert_with(|| {
                classes.push(Members { class, first: (from, to), pairs: 0, disposition: self.at(from, to) });
                classes.len() - 1
            });
            classes[place].pairs += 1;
        }
        classes
    }
}

/// Everything by which the Cloud distinguishes instances.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sort<'a> {
    traits: Traits<'a>,
    /// The holder of its address in every other VPC that contains it: a packet that strays there ends accordingly.
    elsewhere: Vec<(&'a VpcName, Option<Traits<'a>>)>,
    /// The instance that has its address on the internet, and receives packets for the address outside its VPC.
    namesake: Option<&'a InstanceName>,
    /// The address by which it is known to an instance that is the namesake of another.
    known_as: Option<Ipv4Addr>,
}

/// Everything by which the Cloud distinguishes instances, except addresses that two VPCs have.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Traits<'a> {
    vpc: &'a VpcName,
    table: &'a RouteTableName,
    /// The entries that its address chooses where several share a destination.
    choices: Vec<usize>,
    groups: Vec<&'a GroupName>,
    /// Whether it runs.
    runs: bool,
    /// Its subnet, if a network ACL filters what crosses its edge, or an instance or a NAT gateway of the VPC forwards.
    subnet: Option<&'a SubnetName>,
    public: bool,
    /// Whether no host on the internet can have its address.
    reserved: bool,
    /// The named blocks that contain its address, as bits.
    blocks: Vec<u64>,
}

/// The sort of each instance.
fn sorts<'a>(cloud: &'a Cloud, instances: &[&'a Instance], protocol: Protocol) -> Vec<Sort<'a>> {
    let blocks = blocks(cloud, protocol);
    let hops = instances.iter().copied().filter(|it| it.forwards).chain(cloud.nat_gateways().map(|nat| &nat.host));
    let forwards: BTreeSet<_> = hops.map(|it| &it.subnet.vpc).collect();
    let traits = |instance: &'a Instance| {
        let subnet = cloud.subnet(&instance.subnet).expect("an instance is in a subnet of the cloud");
        let mut bits = vec![0; blocks.len().div_ceil(64)];
        for (index, block) in blocks.iter().enumerate() {
            if block.contains(&instance.ip) {
                bits[index / 64] |= 1 << (index % 64);
            }
        }
        Traits {
            vpc: &instance.subnet.vpc,
            table: &cloud.table_of(subnet).name,
            choices: cloud.choices(cloud.table_of(subnet), instance.ip),
            groups: cloud.groups_of(instance).into_iter().map(|group| &group.name).collect(),
            runs: instance.runs(),
            subnet: (subnet.acl.is_some() || forwards.contains(&instance.subnet.vpc)).then_some(&subnet.name),
            public: instance.public_ip.is_some(),
            reserved: route::is_reserved(instance.ip),
            blocks: bits,
        }
    };
    let vpcs: Vec<_> = cloud.vpcs().collect();
    let elsewhere = |instance: &Instance| {
        let others = vpcs.iter().filter(|vpc| vpc.name != instance.subnet.vpc && vpc.cidr.contains(&instance.ip));
        let others = others.filter(|vpc| route::subnet_at(cloud, &vpc.name, instance.ip).is_some());
        others.map(|vpc| (&vpc.name, cloud.instance_at(&vpc.name, instance.ip).map(traits))).collect()
    };
    let owners: BTreeMap<_, _> =
        instances.iter().filter_map(|instance| Some((instance.public_ip?, &instance.name))).collect();
    let namesake = |instance: &Instance| owners.get(&instance.ip).copied();
    let any = instances.iter().any(|instance| namesake(instance).is_some());
    let sort = |instance: &&'a Instance| Sort {
        traits: traits(instance),
        elsewhere: elsewhere(instance),
        namesake: namesake(instance),
        known_as: instance.public_ip.filter(|_| any),
    };
    instances.iter().map(sort).collect()
}

/// Every block that a rule for this protocol, an entry or a VPC names.
fn blocks(cloud: &Cloud, protocol: Protocol) -> BTreeSet<Ipv4Net> {
    let rules = cloud.security_groups().flat_map(|group| &group.rules);
    let rules = rules.filter(|rule| groups::matches_protocol(rule, protocol)).filter_map(|rule| match rule.peer {
        RulePeer::Cidr(cidr) => Some(cidr),
        RulePeer::Group { .. } => None,
    });
    let entries = cloud.route_tables().flat_map(|table| table.entries.iter().map(|entry| entry.destination));
    let acls = cloud.network_acls().flat_map(|acl| acl.entries.iter().map(|entry| entry.cidr));
    let nats = cloud.nat_gateways().flat_map(|nat| {
        let public = nat.public_ip().map(Ipv4Net::from);
        nat.snat.iter().map(|entry| entry.cidr).chain(nat.dnat.iter().map(|entry| entry.to.into())).chain(public)
    });
    let edges = cloud.subnets().filter(|subnet| subnet.acl.is_some()).map(|subnet| subnet.cidr);
    rules.chain(entries).chain(acls).chain(nats).chain(edges).chain(cloud.vpcs().flat_map(|vpc| vpc.blocks())).collect()
}

/// A number for each, the same for equal ones, from 0 in the order of first appearance.
fn number<T: Ord>(things: Vec<T>) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    things
        .into_iter()
        .map(|thing| {
            let next = numbers.len();
            *numbers.entry(thing).or_insert(next)
        })
        .collect()
}
