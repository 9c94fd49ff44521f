//! Finds what somebody changed in a lab's kernel by hand.

use std::collections::BTreeSet;

use super::read;
use crate::cloud::Cloud;
use crate::error::Errors;
use crate::flow::Endpoint;
use crate::journal::Store;
use crate::kernel;
use crate::message::Message;
use crate::msg;
use crate::network::compile::{self, compile};
use crate::network::diff::is_replaced;
use crate::network::model::{
    FRESH, ForwardingEntry, Link, LinkKind, LinkName, Namespace, NamespaceName, Neighbour, Network, Route, RouteTo,
};
use crate::network::ruleset_diff;
use crate::target::linux::messages::Said;
use crate::trace::{Place, Trace};

/// The differences between the kernel and the lab, as facts: `VPC1: link eth0 is down`. Reads the whole lab from the
/// kernel.
pub(super) fn drift(lab: &str, cloud: &Cloud) -> Result<Vec<Message>, Errors> {
    let desired = compile(cloud);
    Ok(facts(cloud, &read(lab, &desired)?, &desired))
}

/// The most namespaces of a lab that verbs which only show something read from the kernel, at one or two milliseconds
/// each.
const READ: usize = 50;

/// The same for verbs that only show something: in a large lab, only missing namespaces, and what is on a path.
pub(super) fn at_a_glance(lab: &str, cloud: &Cloud, path: Option<&Trace>) -> Result<Vec<Message>, Errors> {
    let names = Store::of(lab).namespaces()?;
    if names.len() <= READ {
        return drift(lab, cloud);
    }
    let gone = names.iter().filter(|name| !kernel::exists(lab, name)).cloned();
    let on_path = path.map(|path| on_path(cloud, path)).unwrap_or_default();
    let near: BTreeSet<_> = gone.chain(on_path).collect();
    if near.is_empty() {
        return Ok(Vec::new());
    }
    let mut desired = compile(cloud);
    let found = kernel::read(lab, &near.iter().cloned().collect::<Vec<_>>(), &desired)?;
    desired.namespaces.retain(|name, _| near.contains(name));
    Ok(facts(cloud, &found, &desired))
}

/// The namespaces that a flow passes, or would if it went on.
fn on_path(cloud: &Cloud, path: &Trace) -> BTreeSet<NamespaceName> {
    let ends = [Some(&path.from), Some(&path.to), path.receiver.as_ref()];
    let of_end = |end: &Endpoint| match end {
        Endpoint::Instance(name) => {
            let vpc = cloud.instance(name).map(|it| compile::of_vpc(&it.subnet.vpc));
            [Some(compile::of_instance(cloud, name)), vpc]
        }
        Endpoint::Internet => [Some(compile::INTERNET.into()), None],
        Endpoint::Address(_) => [None, None],
    };
    let of_hop = |place: &Place| match place {
        Place::Vpc(name) => Some(compile::of_vpc(name)),
        Place::NatGateway(name) => Some(compile::of_nat_gateway(cloud, name)),
        Place::Internet => Some(compile::INTERNET.into()),
        Place::Instance(_) | Place::Peering { .. } => None,
    };
    let hops = path.there.iter().chain(&path.back).filter_map(|hop| of_hop(&hop.place));
    ends.into_iter().flatten().flat_map(of_end).flatten().chain(hops).collect()
}

/// Facts of a kind; those about links come before those about what hangs on them.
#[derive(Default)]
struct Facts {
    namespaces: Vec<Message>,
    links: Vec<Message>,
    addresses: Vec<Message>,
    routes: Vec<Message>,
    neighbours: Vec<Message>,
    rulesets: Vec<Message>,
    settings: Vec<Message>,
}

/// The differences as facts. What follows from another one is left out: the links to a namespace that is gone, the
/// routes over a link that is down, the route in whose place is another.
fn facts(cloud: &Cloud, found: &Network, desired: &Network) -> Vec<Message> {
    let mut facts = Facts::default();
    for (name, wanted) in &desired.namespaces {
        let at = shown(cloud, name);
        match found.namespaces.get(name) {
            None => facts.namespaces.push(msg!(Said::NamespaceGone { at })),
            Some(there) => Space { at, name, wanted, there, found }.compare(&mut facts),
        }
    }
    let foreign = found.namespaces.keys().filter(|name| !desired.namespaces.contains_key(*name));
    facts.namespaces.extend(foreign.map(|at| msg!(Said::NamespaceNotTheLabs { at })));
    let Facts { namespaces, links, addresses, routes, neighbours, rulesets, settings } = facts;
    [namespaces, links, addresses, routes, neighbours, rulesets, settings].concat()
}

