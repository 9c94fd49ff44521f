//! A table's effective routes: the local routes and the table's entries, in one ordered list (docs/cloud.md §3). Trace
//! and compile read only this list.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Cloud, Instance, Local, NextHop, Provider, RouteEntry, RouteTable, Subnet, Vpc};

/// A route of a table, of any source.
#[derive(Clone, Copy, Debug)]
pub struct EffectiveRoute<'a> {
    /// The block to which it applies.
    pub destination: Ipv4Net,
    /// The block of the route that it is a part of: a VPC that is local as a whole has one route, with a part for each
    /// subnet.
    whole: Ipv4Net,
    /// Its source.
    pub source: RouteSource,
    /// Where it leads.
    pub leads: Leads<'a>,
}

/// The source of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteSource {
    /// An entry, added by a user or created with the table.
    Entry,
    /// The VPC itself.
    Local,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug)]
pub enum Leads<'a> {
    /// The instances of a subnet.
    Subnet(&'a Subnet),
    /// Nobody: in the block of a VPC that is local as a whole, and in no subnet.
    Nobody(&'a Vpc),
    /// The next hop of an entry: [`Cloud::entry_for`] chooses among a destination's entries.
    Entries(&'a [RouteEntry]),
}

/// The order of precedence among the routes that match a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteOrder {
    /// A local route first, even if another is more specific; then the longest prefix.
    LocalFirst,
    /// The longest prefix, also inside the VPC: a route for a whole subnet to an instance or a NAT gateway precedes the
    /// local route (docs/cloud.md §15).
    LongestPrefix,
}

impl RouteOrder {
    /// The higher of two routes applies.
    fn rank(self, route: &EffectiveRoute<'_>) -> (RouteSource, u8, RouteSource, u8) {
        let class = match self {
            RouteOrder::LocalFirst => route.source,
            RouteOrder::LongestPrefix => RouteSource::Entry,
        };
        (class, route.whole.prefix_len(), route.source, route.destination.prefix_len())
    }
}

impl Provider {
    /// Whether a route never applies, because one that precedes it covers its whole block.
    fn is_hidden(&self, route: &EffectiveRoute<'_>, by: &EffectiveRoute<'_>) -> bool {
        let rank = |route| self.route_order.rank(route);
        by.destination.contains(&route.destination) && rank(by) > rank(route)
    }
}

impl Cloud {
    /// All routes of a table: the local ones first, then its entries, one for each destination.
    pub fn routes_of<'a>(&'a self, table: &'a RouteTable) -> impl Iterator<Item = EffectiveRoute<'a>> {
        let vpc = self.vpcs.get(&table.vpc);
        let local =
            |destination, whole, leads| EffectiveRoute { destination, whole, source: RouteSource::Local, leads };
        let is_whole = self.provider.local == Local::WholeVpc;
        let subnets = self.subnets_of(&table.vpc).map(move |subnet| {
            let around = vpc.filter(|_| is_whole).and_then(|vpc| vpc.block_around(subnet.cidr));
            local(subnet.cidr, around.unwrap_or(subnet.cidr), Leads::Subnet(subnet))
        });
        let whole = vpc.filter(|_| is_whole).into_iter();
        let whole = whole.flat_map(move |vpc| vpc.blocks().map(move |block| local(block, block, Leads::Nobody(vpc))));
        let is_inner = self.inner_of(table);
        let inner = table.by_destination().filter(move |entries| is_inner(entries[0].destination));
        let hops = inner.filter_map(move |entries| {
            let hop = self.host_of(&entries[0].next_hop).filter(|hop| entries[0].destination.contains(&hop.ip))?;
            Some(local(hop.ip.into(), hop.ip.into(), Leads::Subnet(self.subnet(&hop.subnet)?)))
        });
        let entries = table.by_destination().map(|entries| EffectiveRoute {
            destination: entries[0].destination,
            whole: entries[0].destination,
            source: RouteSource::Entry,
            leads: Leads::Entries(entries),
        });
        subnets.chain(whole).chain(hops).chain(entries)
    }

    /// The instance, or the NAT gateway's host, to which a route leads.
    fn host_of(&self, hop: &NextHop) -> Option<&Instance> {
        match hop {
            NextHop::Instance(name) => self.instance(name),
            NextHop::NatGateway(name) => self.nat_gateway(name).map(|nat| &nat.host),
            _ => None,
        }
    }

    /// Whether an entry of a table is for a part of the VPC, and precedes the local route.
    pub fn is_inner(&self, table: &RouteTable, destination: Ipv4Net) -> bool {
        self.inner_of(table)(destination)
    }

    /// The same for many entries.
    fn inner_of<'a>(&'a self, table: &RouteTable) -> impl Fn(Ipv4Net) -> bool + use<'a> {
        let may_be = self.provider.route_order == RouteOrder::LongestPrefix;
        let vpc = may_be.then(|| self.vpcs.get(&table.vpc)).flatten();
        move |destination| vpc.is_some_and(|vpc| vpc.block_around(destination).is_some())
    }

    /// Whether packets inside a subnet would leave it by an entry of a table, if its entries applied to them.
    pub fn has_entry_within<'a>(&'a self, table: &'a RouteTable, subnet: &Subnet) -> bool {
        let meets =
            |entry: &RouteEntry| entry.destination.contains(&subnet.cidr) || subnet.cidr.contains(&entry.destination);
        let is_inner = self.inner_of(table);
        table.entries.iter().any(|entry| is_inner(entry.destination) && meets(entry))
    }

    /// The route of a packet that leaves an instance of a subnet. What is for the subnet itself stays there, and the
    /// router's own addresses are local.
    pub fn route_from<'a>(
        &'a self,
        subnet: &'a Subnet,
        table: &'a RouteTable,
        address: Ipv4Addr,
    ) -> Option<EffectiveRoute<'a>> {
        let own = |it: &&Subnet| {
            it.name == subnet.name && it.cidr.contains(&address) || [it.gateway, it.cidr.broadcast()].contains(&address)
        };
        let own = self
            .subnets_of(&subnet.name.vpc)
            .find(own)
            .filter(|_| self.provider.route_order == RouteOrder::LongestPrefix);
        match own {
            Some(own) => {
                let (destination, leads) = (own.cidr, Leads::Subnet(own));
                Some(EffectiveRoute { destination, whole: destination, source: RouteSource::Local, leads })
            }
            None => self.route_to(table, address),
        }
    }

    /// The route of a table for an address; `None` if there is none.
    pub fn route_to<'a>(&'a self, table: &'a RouteTable, address: Ipv4Addr) -> Option<EffectiveRoute<'a>> {
        let matching = self.routes_of(table).filter(|route| route.destination.contains(&address));
        // For equal routes the first applies: a subnet with the VPC's whole block precedes the block that is nobody's.
        matching.reduce(|best, route| {
            let rank = |route| self.provider.route_order.rank(route);
            if rank(&route) > rank(&best) { route } else { best }
        })
    }

    /// The routes of a table that apply to some packet, in the same order: of two for one block, the first applies.
    pub fn taken_routes<'a>(&'a self, table: &'a RouteTable) -> impl Iterator<Item = EffectiveRoute<'a>> {
        let is_inner = self.inner_of(table);
        let hides = |route: &EffectiveRoute<'_>| route.source == RouteSource::Local || is_inner(route.destination);
        let hiding: Vec<_> = self.routes_of(table).filter(hides).collect();
        self.routes_of(table).filter(move |route| !hiding.iter().any(|other| self.provider.is_hidden(route, other)))
    }
}
