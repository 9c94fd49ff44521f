//! A VPC's namespace: its router's links, routes and rules.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::super::model::{
    ForwardingEntry, Link, LinkKind, LinkName, Lost, MAIN_TABLE, Namespace, NamespaceName, Neighbour, PolicyRule, Role,
    Route, RouteTo, Shaping, group, sink,
};
use super::super::ruleset::Ruleset;
use super::firewall::PRIVATE;
use super::layout::{Bridge, Home, Layout, PeeringEnd, Uplink, View, VpcLayout};
use super::names::{INSTANCE_LINK, INTERNET, LO};
use super::wire::{self, End};
use super::{firewall, guard};
use crate::cloud::{EffectiveRoute, Leads, NextHop, Subnet};
use crate::flow::Reason;

/// Sysctls that a router (a VPC's, and the internet's) needs. A new namespace inherits the ipv4 ones from the host.
pub const SYSCTLS: [(&str, &str); 6] = [
    // Setting it also stops accepting redirects.
    ("ipv4/ip_forward", "1"),
    // Answers may take another path than the packets that they answer, as labs about missing routes show.
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    // Packets that come in by a subnet and leave by it are intended (without this, the second ping gets "Redirect
    // Host").
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    // Ignore source routes.
    ("ipv4/conf/all/accept_source_route", "0"),
];

/// If br_netfilter is loaded, bridged frames would also pass the IP hooks, each packet twice.
const BRIDGE_SYSCTL: (&str, &str) = ("bridge/bridge-nf-call-iptables", "0");

/// A packet from outside may have a gateway's address as its source, and must not be lost uncounted.
const LOCAL_SOURCES: (&str, &str) = ("ipv4/conf/all/accept_local", "1");

/// Priority of a VPC's rules by subnet. They differ by link, so they share one priority, and an edit moves none of
/// them.
const RULE_PRIORITY: u32 = 1000;
/// Priority of the rules for single instances, which apply first.
const INSTANCE_RULE_PRIORITY: u32 = 900;

/// The namespace of a VPC's router.
pub fn namespace(layout: &Layout, vpc: &VpcLayout) -> Namespace {
    let local_sources = firewall::may_hold_who_asks(layout, vpc).then_some(LOCAL_SOURCES);
    let mut namespace = Namespace {
        role: Role::Router,
        sysctls: SYSCTLS.into_iter().chain([BRIDGE_SYSCTL]).chain(local_sources).collect(),
        links: BTreeMap::from([(LinkName::from(LO), wire::loopback())]),
        routes: routes(layout, vpc),
        rules: rules(layout, vpc),
        neighbours: BTreeSet::new(),
        forwarding: BTreeSet::new(),
        lost: Lost::default(),
        ruleset: Ruleset { tables: [firewall::table(layout, vpc), guard::table(vpc)].into() },
    };
    for bridge in vpc.subnets.values() {
        namespace.links.insert(bridge.link.name.clone(), subnet_link(vpc, bridge));
    }
    for home in &vpc.instances {
        plug_in(&mut namespace, vpc, home);
    }
    for end in vpc.peerings.values() {
        peer(&mut namespace, layout, end);
    }
    if let Some(uplink) = &vpc.uplink {
        connect_to_internet(&mut namespace, layout, vpc, uplink);
    }
    namespace
}

/// A subnet: a bridge that holds the gateway's address.
fn subnet_link(vpc: &VpcLayout, bridge: &Bridge) -> Link {
    let gateway = bridge.subnet.gateway;
    Link {
        index: bridge.link.index,
        kind: LinkKind::Bridge,
        mac: Some(wire::mac_of(gateway)),
        altname: bridge.link.altname.clone(),
        group: group::SUBNET,
        addresses: [Ipv4Net::new_assert(gateway, bridge.subnet.cidr.prefix_len())].into(),
        shaping: Shaping::default(),
        mtu: vpc.vpc.mtu.into(),
        up: true,
        plain: true,
    }
}

/// An instance: a port of its subnet's bridge. All its entries are static: no learning, no ARP, no flooding.
fn plug_in(namespace: &mut Namespace, vpc: &VpcLayout, home: &Home) {
    let instance = home.instance;
    let bridge = &vpc.bridge_of(instance).link.name;
    let port = &home.port.name;
    let mac = wire::mac_of_end(instance.name.as_str(), End::Port);
    let (mtu, of) = (vpc.vpc.mtu, home.namespace.clone());
    let mut link = wire::end(&home.port, mac, mtu, group::PORT, of, LinkName::from(INSTANCE_LINK));
    if let LinkKind::Veth { bridge: of, .. } = &mut link.kind {
        *of = Some(bridge.clone());
    }
    let mac = wire::mac_of(instance.ip);
    namespace.links.insert(port.clone(), link);
    namespace.neighbours.insert(Neighbour { link: bridge.clone(), ip: instance.ip, mac });
    namespace.forwarding.insert(ForwardingEntry { port: port.clone(), mac });
}

