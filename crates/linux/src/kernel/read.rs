//! Reads the current kernel as a Network.
//!
//! An unchanged kernel reads exactly as it was compiled. What the model cannot represent is read in such a way that the
//! diff repairs it: a port that is not isolated, or learns, is not a port; a bandwidth with another burst or queue is
//! none; a link or route of a foreign kind is `Other`; a link whose flags or own settings were changed is not plain. Not
//! read are IPv6, dynamic neighbours, an instance's neighbours except its gateway, and what the kernel itself adds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use nix::errno::Errno;

use super::batch::RouteSocket;
use super::peers::{Peers, Place, Veth};
use super::{fault, features, firewall, link, neighbour, netconf, netns, privilege, route, sysctl, tc, threads};
use crate::error::{Errors, Result};
use crate::kernel::messages::Said;
use crate::message::Message;
use crate::msg;
use crate::network::model::{
    FRESH, ForwardingEntry, Link, LinkKind, LinkName, Lost, Mac, Namespace, NamespaceName, Neighbour, Network,
    PolicyRule, Role, Route,
};
use crate::network::ruleset::Ruleset;
use crate::progress::{Watched, Work};

/// Devices that the kernel creates in every new namespace if their module is loaded; they cannot be removed.
const FALLBACK_DEVICES: [&str; 9] =
    ["tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"];

/// Descriptors per namespace while all of them are read: the namespace, a socket, and a file that is open for a moment.
const DESCRIPTORS: usize = 3;

/// Reads those of `names` that exist. Reads no other namespaces: a veth that leads to the namespace that `desired` has,
/// gets the other end that `desired` has.
///
/// The kernel does not know roles, and only the compiler knows which of the hundreds of sysctls matter, so both come
/// from `desired`. If the kernel has no netem, the latency of `desired` counts as present, because nothing could change
/// it.
pub fn read<'a>(lab: impl Into<Watched<'a>>, names: &[NamespaceName], desired: &Network) -> Result<Network, Errors> {
    let Watched { lab, progress } = lab.into();
    privilege::make_room_for_descriptors(DESCRIPTORS * names.len());
    progress.begin(Work::Reading, names.len());
    let raw = threads::each(names, |name| {
        progress.advance(1);
        Raw::read(lab, name, desired.namespaces.get(name))
    })?;
    let raw: Vec<_> = names.iter().zip(raw).filter_map(|(name, raw)| Some((name, raw?))).collect();
    let places: Vec<_> = raw.iter().map(|(name, raw)| raw.place(name)).collect();
    let peers = Peers::find(lab, &places, desired)?;
    let namespaces = threads::spread(&raw, |(name, raw)| {
        let peer = |link: &link::Listed| peers.of(name, link.index);
        Ok(((*name).clone(), raw.namespace(desired.namespaces.get(*name), peer)))
    })?;
    Ok(Network { namespaces: namespaces.into_iter().collect() })
}

/// A namespace as the kernel lists it.
struct Raw {
    file: File,
    socket: RouteSocket,
    links: Vec<link::Listed>,
    addresses: Vec<(u32, Ipv4Net)>,
    routes: Vec<route::Listed>,
    rules: Vec<PolicyRule>,
    neighbours: BTreeSet<(u32, Ipv4Addr, Mac)>,
    forwarding: Vec<(u32, Mac)>,
    shaping: BTreeMap<u32, tc::Listed>,
    sysctls: BTreeMap<&'static str, &'static str>,
    ruleset: Ruleset,
}

impl Raw {
    /// `None`: the namespace does not exist.
    fn read(lab: &str, name: &NamespaceName, desired: Option<&Namespace>) -> Result<Option<Self>> {
        let cannot = |errno| fault::host(msg!(Said::CannotRead { lab, name }), errno, hint(errno));
        let Some(file) = netns::find(lab, name)? else { return Ok(None) };
        netns::go(&file).map_err(cannot)?;
        let socket = RouteSocket::for_questions().map_err(|error| cannot(fault::errno(&error)))?;
        let mut raw = Raw::new(file, socket, firewall::read(lab, name)?);
        raw.lists().map_err(cannot)?;
        raw.neighbours(desired).map_err(cannot)?;
        raw.sysctls(desired).map_err(cannot)?;
        Ok(Some(raw))
    }

    /// Nothing but the rules is read.
    fn new(file: File, socket: RouteSocket, ruleset: Ruleset) -> Self {
        Raw {
            file,
            links: Vec::new(),
            addresses: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
            neighbours: BTreeSet::new(),
            forwarding: Vec::new(),
            shaping: BTreeMap::new(),
            sysctls: BTreeMap::new(),
            ruleset,
            socket,
        }
    }

