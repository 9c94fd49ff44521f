//! Next hops that are deleted, and the entries that lead to them.

use super::messages::Said;
use super::{NextHop, RouteEntry, RouteTable};
use crate::message::Message;
use crate::msg;
use crate::{Call, Cloud, Fault, Gone, Refusal, VpcName};

impl Cloud {
    /// Records the deletion of a next hop of a VPC's entries: those that lead to it lead nowhere from then on. Returns a
    /// warning that lists them.
    pub(crate) fn remove_hop(&mut self, vpc: &VpcName, hop: &NextHop, gone: Gone) -> Option<Message> {
        let dead = self.leave_entries_behind(vpc, hop, &gone);
        let Gone { id, name, kind, .. } = gone;
        if dead.is_empty() {
            self.directory.remove(kind, &name, &id);
            return None;
        }
        self.directory.bury(kind, &name, &id);
        Some(msg!(Said::EntriesLeadNowhere { entries: dead }))
    }

    /// Makes the entries of a VPC that lead to a deleted peering lead nowhere; returns them.
    pub(crate) fn leave_entries_behind(&mut self, vpc: &VpcName, hop: &NextHop, gone: &Gone) -> Vec<Message> {
        let gone = NextHop::Gone(gone.clone());
        let entries = self.entries_naming(vpc, hop);
        let places: Vec<_> = entries.map(|(table, entry)| (table.name.clone(), entry.destination)).collect();
        for (name, _) in &places {
            let Some(table) = self.route_tables.get_mut(name) else { continue };
            for entry in table.entries.iter_mut().filter(|entry| entry.next_hop == *hop) {
                entry.next_hop = gone.clone();
            }
            table.entries.sort_by(|one, other| one.key().cmp(&other.key()));
        }
        places.iter().map(|(table, destination)| msg!(Said::EntryOf { destination, table })).collect()
    }

    /// Deletes the entries of a VPC that lead to a next hop.
    pub(crate) fn delete_entries_to(&mut self, vpc: &VpcName, hop: &NextHop) {
        let entries = self.entries_naming(vpc, hop);
        let tables: std::collections::BTreeSet<_> = entries.map(|(table, _)| table.name.clone()).collect();
        for name in tables {
            if let Some(table) = self.route_tables.get_mut(&name) {
                table.entries.retain(|entry| entry.next_hop != *hop);
            }
        }
    }

    /// The entries of a VPC that lead to a next hop.
    pub(crate) fn entries_naming(
        &self,
        vpc: &VpcName,
        hop: &NextHop,
    ) -> impl Iterator<Item = (&RouteTable, &RouteEntry)> {
        let tables = self.route_tables_of(vpc);
        let entries = tables.flat_map(|table| table.entries.iter().map(move |entry| (table, entry)));
        entries.filter(move |(_, entry)| entry.next_hop == *hop)
    }

    /// Checks that no entry leads to a resource that is to be deleted.
    pub(crate) fn check_no_entry_names(&self, vpc: &VpcName, hop: &NextHop) -> Result<(), Refusal> {
        let entries: Vec<_> = self.entries_naming(vpc, hop).filter(|_| !self.provider.routes_outlive_hops).collect();
        let Some((table, entry)) = entries.first() else { return Ok(()) };
        let all: Vec<_> = entries
            .iter()
            .map(|(table, entry)| msg!(Said::EntryOf { destination: &entry.destination, table: &table.name }))
            .collect();
        let message = msg!(Said::EntriesLeadTo { hop, entries: all });
        let hint = match table.entries_for(entry.destination) {
            [_] => msg!(Said::DeleteThatEntry { table: &table.name, destination: &entry.destination }),
            _ => msg!(Said::DeleteOneOfSeveral { call: Call::DeleteRouteEntry(table.deletion_of(entry)) }),
        };
        let code = match hop {
            NextHop::Peering(_) => Fault::PeeringInUseByRouteEntry,
            _ => Fault::InUseByRouteEntry,
        };
        Err(Refusal::new(code, message, hint).at("name"))
    }
}
