//! The accepter's answer to a request: it accepts or rejects it.

use super::messages::{Hints, Refusals};
use super::{ConnectionStatus, PeeringConnection};
use crate::msg;
use crate::reference::Resource;
use crate::{AcceptVpcPeeringConnection, Cloud, Fault, Operation, Outcome, Refusal, RejectVpcPeeringConnection, value};

impl Cloud {
    /// Accepts a request: the connection is active.
    pub(crate) fn accept_vpc_peering_connection(
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
    pub(crate) fn is_accepted(&self, operation: &Operation, call: &AcceptVpcPeeringConnection) -> Option<bool> {
        let connection = PeeringConnection::find(self, &call.name)?;
        let mine = connection.accepter.account == operation.caller;
        Some(mine && connection.status == ConnectionStatus::Active)
    }

    /// Rejects a request.
    pub(crate) fn reject_vpc_peering_connection(
        &mut self,
        operation: &Operation,
        call: &RejectVpcPeeringConnection,
    ) -> Result<Outcome, Refusal> {
        let name = self.request_for(operation, &call.name, call.region.as_deref())?.name.clone();
        Ok(self.become_status(&name, &[ConnectionStatus::Pending, ConnectionStatus::Rejected], &operation.origin))
    }

    /// Whether the caller has rejected it.
    pub(crate) fn is_rejected(&self, operation: &Operation, call: &RejectVpcPeeringConnection) -> Option<bool> {
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
}
