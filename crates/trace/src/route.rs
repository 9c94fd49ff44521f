//! Routing in a VPC (docs/cloud.md §3).

use std::net::Ipv4Addr;

use crate::cloud::{
    Cloud, Instance, Leads, NextHop, Peering, RouteEntry, RouteTable, Subnet, SubnetName, Vpc, VpcName,
};

/// The result of a lookup.
#[derive(Clone, Copy)]
pub(super) enum Route<'a> {
    /// A subnet of the VPC: local routes cannot be overridden.
    Local(&'a Subnet),
    /// In the VPC's block, which is local as a whole, but in no subnet.
    Nobody(&'a Vpc),
    /// The entry of the longest prefix that the sender's packets use.
    Entry(&'a RouteTable, &'a RouteEntry),
    /// The internet, by the sender's public address, without a table.
    PublicAddress,
    /// No entry.
    None(&'a RouteTable),
}

impl Route<'_> {
    /// Whether a packet of this subnet does not leave it: it is for an instance there, or one there passes it on.
    pub(super) fn stays_in(&self, cloud: &Cloud, subnet: &SubnetName) -> bool {
        match self {
            Route::Local(own) => own.name == *subnet,
            Route::Entry(_, RouteEntry { next_hop: NextHop::Instance(hop), .. }) => {
                cloud.instance(hop).is_some_and(|hop| hop.passes_on() && hop.subnet == *subnet)
            }
            Route::Entry(_, RouteEntry { next_hop: NextHop::NatGateway(nat), .. }) => {
                cloud.nat_gateway(nat).is_some_and(|nat| cloud.nat_leads_out(nat) && nat.host.subnet == *subnet)
            }
            _ => false,
        }
    }
}

/// Looks up the route of a packet from this instance to `address`: by its public address, or in its subnet's table.
pub(super) fn lookup_of<'a>(cloud: &'a Cloud, sender: &Instance, address: Ipv4Addr) -> Route<'a> {
    let vpc = &sender.subnet.vpc;
    if sender.public_ip.is_some() && cloud.needs_no_entry_to_internet(vpc) && !is_private(cloud, vpc, address) {
        return Route::PublicAddress;
    }
    let subnet = cloud.subnet(&sender.subnet).expect("an instance is in a subnet of the cloud");
    lookup_in(cloud, subnet, cloud.table_of(subnet), sender.ip, address)
}

/// Looks up the route of a packet that an instance passes on: in its subnet's table, as for an address of no instance.
pub(super) fn lookup_passing<'a>(cloud: &'a Cloud, carrier: &Instance, address: Ipv4Addr) -> Route<'a> {
    let subnet = cloud.subnet(&carrier.subnet).expect("an instance is in a subnet of the cloud");
    lookup_in(cloud, subnet, cloud.table_of(subnet), Ipv4Addr::UNSPECIFIED, address)
}

/// Whether packets for an address take private paths, even if the sender has a public address: no internet host can
/// have it, or it is in the block of the VPC itself or of one that a peering joins with it (docs/cloud.md §3).
pub(super) fn is_private(cloud: &Cloud, vpc: &VpcName, address: Ipv4Addr) -> bool {
    let holds = |vpc: &VpcName| cloud.vpc(vpc).is_some_and(|vpc| vpc.block_of(address).is_some());
    let joined = |end: Peering| end.carries && end.far.is_some_and(|far| holds(&far.vpc));
    is_reserved(address) || holds(vpc) || cloud.peerings_of(vpc).any(joined)
}

/// Looks up a table for a packet from `sender` in a subnet to `address`.
pub(super) fn lookup_in<'a>(
    cloud: &'a Cloud,
    subnet: &'a Subnet,
    table: &'a RouteTable,
    sender: Ipv4Addr,
    address: Ipv4Addr,
) -> Route<'a> {
    match cloud.route_from(subnet, table, address).map(|route| route.leads) {
        Some(Leads::Subnet(subnet)) => Route::Local(subnet),
        Some(Leads::Nobody(vpc)) => Route::Nobody(vpc),
        Some(Leads::Entries(entries)) => Route::Entry(table, cloud.entry_for(entries, sender)),
        None => Route::None(table),
    }
}

/// The subnet of a VPC that contains an address.
pub(super) fn subnet_at<'a>(cloud: &'a Cloud, vpc: &'a VpcName, address: Ipv4Addr) -> Option<&'a Subnet> {
    cloud.subnets_of(vpc).find(|subnet| subnet.cidr.contains(&address))
}

/// Whether an address is private or reserved, so that no internet host has it, even if a VPC does.
pub fn is_reserved(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_link_local()
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 2)
        || a == 0
        || a == 127
        || a >= 224
}
