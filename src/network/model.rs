//! The kernel as plain data: what [`compile`](super::compile) wants, and what [`read`](crate::kernel::read) finds.
//!
//! Names of namespaces stand here without the lab's name, so that the same file under two names is the same Network.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;

pub use super::mac::Mac;
use super::ruleset::Ruleset;
use crate::cloud::Bandwidth;

/// All namespaces of a lab. A veth pair stands in both of its namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// By name: a VPC's for its router, an instance's, and `internet`.
    pub namespaces: BTreeMap<NamespaceName, Namespace>,
}

/// A namespace's name without the lab's: `VPC1`, `ecs-a`, `internet`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceName(pub Arc<str>);

/// One network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// What it stands for.
    pub role: Role,
    /// Below `/proc/sys/net`: `ipv4/ip_forward` and its value. Only those that matter; written before there are links.
    pub sysctls: BTreeMap<&'static str, &'static str>,
    /// By name, with `lo`.
    pub links: BTreeMap<LinkName, Link>,
    /// All routes but those that the kernel adds by itself (table local, prefix routes).
    pub routes: BTreeSet<Route>,
    /// All policy rules but the kernel's own three.
    pub rules: BTreeSet<PolicyRule>,
    /// Permanent neighbours.
    pub neighbours: BTreeSet<Neighbour>,
    /// Static entries of bridges' forwarding tables.
    pub forwarding: BTreeSet<ForwardingEntry>,
    /// nftables.
    pub ruleset: Ruleset,
}

/// What a namespace stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A VPC's router.
    #[default]
    Router,
    /// An instance.
    Instance,
    /// Everything out there.
    Internet,
}

/// A link's name, at most 15 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName(pub Arc<str>);

/// A link that is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Fixed when it is made, so that a whole namespace can be programmed in one batch.
    pub index: u32,
    /// What sort of link.
    pub kind: LinkKind,
    /// Its hardware address; `None` for `lo`.
    pub mac: Option<Mac>,
    /// The full name where the link's own had to be shortened.
    pub altname: Option<Arc<str>>,
    /// Its group: see [`group`].
    pub group: u32,
    /// Addresses, set without a prefix route.
    pub addresses: BTreeSet<Ipv4Net>,
    /// What leaves by it.
    pub shaping: Shaping,
    /// Up; only what was read from the kernel may be down.
    pub up: bool,
    /// Its MTU, its flags and its own IPv4 settings are as a new link's in this namespace; only what was read may be
    /// otherwise.
    pub plain: bool,
}

/// Link groups: the ruleset tells by them where a packet comes from and goes to.
pub mod group {
    /// No group.
    pub const NONE: u32 = 0;
    /// A subnet's bridge.
    pub const SUBNET: u32 = 1;
    /// One end of a peering.
    pub const PEERING: u32 = 2;
    /// A VPC's way to the internet.
    pub const INTERNET: u32 = 3;
    /// A port of a bridge, to an instance.
    pub const PORT: u32 = 4;
}

/// What sort of link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// `lo`; also the sink (see [`sink`]).
    Loopback,
    /// What was read and is none of ours: a link of this kind, as the kernel calls it. `bridge`: one that does not answer
    /// ARP for its ports, or runs STP or VLANs; `veth`: one whose other end is in no namespace of the lab.
    Other(Arc<str>),
    /// A bridge, for a subnet. It answers ARP for all its ports (`proxy_arp_pvlan`), without STP and VLANs, and passes frames
    /// for the nearest bridge alone through its rules (`group_fwd_mask`).
    Bridge,
    /// One end of a veth pair.
    Veth {
        /// The other end's namespace.
        peer_namespace: NamespaceName,
        /// The other end.
        peer: LinkName,
        /// The bridge it is an isolated port of, learning off.
        bridge: Option<LinkName>,
    },
}

/// What is done to packets that leave by a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shaping {
    /// tbf.
    pub rate: Option<Bandwidth>,
    /// netem, where the kernel has it.
    pub delay: Option<Duration>,
    /// A queueing discipline that is none of ours, or filters; only what was read may have one.
    pub foreign: bool,
}

/// An IPv4 route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// The kernel's routing table.
    pub table: u32,
    /// What it is for.
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
    /// `local … dev lo`: every address of the destination is the namespace's own.
    Local,
    /// What was read and is none of ours: a route of this type (rtnetlink(7): 6 is `blackhole`), or of several next hops.
    Other(u8),
}

/// A route that leads nowhere goes to `lo` by a next hop that stands for the reason: the forward chain drops and
/// counts it by `rt ip nexthop`. Tried on 6.18: the counters count, and `lo` costs no link of its own.
pub mod sink {
    use std::net::Ipv4Addr;

    use crate::flow::Reason;

    /// The next hop (TEST-NET-1) that stands for a reason that a route can have; `None` for the groups' reasons.
    pub fn next_hop(reason: Reason) -> Option<Ipv4Addr> {
        let last = match reason {
            Reason::NoRoute => 1,
            Reason::PeeringInactive => 2,
            Reason::NotTransitive => 3,
            Reason::NoPublicIp => 4,
            Reason::NoSuchAddress => 5,
            Reason::EgressSecurityGroup | Reason::IngressSecurityGroup | Reason::AnsweredByAnother => return None,
        };
        Some(Ipv4Addr::new(192, 0, 2, last))
    }
}

/// The next hop of all unnumbered links: a permanent neighbour on each.
pub const ONLINK: Ipv4Addr = Ipv4Addr::new(169, 254, 0, 1);

/// `ip rule`: what comes in by a link, of anybody's or of one sender's, looks up a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyRule {
    /// Lower is asked first.
    pub priority: u32,
    /// Whose packets alone.
    pub source: Option<Ipv4Addr>,
    /// The link it came in by.
    pub input: LinkName,
    /// The table.
    pub table: u32,
}

/// A permanent neighbour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Neighbour {
    /// The link.
    pub link: LinkName,
    /// Whose address.
    pub ip: Ipv4Addr,
    /// Its hardware address.
    pub mac: Mac,
}

/// A static entry of a bridge's forwarding table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForwardingEntry {
    /// The port.
    pub port: LinkName,
    /// Who is behind it.
    pub mac: Mac,
}

macro_rules! texts {
    ($($name:ident)*) => {$(
        impl $name {
            /// As text.
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

/// As `tc` would say it.
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

/// As `ip route` would say it.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Route { table, destination, to } = self;
        match to {
            RouteTo::Link(link) => write!(f, "{destination} dev {link} table {table}"),
            RouteTo::Gateway { gateway, link } => write!(f, "{destination} via {gateway} dev {link} table {table}"),
            RouteTo::Local => write!(f, "local {destination} dev lo table {table}"),
            RouteTo::Other(kind) => write!(f, "{destination} of type {kind} table {table}"),
        }
    }
}

/// As `ip rule` would say it.
impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.priority)?;
        if let Some(source) = self.source {
            write!(f, ": from {source}")?;
        }
        // Somebody else's rule may have no link and no table.
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

/// As `ip neighbour` would say it.
impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dev {} mac {}", self.ip, self.link, self.mac)
    }
}

/// As `bridge fdb` would say it.
impl fmt::Display for ForwardingEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dev {}", self.mac, self.port)
    }
}
