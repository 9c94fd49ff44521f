//! Networks without one element.

use peerlab::network::model::{Link, LinkKind, LinkName, Namespace, NamespaceName, Network, RouteTo, USUAL_MTU};
use peerlab::network::ruleset::{Chain, Policy, Rule, Ruleset, Set, Statement, Table, Verdict};

/// Every kind of element. All must occur, and no others.
pub const KINDS: [&str; 22] = [
    "namespace",
    "sysctl",
    "link",
    "link's address",
    "link's altname",
    "link's group",
    "link's MTU",
    "link's rate",
    "link's bridge",
    "loopback",
    "route",
    "policy rule",
    "neighbour",
    "forwarding entry",
    "table",
    "counter",
    "set",
    "set element",
    "map element",
    "chain",
    "chain's policy",
    "rule",
];

/// A Network without one element.
pub struct Mutant {
    pub kind: &'static str,
    /// The family: similar mutants, of which some represent all.
    pub family: String,
    pub what: String,
    pub network: Network,
}

/// Collects mutants of a Network.
struct Mutants<'a> {
    whole: &'a Network,
    all: Vec<Mutant>,
}

/// All mutants.
pub fn of(whole: &Network) -> Vec<Mutant> {
    let mut mutants = Mutants { whole, all: Vec::new() };
    for (name, namespace) in &whole.namespaces {
        mutants.of_namespace(name, namespace);
    }
    mutants.all
}

impl Mutants<'_> {
    fn add(
        &mut self,
        kind: &'static str,
        (name, namespace): (&NamespaceName, &Namespace),
        family: &str,
        what: impl ToString,
        change: impl FnOnce(&mut Namespace),
    ) {
        let family = format!("{kind}, {}, {family}", namespace.role);
        let mut network = self.whole.clone();
        change(network.namespaces.get_mut(name).expect("it is there"));
        self.all.push(Mutant { kind, family, what: format!("{kind} of {name}: {}", what.to_string()), network });
    }

    fn of_namespace(&mut self, name: &NamespaceName, namespace: &Namespace) {
        let at = (name, namespace);
        // Without `..`, so that a new field of Namespace must be handled here.
        let Namespace { role: _, sysctls, links, routes, rules, neighbours, forwarding, ruleset, lost: _ } = namespace;
        let mut network = self.whole.clone();
        links.keys().for_each(|link| remove_link(&mut network, name, link));
        network.namespaces.remove(name);
        let family = format!("namespace, {}", namespace.role);
        self.all.push(Mutant { kind: "namespace", family, what: format!("namespace {name}"), network });

        for key in sysctls.keys() {
            self.add("sysctl", at, key, key, |it| {
                it.sysctls.remove(key);
            });
        }
        for (link, value) in links {
            self.of_link(at, link, value);
        }
        for route in routes {
            let to = match &route.to {
                RouteTo::Gateway { gateway, .. } => format!("by {gateway}"),
                other => format!("{:?}", std::mem::discriminant(other)),
            };
            self.add("route", at, &to, route, |it| {
                it.routes.remove(route);
            });
        }
        for rule in rules {
            self.add("policy rule", at, "", rule, |it| {
                it.rules.remove(rule);
            });
        }
        for neighbour in neighbours {
            let group = format!("group {}", links[&neighbour.link].group);
            self.add("neighbour", at, &group, neighbour, |it| {
                it.neighbours.remove(neighbour);
            });
        }
        for entry in forwarding {
            self.add("forwarding entry", at, "", entry, |it| {
                it.forwarding.remove(entry);
            });
        }
        let Ruleset { tables } = ruleset;
        for (key, table) in tables {
            self.add("table", at, &key.1, &key.1, |it| drop(it.ruleset.tables.remove(key)));
            self.of_table(at, &key.1, table, |it| it.ruleset.tables.get_mut(key).expect("it is there"));
        }
    }

    fn of_link(&mut self, at: (&NamespaceName, &Namespace), name: &LinkName, link: &Link) {
        // A link's index, kind, hardware address and state "up" are part of its creation and cannot be left out.
        let Link { index: _, kind, mac: _, altname, group, addresses, shaping, mtu, up: _, plain: _ } = link;
        let family = format!("group {group}");
        if *kind == LinkKind::Loopback {
            self.add("loopback", at, "", name, |it| drop(it.links.remove(name)));
        } else {
            let mut network = self.whole.clone();
            remove_link(&mut network, at.0, name);
            let family = format!("link, {}, {family}", at.1.role);
            self.all.push(Mutant { kind: "link", family, what: format!("link {name} of {}", at.0), network });
        }
        let mut change = |kind, what: String, change: fn(&mut Link)| {
            self.add(kind, at, &family, what, |it| change(it.links.get_mut(name).expect("it is there")));
        };
        if altname.is_some() {
            change("link's altname", name.to_string(), |link| link.altname = None);
        }
        if *group != 0 {
            change("link's group", name.to_string(), |link| link.group = 0);
        }
        if *mtu != USUAL_MTU && *kind != LinkKind::Loopback {
            change("link's MTU", name.to_string(), |link| link.mtu = USUAL_MTU);
        }
        if shaping.rate.is_some() {
            change("link's rate", name.to_string(), |link| link.shaping.rate = None);
        }
        // A delay needs netem, which some kernels lack; crates/linux/src/kernel tests it.
        if let LinkKind::Veth { bridge: Some(_), .. } = kind {
            change("link's bridge", name.to_string(), |link| {
                if let LinkKind::Veth { bridge, .. } = &mut link.kind {
                    *bridge = None;
                }
            });
        }
        for address in addresses {
            self.add("link's address", at, &family, address, |it| {
                it.links.get_mut(name).expect("it is there").addresses.remove(address);
            });
        }
    }

    fn of_table(
        &mut self,
        at: (&NamespaceName, &Namespace),
        name: &str,
        table: &Table,
        within: impl Fn(&mut Namespace) -> &mut Table,
    ) {
        let Table { counters, sets, chains, foreign: _ } = table;
        for counter in counters {
            self.add("counter", at, counter, counter, |it| {
                let table = within(it);
                table.counters.remove(counter);
                let rules = table.chains.values_mut().flat_map(|chain| &mut chain.rules);
                rules.for_each(|rule| rule.statements.retain(|it| *it != Statement::counter(counter)));
            });
        }
        for (set, Set { key: _, data, elements }) in sets {
            let family = format!("{name} {}", stem(set));
            self.add("set", at, &family, format!("elements of {set}"), |it| {
                within(it).sets.get_mut(set).expect("it is there").elements.clear()
            });
            for key in elements.keys() {
                let kind = if data.is_some() { "map element" } else { "set element" };
                self.add(kind, at, &family, format!("{key:?} of {set}"), |it| {
                    within(it).sets.get_mut(set).expect("it is there").elements.remove(key);
                });
            }
        }
        for (chain, Chain { hook, rules }) in chains {
            let family = format!("{name} {}", stem(chain));
            self.add("chain", at, &family, chain, |it| {
                let table = within(it);
                match hook {
                    Some(_) => drop(table.chains.remove(chain)),
                    // Other rules lead to it, so it stays, empty.
                    None => table.chains.get_mut(chain).expect("it is there").rules.clear(),
                }
            });
            if hook.is_some_and(|hook| hook.policy == Policy::Drop) {
                self.add("chain's policy", at, &family, chain, |it| {
                    let hook = &mut within(it).chains.get_mut(chain).expect("it is there").hook;
                    hook.as_mut().expect("a base chain").policy = Policy::Accept;
                });
            }
            for (place, rule) in rules.iter().enumerate() {
                // Rules of fixed chains have a position; those of groups depend on the groups.
                let family =
                    if chain.contains('/') { format!("{family} {}", shape(rule)) } else { format!("{family} {place}") };
                self.add("rule", at, &family, format!("{chain} {place}: {}", text(rule)), |it| {
                    within(it).chains.get_mut(chain).expect("it is there").rules.remove(place);
                });
            }
        }
    }
}