/// A peering that carries traffic: a wire to the other VPC's router, shaped at this end for the packets that leave by
/// it.
fn peer(namespace: &mut Namespace, layout: &Layout, end: &PeeringEnd) {
    let far = layout.far_end(&end.far);
    let (own_name, far_name) = (end.peering.name.as_str(), far.peering.name.as_str());
    let first = (own_name, &end.peering.vpc) < (far_name, &far.peering.vpc);
    let wire = if first { own_name } else { far_name };
    let (own, other) =
        if first { (End::PeeringFirst, End::PeeringSecond) } else { (End::PeeringSecond, End::PeeringFirst) };
    let far_namespace = super::of_vpc(&end.far.vpc);
    let mac = wire::mac_of_end(wire, own);
    let mut link = wire::end(&end.link, mac, end.peering.mtu, group::PEERING, far_namespace, far.link.name.clone());
    link.shaping = Shaping { rate: end.peering.bandwidth, delay: end.peering.latency, foreign: false };
    namespace.neighbours.insert(wire::far_end(&end.link.name, wire::mac_of_end(wire, other)));
    namespace.links.insert(end.link.name.clone(), link);
}

/// The wire to the internet.
fn connect_to_internet(namespace: &mut Namespace, layout: &Layout, vpc: &VpcLayout, uplink: &Uplink) {
    let wire = vpc.vpc.name.as_str();
    let name = &uplink.inside.name;
    let mac = wire::mac_of_end(wire, End::Uplink);
    let internet = NamespaceName::from(INTERNET);
    let mtu = layout.cloud.mtu_to_internet(&vpc.vpc.name);
    let link = wire::end(&uplink.inside, mac, mtu, group::INTERNET, internet, uplink.outside.name.clone());
    namespace.links.insert(name.clone(), link);
    namespace.neighbours.insert(wire::far_end(name, wire::mac_of_end(wire, End::UplinkOutside)));
}

/// A kernel table for each view of the cloud's tables, and the main table for packets that do not come from a subnet.
fn routes(layout: &Layout, vpc: &VpcLayout) -> BTreeSet<Route> {
    let views = vpc.views.iter().map(|view| {
        let seen = if view.public { public_entries(layout, vpc, view) } else { entries(layout, vpc, view) };
        (view.number, seen)
    });
    let main = (MAIN_TABLE, deliver_only(vpc));
    let routes = views
        .chain([main])
        .flat_map(|(table, routes)| routes.into_iter().map(move |(destination, to)| Route { table, destination, to }));
    routes.collect()
}

/// A route table of the cloud. Its entries do not apply to what stays in a subnet.
fn entries(layout: &Layout, vpc: &VpcLayout, view: &View) -> BTreeMap<Ipv4Net, RouteTo> {
    let mut routes = BTreeMap::new();
    let link = |subnet: &Subnet| RouteTo::Link(vpc.subnets[&subnet.name.subnet].link.name.clone());
    routes.extend(view.home.map(|home| (home.cidr, link(home))));
    let stays = |block: &Ipv4Net| view.home.is_some_and(|home| home.cidr.contains(block));
    for EffectiveRoute { destination, leads, .. } in layout.cloud.taken_routes(view.table) {
        if stays(&destination) {
            continue;
        }
        routes.entry(destination).or_insert_with(|| match leads {
            Leads::Subnet(subnet) => link(subnet),
            Leads::Nobody(_) => to_sink(Reason::NoSuchAddress),
            Leads::Entries(entries) => leads_to(layout, vpc, &layout.cloud.entry_for(entries, view.sender).next_hop),
        });
    }
    let mut nowhere = Reason::NoRoute;
    if layout.cloud.lacks_gateway(&vpc.vpc.name) {
        // Only what no internet host has needs a route.
        nowhere = Reason::NoInternetGateway;
        for block in private(layout, vpc) {
            if !routes.keys().any(|other| other.contains(&block)) {
                routes.insert(block, to_sink(Reason::NoRoute));
            }
        }
    }
    routes.entry(Ipv4Net::default()).or_insert_with(|| to_sink(nowhere));
    routes
}

