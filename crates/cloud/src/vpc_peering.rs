//! VPC peerings: JD Cloud's halves, one on each side (docs/cloud.md §2).

mod messages;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, Cloud, CreateVpcPeering, DeleteVpcPeering, EndState, FarEnd, Fault, Gone, Id, NextHop, Operation,
    Origin, Outcome, Peering, PeeringKind, PeeringName, Refusal, ResourceKind, Transition, Vpc, VpcName, value,
};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// One side's half of a peering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPeering {
    /// Its name.
    pub name: PeeringName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// This side's VPC.
    pub vpc: VpcName,
    /// The other VPC's id; that VPC may be deleted, and another may have its name.
    pub peer_vpc_id: Id,
    /// The other VPC's name when the half was created.
    pub peer_vpc: VpcName,
    /// Its state.
    pub status: VpcPeeringStatus,
    /// One way delay.
    pub latency: Option<Duration>,
    /// The largest packet that passes it, in bytes; `None`: what both VPCs take.
    pub mtu: Option<u16>,
    /// Where it was written.
    pub origin: Origin,
    /// The operation that last changed its state, on either side.
    pub switched: Origin,
}

/// The state of a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VpcPeeringStatus {
    /// The other half was never created.
    Initiated,
    /// Both halves exist: it carries traffic.
    Connected,
    /// The other half was deleted.
    Disconnected,
    /// Passing: it is deleted itself.
    Deleted,
}

impl VpcPeeringStatus {
    /// Its meaning.
    fn state(self) -> EndState {
        match self {
            VpcPeeringStatus::Initiated => EndState::Waiting,
            VpcPeeringStatus::Connected => EndState::Up,
            VpcPeeringStatus::Disconnected | VpcPeeringStatus::Deleted => EndState::Left,
        }
    }
}

impl Cloud {
    fn pass_half(&self, name: impl ToString, states: &[VpcPeeringStatus]) -> Transition {
        let word = self.provider.halves().status;
        Transition { name: name.to_string(), states: states.iter().map(|status| word(*status)).collect() }
    }

    /// A half of a peering.
    pub fn vpc_peering(&self, name: &PeeringName) -> Option<&VpcPeering> {
        self.vpc_peerings.get(name)
    }

    /// A VPC's half toward another.
    pub fn half_between(&self, vpc: &VpcName, peer: &VpcName) -> Option<&VpcPeering> {
        let (names, peer) = (&self.contents.get(vpc)?.peerings, self.vpcs.get(peer)?);
        names.iter().filter_map(|name| self.vpc_peerings.get(name)).find(|half| half.peer_vpc_id == peer.id)
    }

    /// The other VPC of a half; `None` if it was deleted, even if another VPC has its name now.
    pub fn peer_of_half(&self, half: &VpcPeering) -> Option<&Vpc> {
        match self.directory.get(&half.peer_vpc_id.0)? {
            Thing::Vpc(name) => self.vpcs.get(name),
            _ => None,
        }
    }

    /// The half on the other side.
    pub(super) fn other_half(&self, half: &VpcPeering) -> Option<&VpcPeering> {
        self.half_between(&self.peer_of_half(half)?.name, &half.vpc)
    }

    /// A half as an end of a peering: it carries traffic while both halves exist.
    pub(super) fn peering_of_half(&self, half: &VpcPeering) -> Peering {
        let other = self.other_half(half);
        Peering {
            name: half.name.clone(),
            id: half.id.clone(),
            account: half.account.clone(),
            vpc: half.vpc.clone(),
            status: (self.provider.halves().status)(half.status),
            state: half.status.state(),
            far: other.map(|other| FarEnd { name: other.name.clone(), vpc: other.vpc.clone() }),
            carries: half.status == VpcPeeringStatus::Connected,
            bandwidth: None,
            latency: half.latency.max(other.and_then(|other| other.latency)),
            mtu: self.mtu_of_peering(
                &half.vpc,
                other.map(|other| &other.vpc),
                [half.mtu, other.and_then(|other| other.mtu)],
            ),
            origin: match half.status {
                VpcPeeringStatus::Connected => half.origin.clone(),
                _ => half.switched.clone(),
            },
        }
    }

    /// Creates the caller's half. If the other half exists, both become Connected, every time (docs/cloud.md §2).
    pub(super) fn create_vpc_peering(
        &mut self,
        operation: &Operation,
        call: &CreateVpcPeering,
    ) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        self.free_name(ResourceKind::VpcPeering, &call.name, "name")?;
        let peer = self.any::<Vpc>(&call.peer_vpc_id, "peer-vpc-id")?;
        let warnings = self.check_half(vpc, peer)?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        let mtu = call.mtu.as_deref().map(value::mtu).transpose()?;
        let id = self.new_id(ResourceKind::VpcPeering, &call.name, call.id.as_deref(), "id")?;

