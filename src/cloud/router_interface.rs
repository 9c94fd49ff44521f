//! Router interfaces: Alibaba's two ends of a peering, and their handshake (docs/cloud.md §1).

use std::fmt;
use std::time::Duration;

use super::{AccountName, Bandwidth, Id, Origin, PeeringName, Region, VpcName};

/// A router interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouterInterface {
    /// Its name.
    pub name: PeeringName,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// The VPC whose router it is on.
    pub vpc: VpcName,
    /// Which side it is.
    pub role: Role,
    /// The bandwidth class; an acceptor has none ("Negative"): the initiator decides.
    pub spec: Option<Spec>,
    /// The region of the other end.
    pub opposite_region: Region,
    /// What it points at, as written: it is checked when the pair connects.
    pub opposite: Option<Opposite>,
    /// Its state.
    pub status: Status,
    /// The other end, from Connect on.
    pub connected: Option<PeeringName>,
    /// One way delay.
    pub latency: Option<Duration>,
    /// Where it was written.
    pub origin: Origin,
}

/// Which side of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It connects, and its spec decides the bandwidth.
    Initiator,
    /// It is connected to.
    Acceptor,
}

/// A router interface's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Created, not connected.
    Idle,
    /// Passing: the initiator during Connect.
    Connecting,
    /// Passing: the acceptor during Connect.
    AcceptingConnecting,
    /// Passing: during Activate.
    Activating,
    /// Connected, and switched on.
    Active,
    /// Passing: during Deactivate.
    Deactivating,
    /// Connected, and switched off.
    Inactive,
    /// Passing: during Delete.
    Deleting,
}

/// What a router interface points at, as its owner wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opposite {
    /// The other end's account, by name or id.
    pub account: String,
    /// The other end's router, where it was given.
    pub router: Option<String>,
    /// The other end, by name or id.
    pub interface: String,
}

/// A bandwidth class, as in `Mini.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spec {
    /// As the API spells it.
    pub name: &'static str,
    /// What it allows in each direction.
    pub bandwidth: Bandwidth,
}

impl Status {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Idle => "Idle",
            Status::Connecting => "Connecting",
            Status::AcceptingConnecting => "AcceptingConnecting",
            Status::Activating => "Activating",
            Status::Active => "Active",
            Status::Deactivating => "Deactivating",
            Status::Inactive => "Inactive",
            Status::Deleting => "Deleting",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Role::Initiator => "initiator",
            Role::Acceptor => "acceptor",
        })
    }
}
