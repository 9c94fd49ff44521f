//! Families of peerings: by which objects and operations a provider joins two VPCs, and what one provider has otherwise than
//! another of the same family.
//!
//! A provider lists its families ([`Provider::families`]), one or several. Whatever lies downstream of the Cloud sees the ends
//! that they make as [`Peering`](super::Peering).

use super::{Disjoint, Provider, Spec, Status, VpcPeeringStatus};

/// A family of peerings, with a provider's values.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    /// Two ends that point at each other; one connects (docs/cloud.md §1).
    Ends(Ends),
    /// A half on each side; once both are there, they carry (docs/cloud.md §2).
    Halves(Halves),
}

/// What a provider's router interfaces have of their own.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Its word for a state.
    pub status: fn(Status) -> &'static str,
    /// The bandwidth classes of an initiator, the narrowest first.
    pub specs: &'static [Spec],
    /// What must not overlap in two joined VPCs.
    pub disjoint: Disjoint,
    /// How many ends a VPC may have.
    pub per_vpc: usize,
    /// The lab that `init` writes.
    pub starter: Starter,
}

/// What a provider's halves have of their own.
#[derive(Clone, Copy, Debug)]
pub struct Halves {
    /// Its word for a state.
    pub status: fn(VpcPeeringStatus) -> &'static str,
    /// What must not overlap in two joined VPCs.
    pub disjoint: Disjoint,
    /// How many halves a VPC may have.
    pub per_vpc: usize,
    /// The lab that `init` writes.
    pub starter: Starter,
}

/// A lab to begin with, in each language: `LAB` stands for its name and `FILE` for its file's.
#[derive(Clone, Copy, Debug)]
pub struct Starter {
    /// With English comments.
    pub english: &'static str,
    /// With Chinese ones.
    pub chinese: &'static str,
}

/// Which family it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeeringKind {
    /// An initiator and an acceptor that point at each other (docs/cloud.md §1).
    RouterInterfaces,
    /// A half on each side (docs/cloud.md §2).
    VpcPeerings,
}

/// What an end's own state means, whatever its provider calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndState {
    /// Nothing joins it with another end yet.
    Waiting,
    /// As it should be: once the other end is so too, packets pass.
    Up,
    /// Its owner switched it off.
    Off,
    /// The end that it was joined with is deleted.
    Left,
}

impl PeeringKind {
    /// The operations that join two VPCs, in a sentence.
    pub(super) fn operations(self) -> &'static str {
        match self {
            PeeringKind::RouterInterfaces => "create-router-interface or create-peering",
            PeeringKind::VpcPeerings => "create-vpc-peering on both sides",
        }
    }
}

impl Family {
    /// Which family it is.
    pub fn kind(&self) -> PeeringKind {
        match self {
            Family::Ends(_) => PeeringKind::RouterInterfaces,
            Family::Halves(_) => PeeringKind::VpcPeerings,
        }
    }

    /// What must not overlap in two joined VPCs.
    pub fn disjoint(&self) -> Disjoint {
        match self {
            Family::Ends(ends) => ends.disjoint,
            Family::Halves(halves) => halves.disjoint,
        }
    }

    /// The lab that `init` writes.
    pub fn starter(&self) -> Starter {
        match self {
            Family::Ends(ends) => ends.starter,
            Family::Halves(halves) => halves.starter,
        }
    }

    /// Whether one `[peering.NAME]` makes both ends; else each side has its own.
    pub fn joins_at_once(&self) -> bool {
        matches!(self, Family::Ends(_))
    }

    /// What a `[peering.NAME]` needs beside its two VPCs, for 1 Gbit/s where the bandwidth is chosen.
    pub fn other_keys(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Family::Ends(ends) => {
                let wide = ends.specs.iter().find(|spec| spec.bandwidth.0 >= 1_000_000_000);
                wide.or(ends.specs.last()).map(|spec| ("spec", spec.name)).into_iter().collect()
            }
            Family::Halves(_) => Vec::new(),
        }
    }

    /// How many ends of its peerings a VPC may have.
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

    /// Its router interfaces: [`Cloud::apply`](super::Cloud::apply) refuses their operations where it has none.
    pub(super) fn ends(&self) -> &'static Ends {
        let ends = self.families.iter().find_map(|family| match family {
            Family::Ends(ends) => Some(ends),
            Family::Halves(_) => None,
        });
        ends.expect("no operation on router interfaces gets past check_supported without them")
    }

    /// Its halves: [`Cloud::apply`](super::Cloud::apply) refuses their operations where it has none.
    pub(super) fn halves(&self) -> &'static Halves {
        let halves = self.families.iter().find_map(|family| match family {
            Family::Halves(halves) => Some(halves),
            Family::Ends(_) => None,
        });
        halves.expect("no operation on halves gets past check_supported without them")
    }
}
