//! The kernel as it is, as a Network.
//!
//! What nobody has touched reads exactly as it was compiled. What the model cannot say is read so that the diff mends it:
//! a port that is not isolated, or learns, is no port; a bandwidth with another burst or queue is none; a link or route of a
//! foreign kind is `Other`. Out of sight stay IPv6, dynamic neighbours, and what the kernel itself adds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;

use ipnet::Ipv4Net;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use nix::errno::Errno;

use super::batch::RouteSocket;
use super::{fault, firewall, link, neighbour, netns, privilege, route, sysctl, tc, threads};
use crate::error::{Errors, Result};
use crate::network::model::{
    ForwardingEntry, Link, LinkKind, LinkName, Mac, Namespace, NamespaceName, Neighbour, Network, PolicyRule, Shaping,
};
use crate::network::ruleset::Ruleset;

/// Devices that the kernel puts into every new namespace where their module is loaded; they cannot be removed.
const FALLBACK_DEVICES: [&str; 9] =
    ["tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"];

/// Those of `names` that exist, as they are.
///
/// A role is not in the kernel, and which of its hundreds of sysctls matter is for the compiler to say: both are taken from
/// `desired`. Where the kernel has no netem, the latency that `desired` wants counts as there: nothing could change it.
pub fn read(lab: &str, names: &[NamespaceName], desired: &Network) -> Result<Network, Errors> {
    privilege::raise_descriptor_limit();
    let existing: Vec<_> = names.iter().filter(|name| netns::exists(lab, name)).collect();
    let raw = threads::each(&existing, |name| Raw::read(lab, name, desired.namespaces.get(*name)))?;
    let peers = Peers::find(&raw);
    let namespaces = existing.iter().zip(&raw).enumerate().map(|(at, (name, raw))| {
        let peer = |link: &link::Listed| peers.of(at, link.index).map(|(at, name)| (existing[at].clone(), name));
        ((*name).clone(), raw.namespace(desired.namespaces.get(*name), peer))
    });
    Ok(Network { namespaces: namespaces.collect() })
}

/// A namespace as the kernel lists it.
struct Raw {
    file: File,
    socket: RouteSocket,
    links: Vec<link::Listed>,
    addresses: Vec<(u32, Ipv4Net)>,
    routes: Vec<RouteNetlinkMessage>,
    rules: Vec<PolicyRule>,
    neighbours: BTreeSet<(u32, Ipv4Addr, Mac)>,
    forwarding: Vec<(u32, Mac)>,
    shaping: BTreeMap<u32, Shaping>,
    sysctls: BTreeMap<&'static str, &'static str>,
    ruleset: Ruleset,
}

impl Raw {
    fn read(lab: &str, name: &NamespaceName, desired: Option<&Namespace>) -> Result<Self> {
        let cannot = |errno| fault::host(format!("namespace {lab}.{name} cannot be read"), errno, hint(errno));
        let file = netns::open(lab, name)?;
        netns::go(&file).map_err(cannot)?;
        let socket = RouteSocket::open().map_err(|error| cannot(fault::errno(&error)))?;
        let mut raw = Raw {
            file,
            links: Vec::new(),
            addresses: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
            neighbours: BTreeSet::new(),
            forwarding: Vec::new(),
            shaping: BTreeMap::new(),
            sysctls: BTreeMap::new(),
            ruleset: firewall::read(lab, name)?,
            socket,
        };
        raw.lists().map_err(cannot)?;
        raw.neighbours(desired.map_or(0, |it| it.neighbours.len())).map_err(cannot)?;
        for (key, value) in desired.into_iter().flat_map(|it| &it.sysctls) {
            let found = sysctl::get(key).map_err(|error| cannot(fault::errno(&error)))?;
            // What this kernel does not have is as good as set.
            if found.is_none_or(|found| found == *value) {
                raw.sysctls.insert(key, value);
            }
        }
        Ok(raw)
    }

    fn lists(&mut self) -> Result<(), Errno> {
        let socket = &self.socket;
        socket.dump(link::list(), |it| self.links.extend(link::listed(it)))?;
        self.links.retain(|it| !FALLBACK_DEVICES.contains(&it.name.as_str()));
        socket.dump(link::list_addresses(), |it| self.addresses.extend(link::listed_address(it)))?;
        socket.dump(route::list(), |it| self.routes.push(it))?;
        socket.dump(route::list_rules(), |it| self.rules.extend(route::listed_rule(it)))?;
        if self.links.iter().any(|it| it.kind == "bridge") {
            let list = neighbour::list_forwarding();
            socket.dump(list, |it| self.forwarding.extend(neighbour::listed_forwarding(it)))?;
        }
        socket.dump(tc::list(), |it| {
            if let Some((index, part)) = tc::listed(it) {
                let whole = self.shaping.entry(index).or_default();
                whole.rate = whole.rate.or(part.rate);
                whole.delay = whole.delay.or(part.delay);
            }
        })
    }

    /// The kernel's table of neighbours is one for all namespaces, and a list taken while it grows for somebody else's lacks
    /// entries. So where fewer are listed than should be there, it is asked again before it is believed.
    fn neighbours(&mut self, desired: usize) -> Result<(), Errno> {
        for _ in 0..3 {
            self.socket.dump(neighbour::list(), |it| self.neighbours.extend(neighbour::listed(it)))?;
            if self.neighbours.len() >= desired {
                break;
            }
        }
        Ok(())
    }

