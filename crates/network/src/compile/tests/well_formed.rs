//! Properties of every compiled Network.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::model::{LinkKind, Namespace, NamespaceName, Network, ONLINK, Role, Route, RouteTo, sink};
use super::super::super::ruleset::{Data, DataType, KeyType, Set, Statement, Table, Value, Verdict};
use crate::flow::Reason;

/// Panics if the kernel would refuse the Network, or if a part of it refers to nothing.
pub(super) fn check(network: &Network) {
    for (name, namespace) in &network.namespaces {
        check_links(network, name, namespace);
        check_routes(network, namespace);
        check_bridges(network, namespace);
        for ((family, table), content) in &namespace.ruleset.tables {
            check_table(namespace, content, &format!("{name}: {family} {table}"));
        }
    }
}

fn check_links(network: &Network, name: &NamespaceName, namespace: &Namespace) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut indices = BTreeSet::new();
    for (link_name, link) in &namespace.links {
        assert!((1..=15).contains(&link_name.as_str().len()), "{name}: {link_name}");
        assert!(names.insert(link_name.as_str()), "{name}: {link_name} twice");
        assert!(link.altname.as_ref().is_none_or(|altname| names.insert(altname)), "{name}: {:?} twice", link.altname);
        assert!(link.index > 0 && indices.insert(link.index), "{name}: {link_name} has another's index");
        assert!(link.up, "{name}: {link_name}");
        let LinkKind::Veth { peer_namespace, peer, bridge } = &link.kind else { continue };
        let far = &network.namespaces[peer_namespace].links[peer];
        let LinkKind::Veth { peer_namespace: back, peer: own, .. } = &far.kind else { panic!("{peer} is no veth") };
        assert_eq!((back, own), (name, link_name), "the other end of {peer_namespace}'s {peer}");
        assert_ne!(link.mac, far.mac, "{name}: {link_name}");
        if let Some(bridge) = bridge {
            assert_eq!(namespace.links[bridge].kind, LinkKind::Bridge, "{name}: {link_name}");
        }
    }
    assert_eq!(namespace.links["lo"].index, 1, "{name}");
}

fn check_routes(network: &Network, namespace: &Namespace) {
    let mut seen = BTreeSet::new();
    for route in &namespace.routes {
        assert!(seen.insert((route.table, route.destination)), "two routes for {route}");
        assert_eq!(route.destination, route.destination.trunc(), "{route}");
        match &route.to {
            RouteTo::Link(link) => assert!(namespace.links.contains_key(link), "{route}"),
            RouteTo::Gateway { gateway, link } if link.as_str() == "lo" => {
                let reasons = Reason::DROPS.into_iter().filter_map(sink::next_hop);
                assert!(reasons.into_iter().any(|next_hop| next_hop == *gateway), "{route}");
            }
            RouteTo::Gateway { gateway, link } => {
                let known = namespace.neighbours.iter().any(|near| near.ip == *gateway && near.link == *link);
                assert!(known, "nobody is at the next hop of {route}");
                // A router leads to another by a wire, and to an instance that forwards by its subnet.
                let by_wire = namespace.links[link].kind != LinkKind::Bridge && namespace.role == Role::Router;
                assert_eq!(*gateway == ONLINK, by_wire, "{route}");
            }
            RouteTo::Local(_) => assert_eq!(namespace.role, Role::Internet, "{route}"),
            RouteTo::Other(_) => panic!("{route}"),
        }
    }
    for rule in &namespace.rules {
        assert_eq!(namespace.links[&rule.input].kind, LinkKind::Bridge, "{rule}");
        let default = |route: &&Route| route.table == rule.table && route.destination.prefix_len() == 0;
        assert_eq!(namespace.routes.iter().filter(default).count(), 1, "{rule}: else the main table is asked next");
    }
    for neighbour in &namespace.neighbours {
        let link = &namespace.links[&neighbour.link];
        let there = match &link.kind {
            LinkKind::Veth { peer_namespace, peer, .. } if namespace.role != Role::Instance => {
                network.namespaces[peer_namespace].links[peer].mac
            }
            LinkKind::Veth { peer_namespace, peer, .. } => {
                let router = &network.namespaces[peer_namespace];
                let LinkKind::Veth { bridge: Some(bridge), .. } = &router.links[peer].kind else {
                    panic!("{peer} is a port of no bridge")
                };
                assert!(router.links[bridge].addresses.iter().any(|own| own.addr() == neighbour.ip), "{neighbour}");
                router.links[bridge].mac
            }
            _ => behind(network, namespace, &neighbour.link).get(&neighbour.ip.to_string()).copied(),
        };
        assert_eq!(there, Some(neighbour.mac), "{neighbour}");
    }
}