/// The blocks that no host on the internet has, the VPC's own, and those of the VPCs that peerings join with it
/// (docs/cloud.md §3).
fn private(layout: &Layout, vpc: &VpcLayout) -> Vec<Ipv4Net> {
    PRIVATE.into_iter().chain(vpc.vpc.blocks()).chain(layout.joined_with(vpc).flat_map(|vpc| vpc.blocks())).collect()
}

/// The same table for an instance whose public address reaches the internet without an entry: entries apply to private
/// destinations only (docs/cloud.md §3).
fn public_entries(layout: &Layout, vpc: &VpcLayout, view: &View) -> BTreeMap<Ipv4Net, RouteTo> {
    let by_table = entries(layout, vpc, view);
    let private = private(layout, vpc);
    let around = |block: &Ipv4Net| by_table.iter().rfind(|(other, _)| other.contains(block));
    let mut routes: BTreeMap<_, _> =
        private.iter().filter_map(|block| Some((*block, around(block)?.1.clone()))).collect();
    let inside = by_table.iter().filter(|(block, _)| private.iter().any(|other| other.contains(*block)));
    routes.extend(inside.map(|(block, to)| (*block, to.clone())));
    routes.extend(vpc.uplink.as_ref().map(|uplink| (Ipv4Net::default(), wire::across(&uplink.inside.name))));
    routes
}

/// Routes for packets from a peering or the internet: to the VPC's own subnets only, and never out again.
fn deliver_only(vpc: &VpcLayout) -> BTreeMap<Ipv4Net, RouteTo> {
    let mut routes = subnets(vpc);
    for block in vpc.vpc.blocks() {
        routes.entry(block).or_insert_with(|| to_sink(Reason::NoSuchAddress));
    }
    routes.insert(Ipv4Net::default(), to_sink(Reason::NotTransitive));
    routes
}

fn subnets(vpc: &VpcLayout) -> BTreeMap<Ipv4Net, RouteTo> {
    let bridges = vpc.subnets.values();
    bridges.map(|bridge| (bridge.subnet.cidr, RouteTo::Link(bridge.link.name.clone()))).collect()
}

fn leads_to(layout: &Layout, vpc: &VpcLayout, next_hop: &NextHop) -> RouteTo {
    match next_hop {
        NextHop::Peering(name) => match vpc.peerings.get(name) {
            Some(end) => wire::across(&end.link.name),
            None => to_sink(Reason::PeeringInactive),
        },
        NextHop::NatGateway(name) => match layout.cloud.nat_gateway(name) {
            Some(nat) if layout.cloud.nat_leads_out(nat) => {
                RouteTo::Gateway { gateway: nat.host.ip, link: vpc.bridge_of(&nat.host).link.name.clone() }
            }
            _ => to_sink(Reason::NextHopGone),
        },
        NextHop::Internet | NextHop::Gateway(_) => match &vpc.uplink {
            Some(uplink) => wire::across(&uplink.inside.name),
            None => to_sink(Reason::NoPublicIp),
        },
        NextHop::Gone(gone) => to_sink(gone.reason()),
        NextHop::Instance(name) => match layout.cloud.instance(name) {
            Some(hop) if hop.passes_on() => {
                RouteTo::Gateway { gateway: hop.ip, link: vpc.bridge_of(hop).link.name.clone() }
            }
            Some(hop) if hop.runs() => to_sink(Reason::NotForwarded),
            _ => to_sink(Reason::NextHopGone),
        },
    }
}

/// A route that leads nowhere, for this reason.
fn to_sink(reason: Reason) -> RouteTo {
    let gateway = sink::next_hop(reason).expect("a reason that a route can have");
    RouteTo::Gateway { gateway, link: LinkName::from(LO) }
}

/// Packets from a subnet look up the subnet's table; packets from an instance with its own view look up that view.
fn rules(layout: &Layout, vpc: &VpcLayout) -> BTreeSet<PolicyRule> {
    let by_subnet = vpc.subnets.values().map(|bridge| PolicyRule {
        priority: RULE_PRIORITY,
        source: None,
        input: bridge.link.name.clone(),
        table: vpc.table_number(layout.cloud.table_of(bridge.subnet), bridge.subnet),
    });
    let by_instance = vpc.instances.iter().filter_map(|home| {
        Some(PolicyRule {
            priority: INSTANCE_RULE_PRIORITY,
            source: Some(home.instance.ip),
            input: vpc.bridge_of(home.instance).link.name.clone(),
            table: home.view?,
        })
    });
    by_subnet.chain(by_instance).collect()
}