    /// As a value; `peer` knows the other ends.
    fn namespace(
        &self,
        desired: Option<&Namespace>,
        peer: impl Fn(&link::Listed) -> Option<(NamespaceName, LinkName)>,
    ) -> Namespace {
        let names: BTreeMap<u32, LinkName> = self.links.iter().map(|it| (it.index, it.name.as_str().into())).collect();
        let name = |index: u32| names.get(&index).cloned();
        let links = self.links.iter().map(|it| {
            let name: LinkName = it.name.as_str().into();
            let wish = desired.and_then(|desired| desired.links.get(&name));
            let link = self.link(it, wish, peer(it), it.master.and_then(|index| names.get(&index)));
            (name, link)
        });
        let neighbours = self.neighbours.iter();
        let forwarding = self.forwarding.iter();
        Namespace {
            role: desired.map(|it| it.role).unwrap_or_default(),
            sysctls: self.sysctls.clone(),
            links: links.collect(),
            routes: self.routes.iter().filter_map(|it| route::listed(it, name)).collect(),
            rules: self.rules.iter().cloned().collect(),
            neighbours: neighbours
                .filter_map(|&(index, ip, mac)| Some(Neighbour { link: name(index)?, ip, mac }))
                .collect(),
            forwarding: forwarding
                .filter_map(|&(index, mac)| Some(ForwardingEntry { port: name(index)?, mac }))
                .collect(),
            ruleset: self.ruleset.clone(),
        }
    }

    fn link(
        &self,
        it: &link::Listed,
        wish: Option<&Link>,
        peer: Option<(NamespaceName, LinkName)>,
        master: Option<&LinkName>,
    ) -> Link {
        let kind = match (it.kind.as_str(), peer) {
            _ if it.loopback => LinkKind::Loopback,
            ("bridge", _) if it.answers_arp => LinkKind::Bridge,
            ("veth", Some((peer_namespace, peer))) => {
                let bridge = master.filter(|_| it.port_as_ours).cloned();
                LinkKind::Veth { peer_namespace, peer, bridge }
            }
            (kind, _) => LinkKind::Other(kind.into()),
        };
        let mut shaping = self.shaping.get(&it.index).copied().unwrap_or_default();
        let wanted_delay = wish.and_then(|wish| wish.shaping.delay);
        if shaping.delay != wanted_delay && !privilege::has_netem() {
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
            up: it.up,
        }
    }

    fn named(&self, index: u32) -> Option<LinkName> {
        self.links.iter().find(|it| it.index == index).map(|it| it.name.as_str().into())
    }
}

/// A link: the place of its namespace in the list, and its index.
type End = (usize, u32);

/// Which veth belongs to which.
struct Peers(BTreeMap<End, (usize, LinkName)>);

impl Peers {
    /// A veth names the index of its other end, and a number for that end's namespace. Indices alone may agree by chance, so
    /// the kernel is asked whether the number stands for the namespace that they point to: once for a pair.
    fn find(raw: &[Raw]) -> Self {
        let mut pointing: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        let veths = || raw.iter().enumerate().flat_map(|(at, raw)| raw.links.iter().map(move |link| (at, link)));
        for (at, link) in veths() {
            if let Some((other, _)) = link.peer {
                pointing.entry((link.index, other)).or_default().push(at);
            }
        }
        let mut peers = Peers(BTreeMap::new());
        for (at, link) in veths() {
            let Some((other, number)) = link.peer else { continue };
            if peers.0.contains_key(&(at, link.index)) {
                continue;
            }
            let candidates = pointing.get(&(other, link.index)).map_or(&[][..], Vec::as_slice);
            let there = match number {
                None => Some(at),
                // Below 0: a namespace that is on its way out.
                Some(..0) => None,
                Some(number) => {
                    let is = |there: &usize| *there != at && number_of(&raw[at], &raw[*there]) == Some(number);
                    candidates.iter().copied().find(is)
                }
            };
            if let Some(there) = there
                && let Some(peer) = raw[there].named(other)
            {
                peers.0.insert((at, link.index), (there, peer));
                peers.0.insert((there, other), (at, link.name.as_str().into()));
            }
        }
        peers
    }

    fn of(&self, at: usize, index: u32) -> Option<(usize, LinkName)> {
        self.0.get(&(at, index)).cloned()
    }
}

/// The number that namespace `there` has in namespace `here`.
fn number_of(here: &Raw, there: &Raw) -> Option<i32> {
    let mut message = NsidMessage::default();
    message.attributes.push(NsidAttribute::Fd(there.file.as_raw_fd() as u32));
    match here.socket.get(RouteNetlinkMessage::GetNsId(message)).ok()?? {
        RouteNetlinkMessage::NewNsId(message) => message.attributes.iter().find_map(|it| match it {
            NsidAttribute::Id(number) => Some(*number),
            _ => None,
        }),
        _ => None,
    }
}

fn hint(errno: Errno) -> &'static str {
    match errno {
        Errno::EPERM | Errno::EACCES => "run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN",
        Errno::EMFILE | Errno::ENFILE => "raise the limit of open files (`ulimit -Hn`)",
        Errno::EBUSY | Errno::EINTR => "something changes it right now: run the command once more",
        _ => "run the command once more; if it stays, take the lab down and up again",
    }
}
