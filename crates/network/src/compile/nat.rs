//! NAT gateways (docs/cloud.md §14): each is a namespace of its own, a host of its subnet that forwards.
//!
//! The router sees an instance that masquerades (`forward`), whose chain lets in what its entries are for. In its own
//! namespace it puts its address on what leaves, and leads ports of its public address to instances. The border maps its
//! public address as an instance's. A flow that it leads in is marked, so that its answer can be told apart from one that
//! it does not know.

use super::super::ruleset::{
    Chain, ChainKind, Field, Hook, HookPoint, KeyType, Policy, Rule, Set, Statement, Table, Value, Verdict,
};
use super::super::ruleset::{Data, DataType};
use super::forward::OWN;
use super::layout::{Home, VpcLayout};
use super::names::{INSTANCE_INDEX, bounded};
use super::packet::{is_answer, is_from_internet, protocol_number};
use super::wire;
use crate::cloud::{Cloud, DnatEntry, NatGateway};
use crate::flow::Reason;

/// The first mark of flows that NAT gateways lead in; the marks below have other meanings.
const FIRST_MARK: u32 = 16;

/// In a NAT gateway: its link, with its own address.
const ADDRESS: &str = "address";

fn gateways<'v>(vpc: &'v VpcLayout) -> impl Iterator<Item = (u32, &'v Home<'v>, &'v NatGateway)> {
    let all = vpc.instances.iter().filter_map(|home| Some((home, home.nat?)));
    all.enumerate().map(|(number, (home, nat))| (FIRST_MARK + number as u32, home, nat))
}

/// Those that lead something in.
fn leading<'v>(vpc: &'v VpcLayout) -> impl Iterator<Item = (u32, &'v Home<'v>, &'v NatGateway)> {
    gateways(vpc).filter(|(_, _, nat)| !nat.dnat.is_empty())
}

/// Whether the VPC has one.
pub fn any(vpc: &VpcLayout) -> bool {
    vpc.instances.iter().any(|home| home.nat.is_some())
}

/// The set of its own address.
fn itself(nat: &NatGateway) -> String {
    bounded(&format!("nat/{}", nat.name))
}

/// The chain for packets to a NAT gateway.
pub fn chain(nat: &NatGateway) -> String {
    bounded(&format!("to-nat/{}", nat.name))
}

/// Marks the flows that a NAT gateway sends, and drops those that it leads to no subnet.
pub fn marks(vpc: &VpcLayout) -> Vec<Rule> {
    let rules = leading(vpc).flat_map(|(mark, home, nat)| {
        let sent = || Statement::is(Field::EtherSource, wire::mac_of(home.instance.ip));
        let original = || Statement::is(Field::ConntrackDirection, Value::Byte(0));
        let others = Statement::without([Field::IpSource], itself(nat));
        let astray = Statement::Is {
            field: Field::OutputGroup,
            value: super::super::model::group::SUBNET.into(),
            negated: true,
        };
        let nowhere = Statement::goto(Reason::NoSuchAddress.as_str());
        [
            Rule::of([sent(), original(), Statement::MarkFlow(mark)]).comment(format!("{} opens it", nat.name)),
            Rule::of([sent(), original(), others, astray, nowhere]).comment("it leads in to subnets only"),
        ]
    });
    rules.collect()
}

/// Answers to what a NAT gateway led in that do not go back to it.
pub fn answers_around(vpc: &VpcLayout) -> Vec<Rule> {
    let rules = leading(vpc).map(|(mark, _, nat)| {
        let marked = Statement::is(Field::ConntrackMark, mark);
        let around = Statement::without([Field::NextHop], itself(nat));
        Rule::of([is_answer(), marked, around, Statement::goto(Reason::NoSuchAddress.as_str())])
            .comment(format!("{} led it in, and the answer goes around", nat.name))
    });
    rules.collect()
}

/// The same of answers that leave for the internet: none of them goes to a NAT gateway.
pub fn answers_out(vpc: &VpcLayout) -> Vec<Rule> {
    let rules = leading(vpc).map(|(mark, _, nat)| {
        let marked = Statement::is(Field::ConntrackMark, mark);
        Rule::of([is_answer(), marked, Statement::goto(Reason::NoSuchAddress.as_str())])
            .comment(format!("{} led it in, and the answer goes around", nat.name))
    });
    rules.collect()
}

