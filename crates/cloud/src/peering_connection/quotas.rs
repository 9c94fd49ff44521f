//! How many connections a VPC and an account may have.

use super::messages::{Hints, Refusals};
use super::{ConnectionStatus, PeeringConnection};
use crate::message::Message;
use crate::msg;
use crate::{Cloud, ConnectionLimits, Fault, Quota, Refusal, Vpc};

impl Cloud {
    pub(super) fn check_quotas_of_request(&self, vpc: &Vpc, peer: &Vpc) -> Result<(), Refusal> {
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
    pub(super) fn check_active(&self, connection: &PeeringConnection) -> Result<(), Refusal> {
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
}
