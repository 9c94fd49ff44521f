//! Changes of a connection: its bandwidth, and its states, which take time where a lab has a pace.

use super::messages::{Hints, Refusals};
use super::{ConnectionStatus, PeeringConnection, UnderWay};
use crate::msg;
use crate::{
    Cloud, Fault, ModifyVpcPeeringConnection, Operation, Origin, Outcome, PeeringName, Refusal, Transition, Vpc, value,
};

impl Cloud {
    fn pass_connection(&self, name: impl ToString, states: &[ConnectionStatus]) -> Transition {
        let states = states.iter().map(|status| self.word_of_connection(*status)).collect();
        Transition { name: name.to_string(), states }
    }

    pub(super) fn check_status_of_connection(
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
    pub(crate) fn modify_vpc_peering_connection(
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
    pub(crate) fn has_bandwidth(&self, operation: &Operation, call: &ModifyVpcPeeringConnection) -> Option<bool> {
        let connection = self.mine::<PeeringConnection>(operation, &call.name)?;
        Some(connection.bandwidth? == value::bandwidth(&call.bandwidth)?)
    }

    /// Goes through states and stays in the last one; in a passing one, if the change takes time.
    /// `origin`: the operation that changes it.
    pub(crate) fn become_status(
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
    pub(crate) fn finish_connection(&mut self, name: &PeeringName) -> Option<Transition> {
        let connection = self.peering_connections.get_mut(name)?;
        let UnderWay { then, .. } = connection.under_way.take()?;
        let before = std::mem::replace(&mut connection.status, then);
        self.forget_if_deleted(name);
        Some(self.pass_connection(name, &[before, then]))
    }

    /// Checks that no connection of these VPCs but `own` is being changed, where they are changed one at a time.
    pub(super) fn check_no_other_change<'a>(
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

    /// Lets the requests expire whose time is over.
    pub(crate) fn expire_requests(&mut self, origin: &Origin) -> Vec<Transition> {
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