/// Answers to what a NAT gateway led in that go back to it: it knows them.
pub fn answers_back(vpc: &VpcLayout) -> Vec<Rule> {
    let rules = leading(vpc).map(|(mark, _, nat)| {
        let marked = Statement::is(Field::ConntrackMark, mark);
        let back = Statement::within([Field::NextHop], itself(nat));
        Rule::of([is_answer(), marked, back, Statement::accept()]).comment(format!("{} led it in", nat.name))
    });
    rules.collect()
}

/// The chains and the sets of the VPC's NAT gateways.
pub fn add(table: &mut Table, cloud: &Cloud, vpc: &VpcLayout) {
    for (_, home, nat) in gateways(vpc) {
        let own = || Statement::within([Field::NextHop, Field::IpDestination], OWN);
        let let_in = nat.dnat.iter().map(|entry| {
            let [protocol, port] = asks(entry);
            Rule::of([own(), is_from_internet(), protocol, port, Statement::Count, Statement::accept()])
                .comment(format!("{}: {} to {}", nat.name, entry.port, entry.to))
        });
        let nobody = Rule::of([own(), Statement::goto(Reason::NoSuchAddress.as_str())]);
        let translates = nat.snat.iter().map(|entry| {
            let source = (entry.cidr.prefix_len() > 0).then(|| Statement::prefix(Field::IpSource, entry.cidr));
            Rule::of(source.into_iter().chain([Statement::Count, Statement::accept()]))
                .comment(format!("{}: SNAT of {}", nat.name, entry.cidr))
        });
        let all = (!cloud.provider().snat_entries).then(|| Rule::of([Statement::accept()]));
        let rest = Rule::of([Statement::goto(Reason::NoPublicIp.as_str())]).comment("no SNAT entry");
        let rules = let_in.chain([nobody]).chain(translates).chain(all).chain([rest]);
        table.chain(&chain(nat), Chain::of(rules));
        if !nat.dnat.is_empty() {
            let mut set = Set::of([KeyType::Ipv4Address]);
            set.elements.insert(vec![home.instance.ip.into()], Data::None);
            table.sets.insert(itself(nat), set);
        }
    }
}

/// Whether a packet is for an entry's port.
fn asks(entry: &DnatEntry) -> [Statement; 2] {
    let number = protocol_number(entry.protocol).unwrap_or_default();
    [Statement::is(Field::TransportProtocol, number), Statement::is(Field::DestinationPort, entry.port)]
}

/// The ruleset of a NAT gateway's namespace. What it leads in keeps its source.
pub fn table(home: &Home, nat: &NatGateway) -> Table {
    let hook = |kind, at, priority| Hook { kind, at, priority, policy: Policy::Accept };
    let mut table = Table::default();
    let redirect = [Statement::is(Field::TransportProtocol, 1_u8), Statement::is(Field::IcmpType, 5_u8)];
    let silent = Rule::of(redirect.into_iter().chain([Statement::drop()])).comment("no redirects");
    table.chain("output", Chain::base(hook(ChainKind::Filter, HookPoint::Output, 0), [silent]));
    let mut address = Set::map([KeyType::InterfaceIndex], DataType::Ipv4Address);
    address.elements.insert(vec![INSTANCE_INDEX.into()], Data::Ip(home.instance.ip));
    table.sets.insert(ADDRESS.to_owned(), address);
    let led_in = Rule::of([is_from_internet(), Statement::Verdict(Verdict::Accept)]).comment("led in");
    let own = Rule::of([Statement::SourceNat { field: Field::OutputInterface, map: ADDRESS.to_owned() }]);
    let out = hook(ChainKind::Nat, HookPoint::Postrouting, 100);
    table.chain("postrouting", Chain::base(out, [led_in, own]));
    if !nat.dnat.is_empty() {
        let rules = nat.dnat.iter().map(|entry| {
            let [protocol, port] = asks(entry);
            let here = Statement::is(Field::IpDestination, home.instance.ip);
            Rule::of([here, protocol, port, Statement::LeadTo { address: entry.to, port: entry.to_port }])
        });
        let inward = hook(ChainKind::Nat, HookPoint::Prerouting, -100);
        table.chain("prerouting", Chain::base(inward, rules));
    }
    table
}
