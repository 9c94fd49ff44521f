//! The routes of a table as packets meet them: what is local, and the table's entries, in one list and one order
//! (docs/cloud.md §3). Trace and compile both read this list and nothing else.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Cloud, Local, Provider, RouteEntry, RouteTable, Subnet, Vpc};

/// A route of a table, whoever made it.
#[derive(Clone, Copy, Debug)]
pub struct EffectiveRoute<'a> {
    /// The block that it is for.
    pub destination: Ipv4Net,
    /// Where it comes from.
    pub source: RouteSource,
    /// Where it leads.
    pub leads: Leads<'a>,
}

/// Where a route comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteSource {
    /// An entry, which somebody wrote or which came with the table.
    Entry,
    /// The VPC itself.
    Local,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug)]
pub enum Leads<'a> {
    /// To the instances of a subnet.
    Subnet(&'a Subnet),
    /// To nobody: in the block of a VPC that is local as a whole, and in no subnet.
    Nobody(&'a Vpc),
    /// By an entry: of a destination's entries the one that [`Cloud::entry_for`] chooses.
    Entries(&'a [RouteEntry]),
}

/// Which of the routes that match a packet it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteOrder {
    /// A local one, whatever else is more specific; then the longest prefix.
    LocalFirst,
    /// The longest prefix; of two alike the local one.
    LongestPrefix,
}

impl RouteOrder {
    /// The higher of two routes is taken.
    fn rank(self, route: &EffectiveRoute<'_>) -> (RouteSource, u8, RouteSource) {
        let class = match self {
            RouteOrder::LocalFirst => route.source,
            RouteOrder::LongestPrefix => RouteSource::Entry,
        };
        (class, route.destination.prefix_len(), route.source)
    }
}

impl Provider {
    /// Whether a route is never taken: one that goes before it is for its whole block.
    fn is_hidden(&self, route: &EffectiveRoute<'_>, by: &EffectiveRoute<'_>) -> bool {
        let rank = |route| self.route_order.rank(route);
        by.destination.contains(&route.destination) && rank(by) > rank(route)
    }
}

impl Cloud {
    /// All routes of a table: the local ones first, then its entries, a destination each.
    pub fn routes_of<'a>(&'a self, table: &'a RouteTable) -> impl Iterator<Item = EffectiveRoute<'a>> {
        let local = |destination, leads| EffectiveRoute { destination, source: RouteSource::Local, leads };
        let subnets = self.subnets_of(&table.vpc).map(move |subnet| local(subnet.cidr, Leads::Subnet(subnet)));
        let whole = self.vpcs.get(&table.vpc).filter(|_| self.provider.local == Local::WholeVpc);
        let whole = whole.map(|vpc| local(vpc.cidr, Leads::Nobody(vpc)));
        let entries = table.by_destination().map(|entries| EffectiveRoute {
            destination: entries[0].destination,
            source: RouteSource::Entry,
            leads: Leads::Entries(entries),
        });
        subnets.chain(whole).chain(entries)
    }

    /// The route that a table's packets for an address take; `None` where there is none.
    pub fn route_to<'a>(&'a self, table: &'a RouteTable, address: Ipv4Addr) -> Option<EffectiveRoute<'a>> {
        let matching = self.routes_of(table).filter(|route| route.destination.contains(&address));
        // Of two alike the first: a subnet that has the VPC's whole block goes before what is nobody's.
        matching.reduce(|best, route| {
            let rank = |route| self.provider.route_order.rank(route);
            if rank(&route) > rank(&best) { route } else { best }
        })
    }

    /// The routes of a table that some packet takes, in the same order: of two for one block the first is taken.
    pub fn taken_routes<'a>(&'a self, table: &'a RouteTable) -> impl Iterator<Item = EffectiveRoute<'a>> {
        let locals: Vec<_> = self.routes_of(table).take_while(|route| route.source == RouteSource::Local).collect();
        self.routes_of(table).filter(move |route| !locals.iter().any(|local| self.provider.is_hidden(route, local)))
    }
}
