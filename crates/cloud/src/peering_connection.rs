//! Peering connections: one object with two sides, requested by one side's owner and accepted by the other's
//! (docs/cloud.md §10).

mod joining;
mod messages;
mod missing;
mod table;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) use messages::{ConnectionLacks, ConnectionLacksInShort};
pub(super) use table::TABLE;

use self::messages::{Hints, Refusals};
use super::alike::as_made;
use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AcceptVpcPeeringConnection, AccountName, AtVpcDeletion, Bandwidth, BetweenRegions, Call, Cloud, ConnectionLimits,
    CreateVpcPeeringConnection, DeleteVpcPeeringConnection, EndState, EntriesAtDelete, FarEnd, Fault, Gone, Id,
    ModifyVpcPeeringConnection, NextHop, OnePerPair, Operation, Origin, Outcome, PeerOfRequest, Peering, PeeringKind,
    PeeringName, Quota, Refusal, Region, RejectVpcPeeringConnection, ResourceKind, Transition, Vpc, VpcName, value,
};
use crate::message::Message;
use crate::msg;

/// A peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringConnection {
    /// Its name.
    pub name: PeeringName,
    /// Its id.
    pub id: Id,
    /// The side that requests it.
    pub requester: ConnectedVpc,
    /// The side that accepts it.
    pub accepter: ConnectedVpc,
    /// Its state.
    pub status: ConnectionStatus,
    /// The bandwidth in each direction, if it joins two regions.
    pub bandwidth: Option<Bandwidth>,
    /// One way delay.
    pub latency: Option<Duration>,
    /// The largest packet that passes it, in bytes; `None`: what both VPCs take.
    pub mtu: Option<u16>,
    /// When it was requested, by the lab's clock in milliseconds.
    pub requested: u64,
    /// The change that is under way, if its state is a passing one.
    pub(super) under_way: Option<UnderWay>,
    /// Where it was written.
    pub origin: Origin,
    /// The operation that last changed its state.
    pub switched: Origin,
}

/// A change of a peering connection that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnderWay {
    /// The moment at which it is done, by the lab's clock.
    pub(super) due: u64,
    /// The connection's state then.
    then: ConnectionStatus,
    /// Whether it carries traffic meanwhile.
    carries: bool,
}

/// One side of a peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedVpc {
    /// The VPC's owner.
    pub account: AccountName,
    /// The VPC's name when the connection was requested.
    pub vpc: VpcName,
    /// The VPC's id; that VPC may be deleted, and another may have its name.
    pub vpc_id: Id,
    /// The VPC's region.
    pub region: Region,
}

/// A side of a peering connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionSide {
    /// The side that requests it.
    Requester,
    /// The side that accepts it.
    Accepter,
}

/// The state of a peering connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConnectionStatus {
    /// Passing: it is being created.
    Creating,
    /// The two VPCs cannot be joined.
    Failed,
    /// Requested: the accepter must accept it.
    Pending,
    /// Passing: it is being activated, or changed.
    Updating,
    /// It carries traffic.
    Active,
    /// The accepter rejected it.
    Rejected,
    /// Nobody accepted it in time.
    Expired,
    /// Passing: it is being deleted.
    Deleting,
    /// It is deleted.
    Deleted,
}

impl ConnectionStatus {
    /// Every state.
    pub const ALL: [ConnectionStatus; 9] = [
        ConnectionStatus::Creating,
        ConnectionStatus::Failed,
        ConnectionStatus::Pending,
        ConnectionStatus::Updating,
        ConnectionStatus::Active,
        ConnectionStatus::Rejected,
        ConnectionStatus::Expired,
        ConnectionStatus::Deleting,
        ConnectionStatus::Deleted,
    ];

    /// Whether it never carries traffic again: it stays visible, and its name is free for another connection.
    pub fn is_dead(self) -> bool {
        matches!(
            self,
            ConnectionStatus::Failed
                | ConnectionStatus::Rejected
                | ConnectionStatus::Expired
                | ConnectionStatus::Deleted
        )
    }

    /// Whether it lasts a moment at most.
    pub(super) fn is_passing(self) -> bool {
        matches!(self, ConnectionStatus::Creating | ConnectionStatus::Updating | ConnectionStatus::Deleting)
    }

    /// Its meaning.
    fn state(self) -> EndState {
        match self {
            ConnectionStatus::Creating | ConnectionStatus::Pending | ConnectionStatus::Updating => EndState::Waiting,
            ConnectionStatus::Active => EndState::Up,
            ConnectionStatus::Deleting => EndState::Left,
            ConnectionStatus::Failed
            | ConnectionStatus::Rejected
            | ConnectionStatus::Expired
            | ConnectionStatus::Deleted => EndState::Dead,
        }
    }
}

impl ConnectedVpc {
    fn of(vpc: &Vpc) -> Self {
        ConnectedVpc {
            account: vpc.account.clone(),
            vpc: vpc.name.clone(),
            vpc_id: vpc.id.clone(),
            region: vpc.region.clone(),
        }
    }
}

impl PeeringConnection {
    /// One of its sides.
    pub fn side(&self, side: ConnectionSide) -> &ConnectedVpc {
        match side {
            ConnectionSide::Requester => &self.requester,
            ConnectionSide::Accepter => &self.accepter,
        }
    }

    /// Both sides, the requester first.
    fn sides(&self) -> [(ConnectionSide, &ConnectedVpc); 2] {
        [(ConnectionSide::Requester, &self.requester), (ConnectionSide::Accepter, &self.accepter)]
    }

    fn other(&self, side: ConnectionSide) -> &ConnectedVpc {
        match side {
            ConnectionSide::Requester => &self.accepter,
            ConnectionSide::Accepter => &self.requester,
        }
    }

    /// Whether its two VPCs are in different regions.
    fn is_across_regions(&self) -> bool {
        self.requester.region != self.accepter.region
    }