/// The hardware addresses of the instances behind a bridge, by address.
fn behind(
    network: &Network,
    namespace: &Namespace,
    bridge: &super::LinkName,
) -> BTreeMap<String, super::super::super::model::Mac> {
    let mut found = BTreeMap::new();
    for link in namespace.links.values() {
        if let LinkKind::Veth { peer_namespace, peer, bridge: Some(of) } = &link.kind
            && of == bridge
        {
            let instance = &network.namespaces[peer_namespace].links[peer];
            let address = instance.addresses.first().expect("an instance has an address");
            found.insert(address.addr().to_string(), instance.mac.expect("eth0 has a hardware address"));
        }
    }
    found
}

fn check_bridges(network: &Network, namespace: &Namespace) {
    for entry in &namespace.forwarding {
        let LinkKind::Veth { peer_namespace, peer, bridge: Some(_) } = &namespace.links[&entry.port].kind else {
            panic!("{entry}: no port")
        };
        assert_eq!(network.namespaces[peer_namespace].links[peer].mac, Some(entry.mac), "{entry}");
    }
    let ports = namespace.links.values().filter(|link| matches!(&link.kind, LinkKind::Veth { bridge: Some(_), .. }));
    assert_eq!(ports.count(), namespace.forwarding.len(), "each port has one entry");
}

fn check_table(namespace: &Namespace, table: &Table, at: &str) {
    let mut chains: BTreeSet<&str> = BTreeSet::new();
    let mut sets: BTreeSet<&str> = BTreeSet::new();
    for (name, chain) in &table.chains {
        chains.extend(chain.hook.map(|_| name.as_str()));
        for rule in &chain.rules {
            assert!(rule.comment.len() <= 120, "{at}: {rule}");
            assert!(!rule.statements.is_empty(), "{at}: {name} has an empty rule");
            for statement in &rule.statements {
                match statement {
                    Statement::In { fields, set, .. } => {
                        sets.insert(set);
                        let set = table.sets.get(set).unwrap_or_else(|| panic!("{at}: no set for {rule}"));
                        assert_eq!((fields.len(), set.data), (set.key.len(), None), "{at}: {rule}");
                    }
                    Statement::VerdictMap { fields, map } => {
                        sets.insert(map);
                        let map = table.sets.get(map).unwrap_or_else(|| panic!("{at}: no map for {rule}"));
                        assert_eq!((fields.len(), map.data), (map.key.len(), Some(DataType::Verdict)), "{at}: {rule}");
                    }
                    Statement::DestinationNat { map, .. } | Statement::SourceNat { map, .. } => {
                        sets.insert(map);
                        assert_eq!(table.sets[map].data, Some(DataType::Ipv4Address), "{at}: {rule}");
                    }
                    Statement::Counter(counter) => {
                        assert!(table.counters.contains(counter), "{at}: {rule}");
                    }
                    Statement::Verdict(verdict) => chains.extend(target(verdict)),
                    Statement::Foreign(_) => panic!("{at}: {rule}"),
                    Statement::Is { .. } | Statement::Prefix { .. } | Statement::Range { .. } | Statement::Count => {}
                    Statement::MarkFlow(_) | Statement::LeadTo { .. } => {}
                }
            }
        }
    }
    for (name, set) in &table.sets {
        chains.extend(check_elements(namespace, set, &format!("{at} {name}")));
    }
    assert_eq!(chains, table.chains.keys().map(String::as_str).collect(), "{at}: chains led to, and chains");
    assert_eq!(sets, table.sets.keys().map(String::as_str).collect(), "{at}: sets asked, and sets");
}

/// The chains that a map's elements lead to.
fn check_elements<'a>(namespace: &Namespace, set: &'a Set, at: &str) -> Vec<&'a str> {
    let mut chains = Vec::new();
    for (key, data) in &set.elements {
        assert_eq!(key.len(), set.key.len(), "{at}");
        for (value, kind) in key.iter().zip(&set.key) {
            match (value, kind) {
                (Value::Number(index), KeyType::InterfaceIndex) => {
                    assert!(namespace.links.values().any(|link| link.index == *index), "{at}: no link has {index}");
                }
                (Value::Mac(_), KeyType::EtherAddress)
                | (Value::Ip(_), KeyType::Ipv4Address)
                | (Value::Number(_), KeyType::ConntrackState) => {}
                _ => panic!("{at}: {value} is no {kind}"),
            }
        }
        match (data, set.data) {
            (Data::None, None) | (Data::Ip(_), Some(DataType::Ipv4Address)) => {}
            (Data::Verdict(verdict), Some(DataType::Verdict)) => chains.extend(target(verdict)),
            _ => panic!("{at}: {data:?}"),
        }
    }
    chains
}

fn target(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Jump(chain) | Verdict::Goto(chain) => Some(chain),
        Verdict::Accept | Verdict::Drop | Verdict::Return => None,
    }
}
