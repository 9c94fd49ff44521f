//! What keeps a peering connection from carrying traffic, and the next call.

use super::{ConnectionStatus, PeeringConnection};
use crate::missing::{Lack, Missing, Next};
use crate::{AcceptVpcPeeringConnection, Call, Cloud, CreateVpcPeeringConnection, Vpc};

impl Cloud {
    pub(crate) fn missing_of_connection(&self, connection: &PeeringConnection) -> Vec<Missing> {
        let name = connection.name.clone();
        let status = self.word_of_connection(connection.status);
        vec![match connection.status {
            ConnectionStatus::Active => return Vec::new(),
            ConnectionStatus::Pending => {
                let (own, peer) = (&connection.requester.vpc, &connection.accepter.vpc);
                let mut others = self.connections_between(own, peer);
                if let Some(other) = others.find(|other| other.status == ConnectionStatus::Active) {
                    let why = self.joined_already(other).message;
                    return vec![Missing { lack: Lack::Refused { why }, next: Next::Nothing }];
                }
                let account = connection.accepter.account.clone();
                let next = Next::Call(account.clone(), acceptance(connection));
                Missing { lack: Lack::NotAccepted { connection: name, account }, next }
            }
            ConnectionStatus::Creating | ConnectionStatus::Updating | ConnectionStatus::Deleting => {
                Missing { lack: Lack::UnderWay { connection: name, status }, next: Next::Nothing }
            }
            ConnectionStatus::Failed
            | ConnectionStatus::Rejected
            | ConnectionStatus::Expired
            | ConnectionStatus::Deleted => self.missing_of_dead(connection, status),
        }]
    }

    /// A dead connection leaves its name to a new request, unless another connection joins the two VPCs already.
    fn missing_of_dead(&self, connection: &PeeringConnection, status: &'static str) -> Missing {
        let name = connection.name.clone();
        let sides = (self.vpc_of_side(&connection.requester), self.vpc_of_side(&connection.accepter));
        match sides {
            (Some(vpc), Some(peer))
                if self.live_connection_between(&vpc.name, &peer.name).is_none()
                    && matches!(self.check_request(vpc, peer), Ok((false, _))) =>
            {
                let account = connection.requester.account.clone();
                let call = self.request(vpc, peer, name.to_string(), Some(connection));
                let next = Next::Call(account.clone(), call);
                Missing { lack: Lack::Over { connection: name, status, account }, next }
            }
            _ => Missing { lack: Lack::OverForGood { connection: name, status }, next: Next::Nothing },
        }
    }

    /// The call that requests a connection, like a former one if there was one.
    pub(crate) fn request(&self, vpc: &Vpc, peer: &Vpc, name: String, former: Option<&PeeringConnection>) -> Call {
        let bandwidth = former.and_then(|former| former.bandwidth);
        let latency = former.and_then(|former| former.latency);
        let mtu = former.and_then(|former| former.mtu);
        Call::CreateVpcPeeringConnection(CreateVpcPeeringConnection {
            name,
            vpc: vpc.name.to_string(),
            peer_vpc: peer.id.to_string(),
            peer_account: (vpc.account != peer.account).then(|| peer.account.to_string()),
            peer_region: (vpc.region != peer.region).then(|| peer.region.to_string()),
            bandwidth: bandwidth.map(|bandwidth| format!("{}Mbit", bandwidth.0 / 1_000_000)),
            latency: latency.map(|latency| format!("{}us", latency.as_micros())),
            mtu: mtu.map(|mtu| mtu.to_string()),
            id: None,
        })
    }
}

/// The call that accepts a request.
pub(crate) fn acceptance(connection: &PeeringConnection) -> Call {
    Call::AcceptVpcPeeringConnection(AcceptVpcPeeringConnection { name: connection.name.to_string(), region: None })
}
