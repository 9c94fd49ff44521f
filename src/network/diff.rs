//! The difference between two Networks, as changes in the order in which they can be made.
//!
//! The order, over all namespaces, is that of [`Change`]'s variants:
//!
//! 1. Namespaces go, come, and get their sysctls: before there are links, which inherit them.
//! 2. Rulesets: what is not allowed any more is not allowed before anything new leads anywhere.
//! 3. Links go with all that hangs on them, links come (bridges, then veth pairs, both ends at once), links are set right.
//! 4. Addresses, shaping, neighbours, forwarding entries, routes, rules. A route or neighbour that only changes is
//!    replaced in place, so that no packet falls between; what is too much goes after what is new has come.
//! 5. Connections of routers that decide differently now are forgotten, so that flows that exist feel it too.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use ipnet::Ipv4Net;

use super::model::{
    ForwardingEntry, Link, LinkKind, LinkName, Mac, Namespace, NamespaceName, Neighbour, Network, PolicyRule, Role,
    Route, RouteTo, Shaping,
};
use super::ruleset::Ruleset;
use super::ruleset_diff::{self, RulesetChange};

/// One thing to do in one namespace (a veth pair: in two).
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The namespace goes, with all that is in it and the processes inside.
    RemoveNamespace {
        /// Which.
        namespace: NamespaceName,
    },
    /// A namespace, with nothing in it but `lo`, down.
    CreateNamespace {
        /// Which.
        namespace: NamespaceName,
        /// What it stands for.
        role: Role,
    },
    /// A sysctl gets its value.
    SetSysctl {
        /// Where.
        namespace: NamespaceName,
        /// Below `/proc/sys/net`.
        key: &'static str,
        /// Its value.
        value: &'static str,
    },
    /// nftables: one batch, all or nothing.
    Ruleset {
        /// Where.
        namespace: NamespaceName,
        /// In order; never empty.
        changes: Vec<RulesetChange>,
    },
    /// A link goes, and the other end of its pair with it.
    RemoveLink {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        link: LinkName,
    },
    /// A bridge, up, without its addresses.
    CreateBridge(NamedLink),
    /// A veth pair, both ends up, without their addresses and shaping.
    CreateVeth {
        /// The end from which it is made: the bridge's port where there is one.
        near: NamedLink,
        /// The other.
        far: NamedLink,
    },
    /// A link that exists is set right.
    SetLink {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        link: LinkName,
        /// In what.
        setting: Setting,
    },
    /// An address too many goes.
    RemoveAddress {
        /// Where.
        namespace: NamespaceName,
        /// Whose.
        link: LinkName,
        /// With its prefix length.
        address: Ipv4Net,
    },
    /// An address, without a prefix route.
    AddAddress {
        /// Where.
        namespace: NamespaceName,
        /// Whose.
        link: LinkName,
        /// With its prefix length.
        address: Ipv4Net,
    },
    /// What leaves by a link is shaped so, instead of how it was before.
    SetShaping {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        link: LinkName,
        /// So.
        shaping: Shaping,
    },
    /// A permanent neighbour, new or with another hardware address.
    AddNeighbour {
        /// Where.
        namespace: NamespaceName,
        /// Who.
        neighbour: Neighbour,
    },
    /// A permanent neighbour goes.
    RemoveNeighbour {
        /// Where.
        namespace: NamespaceName,
        /// Who.
        neighbour: Neighbour,
    },
    /// A static entry of a bridge's table, new or at another port.
    AddForwarding {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        entry: ForwardingEntry,
    },
    /// A static entry goes.
    RemoveForwarding {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        entry: ForwardingEntry,
    },
    /// A route, new or instead of the one with its table and destination.
    AddRoute {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        route: Route,
    },
    /// A route goes.
    RemoveRoute {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        route: Route,
    },
    /// A policy rule.
    AddRule {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        rule: PolicyRule,
    },
    /// A policy rule goes.
    RemoveRule {
        /// Where.
        namespace: NamespaceName,
        /// Which.
        rule: PolicyRule,
    },
    /// Every tracked connection is forgotten: the next packet of each is asked again.
    FlushConntrack {
        /// Where.
        namespace: NamespaceName,
    },
}

