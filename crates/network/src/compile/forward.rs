//! Instances that forward (docs/cloud.md §12).
//!
//! A packet that a route leads to such an instance goes in by its port and comes out by it again, with the source of another.
//! So in a VPC with one, the ruleset knows the sender of a packet by its hardware address, which `guard` ties to the port, and
//! the receiver by the next hop. Routes that lead round are ended by the time to live. A VPC without one has none of this.

use super::super::ruleset::{
    Chain, ChainKind, Data, DataType, Field, Hook, HookPoint, KeyType, Policy, Rule, Set, Statement, Table, Value,
};
use super::layout::{Home, VpcLayout};
use super::names::INSTANCE_INDEX;
use super::packet::{is_answer, is_from_internet};
use super::wire;
use crate::cloud::Instance;
use crate::flow::Reason;

/// The addresses of the instances that forward.
const HOPS: &str = "hops";
/// Those that put their own address on what they pass on.
const TRANSLATE: &str = "translate";
/// Those that forward, each with itself as the destination.
pub const OWN: &str = "own";
/// In an instance: its link, with its own address.
const ADDRESS: &str = "address";

/// Packets begin with 64, and lose two for each instance that passes them on.
const ROUND: (u8, u8) = (0, 31);

/// Whether an instance of the VPC passes packets on.
pub fn any(vpc: &VpcLayout) -> bool {
    hops(vpc).next().is_some()
}

fn hops<'v>(vpc: &'v VpcLayout) -> impl Iterator<Item = &'v Home<'v>> {
    vpc.instances.iter().filter(|home| home.is_hop)
}

/// The field by which the sender's groups are found.
pub fn sender(vpc: &VpcLayout) -> Field {
    if any(vpc) { Field::EtherSource } else { Field::IpSource }
}

/// The type of that field.
pub fn sender_type(vpc: &VpcLayout) -> KeyType {
    if any(vpc) { KeyType::EtherAddress } else { KeyType::Ipv4Address }
}

/// An instance as that field has it.
pub fn sender_key(vpc: &VpcLayout, instance: &Instance) -> Value {
    if any(vpc) { Value::Mac(wire::mac_of(instance.ip)) } else { Value::Ip(instance.ip) }
}

/// The field by which the receiver's groups are found.
pub fn receiver(vpc: &VpcLayout) -> Field {
    if any(vpc) { Field::NextHop } else { Field::IpDestination }
}

/// A packet that only comes back where it was.
pub fn rounds(vpc: &VpcLayout) -> Option<Rule> {
    let (low, high) = ROUND;
    let round = Statement::range(Field::TimeToLive, low, high);
    let ends = Statement::goto(Reason::NotForwarded.as_str());
    let rule = Rule::of([Statement::within([Field::NextHop], HOPS), round, ends]).comment("the routes lead round");
    any(vpc).then_some(rule)
}

/// Answers that end at an instance that forwards: one that would translate an answer did not see the flow begin; and the
/// answer to what came in from the internet has the public address again once it left the router, which knows it no more.
pub fn strange_answers(vpc: &VpcLayout) -> Vec<Rule> {
    let strange = |condition: Statement| {
        let elsewhere = Statement::without([Field::NextHop, Field::IpDestination], OWN);
        Rule::of([is_answer(), condition, elsewhere, Statement::goto(Reason::NotForwarded.as_str())])
    };
    let translates = hops(vpc).any(|home| home.instance.masquerade);
    let translates = translates.then(|| {
        let rule = strange(Statement::within([Field::NextHop], TRANSLATE));
        rule.comment("an answer to no flow that went through it")
    });
    let outside = (any(vpc) && vpc.uplink.is_some()).then(|| {
        let mut rule = strange(is_from_internet());
        rule.statements.insert(2, Statement::within([Field::NextHop], HOPS));
        rule.comment("an answer to the internet")
    });
    translates.into_iter().chain(outside).collect()
}

/// The conditions under which a packet for a subnet is not on its way to an instance that passes it on, each alone.
pub fn not_passed_on(vpc: &VpcLayout) -> Vec<Option<Statement>> {
    match any(vpc) {
        false => vec![None],
        true => vec![
            Some(Statement::without([Field::NextHop], HOPS)),
            Some(Statement::within([Field::NextHop, Field::IpDestination], OWN)),
        ],
    }
}

/// The sets that these rules use.
pub fn add(table: &mut Table, vpc: &VpcLayout) {
    let all: Vec<_> = hops(vpc).map(|home| home.instance).collect();
    if all.is_empty() {
        return;
    }
    let mut add = |name: &str, keys: Vec<Vec<Value>>, kinds: &[KeyType]| {
        let mut set = Set::of(kinds);
        set.elements.extend(keys.into_iter().map(|key| (key, Data::None)));
        table.sets.insert(name.to_owned(), set);
    };
    let ip = |instance: &&Instance| Value::Ip(instance.ip);
    add(HOPS, all.iter().map(|it| vec![ip(it)]).collect(), &[KeyType::Ipv4Address]);
    let translate: Vec<_> = all.iter().filter(|it| it.masquerade).collect();
    if !translate.is_empty() {
        add(TRANSLATE, translate.iter().map(|it| vec![ip(it)]).collect(), &[KeyType::Ipv4Address]);
    }
    add(OWN, all.iter().map(|it| vec![ip(it), ip(it)]).collect(), &[KeyType::Ipv4Address; 2]);
}

/// The sysctls of an instance that forwards, in place of `ip_forward = 0`.
pub const SYSCTLS: [(&str, &str); 4] = [
    ("ipv4/ip_forward", "1"),
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    // Where routes lead round, its own address comes back to it, and must not be lost uncounted.
    ("ipv4/conf/all/accept_local", "1"),
];

/// The ruleset of an instance that forwards: it sends no redirects, and may put its address on what it passes on.
pub fn table(instance: &Instance) -> Table {
    let hook = |kind, at, priority| Hook { kind, at, priority, policy: Policy::Accept };
    let mut table = Table::default();
    let redirect = [Statement::is(Field::TransportProtocol, 1_u8), Statement::is(Field::IcmpType, 5_u8)];
    let rule = Rule::of(redirect.into_iter().chain([Statement::drop()])).comment("no redirects");
    table.chain("output", Chain::base(hook(ChainKind::Filter, HookPoint::Output, 0), [rule]));
    if instance.masquerade {
        let mut address = Set::map([KeyType::InterfaceIndex], DataType::Ipv4Address);
        address.elements.insert(vec![INSTANCE_INDEX.into()], Data::Ip(instance.ip));
        table.sets.insert(ADDRESS.to_owned(), address);
        let own = Rule::of([Statement::SourceNat { field: Field::OutputInterface, map: ADDRESS.to_owned() }]);
        table.chain("postrouting", Chain::base(hook(ChainKind::Nat, HookPoint::Postrouting, 100), [own]));
    }
    table
}
