//! The internet: a switch with a port for each VPC that has public addresses, and one for the namespace that answers for every
//! address. The routers' ports are on the host of that namespace, where they translate public addresses.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use peerlab_ovsdb::Datum;

use super::blocks::{PRIVATE, any_of};
use super::names::quoted;
use super::{Layout, names};
use crate::cloud::{Cloud, Instance, VpcName};
use crate::flow::Reason;
use crate::rows::Rows;
use crate::table::Table;

/// The address of the internet's host on the switch.
const HOST: Ipv4Addr = Ipv4Addr::new(100, 64, 0, 1);

/// The next hop of a VPC's packets to the internet, and the router's port; `None` if nothing in it has a public address.
pub(super) fn hop(layout: &Layout, vpc: &VpcName) -> Option<(Ipv4Addr, String)> {
    let cloud = layout.cloud;
    (cloud.has_public_addresses(vpc) && layout.links.uplink(vpc).is_some())
        .then(|| (HOST, names::uplink(layout.lab, vpc)))
}

/// What may have a public address in a VPC: its instances, and the hosts of its NAT gateways.
pub(super) fn hosts<'c>(cloud: &'c Cloud, vpc: &'c VpcName) -> impl Iterator<Item = &'c Instance> {
    cloud.instances_of(vpc).chain(cloud.nat_gateways_of(vpc).map(|nat| &nat.host))
}

/// The private addresses in a VPC of what has a public one.
pub(super) fn senders(layout: &Layout, vpc: &VpcName) -> Vec<Ipv4Addr> {
    hosts(layout.cloud, vpc).filter(|host| host.public_ip.is_some()).map(|host| host.ip).collect()
}

pub(super) fn add(rows: &mut Rows, layout: &Layout) {
    let (lab, cloud) = (layout.lab, layout.cloud);
    let mut public: BTreeMap<&VpcName, Vec<(Ipv4Addr, &Instance)>> = BTreeMap::new();
    for (address, vpc) in cloud.public_addresses() {
        let nat = || cloud.nat_gateway_at_public(address).map(|nat| &nat.host);
        if let Some(host) = cloud.instance_at_public(address).or_else(nat) {
            public.entry(vpc).or_default().push((address, host));
        }
    }
    if public.is_empty() {
        return;
    }
    let switch = names::internet(lab);
    rows.add(Table::LogicalSwitch, &switch).1.text("name", &switch);
    let host = names::internet_host(lab);
    let mac = names::mac_of_port(&host);
    let chassis = layout.placement.host_of("internet");
    let mut addresses = Vec::new();
    for (vpc, instances) in &public {
        let port = names::uplink(lab, vpc);
        addresses.extend(instances.iter().map(|(address, _)| format!("{address}={}", names::mac_of_port(&port))));
    }
    let row = rows
        .add_to((Table::LogicalSwitch, &switch), "ports", Table::LogicalSwitchPort, &host)
        .text("name", &host)
        .set("addresses", Datum::set([format!("{mac} {HOST}"), "unknown".to_owned()]))
        .about("kind", "internet")
        .about("mac", &mac)
        .about("public", addresses.join(" "));
    if let Some(chassis) = chassis {
        _ = row.put("options", "requested-chassis", chassis);
    }
    for (vpc, instances) in public {
        add_uplink(rows, layout, vpc, &instances, chassis);
    }
}

fn add_uplink(
    rows: &mut Rows,
    layout: &Layout,
    vpc: &VpcName,
    instances: &[(Ipv4Addr, &Instance)],
    chassis: Option<&str>,
) {
    let Some(own) = layout.links.uplink(vpc) else { return };
    let lab = layout.lab;
    let (port, router, switch) = (names::uplink(lab, vpc), names::router(lab, vpc), names::internet(lab));
    let to_router = names::to_router(&port);
    _ = rows
        .add_to((Table::LogicalSwitch, &switch), "ports", Table::LogicalSwitchPort, &to_router)
        .text("name", &to_router)
        .text("type", "router")
        .text("addresses", "router")
        .put("options", "router-port", &port);
    _ = rows
        .add_to((Table::LogicalRouter, &router), "ports", Table::LogicalRouterPort, &port)
        .text("name", &port)
        .text("mac", names::mac_of_port(&port))
        .text("networks", format!("{own}/10"))
        .put("options", "route_table", names::deliver(lab, vpc));
    if let Some(chassis) = chassis {
        let name = format!("{port}@{chassis}");
        _ = rows
            .add_to((Table::LogicalRouterPort, &port), "gateway_chassis", Table::GatewayChassis, &name)
            .text("name", &name)
            .text("chassis_name", chassis)
            .number("priority", 1);
    }
    for (public, instance) in instances {
        _ = rows
            .add_to((Table::LogicalRouter, &router), "nat", Table::Nat, &format!("{router} {public}"))
            .text("type", "dnat_and_snat")
            .text("external_ip", public)
            .text("logical_ip", instance.ip);
    }
    let (leaves, senders) = (format!("outport == {}", quoted(&port)), any_of(instances.iter().map(|(_, it)| it.ip)));
    let mut add = |priority: i64, matches: String, drops: Option<Reason>| {
        let row = rows
            .add_to(
                (Table::LogicalRouter, &router),
                "policies",
                Table::Policy,
                &format!("{router} {priority} internet"),
            )
            .number("priority", priority)
            .text("match", matches)
            .text("action", if drops.is_some() { "drop" } else { "allow" });
        if let Some(reason) = drops {
            _ = row.because(reason);
        }
    };
    let private = format!("{leaves} && ip4.src == {senders} && ip4.dst == {}", any_of(PRIVATE));
    add(61, private, Some(Reason::NoSuchAddress));
    add(60, format!("{leaves} && ip4.src == {senders}"), None);
    add(50, leaves, Some(Reason::NoPublicIp));
    // The rest of the VPC does not reach a NAT gateway by its address.
    let nats: Vec<_> = layout.cloud.nat_gateways_of(vpc).map(|nat| nat.host.ip).collect();
    if !nats.is_empty() {
        add(41, format!("inport == {} && ip4.dst == {}", quoted(&port), any_of(nats)), None);
    }
    if layout.cloud.lacks_gateway(vpc) {
        add(62, format!("inport == {}", quoted(&port)), Some(Reason::NoInternetGateway));
    }
}
