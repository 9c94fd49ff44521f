//! VPC peerings: JD Cloud's halves, one on each side (docs/cloud.md §2).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::reference::Thing;
use super::{
    AccountName, Cloud, Code, CreateVpcPeering, DeleteVpcPeering, FarEnd, Id, NextHop, Operation, Origin, Outcome,
    Peering, PeeringName, Refusal, ResourceKind, Transition, Vpc, VpcName, value,
};

/// One side's half of a peering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VpcPeeringStatus {
    /// The other half was never created.
    Initiated,
    /// Both halves are there: it carries traffic.
    Connected,
    /// The other half was deleted.
    Disconnected,
}

impl VpcPeeringStatus {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            VpcPeeringStatus::Initiated => "Initiated",
            VpcPeeringStatus::Connected => "Connected",
            VpcPeeringStatus::Disconnected => "Disconnected",
        }
    }
}

impl fmt::Display for VpcPeeringStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Cloud {
    /// A half of a peering.
    pub fn vpc_peering(&self, name: &PeeringName) -> Option<&VpcPeering> {
        self.vpc_peerings.get(name)
    }

    /// The half that a VPC has toward another.
    fn half_between(&self, vpc: &VpcName, peer: &VpcName) -> Option<&VpcPeering> {
        let names = &self.contents.get(vpc)?.peerings;
        names.iter().filter_map(|name| self.vpc_peerings.get(name)).find(|half| half.peer_vpc == *peer)
    }

    /// The half on the other side.
    pub(super) fn other_half(&self, half: &VpcPeering) -> Option<&VpcPeering> {
        self.half_between(&half.peer_vpc, &half.vpc)
    }

    /// A half as an end of a peering: it carries while both are there.
    pub(super) fn peering_of_half(&self, half: &VpcPeering) -> Peering {
        let other = self.other_half(half);
        Peering {
            name: half.name.clone(),
            id: half.id.clone(),
            account: half.account.clone(),
            vpc: half.vpc.clone(),
            status: half.status.as_str(),
            far: other.map(|other| FarEnd { name: other.name.clone(), vpc: other.vpc.clone() }),
            carries: half.status == VpcPeeringStatus::Connected,
            bandwidth: None,
            latency: half.latency.max(other.and_then(|other| other.latency)),
            origin: half.origin.clone(),
        }
    }

    /// Creates the caller's half. With the other one there, both are Connected, however often one came and went
    /// (docs/cloud.md §2).
    pub(super) fn create_vpc_peering(
        &mut self,
        operation: &Operation,
        call: &CreateVpcPeering,
    ) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        self.free_half_name(&call.name, &vpc.name)?;
        let peer = self.any::<Vpc>(&call.peer_vpc_id, "peer-vpc-id")?;
        let warnings = self.check_half(vpc, peer)?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        let id = self.new_id(ResourceKind::VpcPeering, &call.name, call.id.as_deref(), "id")?;

