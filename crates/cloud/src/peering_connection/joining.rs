//! The way of joining two VPCs by a peering connection (docs/cloud.md §10).

use super::ConnectionStatus;
use super::missing::acceptance;
use crate::joining::Way;
use crate::{AccountName, Call, Cloud, Vpc};

impl Cloud {
    /// Accepts the request that is there, else requests a connection, under the name of a dead one.
    pub(crate) fn way_by_connection(&self, own: &Vpc, peer: &Vpc) -> Way {
        let dead = self.connections_between(&own.name, &peer.name).find(|connection| connection.status.is_dead());
        let name = dead.map_or_else(
            || self.fresh_name(&format!("{}-{}", own.name, peer.name)),
            |connection| connection.name.to_string(),
        );
        let (vpc, other) = match dead {
            Some(dead) if self.vpc_of_side(&dead.requester).is_some_and(|vpc| vpc.name == peer.name) => (peer, own),
            _ => (own, peer),
        };
        // A request that fails joins nothing.
        let is_requested = self.live_connection_between(&own.name, &peer.name).is_some();
        if !is_requested && matches!(self.check_request(vpc, other), Ok((true, _))) {
            return (Vec::new(), false);
        }
        let request = self.request(vpc, other, name, dead);
        self.walk(|cloud| cloud.next_of_connection(vpc, other, &request))
    }

    fn next_of_connection(&self, vpc: &Vpc, peer: &Vpc, request: &Call) -> Option<(AccountName, Call)> {
        let Some(connection) = self.live_connection_between(&vpc.name, &peer.name) else {
            return Some((vpc.account.clone(), request.clone()));
        };
        let pending = connection.status == ConnectionStatus::Pending;
        pending.then(|| (connection.accepter.account.clone(), acceptance(connection)))
    }
}
