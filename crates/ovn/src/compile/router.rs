//! A VPC's router: its subnets, its routes, and what it decides after them.
//!
//! A table of the cloud is a `route_table` that the router's port in a subnet names. OVN looks up connected subnets and a table's
//! entries together, and the longest prefix wins, the connected one if they are equal. So an entry that never applies is left out
//! ([`Cloud::taken_routes`](crate::cloud::Cloud::taken_routes)), and what is the same in all tables is written in each.
//!
//! | priority | policy |
//! |---|---|
//! | 70 | what another choice among entries of equal cost means for some senders |
//! | 61, 60, 50 | who may leave for the internet |
//! | 55 | what a table says of the internet, for those who have no public address where others need no entry |
//! | 41, 40, 30 | addresses that nobody has, but a NAT gateway to those who come in by its public one: without it, OVN would ask for them by ARP |

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use peerlab_ovsdb::Datum;

use super::blocks::{PRIVATE, any_of, without};
use super::links::{Side, has_edge, of_subnet, pair_of};
use super::names::quoted;
use super::{Layout, edge, internet, names};
use crate::cloud::{EffectiveRoute, Instance, Leads, NextHop, RouteTable, RouteTableName, Subnet, Vpc};
use crate::flow::Reason;
use crate::message::Message;
use crate::messages::Said;
use crate::msg;
use crate::rows::Rows;
use crate::table::Table;

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    /// To this address by this port.
    Hop(Ipv4Addr, String),
    /// Nowhere.
    Drop(Reason),
}

pub(super) fn add(rows: &mut Rows, layout: &Layout, vpc: &Vpc, warnings: &mut Vec<Message>) {
    let lab = layout.lab;
    let key = names::router(lab, &vpc.name);
    rows.add(Table::LogicalRouter, &key).1.text("name", &key);
    let addresses: Vec<_> = layout.cloud.instances_of(&vpc.name).map(|instance| instance.ip.to_string()).collect();
    let set = names::set(lab, "vpc", vpc.name.as_str());
    rows.add(Table::AddressSet, &set).1.text("name", &set).set("addresses", Datum::set(addresses));

    let mut served: BTreeMap<&RouteTableName, (&RouteTable, Vec<&Subnet>)> = BTreeMap::new();
    for subnet in layout.cloud.subnets_of(&vpc.name) {
        let table = layout.cloud.table_of(subnet);
        add_subnet(rows, layout, vpc, subnet, table);
        served.entry(&table.name).or_insert_with(|| (table, Vec::new())).1.push(subnet);
    }
    let mut router = Router { rows, layout, vpc, key, warnings };
    for (table, subnets) in served.into_values() {
        router.add_table(table, &subnets);
    }
    router.add_deliveries();
    router.add_absent(&set);
}

/// A subnet, and its instances.
fn add_subnet(rows: &mut Rows, layout: &Layout, vpc: &Vpc, subnet: &Subnet, table: &RouteTable) {
    let (lab, cloud) = (layout.lab, layout.cloud);
    let key = names::subnet(lab, &subnet.name);
    let gateway = names::gateway(lab, &subnet.name);
    let to_gateway = names::to_router(&gateway);
    rows.add(Table::LogicalSwitch, &key).1.text("name", &key);
    rows.add_to((Table::LogicalSwitch, &key), "ports", Table::LogicalSwitchPort, &to_gateway)
        .text("name", &to_gateway)
        .text("type", "router")
        .text("addresses", "router")
        .put("options", "router-port", &gateway);
    let of_vpc = names::router(lab, &vpc.name);
    let is_edged = has_edge(cloud, subnet);
    let router = if is_edged { edge::add(rows, layout, &of_vpc, subnet, table) } else { of_vpc };
    let port = rows
        .add_to((Table::LogicalRouter, &router), "ports", Table::LogicalRouterPort, &gateway)
        .text("name", &gateway)
        .text("mac", names::mac_of(subnet.gateway))
        .text("networks", Ipv4Net::new_assert(subnet.gateway, subnet.cidr.prefix_len()));
    if !is_edged {
        port.put("options", "route_table", names::table(lab, &table.name));
    }
    let instances = cloud.instances_of(&vpc.name).filter(|instance| instance.subnet == subnet.name);
    for instance in instances {
        add_instance(rows, layout, vpc, &key, instance);
    }
}

