//! Route tables and their entries (docs/cloud.md §3).

use std::collections::BTreeMap;
use std::fmt;

use ipnet::Ipv4Net;

use super::{Id, InstanceName, Origin, PeeringName, RouteTableName, VpcName};

/// A route table. What is local to the VPC stands in no entry: see [`Provider::local`](super::Provider).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// Its name.
    pub name: RouteTableName,
    /// Its id.
    pub id: Id,
    /// Whose router it belongs to.
    pub vpc: VpcName,
    /// By destination, which is unique in a table.
    pub entries: BTreeMap<Ipv4Net, RouteEntry>,
    /// Where it was written.
    pub origin: Origin,
}

/// An entry of a route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteEntry {
    /// The CIDR block it is for.
    pub destination: Ipv4Net,
    /// Where it sends packets.
    pub next_hop: NextHop,
    /// Where it was written.
    pub origin: Origin,
}

/// Where an entry sends packets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextHop {
    /// This VPC's end of a peering, in whatever state it is: see [`Cloud::peering`](super::Cloud::peering).
    Peering(PeeringName),
    /// An instance of the VPC. It is an ordinary host that forwards nothing: what is routed to it is dropped there
    /// (docs/cloud.md §3).
    Instance(InstanceName),
    /// The internet, for instances with a public address.
    Internet,
}

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NextHop::Peering(name) => f.pad(name.as_str()),
            NextHop::Instance(name) => f.pad(name.as_str()),
            NextHop::Internet => f.pad("internet"),
        }
    }
}
