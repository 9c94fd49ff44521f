//! Networks made by hand, in the compiler's form.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use peerlab::cloud::Bandwidth;
use peerlab::flow::Reason;
use peerlab::network::model::{
    ForwardingEntry, LOOPBACK_MTU, Link, LinkKind, LinkName, Mac, Namespace, NamespaceName, Neighbour, Network, ONLINK,
    PolicyRule, Role, Route, RouteTo, Shaping, USUAL_MTU, group, sink,
};
use peerlab::network::ruleset::{
    Chain, ChainKind, Data, DataType, Family, Field, Hook, HookPoint, KeyType, Policy, Rule, Ruleset, Set, Statement,
    Table, Value, Verdict,
};

const MAIN: u32 = 254;
/// The kernel table of a VPC's route table.
pub const TABLE: u32 = 4000;
const ROUTER_SYSCTLS: [(&str, &str); 7] = [
    ("ipv4/ip_forward", "1"),
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    ("ipv4/conf/all/accept_redirects", "0"),
    ("bridge/bridge-nf-call-iptables", "0"),
];

/// `vpcs` VPCs in a ring (two: one peering), each with a subnet 10.V.0.0/24 of `instances`: `iV-M` is 10.V.0.(9+M).
pub fn ring(vpcs: u8, instances: u8, bandwidth: Option<Bandwidth>) -> Network {
    let mut network = Network::default();
    for vpc in 1..=vpcs {
        let (name, mut router) = router(vpc);
        router.ruleset = ruleset(vpc, instances);
        network.namespaces.insert(name, router);
        for number in 1..=instances {
            instance(&mut network, vpc, number);
        }
    }
    let peerings = match vpcs {
        1 => 0,
        2 => 1,
        _ => vpcs,
    };
    for vpc in 1..=peerings {
        peering(&mut network, vpc, vpc % vpcs + 1, bandwidth);
    }
    network
}

/// A simplified group: listed instances accept everything; the rest is counted.
fn ruleset(vpc: u8, instances: u8) -> Ruleset {
    let verdict = |verdict| Statement::Verdict(verdict);
    let rule = |statements: Vec<Statement>| Rule { statements, comment: String::new() };
    let map = Set {
        key: vec![KeyType::Ipv4Address],
        data: Some(DataType::Verdict),
        elements: (1..=instances)
            .map(|it| (vec![Value::Ip(instance_ip(vpc, it))], Data::Verdict(Verdict::Accept)))
            .collect(),
    };
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Forward, priority: 0, policy: Policy::Drop };
    let established = Statement::Is { field: Field::ConntrackState, value: Value::Number(2 | 4), negated: false };
    let rules = vec![
        rule(vec![established, verdict(Verdict::Accept)]),
        rule(vec![Statement::VerdictMap { fields: vec![Field::IpDestination], map: "instances".into() }]),
        rule(vec![Statement::VerdictMap { fields: vec![Field::IpSource], map: "instances".into() }]),
        rule(vec![Statement::Counter("no-such-address".into()), verdict(Verdict::Drop)]),
    ];
    let table = Table {
        counters: ["no-such-address".into()].into(),
        sets: [("instances".into(), map)].into(),
        chains: [("forward".into(), Chain { hook: Some(hook), rules })].into(),
        ..Table::default()
    };
    Ruleset { tables: [((Family::Inet, "vpc".into()), table)].into() }
}

pub fn name(text: &str) -> NamespaceName {
    text.into()
}

pub fn names(network: &Network) -> Vec<NamespaceName> {
    network.namespaces.keys().cloned().collect()
}

pub fn instance_ip(vpc: u8, number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, vpc, 0, 9 + number)
}

fn mac(ip: Ipv4Addr) -> Mac {
    let [a, b, c, d] = ip.octets();
    Mac([2, 0, a, b, c, d])
}

fn link(index: u32, kind: LinkKind, mac: Option<Mac>, group: u32) -> Link {
    let mtu = if kind == LinkKind::Loopback { LOOPBACK_MTU } else { USUAL_MTU };
    Link {
        index,
        kind,
        mac,
        altname: None,
        group,
        addresses: BTreeSet::new(),
        shaping: Shaping::default(),
        mtu,
        up: true,
        plain: true,
    }
}

fn lo() -> (LinkName, Link) {
    ("lo".into(), link(1, LinkKind::Loopback, None, group::NONE))
}

fn net(ip: Ipv4Addr, prefix: u8) -> Ipv4Net {
    Ipv4Net::new(ip, prefix).unwrap()
}

fn sink_route(table: u32, destination: Ipv4Net, reason: Reason) -> Route {
    let gateway = sink::next_hop(reason).unwrap();
    Route { table, destination, to: RouteTo::Gateway { gateway, link: "lo".into() } }
}

