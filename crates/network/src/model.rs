//! The kernel as plain data: the desired state from [`compile`](super::compile), and the current one from
//! `kernel::read`.
//!
//! Names of namespaces do not contain the lab's name here, so the same file under two names is the same Network.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;

pub use super::mac::Mac;
use super::ruleset::Ruleset;
use crate::cloud::Bandwidth;

/// All namespaces of a lab. A veth pair appears in both of its namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// By name: VPCs' routers, instances, and `internet`.
    pub namespaces: BTreeMap<NamespaceName, Namespace>,
}

/// A namespace's name without the lab's: `VPC1`, `ecs-a`, `internet`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceName(pub Arc<str>);

/// One network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Its role.
    pub role: Role,
    /// Sysctls below `/proc/sys/net`, as in `ipv4/ip_forward`, with their values. Only those that matter; written
    /// before there are links. A reading also has the [`FRESH`] ones that somebody changed.
    pub sysctls: BTreeMap<&'static str, &'static str>,
    /// Links by name, including `lo`.
    pub links: BTreeMap<LinkName, Link>,
    /// All routes except those that the kernel adds by itself (table local, prefix routes).
    pub routes: BTreeSet<Route>,
    /// All policy rules except the kernel's own three.
    pub rules: BTreeSet<PolicyRule>,
    /// Permanent neighbours.
    pub neighbours: BTreeSet<Neighbour>,
    /// Static entries of bridges' forwarding tables.
    pub forwarding: BTreeSet<ForwardingEntry>,
    /// The nftables ruleset.
    pub ruleset: Ruleset,
    /// What the kernel itself adds, and somebody removed; only in a reading.
    pub lost: Lost,
}

/// What the kernel itself adds to a namespace, as far as it is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// The local routes of its addresses, in [`LOCAL_TABLE`].
    pub routes: BTreeSet<Route>,
    /// Its own rules ([`PolicyRule::KERNELS`]).
    pub rules: BTreeSet<PolicyRule>,
}

/// The kernel's table of local addresses.
pub const LOCAL_TABLE: u32 = 255;
/// The kernel's main table.
pub const MAIN_TABLE: u32 = 254;

/// Sysctls on which answers depend, with the values that every new namespace has, so that nobody sets them before
/// somebody has changed them.
pub const FRESH: [(&str, &str); 2] = [("ipv4/icmp_echo_ignore_all", "0"), ("ipv4/ip_default_ttl", "64")];

/// The role of a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A VPC's router.
    #[default]
    Router,
    /// An instance.
    Instance,
    /// The internet.
    Internet,
}

/// A link's name, at most 15 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName(pub Arc<str>);

/// A link that is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its index, fixed at creation, so that a whole namespace can be programmed in one batch.
    pub index: u32,
    /// The kind of a link.
    pub kind: LinkKind,
    /// Its hardware address; `None` for `lo`.
    pub mac: Option<Mac>,
    /// The full name, if the link's own had to be shortened.
    pub altname: Option<Arc<str>>,
    /// Its group: see [`group`].
    pub group: u32,
    /// Addresses, set without a prefix route.
    pub addresses: BTreeSet<Ipv4Net>,
    /// The shaping of the packets that leave by it.
    pub shaping: Shaping,
    /// The size in bytes of the largest IP packet that it carries.
    pub mtu: u32,
    /// Whether it is up; only a link read from the kernel may be down.
    pub up: bool,
    /// Whether its flags and its own IPv4 settings are those of a new link in this namespace; only a link read
    /// from the kernel may differ.
    pub plain: bool,
}

/// Link groups, by which the ruleset recognizes where a packet comes from and goes to.
pub mod group {
    /// No group.
    pub const NONE: u32 = 0;
    /// A subnet's bridge.
    pub const SUBNET: u32 = 1;
    /// One end of a peering.
    pub const PEERING: u32 = 2;
    /// A VPC's link to the internet.
    pub const INTERNET: u32 = 3;
    /// A port of a bridge, to an instance.
    pub const PORT: u32 = 4;
}

/// The MTU of a link that names none, as the kernel makes it.
pub const USUAL_MTU: u32 = 1500;
/// The MTU of `lo`.
pub const LOOPBACK_MTU: u32 = 65536;

/// The kind of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// `lo`, which is also the sink (see [`sink`]).
    Loopback,
    /// A foreign link, with its kind in the kernel. `bridge`: one that does not answer ARP for its ports, or runs STP
    /// or VLANs; `veth`: one whose other end is in no namespace of the lab.
    Other(Arc<str>),
    /// A subnet's bridge. It answers ARP for all its ports (`proxy_arp_pvlan`), without STP and VLANs, and passes
    /// link-local frames through its rules (`group_fwd_mask`).
    Bridge,
    /// One end of a veth pair.
    Veth {
        /// The other end's namespace.
        peer_namespace: NamespaceName,
        /// The other end.
        peer: LinkName,
        /// The bridge of which it is an isolated port, with learning off.
        bridge: Option<LinkName>,
    },
}

/// The shaping of packets that leave by a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shaping {
    /// The rate limit (tbf).
    pub rate: Option<Bandwidth>,
    /// The delay (netem), if the kernel has it.
    pub delay: Option<Duration>,
    /// Whether there are foreign queueing disciplines or filters; only in a reading.
    pub foreign: bool,
}

