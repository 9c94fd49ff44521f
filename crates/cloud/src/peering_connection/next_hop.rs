//! Route entries that lead to a connection.

use super::messages::{Hints, Refusals};
use super::{ConnectedVpc, ConnectionStatus, PeeringConnection};
use crate::msg;
use crate::{Cloud, Fault, NextHop, PeeringKind, PeeringName, Refusal, ResourceKind, RouteTable};

impl Cloud {
    /// Whether a route entry leads to a connection.
    pub(super) fn is_next_hop(&self, connection: &PeeringConnection) -> bool {
        let hop = NextHop::Peering(connection.name.clone());
        connection.sides().into_iter().any(|(_, side)| self.entries_naming(&side.vpc, &hop).next().is_some())
    }

    /// The next hop of a table by a connection: its VPC's own end, once the provider allows routes to it.
    pub(crate) fn connection_as_next_hop(&self, table: &RouteTable, name: &PeeringName) -> Result<NextHop, Refusal> {
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
    pub(crate) fn is_of_connection(&self, text: &str) -> bool {
        let kind = ResourceKind::PeeringConnection;
        let by_kind = kind.strip(text).is_some_and(|rest| rest != text);
        let prefix = (self.provider.ids.prefix)(kind);
        let by_id = text.starts_with(prefix) && self.kind_of(text).is_none();
        self.provider.family(PeeringKind::PeeringConnections).is_some() && (by_kind || by_id)
    }
}