/// A link with its name and namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedLink {
    /// Where.
    pub namespace: NamespaceName,
    /// Its name.
    pub name: LinkName,
    /// What it is to be.
    pub link: Link,
}

/// What of a link is set right.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Up.
    Up,
    /// Its hardware address.
    Mac(Mac),
    /// Its group.
    Group(u32),
    /// A name too many goes.
    RemoveAltname(Arc<str>),
    /// Its full name.
    AddAltname(Arc<str>),
    /// The bridge it is an isolated port of, learning off; `None`: of none.
    Port(Option<LinkName>),
    /// A bridge answers ARP for its ports (`proxy_arp_pvlan`).
    AnswerArp,
}

/// What is to be done to `current` so that it becomes `desired`; nothing where they are equal.
///
/// Of sysctls only those that `desired` names are looked at, and a namespace's role is none of the kernel's business.
pub fn diff(current: &Network, desired: &Network) -> Vec<Change> {
    let differ = Differ { current, desired, dead: dead_links(current, desired) };
    let mut changes = Vec::new();
    differ.namespaces(&mut changes);
    differ.rulesets(&mut changes);
    differ.links(&mut changes);
    let mut contents = Contents::default();
    let mut conntrack = Vec::new();
    let rulesets = changes.iter().filter_map(|change| match change {
        Change::Ruleset { namespace, .. } => Some(namespace.clone()),
        _ => None,
    });
    let refiltered: BTreeSet<NamespaceName> = rulesets.collect();
    for (name, wanted) in &desired.namespaces {
        let found = current.namespaces.get(name);
        let rerouted = Space { differ: &differ, name, wanted, found }.contents(&mut contents);
        if found.is_some() && wanted.role == Role::Router && (rerouted || refiltered.contains(name)) {
            conntrack.push(Change::FlushConntrack { namespace: name.clone() });
        }
    }
    changes.extend(contents.in_order());
    changes.extend(conntrack);
    changes
}

/// A link of a namespace.
type End<'a> = (&'a NamespaceName, &'a LinkName);

