//! NAT gateways: each is a namespace on a host, with a port in its subnet, as on one host: it puts its address on what routes lead
//! to it, and leads ports to instances. The router gives that address its public one, as it does an instance's.
//!
//! | priority | ACL of a NAT gateway's port |
//! |---|---|
//! | 300, 200 | what comes in by its public address: its DNAT entries, nothing else |
//! | 150, 100 | what routes lead to it: its SNAT entries, nothing else |
//! | 200, 100 | out of it: what it leads in, to subnets only; everything else |

use super::blocks::any_of;
use super::edge::protocol;
use super::groups::Acl;
use super::{Layout, names};
use crate::cloud::{NatGateway, PortRange};
use crate::flow::Reason;
use crate::rows::Rows;
use crate::table::Table;

pub(super) fn add(rows: &mut Rows, layout: &Layout) {
    for nat in layout.cloud.nat_gateways() {
        add_port(rows, layout, nat);
        add_acls(rows, layout, nat);
    }
}

fn add_port(rows: &mut Rows, layout: &Layout, nat: &NatGateway) {
    let (cloud, subnet) = (layout.cloud, &nat.host.subnet);
    let (Some(vpc), switch) = (cloud.vpc(&subnet.vpc), names::subnet(layout.lab, subnet)) else { return };
    let port = names::of_instance(layout.lab, nat.host.name.as_str());
    let mac = names::mac_of(nat.host.ip);
    let row = rows
        .add_to((Table::LogicalSwitch, &switch), "ports", Table::LogicalSwitchPort, &port)
        .text("name", &port)
        .text("addresses", format!("{mac} {}", nat.host.ip))
        .text("port_security", &mac)
        .about("kind", "nat")
        .about("nat", &nat.name)
        .about("mtu", vpc.mtu);
    if let Some(host) = layout.placement.host_of(nat.name.as_str()) {
        _ = row.put("options", "requested-chassis", host);
    }
}

fn add_acls(rows: &mut Rows, layout: &Layout, nat: &NatGateway) {
    let (cloud, own) = (layout.cloud, nat.host.ip);
    let name = names::set(layout.lab, "nat", nat.name.as_str());
    rows.add(Table::PortGroup, &name).1.text("name", &name).about("nat", &nat.name);
    let port = names::of_instance(layout.lab, nat.host.name.as_str());
    rows.refer((Table::PortGroup, &name), "ports", (Table::LogicalSwitchPort, port));
    let mut add = |what: &str, direction, priority, matches: String, drops| {
        let side = if direction == "to-lport" { "outport" } else { "inport" };
        let matches = format!("{side} == @{name} && ip4{matches}");
        Acl { direction, priority, matches, drops }.add(rows, &name, what);
    };
    for entry in &nat.dnat {
        let asks = protocol(entry.protocol, Some(PortRange { low: entry.port, high: entry.port }));
        let what = format!("leads {} {}", entry.protocol, entry.port);
        add(&what, "to-lport", 300, format!(" && ip4.dst == {own}{asks}"), None);
    }
    add("leads no other", "to-lport", 200, format!(" && ip4.dst == {own}"), Some(Reason::NoSuchAddress));
    for entry in &nat.snat {
        add(&format!("translates {}", entry.cidr), "to-lport", 150, format!(" && ip4.src == {}", entry.cidr), None);
    }
    let others = cloud.provider().snat_entries.then_some(Reason::NoPublicIp);
    add("translates others", "to-lport", 100, String::new(), others);
    let subnets = any_of(cloud.subnets_of(&nat.host.subnet.vpc).map(|subnet| subnet.cidr));
    let astray = format!(" && ip4.src != {own} && ip4.dst != {subnets}");
    add("leads to no subnet", "from-lport", 200, astray, Some(Reason::NoSuchAddress));
    add("sends", "from-lport", 100, String::new(), None);
}