    /// The bandwidth with which it was created by hand; an operation since may have changed it.
    pub(super) fn made_with(&self) -> Option<Bandwidth> {
        match as_made(&self.origin) {
            Some(Call::CreateVpcPeeringConnection(made)) => made.bandwidth.as_deref().and_then(value::bandwidth),
            _ => None,
        }
    }

    /// Whether its state lets traffic pass; while an active one is changed, as before.
    fn carries(&self) -> bool {
        self.status == ConnectionStatus::Active || self.under_way.as_ref().is_some_and(|it| it.carries)
    }

    fn is_live(&self) -> bool {
        !self.status.is_dead()
    }
}

impl Cloud {
    /// All peering connections, by name.
    pub fn peering_connections(&self) -> impl Iterator<Item = &PeeringConnection> {
        self.peering_connections.values()
    }

    /// A peering connection.
    pub fn peering_connection(&self, name: &PeeringName) -> Option<&PeeringConnection> {
        self.peering_connections.get(name)
    }

    /// The VPC of a side; `None` if it does not exist, or was deleted, even if another VPC has its name now.
    pub(super) fn vpc_of_side(&self, side: &ConnectedVpc) -> Option<&Vpc> {
        match self.directory.get(&side.vpc_id.0)? {
            Thing::Vpc(name) => self.vpcs.get(name),
            _ => None,
        }
    }

