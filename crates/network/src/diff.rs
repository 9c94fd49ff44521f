//! The difference between two Networks, as changes in the order in which they can be made.
//!
//! The order, over all namespaces, is that of [`Change`]'s variants:
//!
//! 1. Remove and create namespaces, and set their sysctls, before there are links, which inherit them.
//! 2. Change rulesets, so that packets that are no longer allowed are dropped before new links and routes exist.
//! 3. Remove links with everything that depends on them, create links (bridges, then veth pairs, both ends at once),
//!    correct links.
//! 4. Change addresses, shaping, neighbours, forwarding entries, routes, rules. A changed route or neighbour is
//!    replaced in place, so that no packet is lost; removals follow additions.
//!
//! Connections are not flushed, because groups check every packet from the side that opened a flow (docs/cloud.md §4).

use std::collections::BTreeSet;

pub use super::change::{Change, NamedLink, Setting};
use super::model::{
    FRESH, ForwardingEntry, Link, LinkKind, LinkName, Namespace, NamespaceName, Neighbour, Network, PolicyRule, Route,
    RouteTo,
};
use super::ruleset::Ruleset;
use super::ruleset_diff;

/// The changes that turn `current` into `desired`; none if they are equal.
///
/// Compares only the sysctls that `desired` names and the [`FRESH`] ones, and not a namespace's role, which the kernel does not know.
pub fn diff(current: &Network, desired: &Network) -> Vec<Change> {
    let differ = Differ { current, desired, dead: dead_links(current, desired) };
    let mut changes = Vec::new();
    differ.namespaces(&mut changes);
    differ.rulesets(&mut changes);
    differ.links(&mut changes);
    let mut contents = Contents::default();
    for (name, wanted) in &desired.namespaces {
        let found = current.namespaces.get(name);
        Space { differ: &differ, name, wanted, found }.contents(&mut contents);
    }
    changes.extend(contents.in_order());
    changes
}

/// The namespaces in which a link must be recreated when `current` becomes `desired`, even if the namespace itself does
/// not change.
pub(super) fn relinked(current: &Network, desired: &Network) -> BTreeSet<NamespaceName> {
    dead_links(current, desired).into_iter().map(|(namespace, _)| namespace.clone()).collect()
}

/// A link of a namespace.
type End<'a> = (&'a NamespaceName, &'a LinkName);

/// The links of `current` that must be removed: they are not desired, their index, kind or other end is wrong, or their
/// other end must be removed or is in a namespace that is removed.
fn dead_links<'a>(current: &'a Network, desired: &'a Network) -> BTreeSet<End<'a>> {
    let mut dead = BTreeSet::new();
    for (namespace, found) in &current.namespaces {
        let wanted = desired.namespaces.get(namespace);
        for (name, link) in &found.links {
            let stays = wanted.is_some_and(|wanted| match wanted.links.get(name) {
                Some(wish) => !is_replaced(link, wish),
                None => link.kind == LinkKind::Loopback,
            });
            if !stays {
                dead.insert((namespace, name));
                if let LinkKind::Veth { peer_namespace, peer, .. } = &link.kind {
                    dead.insert((peer_namespace, peer));
                }
            }
        }
    }
    dead
}

/// Whether a link must be made anew to become the wanted one.
pub fn is_replaced(found: &Link, wanted: &Link) -> bool {
    found.index != wanted.index || !same_kind(&found.kind, &wanted.kind)
}

/// Whether a link can be changed into the other without recreating it.
fn same_kind(found: &LinkKind, wanted: &LinkKind) -> bool {
    match (found, wanted) {
        (LinkKind::Loopback, LinkKind::Loopback) | (LinkKind::Bridge, LinkKind::Bridge) => true,
        // A bridge with other options than peerlab's.
        (LinkKind::Other(kind), LinkKind::Bridge) => &**kind == "bridge",
        (
            LinkKind::Veth { peer_namespace, peer, .. },
            LinkKind::Veth { peer_namespace: wanted_namespace, peer: wanted_peer, .. },
        ) => (peer_namespace, peer) == (wanted_namespace, wanted_peer),
        _ => false,
    }
}

