//! The common view of every provider's peerings: one end in one VPC, which carries traffic or does not.
//!
//! Providers have their own resources for it ([`RouterInterface`](super::RouterInterface),
//! [`VpcPeering`](super::VpcPeering)); everything downstream of the Cloud sees only this view.

mod messages;
mod table;

use std::time::Duration;

pub(super) use table::TABLE;

use super::vpc::overlap;
use super::{
    AccountName, Bandwidth, Cloud, Disjoint, EndState, Family, Fault, Id, Origin, PeeringKind, PeeringName, Refusal,
    Vpc, VpcName,
};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// One VPC's end of a peering, derived from the provider's own resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// The end's name.
    pub name: PeeringName,
    /// The end's id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// The VPC it is in.
    pub vpc: VpcName,
    /// The provider's word for its state.
    pub status: &'static str,
    /// The meaning of that state.
    pub state: EndState,
    /// The other end, once the two form a pair (whether they carry traffic or not).
    pub far: Option<FarEnd>,
    /// Whether it carries traffic: both ends exist and are in the right state.
    pub carries: bool,
    /// The cap on each direction.
    pub bandwidth: Option<Bandwidth>,
    /// One way delay, added in each direction.
    pub latency: Option<Duration>,
    /// The size in bytes of the largest packet that passes it.
    pub mtu: u16,
    /// Where it is written; for an inactive end, the operation that deactivated it.
    pub origin: Origin,
}

/// The other end of a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarEnd {
    /// Its name.
    pub name: PeeringName,
    /// Its VPC.
    pub vpc: VpcName,
}

/// The MTU of the internet (docs/cloud.md §13).
pub const INTERNET_MTU: u16 = 1500;

impl Cloud {
    /// The MTU of a peering: the smaller one of both VPCs, the peering's own values, and, if the VPCs are in two
    /// regions, the provider's limit (docs/cloud.md §13).
    pub(super) fn mtu_of_peering(&self, a: &VpcName, b: Option<&VpcName>, own: [Option<u16>; 2]) -> u16 {
        let (a, b) = (self.vpcs.get(a), b.and_then(|b| self.vpcs.get(b)));
        let across = a.zip(b).filter(|(a, b)| a.region != b.region).and(self.provider.mtu_between_regions);
        let ends = [a, b].map(|vpc| vpc.map(|vpc| vpc.mtu));
        let all = ends.into_iter().chain(own).chain([across]).flatten();
        all.min().unwrap_or(self.provider.mtu)
    }

    /// The MTU between a VPC and the internet.
    pub fn mtu_to_internet(&self, vpc: &VpcName) -> u16 {
        self.vpcs.get(vpc).map_or(INTERNET_MTU, |vpc| vpc.mtu.min(INTERNET_MTU))
    }

    /// The ends of one family's peerings in a VPC, by name.
    pub(super) fn ends_of_family(&self, vpc: &VpcName, kind: PeeringKind) -> impl Iterator<Item = &PeeringName> {
        let names = self.contents.get(vpc).into_iter().flat_map(|contents| &contents.peerings);
        names.filter(move |name| self.is_of_family(name, kind))
    }

    /// Whether an end is of a family.
    pub(super) fn is_of_family(&self, name: &PeeringName, kind: PeeringKind) -> bool {
        match kind {
            PeeringKind::RouterInterfaces => self.router_interfaces.contains_key(name),
            PeeringKind::VpcPeerings => self.vpc_peerings.contains_key(name),
            PeeringKind::PeeringConnections => self.peering_connections.contains_key(name),
        }
    }

    /// Checks the provider's limit of ends per VPC (docs/cloud.md §1, §2).
    pub(super) fn check_peering_quota(
        &self,
        family: PeeringKind,
        vpc: &Vpc,
        argument: &'static str,
    ) -> Result<(), Refusal> {
        let most = self.provider.family(family).map_or(0, Family::per_vpc);
        let all: Vec<_> = self.ends_of_family(&vpc.name, family).collect();
        if all.len() < most {
            return Ok(());
        }
        let message = msg!(Said::TooMany { vpc: &vpc.name, most, peerings: all });
        Err(Refusal::new(Fault::QuotaExceeded, message, msg!(Said::DeleteOne)).at(argument))
    }

    /// The VPCs that peerings join, or are to join, with one, each with its peering.
    pub(super) fn peers_of<'a>(&'a self, vpc: &'a VpcName) -> impl Iterator<Item = (PeeringName, &'a Vpc)> {
        self.peerings_of(vpc).filter_map(|end| Some((end.name, self.vpcs.get(&end.far?.vpc)?)))
    }

    /// Checks that a VPC's peers, where they must not overlap each other, do not overlap a new one.
    fn check_apart_from_peers(&self, vpc: &Vpc, new: &Vpc) -> Result<(), Refusal> {
        for (peering, peer) in self.peers_of(&vpc.name).filter(|(_, peer)| peer.name != new.name) {
            if let Some((other_cidr, cidr)) = peer.overlap_with(new) {
                let (of, other) = (&vpc.name, &peer.name);
                let said = msg!(Said::PeersOverlap { vpc: &new.name, cidr, other, other_cidr, of, peering });
                return Err(Refusal::new(Fault::InvalidCidr, said, msg!(Said::PeersMustDiffer)));
            }
        }
        Ok(())
    }

    /// Whether two VPCs' addresses allow joining them (docs/cloud.md §3): warnings, or a refusal.
    pub(super) fn check_disjoint(&self, family: PeeringKind, a: &Vpc, b: &Vpc) -> Result<Vec<Message>, Refusal> {
        let disjoint = self.provider.family(family).map(Family::disjoint);
        let Some((cidr, other_cidr)) = a.overlap_with(b) else {
            if disjoint == Some(Disjoint::WithPeers) {
                self.check_apart_from_peers(a, b).and_then(|()| self.check_apart_from_peers(b, a))?;
            }
            return Ok(Vec::new());
        };
        let vpcs = msg!(Said::VpcsOverlap { vpc: &a.name, cidr, other: &b.name, other_cidr });
        let hint = msg!(Said::TakeAnotherBlock);
        if matches!(disjoint, Some(Disjoint::WholeVpcs | Disjoint::WithPeers)) {
            return Err(Refusal::new(Fault::InvalidCidr, vpcs, hint));
        }
        if disjoint == Some(Disjoint::Nothing) {
            return Ok(vec![msg!(Said::RouteBySubnets { overlap: vpcs })]);
        }
        for own in self.subnets_of(&a.name) {
            if let Some(theirs) = self.subnets_of(&b.name).find(|theirs| overlap(own.cidr, theirs.cidr)) {
                let message = msg!(Said::SubnetsOverlap {
                    subnet: &own.name,
                    cidr: &own.cidr,
                    other: &theirs.name,
                    other_cidr: &theirs.cidr
                });
                return Err(Refusal::new(Fault::InvalidCidr, message, hint));
            }
        }
        Ok(vec![msg!(Said::RouteBySubnets { overlap: vpcs })])
    }
}