    /// Reads the sysctls. One that this kernel does not have counts as set.
    fn sysctls(&mut self, desired: Option<&Namespace>) -> Result<(), Errno> {
        let Some(desired) = desired else { return Ok(()) };
        for (key, value) in &desired.sysctls {
            let found = match netconf::get(&self.socket, key)? {
                Some(value) => Some(value.to_string()),
                None => sysctl::get(key).map_err(|error| fault::errno(&error))?,
            };
            if found.is_none_or(|found| found == *value) {
                self.sysctls.insert(key, value);
            }
        }
        // A router answers nobody.
        for (key, value) in FRESH.into_iter().filter(|_| desired.role != Role::Router) {
            let found = sysctl::get(key).map_err(|error| fault::errno(&error))?;
            if found.is_some_and(|found| found != value) {
                self.sysctls.insert(key, "changed");
            }
        }
        Ok(())
    }

    fn lists(&mut self) -> Result<(), Errno> {
        let socket = &self.socket;
        socket.dump_sifted(link::list(), link::sift, |it| self.links.extend(link::listed(it)))?;
        self.links.retain(|it| !FALLBACK_DEVICES.contains(&it.name.as_str()));
        socket.dump(link::list_addresses(), |it| self.addresses.extend(link::listed_address(it)))?;
        self.routes.extend(socket.list(route::list())?.messages().filter_map(route::Listed::read));
        socket.dump(route::list_rules(), |it| self.rules.extend(route::listed_rule(it)))?;
        if self.links.iter().any(|it| it.kind == "bridge") {
            let list = neighbour::list_forwarding();
            socket.dump(list, |it| self.forwarding.extend(neighbour::listed_forwarding(it)))?;
        }
        socket.dump(tc::list(), |it| {
            if let Some((index, part)) = tc::listed(it) {
                let whole = self.shaping.entry(index).or_default();
                *whole = whole.and(part);
            }
        })
    }

    /// Reads neighbours. The kernel has one table for all namespaces and goes through all of it for a list. For every
    /// instance, that would take time proportional to the square of their number (a fifth of reading 1000 of them).
    /// Only the gateway's entry carries packets in an instance, so only the desired entries are requested.
    fn neighbours(&mut self, desired: Option<&Namespace>) -> Result<(), Errno> {
        match desired {
            Some(desired) if desired.role == Role::Instance => self.wanted_neighbours(desired),
            _ => self.all_neighbours(desired.map_or(0, |it| it.neighbours.len())),
        }
    }