        let name = PeeringName::trusted(&*call.name);
        let (vpc, peer_vpc) = (vpc.name.clone(), peer.name.clone());
        let mut transitions = vec![Transition { name: call.name.clone(), states: vec!["Initiated"] }];
        let mut status = VpcPeeringStatus::Initiated;
        if let Some(other) = self.half_between(&peer_vpc, &vpc).map(|other| other.name.clone())
            && let Some(other) = self.vpc_peerings.get_mut(&other)
        {
            status = VpcPeeringStatus::Connected;
            transitions[0].states.push(status.as_str());
            transitions.push(Transition {
                name: other.name.to_string(),
                states: vec![other.status.as_str(), status.as_str()],
            });
            other.status = status;
        }
        self.directory.insert(id.0.clone(), Thing::VpcPeering(name.clone()));
        self.directory.insert(&*call.name, Thing::VpcPeering(name.clone()));
        self.contents.get_or_default(&vpc).peerings.insert(name.clone());
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        let half = VpcPeering { name: name.clone(), id, account, vpc, peer_vpc, status, latency, origin };
        self.vpc_peerings.insert(name, half);
        Ok(Outcome { transitions, warnings })
    }

    /// A free name; or that of a half of the same VPC which was deleted while route entries named it.
    fn free_half_name(&self, text: &str, vpc: &VpcName) -> Result<(), Refusal> {
        match self.directory.get(text) {
            Some(Thing::DeletedHalf(of)) if of == vpc => Ok(()),
            _ => self.free_name(text, "name"),
        }
    }

    /// Whether a VPC can have a half toward another: warnings, or a refusal.
    pub(super) fn check_half(&self, vpc: &Vpc, peer: &Vpc) -> Result<Vec<String>, Refusal> {
        self.check_pair(vpc, peer)?;
        let warnings = self.check_disjoint(vpc, peer).map_err(|refusal| refusal.at("peer-vpc-id"))?;
        self.check_peering_quota(vpc, "vpc")?;
        Ok(warnings)
    }

    /// Two VPCs that can be joined, and that this side has not joined yet.
    fn check_pair(&self, vpc: &Vpc, peer: &Vpc) -> Result<(), Refusal> {
        let refused = |code, message, hint| Err(Refusal::new(code, message, hint).at("peer-vpc-id"));
        if vpc.name == peer.name {
            let message = format!("VPC {} cannot be its own peer", vpc.name);
            return refused(Code::INVALID_PEER_VPC, message, "name the other VPC".to_string());
        }
        if vpc.region != peer.region {
            let message = format!("VPC {} is in {}, VPC {} in {}", vpc.name, vpc.region, peer.name, peer.region);
            return refused(Code::INVALID_PEER_VPC, message, "a peering needs both VPCs in one region".into());
        }
        if let Some(half) = self.half_between(&vpc.name, &peer.name) {
            let message = format!("VPC {} has a half toward {} already: {}", vpc.name, peer.name, half.name);
            let hint = match half.status {
                VpcPeeringStatus::Connected => "one is enough: the two are connected".into(),
                _ => format!("the other half is account {}'s to create, from VPC {}", peer.account, peer.name),
            };
            return refused(Code::ALREADY_EXISTS, message, hint);
        }
        Ok(())
    }

    /// Deletes the caller's half; traffic stops at once. The other half is Disconnected.
    ///
    /// *Decision* (docs/cloud.md §2): route entries that name it stay and lead nowhere; a half of the same name in the
    /// same VPC brings them back to life.
    pub(super) fn delete_vpc_peering(
        &mut self,
        operation: &Operation,
        call: &DeleteVpcPeering,
    ) -> Result<Outcome, Refusal> {
        let half = self.own::<VpcPeering>(operation, &call.name, "name")?.clone();
        let other = self.other_half(&half).map(|other| other.name.clone());

        let mut outcome = Outcome::default();
        outcome
            .transitions
            .push(Transition { name: half.name.to_string(), states: vec![half.status.as_str(), "Deleted"] });
        if let Some(other) = other.and_then(|other| self.vpc_peerings.get_mut(&other)) {
            let before = std::mem::replace(&mut other.status, VpcPeeringStatus::Disconnected);
            let states = vec![before.as_str(), other.status.as_str()];
            outcome.transitions.push(Transition { name: other.name.to_string(), states });
        }
        self.vpc_peerings.remove(&half.name);
        self.directory.remove(&half.id.0);
        self.directory.remove(half.name.as_str());
        if let Some(contents) = self.contents.get_mut(&half.vpc) {
            contents.peerings.remove(&half.name);
        }
        let hop = NextHop::Peering(half.name.clone());
        let entries = self.entries_naming(&half.vpc, &hop);
        let dead = entries.map(|(table, entry)| format!("{} of {}", entry.destination, table.name)).collect::<Vec<_>>();
        if !dead.is_empty() {
            outcome.warnings.push(format!("route entries lead nowhere now: {}", dead.join(", ")));
            self.directory.insert(half.name.as_str(), Thing::DeletedHalf(half.vpc));
        }
        Ok(outcome)
    }
}