fn add_instance(rows: &mut Rows, layout: &Layout, vpc: &Vpc, switch: &str, instance: &Instance) {
    let port = names::of_instance(layout.lab, instance.name.as_str());
    let mac = names::mac_of(instance.ip);
    let address = format!("{mac} {}", instance.ip);
    let row = rows.add_to((Table::LogicalSwitch, switch), "ports", Table::LogicalSwitchPort, &port);
    let row = row
        .text("name", &port)
        .text("addresses", &address)
        // One that forwards sends what others sent.
        .text("port_security", if instance.forwards { &mac } else { &address })
        .about("kind", "instance")
        .about("instance", &instance.name)
        .about("mtu", vpc.mtu);
    if let Some(host) = layout.placement.host_of(instance.name.as_str()) {
        row.put("options", "requested-chassis", host);
    }
}

struct Router<'r, 'a> {
    rows: &'r mut Rows,
    layout: &'r Layout<'a>,
    vpc: &'r Vpc,
    key: String,
    warnings: &'r mut Vec<Message>,
}

impl Router<'_, '_> {
    /// A route of a table.
    fn add_route(&mut self, table: &str, destination: Ipv4Net, to: &To) {
        let key = format!("{table} {destination}");
        let row = self.rows.add_to((Table::LogicalRouter, &self.key), "static_routes", Table::StaticRoute, &key);
        let row = row.text("ip_prefix", destination).text("route_table", table);
        match to {
            To::Hop(address, port) => _ = row.text("nexthop", address).text("output_port", port),
            To::Drop(reason) => _ = row.text("nexthop", "discard").because(*reason),
        }
    }

    /// Adds a policy for packets that match. OVN applies a single policy to a packet, so a policy that leads to the internet also
    /// checks who may leave.
    fn add_policy(&mut self, priority: i64, matches: &str, to: Option<&To>) {
        if let Some(To::Hop(_, port)) = to
            && *port == names::uplink(self.layout.lab, &self.vpc.name)
        {
            let own = format!("{matches} && ip4.src == {}", any_of(internet::senders(self.layout, &self.vpc.name)));
            self.add_one_policy(priority, matches, Some(&To::Drop(Reason::NoPublicIp)));
            self.add_one_policy(priority + 1, &own, to);
            let private = format!("{own} && ip4.dst == {}", any_of(PRIVATE));
            self.add_one_policy(priority + 2, &private, Some(&To::Drop(Reason::NoSuchAddress)));
        } else {
            self.add_one_policy(priority, matches, to);
        }
    }

    fn add_one_policy(&mut self, priority: i64, matches: &str, to: Option<&To>) {
        let key = format!("{} {priority} {matches}", self.key);
        let row = self.rows.add_to((Table::LogicalRouter, &self.key), "policies", Table::Policy, &key);
        let row = row.number("priority", priority).text("match", matches);
        match to {
            None => _ = row.text("action", "allow"),
            Some(To::Hop(address, _)) => _ = row.text("action", "reroute").text("nexthops", address),
            Some(To::Drop(reason)) => _ = row.text("action", "drop").because(*reason),
        }
    }

    /// The router's ports by which packets of these subnets come in.
    fn ports(&self, subnets: &[&Subnet]) -> String {
        any_of(subnets.iter().map(|subnet| quoted(&port_of(self.layout, subnet))))
    }

    /// The subnets behind an edge are in no table by themselves.
    fn add_edges(&mut self, table: &str) {
        let (layout, vpc) = (self.layout, self.vpc);
        for subnet in layout.cloud.subnets_of(&vpc.name).filter(|subnet| has_edge(layout.cloud, subnet)) {
            if let Some(hop) = layout.links.address(&of_subnet(&subnet.name), Side::Second) {
                self.add_route(table, subnet.cidr, &To::Hop(hop, names::edge_down(layout.lab, &subnet.name)));
            }
        }
    }

