//! The edge of a subnet with a network ACL: a router between the subnet and its VPC's router. Its policies are the ACL's entries in
//! their order, stateless as these are: OVN's own ACLs let every answer pass.

use std::fmt::Write;

use super::links::{Side, of_subnet};
use super::names::quoted;
use super::{Layout, names};
use crate::cloud::{AclEntry, Direction, Policy, PortRange, RouteTable, RuleProtocol, Subnet};
use crate::flow::Reason;
use crate::rows::Rows;
use crate::table::Table;

/// The priority of the first entry. Entries have numbers up to 32766, but there are never so many.
const FIRST: i64 = 30_000;

/// Adds the edge router; returns its key.
pub(super) fn add(rows: &mut Rows, layout: &Layout, router: &str, subnet: &Subnet, table: &RouteTable) -> String {
    let lab = layout.lab;
    let key = names::subnet(lab, &subnet.name);
    rows.add(Table::LogicalRouter, &key).1.text("name", &key);
    let (up, down) = (names::edge_up(lab, &subnet.name), names::edge_down(lab, &subnet.name));
    let pair = of_subnet(&subnet.name);
    let (Some(first), Some(second)) =
        (layout.links.address(&pair, Side::First), layout.links.address(&pair, Side::Second))
    else {
        return key;
    };
    let link = |rows: &mut Rows, owner: &str, name: &str, peer: &str, address| {
        _ = rows
            .add_to((Table::LogicalRouter, owner), "ports", Table::LogicalRouterPort, name)
            .text("name", name)
            .text("mac", names::mac_of_port(name))
            .text("networks", format!("{address}/30"))
            .text("peer", peer);
    };
    link(rows, &key, &up, &down, second);
    link(rows, router, &down, &up, first);
    _ = rows.row(Table::LogicalRouterPort, &down).put("options", "route_table", names::table(lab, &table.name));
    _ = rows
        .add_to((Table::LogicalRouter, &key), "static_routes", Table::StaticRoute, &format!("{key} 0.0.0.0/0"))
        .text("ip_prefix", "0.0.0.0/0")
        .text("nexthop", first)
        .text("output_port", &up);
    add_policies(rows, layout, &key, subnet);
    key
}

fn add_policies(rows: &mut Rows, layout: &Layout, router: &str, subnet: &Subnet) {
    let gateway = quoted(&names::gateway(layout.lab, &subnet.name));
    let mut add = |priority: i64, matches: String, drops: Option<Reason>| {
        let row = rows
            .add_to((Table::LogicalRouter, router), "policies", Table::Policy, &format!("{router} {priority}"))
            .number("priority", priority)
            .text("match", matches)
            .text("action", if drops.is_some() { "drop" } else { "allow" });
        if let Some(reason) = drops {
            _ = row.because(reason);
        }
    };
    // What stays in the subnet is not filtered.
    let set = names::set(layout.lab, "vpc", subnet.name.vpc.as_str());
    let stays = format!("inport == {gateway} && outport == {gateway}");
    add(FIRST + 2, format!("{stays} && ip4.dst == ${set}"), None);
    add(FIRST + 1, stays, Some(Reason::NoSuchAddress));
    let Some(acl) = layout.cloud.acl_of(subnet) else { return };
    let mut priority = FIRST;
    for (direction, port, reason) in [
        (Direction::Egress, "inport", Reason::EgressNetworkAcl),
        (Direction::Ingress, "outport", Reason::IngressNetworkAcl),
    ] {
        for entry in acl.entries(direction) {
            let drops = (entry.policy == Policy::Drop).then_some(reason);
            add(priority, format!("{port} == {gateway}{}", condition(entry)), drops);
            priority -= 1;
        }
        add(priority, format!("{port} == {gateway} && ip4"), Some(reason));
        priority -= 1;
    }
}

fn condition(entry: &AclEntry) -> String {
    let side = match entry.direction {
        Direction::Ingress => "src",
        Direction::Egress => "dst",
    };
    let mut text = String::from(" && ip4");
    if entry.cidr.prefix_len() > 0 {
        _ = write!(text, " && ip4.{side} == {}", entry.cidr);
    }
    text + &protocol(entry.protocol, entry.ports)
}

/// The condition of a protocol and its ports.
pub(super) fn protocol(protocol: RuleProtocol, ports: Option<PortRange>) -> String {
    let name = match protocol {
        RuleProtocol::All => return String::new(),
        RuleProtocol::Icmp => return " && icmp4".into(),
        RuleProtocol::Gre => return " && ip.proto == 47".into(),
        RuleProtocol::Tcp => "tcp",
        RuleProtocol::Udp => "udp",
    };
    match ports.filter(|ports| !ports.is_all()) {
        None => format!(" && {name}"),
        Some(PortRange { low, high }) if low == high => format!(" && {name}.dst == {low}"),
        Some(PortRange { low, high }) => format!(" && {name}.dst >= {low} && {name}.dst <= {high}"),
    }
}