/// The links of `current` that cannot stay: nobody wants them, or their index, kind or other end is wrong, or their
/// other end cannot stay or is in a namespace that goes.
fn dead_links<'a>(current: &'a Network, desired: &'a Network) -> BTreeSet<End<'a>> {
    let mut dead = BTreeSet::new();
    for (namespace, found) in &current.namespaces {
        let wanted = desired.namespaces.get(namespace);
        for (name, link) in &found.links {
            let stays = wanted.is_some_and(|wanted| match wanted.links.get(name) {
                Some(wish) => link.index == wish.index && same_kind(&link.kind, &wish.kind),
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

/// Whether the one can become the other without being made anew.
fn same_kind(found: &LinkKind, wanted: &LinkKind) -> bool {
    match (found, wanted) {
        (LinkKind::Loopback, LinkKind::Loopback) | (LinkKind::Bridge, LinkKind::Bridge) => true,
        // A bridge that does not answer ARP.
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

    /// The link as it is in `current`, where it stays.
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

    /// One removal for a pair, in a namespace that stays: the kernel takes a namespace apart long after it is gone,
    /// and an end in it holds its peer's name and index until then.
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

    /// The creation of a pair, by that of its ends which is to make it.
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
            (LinkKind::Other(_), LinkKind::Bridge) => set(Setting::AnswerArp),
            _ => {}
        }
        if link.up && !found.up {
            set(Setting::Up);
        }
    }
}

/// What hangs on the links, kind by kind.
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

/// A namespace that is to be.
struct Space<'a> {
    differ: &'a Differ<'a>,
    name: &'a NamespaceName,
    wanted: &'a Namespace,
    /// As it is, if it is.
    found: Option<&'a Namespace>,
}

impl<'a> Space<'a> {
    /// Says whether routes or rules change.
    fn contents(&self, contents: &mut Contents) -> bool {
        let readdressed = self.addresses(&mut contents.addresses);
        self.shaping(&mut contents.shaping);
        self.neighbours(&readdressed, &mut contents.neighbours);
        self.forwarding(&mut contents.forwarding);
        let before = (contents.routes.len(), contents.rules.len());
        self.routes(&readdressed, &mut contents.routes);
        self.rules(&mut contents.rules);
        before != (contents.routes.len(), contents.rules.len())
    }

    fn kept(&self, link: &LinkName) -> Option<&'a Link> {
        self.differ.kept(self.name, link)
    }

    /// What `current` has of a sort.
    fn found<T: 'a>(&self, of: impl Fn(&'a Namespace) -> &'a BTreeSet<T>) -> impl Iterator<Item = &'a T> {
        self.found.into_iter().flat_map(of)
    }

    /// Returns the links that may lose all their routes and neighbours by it: the kernel clears a link that loses its
    /// last address, and with a primary address the secondary ones go. Whatever they should have is set again.
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

    /// A link whose hardware address changes loses its neighbours, the permanent ones too.
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

    /// A port that leaves its bridge loses its entries.
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
            RouteTo::Local | RouteTo::Other(_) => true,
        };
        let found: BTreeSet<_> = self.found(|it| &it.routes).filter(stays).collect();
        // A foreign route is removed by its destination alone, and may take ours along: it goes first.
        let too_many = found.iter().copied().filter(|it| !self.wanted.routes.contains(it));
        let (foreign, known): (Vec<&Route>, Vec<&Route>) = too_many.partition(|it| matches!(it.to, RouteTo::Other(_)));
        let cleared: BTreeSet<_> = foreign.iter().map(|it| (it.table, it.destination)).collect();
        let missing = self.wanted.routes.iter();
        let missing = missing.filter(|it| !found.contains(it) || cleared.contains(&(it.table, it.destination)));
        let remove = |route: &Route| Change::RemoveRoute { namespace: self.name.clone(), route: route.clone() };
        changes.extend(foreign.into_iter().map(remove));
        changes.extend(missing.map(|route| Change::AddRoute { namespace: self.name.clone(), route: route.clone() }));
        changes.extend(known.into_iter().map(remove));
    }

    fn rules(&self, changes: &mut Vec<Change>) {
        let found: BTreeSet<_> = self.found(|it| &it.rules).collect();
        let namespace = self.name;
        changes.extend(
            self.wanted
                .rules
                .iter()
                .filter(|it| !found.contains(it))
                .map(|rule| Change::AddRule { namespace: namespace.clone(), rule: rule.clone() }),
        );
        changes.extend(
            found
                .into_iter()
                .filter(|it| !self.wanted.rules.contains(it))
                .map(|rule| Change::RemoveRule { namespace: namespace.clone(), rule: rule.clone() }),
        );
    }
}

impl Change {
    /// Where it is done; of a veth pair, where it is made from.
    pub fn namespace(&self) -> &NamespaceName {
        match self {
            Change::CreateBridge(it) | Change::CreateVeth { near: it, .. } => &it.namespace,
            Change::RemoveNamespace { namespace }
            | Change::CreateNamespace { namespace, .. }
            | Change::SetSysctl { namespace, .. }
            | Change::Ruleset { namespace, .. }
            | Change::RemoveLink { namespace, .. }
            | Change::SetLink { namespace, .. }
            | Change::RemoveAddress { namespace, .. }
            | Change::AddAddress { namespace, .. }
            | Change::SetShaping { namespace, .. }
            | Change::AddNeighbour { namespace, .. }
            | Change::RemoveNeighbour { namespace, .. }
            | Change::AddForwarding { namespace, .. }
            | Change::RemoveForwarding { namespace, .. }
            | Change::AddRoute { namespace, .. }
            | Change::RemoveRoute { namespace, .. }
            | Change::AddRule { namespace, .. }
            | Change::RemoveRule { namespace, .. }
            | Change::FlushConntrack { namespace } => namespace,
        }
    }
}