fn router(vpc: u8) -> (NamespaceName, Namespace) {
    let gateway = Ipv4Addr::new(10, vpc, 0, 1);
    let bridge: LinkName = "subnet".into();
    let mut subnet = link(20, LinkKind::Bridge, Some(mac(gateway)), group::SUBNET);
    subnet.addresses.insert(net(gateway, 24));
    let local = net(gateway, 24).trunc();
    let everywhere = net(Ipv4Addr::UNSPECIFIED, 0);
    let routes = [
        Route { table: TABLE, destination: local, to: RouteTo::Link(bridge.clone()) },
        sink_route(TABLE, everywhere, Reason::NoRoute),
        Route { table: MAIN, destination: local, to: RouteTo::Link(bridge.clone()) },
        sink_route(MAIN, net(gateway, 16).trunc(), Reason::NoSuchAddress),
        sink_route(MAIN, everywhere, Reason::NotTransitive),
    ];
    let namespace = Namespace {
        role: Role::Router,
        sysctls: BTreeMap::from(ROUTER_SYSCTLS),
        links: BTreeMap::from([lo(), (bridge.clone(), subnet)]),
        routes: routes.into(),
        rules: BTreeSet::from([PolicyRule { priority: 1000, source: None, input: bridge, table: TABLE }]),
        ..Namespace::default()
    };
    (format!("vpc{vpc}").as_str().into(), namespace)
}

/// Adds `iV-M`, and its port to its VPC's router.
pub fn instance(network: &mut Network, vpc: u8, number: u8) {
    let ip = instance_ip(vpc, number);
    let gateway = Ipv4Addr::new(10, vpc, 0, 1);
    let router_name = name(&format!("vpc{vpc}"));
    let own_name = name(&format!("i{vpc}-{number}"));
    let (eth0, port): (LinkName, LinkName) = ("eth0".into(), own_name.as_str().into());
    let veth = |peer_namespace: &NamespaceName, peer: &LinkName, bridge| LinkKind::Veth {
        peer_namespace: peer_namespace.clone(),
        peer: peer.clone(),
        bridge,
    };

    let mut own = link(30, veth(&router_name, &port, None), Some(mac(ip)), group::NONE);
    own.addresses.insert(net(ip, 24));
    let default = Route {
        table: MAIN,
        destination: net(Ipv4Addr::UNSPECIFIED, 0),
        to: RouteTo::Gateway { gateway, link: eth0.clone() },
    };
    let namespace = Namespace {
        role: Role::Instance,
        links: BTreeMap::from([lo(), (eth0.clone(), own)]),
        routes: BTreeSet::from([default]),
        neighbours: BTreeSet::from([Neighbour { link: eth0.clone(), ip: gateway, mac: mac(gateway) }]),
        ..Namespace::default()
    };
    network.namespaces.insert(own_name.clone(), namespace);

    let router = network.namespaces.get_mut(&router_name).unwrap();
    let mut near = link(
        100 + u32::from(number),
        veth(&own_name, &eth0, Some("subnet".into())),
        Some(Mac([2, 1, 10, vpc, 0, number])),
        group::PORT,
    );
    near.altname = Some(format!("a-name-that-does-not-fit-{own_name}").into());
    router.links.insert(port.clone(), near);
    router.forwarding.insert(ForwardingEntry { port, mac: mac(ip) });
    router.neighbours.insert(Neighbour { link: "subnet".into(), ip, mac: mac(ip) });
}

/// A peering from `a` (`next`) to `b` (`prev`), with a route each way.
fn peering(network: &mut Network, a: u8, b: u8, bandwidth: Option<Bandwidth>) {
    let ends = [(a, b, "next", "prev", 50), (b, a, "prev", "next", 51)];
    for (near, far, own, other, index) in ends {
        let peer_namespace = name(&format!("vpc{far}"));
        let end_mac = |vpc, index| Mac([2, 2, 0, 0, vpc, index]);
        let kind = LinkKind::Veth { peer_namespace, peer: other.into(), bridge: None };
        let mut link = link(index, kind, Some(end_mac(near, index as u8)), group::PEERING);
        link.shaping.rate = bandwidth;
        let far_mac = end_mac(far, if index == 50 { 51 } else { 50 });
        let router = network.namespaces.get_mut(format!("vpc{near}").as_str()).unwrap();
        router.links.insert(own.into(), link);
        router.neighbours.insert(Neighbour { link: own.into(), ip: ONLINK, mac: far_mac });
        let destination = net(Ipv4Addr::new(10, far, 0, 0), 16);
        let to = RouteTo::Gateway { gateway: ONLINK, link: own.into() };
        router.routes.insert(Route { table: TABLE, destination, to });
    }
}
