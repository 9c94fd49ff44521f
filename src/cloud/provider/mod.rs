//! What differs between providers, as values and small functions; one file each.

mod alibaba;
mod jdcloud;

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// A provider: everything in which its cloud differs from another's.
pub struct Provider {
    /// As `[lab] provider` names it.
    pub name: &'static str,
    /// The router's address in a subnet.
    pub gateway: fn(Ipv4Net) -> Ipv4Addr,
    /// What a VPC's router delivers itself, before any entry of a table.
    pub local: Local,
    /// Whether `[peering.NAME]` makes both ends at once, with a bandwidth class, or one side's half.
    pub compound_peering: bool,
}

/// What is local to a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// Its subnets: what lies between them is looked up in the table (alibaba).
    Subnets,
    /// Its whole CIDR block: what lies between its subnets is nobody's (jdcloud).
    WholeVpc,
}

impl Provider {
    /// Every provider.
    pub const ALL: [&'static Provider; 2] = [&alibaba::ALIBABA, &jdcloud::JDCLOUD];

    /// The provider of this name.
    pub fn named(name: &str) -> Option<&'static Provider> {
        Provider::ALL.into_iter().find(|provider| provider.name == name)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Provider {}