/// `NAMESPACE: what is done`, a line each.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.namespace();
        write!(f, "{at}: ")?;
        match self {
            Change::RemoveNamespace { .. } => f.write_str("remove namespace"),
            Change::CreateNamespace { role, .. } => write!(f, "create namespace ({role})"),
            Change::SetSysctl { key, value, .. } => write!(f, "set sysctl {key} = {value}"),
            Change::Ruleset { changes, .. } => {
                for (i, change) in changes.iter().enumerate() {
                    if i > 0 {
                        write!(f, "\n{at}: ")?;
                    }
                    write!(f, "{change}")?;
                }
                Ok(())
            }
            Change::RemoveLink { link, .. } => write!(f, "remove link {link}"),
            Change::CreateBridge(it) => write!(f, "create bridge {}{}", it.name, Details(&it.link)),
            Change::CreateVeth { near, far } => write!(
                f,
                "create veth {}{}, to {}: {}{}",
                near.name,
                Details(&near.link),
                far.namespace,
                far.name,
                Details(&far.link)
            ),
            Change::SetLink { link, setting, .. } => write!(f, "set link {link} {setting}"),
            Change::RemoveAddress { link, address, .. } => write!(f, "remove address {address} dev {link}"),
            Change::AddAddress { link, address, .. } => write!(f, "add address {address} dev {link}"),
            Change::SetShaping { link, shaping, .. } => write!(f, "shape link {link}: {shaping}"),
            Change::AddNeighbour { neighbour, .. } => write!(f, "set neighbour {neighbour}"),
            Change::RemoveNeighbour { neighbour, .. } => write!(f, "remove neighbour {neighbour}"),
            Change::AddForwarding { entry, .. } => write!(f, "set forwarding entry {entry}"),
            Change::RemoveForwarding { entry, .. } => write!(f, "remove forwarding entry {entry}"),
            Change::AddRoute { route, .. } => write!(f, "set route {route}"),
            Change::RemoveRoute { route, .. } => write!(f, "remove route {route}"),
            Change::AddRule { rule, .. } => write!(f, "add rule {rule}"),
            Change::RemoveRule { rule, .. } => write!(f, "remove rule {rule}"),
            Change::FlushConntrack { .. } => f.write_str("forget tracked connections"),
        }
    }
}

/// A new link's properties, behind its name.
struct Details<'a>(&'a Link);

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Link { index, kind, mac, altname, group, .. } = self.0;
        write!(f, " index {index}")?;
        if let Some(mac) = mac {
            write!(f, " mac {mac}")?;
        }
        if let Some(altname) = altname {
            write!(f, " altname {altname}")?;
        }
        if *group != 0 {
            write!(f, " group {group}")?;
        }
        match kind {
            LinkKind::Veth { bridge: Some(bridge), .. } => write!(f, " port of {bridge}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Up => f.write_str("up"),
            Setting::Mac(mac) => write!(f, "mac {mac}"),
            Setting::Group(group) => write!(f, "group {group}"),
            Setting::RemoveAltname(name) => write!(f, "no altname {name}"),
            Setting::AddAltname(name) => write!(f, "altname {name}"),
            Setting::Port(Some(bridge)) => write!(f, "isolated port of {bridge}, learning off"),
            Setting::Port(None) => f.write_str("port of no bridge"),
            Setting::AnswerArp => f.write_str("answering ARP for its ports"),
        }
    }
}
