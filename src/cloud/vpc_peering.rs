//! VPC peerings: JD Cloud's halves, one on each side (docs/cloud.md §2).

use std::time::Duration;

use super::{AccountName, Id, Origin, PeeringName, VpcName};

/// One side's half of a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcPeering {
    /// Its name.
    pub name: PeeringName,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// The own VPC.
    pub vpc: VpcName,
    /// The other VPC.
    pub peer_vpc: VpcName,
    /// Its state.
    pub status: VpcPeeringStatus,
    /// One way delay.
    pub latency: Option<Duration>,
    /// Where it was written.
    pub origin: Origin,
}

/// The state of a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VpcPeeringStatus {
    /// The other half was never created.
    Initiated,
    /// Both halves are there: it carries traffic.
    Connected,
    /// The other half was deleted.
    Disconnected,
}