    /// A link may go after it was listed: the kernel dismantles a namespace long after its name is gone, and the other
    /// ends of its veths with it.
    fn wanted_neighbours(&mut self, desired: &Namespace) -> Result<(), Errno> {
        for wanted in &desired.neighbours {
            let Some(link) = self.links.iter().find(|it| it.name == wanted.link.as_str()) else { continue };
            let index = link.index;
            match self.socket.get(neighbour::get(index, wanted.ip)) {
                Ok(found) => self.neighbours.extend(found.and_then(neighbour::listed)),
                Err(Errno::ENOENT) => {}
                Err(Errno::ENODEV) => self.links.retain(|it| it.index != index),
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// A list taken while the table grows lacks entries. If it has fewer than expected, ask again before trusting it.
    fn all_neighbours(&mut self, wanted: usize) -> Result<(), Errno> {
        for _ in 0..3 {
            self.socket.dump(neighbour::list(), |it| self.neighbours.extend(neighbour::listed(it)))?;
            if self.neighbours.len() >= wanted {
                break;
            }
        }
        Ok(())
    }

    /// Converts it to a value; `peer` returns the other ends.
    fn namespace(
        &self,
        desired: Option<&Namespace>,
        peer: impl Fn(&link::Listed) -> Option<(NamespaceName, LinkName)>,
    ) -> Namespace {
        let names: BTreeMap<u32, LinkName> = self.links.iter().map(|it| (it.index, it.name.as_str().into())).collect();
        let name = |index: u32| names.get(&index).cloned();
        let links = self.links.iter().map(|it| {
            let name: LinkName = it.name.as_str().into();
            let link = self.link(it, desired, peer(it), it.master.and_then(|index| names.get(&index)));
            (name, link)
        });
        let (routes, lost_routes) = self.routes(desired, name);
        let (rules, lost_rules) = self.rules();
        let neighbours = self.neighbours.iter();
        let forwarding = self.forwarding.iter();
        Namespace {
            role: desired.map(|it| it.role).unwrap_or_default(),
            sysctls: self.sysctls.clone(),
            links: links.collect(),
            routes,
            rules,
            neighbours: neighbours
                .filter_map(|&(index, ip, mac)| Some(Neighbour { link: name(index)?, ip, mac }))
                .collect(),
            forwarding: forwarding
                .filter_map(|&(index, mac)| Some(ForwardingEntry { port: name(index)?, mac }))
                .collect(),
            ruleset: self.ruleset.clone(),
            lost: Lost { routes: lost_routes, rules: lost_rules },
        }
    }

    /// The routes without those that the kernel itself adds, and those of the latter that are gone.
    fn routes(
        &self,
        desired: Option<&Namespace>,
        name: impl Fn(u32) -> Option<LinkName>,
    ) -> (BTreeSet<Route>, BTreeSet<Route>) {
        let mut found: BTreeSet<_> = self.routes.iter().map(|it| it.route(&name)).collect();
        let mut lost = BTreeSet::new();
        for link in &self.links {
            let Some(name) = name(link.index) else { continue };
            let loopback = link.loopback.then(|| (link.index, Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8)));
            for (_, address) in self.addresses.iter().chain(&loopback).filter(|(index, _)| *index == link.index) {
                let wanted = desired.filter(|it| it.links.get(&name).is_some_and(|it| it.addresses.contains(address)));
                let [block, broadcasts @ ..] = route::beside_address(&name, *address);
                // peerlab's addresses have no route to their block, and an instance's none for broadcasts.
                if wanted.is_none() {
                    found.remove(&block);
                }
                if wanted.is_none_or(|it| it.role != Role::Instance) {
                    broadcasts.iter().for_each(|it| _ = found.remove(it));
                }
                for local in route::of_address(&name, *address) {
                    let is_ours = wanted.is_some() || link.loopback && address.addr().is_loopback();
                    if !found.remove(&local) && is_ours && link.up {
                        lost.insert(local);
                    }
                }
            }
        }
        (found, lost)
    }

    /// The rules without the kernel's own, and those of the latter that are gone. One of its own beside a foreign one of
    /// its priority is read as both, because the foreign one is removed by its priority.
    fn rules(&self) -> (BTreeSet<PolicyRule>, BTreeSet<PolicyRule>) {
        let mut found: BTreeSet<_> = self.rules.iter().cloned().collect();
        let mut lost = BTreeSet::new();
        for own in PolicyRule::KERNELS.map(PolicyRule::kernels) {
            let is_beside = found.iter().any(|it| it.table == 0 && it.priority == own.priority);
            if !found.contains(&own) || is_beside {
                lost.insert(own);
            } else {
                found.remove(&own);
            }
        }
        (found, lost)
    }

    fn link(
        &self,
        it: &link::Listed,
        desired: Option<&Namespace>,
        peer: Option<(NamespaceName, LinkName)>,
        master: Option<&LinkName>,
    ) -> Link {
        let kind = match (it.kind.as_str(), peer) {
            _ if it.loopback => LinkKind::Loopback,
            ("bridge", _) if it.answers_arp && it.bridge_as_made => LinkKind::Bridge,
            ("veth", Some((peer_namespace, peer))) => {
                let bridge = master.filter(|_| it.port_as_ours).cloned();
                LinkKind::Veth { peer_namespace, peer, bridge }
            }
            (kind, _) => LinkKind::Other(kind.into()),
        };
        let wish = desired.and_then(|desired| desired.links.get(it.name.as_str()));
        let shaping = self.shaping.get(&it.index).copied().unwrap_or_default();
        let mut shaping = shaping.shaping(wish.map_or(it.mtu, |wish| wish.mtu));
        let wanted_delay = wish.and_then(|wish| wish.shaping.delay);
        if shaping.delay != wanted_delay && !features::has_netem() {
            shaping.delay = wanted_delay;
        }
        let addresses = self.addresses.iter().filter(|(index, _)| *index == it.index).map(|(_, address)| *address);
        Link {
            index: it.index,
            kind,
            mac: it.mac.filter(|_| !it.loopback),
            altname: it.altname.clone(),
            group: it.group,
            addresses: addresses.collect(),
            shaping,
            mtu: it.mtu,
            up: it.up,
            plain: it.as_made && desired.is_none_or(|desired| it.inherits(&desired.sysctls)),
        }
    }

    /// The namespace with its veths only.
    fn place<'a>(&'a self, name: &'a NamespaceName) -> Place<'a> {
        let veths = self.links.iter().filter_map(|it| {
            let (other, number) = it.peer?;
            Some(Veth { index: it.index, name: it.name.as_str().into(), other, number })
        });
        Place { name, file: &self.file, socket: &self.socket, veths: veths.collect() }
    }
}

fn hint(errno: Errno) -> Message {
    match errno {
        Errno::EPERM | Errno::EACCES => msg!(Said::RunAsRootOrWith),
        Errno::EMFILE | Errno::ENFILE => msg!(Said::RaiseLimitOpenFilesUlimit),
        Errno::EBUSY | Errno::EINTR => msg!(Said::ChangesRightNow),
        _ => msg!(Said::CommandOnceMore),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use nix::sched::{CloneFlags, unshare};

    use super::*;

    #[test]
    fn a_link_that_went_after_it_was_listed_is_not_there() {
        let read = || {
            unshare(CloneFlags::CLONE_NEWNET).expect("root");
            let file = File::open("/proc/thread-self/ns/net").unwrap();
            let mut raw = Raw::new(file, RouteSocket::for_questions().unwrap(), Ruleset::default());
            raw.lists().unwrap();
            let went = Namespace {
                role: Role::Instance,
                neighbours: [Neighbour { link: "lo".into(), ip: Ipv4Addr::LOCALHOST, mac: Mac([0; 6]) }].into(),
                ..Namespace::default()
            };
            raw.neighbours(Some(&went)).unwrap();
            assert_eq!(raw.links.len(), 1);
            raw.links[0].index = 4711;
            raw.neighbours(Some(&went)).unwrap();
            assert!(raw.links.is_empty());
        };
        thread::spawn(read).join().unwrap();
    }
}