/// A namespace by the name of its VPC, instance or NAT gateway, where that means no other.
fn shown(cloud: &Cloud, namespace: &NamespaceName) -> String {
    let router = cloud.vpcs().find(|vpc| compile::of_vpc(&vpc.name) == *namespace).map(|vpc| vpc.name.to_string());
    let instance = || compile::instance_of(cloud, namespace).map(|name| name.to_string());
    let nat = || compile::nat_gateway_of(cloud, namespace).map(|name| name.to_string());
    let name = if compile::is_plain(namespace.as_str()) { None } else { router.or_else(instance).or_else(nat) };
    let is_one = |name: &String| {
        let vpcs = cloud.vpcs().filter(|vpc| vpc.name.as_str() == *name).count();
        let nats = cloud.nat_gateways().filter(|nat| nat.name.as_str() == *name).count();
        vpcs + nats + cloud.instances().filter(|it| it.name.as_str() == *name).count() == 1
    };
    name.filter(is_one).unwrap_or_else(|| namespace.to_string())
}

/// A namespace that exists, beside what it should be.
struct Space<'a> {
    at: String,
    name: &'a NamespaceName,
    wanted: &'a Namespace,
    there: &'a Namespace,
    found: &'a Network,
}

impl Space<'_> {
    fn compare(&self, facts: &mut Facts) {
        self.links(facts);
        self.routes(facts);
        self.neighbours(facts);
        let at = &self.at;
        if !ruleset_diff::diff(&self.there.ruleset, &self.wanted.ruleset).is_empty() {
            facts.rulesets.push(msg!(Said::RulesetChanged { at }));
        }
        let changed = self.wanted.sysctls.iter().filter(|(key, value)| self.there.sysctls.get(*key) != Some(*value));
        let fresh =
            FRESH.iter().filter(|(key, _)| self.there.sysctls.contains_key(key)).map(|(key, value)| (key, value));
        for (key, value) in changed.chain(fresh) {
            let key = format!("net.{}", key.replace('/', "."));
            facts.settings.push(msg!(Said::SysctlChanged { at, key, value }));
        }
    }

    fn links(&self, facts: &mut Facts) {
        let at = &self.at;
        for (link, wanted) in &self.wanted.links {
            match self.there.links.get(link) {
                None => {
                    facts.links.extend((!self.goes_with_its_peer(wanted)).then(|| msg!(Said::LinkGone { at, link })))
                }
                Some(there) if is_replaced(there, wanted) => facts.links.push(msg!(Said::LinkReplaced { at, link })),
                Some(there) => self.link(link, there, wanted, facts),
            }
        }
        let foreign = self.there.links.iter().filter(|(link, _)| !self.wanted.links.contains_key(*link));
        // Of a pair with both ends here, the first end.
        let is_second = |link: &LinkName, it: &Link| match &it.kind {
            LinkKind::Veth { peer_namespace, peer, .. } => peer_namespace == self.name && peer < link,
            _ => false,
        };
        let foreign = foreign.filter(|(link, it)| !is_second(link, it));
        facts.links.extend(foreign.map(|(link, _)| msg!(Said::LinkNotTheLabs { at, link })));
    }

    /// Whether a pair's other end is reported: its namespace is gone, or it is the first of the two.
    fn goes_with_its_peer(&self, wanted: &Link) -> bool {
        let LinkKind::Veth { peer_namespace, peer, .. } = &wanted.kind else { return false };
        match self.found.namespaces.get(peer_namespace) {
            None => true,
            Some(there) => !there.links.contains_key(peer) && peer_namespace < self.name,
        }
    }

    fn link(&self, link: &LinkName, there: &Link, wanted: &Link, facts: &mut Facts) {
        let at = &self.at;
        let mut say = |fact| facts.links.push(fact);
        if !there.up {
            say(msg!(Said::LinkDown { at, link }));
        }
        if let Some(mac) = there.mac.filter(|_| there.mac != wanted.mac) {
            say(msg!(Said::LinkHasMac { at, link, mac }));
        }
        if there.group != wanted.group {
            say(msg!(Said::LinkInGroup { at, link, group: there.group }));
        }
        if there.altname != wanted.altname {
            say(msg!(Said::LinkNames { at, link }));
        }
        match (&there.kind, &wanted.kind) {
            (LinkKind::Veth { bridge: is, .. }, LinkKind::Veth { bridge: Some(bridge), .. })
                if is.as_ref() != Some(bridge) =>
            {
                say(msg!(Said::PortChanged { at, link, bridge }));
            }
            (LinkKind::Veth { bridge: Some(bridge), .. }, LinkKind::Veth { bridge: None, .. }) => {
                say(msg!(Said::NoPort { at, link, bridge }));
            }
            (LinkKind::Other(_), LinkKind::Bridge) => say(msg!(Said::BridgeChanged { at, link })),
            _ => {}
        }
        if !there.plain && wanted.plain || there.mtu != wanted.mtu {
            say(msg!(Said::LinkChanged { at, link }));
        }
        if there.shaping != wanted.shaping {
            say(msg!(Said::ShapingChanged { at, link }));
        }
        let (is, should) = (&there.addresses, &wanted.addresses);
        facts.addresses.extend(should.difference(is).map(|address| msg!(Said::AddressGone { at, address, link })));
        facts
            .addresses
            .extend(is.difference(should).map(|address| msg!(Said::AddressNotTheLabs { at, address, link })));
    }

    /// Whether a link carries packets. What hangs on one that does not goes with it.
    fn carries(&self, link: &LinkName) -> bool {
        let wanted = self.wanted.links.get(link);
        let is_the_one = |there: &Link| there.up && wanted.is_none_or(|wanted| !is_replaced(there, wanted));
        self.there.links.get(link).is_some_and(is_the_one)
    }

    fn routes(&self, facts: &mut Facts) {
        let at = &self.at;
        let stays = |route: &&Route| match &route.to {
            RouteTo::Link(link) | RouteTo::Gateway { link, .. } | RouteTo::Local(link) => self.carries(link),
            RouteTo::Other(_) => true,
        };
        let (is, should) = (&self.there.routes, &self.wanted.routes);
        let is_replaced = |route: &&Route| {
            let there = is.difference(should);
            there.into_iter().any(|it| (it.table, it.destination) == (route.table, route.destination))
        };
        let gone = should.difference(is).filter(stays).filter(|route| !is_replaced(route));
        let lost = &self.there.lost;
        facts.routes.extend(gone.chain(&lost.routes).map(|route| msg!(Said::RouteGone { at, route })));
        facts.routes.extend(is.difference(should).map(|route| msg!(Said::RouteNotTheLabs { at, route })));
        let (is, should) = (&self.there.rules, &self.wanted.rules);
        // A lost rule that is there beside a foreign one is only to be set again.
        let gone = should.difference(is).chain(lost.rules.difference(is));
        facts.routes.extend(gone.map(|rule| msg!(Said::RuleGone { at, rule })));
        let foreign = is.difference(should).filter(|rule| !lost.rules.contains(rule));
        facts.routes.extend(foreign.map(|rule| msg!(Said::RuleNotTheLabs { at, rule })));
    }

    fn neighbours(&self, facts: &mut Facts) {
        let at = &self.at;
        let (is, should) = (&self.there.neighbours, &self.wanted.neighbours);
        let is_replaced = |wanted: &Neighbour| is.iter().any(|it| (&it.link, it.ip) == (&wanted.link, wanted.ip));
        let gone = should.difference(is).filter(|it| self.carries(&it.link) && !is_replaced(it));
        facts.neighbours.extend(gone.map(|neighbour| msg!(Said::NeighbourGone { at, neighbour })));
        let foreign = is.difference(should);
        facts.neighbours.extend(foreign.map(|neighbour| msg!(Said::NeighbourNotTheLabs { at, neighbour })));
        let (is, should) = (&self.there.forwarding, &self.wanted.forwarding);
        let is_port = |link: &LinkName| match self.there.links.get(link).map(|link| &link.kind) {
            Some(LinkKind::Veth { bridge, .. }) => bridge.is_some(),
            _ => false,
        };
        let is_moved = |wanted: &ForwardingEntry| is.difference(should).any(|it| it.mac == wanted.mac);
        let gone = should.difference(is).filter(|it| is_port(&it.port) && !is_moved(it));
        facts.neighbours.extend(gone.map(|entry| msg!(Said::ForwardingGone { at, entry })));
        facts.neighbours.extend(is.difference(should).map(|entry| msg!(Said::ForwardingNotTheLabs { at, entry })));
    }
}