    /// The connections that have a VPC as one of their sides, with that side.
    pub(super) fn connections_of<'a>(
        &'a self,
        vpc: &'a VpcName,
    ) -> impl Iterator<Item = (&'a PeeringConnection, ConnectionSide)> {
        let connections = self
            .ends_of_family(vpc, PeeringKind::PeeringConnections)
            .filter_map(|name| self.peering_connections.get(name));
        connections.filter_map(move |connection| Some((connection, self.side_in(connection, vpc)?)))
    }

    /// The side of a connection that is in a VPC.
    pub(super) fn side_in(&self, connection: &PeeringConnection, vpc: &VpcName) -> Option<ConnectionSide> {
        let sides = connection.sides();
        let mut own = sides.into_iter().filter(|(_, side)| self.vpc_of_side(side).is_some_and(|it| it.name == *vpc));
        own.next().map(|(side, _)| side)
    }

    /// The connections between two VPCs.
    pub(super) fn connections_between<'a>(
        &'a self,
        a: &'a VpcName,
        b: &'a VpcName,
    ) -> impl Iterator<Item = &'a PeeringConnection> {
        let leads = move |(connection, side): &(&PeeringConnection, ConnectionSide)| {
            self.vpc_of_side(connection.other(*side)).is_some_and(|vpc| vpc.name == *b)
        };
        self.connections_of(a).filter(leads).map(|(connection, _)| connection)
    }

    /// The connection between two VPCs that is requested or active.
    pub(super) fn live_connection_between<'a>(
        &'a self,
        a: &'a VpcName,
        b: &'a VpcName,
    ) -> Option<&'a PeeringConnection> {
        let live = self.connections_between(a, b).filter(|connection| connection.is_live());
        live.max_by_key(|connection| connection.status == ConnectionStatus::Active)
    }

    /// One side of a connection as an end of a peering.
    pub(super) fn peering_of_connection(&self, connection: &PeeringConnection, side: ConnectionSide) -> Peering {
        let (own, other) = (connection.side(side), connection.other(side));
        let far = self.vpc_of_side(other).filter(|_| connection.is_live());
        Peering {
            name: connection.name.clone(),
            id: connection.id.clone(),
            account: own.account.clone(),
            vpc: own.vpc.clone(),
            status: self.word_of_connection(connection.status),
            state: connection.status.state(),
            carries: connection.carries() && far.is_some(),
            mtu: self.mtu_of_peering(&own.vpc, far.map(|vpc| &vpc.name), [connection.mtu, None]),
            far: far.map(|vpc| FarEnd { name: connection.name.clone(), vpc: vpc.name.clone() }),
            bandwidth: connection.bandwidth,
            latency: connection.latency,
            origin: match connection.carries() {
                true => connection.origin.clone(),
                false => connection.switched.clone(),
            },
        }
    }

    /// The ends of a connection: one in each of its VPCs that exists, the requester's first.
    pub(super) fn ends_of_connection(&self, connection: &PeeringConnection) -> Vec<Peering> {
        let sides = connection.sides().into_iter().filter(|(_, side)| self.vpc_of_side(side).is_some());
        sides.map(|(side, _)| self.peering_of_connection(connection, side)).collect()
    }

    /// The provider's word for a state.
    pub(super) fn word_of_connection(&self, status: ConnectionStatus) -> &'static str {
        (self.provider.requests().status)(status)
    }

    fn pass_connection(&self, name: impl ToString, states: &[ConnectionStatus]) -> Transition {
        let states = states.iter().map(|status| self.word_of_connection(*status)).collect();
        Transition { name: name.to_string(), states }
    }

    /// Requests a connection. Within an account it is active at once, unless the provider wants it accepted too.
    pub(super) fn create_vpc_peering_connection(
        &mut self,
        operation: &Operation,
        call: &CreateVpcPeeringConnection,
    ) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        let (accepter, peer) = self.accepter_of_request(vpc, call)?;
        if let Some(pending) = peer.and_then(|peer| self.request_again(vpc, peer)) {
            let (connection, status) = (&pending.name, self.word_of_connection(pending.status));
            let said = msg!(Refusals::RequestedAlready { connection, id: &pending.id, status, name: &call.name });
            return Ok(Outcome { warnings: vec![said], ..Outcome::default() });
        }
        let dead = self.dead_connection(&call.name);
        if dead.is_none() {
            self.free_name(ResourceKind::PeeringConnection, &call.name, "name")?;
        }
        self.check_no_other_change([Some(vpc), peer].into_iter().flatten(), None)?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        let mtu = call.mtu.as_deref().map(value::mtu).transpose()?;
        let bandwidth = self.bandwidth_between(&vpc.region, &accepter.region, call.bandwidth.as_deref())?;
        let (fails, warnings) = match peer {
            Some(peer) => self.check_request(vpc, peer)?,
            None => {
                let ConnectedVpc { account, vpc, region, .. } = &accepter;
                (true, vec![msg!(Refusals::NoSuchPeer { vpc, account, region })])
            }
        };
        let given = match (call.id.as_deref(), dead) {
            (Some(id), Some(dead)) if *dead.id.0 == *id && !self.is_next_hop(dead) => Some(dead.id.clone()),
            (Some(id), _) => Some(self.new_id(ResourceKind::PeeringConnection, &call.name, Some(id), "id")?),
            (None, _) => None,
        };

        let requester = ConnectedVpc::of(vpc);
        let accepts_itself = requester.account == accepter.account && !self.provider.requests().own_must_accept;
        let status = match (fails, accepts_itself) {
            (true, _) => ConnectionStatus::Failed,
            (false, true) => ConnectionStatus::Active,
            (false, false) => ConnectionStatus::Pending,
        };
        let name = PeeringName::trusted(&*call.name);
        self.forget_connection(&name);
        let id = given.unwrap_or_else(|| self.derived_id(ResourceKind::PeeringConnection, &call.name));
        self.directory.insert(&id, Thing::PeeringConnection(name.clone()));
        for side in [&requester, &accepter] {
            if let Some(vpc) = self.vpc_of_side(side).map(|vpc| vpc.name.clone()) {
                self.contents.get_or_default(&vpc).peerings.insert(name.clone());
            }
        }
        let (requested, origin) = (self.clock.now, operation.origin.clone());
        let connection = PeeringConnection {
            name: name.clone(),
            id,
            requester,
            accepter,
            status,
            bandwidth,
            latency,
            mtu,
            requested,
            under_way: None,
            switched: origin.clone(),
            origin,
        };
        self.peering_connections.insert(name.clone(), connection);
        Ok(Outcome { warnings, ..self.become_status(&name, &[ConnectionStatus::Creating, status], &operation.origin) })
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_connection(&self, operation: &Operation, call: &CreateVpcPeeringConnection) -> Option<bool> {
        let connection = self.mine::<PeeringConnection>(operation, &call.name)?;
        let vpc = Vpc::find(self, &call.vpc)?;
        let bandwidth = call.bandwidth.as_deref().map(value::bandwidth);
        let is_as_asked = match connection.status {
            // It failed, and would once more.
            ConnectionStatus::Failed => {
                let (accepter, peer) = self.accepter_of_request(vpc, call).ok()?;
                connection.accepter == accepter
                    && peer.is_none_or(|peer| self.check_request(vpc, peer).is_ok_and(|(fails, _)| fails))
            }
            _ => connection.is_live() && connection.accepter.vpc_id == Vpc::find(self, &call.peer_vpc)?.id,
        };
        Some(
            is_as_asked
                && connection.requester.vpc_id == vpc.id
                && bandwidth
                    .is_none_or(|it| it == connection.bandwidth || it.is_some() && it == connection.made_with())
                && is_given(&call.id, &connection.id.0),
        )
    }

    /// The dead connection with this name, which another may take.
    fn dead_connection(&self, name: &str) -> Option<&PeeringConnection> {
        self.peering_connections.get(name).filter(|connection| !connection.is_live())
    }

    /// The accepter's side of a request, and its VPC if that is there.
    pub(super) fn accepter_of_request(
        &self,
        vpc: &Vpc,
        call: &CreateVpcPeeringConnection,
    ) -> Result<(ConnectedVpc, Option<&Vpc>), Refusal> {
        if self.provider.requests().peer == PeerOfRequest::LookedUp {
            let peer = self.peer_of_request(call)?;
            return Ok((ConnectedVpc::of(peer), Some(peer)));
        }
        let region = call.peer_region.as_deref().map(|text| value::region(text, "peer-region")).transpose()?;
        let region = region.unwrap_or_else(|| vpc.region.clone());
        let account = call.peer_account.as_deref().map_or_else(
            || vpc.account.clone(),
            |text| match self.find_account(text) {
                Some(account) => account.name.clone(),
                None => AccountName::trusted(text),
            },
        );
        let peer = Vpc::find(self, &call.peer_vpc).filter(|peer| peer.account == account && peer.region == region);
        let side = peer.map(ConnectedVpc::of);
        // A VPC that is not there has no id, so that a later one is not it.
        let nowhere =
            || ConnectedVpc { account, vpc: VpcName::trusted(&*call.peer_vpc), vpc_id: Id("".into()), region };
        Ok((side.unwrap_or_else(nowhere), peer))
    }

    /// The request that is pending, where asking again in the same direction makes no other.
    fn request_again<'a>(&'a self, vpc: &'a Vpc, peer: &'a Vpc) -> Option<&'a PeeringConnection> {
        if self.provider.requests().one_per_pair != OnePerPair::AtAcceptance {
            return None;
        }
        let mut between = self.connections_between(&vpc.name, &peer.name);
        between.find(|it| it.status == ConnectionStatus::Pending && it.requester.vpc_id == vpc.id)
    }

    /// The VPC that a request names; its account and its region must be the named ones.
    fn peer_of_request(&self, call: &CreateVpcPeeringConnection) -> Result<&Vpc, Refusal> {
        let peer = self.any::<Vpc>(&call.peer_vpc, "peer-vpc")?;
        if let Some(account) = &call.peer_account {
            let named = self.find_account(account);
            let named = named.ok_or_else(|| self.not_found(ResourceKind::Account, account).at("peer-account"))?;
            if named.name != peer.account {
                let said = msg!(Refusals::NotOfAccount { vpc: &peer.name, owner: &peer.account, account });
                let hint = msg!(Hints::NameItsAccount { account: &peer.account });
                return Err(Refusal::new(Fault::AcceptingVpc, said, hint).at("peer-account"));
            }
        }
        if let Some(text) = &call.peer_region {
            let region = value::region(text, "peer-region")?;
            if region != peer.region {
                let said = msg!(Refusals::NotInRegion { vpc: &peer.name, region: &peer.region, named: &region });
                let hint = msg!(Hints::NameItsRegion { region: &peer.region });
                return Err(Refusal::new(Fault::AcceptingVpc, said, hint).at("peer-region"));
            }
        }
        Ok(peer)
    }

    /// The bandwidth of a connection of two regions; none in one region.
    fn bandwidth_between(&self, a: &Region, b: &Region, text: Option<&str>) -> Result<Option<Bandwidth>, Refusal> {
        let model = self.provider.requests().between_regions;
        let default = match model {
            BetweenRegions::Set { default, .. } | BetweenRegions::OneOf { default, .. } => Some(default),
            BetweenRegions::Free => None,
        };
        let Some(default) = default.filter(|_| a != b) else {
            return match text {
                None => Ok(None),
                Some(_) => {
                    let refusal =
                        Refusal::new(Fault::BandwidthInRegion, Refusals::BandwidthIsNotSet, Hints::LeaveBandwidthOut);
                    Err(refusal.at("bandwidth"))
                }
            };
        };
        let Some(text) = text else { return Ok(Some(default)) };
        let bandwidth = value::bandwidth(text).filter(|bandwidth| bandwidth.0 >= 1_000_000);
        let Some(bandwidth) = bandwidth else {
            let refusal =
                Refusal::new(Fault::InvalidBandwidth, msg!(Refusals::NoBandwidth { text }), Hints::WriteBandwidth);
            return Err(refusal.at("bandwidth"));
        };
        match model {
            BetweenRegions::Set { most, .. } if bandwidth > most => {
                let said = msg!(Refusals::TooMuchBandwidth { bandwidth, most });
                let hint = msg!(Hints::TakeAtMost { most });
                Err(Refusal::new(Fault::BandwidthQuota, said, hint).at("bandwidth"))
            }
            BetweenRegions::OneOf { all, .. } if !all.contains(&bandwidth) => {
                let said = msg!(Refusals::NotOneOfBandwidths { bandwidth });
                let hint = msg!(Hints::TakeOneOf { all: all.iter().map(ToString::to_string).collect::<Vec<_>>() });
                Err(Refusal::new(Fault::InvalidBandwidth, said, hint).at("bandwidth"))
            }
            _ => Ok(Some(bandwidth)),
        }
    }

    /// Whether a VPC can request a connection to another: whether the request fails, and warnings; or a refusal.
    pub(super) fn check_request(&self, vpc: &Vpc, peer: &Vpc) -> Result<(bool, Vec<Message>), Refusal> {
        let requests = self.provider.requests();
        if vpc.name == peer.name {
            let said = msg!(Refusals::OwnPeer { vpc: &vpc.name });
            return Err(Refusal::new(Fault::InvalidPeerVpc, said, Hints::NameTheOtherVpc).at("peer-vpc"));
        }
        let joined = self.live_connection_between(&vpc.name, &peer.name);
        let counts = |it: &&PeeringConnection| {
            requests.one_per_pair == OnePerPair::AtRequest || it.status == ConnectionStatus::Active
        };
        if let Some(other) = joined.filter(counts) {
            return Err(self.joined_already(other).at("peer-vpc"));
        }
        if requests.excludes.contains(&PeeringKind::RouterInterfaces)
            && let Some((end, far)) = self.pair_between(&vpc.name, &peer.name)
        {
            let said =
                msg!(Refusals::JoinedByInterfaces { vpc: &vpc.name, peer: &peer.name, end: &end.name, far: &far.name });
            return Err(Refusal::new(Fault::JoinedByInterfaces, said, Hints::DeleteTheInterfaces).at("peer-vpc"));
        }
        let (fails, warnings) = match self.check_disjoint(PeeringKind::PeeringConnections, vpc, peer) {
            Ok(warnings) => (false, warnings),
            Err(refusal) if requests.overlap_fails => (true, vec![refusal.message]),
            Err(refusal) => return Err(refusal.at("peer-vpc")),
        };
        self.check_quotas_of_request(vpc, peer)?;
        Ok((fails, warnings))
    }

    fn joined_already(&self, other: &PeeringConnection) -> Refusal {
        let said = msg!(Refusals::JoinedAlready {
            vpc: &other.requester.vpc,
            peer: &other.accepter.vpc,
            connection: &other.name,
            status: self.word_of_connection(other.status),
        });
        let hint = match other.status {
            ConnectionStatus::Pending => {
                msg!(Hints::AcceptIt { account: &other.accepter.account, connection: &other.name })
            }
            _ => msg!(Hints::UseIt { connection: &other.name }),
        };
        Refusal::new(Fault::ConnectionExists, said, hint)
    }

    fn check_quotas_of_request(&self, vpc: &Vpc, peer: &Vpc) -> Result<(), Refusal> {
        let (per_vpc_in_region, per_vpc_across, per_account) = match self.provider.requests().limits {
            ConnectionLimits::ByRegion { per_vpc_in_region, per_vpc_across, per_account } => {
                (per_vpc_in_region, per_vpc_across, per_account)
            }
            ConnectionLimits::ByState { outstanding, .. } => return self.check_outstanding(vpc, outstanding),
            ConnectionLimits::ByVpc(most) => return self.check_live(vpc, peer, most),
        };
        let across = vpc.region != peer.region;
        let (most, fault) = match across {
            false => (per_vpc_in_region, Fault::ConnectionsInRegion),
            true => (per_vpc_across, Fault::ConnectionsAcross),
        };
        let refused = |fault, said: Message, argument| Err(Refusal::new(fault, said, Hints::DeleteOne).at(argument));
        for (of, argument) in [(vpc, "vpc"), (peer, "peer-vpc")] {
            let live = self.connections_of(&of.name).map(|(connection, _)| connection);
            let such = live.filter(|it| it.is_live() && it.is_across_regions() == across);
            let names: Vec<_> = such.map(|connection| connection.name.to_string()).collect();
            if names.len() >= most {
                let said = match across {
                    false => msg!(Refusals::TooManyInRegion { vpc: &of.name, most, names }),
                    true => msg!(Refusals::TooManyAcross { vpc: &of.name, most, names }),
                };
                return refused(fault, said, argument);
            }
        }
        let of_account = self.peering_connections.values().filter(|connection| {
            let requester = &connection.requester;
            connection.is_live() && requester.account == vpc.account && requester.region == vpc.region
        });
        if of_account.count() >= per_account {
            let (account, region, most) = (&vpc.account, &vpc.region, per_account);
            let said = msg!(Refusals::TooManyOfAccount { account, region, most });
            return refused(Fault::ConnectionsOfAccount, said, "vpc");
        }
        Ok(())
    }

    /// Checks the limit of the connections of both VPCs that are requested or active.
    fn check_live(&self, vpc: &Vpc, peer: &Vpc, most: usize) -> Result<(), Refusal> {
        for (of, argument) in [(vpc, "vpc"), (peer, "peer-vpc")] {
            let live = self.connections_of(&of.name).map(|(connection, _)| connection).filter(|it| it.is_live());
            let names: Vec<_> = live.map(|it| it.name.to_string()).collect();
            if names.len() >= most {
                let said = msg!(Refusals::TooManyLive { vpc: &of.name, most, names });
                return Err(Refusal::new(Fault::ActiveConnections, said, Hints::DeleteOne).at(argument));
            }
        }
        Ok(())
    }

    /// Checks the limit of an account's requests that nobody accepted yet.
    fn check_outstanding(&self, vpc: &Vpc, most: usize) -> Result<(), Refusal> {
        let pending =
            |it: &&PeeringConnection| it.status == ConnectionStatus::Pending && it.requester.account == vpc.account;
        let names: Vec<_> = self.peering_connections.values().filter(pending).map(|it| it.name.to_string()).collect();
        if names.len() < most {
            return Ok(());
        }
        let said = msg!(Refusals::TooManyOutstanding { account: &vpc.account, most, names });
        Err(Refusal::new(Fault::OutstandingRequests, said, Hints::DeleteOne).at("vpc"))
    }

    /// Checks the limit of active connections of both VPCs.
    fn check_active(&self, connection: &PeeringConnection) -> Result<(), Refusal> {
        let ConnectionLimits::ByState { active_per_vpc, .. } = self.provider.requests().limits else {
            return Ok(());
        };
        let most = self.limit(Quota::PeeringsPerVpc, active_per_vpc);
        for (_, side) in connection.sides() {
            let active = self.connections_of(&side.vpc).filter(|(it, _)| it.status == ConnectionStatus::Active);
            let names: Vec<_> = active.map(|(it, _)| it.name.to_string()).collect();
            if names.len() >= most {
                let said = msg!(Refusals::TooManyActive { vpc: &side.vpc, most, names });
                return Err(Refusal::new(Fault::ActiveConnections, said, Hints::DeleteOne).at("name"));
            }
        }
        Ok(())
    }

    /// Accepts a request: the connection is active.
    pub(super) fn accept_vpc_peering_connection(
        &mut self,
        operation: &Operation,
        call: &AcceptVpcPeeringConnection,
    ) -> Result<Outcome, Refusal> {
        let connection = self.request_for(operation, &call.name, call.region.as_deref())?;
        self.check_active(connection)?;
        let (vpc, peer) = (&connection.requester.vpc, &connection.accepter.vpc);
        let other = self.connections_between(vpc, peer).find(|other| other.status == ConnectionStatus::Active);
        if let Some(other) = other {
            return Err(self.joined_already(other).at("name"));
        }
        let name = connection.name.clone();
        let states = [ConnectionStatus::Pending, ConnectionStatus::Updating, ConnectionStatus::Active];
        Ok(self.become_status(&name, &states, &operation.origin))
    }

    /// Whether the caller has accepted it.
    pub(super) fn is_accepted(&self, operation: &Operation, call: &AcceptVpcPeeringConnection) -> Option<bool> {
        let connection = PeeringConnection::find(self, &call.name)?;
        let mine = connection.accepter.account == operation.caller;
        Some(mine && connection.status == ConnectionStatus::Active)
    }

    /// Rejects a request.
    pub(super) fn reject_vpc_peering_connection(
        &mut self,
        operation: &Operation,
        call: &RejectVpcPeeringConnection,
    ) -> Result<Outcome, Refusal> {
        let name = self.request_for(operation, &call.name, call.region.as_deref())?.name.clone();
        Ok(self.become_status(&name, &[ConnectionStatus::Pending, ConnectionStatus::Rejected], &operation.origin))
    }

    /// Whether the caller has rejected it.
    pub(super) fn is_rejected(&self, operation: &Operation, call: &RejectVpcPeeringConnection) -> Option<bool> {
        let connection = PeeringConnection::find(self, &call.name)?;
        let mine = connection.accepter.account == operation.caller;
        Some(mine && connection.status == ConnectionStatus::Rejected)
    }

    /// The request that the caller can accept or reject.
    fn request_for(
        &self,
        operation: &Operation,
        text: &str,
        region: Option<&str>,
    ) -> Result<&PeeringConnection, Refusal> {
        let connection = self.visible_connection(operation, text)?;
        let PeeringConnection { name, accepter, .. } = connection;
        if accepter.account != operation.caller {
            let said = msg!(Refusals::NotTheAccepter { connection: name, account: &operation.caller });
            let hint = msg!(Hints::AccountMustCall { account: &accepter.account });
            return Err(Refusal::new(Fault::NoPermission, said, hint).at("name"));
        }
        let region = region.map(|text| value::region(text, "region")).transpose()?;
        if let Some(named) = region.filter(|region| *region != accepter.region) {
            let said = msg!(Refusals::NotAcceptedThere { connection: name, region: &accepter.region, named });
            let hint = msg!(Hints::CallInRegion { region: &accepter.region });
            return Err(Refusal::new(Fault::NoPermission, said, hint).at("region"));
        }
        self.check_status_of_connection(connection, &[ConnectionStatus::Pending])?;
        self.check_no_other_change(self.vpcs_of_connection(connection), Some(name))?;
        Ok(connection)
    }

    /// The connection that a call names, if the caller can see it.
    fn visible_connection(&self, operation: &Operation, text: &str) -> Result<&PeeringConnection, Refusal> {
        let connection = self.any::<PeeringConnection>(text, "name")?;
        let is_side = connection.sides().into_iter().any(|(_, side)| side.account == operation.caller);
        if is_side || !self.provider.hides_others {
            return Ok(connection);
        }
        let PeeringConnection { name, requester, accepter, .. } = connection;
        let said = msg!(Refusals::NeitherSide { connection: name, account: &operation.caller });
        let hint = msg!(Hints::OneOfTheTwo { requester: &requester.account, accepter: &accepter.account });
        Err(Refusal::new(Fault::NotFound(ResourceKind::PeeringConnection), said, hint).at("name"))
    }

    fn check_status_of_connection(
        &self,
        connection: &PeeringConnection,
        legal: &[ConnectionStatus],
    ) -> Result<(), Refusal> {
        if legal.contains(&connection.status) {
            return Ok(());
        }
        let PeeringConnection { name, status, requester, accepter, .. } = connection;
        let legal: Vec<_> = legal.iter().map(|status| self.word_of_connection(*status)).collect();
        let said =
            msg!(Refusals::WrongStatus { connection: name, status: self.word_of_connection(*status), legal: &legal });
        let hint = match status {
            ConnectionStatus::Pending => msg!(Hints::AcceptIt { account: &accepter.account, connection: name }),
            ConnectionStatus::Active => Hints::ActiveAlready.into(),
            status if status.is_dead() => msg!(Hints::RequestAnew { account: &requester.account }),
            _ => Hints::Wait.into(),
        };
        Err(Refusal::new(Fault::ConnectionStatus, said, hint).at("name"))
    }

    /// Sets the bandwidth of a connection between two regions.
    pub(super) fn modify_vpc_peering_connection(
        &mut self,
        operation: &Operation,
        call: &ModifyVpcPeeringConnection,
    ) -> Result<Outcome, Refusal> {
        let connection = self.visible_connection(operation, &call.name)?;
        let PeeringConnection { name, requester, accepter, .. } = connection;
        if requester.account != operation.caller {
            let said = msg!(Refusals::NotTheRequester { connection: name, account: &operation.caller });
            let hint = msg!(Hints::AccountMustCall { account: &requester.account });
            return Err(Refusal::new(Fault::NoPermission, said, hint).at("name"));
        }
        let bandwidth = self.bandwidth_between(&requester.region, &accepter.region, Some(&call.bandwidth))?;
        self.check_status_of_connection(connection, &[ConnectionStatus::Active])?;
        self.check_no_other_change(self.vpcs_of_connection(connection), Some(name))?;

        let name = name.clone();
        if let Some(connection) = self.peering_connections.get_mut(&name) {
            connection.bandwidth = bandwidth;
        }
        let states = [ConnectionStatus::Active, ConnectionStatus::Updating, ConnectionStatus::Active];
        Ok(self.become_status(&name, &states, &operation.origin))
    }

    /// Whether it has the bandwidth.
    pub(super) fn has_bandwidth(&self, operation: &Operation, call: &ModifyVpcPeeringConnection) -> Option<bool> {
        let connection = self.mine::<PeeringConnection>(operation, &call.name)?;
        Some(connection.bandwidth? == value::bandwidth(&call.bandwidth)?)
    }

    /// Deletes a connection, by either side's owner.
    pub(super) fn delete_vpc_peering_connection(
        &mut self,
        operation: &Operation,
        call: &DeleteVpcPeeringConnection,
    ) -> Result<Outcome, Refusal> {
        let requests = self.provider.requests();
        let connection = self.visible_connection(operation, &call.name)?;
        let PeeringConnection { name, status, requester, accepter, .. } = connection;
        let sides = connection.sides();
        let own: Vec<_> =
            sides.iter().filter(|(_, it)| it.account == operation.caller).map(|(side, _)| *side).collect();
        if own.is_empty() {
            let said = msg!(Refusals::NeitherSide { connection: name, account: &operation.caller });
            let hint = match requester.account == accepter.account {
                true => msg!(Hints::AccountMustCall { account: &requester.account }),
                false => msg!(Hints::OneOfTheTwo { requester: &requester.account, accepter: &accepter.account }),
            };
            return Err(Refusal::new(Fault::NoPermission, said, hint).at("name"));
        }
        let may = |status: &ConnectionStatus| own.iter().any(|side| (requests.may_delete)(*status, *side));
        let legal: Vec<_> = ConnectionStatus::ALL.into_iter().filter(may).collect();
        self.check_status_of_connection(connection, &legal)?;
        self.check_no_other_change(self.vpcs_of_connection(connection), Some(name))?;
        let (name, status) = (name.clone(), *status);
        let hop = NextHop::Peering(name.clone());
        let vpcs: Vec<_> =
            sides.iter().filter_map(|(_, side)| self.vpc_of_side(side)).map(|vpc| vpc.name.clone()).collect();
        if requests.entries == EntriesAtDelete::Forced {
            if !call.is_forced() {
                self.check_no_entry_leads_to(connection, &vpcs)?;
            }
            for vpc in &vpcs {
                self.delete_entries_to(vpc, &hop);
            }
        }

        let states = [status, ConnectionStatus::Deleting, ConnectionStatus::Deleted];
        let outcome = self.become_status(&name, &states, &operation.origin);
        self.forget_if_deleted(&name);
        Ok(outcome)
    }

    /// Whether the connection is deleted.
    pub(super) fn is_deleted(&self, _: &Operation, call: &DeleteVpcPeeringConnection) -> Option<bool> {
        let connection = PeeringConnection::find(self, &call.name);
        Some(connection.is_none_or(|connection| connection.status == ConnectionStatus::Deleted))
    }

    fn check_no_entry_leads_to(&self, connection: &PeeringConnection, vpcs: &[VpcName]) -> Result<(), Refusal> {
        let hop = NextHop::Peering(connection.name.clone());
        let entries = vpcs.iter().flat_map(|vpc| self.entries_naming(vpc, &hop));
        let entries: Vec<_> = entries
            .map(|(table, entry)| msg!(Refusals::EntryOf { destination: &entry.destination, table: &table.name }))
            .collect();
        if entries.is_empty() {
            return Ok(());
        }
        let connection = &connection.name;
        let said = msg!(Refusals::EntriesLeadToIt { connection, entries });
        let refusal =
            Refusal::new(Fault::ConnectionInUseByRouteEntry, said, msg!(Hints::DeleteEntriesOrForce { connection }));
        Err(refusal.at("name"))
    }

    /// Whether a route entry leads to a connection.
    fn is_next_hop(&self, connection: &PeeringConnection) -> bool {
        let hop = NextHop::Peering(connection.name.clone());
        connection.sides().into_iter().any(|(_, side)| self.entries_naming(&side.vpc, &hop).next().is_some())
    }

    /// Goes through states and stays in the last one; in a passing one, if the change takes time.
    /// `origin`: the operation that changes it.
    pub(super) fn become_status(
        &mut self,
        name: &PeeringName,
        states: &[ConnectionStatus],
        origin: &Origin,
    ) -> Outcome {
        let passing = states.iter().position(|status| status.is_passing());
        let (states, under_way) = match (self.clock.due(), passing, states.last()) {
            (Some(due), Some(at), Some(then)) => {
                let carries = states[..at].contains(&ConnectionStatus::Active) && *then == ConnectionStatus::Active;
                (&states[..=at], Some(UnderWay { due, then: *then, carries }))
            }
            _ => (states, None),
        };
        if let (Some(connection), Some(last)) = (self.peering_connections.get_mut(name), states.last()) {
            (connection.status, connection.under_way) = (*last, under_way);
            connection.switched = origin.clone();
        }
        Outcome { transitions: vec![self.pass_connection(name, states)], ..Outcome::default() }
    }

    /// Ends the change of a connection that is under way.
    pub(super) fn finish_connection(&mut self, name: &PeeringName) -> Option<Transition> {
        let connection = self.peering_connections.get_mut(name)?;
        let UnderWay { then, .. } = connection.under_way.take()?;
        let before = std::mem::replace(&mut connection.status, then);
        self.forget_if_deleted(name);
        Some(self.pass_connection(name, &[before, then]))
    }

    /// Removes a deleted connection, where the provider does not show it any more.
    fn forget_if_deleted(&mut self, name: &PeeringName) {
        let is_deleted = |it: &PeeringConnection| it.status == ConnectionStatus::Deleted;
        if self.provider.requests().entries == EntriesAtDelete::Forced
            && self.peering_connections.get(name).is_some_and(is_deleted)
        {
            self.forget_connection(name);
        }
    }

    fn vpcs_of_connection<'a>(&'a self, connection: &'a PeeringConnection) -> impl Iterator<Item = &'a Vpc> {
        connection.sides().into_iter().filter_map(|(_, side)| self.vpc_of_side(side))
    }

    /// Checks that no connection of these VPCs but `own` is being changed, where they are changed one at a time.
    fn check_no_other_change<'a>(
        &'a self,
        vpcs: impl Iterator<Item = &'a Vpc>,
        own: Option<&PeeringName>,
    ) -> Result<(), Refusal> {
        if !self.has_pace() || !self.provider.requests().one_change {
            return Ok(());
        }
        for Vpc { name: vpc, .. } in vpcs {
            let mut connections = self.connections_of(vpc).map(|(connection, _)| connection);
            let other = connections.find(|it| it.under_way.is_some() && Some(&it.name) != own);
            if let Some(PeeringConnection { name, status, .. }) = other {
                let status = self.word_of_connection(*status);
                let said = msg!(Refusals::OtherChange { vpc, connection: name, status });
                return Err(Refusal::new(Fault::ConnectionConflict, said, Hints::Wait).at("name"));
            }
        }
        Ok(())
    }

    /// Removes a connection, if it exists; entries that lead to it lead nowhere from now on.
    pub(super) fn forget_connection(&mut self, name: &PeeringName) {
        let Some(connection) = self.peering_connections.remove(name) else { return };
        let (id, kind) = (connection.id.clone(), ResourceKind::PeeringConnection);
        let gone = Gone { id, name: name.as_str().into(), kind, origin: connection.switched.clone() };
        let mut dead = Vec::new();
        for (_, side) in connection.sides() {
            let Some(vpc) = self.vpc_of_side(side).map(|vpc| vpc.name.clone()) else { continue };
            dead.extend(self.leave_entries_behind(&vpc, &NextHop::Peering(name.clone()), &gone));
            if let Some(contents) = self.contents.get_mut(&vpc) {
                contents.peerings.remove(name);
            }
        }
        match dead.is_empty() {
            true => self.directory.remove(ResourceKind::PeeringConnection, name.as_str(), &connection.id),
            false => self.directory.bury(ResourceKind::PeeringConnection, name.as_str(), &connection.id),
        }
    }

    /// Lets the requests expire whose time is over.
    pub(super) fn expire_requests(&mut self, origin: &Origin) -> Vec<Transition> {
        if self.peering_connections.keys().next().is_none() {
            return Vec::new();
        }
        let period = u64::try_from(self.provider.requests().expires_after.as_millis()).unwrap_or(u64::MAX);
        let now = self.clock.now;
        let over = |it: &&PeeringConnection| {
            it.status == ConnectionStatus::Pending && it.requested.saturating_add(period) <= now
        };
        let over: Vec<_> = self.peering_connections.values().filter(over).map(|it| it.name.clone()).collect();
        let pass = |name: PeeringName| {
            self.become_status(&name, &[ConnectionStatus::Pending, ConnectionStatus::Expired], origin).transitions
        };
        over.into_iter().flat_map(pass).collect()
    }
}

