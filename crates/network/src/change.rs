//! One step from the current kernel to the desired one.

use std::fmt;
use std::sync::Arc;

use ipnet::Ipv4Net;

use super::model::{
    ForwardingEntry, Link, LinkKind, LinkName, Mac, NamespaceName, Neighbour, PolicyRule, Role, Route, Shaping,
};
use super::ruleset_diff::RulesetChange;

/// One change in one namespace (for a veth pair, in two).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Removes a namespace, with its contents and the processes inside.
    RemoveNamespace {
        /// The namespace.
        namespace: NamespaceName,
    },
    /// Creates a namespace that contains only `lo`, down.
    CreateNamespace {
        /// The namespace.
        namespace: NamespaceName,
        /// Its role.
        role: Role,
    },
    /// Sets a sysctl.
    SetSysctl {
        /// The namespace.
        namespace: NamespaceName,
        /// The key, a path below `/proc/sys/net`.
        key: &'static str,
        /// Its value.
        value: &'static str,
    },
    /// Changes the ruleset, in one atomic batch.
    Ruleset {
        /// The namespace.
        namespace: NamespaceName,
        /// The changes in order; never empty.
        changes: Vec<RulesetChange>,
    },
    /// Removes a link, and the other end of its pair.
    RemoveLink {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
    },
    /// Creates a bridge, up, without its addresses.
    CreateBridge(NamedLink),
    /// Creates a veth pair, both ends up, without their addresses and shaping.
    CreateVeth {
        /// The end from which the pair is created: the bridge's port if there is one.
        near: NamedLink,
        /// The other end.
        far: NamedLink,
    },
    /// Corrects a setting of an existing link.
    SetLink {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The setting.
        setting: Setting,
    },
    /// Removes an address.
    RemoveAddress {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The address, with its prefix length.
        address: Ipv4Net,
    },
    /// Adds an address, without a prefix route.
    AddAddress {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The address, with its prefix length.
        address: Ipv4Net,
    },
    /// Replaces the shaping of the packets that leave by a link.
    SetShaping {
        /// The namespace.
        namespace: NamespaceName,
        /// The link.
        link: LinkName,
        /// The new shaping.
        shaping: Shaping,
    },
    /// Adds a permanent neighbour, or changes its hardware address.
    AddNeighbour {
        /// The namespace.
        namespace: NamespaceName,
        /// The neighbour.
        neighbour: Neighbour,
    },
    /// Removes a permanent neighbour.
    RemoveNeighbour {
        /// The namespace.
        namespace: NamespaceName,
        /// The neighbour.
        neighbour: Neighbour,
    },
    /// Adds a static entry to a bridge's table, or moves it to another port.
    AddForwarding {
        /// The namespace.
        namespace: NamespaceName,
        /// The entry.
        entry: ForwardingEntry,
    },
    /// Removes a static entry.
    RemoveForwarding {
        /// The namespace.
        namespace: NamespaceName,
        /// The entry.
        entry: ForwardingEntry,
    },
    /// Adds a route, or replaces the one with its table and destination.
    AddRoute {
        /// The namespace.
        namespace: NamespaceName,
        /// The route.
        route: Route,
    },
    /// Removes a route.
    RemoveRoute {
        /// The namespace.
        namespace: NamespaceName,
        /// The route.
        route: Route,
    },
    /// Adds a policy rule.
    AddRule {
        /// The namespace.
        namespace: NamespaceName,
        /// The rule.
        rule: PolicyRule,
    },
    /// Removes a policy rule.
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

/// A setting of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Sets the link up.
    Up,
    /// Its hardware address.
    Mac(Mac),
    /// Its group.
    Group(u32),
    /// Removes an alternative name.
    RemoveAltname(Arc<str>),
    /// Adds its full name as an alternative name.
    AddAltname(Arc<str>),
    /// Makes it an isolated port of this bridge, with learning off; `None`: a port of no bridge.
    Port(Option<LinkName>),
    /// Makes a bridge answer ARP for its ports (`proxy_arp_pvlan`), without STP and VLANs.
    Bridge,
    /// Sets the size of the largest packet that it carries.
    Mtu(u32),
    /// Resets its flags and its own IPv4 settings to those of a new link.
    Plain,
}

impl Change {
    /// The namespace of the change; for a veth pair, the one from which it is created.
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

/// `NAMESPACE: change`, one line each; `{:#}` adds the details of a ruleset's line.
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

/// A new link's properties, shown after its name.
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
            Setting::Mtu(mtu) => write!(f, "MTU {mtu}"),
            Setting::Plain => f.write_str("flags and IPv4 settings of a new link"),
        }
    }
}