struct Differ<'a> {
    current: &'a Network,
    desired: &'a Network,
    dead: BTreeSet<End<'a>>,
}

impl<'a> Differ<'a> {
    fn namespaces(&self, changes: &mut Vec<Change>) {
        let (current, desired) = (&self.current.namespaces, &self.desired.namespaces);
        let gone = current.keys().filter(|name| !desired.contains_key(*name));
        changes.extend(gone.map(|name| Change::RemoveNamespace { namespace: name.clone() }));
        let new = desired.iter().filter(|(name, _)| !current.contains_key(*name));
        changes.extend(new.map(|(name, it)| Change::CreateNamespace { namespace: name.clone(), role: it.role }));
        for (name, wanted) in desired {
            let found = current.get(name).map(|found| &found.sysctls);
            for (key, value) in &wanted.sysctls {
                if found.and_then(|found| found.get(key)) != Some(value) {
                    changes.push(Change::SetSysctl { namespace: name.clone(), key, value });
                }
            }
            let changed = FRESH.iter().filter(|(key, _)| found.is_some_and(|found| found.contains_key(key)));
            changes.extend(changed.map(|&(key, value)| Change::SetSysctl { namespace: name.clone(), key, value }));
        }
    }

    fn rulesets(&self, changes: &mut Vec<Change>) {
        let none = Ruleset::default();
        for (name, wanted) in &self.desired.namespaces {
            let found = self.current.namespaces.get(name).map_or(&none, |found| &found.ruleset);
            let difference = ruleset_diff::diff(found, &wanted.ruleset);
            if !difference.is_empty() {
                changes.push(Change::Ruleset { namespace: name.clone(), changes: difference });
            }
        }
    }

