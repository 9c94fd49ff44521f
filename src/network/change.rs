//! One step from a kernel as it is to the kernel as it should be.

use std::fmt;
use std::sync::Arc;

use ipnet::Ipv4Net;

use super::model::{
    ForwardingEntry, Link, LinkKind, LinkName, Mac, NamespaceName, Neighbour, PolicyRule, Role, Route, Shaping,
};
use super::ruleset_diff::RulesetChange;

/// One thing to do in one namespace (a veth pair: in two).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The namespace goes, with all that is in it and the processes inside.
    RemoveNamespace {
        /// The namespace.
        namespace: NamespaceName,
    },
    /// A namespace, with nothing in it but `lo`, down.
    CreateNamespace {
        /// The namespace.
        namespace: NamespaceName,
        /// Its role.
        role: Role,
    },
    /// A sysctl gets its value.
    SetSysctl {
        /// The namespace.
        namespace: NamespaceName,
        /// The key, a path below `/proc/sys/net`.
        key: &'static str,
        /// Its value.
        value: &'static str,
    },
    /// nftables: one batch, all or nothing.
    Ruleset {
        /// The namespace.
        namespace: NamespaceName,
        /// The changes in order; never empty.
        changes: Vec<RulesetChange>,
    },
    /// A link goes, and the other end of its pair with it.
    RemoveLink {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
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
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The setting.
        setting: Setting,
    },
    /// An address too many goes.
    RemoveAddress {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The address, with its prefix length.
        address: Ipv4Net,
    },
    /// An address, without a prefix route.
    AddAddress {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The address, with its prefix length.
        address: Ipv4Net,
    },
    /// What leaves by a link is shaped so, instead of how it was before.
    SetShaping {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The new shaping.
        shaping: Shaping,
    },
    /// A permanent neighbour, new or with another hardware address.
    AddNeighbour {
        /// The namespace.
        namespace: NamespaceName,
        /// The neighbour.
        neighbour: Neighbour,
    },
    /// A permanent neighbour goes.
    RemoveNeighbour {
        /// The namespace.
        namespace: NamespaceName,
        /// The neighbour.
        neighbour: Neighbour,
    },
    /// A static entry of a bridge's table, new or at another port.
    AddForwarding {
        /// The namespace.
        namespace: NamespaceName,
        /// The entry.
        entry: ForwardingEntry,
    },
    /// A static entry goes.
    RemoveForwarding {
        /// The namespace.
        namespace: NamespaceName,
        /// The entry.
        entry: ForwardingEntry,
    },
    /// A route, new or instead of the one with its table and destination.
    AddRoute {
        /// The namespace.
        namespace: NamespaceName,
        /// The route.
        route: Route,
    },
    /// A route goes.
    RemoveRoute {
        /// The namespace.
        namespace: NamespaceName,
        /// The route.
        route: Route,
    },
    /// A policy rule.
    AddRule {
        /// The namespace.
        namespace: NamespaceName,
        /// The rule.
        rule: PolicyRule,
    },
    /// A policy rule goes.
    RemoveRule {
        /// The namespace.
        namespace: NamespaceName,
        /// The rule.
        rule: PolicyRule,
    },
}

/// A link with its name and namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLink {
    /// The namespace.
    pub namespace: NamespaceName,
    /// Its name.
    pub name: LinkName,
    /// Its desired properties.
    pub link: Link,
}

/// What of a link is set right.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A bridge answers ARP for its ports (`proxy_arp_pvlan`), and runs neither STP nor VLANs.
    Bridge,
    /// Its MTU, its flags and its own IPv4 settings are as a new link's.
    Plain,
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
            | Change::RemoveRule { namespace, .. } => namespace,
        }
    }
}

/// `NAMESPACE: what is done`, a line each; `{:#}` adds what a ruleset's line sums up.
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
                    change.fmt(f)?;
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
            Setting::Bridge => {
                f.write_str("answering ARP for its ports, every frame past its rules, without STP and VLANs")
            }
            Setting::Plain => f.write_str("MTU, flags and IPv4 settings of a new link"),
        }
    }
}