impl DeleteVpcPeeringConnection {
    /// Whether it deletes the route entries too.
    pub fn is_forced(&self) -> bool {
        self.force.as_deref().is_some_and(|force| force != "false")
    }
}

impl Cloud {
    /// The next hop of a table by a connection: its VPC's own end, once the provider allows routes to it.
    pub(super) fn connection_as_next_hop(
        &self,
        table: &super::RouteTable,
        name: &PeeringName,
    ) -> Result<NextHop, Refusal> {
        let connection = &self.peering_connections[name];
        if self.side_in(connection, &table.vpc).is_none() {
            let ConnectedVpc { vpc, .. } = &connection.requester;
            let said = msg!(Refusals::NotOfThisVpc {
                connection: name,
                vpc,
                peer: &connection.accepter.vpc,
                table: &table.name,
                own: &table.vpc
            });
            let hint = match self.end_toward(&table.vpc, vpc) {
                Some(end) => msg!(Hints::NameTheOther { vpc, connection: &end.name }),
                None => msg!(Hints::NameOneOfVpc { vpc: &table.vpc }),
            };
            return Err(Refusal::new(Fault::NextHopNotFound, said, hint).at("next-hop"));
        }
        if !(self.provider.requests().takes_routes)(connection.status) {
            let said =
                msg!(Refusals::NoRouteYet { connection: name, status: self.word_of_connection(connection.status) });
            let hint = match connection.status {
                ConnectionStatus::Pending => {
                    msg!(Hints::AcceptIt { account: &connection.accepter.account, connection: name })
                }
                status if status.is_dead() => msg!(Hints::RequestAnew { account: &connection.requester.account }),
                _ => Hints::RouteOnceActive.into(),
            };
            return Err(Refusal::new(Fault::ConnectionStatus, said, hint).at("next-hop"));
        }
        Ok(NextHop::Peering(name.clone()))
    }

