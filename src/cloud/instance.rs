//! Instances (docs/cloud.md §3 for addresses, §4 for groups).

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::{AccountName, GroupName, Id, InstanceName, Origin, SubnetName};

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub name: InstanceName,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// Where it is.
    pub subnet: SubnetName,
    /// Its private address.
    pub ip: Ipv4Addr,
    /// Its public address, mapped one to one.
    pub public_ip: Option<Ipv4Addr>,
    /// The groups it joined; none: the VPC's default group. See [`Cloud::groups_of`](super::Cloud::groups_of).
    pub groups: BTreeSet<GroupName>,
    /// Where it was written.
    pub origin: Origin,
}
