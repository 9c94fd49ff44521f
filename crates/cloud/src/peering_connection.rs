//! Peering connections: one object with two sides, requested by one side's owner and accepted by the other's
//! (docs/cloud.md §10).

mod answer;
mod change;
mod deletion;
mod joining;
mod messages;
mod missing;
mod next_hop;
mod quotas;
mod request;
mod table;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) use messages::{ConnectionLacks, ConnectionLacksInShort};
pub(super) use table::TABLE;

use self::messages::{Hints, Refusals};
use super::alike::as_made;
use super::reference::Thing;
use super::{
    AccountName, Bandwidth, Call, Cloud, EndState, FarEnd, Fault, Id, Operation, Origin, Peering, PeeringKind,
    PeeringName, Refusal, Region, ResourceKind, Vpc, VpcName, value,
};
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

    fn vpcs_of_connection<'a>(&'a self, connection: &'a PeeringConnection) -> impl Iterator<Item = &'a Vpc> {
        connection.sides().into_iter().filter_map(|(_, side)| self.vpc_of_side(side))
    }
}