    /// A table of the cloud.
    fn add_table(&mut self, table: &RouteTable, subnets: &[&Subnet]) {
        let (layout, cloud) = (self.layout, self.layout.cloud);
        let name = names::table(layout.lab, &table.name);
        self.add_edges(&name);
        let base = self.entries(table, Ipv4Addr::UNSPECIFIED);
        let senders = || {
            let all = internet::hosts(cloud, &self.vpc.name);
            all.filter(|instance| subnets.iter().any(|subnet| subnet.name == instance.subnet))
        };
        let by_address =
            cloud.needs_no_entry_to_internet(&self.vpc.name) && senders().any(|instance| instance.public_ip.is_some());
        let outside = if by_address { self.outside() } else { Vec::new() };
        let is_outside = |block: &Ipv4Net| outside.iter().any(|other: &Ipv4Net| other.contains(block));
        for (destination, to) in base.iter().filter(|(block, _)| !is_outside(block)) {
            self.add_route(&name, *destination, to);
        }
        let ports = self.ports(subnets);
        if let Some(uplink) = internet::hop(layout, &self.vpc.name).filter(|_| by_address) {
            let to = To::Hop(uplink.0, uplink.1);
            for block in &outside {
                self.add_route(&name, *block, &to);
            }
            for (destination, to) in &base {
                let longer: Vec<_> =
                    base.keys().copied().filter(|it| destination.contains(it) && it != destination).collect();
                let parts = without(*destination, &longer);
                let parts = parts.into_iter().flat_map(|part| within(part, &outside)).collect::<Vec<_>>();
                if !parts.is_empty() {
                    self.add_policy(55, &format!("inport == {ports} && ip4.dst == {}", any_of(parts)), Some(to));
                }
            }
        }
        self.add_inner(table, subnets);
        let mut views: BTreeMap<Vec<usize>, Vec<Ipv4Addr>> = BTreeMap::new();
        for instance in senders() {
            let choices = cloud.choices(table, instance.ip);
            if !choices.is_empty() {
                views.entry(choices).or_default().push(instance.ip);
            }
        }
        for senders in views.into_values() {
            let own = self.entries(table, senders[0]);
            for (destination, to) in own.iter().filter(|(destination, to)| base.get(*destination) != Some(*to)) {
                let locals = cloud.subnets_of(&self.vpc.name).map(|subnet| subnet.cidr);
                let longer =
                    own.keys().copied().chain(locals).filter(|it| destination.contains(it) && it != destination);
                let longer: Vec<_> = longer.chain(outside.iter().copied()).collect();
                let parts = without(*destination, &longer);
                if !parts.is_empty() {
                    let (senders, parts) = (any_of(&senders), any_of(parts));
                    let matches = format!("inport == {ports} && ip4.src == {senders} && ip4.dst == {parts}");
                    self.add_policy(70, &matches, Some(to));
                }
            }
        }
    }

    /// What is internet to an instance whose public address needs no entry: all but private blocks, those of the VPC, and those of
    /// the VPCs that are joined with it.
    fn outside(&self) -> Vec<Ipv4Net> {
        without(Ipv4Net::default(), &self.private())
    }

    /// The private blocks, those of the VPC, and those of the VPCs that are joined with it.
    fn private(&self) -> Vec<Ipv4Net> {
        let cloud = self.layout.cloud;
        let joined = cloud.peerings_of(&self.vpc.name).filter(|end| end.carries).filter_map(|end| end.far);
        let joined = joined.filter_map(|far| cloud.vpc(&far.vpc)).flat_map(|vpc| vpc.blocks());
        PRIVATE.into_iter().chain(self.vpc.blocks()).chain(joined).collect()
    }

    /// The entries for subnets of the VPC itself. A subnet is connected, which precedes every route, so policies reroute what
    /// comes from other subnets.
    fn add_inner(&mut self, table: &RouteTable, subnets: &[&Subnet]) {
        let cloud = self.layout.cloud;
        let taken: Vec<_> = cloud.taken_routes(table).collect();
        for EffectiveRoute { destination, leads, .. } in taken.iter().filter(|it| cloud.is_inner(table, it.destination))
        {
            let Leads::Entries(entries) = leads else { continue };
            let to = self.leads_to(&entries[0].next_hop);
            let longer = taken.iter().map(|it| it.destination);
            let longer: Vec<_> = longer.filter(|it| destination.contains(it) && it != destination).collect();
            for subnet in subnets {
                let parts = without(*destination, &[&longer[..], &[subnet.cidr]].concat());
                if !parts.is_empty() {
                    let matches = format!("inport == {} && ip4.dst == {}", self.ports(&[*subnet]), any_of(parts));
                    self.add_policy(60, &matches, Some(&to));
                }
            }
        }
    }

    /// The entries of a table for a sender.
    fn entries(&mut self, table: &RouteTable, sender: Ipv4Addr) -> BTreeMap<Ipv4Net, To> {
        let mut entries = BTreeMap::new();
        let cloud = self.layout.cloud;
        for EffectiveRoute { destination, leads, .. } in cloud.taken_routes(table) {
            let to = match leads {
                Leads::Subnet(_) => continue,
                Leads::Entries(_) if cloud.is_inner(table, destination) => continue,
                Leads::Nobody(_) => To::Drop(Reason::NoSuchAddress),
                Leads::Entries(entries) => self.leads_to(&cloud.entry_for(entries, sender).next_hop),
            };
            entries.entry(destination).or_insert(to);
        }
        let mut nowhere = Reason::NoRoute;
        if self.layout.cloud.lacks_gateway(&self.vpc.name) {
            nowhere = Reason::NoInternetGateway;
            for block in self.private() {
                if !entries.keys().any(|other: &Ipv4Net| other.contains(&block)) {
                    entries.insert(block, To::Drop(Reason::NoRoute));
                }
            }
        }
        entries.entry(Ipv4Net::default()).or_insert(To::Drop(nowhere));
        // A block that is a subnet's is connected.
        for subnet in self.layout.cloud.subnets_of(&self.vpc.name) {
            entries.remove(&subnet.cidr);
        }
        entries
    }

