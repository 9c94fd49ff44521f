//! A model of the kernel in a few lines: its side effects, which the diff must take into account.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::super::model::{LOCAL_TABLE, Mac, PolicyRule, Role, Shaping, USUAL_MTU};
use super::super::ruleset::{Family, Table};
use super::*;
use crate::cloud::Bandwidth;

const SPACES: [&str; 3] = ["vpc", "other", "instance"];

/// Makes one change as a kernel would, and panics where a kernel would refuse it.
fn carry_out(network: &mut Network, change: &Change, desired: &Network) {
    if let Change::CreateNamespace { namespace, role } = change {
        let lo = Link { up: false, ..bare(1, LinkKind::Loopback) };
        let links = BTreeMap::from([("lo".into(), lo)]);
        let old =
            network.namespaces.insert(namespace.clone(), Namespace { role: *role, links, ..Namespace::default() });
        assert!(old.is_none(), "{change}: exists");
        return;
    }
    match change {
        Change::RemoveNamespace { namespace } => {
            let gone = network.namespaces.remove(namespace).expect("it exists");
            // The other ends go later; a new link cannot rely on it.
            assert!(!desired.namespaces.contains_key(namespace));
            drop(gone);
            return;
        }
        Change::RemoveLink { namespace, link } => return remove_link(network, namespace, link),
        Change::CreateVeth { near, far } => {
            for end in [near, far] {
                create(network.namespaces.get_mut(&end.namespace).expect("it exists"), &end.name, &end.link);
            }
            return;
        }
        _ => {}
    }
    let space = network.namespaces.get_mut(change.namespace()).expect("it exists");
    let there = |space: &Namespace, link: &LinkName| assert!(space.links.contains_key(link), "{change}: no such link");
    match change {
        Change::SetSysctl { key, value, .. } => _ = space.sysctls.insert(key, value),
        Change::Ruleset { .. } => space.ruleset = desired.namespaces[change.namespace()].ruleset.clone(),
        Change::CreateBridge(it) => create(space, &it.name, &it.link),
        Change::SetLink { link: name, setting, .. } => set(space, name, setting),
        Change::RemoveAddress { link, .. } => {
            // The worst case: it was the primary address of all others, or the last address.
            space.links.get_mut(link).expect("it exists").addresses.clear();
            clear(space, link);
        }
        Change::AddAddress { link, address, .. } => {
            space.links.get_mut(link).expect("it exists").addresses.insert(*address);
        }
        Change::SetShaping { link, shaping, .. } => space.links.get_mut(link).expect("it exists").shaping = *shaping,
        Change::AddNeighbour { neighbour, .. } => {
            there(space, &neighbour.link);
            space.neighbours.retain(|it| (&it.link, it.ip) != (&neighbour.link, neighbour.ip));
            space.neighbours.insert(neighbour.clone());
        }
        Change::RemoveNeighbour { neighbour, .. } => _ = space.neighbours.remove(neighbour),
        Change::AddForwarding { entry, .. } => {
            there(space, &entry.port);
            space.forwarding.insert(entry.clone());
        }
        Change::RemoveForwarding { entry, .. } => _ = space.forwarding.remove(entry),
        Change::AddRoute { route, .. } => {
            if space.lost.routes.remove(route) {
                return;
            }
            if let RouteTo::Link(link) | RouteTo::Gateway { link, .. } = &route.to {
                assert!(space.links.get(link).is_some_and(|it| it.up), "{change}: no such link, or down");
            }
            space.routes.retain(|it| (it.table, it.destination) != (route.table, route.destination));
            space.routes.insert(route.clone());
        }
        Change::RemoveRoute { route, .. } => space.routes.retain(|it| {
            let same = (it.table, it.destination) == (route.table, route.destination);
            // The kernel compares a gateway only if the removal names one.
            let on_link = matches!((&route.to, &it.to), (RouteTo::Link(a), RouteTo::Gateway { link: b, .. }) if a == b);
            !(same && (matches!(route.to, RouteTo::Other(_)) || it.to == route.to || on_link))
        }),
        Change::AddRule { rule, .. } => {
            let free = space.rules.iter().all(|it| it.table != 0 || it.priority != rule.priority);
            assert!(free, "{change}: there is a foreign rule before it");
            if !space.lost.rules.remove(rule) {
                assert!(space.rules.insert(rule.clone()), "{change}: exists");
            }
        }
        // A foreign one by its priority alone; the oldest of this priority goes.
        Change::RemoveRule { rule, .. } => {
            let is_it = |it: &&PolicyRule| if rule.table == 0 { it.priority == rule.priority } else { *it == rule };
            let found = space.rules.iter().rfind(is_it).cloned();
            space.rules.remove(&found.unwrap_or_else(|| panic!("{change}: is not there")));
        }
        _ => unreachable!("{change}"),
    }
}

