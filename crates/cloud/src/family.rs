//! Families of peerings: the resources and operations with which a provider joins two VPCs, and the differences between
//! providers of the same family.
//!
//! A provider lists one or more families ([`Provider::families`]). Everything downstream of the Cloud sees their ends
//! as [`Peering`](super::Peering).

use std::time::Duration;

use super::messages::Said;
use super::{Bandwidth, ConnectionSide, ConnectionStatus, Disjoint, Provider, Spec, Status, VpcPeeringStatus};
use crate::message::Message;
use crate::msg;

/// A family of peerings, with a provider's values.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    /// Two ends that point at each other; one connects (docs/cloud.md §1).
    Ends(Ends),
    /// A half on each side; once both exist, they carry traffic (docs/cloud.md §2).
    Halves(Halves),
    /// One object with two sides: one side requests it, the other accepts it (docs/cloud.md §10).
    Requests(Requests),
}

/// A provider's values for router interfaces.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Its word for a state.
    pub status: fn(Status) -> &'static str,
    /// The bandwidth classes of an initiator, the narrowest first.
    pub specs: &'static [Spec],
    /// Blocks that must not overlap in two joined VPCs.
    pub disjoint: Disjoint,
    /// The most ends of a VPC.
    pub per_vpc: usize,
    /// The lab that `init` writes.
    pub starter: Starter,
}

/// A provider's values for halves.
#[derive(Clone, Copy, Debug)]
pub struct Halves {
    /// Its word for a state.
    pub status: fn(VpcPeeringStatus) -> &'static str,
    /// Blocks that must not overlap in two joined VPCs.
    pub disjoint: Disjoint,
    /// Whether the two VPCs must be in one region.
    pub one_region: bool,
    /// The most halves of a VPC.
    pub per_vpc: usize,
    /// The lab that `init` writes.
    pub starter: Starter,
}

/// A provider's values for peering connections.
#[derive(Clone, Copy, Debug)]
pub struct Requests {
    /// Its word for a state.
    pub status: fn(ConnectionStatus) -> &'static str,
    /// Whether a request to a VPC of one's own account must be accepted too; otherwise it is active at once.
    pub own_must_accept: bool,
    /// Blocks that must not overlap in two joined VPCs.
    pub disjoint: Disjoint,
    /// Whether a request for VPCs whose blocks overlap is made, and has failed; otherwise it is refused.
    pub overlap_fails: bool,
    /// When a pair of VPCs must not be joined by another connection yet.
    pub one_per_pair: OnePerPair,
    /// Families that cannot join a pair of VPCs that a connection joins, and the reverse.
    pub excludes: &'static [PeeringKind],
    /// The time in which a request must be accepted.
    pub expires_after: Duration,
    /// Whether one side's owner can delete a connection in a state.
    pub may_delete: fn(ConnectionStatus, ConnectionSide) -> bool,
    /// Whether a VPC's connections are changed one at a time.
    pub one_change: bool,
    /// The route entries of a deleted connection.
    pub entries: EntriesAtDelete,
    /// Whether a new route entry can lead to a connection in a state.
    pub takes_routes: fn(ConnectionStatus) -> bool,
    /// The bandwidth between two regions; in one region it is not limited.
    pub between_regions: BetweenRegions,
    /// The account and the region of the accepter's VPC in a request that does not name them.
    pub peer: PeerOfRequest,
    /// The most connections.
    pub limits: ConnectionLimits,
    /// The connections of a deleted VPC.
    pub at_vpc_deletion: AtVpcDeletion,
    /// The lab that `init` writes.
    pub starter: Starter,
}

/// When a pair of VPCs must not be joined by another connection yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnePerPair {
    /// When the connection is requested: neither an active connection nor a request joins them.
    AtRequest,
    /// When the request is accepted: no active connection joins them.
    AtAcceptance,
}

/// The route entries of a deleted connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntriesAtDelete {
    /// They prevent the deletion, unless `--force` deletes them too.
    Forced,
    /// They stay and lead nowhere, and the deleted connection stays visible.
    Stay,
}

