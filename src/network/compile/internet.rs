//! Everything out there: one namespace in which every address answers.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::super::model::{LinkName, Namespace, Neighbour, Role, Route, RouteTo, group};
use super::super::ruleset::{
    Chain, ChainKind, Family, Field, Hook, HookPoint, Policy, Rule, Ruleset, Statement, Table,
};
use super::firewall::PRIVATE;
use super::layout::Layout;
use super::names::{INTERNET, LO, MAIN};
use super::wire::{self, End};
use super::{instance, router};
use crate::cloud::INTERNET_HOST;
use crate::flow::Reason;

/// The namespace `internet`.
pub fn namespace(layout: &Layout) -> Namespace {
    let lo = LinkName::from(LO);
    let mut loopback = wire::loopback();
    loopback.addresses = [INTERNET_HOST.into()].into();
    // In the main table, not in `local`, so that the longer routes below win. It makes every address the host's own
    // only as long as the namespace has no policy rule: until then the kernel keeps both tables as one.
    let every_address = Route { table: MAIN, destination: Ipv4Net::default(), to: RouteTo::Local };
    let mut namespace = Namespace {
        role: Role::Internet,
        sysctls: router::SYSCTLS.into_iter().chain([instance::ANYBODY_MAY_PING]).collect(),
        links: BTreeMap::from([(lo, loopback)]),
        routes: [every_address].into(),
        rules: BTreeSet::new(),
        neighbours: BTreeSet::new(),
        forwarding: BTreeSet::new(),
        ruleset: Ruleset { tables: [table()].into() },
    };
    for (vpc, outside) in layout.outside() {
        let (wire, name) = (vpc.as_str(), &outside.link.name);
        let mac = wire::mac_of_end(wire, End::UplinkOutside);
        let (router, peer) = (super::of_vpc(vpc), LinkName::from(INTERNET));
        namespace.links.insert(name.clone(), wire::end(&outside.link, mac, group::INTERNET, router, peer));
        // On the link, not by a gateway: where every address is local the kernel accepts no gateway
        // ("Nexthop has invalid gateway").
        for public in &outside.addresses {
            let to = RouteTo::Link(name.clone());
            namespace.routes.insert(Route { table: MAIN, destination: (*public).into(), to });
            let mac = wire::mac_of_end(wire, End::Uplink);
            namespace.neighbours.insert(Neighbour { link: name.clone(), ip: *public, mac });
        }
    }
    namespace
}

/// What is sent from out there to a private address comes back here, as every address does. It is dropped as input and
/// not as output, where the sender would be told (EPERM) and not have to wait, as for any other drop.
fn table() -> ((Family, String), Table) {
    let reason = Reason::NoPublicIp.as_str();
    let rules = PRIVATE.iter().map(|private| {
        let to = Statement::prefix(Field::IpDestination, *private);
        Rule::of([to, Statement::counter(reason), Statement::drop()])
    });
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Input, priority: 0, policy: Policy::Accept };
    let table = Table {
        counters: [reason.to_owned()].into(),
        chains: [("input".to_owned(), Chain::base(hook, rules))].into(),
        ..Table::default()
    };
    ((Family::Ip, INTERNET.to_owned()), table)
}