fn create(space: &mut Namespace, name: &LinkName, link: &Link) {
    assert!(space.links.values().all(|it| it.index != link.index), "index {} of {name} is taken", link.index);
    let link = Link { addresses: Default::default(), shaping: Shaping::default(), ..link.clone() };
    assert!(space.links.insert(name.clone(), link).is_none(), "{name} exists");
}

fn set(space: &mut Namespace, name: &LinkName, setting: &Setting) {
    let link = space.links.get_mut(name).expect("it exists");
    match setting {
        Setting::Up => link.up = true,
        Setting::Group(group) => link.group = *group,
        Setting::RemoveAltname(_) => link.altname = None,
        Setting::AddAltname(altname) => link.altname = Some(altname.clone()),
        Setting::Bridge => link.kind = LinkKind::Bridge,
        Setting::Plain => link.plain = true,
        Setting::Mtu(mtu) => link.mtu = *mtu,
        Setting::Mac(mac) => {
            link.mac = Some(*mac);
            space.neighbours.retain(|it| it.link != *name);
        }
        Setting::Port(port) => {
            let LinkKind::Veth { bridge, .. } = &mut link.kind else { panic!("{name} is no veth") };
            bridge.clone_from(port);
            space.forwarding.retain(|it| it.port != *name);
        }
    }
}

fn remove_link(network: &mut Network, namespace: &NamespaceName, name: &LinkName) {
    let space = network.namespaces.get_mut(namespace).expect("it exists");
    let Some(link) = space.links.remove(name) else { panic!("{namespace} has no {name}") };
    clear(space, name);
    space.forwarding.retain(|it| it.port != *name);
    for (port, other) in &mut space.links {
        if let LinkKind::Veth { bridge, .. } = &mut other.kind
            && bridge.as_ref() == Some(name)
        {
            *bridge = None;
            space.forwarding.retain(|it| it.port != *port);
        }
    }
    if let LinkKind::Veth { peer_namespace, peer, .. } = link.kind
        && let Some(there) = network.namespaces.get(&peer_namespace)
        && there.links.contains_key(&peer)
    {
        remove_link(network, &peer_namespace, &peer);
    }
}

/// Removes what a link without addresses, or a removed link, cannot have.
fn clear(space: &mut Namespace, name: &LinkName) {
    space.neighbours.retain(|it| it.link != *name);
    space.routes.retain(|it| !matches!(&it.to, RouteTo::Link(link) | RouteTo::Gateway { link, .. } if link == name));
}

fn bare(index: u32, kind: LinkKind) -> Link {
    Link {
        index,
        kind,
        mac: None,
        altname: None,
        group: 0,
        addresses: Default::default(),
        shaping: Shaping::default(),
        mtu: USUAL_MTU,
        up: true,
        plain: true,
    }
}

/// The random choices of a network. All ranges are small, so that two networks have much in common.
#[derive(Clone, Debug)]
struct Lots {
    /// Namespace, name, index, and a choice of properties.
    bridges: BTreeMap<(usize, u8), (u8, u8)>,
    /// Pair, index, choice of properties, and bridge.
    veths: BTreeMap<u8, (u8, u8, u8)>,
    spaces: [bool; 3],
    /// Namespace, table, destination, and target.
    routes: Vec<(usize, u8, u8, u8)>,
    /// Namespace, link, and address.
    addresses: Vec<(usize, u8, u8)>,
    neighbours: Vec<(usize, u8, u8, u8)>,
    rules: Vec<(usize, u8, u8)>,
    /// Namespace and table.
    rulesets: Vec<(usize, u8)>,
}

