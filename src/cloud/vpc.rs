//! VPCs and their subnets (docs/cloud.md §3).

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;

use super::{AccountName, Id, Origin, RouteTableName, SubnetName, VpcName};

/// A region, as in `cn-qingdao`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(pub Arc<str>);

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A VPC; its default route table is [`RouteTableName::default_of`] it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Its name.
    pub name: VpcName,
    /// Its id.
    pub id: Id,
    /// Its router's id.
    pub router_id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// Where it is.
    pub region: Region,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// Where it was written.
    pub origin: Origin,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// `VPC/SUBNET`.
    pub name: SubnetName,
    /// Its id.
    pub id: Id,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// The router's address in it, as the provider places it.
    pub gateway: Ipv4Addr,
    /// The custom table it is associated with; `None`: the VPC's default table serves it.
    pub association: Option<Association>,
    /// Where it was written.
    pub origin: Origin,
}

/// That a subnet uses a custom route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// The table.
    pub table: RouteTableName,
    /// Where it was written.
    pub origin: Origin,
}
