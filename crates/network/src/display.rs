//! A Network as text, in the syntax of `ip`, `bridge`, `tc` and `nft`, for people and for golden files.

use std::fmt::{self, Formatter};

use super::model::{Link, LinkKind, Namespace, Network, Shaping, USUAL_MTU, group};

impl fmt::Display for Network {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, (name, namespace)) in self.namespaces.iter().enumerate() {
            let gap = if i == 0 { "" } else { "\n" };
            write!(f, "{gap}# {name}: {}\n{namespace}", namespace.role)?;
        }
        Ok(())
    }
}

/// One item per line, then the ruleset.
impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (key, value) in &self.sysctls {
            writeln!(f, "sysctl {key} = {value}")?;
        }
        for (name, link) in &self.links {
            writeln!(f, "link {name} {link}")?;
        }
        for route in &self.routes {
            writeln!(f, "route {route}")?;
        }
        for rule in &self.rules {
            writeln!(f, "rule {rule}")?;
        }
        for neighbour in &self.neighbours {
            writeln!(f, "neighbour {neighbour}")?;
        }
        for entry in &self.forwarding {
            writeln!(f, "fdb {entry}")?;
        }
        self.ruleset.fmt(f)
    }
}

/// As `ip link` prints it after the link's name.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "index {} type {}", self.index, self.kind)?;
        if let Some(mac) = self.mac {
            write!(f, " address {mac}")?;
        }
        if self.group != group::NONE {
            write!(f, " group {}", self.group)?;
        }
        for address in &self.addresses {
            write!(f, " inet {address}")?;
        }
        if self.shaping != Shaping::default() {
            write!(f, " {}", self.shaping)?;
        }
        if self.mtu != USUAL_MTU && self.kind != LinkKind::Loopback {
            write!(f, " mtu {}", self.mtu)?;
        }
        if let Some(altname) = &self.altname {
            write!(f, " altname {altname}")?;
        }
        if !self.up {
            f.write_str(" down")?;
        }
        if self.plain { Ok(()) } else { f.write_str(" altered") }
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            LinkKind::Loopback => f.write_str("loopback"),
            LinkKind::Bridge => f.write_str("bridge"),
            LinkKind::Other(kind) => f.write_str(kind),
            LinkKind::Veth { peer_namespace, peer, bridge } => {
                write!(f, "veth peer {peer} in {peer_namespace}")?;
                bridge.iter().try_for_each(|bridge| write!(f, " master {bridge}"))
            }
        }
    }
}