fn lots() -> impl Strategy<Value = Lots> {
    let bridges = btree_map((0..3usize, 0..2u8), (0..3u8, 0..8u8), 0..4);
    let veths = btree_map(0..4u8, (0..2u8, 0..8u8, 0..3u8), 0..5);
    let routes = vec((0..3usize, 0..2u8, 0..3u8, 0..6u8), 0..8);
    let addresses = vec((0..3usize, 0..5u8, 0..3u8), 0..8);
    let neighbours = vec((0..3usize, 0..5u8, 0..2u8, 0..2u8), 0..8);
    let rules = vec((0..3usize, 0..2u8, 0..2u8), 0..4);
    let spaces = prop::array::uniform3(prop::bool::weighted(0.8));
    (bridges, veths, spaces, routes, addresses, neighbours, rules, vec((0..3usize, 0..2u8), 0..4)).prop_map(
        |(bridges, veths, spaces, routes, addresses, neighbours, rules, rulesets)| Lots {
            bridges,
            veths,
            spaces,
            routes,
            addresses,
            neighbours,
            rules,
            rulesets,
        },
    )
}

impl Lots {
    /// `foreign`: include values that only a reading can have.
    fn network(&self, foreign: bool) -> Network {
        let mut network = Network::default();
        for (at, name) in SPACES.iter().enumerate().filter(|(at, _)| self.spaces[*at]) {
            let links = BTreeMap::from([("lo".into(), bare(1, LinkKind::Loopback))]);
            let role = if at == 2 { Role::Instance } else { Role::Router };
            network.namespaces.insert((*name).into(), Namespace { role, links, ..Namespace::default() });
        }
        self.links(&mut network, foreign);
        for (name, space) in &mut network.namespaces {
            let at = SPACES.iter().position(|it| *it == name.as_str()).expect("it is one of them");
            self.contents(at, space, foreign);
        }
        network
    }

    fn links(&self, network: &mut Network, foreign: bool) {
        let dress = |link: &mut Link, lot: u8| {
            link.mac = Some(Mac([2, 0, 0, 0, 0, lot % 2]));
            link.group = u32::from(lot / 2 % 2);
            link.altname = (lot / 4 == 1).then(|| "a-long-name".into());
            link.shaping.rate = (lot == 3).then_some(Bandwidth(8_000_000));
            link.up = !(foreign && lot == 5);
            link.mtu = if lot == 6 { 8500 } else { USUAL_MTU };
            link.plain = !(foreign && lot == 4);
            link.shaping.foreign = foreign && lot == 2;
        };
        for ((at, number), (index, lot)) in &self.bridges {
            let Some(space) = network.namespaces.get_mut(SPACES[*at]) else { continue };
            let kind = if foreign && *lot == 6 { LinkKind::Other("bridge".into()) } else { LinkKind::Bridge };
            let mut link = bare(10 + 10 * u32::from(*number) + u32::from(*index), kind);
            dress(&mut link, *lot);
            space.links.insert(format!("br{number}").as_str().into(), link);
        }
        for (number, (index, lot, bridge)) in &self.veths {
            let (a, b) = [(0, 1), (0, 2), (1, 2), (0, 0)][usize::from(*number)];
            let ends = [(a, format!("near{number}")), (b, format!("far{number}-{index}"))];
            if ends.iter().any(|(at, _)| !network.namespaces.contains_key(SPACES[*at])) {
                continue;
            }
            for side in 0..2 {
                let ((at, name), (there, peer)) = (&ends[side], &ends[1 - side]);
                let space = network.namespaces.get_mut(SPACES[*at]).expect("checked");
                let bridge: LinkName = format!("br{bridge}").as_str().into();
                let port = side == 0 && space.links.contains_key(&bridge);
                let bridge = port.then_some(bridge);
                let kind = LinkKind::Veth { peer_namespace: SPACES[*there].into(), peer: peer.as_str().into(), bridge };
                let index = 100 + 40 * side as u32 + 4 * u32::from(*number) + u32::from(*index);
                let mut link = bare(index, kind);
                dress(&mut link, *lot);
                space.links.insert(name.as_str().into(), link);
                if port {
                    let entry = ForwardingEntry { port: name.as_str().into(), mac: Mac([2, 0, 0, 0, 1, *lot]) };
                    space.forwarding.insert(entry);
                }
            }
        }
    }