    /// The link of `current`, if it stays.
    fn kept(&self, namespace: &NamespaceName, name: &LinkName) -> Option<&'a Link> {
        let link = self.current.namespaces.get(namespace)?.links.get(name)?;
        (!self.dead.contains(&(namespace, name))).then_some(link)
    }

    fn links(&self, changes: &mut Vec<Change>) {
        self.remove_links(changes);
        let mut veths = Vec::new();
        let mut settings = Vec::new();
        for (namespace, wanted) in &self.desired.namespaces {
            for (name, link) in &wanted.links {
                let named = || NamedLink { namespace: namespace.clone(), name: name.clone(), link: link.clone() };
                match (self.kept(namespace, name), &link.kind) {
                    (Some(found), _) => self.settings(named(), found, &mut settings),
                    (None, LinkKind::Loopback) => settings.push(Change::SetLink {
                        namespace: namespace.clone(),
                        link: name.clone(),
                        setting: Setting::Up,
                    }),
                    (None, LinkKind::Veth { peer_namespace, peer, .. }) => {
                        veths.extend(self.pair(named(), peer_namespace, peer));
                    }
                    (None, LinkKind::Bridge | LinkKind::Other(_)) => changes.push(Change::CreateBridge(named())),
                }
            }
        }
        changes.extend(veths);
        changes.extend(settings);
    }

    /// Removes each pair once, in a namespace that stays. The kernel dismantles a removed namespace much later, and an
    /// end in it holds its peer's name and index until then.
    fn remove_links(&self, changes: &mut Vec<Change>) {
        let mut gone: BTreeSet<End<'_>> = BTreeSet::new();
        for &(namespace, name) in &self.dead {
            let Some(found) = self.current.namespaces.get(namespace) else { continue };
            let Some(link) = found.links.get(name) else { continue };
            if !self.desired.namespaces.contains_key(namespace) || gone.contains(&(namespace, name)) {
                continue;
            }
            if let LinkKind::Veth { peer_namespace, peer, .. } = &link.kind {
                gone.insert((peer_namespace, peer));
            }
            changes.push(Change::RemoveLink { namespace: namespace.clone(), link: name.clone() });
        }
    }

    /// The creation of a pair, from the end that creates it.
    fn pair(&self, end: NamedLink, peer_namespace: &NamespaceName, peer: &LinkName) -> Option<Change> {
        let link = self.desired.namespaces.get(peer_namespace)?.links.get(peer)?;
        let other = NamedLink { namespace: peer_namespace.clone(), name: peer.clone(), link: link.clone() };
        let rank = |it: &NamedLink| {
            let port = matches!(it.link.kind, LinkKind::Veth { bridge: Some(_), .. });
            (!port, it.namespace.clone(), it.name.clone())
        };
        (rank(&end) < rank(&other)).then_some(Change::CreateVeth { near: end, far: other })
    }

    fn settings(&self, named: NamedLink, found: &Link, changes: &mut Vec<Change>) {
        let NamedLink { namespace, name, link } = named;
        let mut set = |setting| {
            changes.push(Change::SetLink { namespace: namespace.clone(), link: name.clone(), setting });
        };
        if let Some(mac) = link.mac.filter(|mac| found.mac != Some(*mac)) {
            set(Setting::Mac(mac));
        }
        if found.group != link.group {
            set(Setting::Group(link.group));
        }
        if found.altname != link.altname {
            found.altname.clone().map(Setting::RemoveAltname).map(&mut set);
            link.altname.clone().map(Setting::AddAltname).map(&mut set);
        }
        match (&found.kind, &link.kind) {
            (LinkKind::Veth { bridge: found, .. }, LinkKind::Veth { bridge, .. }) => {
                let lost = bridge.as_ref().is_some_and(|bridge| self.kept(&namespace, bridge).is_none());
                if found != bridge || lost {
                    set(Setting::Port(bridge.clone()));
                }
            }
            (LinkKind::Other(_), LinkKind::Bridge) => set(Setting::Bridge),
            _ => {}
        }
        if found.mtu != link.mtu {
            set(Setting::Mtu(link.mtu));
        }
        if link.plain && !found.plain {
            set(Setting::Plain);
        }
        if link.up && !found.up {
            set(Setting::Up);
        }
    }
}

/// Everything that depends on links, kind by kind.
#[derive(Default)]
struct Contents {
    addresses: Vec<Change>,
    shaping: Vec<Change>,
    neighbours: Vec<Change>,
    forwarding: Vec<Change>,
    routes: Vec<Change>,
    rules: Vec<Change>,
}

impl Contents {
    fn in_order(self) -> impl Iterator<Item = Change> {
        let Contents { addresses, shaping, neighbours, forwarding, routes, rules } = self;
        [addresses, shaping, neighbours, forwarding, routes, rules].into_iter().flatten()
    }
}

/// A desired namespace.
struct Space<'a> {
    differ: &'a Differ<'a>,
    name: &'a NamespaceName,
    wanted: &'a Namespace,
    /// Its current state, if it exists.
    found: Option<&'a Namespace>,
}

impl<'a> Space<'a> {
    fn contents(&self, contents: &mut Contents) {
        let readdressed = self.addresses(&mut contents.addresses);
        self.shaping(&mut contents.shaping);
        self.neighbours(&readdressed, &mut contents.neighbours);
        self.forwarding(&mut contents.forwarding);
        self.routes(&readdressed, &mut contents.routes);
        self.rules(&mut contents.rules);
    }