/// The bandwidth of a connection between two regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BetweenRegions {
    /// Not limited, and nobody can set it.
    Free,
    /// Set by the requester.
    Set {
        /// The default.
        default: Bandwidth,
        /// The highest.
        most: Bandwidth,
    },
    /// Set by the requester, to one of these.
    OneOf {
        /// The default.
        default: Bandwidth,
        /// All, the narrowest first.
        all: &'static [Bandwidth],
    },
}

/// The account and the region of the accepter's VPC in a request that does not name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerOfRequest {
    /// Those of the VPC. A VPC that does not exist, or is in another account or region than named, is refused.
    LookedUp,
    /// The caller's account, and the region of the caller's VPC. A request for a VPC that is not there fails.
    Callers,
}

/// The most connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionLimits {
    /// Requested or active ones.
    ByRegion {
        /// Of a VPC with VPCs of its own region.
        per_vpc_in_region: usize,
        /// Of a VPC with VPCs of other regions.
        per_vpc_across: usize,
        /// Requests of an account in a region.
        per_account: usize,
    },
    /// Requested or active ones of a VPC.
    ByVpc(usize),
    /// Active ones, and requests.
    ByState {
        /// The most active ones of a VPC.
        active_per_vpc: usize,
        /// The most requests of an account that nobody accepted yet.
        outstanding: usize,
    },
}

/// The connections of a deleted VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtVpcDeletion {
    /// A live one prevents the deletion.
    Prevents,
    /// They are deleted too. Only another account's request prevents the deletion.
    Deleted,
}

/// A starter lab in each language, with the placeholders `LAB` for its name and `FILE` for its file's.
#[derive(Clone, Copy, Debug)]
pub struct Starter {
    /// With English comments.
    pub english: &'static str,
    /// With Chinese comments.
    pub chinese: &'static str,
}

/// The kind of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeeringKind {
    /// An initiator and an acceptor that point at each other (docs/cloud.md §1).
    RouterInterfaces,
    /// A half on each side (docs/cloud.md §2).
    VpcPeerings,
    /// A connection that one side requests and the other accepts (docs/cloud.md §10).
    PeeringConnections,
}

/// The meaning of an end's own state, for all providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndState {
    /// It is not connected yet.
    Waiting,
    /// Active: it carries traffic once the other end is active too.
    Up,
    /// Its owner deactivated it.
    Off,
    /// The end to which it was connected was deleted.
    Left,
    /// It never carries traffic again: the request was rejected, for example.
    Dead,
}

impl PeeringKind {
    /// The operations that join two VPCs, in a sentence.
    pub(super) fn operations(self) -> Message {
        match self {
            PeeringKind::RouterInterfaces => msg!(Said::ByInterfaces),
            PeeringKind::VpcPeerings => msg!(Said::ByHalves),
            PeeringKind::PeeringConnections => msg!(Said::ByConnection),
        }
    }

    /// Its name on the command line (`init --peering`).
    pub fn word(self) -> &'static str {
        match self {
            PeeringKind::RouterInterfaces => "interfaces",
            PeeringKind::VpcPeerings => "halves",
            PeeringKind::PeeringConnections => "connection",
        }
    }

    /// The family with this name on the command line, in any case.
    pub fn named(word: &str) -> Option<Self> {
        PeeringKind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }
}

impl Family {
    /// The kind of a family.
    pub fn kind(&self) -> PeeringKind {
        match self {
            Family::Ends(_) => PeeringKind::RouterInterfaces,
            Family::Halves(_) => PeeringKind::VpcPeerings,
            Family::Requests(_) => PeeringKind::PeeringConnections,
        }
    }

    /// Blocks that must not overlap in two joined VPCs.
    pub fn disjoint(&self) -> Disjoint {
        match self {
            Family::Ends(ends) => ends.disjoint,
            Family::Halves(halves) => halves.disjoint,
            Family::Requests(requests) => requests.disjoint,
        }
    }

