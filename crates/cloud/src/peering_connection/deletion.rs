//! The end of a connection, by itself or with one of its VPCs.

use super::messages::{Hints, Refusals};
use super::{ConnectionSide, ConnectionStatus, PeeringConnection};
use crate::msg;
use crate::reference::Resource;
use crate::{
    AtVpcDeletion, Cloud, DeleteVpcPeeringConnection, EntriesAtDelete, Fault, Gone, NextHop, Operation, Origin,
    Outcome, PeeringName, Refusal, ResourceKind, Transition, VpcName,
};

impl Cloud {
    /// Deletes a connection, by either side's owner.
    pub(crate) fn delete_vpc_peering_connection(
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
    pub(crate) fn is_deleted(&self, _: &Operation, call: &DeleteVpcPeeringConnection) -> Option<bool> {
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

    /// Removes a deleted connection, where the provider does not show it any more.
    pub(super) fn forget_if_deleted(&mut self, name: &PeeringName) {
        let is_deleted = |it: &PeeringConnection| it.status == ConnectionStatus::Deleted;
        if self.provider.requests().entries == EntriesAtDelete::Forced
            && self.peering_connections.get(name).is_some_and(is_deleted)
        {
            self.forget_connection(name);
        }
    }

    /// Removes a connection, if it exists; entries that lead to it lead nowhere from now on.
    pub(crate) fn forget_connection(&mut self, name: &PeeringName) {
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

    /// Whether a connection prevents the deletion of one of its VPCs.
    pub(crate) fn prevents_deletion(&self, connection: &PeeringConnection, vpc: &VpcName) -> bool {
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
    pub(crate) fn delete_connections_of(&mut self, vpc: &VpcName, origin: &Origin) -> Vec<Transition> {
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
    pub(crate) fn leave_dead_connections(&mut self, vpc: &VpcName) {
        let of = self.connections_of(vpc).map(|(connection, side)| (connection, connection.other(side)));
        let orphans = of.filter(|(_, other)| self.vpc_of_side(other).is_none());
        let orphans: Vec<_> = orphans.map(|(connection, _)| connection.name.clone()).collect();
        for name in orphans {
            self.forget_connection(&name);
        }
    }
}

impl DeleteVpcPeeringConnection {
    /// Whether it deletes the route entries too.
    pub fn is_forced(&self) -> bool {
        self.force.as_deref().is_some_and(|force| force != "false")
    }
}