    fn contents(&self, at: usize, space: &mut Namespace, foreign: bool) {
        let links: Vec<LinkName> = space.links.keys().cloned().collect();
        let link = |number: u8| links[usize::from(number) % links.len()].clone();
        let ip = |number: u8| Ipv4Addr::new(10, 0, 0, number);
        for (_, number, last) in self.addresses.iter().filter(|it| it.0 == at) {
            let address = Ipv4Net::new(ip(*last), 24).expect("24 is a length");
            space.links.get_mut(&link(*number)).expect("it exists").addresses.insert(address);
        }
        for (_, table, destination, to) in self.routes.iter().filter(|it| it.0 == at) {
            let destination = Ipv4Net::new(Ipv4Addr::new(10, *destination, 0, 0), 16).expect("16 is a length");
            let link = link(*to);
            let usable = space.links[&link].up;
            let to = match to {
                0 => RouteTo::Local("lo".into()),
                1 if foreign => RouteTo::Other(6),
                _ if !usable => continue,
                2 => RouteTo::Gateway { gateway: ip(9), link },
                _ => RouteTo::Link(link),
            };
            let route = Route { table: 254 + u32::from(*table), destination, to };
            // A table has one route to a destination; a reading may have more, with other metrics.
            let taken = space.routes.iter().any(|it| (it.table, it.destination) == (route.table, route.destination));
            if foreign || !taken {
                space.routes.insert(route);
            }
        }
        for (_, number, last, mac) in self.neighbours.iter().filter(|it| it.0 == at) {
            let neighbour = Neighbour { link: link(*number), ip: ip(*last), mac: Mac([2, 0, 0, 0, 2, *mac]) };
            let taken = space.neighbours.iter().any(|it| (&it.link, it.ip) == (&neighbour.link, neighbour.ip));
            if !taken {
                space.neighbours.insert(neighbour);
            }
        }
        for (_, priority, table) in self.rules.iter().filter(|it| it.0 == at) {
            let (priority, table) = (u32::from(*priority), u32::from(*table));
            let own = PolicyRule::kernels(PolicyRule::KERNELS[1]);
            match (foreign, table) {
                (true, 0) => _ = space.rules.insert(PolicyRule::foreign(priority)),
                (true, 1) => _ = space.lost.rules.insert(own),
                (true, 2) => {
                    space.rules.extend([PolicyRule::foreign(own.priority), own.clone()]);
                    space.lost.rules.insert(own);
                }
                _ => {
                    _ = space.rules.insert(PolicyRule { priority, source: None, input: "br0".into(), table: 7 + table })
                }
            }
        }
        if foreign && space.links["lo"].up && self.rules.iter().any(|it| it.0 == at) {
            let address = Ipv4Net::from(Ipv4Addr::LOCALHOST);
            let to = RouteTo::Local("lo".into());
            space.lost.routes.insert(Route { table: LOCAL_TABLE, destination: address, to });
        }
        for (_, table) in self.rulesets.iter().filter(|it| it.0 == at) {
            space.ruleset.tables.insert((Family::Inet, format!("table{table}")), Table::default());
        }
        space.sysctls.insert("ipv4/ip_forward", if at == 2 { "0" } else { "1" });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn carrying_out_the_changes_gives_what_was_desired((current, desired) in (lots(), lots())) {
        let (mut network, desired) = (current.network(true), desired.network(false));
        let changes = diff(&network, &desired);
        for change in &changes {
            carry_out(&mut network, change, &desired);
        }
        for (name, wanted) in &desired.namespaces {
            prop_assert_eq!(&network.namespaces[name], wanted, "{} after {:#?}", name, changes);
        }
        prop_assert_eq!(&network, &desired);
        prop_assert_eq!(diff(&network, &desired), []);
    }

    #[test]
    fn what_is_equal_needs_nothing(lots in lots()) {
        let network = lots.network(false);
        prop_assert_eq!(diff(&network, &network), []);
    }
}

fn space(links: Vec<(&str, Link)>) -> Namespace {
    let lo = ("lo", bare(1, LinkKind::Loopback));
    let links = links.into_iter().chain([lo]).map(|(name, link)| (name.into(), link)).collect();
    Namespace { links, ..Namespace::default() }
}

fn network(spaces: Vec<(&str, Namespace)>) -> Network {
    Network { namespaces: spaces.into_iter().map(|(name, space)| (name.into(), space)).collect() }
}

fn told(current: &Network, desired: &Network) -> Vec<String> {
    diff(current, desired).iter().map(ToString::to_string).collect()
}

fn veth(index: u32, peer_namespace: &str, peer: &str, bridge: Option<&str>) -> Link {
    let bridge = bridge.map(Into::into);
    bare(index, LinkKind::Veth { peer_namespace: peer_namespace.into(), peer: peer.into(), bridge })
}

#[test]
fn a_namespace_is_made_from_its_sysctls_to_its_routes() {
    let mut router =
        space(vec![("subnet", bare(20, LinkKind::Bridge)), ("port", veth(30, "ecs", "eth0", Some("subnet")))]);
    router.sysctls.insert("ipv4/ip_forward", "1");
    let gateway = "10.0.0.1/24".parse().expect("an address");
    router.links.get_mut("subnet").expect("just made").addresses.insert(gateway);
    router.routes.insert(Route { table: 1000, destination: gateway.trunc(), to: RouteTo::Link("subnet".into()) });
    router.rules.insert(PolicyRule { priority: 1000, source: None, input: "subnet".into(), table: 1000 });
    let ecs = Namespace { role: Role::Instance, ..space(vec![("eth0", veth(2, "vpc", "port", None))]) };
    let expected = [
        "ecs: create namespace (instance)",
        "vpc: create namespace (router)",
        "vpc: set sysctl ipv4/ip_forward = 1",
        "vpc: create bridge subnet index 20",
        "vpc: create veth port index 30 port of subnet, to ecs: eth0 index 2",
        "ecs: set link lo up",
        "vpc: set link lo up",
        "vpc: add address 10.0.0.1/24 dev subnet",
        "vpc: set route 10.0.0.0/24 dev subnet table 1000",
        "vpc: add rule 1000: iif subnet lookup 1000",
    ];
    assert_eq!(told(&Network::default(), &network(vec![("vpc", router), ("ecs", ecs)])), expected);
}

#[test]
fn a_wrong_index_makes_the_pair_anew_with_what_hangs_on_it() {
    let build = |index| {
        let mut ecs = Namespace { role: Role::Instance, ..space(vec![("eth0", veth(index, "vpc", "port", None))]) };
        let destination = "0.0.0.0/0".parse().expect("a network");
        ecs.routes.insert(Route { table: 254, destination, to: RouteTo::Link("eth0".into()) });
        network(vec![("vpc", space(vec![("port", veth(30, "ecs", "eth0", None))])), ("ecs", ecs)])
    };
    let expected = [
        "ecs: remove link eth0",
        "ecs: create veth eth0 index 2, to vpc: port index 30",
        "ecs: set route 0.0.0.0/0 dev eth0 table 254",
    ];
    assert_eq!(told(&build(3), &build(2)), expected);
}

#[test]
fn a_removed_instance_takes_its_port_along_at_once() {
    let pair = || {
        let router = space(vec![("port", veth(30, "ecs", "eth0", None))]);
        network(vec![("vpc", router), ("ecs", space(vec![("eth0", veth(2, "vpc", "port", None))]))])
    };
    let without = network(vec![("vpc", space(vec![]))]);
    assert_eq!(told(&pair(), &without), ["ecs: remove namespace", "vpc: remove link port"]);
}

#[test]
fn another_next_hop_replaces_the_route_in_place() {
    let build = |last| {
        let mut router = space(vec![("a", bare(2, LinkKind::Bridge))]);
        let to = RouteTo::Gateway { gateway: Ipv4Addr::new(192, 0, 2, last), link: "lo".into() };
        let destination = "10.0.0.0/8".parse().expect("a network");
        router.routes.insert(Route { table: 1000, destination, to });
        network(vec![("vpc", router)])
    };
    let expected = [
        "vpc: set route 10.0.0.0/8 via 192.0.2.2 dev lo table 1000",
        "vpc: remove route 10.0.0.0/8 via 192.0.2.1 dev lo table 1000",
    ];
    assert_eq!(told(&build(1), &build(2)), expected);
}
