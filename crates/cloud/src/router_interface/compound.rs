//! The compound operation: creates, binds and connects both ends in one account (docs/cloud.md §1).

use super::handshake::{same_router, states_of};
use super::messages::Said;
use super::{Opposite, Role, RouterInterface, Status};
use crate::msg;
use crate::reference::Resource;
use crate::{
    Cloud, CreatePeering, Fault, Operation, Outcome, PeeringKind, PeeringName, Refusal, ResourceKind, Vpc, VpcName,
    value,
};

impl Cloud {
    /// Creates both ends in one account, binds and connects them (docs/cloud.md §1).
    pub(crate) fn create_peering(&mut self, operation: &Operation, call: &CreatePeering) -> Result<Outcome, Refusal> {
        self.free_name(ResourceKind::Compound, &call.name, "name")?;
        let (initiator, acceptor) = ends_of(&call.name);
        for end in [&initiator, &acceptor] {
            self.free_in_kind(ResourceKind::RouterInterface, end.as_str(), "name")?;
        }
        let local = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        let peer = self.own::<Vpc>(operation, &call.peer_vpc, "peer-vpc").map_err(|mut refusal| {
            if refusal.fault == Fault::NotOwner {
                refusal.hint = msg!(Said::EachAccountCreatesItsOwn);
            }
            refusal
        })?;
        if local.name == peer.name {
            return Err(same_router(&local.name).at("peer-vpc"));
        }
        let spec = self.spec_named(&call.spec)?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        let mtu = call.mtu.as_deref().map(value::mtu).transpose()?;
        self.check_peering_quota(PeeringKind::RouterInterfaces, local, "vpc")?;
        self.check_peering_quota(PeeringKind::RouterInterfaces, peer, "peer-vpc")?;
        self.check_only_connection(local, peer).map_err(|refusal| refusal.at("peer-vpc"))?;
        let warnings = self
            .check_disjoint(PeeringKind::RouterInterfaces, local, peer)
            .map_err(|refusal| refusal.at("peer-vpc"))?;

        for vpc in [local, peer] {
            self.check_no_task(&vpc.name, None, "vpc")?;
        }
        let end = |name: &PeeringName, far: &PeeringName, vpc: &Vpc, far_vpc: &Vpc, role| RouterInterface {
            name: name.clone(),
            id: self.derived_id(ResourceKind::RouterInterface, name.as_str()),
            account: operation.caller.clone(),
            vpc: vpc.name.clone(),
            role,
            spec: (role == Role::Initiator).then_some(spec),
            opposite_region: far_vpc.region.clone(),
            opposite: Some(Opposite {
                account: Some(operation.caller.to_string()),
                router: Some(far_vpc.router_id.to_string()),
                interface: Some(far.to_string()),
            }),
            status: self.until_now(states_of(role)).0.last().copied().unwrap_or(Status::Active),
            due: self.clock.due(),
            connected: Some(far.clone()),
            latency: latency.filter(|_| role == Role::Initiator),
            mtu: mtu.filter(|_| role == Role::Initiator),
            origin: operation.origin.clone(),
            switched: operation.origin.clone(),
        };
        let ends = [
            end(&initiator, &acceptor, local, peer, Role::Initiator),
            end(&acceptor, &initiator, peer, local, Role::Acceptor),
        ];
        let transitions = vec![
            self.transition(&initiator, self.until_now(states_of(Role::Initiator)).0),
            self.transition(&acceptor, self.until_now(states_of(Role::Acceptor)).0),
        ];
        ends.into_iter().for_each(|end| self.insert_interface(end));
        self.compounds.insert(PeeringName::trusted(&*call.name), ());
        Ok(Outcome { transitions, warnings })
    }

    /// Whether its two ends are there and connected, as the call would create them.
    pub(crate) fn has_compound(&self, operation: &Operation, call: &CreatePeering) -> Option<bool> {
        let (initiator, acceptor) = ends_of(&call.name);
        let end = |name: &PeeringName| self.mine::<RouterInterface>(operation, name.as_str());
        let (initiator, acceptor) = (end(&initiator)?, end(&acceptor)?);
        Some(
            initiator.vpc == Vpc::find(self, &call.vpc)?.name
                && acceptor.vpc == Vpc::find(self, &call.peer_vpc)?.name
                && initiator.connected.as_ref() == Some(&acceptor.name)
                && initiator.spec? == self.spec_named(&call.spec).ok()?,
        )
    }

    /// A compound's end in a VPC.
    pub(crate) fn compound_end_in(&self, compound: &PeeringName, vpc: &VpcName) -> Option<PeeringName> {
        let (initiator, acceptor) = ends_of(compound.as_str());
        [initiator, acceptor].into_iter().find(|end| self.router_interfaces.get(end).is_some_and(|end| end.vpc == *vpc))
    }

    /// Frees a compound's name once both its ends are deleted.
    pub(super) fn forget_compound_of(&mut self, end: &PeeringName) {
        let Some((compound, _)) = end.as_str().rsplit_once('.') else { return };
        let (initiator, acceptor) = ends_of(compound);
        if self.compounds.contains_key(compound)
            && !self.router_interfaces.contains_key(&initiator)
            && !self.router_interfaces.contains_key(&acceptor)
        {
            self.compounds.remove(compound);
        }
    }
}

/// The suffixes of a compound's two ends.
pub(crate) const INITIATOR: &str = ".initiator";
pub(crate) const ACCEPTOR: &str = ".acceptor";

/// The two ends of a compound, initiator first.
pub(crate) fn ends_of(compound: &str) -> (PeeringName, PeeringName) {
    (PeeringName::trusted(format!("{compound}{INITIATOR}")), PeeringName::trusted(format!("{compound}{ACCEPTOR}")))
}
