//! Requests: who may ask for a connection with whom, and with which bandwidth.

use super::messages::{Hints, Refusals};
use super::{ConnectedVpc, ConnectionStatus, PeeringConnection};
use crate::already::is_given;
use crate::message::Message;
use crate::msg;
use crate::reference::{Resource, Thing};
use crate::{
    AccountName, Bandwidth, BetweenRegions, Cloud, CreateVpcPeeringConnection, Fault, Id, OnePerPair, Operation,
    Outcome, PeerOfRequest, PeeringKind, PeeringName, Refusal, Region, ResourceKind, Vpc, VpcName, value,
};

impl Cloud {
    /// Requests a connection. Within an account it is active at once, unless the provider wants it accepted too.
    pub(crate) fn create_vpc_peering_connection(
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
    pub(crate) fn has_connection(&self, operation: &Operation, call: &CreateVpcPeeringConnection) -> Option<bool> {
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
    pub(crate) fn accepter_of_request(
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
    pub(super) fn bandwidth_between(
        &self,
        a: &Region,
        b: &Region,
        text: Option<&str>,
    ) -> Result<Option<Bandwidth>, Refusal> {
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
    pub(crate) fn check_request(&self, vpc: &Vpc, peer: &Vpc) -> Result<(bool, Vec<Message>), Refusal> {
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

    pub(super) fn joined_already(&self, other: &PeeringConnection) -> Refusal {
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

    /// Checks that no connection, requested or active, joins two VPCs that router interfaces are to join.
    pub(crate) fn check_no_connection(&self, a: &Vpc, b: &Vpc) -> Result<(), Refusal> {
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
}