    /// Whether a text without a resource can only mean a connection: by its id's form, or by its kind.
    pub(super) fn is_of_connection(&self, text: &str) -> bool {
        let kind = ResourceKind::PeeringConnection;
        let by_kind = kind.strip(text).is_some_and(|rest| rest != text);
        let prefix = (self.provider.ids.prefix)(kind);
        let by_id = text.starts_with(prefix) && self.kind_of(text).is_none();
        self.provider.family(PeeringKind::PeeringConnections).is_some() && (by_kind || by_id)
    }

    /// Checks that no connection, requested or active, joins two VPCs that router interfaces are to join.
    pub(super) fn check_no_connection(&self, a: &Vpc, b: &Vpc) -> Result<(), Refusal> {
        if !self.provider.requests().excludes.contains(&PeeringKind::RouterInterfaces) {
            return Ok(());
        }
        let Some(connection) = self.live_connection_between(&a.name, &b.name) else { return Ok(()) };
        let status = self.word_of_connection(connection.status);
        let said =
            msg!(Refusals::JoinedByConnection { vpc: &a.name, peer: &b.name, connection: &connection.name, status });
        let hint = msg!(Hints::DeleteTheConnection { connection: &connection.name });
        Err(Refusal::new(Fault::OnlyOneConnection, said, hint).at("name"))
    }