/// An IPv4 route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// The kernel's routing table.
    pub table: u32,
    /// Its destination.
    pub destination: Ipv4Net,
    /// Where it leads.
    pub to: RouteTo,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteTo {
    /// `dev LINK scope link`.
    Link(LinkName),
    /// `via GATEWAY dev LINK onlink`.
    Gateway {
        /// The next hop.
        gateway: Ipv4Addr,
        /// The link.
        link: LinkName,
    },
    /// `local … dev LINK`: every address of the destination is the namespace's own.
    Local(LinkName),
    /// A foreign route of this type (rtnetlink(7): 6 is `blackhole`), or one with several next hops.
    Other(u8),
}

/// A route that leads nowhere goes to `lo` by a next hop that represents the reason; the forward chain drops and counts
/// the packets by `rt ip nexthop`. Tested on 6.18: the counters count, and no extra link is needed.
pub mod sink {
    use std::net::Ipv4Addr;

    use crate::flow::Reason;

    /// The next hop (TEST-NET-1) that represents a route's reason; `None` for the groups' reasons.
    pub fn next_hop(reason: Reason) -> Option<Ipv4Addr> {
        let last = match reason {
            Reason::NoRoute => 1,
            Reason::PeeringInactive => 2,
            Reason::NotTransitive => 3,
            Reason::NoPublicIp => 4,
            Reason::NoSuchAddress => 5,
            Reason::NotForwarded => 6,
            Reason::NextHopGone => 7,
            Reason::NoInternetGateway => 8,
            Reason::InstanceStopped
            | Reason::TooBig
            | Reason::EgressSecurityGroup
            | Reason::EgressNetworkAcl
            | Reason::IngressNetworkAcl
            | Reason::IngressSecurityGroup
            | Reason::AnsweredByAnother => return None,
        };
        Some(Ipv4Addr::new(192, 0, 2, last))
    }
}

/// The next hop on all unnumbered links, each of which has it as a permanent neighbour.
pub const ONLINK: Ipv4Addr = Ipv4Addr::new(169, 254, 0, 1);

/// An `ip rule`: packets that come in by a link, from any sender or from one, look up a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyRule {
    /// Its priority; the lowest applies first.
    pub priority: u32,
    /// The only sender to which it applies; `None`: all senders.
    pub source: Option<Ipv4Addr>,
    /// The link by which packets come in.
    pub input: LinkName,
    /// The table; 0 for a foreign rule with other conditions or another action, known by its priority only.
    pub table: u32,
}

impl PolicyRule {
    /// The kernel's own rules, which every namespace begins with: priority and table (local, main, default).
    pub const KERNELS: [(u32, u32); 3] = [(0, LOCAL_TABLE), (32766, MAIN_TABLE), (32767, 253)];

    /// A foreign rule.
    pub fn foreign(priority: u32) -> Self {
        Self::kernels((priority, 0))
    }

    /// One of [`Self::KERNELS`].
    pub fn kernels((priority, table): (u32, u32)) -> Self {
        PolicyRule { priority, source: None, input: "".into(), table }
    }
}

/// A permanent neighbour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Neighbour {
    /// The link.
    pub link: LinkName,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Its hardware address.
    pub mac: Mac,
}

/// A static entry of a bridge's forwarding table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForwardingEntry {
    /// The port.
    pub port: LinkName,
    /// The hardware address behind the port.
    pub mac: Mac,
}

macro_rules! texts {
    ($($name:ident)*) => {$(
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

texts! { NamespaceName LinkName }

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Role::Router => "router",
            Role::Instance => "instance",
            Role::Internet => "internet",
        })
    }
}

/// As `tc` prints it.
impl fmt::Display for Shaping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.rate, self.delay) {
            (None, None) if !self.foreign => f.write_str("none"),
            (None, None) => Ok(()),
            (Some(rate), None) => write!(f, "rate {rate}"),
            (None, Some(delay)) => write!(f, "delay {delay:?}"),
            (Some(rate), Some(delay)) => write!(f, "rate {rate} delay {delay:?}"),
        }?;
        if self.foreign { f.write_str(" foreign") } else { Ok(()) }
    }
}

/// As `ip route` prints it.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Route { table, destination, to } = self;
        match to {
            RouteTo::Link(link) => write!(f, "{destination} dev {link} table {table}"),
            RouteTo::Gateway { gateway, link } => write!(f, "{destination} via {gateway} dev {link} table {table}"),
            RouteTo::Local(link) => write!(f, "local {destination} dev {link} table {table}"),
            RouteTo::Other(kind) => {
                // rtnetlink(7)
                const TYPES: [&str; 10] = [
                    "unspec",
                    "unicast",
                    "local",
                    "broadcast",
                    "anycast",
                    "multicast",
                    "blackhole",
                    "unreachable",
                    "prohibit",
                    "throw",
                ];
                match TYPES.get(usize::from(*kind)) {
                    Some(kind) => write!(f, "{kind} {destination} table {table}"),
                    None => write!(f, "{destination} of type {kind} table {table}"),
                }
            }
        }
    }
}

/// As `ip rule` prints it.
impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.priority)?;
        if let Some(source) = self.source {
            write!(f, ": from {source}")?;
        }
        // A foreign rule may have no link and no table.
        if !self.input.as_str().is_empty() {
            let separator = if self.source.is_some() { "" } else { ":" };
            write!(f, "{separator} iif {}", self.input)?;
        }
        if self.table != 0 {
            write!(f, " lookup {}", self.table)?;
        }
        Ok(())
    }
}

/// As `ip neighbour` prints it.
impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dev {} mac {}", self.ip, self.link, self.mac)
    }
}

/// As `bridge fdb` prints it.
impl fmt::Display for ForwardingEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dev {}", self.mac, self.port)
    }
}