    fn kept(&self, link: &LinkName) -> Option<&'a Link> {
        self.differ.kept(self.name, link)
    }

    /// The current items of a kind.
    fn found<T: 'a>(&self, of: impl Fn(&'a Namespace) -> &'a BTreeSet<T>) -> impl Iterator<Item = &'a T> {
        self.found.into_iter().flat_map(of)
    }

    /// Changes addresses. Returns the links that may lose all their routes and neighbours by this: the kernel clears a
    /// link that loses its last address, and removes the secondary addresses with a primary one. Their desired routes
    /// and neighbours are set again.
    fn addresses(&self, changes: &mut Vec<Change>) -> BTreeSet<&'a LinkName> {
        let none = BTreeSet::new();
        let mut readdressed = BTreeSet::new();
        for (name, link) in &self.wanted.links {
            let found = self.kept(name).map_or(&none, |found| &found.addresses);
            let too_many: Vec<_> = found.difference(&link.addresses).collect();
            let missing = link.addresses.iter().filter(|address| !too_many.is_empty() || !found.contains(address));
            let (namespace, link) = (self.name, name);
            changes.extend(too_many.iter().map(|address| Change::RemoveAddress {
                namespace: namespace.clone(),
                link: link.clone(),
                address: **address,
            }));
            changes.extend(missing.map(|address| Change::AddAddress {
                namespace: namespace.clone(),
                link: link.clone(),
                address: *address,
            }));
            if !too_many.is_empty() {
                readdressed.insert(name);
            }
        }
        readdressed
    }

    fn shaping(&self, changes: &mut Vec<Change>) {
        for (name, link) in &self.wanted.links {
            let found = self.kept(name).map(|found| found.shaping).unwrap_or_default();
            if found != link.shaping {
                let (namespace, link, shaping) = (self.name.clone(), name.clone(), link.shaping);
                changes.push(Change::SetShaping { namespace, link, shaping });
            }
        }
    }

    /// Changes neighbours. A link whose hardware address changes loses its neighbours, including the permanent ones.
    fn neighbours(&self, readdressed: &BTreeSet<&LinkName>, changes: &mut Vec<Change>) {
        let stays = |it: &&Neighbour| {
            let same_mac = |found: &Link| self.wanted.links.get(&it.link).is_some_and(|wish| wish.mac == found.mac);
            self.kept(&it.link).is_some_and(same_mac) && !readdressed.contains(&it.link)
        };
        let found: BTreeSet<_> = self.found(|it| &it.neighbours).filter(stays).collect();
        let wanted: BTreeSet<_> = self.wanted.neighbours.iter().map(|it| (&it.link, it.ip)).collect();
        let namespace = self.name;
        changes.extend(
            self.wanted
                .neighbours
                .iter()
                .filter(|it| !found.contains(it))
                .map(|neighbour| Change::AddNeighbour { namespace: namespace.clone(), neighbour: neighbour.clone() }),
        );
        changes.extend(
            found.into_iter().filter(|it| !wanted.contains(&(&it.link, it.ip))).map(|neighbour| {
                Change::RemoveNeighbour { namespace: namespace.clone(), neighbour: neighbour.clone() }
            }),
        );
    }

    /// Changes forwarding entries. A port that leaves its bridge loses its entries.
    fn forwarding(&self, changes: &mut Vec<Change>) {
        fn bridge(link: Option<&Link>) -> Option<&LinkName> {
            match &link?.kind {
                LinkKind::Veth { bridge, .. } => bridge.as_ref(),
                _ => None,
            }
        }
        let stays = |it: &&ForwardingEntry| {
            bridge(self.kept(&it.port)).is_some_and(|found| {
                self.kept(found).is_some() && bridge(self.wanted.links.get(&it.port)) == Some(found)
            })
        };
        let found: BTreeSet<_> = self.found(|it| &it.forwarding).filter(stays).collect();
        let namespace = self.name;
        changes.extend(
            self.wanted
                .forwarding
                .iter()
                .filter(|it| !found.contains(it))
                .map(|entry| Change::AddForwarding { namespace: namespace.clone(), entry: entry.clone() }),
        );
        changes.extend(
            found
                .into_iter()
                .filter(|it| !self.wanted.forwarding.contains(it))
                .map(|entry| Change::RemoveForwarding { namespace: namespace.clone(), entry: entry.clone() }),
        );
    }

    fn routes(&self, readdressed: &BTreeSet<&LinkName>, changes: &mut Vec<Change>) {
        let stays = |it: &&Route| match &it.to {
            RouteTo::Link(link) | RouteTo::Gateway { link, .. } => {
                self.kept(link).is_some() && !readdressed.contains(link)
            }
            // `lo` keeps its last address.
            RouteTo::Local(link) => self.kept(link).is_some(),
            RouteTo::Other(_) => true,
        };
        let found: BTreeSet<_> = self.found(|it| &it.routes).filter(stays).collect();
        let wanted: BTreeSet<_> = self.wanted.routes.iter().collect();
        let new: BTreeSet<_> = wanted.difference(&found).copied().collect();
        // A foreign route is removed by its destination alone, which may also remove ours, so remove it first. A route to a
        // link is removed by the link, which may also remove ours to a gateway on it; if that is new, it replaces the other.
        let by_gateway = |it: &Route, is_new: bool| {
            let is_on = |other: &Route| matches!((&it.to, &other.to), (RouteTo::Link(a), RouteTo::Gateway { link: b, .. }) if a == b);
            // Routes to a gateway come after those to a link.
            let behind = self.wanted.routes.range(it..);
            let mut same = behind.take_while(|other| (other.table, other.destination) == (it.table, it.destination));
            same.any(|other| new.contains(other) == is_new && is_on(other))
        };
        let too_many = found.difference(&wanted).copied().filter(|it| !by_gateway(it, true));
        let (foreign, known): (Vec<&Route>, Vec<&Route>) =
            too_many.partition(|it| matches!(it.to, RouteTo::Other(_)) || by_gateway(it, false));
        let cleared: BTreeSet<_> = foreign.iter().map(|it| (it.table, it.destination)).collect();
        let missing = self.wanted.routes.iter();
        let missing = missing.filter(|it| new.contains(it) || cleared.contains(&(it.table, it.destination)));
        // The kernel may have added it again meanwhile, with its address.
        let is_kept = |it: &&Route| matches!(&it.to, RouteTo::Local(link) if self.kept(link).is_some());
        let missing = missing.chain(self.found(|it| &it.lost.routes).filter(is_kept));
        let remove = |route: &Route| Change::RemoveRoute { namespace: self.name.clone(), route: route.clone() };
        changes.extend(foreign.into_iter().map(remove));
        changes.extend(missing.map(|route| Change::AddRoute { namespace: self.name.clone(), route: route.clone() }));
        changes.extend(known.into_iter().map(remove));
    }

    fn rules(&self, changes: &mut Vec<Change>) {
        let found: BTreeSet<_> = self.found(|it| &it.rules).collect();
        // A foreign rule is removed by its priority alone, so remove all of this priority first.
        let foreign: BTreeSet<_> = found.iter().filter(|it| it.table == 0).map(|it| it.priority).collect();
        let (cleared, known): (Vec<&PolicyRule>, Vec<_>) = found.iter().partition(|it| foreign.contains(&it.priority));
        let missing = self.wanted.rules.iter().filter(|it| !known.contains(it));
        let missing = missing.chain(self.found(|it| &it.lost.rules));
        let too_many = known.iter().copied().filter(|it| !self.wanted.rules.contains(*it));
        let remove = |rule: &PolicyRule| Change::RemoveRule { namespace: self.name.clone(), rule: rule.clone() };
        let by_priority = |it: &PolicyRule| remove(&PolicyRule::foreign(it.priority));
        changes.extend(cleared.into_iter().map(by_priority));
        changes.extend(missing.map(|rule| Change::AddRule { namespace: self.name.clone(), rule: rule.clone() }));
        changes.extend(too_many.map(remove));
    }
}

#[cfg(test)]
mod tests;