        let name = PeeringName::trusted(&*call.name);
        let (vpc, peer_vpc, peer_vpc_id) = (vpc.name.clone(), peer.name.clone(), peer.id.clone());
        let (mut passed, mut transitions) = (vec![VpcPeeringStatus::Initiated], Vec::new());
        if let Some(other) = self.half_between(&peer_vpc, &vpc) {
            let (other, before) = (other.name.clone(), other.status);
            passed.push(VpcPeeringStatus::Connected);
            transitions.push(self.pass_half(&other, &[before, VpcPeeringStatus::Connected]));
            if let Some(other) = self.vpc_peerings.get_mut(&other) {
                other.status = VpcPeeringStatus::Connected;
                other.switched = operation.origin.clone();
            }
        }
        transitions.insert(0, self.pass_half(&name, &passed));
        let status = passed[passed.len() - 1];
        self.directory.insert(&id, Thing::VpcPeering(name.clone()));
        self.contents.get_or_default(&vpc).peerings.insert(name.clone());
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        let switched = origin.clone();
        let half = VpcPeering {
            name: name.clone(),
            id,
            account,
            vpc,
            peer_vpc_id,
            peer_vpc,
            status,
            latency,
            mtu,
            origin,
            switched,
        };
        self.vpc_peerings.insert(name, half);
        Ok(Outcome { transitions, warnings })
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_half(&self, operation: &Operation, call: &CreateVpcPeering) -> Option<bool> {
        let half = self.mine::<VpcPeering>(operation, &call.name)?;
        let (vpc, peer) = (Vpc::find(self, &call.vpc)?, Vpc::find(self, &call.peer_vpc_id)?);
        Some(half.vpc == vpc.name && half.peer_vpc == peer.name && is_given(&call.id, &half.id.0))
    }

    /// Whether a VPC can have a half toward another: warnings, or a refusal.
    pub(super) fn check_half(&self, vpc: &Vpc, peer: &Vpc) -> Result<Vec<Message>, Refusal> {
        self.check_pair(vpc, peer)?;
        let warnings =
            self.check_disjoint(PeeringKind::VpcPeerings, vpc, peer).map_err(|refusal| refusal.at("peer-vpc-id"))?;
        self.check_peering_quota(PeeringKind::VpcPeerings, vpc, "vpc")?;
        Ok(warnings)
    }

    /// Checks that two VPCs can be joined and that this side has not joined them yet.
    fn check_pair(&self, vpc: &Vpc, peer: &Vpc) -> Result<(), Refusal> {
        let refused = |code, message, hint| Err(Refusal::new(code, message, hint).at("peer-vpc-id"));
        if vpc.name == peer.name {
            let message = msg!(Said::OwnPeer { vpc: &vpc.name });
            return refused(Fault::InvalidPeerVpc, message, msg!(Said::NameOtherVpc));
        }
        if self.provider.halves().one_region && vpc.region != peer.region {
            let message = msg!(Said::TwoRegions {
                vpc: &vpc.name,
                region: &vpc.region,
                peer: &peer.name,
                peer_region: &peer.region
            });
            return refused(Fault::InvalidPeerVpc, message, msg!(Said::OneRegionNeeded));
        }
        if let Some(half) = self.half_between(&vpc.name, &peer.name) {
            let message = msg!(Said::HalfExists { vpc: &vpc.name, peer: &peer.name, half: &half.name });
            let hint = match half.status {
                VpcPeeringStatus::Connected => msg!(Said::OneIsEnough),
                _ => msg!(Said::OtherHalfIsMissing { account: &peer.account, peer: &peer.name }),
            };
            return refused(Fault::AlreadyExists, message, hint);
        }
        Ok(())
    }

    /// Deletes the caller's half; traffic stops at once. The other half is Disconnected.
    ///
    /// Route entries that lead to it stay and lead nowhere, even if another half takes its name (docs/cloud.md §2).
    pub(super) fn delete_vpc_peering(
        &mut self,
        operation: &Operation,
        call: &DeleteVpcPeering,
    ) -> Result<Outcome, Refusal> {
        let half = self.own::<VpcPeering>(operation, &call.name, "name")?.clone();
        let other = self.other_half(&half).map(|other| other.name.clone());

        let mut outcome = Outcome::default();
        outcome.transitions.push(self.pass_half(&half.name, &[half.status, VpcPeeringStatus::Deleted]));
        if let Some(other) = other.and_then(|other| self.vpc_peerings.get_mut(&other)) {
            let (name, before) = (other.name.clone(), other.status);
            other.status = VpcPeeringStatus::Disconnected;
            other.switched = operation.origin.clone();
            outcome.transitions.push(self.pass_half(name, &[before, VpcPeeringStatus::Disconnected]));
        }
        self.vpc_peerings.remove(&half.name);
        if let Some(contents) = self.contents.get_mut(&half.vpc) {
            contents.peerings.remove(&half.name);
        }
        let (id, name, kind) = (half.id.clone(), half.name.as_str().into(), ResourceKind::VpcPeering);
        let gone = Gone { id, name, kind, origin: operation.origin.clone() };
        outcome.warnings.extend(self.remove_hop(&half.vpc, &NextHop::Peering(half.name.clone()), gone));
        Ok(outcome)
    }
}