    /// Its bandwidth classes, the narrowest first; empty if it has none.
    pub fn specs(&self) -> &'static [Spec] {
        match self {
            Family::Ends(ends) => ends.specs,
            Family::Halves(_) | Family::Requests(_) => &[],
        }
    }

    /// The lab that `init` writes.
    pub fn starter(&self) -> Starter {
        match self {
            Family::Ends(ends) => ends.starter,
            Family::Halves(halves) => halves.starter,
            Family::Requests(requests) => requests.starter,
        }
    }

    /// Whether one table joins two VPCs of an account; otherwise each side has its own table.
    pub fn joins_at_once(&self) -> bool {
        matches!(self, Family::Ends(_) | Family::Requests(_))
    }

    /// The table that joins two VPCs of an account, with its keys for the two.
    pub fn table(&self) -> (&'static str, [&'static str; 2]) {
        match self {
            Family::Ends(_) | Family::Halves(_) => ("peering", ["local", "peer"]),
            Family::Requests(_) => ("peering_connection", ["vpc", "peer_vpc"]),
        }
    }

    /// The lines that this table needs in addition to its two VPCs, for 1 Gbit/s if there is a choice of bandwidth.
    pub fn other_keys(&self) -> Vec<String> {
        let wide = self.specs().iter().find(|spec| spec.bandwidth.0 >= 1_000_000_000);
        let spec = wide.or(self.specs().last()).map(|spec| format!("spec = {:?}", spec.name));
        let accept = matches!(self, Family::Requests(requests) if requests.own_must_accept);
        spec.into_iter().chain(accept.then(|| "accept = true".to_owned())).collect()
    }

    /// The most peerings of an account in a region, if there is such a limit.
    pub fn per_account(&self) -> Option<usize> {
        match self {
            Family::Ends(_) | Family::Halves(_) => None,
            Family::Requests(requests) => match requests.limits {
                ConnectionLimits::ByRegion { per_account, .. } => Some(per_account),
                ConnectionLimits::ByState { .. } | ConnectionLimits::ByVpc(_) => None,
            },
        }
    }

    /// The most ends of its peerings of a VPC.
    pub fn per_vpc(&self) -> usize {
        match self {
            Family::Ends(ends) => ends.per_vpc,
            Family::Halves(halves) => halves.per_vpc,
            Family::Requests(requests) => match requests.limits {
                ConnectionLimits::ByRegion { per_vpc_in_region, per_vpc_across, .. } => {
                    per_vpc_in_region + per_vpc_across
                }
                ConnectionLimits::ByState { active_per_vpc, .. } => active_per_vpc,
                ConnectionLimits::ByVpc(most) => most,
            },
        }
    }
}

impl Provider {
    /// Its family of this kind.
    pub fn family(&self, kind: PeeringKind) -> Option<&'static Family> {
        self.families.iter().find(|family| family.kind() == kind)
    }

    /// Its router interfaces. [`Cloud::apply`](super::Cloud::apply) refuses their operations if it has none.
    pub(super) fn ends(&self) -> &'static Ends {
        let ends = self.families.iter().find_map(|family| match family {
            Family::Ends(ends) => Some(ends),
            Family::Halves(_) | Family::Requests(_) => None,
        });
        ends.expect("no operation on router interfaces gets past check_supported without them")
    }

    /// Its halves. [`Cloud::apply`](super::Cloud::apply) refuses their operations if it has none.
    pub(super) fn halves(&self) -> &'static Halves {
        let halves = self.families.iter().find_map(|family| match family {
            Family::Halves(halves) => Some(halves),
            Family::Ends(_) | Family::Requests(_) => None,
        });
        halves.expect("no operation on halves gets past check_supported without them")
    }

    /// Its peering connections. [`Cloud::apply`](super::Cloud::apply) refuses their operations if it has none.
    pub(super) fn requests(&self) -> &'static Requests {
        let requests = self.families.iter().find_map(|family| match family {
            Family::Requests(requests) => Some(requests),
            Family::Ends(_) | Family::Halves(_) => None,
        });
        requests.expect("no operation on peering connections gets past check_supported without them")
    }
}