    fn leads_to(&mut self, next_hop: &NextHop) -> To {
        let (layout, cloud, vpc) = (self.layout, self.layout.cloud, &self.vpc.name);
        match next_hop {
            NextHop::Peering(name) => {
                let end = cloud.end_in(vpc, name).filter(|end| end.carries);
                let hop = end.and_then(|end| {
                    let (pair, side) = pair_of(&end)?;
                    layout.links.address(&pair, side.other())
                });
                hop.map_or(To::Drop(Reason::PeeringInactive), |hop| To::Hop(hop, names::end(layout.lab, vpc, name)))
            }
            NextHop::Internet | NextHop::Gateway(_) => match internet::hop(layout, vpc) {
                Some((hop, port)) => To::Hop(hop, port),
                None => To::Drop(Reason::NoPublicIp),
            },
            NextHop::Gone(gone) => To::Drop(gone.reason()),
            NextHop::NatGateway(name) => match cloud.nat_gateway(name).filter(|nat| cloud.nat_leads_out(nat)) {
                Some(nat) => self.by_host(&nat.host, nat.name.as_str()),
                None => To::Drop(Reason::NextHopGone),
            },
            NextHop::Instance(name) => match cloud.instance(name) {
                Some(hop) if hop.passes_on() => {
                    let to = self.by_host(hop, hop.name.as_str());
                    if matches!(to, To::Hop(..)) {
                        self.warn(msg!(Said::ForwardsWhatItSaw { instance: &hop.name }));
                    }
                    to
                }
                Some(hop) if hop.runs() => To::Drop(Reason::NotForwarded),
                _ => To::Drop(Reason::NextHopGone),
            },
        }
    }

    /// To a host of a subnet that passes on what comes.
    fn by_host(&mut self, host: &Instance, name: &str) -> To {
        match self.layout.cloud.subnet(&host.subnet) {
            Some(subnet) if has_edge(self.layout.cloud, subnet) => {
                self.warn(msg!(Said::ForwardsBehindAcl { instance: name, subnet: &host.subnet }));
                To::Drop(Reason::NotForwarded)
            }
            Some(_) => To::Hop(host.ip, names::gateway(self.layout.lab, &host.subnet)),
            None => To::Drop(Reason::NextHopGone),
        }
    }

    /// Says once what is not as the lab has it.
    fn warn(&mut self, warning: Message) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Packets from a peering or the internet go to the VPC's own subnets only, and never out again.
    fn add_deliveries(&mut self) {
        let name = names::deliver(self.layout.lab, &self.vpc.name);
        self.add_edges(&name);
        for block in self.vpc.blocks() {
            if self.layout.cloud.subnets_of(&self.vpc.name).all(|subnet| subnet.cidr != block) {
                self.add_route(&name, block, &To::Drop(Reason::NoSuchAddress));
            }
        }
        self.add_route(&name, Ipv4Net::default(), &To::Drop(Reason::NotTransitive));
    }

    /// Addresses of subnets that nobody has.
    fn add_absent(&mut self, set: &str) {
        let subnets: Vec<_> = self.layout.cloud.subnets_of(&self.vpc.name).collect();
        if subnets.is_empty() {
            return;
        }
        self.add_policy(40, &format!("ip4.dst == ${set}"), None);
        let (ports, blocks) = (self.ports(&subnets), any_of(subnets.iter().map(|subnet| subnet.cidr)));
        let matches = format!("outport == {ports} && ip4.dst == {blocks}");
        self.add_policy(30, &matches, Some(&To::Drop(Reason::NoSuchAddress)));
    }
}

/// The VPC router's port to a subnet.
fn port_of(layout: &Layout, subnet: &Subnet) -> String {
    match has_edge(layout.cloud, subnet) {
        true => names::edge_down(layout.lab, &subnet.name),
        false => names::gateway(layout.lab, &subnet.name),
    }
}

/// What of a block is in others.
fn within(block: Ipv4Net, others: &[Ipv4Net]) -> Vec<Ipv4Net> {
    if others.iter().any(|other| other.contains(&block)) {
        return vec![block];
    }
    others.iter().copied().filter(|other| block.contains(other)).collect()
}
