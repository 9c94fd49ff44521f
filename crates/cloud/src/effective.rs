//! A table's effective routes: the local routes and the table's entries, in one ordered list (docs/cloud.md §3). Trace
//! and compile read only this list.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Cloud, Local, Provider, RouteEntry, RouteTable, Subnet, Vpc};

/// A route of a table, of any source.
#[derive(Clone, Copy, Debug)]
pub struct EffectiveRoute<'a> {
    /// The block to which it applies.
    pub destination: Ipv4Net,
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
    /// The longest prefix; for equal prefixes the local route.
    LongestPrefix,
}

impl RouteOrder {
    /// The higher of two routes applies.
    fn rank(self, route: &EffectiveRoute<'_>) -> (RouteSource, u8, RouteSource) {
        let class = match self {
            RouteOrder::LocalFirst => route.source,
            RouteOrder::LongestPrefix => RouteSource::Entry,
        };
        (class, route.destination.prefix_len(), route.source)
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
        let local = |destination, leads| EffectiveRoute { destination, source: RouteSource::Local, leads };
        let subnets = self.subnets_of(&table.vpc).map(move |subnet| local(subnet.cidr, Leads::Subnet(subnet)));
        let whole = self.vpcs.get(&table.vpc).filter(|_| self.provider.local == Local::WholeVpc);
        let whole =
            whole.into_iter().flat_map(move |vpc| vpc.blocks().map(move |block| local(block, Leads::Nobody(vpc))));
        let entries = table.by_destination().map(|entries| EffectiveRoute {
            destination: entries[0].destination,
            source: RouteSource::Entry,
            leads: Leads::Entries(entries),
        });
        subnets.chain(whole).chain(entries)
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
        let locals: Vec<_> = self.routes_of(table).take_while(|route| route.source == RouteSource::Local).collect();
        self.routes_of(table).filter(move |route| !locals.iter().any(|local| self.provider.is_hidden(route, local)))
    }
}
