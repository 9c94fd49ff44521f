//! The internet: one namespace that answers for every address.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::super::model::{LOCAL_TABLE, LinkName, Lost, Namespace, Neighbour, Role, Route, RouteTo, group};
use super::super::ruleset::{
    Chain, ChainKind, Family, Field, Hook, HookPoint, Policy, Rule, Ruleset, Statement, Table,
};
use super::firewall::{self, PRIVATE};
use super::layout::Layout;
use super::names::{INTERNET, LO};
use super::wire::{self, End};
use super::{instance, router};
use crate::cloud::INTERNET_HOST;
use crate::flow::Reason;

/// The namespace `internet`.
pub fn namespace(layout: &Layout) -> Namespace {
    let lo = LinkName::from(LO);
    let mut loopback = wire::loopback();
    loopback.addresses = [INTERNET_HOST.into()].into();
    // The kernel looks for an own address in its table of local ones only. The longer routes below are in it too, so that
    // they win.
    let every_address = Route { table: LOCAL_TABLE, destination: Ipv4Net::default(), to: RouteTo::Local(lo.clone()) };
    let mut namespace = Namespace {
        role: Role::Internet,
        sysctls: router::SYSCTLS.into_iter().chain([instance::ANYBODY_MAY_PING]).collect(),
        links: BTreeMap::from([(lo, loopback)]),
        routes: [every_address].into(),
        rules: BTreeSet::new(),
        neighbours: BTreeSet::new(),
        forwarding: BTreeSet::new(),
        lost: Lost::default(),
        ruleset: Ruleset { tables: [table(layout)].into() },
    };
    for (vpc, outside) in layout.outside() {
        let (wire, name) = (vpc.as_str(), &outside.link.name);
        let mac = wire::mac_of_end(wire, End::UplinkOutside);
        let (router, peer) = (super::of_vpc(vpc), LinkName::from(INTERNET));
        let mtu = layout.cloud.mtu_to_internet(vpc);
        namespace.links.insert(name.clone(), wire::end(&outside.link, mac, mtu, group::INTERNET, router, peer));
        // The routes use the link without a gateway: if every address is local, the kernel accepts no gateway ("Nexthop
        // has invalid gateway").
        for public in &outside.addresses {
            let to = RouteTo::Link(name.clone());
            namespace.routes.insert(Route { table: LOCAL_TABLE, destination: (*public).into(), to });
            let mac = wire::mac_of_end(wire, End::Uplink);
            namespace.neighbours.insert(Neighbour { link: name.clone(), ip: *public, mac });
        }
    }
    namespace
}

/// A packet from the internet to a private address is local, as for every address. It is dropped in `input`: a drop in
/// `output` would return EPERM to the sender, which should wait as for any other drop.
fn table(layout: &Layout) -> ((Family, String), Table) {
    let reason = Reason::NoPublicIp.as_str();
    let rules = PRIVATE.iter().map(|private| {
        let to = Statement::prefix(Field::IpDestination, *private);
        Rule::of([to, Statement::counter(reason), Statement::drop()])
    });
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Input, priority: 0, policy: Policy::Accept };
    let mut table = Table {
        counters: [reason.to_owned()].into(),
        chains: [("input".to_owned(), Chain::base(hook, rules))].into(),
        ..Table::default()
    };
    // From one VPC to another by their public addresses.
    let mtus: BTreeSet<_> = layout.outside().keys().map(|vpc| layout.cloud.mtu_to_internet(vpc)).collect();
    if mtus.len() > 1 {
        firewall::count_too_big(&mut table);
    }
    ((Family::Ip, INTERNET.to_owned()), table)
}
