//! Lines of the grammar for what there is: those that make a thing as it is, or take an entry away.

use std::fmt;

use super::{
    AccountName, AclEntry, Cloud, Instance, NextHop, Operation, PeeringConnection, RouteEntry, RouteTable,
    RouterInterface, VpcPeering, typed,
};

/// An operation from a line of its grammar.
pub fn called(caller: &AccountName, line: &str) -> Option<Operation> {
    Some(typed(caller, line.parse().ok()?))
}

/// An option with its value, where there is one.
pub fn option(name: &str, value: Option<impl fmt::Display>) -> String {
    value.map_or_else(String::new, |value| format!(" --{name} {value}"))
}

pub(super) fn table_of(table: Option<&str>, vpc: Option<&str>) -> Option<String> {
    table.map(|table| format!("--table {table}")).or_else(|| vpc.map(|vpc| format!("--vpc {vpc}")))
}

/// How a call names a table.
pub fn named(table: &RouteTable) -> String {
    let (table, vpc) = table.named();
    table_of(table.as_deref(), vpc.as_deref()).unwrap_or_default()
}

/// The line that creates an entry.
pub fn entry_line(cloud: &Cloud, table: &RouteTable, to: &str, hop: &NextHop, priority: Option<u8>) -> String {
    let priority = priority.filter(|priority| Some(*priority) != cloud.provider().entry_priority());
    let hop = cloud.reference_to(hop);
    format!("create-route-entry {} --destination {to} --next-hop {hop}{}", named(table), option("priority", priority))
}

/// The line that creates an entry of an ACL.
pub fn acl_line(acl: &str, entry: &AclEntry) -> String {
    let AclEntry { number, direction, protocol, ports, cidr, policy, .. } = entry;
    let ports = ports.filter(|_| matches!(protocol.to_string().as_str(), "tcp" | "udp"));
    let ports = option("port", ports);
    format!(
        "create-network-acl-entry {acl} --number {number} --direction {direction} --protocol {protocol}{ports} --cidr {cidr} --policy {policy}"
    )
}

/// The line that gives an end its opposite.
pub fn opposite_line(end: &RouterInterface) -> Option<String> {
    let opposite = end.opposite.as_ref()?;
    let account = option("opposite-account", opposite.account.as_ref());
    let interface = option("opposite-interface", opposite.interface.as_ref());
    let router = option("opposite-router", opposite.router.as_ref());
    Some(format!("modify-router-interface-attribute {}{account}{interface}{router}", end.name))
}

/// The line that creates an end, with this region of the other.
pub fn interface_line(end: &RouterInterface, region: &str) -> String {
    let spec = option("spec", end.spec.map(|spec| spec.name));
    let latency = option("latency", end.latency.map(|latency| format!("{}ms", latency.as_millis())));
    let (name, vpc, role) = (&end.name, &end.vpc, end.role);
    format!(
        "create-router-interface {name} --vpc {vpc} --role {role}{spec} --opposite-region {region}{latency} --id {}",
        end.id.0
    )
}

/// The line that creates a half.
pub fn half_line(half: &VpcPeering) -> String {
    let latency = option("latency", half.latency.map(|latency| format!("{}ms", latency.as_millis())));
    format!(
        "create-vpc-peering {} --vpc {} --peer-vpc-id {}{latency} --id {}",
        half.name, half.vpc, half.peer_vpc_id.0, half.id.0
    )
}

/// The line that requests a connection.
pub fn request_line(it: &PeeringConnection) -> String {
    let PeeringConnection { name, requester, accepter, .. } = it;
    let account = option("peer-account", (requester.account != accepter.account).then_some(&accepter.account));
    let bandwidth = option("bandwidth", it.bandwidth.map(|bandwidth| bandwidth.to_string().replace(' ', "")));
    let latency = option("latency", it.latency.map(|latency| format!("{}ms", latency.as_millis())));
    format!(
        "create-vpc-peering-connection {name} --vpc {} --peer-vpc {}{account}{bandwidth}{latency}",
        requester.vpc, accepter.vpc_id.0
    )
}

/// The line that creates an instance, with this address.
pub fn instance_line(it: &Instance, ip: &str) -> String {
    let public = option("public-ip", it.public_ip);
    let groups: String = it.groups.iter().map(|group| format!(" --security-group {group}")).collect();
    let flags = [("forwards", it.forwards), ("masquerade", it.masquerade)];
    let flags: String = flags.iter().filter(|(_, set)| *set).map(|(name, _)| format!(" --{name} true")).collect();
    format!("create-instance {} --subnet {} --ip {ip}{public}{groups}{flags}", it.name, it.subnet)
}

/// The line that deletes an entry.
pub fn entry_deletion(cloud: &Cloud, table: &RouteTable, entry: &RouteEntry) -> String {
    let hop = cloud.reference_to(&entry.next_hop);
    format!("delete-route-entry {} --destination {} --next-hop {hop}", named(table), entry.destination)
}

/// The line that creates an entry again.
pub fn entry_again(cloud: &Cloud, table: &RouteTable, entry: &RouteEntry) -> String {
    entry_line(cloud, table, &entry.destination.to_string(), &entry.next_hop, entry.priority)
}

/// The live entries of all tables, each with the owner of its table.
pub fn live_entries(cloud: &Cloud) -> impl Iterator<Item = (&AccountName, &RouteTable, &RouteEntry)> {
    cloud.route_tables().flat_map(move |table| {
        let owner = cloud.vpc(&table.vpc).map(|vpc| &vpc.account);
        let live = table.entries.iter().filter(|entry| entry.next_hop.is_live());
        live.filter_map(move |entry| Some((owner?, table, entry)))
    })
}
