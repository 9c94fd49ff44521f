//! Peerings that carry packets. One without a cap or a delay is two router ports that are each other's peer: no link, on no host.
//! Another goes through a *wire*, a pair of links on one host, where the kernel's queueing disciplines shape what passes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::links::{Side, pair_of};
use super::{Layout, names};
use crate::cloud::Peering;
use crate::message::Message;
use crate::messages::Said;
use crate::msg;
use crate::rows::Rows;
use crate::table::Table;

pub(super) fn add(rows: &mut Rows, layout: &Layout, warnings: &mut Vec<Message>) {
    for vpc in layout.cloud.vpcs() {
        for end in layout.cloud.peerings_of(&vpc.name).filter(|end| end.carries) {
            if add_end(rows, layout, &end).is_some() && end.mtu < vpc.mtu {
                let (peering, mtu) = (&end.name, u64::from(end.mtu));
                warnings.push(msg!(Said::SmallPeering { peering: peering, mtu, vpc: &vpc.name }));
            }
        }
    }
}

fn add_end(rows: &mut Rows, layout: &Layout, end: &Peering) -> Option<()> {
    let (lab, far) = (layout.lab, end.far.as_ref()?);
    let (pair, side) = pair_of(end)?;
    let (own, other) = (layout.links.address(&pair, side)?, layout.links.address(&pair, side.other())?);
    let (name, peer) = (names::end(lab, &end.vpc, &end.name), names::end(lab, &far.vpc, &far.name));
    let router = names::router(lab, &end.vpc);
    let port = rows
        .add_to((Table::LogicalRouter, &router), "ports", Table::LogicalRouterPort, &name)
        .text("name", &name)
        .text("mac", names::mac_of_port(&name))
        .text("networks", format!("{own}/30"))
        .put("options", "route_table", names::deliver(lab, &end.vpc));
    if end.bandwidth.is_none() && end.latency.is_none() {
        _ = port.text("peer", peer);
    } else {
        add_wire(rows, layout, end, &Wire { name: &name, peer: &peer, far: other, pair: &pair, side });
    }
    Some(())
}

/// A side of a wire.
struct Wire<'w> {
    name: &'w str,
    peer: &'w str,
    far: Ipv4Addr,
    pair: &'w str,
    side: Side,
}

/// A switch with the router's port and the wire's end, behind which is the other router's port.
fn add_wire(rows: &mut Rows, layout: &Layout, end: &Peering, wire: &Wire) {
    let switch = wire.name;
    rows.add(Table::LogicalSwitch, switch).1.text("name", switch);
    let to_router = names::to_router(switch);
    _ = rows
        .add_to((Table::LogicalSwitch, switch), "ports", Table::LogicalSwitchPort, &to_router)
        .text("name", &to_router)
        .text("type", "router")
        .text("addresses", "router")
        .put("options", "router-port", wire.name);
    let (port, peer) = (of_wire(wire.name), of_wire(wire.peer));
    let mac = names::mac_of_port(wire.peer);
    let mut row = rows
        .add_to((Table::LogicalSwitch, switch), "ports", Table::LogicalSwitchPort, &port)
        .text("name", &port)
        .text("addresses", format!("{mac} {}", wire.far))
        .about("kind", "wire")
        .about("peer", peer)
        .about("mtu", end.mtu);
    if wire.side == Side::First {
        row = row.about("first", "true");
    }
    if let Some(bandwidth) = end.bandwidth {
        row = row.about("bits", bandwidth.0);
    }
    if let Some(latency) = end.latency {
        row = row.about("delay_us", latency.as_micros());
    }
    if let Some(host) = host_of(layout, end, wire.pair) {
        _ = row.put("options", "requested-chassis", host);
    }
}

fn of_wire(end: &str) -> String {
    format!("{end}/wire")
}

/// The host of a wire: the one with most of the two VPCs' instances.
fn host_of(layout: &Layout, end: &Peering, pair: &str) -> Option<String> {
    let far = end.far.as_ref().map(|far| &far.vpc);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vpc in [Some(&end.vpc), far].into_iter().flatten() {
        for instance in layout.cloud.instances_of(vpc) {
            if let Some(host) = layout.placement.host_of(instance.name.as_str()) {
                *counts.entry(host).or_default() += 1;
            }
        }
    }
    let most = counts.into_iter().max_by_key(|(host, count)| (*count, std::cmp::Reverse(*host)));
    most.map(|(host, _)| host).or_else(|| layout.placement.host_of(pair)).map(str::to_owned)
}
