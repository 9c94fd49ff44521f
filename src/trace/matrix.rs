//! Every ordered pair of instances at once: pairs that nothing in the Cloud tells apart are asked about once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{answerer, groups, predict, route};
use crate::cloud::{Cloud, GroupName, Instance, InstanceName, RouteTableName, RulePeer, VpcName};
use crate::flow::{Disposition, Endpoint, Protocol};

/// How every ordered pair of instances ends, by the pairs' classes.
#[derive(Clone, Debug)]
pub struct Matrix {
    names: Vec<InstanceName>,
    /// By instance: which sort of instance it is.
    sorts: Vec<usize>,
    /// By instance: a number for its private address.
    addresses: Vec<usize>,
    /// By the sorts of sender and receiver; `None`: no such pair.
    dispositions: Vec<Option<Disposition>>,
    /// How many sorts there are.
    width: usize,
}

/// A class of pairs of which the Cloud says the same for the same reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u32);

/// A class, with a pair to stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Members {
    /// The class.
    pub class: Class,
    /// The first pair of it, by index.
    pub first: (usize, usize),
    /// How many pairs it has.
    pub pairs: usize,
    /// How all of them end.
    pub disposition: Disposition,
}

/// Predicts every ordered pair of instances.
pub fn matrix(cloud: &Cloud, protocol: Protocol) -> Matrix {
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
            dispositions.push(pair.map(|(from, to)| predict(cloud, &endpoints[from], &endpoints[to], protocol)));
        }
    }
    let names = instances.into_iter().map(|instance| instance.name.clone()).collect();
    Matrix { names, sorts, addresses, dispositions, width }
}

impl Matrix {
    /// The instances, by name: their indices are those of the pairs.
    pub fn instances(&self) -> &[InstanceName] {
        &self.names
    }

    /// How the flow from one instance to another ends, by index.
    pub fn at(&self, from: usize, to: usize) -> Disposition {
        // Its own address: the packet never leaves the sender.
        if self.addresses[from] == self.addresses[to] {
            return if from == to { Disposition::Reach } else { Disposition::ANSWERED_BY_ANOTHER };
        }
        let cell = self.dispositions[self.sorts[from] * self.width + self.sorts[to]];
        cell.expect("a pair of these sorts with two addresses was asked about")
    }

    /// How the flow from one instance to another ends; `None` where one does not exist.
    pub fn get(&self, from: &InstanceName, to: &InstanceName) -> Option<Disposition> {
        let index = |name| self.names.binary_search(name).ok();
        Some(self.at(index(from)?, index(to)?))
    }

    /// The class of a pair, by index: one probe stands for all pairs of a class.
    pub fn class_of(&self, from: usize, to: usize) -> Class {
        let own = usize::from(self.addresses[from] == self.addresses[to]);
        Class(((self.sorts[from] * self.width + self.sorts[to]) * 2 + own) as u32)
    }

    /// Who answers in the receiver's place, of those of `pairs` that end so. With which protocol the matrix was asked for
    /// is for the caller to say again.
    pub fn answerers(
        &self,
        cloud: &Cloud,
        protocol: Protocol,
        pairs: impl Iterator<Item = (usize, usize)>,
    ) -> BTreeMap<(usize, usize), Endpoint> {
        // Where the packet gets to is the same for all senders of a sort; who asks for the own address answers it.
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

/// What the Cloud can tell an instance by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sort<'a> {
    traits: Traits<'a>,
    /// What lies at its address in every other VPC that has it: a packet for it that strays there ends by what is there.
    elsewhere: Vec<(&'a VpcName, Option<Traits<'a>>)>,
    /// Who has its address out there: a packet for it that leaves its VPC is that one's.
    namesake: Option<&'a InstanceName>,
    /// By which address it is known to whoever is the namesake of another, and judges and answers that address.
    known_as: Option<Ipv4Addr>,
}

/// What the Cloud can tell an instance by, but for addresses that two VPCs have.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Traits<'a> {
    vpc: &'a VpcName,
    table: &'a RouteTableName,
    /// Which of the table's entries its address chooses, where several share a destination.
    choices: Vec<usize>,
    groups: Vec<&'a GroupName>,
    public: bool,
    /// Whether nobody has its address out there.
    reserved: bool,
    /// Which of the blocks that are named anywhere hold its address, as bits.
    blocks: Vec<u64>,
}

/// The sort of each instance.
fn sorts<'a>(cloud: &'a Cloud, instances: &[&'a Instance], protocol: Protocol) -> Vec<Sort<'a>> {
    let blocks = blocks(cloud, protocol);
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
    rules.chain(entries).chain(cloud.vpcs().map(|vpc| vpc.cidr)).collect()
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
