//! Families of peerings: the resources and operations with which a provider joins two VPCs, and the differences between
//! providers of the same family.
//!
//! A provider lists one or more families ([`Provider::families`]). Everything downstream of the Cloud sees their ends
//! as [`Peering`](super::Peering).

use super::messages::Said;
use super::{Disjoint, Provider, Spec, Status, VpcPeeringStatus};
use crate::message::Message;
use crate::msg;

/// A family of peerings, with a provider's values.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    /// Two ends that point at each other; one connects (docs/cloud.md §1).
    Ends(Ends),
    /// A half on each side; once both exist, they carry traffic (docs/cloud.md §2).
    Halves(Halves),
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
}

impl PeeringKind {
    /// The operations that join two VPCs, in a sentence.
    pub(super) fn operations(self) -> Message {
        match self {
            PeeringKind::RouterInterfaces => msg!(Said::ByInterfaces),
            PeeringKind::VpcPeerings => msg!(Said::ByHalves),
        }
    }
}

impl Family {
    /// The kind of a family.
    pub fn kind(&self) -> PeeringKind {
        match self {
            Family::Ends(_) => PeeringKind::RouterInterfaces,
            Family::Halves(_) => PeeringKind::VpcPeerings,
        }
    }

    /// Blocks that must not overlap in two joined VPCs.
    pub fn disjoint(&self) -> Disjoint {
        match self {
            Family::Ends(ends) => ends.disjoint,
            Family::Halves(halves) => halves.disjoint,
        }
    }

    /// Its bandwidth classes, the narrowest first; empty if it has none.
    pub fn specs(&self) -> &'static [Spec] {
        match self {
            Family::Ends(ends) => ends.specs,
            Family::Halves(_) => &[],
        }
    }

    /// The lab that `init` writes.
    pub fn starter(&self) -> Starter {
        match self {
            Family::Ends(ends) => ends.starter,
            Family::Halves(halves) => halves.starter,
        }
    }

    /// Whether one `[peering.NAME]` creates both ends; otherwise each side has its own table.
    pub fn joins_at_once(&self) -> bool {
        matches!(self, Family::Ends(_))
    }

    /// The keys that a `[peering.NAME]` needs in addition to its two VPCs, for 1 Gbit/s if there is a choice of
    /// bandwidth.
    pub fn other_keys(&self) -> Vec<(&'static str, &'static str)> {
        let wide = self.specs().iter().find(|spec| spec.bandwidth.0 >= 1_000_000_000);
        wide.or(self.specs().last()).map(|spec| ("spec", spec.name)).into_iter().collect()
    }

    /// The most ends of its peerings of a VPC.
    pub fn per_vpc(&self) -> usize {
        match self {
            Family::Ends(ends) => ends.per_vpc,
            Family::Halves(halves) => halves.per_vpc,
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
            Family::Halves(_) => None,
        });
        ends.expect("no operation on router interfaces gets past check_supported without them")
    }

    /// Its halves. [`Cloud::apply`](super::Cloud::apply) refuses their operations if it has none.
    pub(super) fn halves(&self) -> &'static Halves {
        let halves = self.families.iter().find_map(|family| match family {
            Family::Halves(halves) => Some(halves),
            Family::Ends(_) => None,
        });
        halves.expect("no operation on halves gets past check_supported without them")
    }
}