/// `ingress/sg-a` is `ingress`.
fn stem(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// The shape of a rule: its verdict and its fields.
fn shape(rule: &Rule) -> String {
    let part = |statement: &Statement| match statement {
        Statement::Is { field, .. } => format!("{field:?}"),
        Statement::Prefix { field, .. } | Statement::Range { field, .. } => format!("{field:?} of some"),
        Statement::In { .. } => "set".to_owned(),
        Statement::Verdict(Verdict::Jump(_) | Verdict::Goto(_)) => "goes".to_owned(),
        Statement::Verdict(verdict) => format!("{verdict:?}"),
        _ => String::new(),
    };
    rule.statements.iter().map(part).collect::<Vec<_>>().join(" ")
}

fn text(rule: &Rule) -> String {
    if rule.comment.is_empty() { shape(rule) } else { rule.comment.clone() }
}

/// Removes a link, its other end, and everything in both namespaces that depends on them.
fn remove_link(network: &mut Network, namespace: &NamespaceName, link: &LinkName) {
    let Some(gone) = network.namespaces.get_mut(namespace).and_then(|it| it.links.remove(link)) else { return };
    if gone.kind == LinkKind::Loopback {
        return;
    }
    strip(network, namespace, link);
    if let LinkKind::Veth { peer_namespace, peer, .. } = gone.kind {
        network.namespaces.get_mut(&peer_namespace).map(|it| it.links.remove(&peer));
        strip(network, &peer_namespace, &peer);
    }
}

fn strip(network: &mut Network, namespace: &NamespaceName, gone: &LinkName) {
    let Some(it) = network.namespaces.get_mut(namespace) else { return };
    it.routes.retain(|route| match &route.to {
        RouteTo::Link(link) | RouteTo::Gateway { link, .. } => link != gone,
        RouteTo::Local(_) | RouteTo::Other(_) => true,
    });
    it.rules.retain(|rule| rule.input != *gone);
    it.neighbours.retain(|neighbour| neighbour.link != *gone);
    it.forwarding.retain(|entry| entry.port != *gone);
    for link in it.links.values_mut() {
        if let LinkKind::Veth { bridge, .. } = &mut link.kind {
            bridge.take_if(|bridge| bridge == gone);
        }
    }
}