    /// Whether a connection prevents the deletion of one of its VPCs.
    pub(super) fn prevents_deletion(&self, connection: &PeeringConnection, vpc: &VpcName) -> bool {
        match self.provider.requests().at_vpc_deletion {
            AtVpcDeletion::Prevents => connection.is_live(),
            AtVpcDeletion::Deleted => {
                connection.status == ConnectionStatus::Pending
                    && connection.requester.account != connection.accepter.account
                    && self.side_in(connection, vpc) == Some(ConnectionSide::Accepter)
            }
        }
    }

    /// Deletes the connections of a VPC that is to be deleted.
    pub(super) fn delete_connections_of(&mut self, vpc: &VpcName, origin: &Origin) -> Vec<Transition> {
        let live = self.connections_of(vpc).filter(|(connection, _)| connection.is_live());
        let live: Vec<_> = live.map(|(connection, _)| (connection.name.clone(), connection.status)).collect();
        let delete = |(name, status): (PeeringName, ConnectionStatus)| {
            let states = [status, ConnectionStatus::Deleting, ConnectionStatus::Deleted];
            let mut transitions = self.become_status(&name, &states, origin).transitions;
            // The VPC is gone at once, and with it the connection.
            transitions.extend(self.finish_connection(&name));
            transitions
        };
        live.into_iter().flat_map(delete).collect()
    }

    /// Lets go of a VPC that is to be deleted: only dead connections still name it.
    pub(super) fn leave_dead_connections(&mut self, vpc: &VpcName) {
        let of = self.connections_of(vpc).map(|(connection, side)| (connection, connection.other(side)));
        let orphans = of.filter(|(_, other)| self.vpc_of_side(other).is_none());
        let orphans: Vec<_> = orphans.map(|(connection, _)| connection.name.clone()).collect();
        for name in orphans {
            self.forget_connection(&name);
        }
    }
}
