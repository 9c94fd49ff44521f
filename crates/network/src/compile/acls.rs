//! Network ACLs as chains (docs/cloud.md §9).
//!
//! An ACL has a chain for each direction, which returns to accept: other filters come next. A subnet with an ACL has a
//! chain for each direction, which first lets pass what does not cross the subnet's edge. ACLs are stateless, so these
//! chains also see answers. Without ACLs there is none of this.

use super::super::ruleset::{
    Chain, Data, DataType, Field, KeyType, Rule as NftRule, Set, Statement, Table, Value, Verdict,
};
use super::forward;
use super::layout::{Bridge, Layout, VpcLayout};
use super::names::bounded;
use super::packet::protocol_number;
use crate::cloud::{AclEntry, Direction, NetworkAcl, Policy};
use crate::flow::Reason;

/// The map from a subnet's link to the chain for packets that come from it.
const EGRESS: &str = "egress-acl";
/// The map from a subnet's link to the chain for packets that go to it.
const INGRESS: &str = "ingress-acl";

/// Whether a subnet of the VPC has an ACL.
pub fn any(vpc: &VpcLayout) -> bool {
    vpc.subnets.values().any(|bridge| bridge.subnet.acl.is_some())
}

/// Asks the ACL of the subnet that a packet leaves, or enters.
pub fn asks(direction: Direction) -> Statement {
    match direction {
        Direction::Egress => Statement::verdict_map([Field::InputInterface], EGRESS),
        Direction::Ingress => Statement::verdict_map([Field::OutputInterface], INGRESS),
    }
}

/// Adds the chains of all ACLs that subnets of this VPC have, and the maps to them.
pub fn add(table: &mut Table, layout: &Layout, vpc: &VpcLayout) {
    if !any(vpc) {
        return;
    }
    for direction in [Direction::Egress, Direction::Ingress] {
        let (map, reason) = of(direction);
        table.counters.insert(reason.as_str().to_owned());
        let mut chains = Set::map([KeyType::InterfaceIndex], DataType::Verdict);
        for bridge in vpc.subnets.values() {
            let Some(acl) = layout.cloud.acl_of(bridge.subnet) else { continue };
            let of_acl = bounded(&format!("{map}:{}", acl.name));
            if !table.chains.contains_key(&of_acl) {
                table.chain(&of_acl, Chain::of(rules(acl, direction, reason)));
            }
            let of_subnet = bounded(&format!("{map}/{}", bridge.subnet.name.subnet));
            table.chain(&of_subnet, Chain::of([stays(vpc, bridge, direction), NftRule::of([Statement::goto(of_acl)])]));
            chains.elements.insert(vec![bridge.link.index.into()], Data::Verdict(Verdict::Jump(of_subnet)));
        }
        table.sets.insert(map.to_owned(), chains);
    }
}

fn of(direction: Direction) -> (&'static str, Reason) {
    match direction {
        Direction::Egress => (EGRESS, Reason::EgressNetworkAcl),
        Direction::Ingress => (INGRESS, Reason::IngressNetworkAcl),
    }
}

/// Packets between two instances of one subnet, and to its own gateway. Another VPC may have the same addresses, so for
/// packets to the subnet the link decides. A packet from the subnet to its own addresses, or
/// to an instance there that passes it on, never leaves it.
fn stays(vpc: &VpcLayout, bridge: &Bridge, direction: Direction) -> NftRule {
    let inside = match direction {
        Direction::Egress => Statement::prefix(forward::receiver(vpc), bridge.subnet.cidr),
        Direction::Ingress => Statement::is(Field::InputInterface, bridge.link.index),
    };
    NftRule::of([inside, Statement::Verdict(Verdict::Return)]).comment("it does not leave the subnet")
}

/// An ACL's entries of a direction by number, and the drop of what none of them matches.
fn rules(acl: &NetworkAcl, direction: Direction, reason: Reason) -> Vec<NftRule> {
    let unmatched = NftRule::of([Statement::counter(reason.as_str()), Statement::drop()]);
    let unmatched = unmatched.comment(format!("{}: no entry matches", acl.name));
    acl.entries(direction).map(|entry| rule(acl, entry, reason)).chain([unmatched]).collect()
}

fn rule(acl: &NetworkAcl, entry: &AclEntry, reason: Reason) -> NftRule {
    let other = match entry.direction {
        Direction::Ingress => Field::IpSource,
        Direction::Egress => Field::IpDestination,
    };
    let mut statements = Vec::new();
    if entry.cidr.prefix_len() > 0 {
        statements.push(Statement::prefix(other, entry.cidr));
    }
    if let Some(number) = protocol_number(entry.protocol) {
        statements.push(Statement::is(Field::TransportProtocol, Value::Byte(number)));
    }
    if let Some(ports) = entry.ports {
        statements.push(Statement::range(Field::DestinationPort, ports.low, ports.high));
    }
    // The entry's own counter shows which entry decided.
    statements.push(Statement::Count);
    match entry.policy {
        Policy::Accept => statements.push(Statement::Verdict(Verdict::Return)),
        Policy::Drop => statements.extend([Statement::counter(reason.as_str()), Statement::drop()]),
    }
    NftRule::of(statements).comment(format!("{}: {entry}", acl.name))
}
