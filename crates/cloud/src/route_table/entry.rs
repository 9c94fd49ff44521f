//! Creates and deletes entries, and checks their destinations and priorities.

use ipnet::Ipv4Net;

use super::messages::Said;
use super::{NextHop, RouteEntry, RouteTable};
use crate::message::Message;
use crate::msg;
use crate::{Call, Cloud, CreateRouteEntry, DeleteRouteEntry, Fault, Local, Operation, Outcome, Quota, Refusal, value};

impl Cloud {
    pub(crate) fn create_route_entry(
        &mut self,
        operation: &Operation,
        call: &CreateRouteEntry,
    ) -> Result<Outcome, Refusal> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref())?;
        self.check_no_task(&table.vpc, None, "destination")?;
        let priority = self.entry_priority(call.priority.as_deref())?;
        let destination = self.destination(table, &call.destination)?;
        let most = self.provider.hops_per_entry;
        if call.next_hop.len() > most {
            let message = msg!(Said::TooManyHops { provider: self.provider.name, most });
            let hint = msg!(Said::NameFewerHops);
            return Err(Refusal::new(Fault::UnsupportedOperation, message, hint).at("next-hop").value(most));
        }
        let mut entries: Vec<RouteEntry> = Vec::new();
        for (index, text) in call.next_hop.iter().enumerate() {
            let next_hop = self.next_hop(table, text).map_err(|refusal| refusal.value(index))?;
            self.check_inner_hop(table, destination, &next_hop).map_err(|refusal| refusal.value(index))?;
            let entry = RouteEntry { destination, priority, next_hop, origin: operation.origin.clone() };
            check_new(table, &entry)?;
            if entries.iter().any(|other| other.next_hop == entry.next_hop) {
                let message = msg!(Said::HopTwice { next_hop: &entry.next_hop });
                let hint = msg!(Said::NameEachHopOnce);
                return Err(Refusal::new(Fault::DuplicateDestination, message, hint).at("next-hop").value(index));
            }
            entries.push(entry);
        }
        let most = self.limit(Quota::RoutesPerTable, self.provider.entries_per_table);
        if table.entries.len() + entries.len() > most {
            let message = msg!(Said::TooManyEntries { table: &table.name, most });
            return Err(Refusal::new(Fault::QuotaExceeded, message, msg!(Said::DeleteOrJoinEntries)));
        }

        let vpc = &self.vpcs[&table.vpc];
        let own = vpc.block_around(destination).filter(|_| !self.is_inner(table, destination));
        let own = own.map(|cidr| msg!(Said::InOwnBlock { destination, vpc: &vpc.name, cidr }));
        let warnings = own.into_iter().collect();

        let name = table.name.clone();
        for entry in entries {
            self.insert_entry(&name, entry);
        }
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Whether the table has the entry, with these next hops.
    pub(crate) fn has_route_entry(&self, operation: &Operation, call: &CreateRouteEntry) -> Option<bool> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref()).ok()?;
        let entries = table.entries_for(value::cidr_or_address(&self.as_block(&call.destination), "destination").ok()?);
        let priority = self.entry_priority(call.priority.as_deref()).ok()?;
        let there = |text: &String| {
            let mut such = entries.iter().filter(|entry| entry.priority == priority && entry.next_hop.is_live());
            such.any(|entry| self.is_named_by(table, &entry.next_hop, text))
        };
        // If a destination gets all its next hops at once, it has no others.
        let only = self.provider.entry_priorities.is_some() || entries.len() == call.next_hop.len();
        Some(only && call.next_hop.iter().all(there))
    }

    pub(crate) fn delete_route_entry(
        &mut self,
        operation: &Operation,
        call: &DeleteRouteEntry,
    ) -> Result<Outcome, Refusal> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref())?;
        self.check_no_task(&table.vpc, None, "destination")?;
        let destination = value::cidr_or_address(&self.as_block(&call.destination), "destination")?;
        let entries = table.entries_for(destination);
        if entries.is_empty() {
            let message = msg!(Said::NoEntry { table: &table.name, destination });
            let all: Vec<_> = table.by_destination().map(|entries| entries[0].destination).collect();
            let hint = match &all[..] {
                [] => msg!(Said::HasNoEntries),
                all => msg!(Said::HasEntriesFor { destinations: all }),
            };
            return Err(Refusal::new(Fault::RouteEntryNotFound, message, hint).at("destination"));
        }
        let mut meant: Vec<_> = entries.iter().collect();
        if let Some(text) = call.priority.as_deref() {
            let priority = self.entry_priority(Some(text))?;
            meant.retain(|entry| entry.priority == priority);
            if meant.is_empty() {
                let message = msg!(Said::NoEntryOfPriority { table: &table.name, destination, priority: text });
                let mut all: Vec<_> = entries.iter().filter_map(|entry| entry.priority).collect();
                all.dedup();
                let hint = msg!(Said::PrioritiesAre { priorities: all });
                return Err(Refusal::new(Fault::RouteEntryNotFound, message, hint).at("priority"));
            }
        }
        if let Some(text) = &call.next_hop {
            let hops: Vec<_> = meant.iter().map(|entry| &entry.next_hop).collect();
            meant.retain(|entry| self.is_named_by(table, &entry.next_hop, text));
            if meant.is_empty() {
                let hint = msg!(Said::NameHopOrNone { hop: hops[0] });
                let message = msg!(Said::LeadsElsewhere { destination, hops, text });
                return Err(Refusal::new(Fault::RouteEntryNotFound, message, hint).at("next-hop"));
            }
        }
        if meant.len() > 1 && self.provider.entry_priorities.is_some() {
            let count = meant.len();
            let message = msg!(Said::SeveralEntries { table: &table.name, count, destination });
            let example = Call::DeleteRouteEntry(table.deletion_of(meant[0]));
            let hint = msg!(Said::SayWhich { example });
            return Err(Refusal::new(Fault::AmbiguousReference, message, hint).at("destination"));
        }

        let (name, gone) = (table.name.clone(), meant.into_iter().cloned().collect::<Vec<_>>());
        if let Some(table) = self.route_tables.get_mut(&name) {
            table.entries.retain(|entry| !gone.contains(entry));
        }
        Ok(Outcome::default())
    }

    /// Whether the table has no such entry.
    pub(crate) fn has_no_route_entry(&self, operation: &Operation, call: &DeleteRouteEntry) -> Option<bool> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref()).ok()?;
        let entries = table.entries_for(value::cidr_or_address(&self.as_block(&call.destination), "destination").ok()?);
        let priority = call.priority.as_deref().map(|text| self.entry_priority(Some(text))).transpose().ok()?;
        let named = |hop: &NextHop| call.next_hop.as_ref().is_none_or(|text| self.is_named_by(table, hop, text));
        let meant = |entry: &RouteEntry| priority.is_none_or(|it| entry.priority == it) && named(&entry.next_hop);
        Some(!entries.iter().any(meant))
    }

    /// Parses an entry's priority.
    pub(crate) fn entry_priority(&self, text: Option<&str>) -> Result<Option<u8>, Refusal> {
        let (Some(priorities), Some(text)) = (&self.provider.entry_priorities, text) else {
            if text.is_none() {
                return Ok(self.provider.entry_priority());
            }
            let message = msg!(Said::NoPriorities { provider: &self.provider.name });
            let hint = msg!(Said::LeavePriorityOut);
            return Err(Refusal::new(Fault::UnsupportedOperation, message, hint).at("priority"));
        };
        value::check_no_leading_zero(text, Fault::InvalidPriority, "priority")?;
        let priority = value::number(text).filter(|priority| priorities.all.contains(priority));
        priority.map(Some).ok_or_else(|| {
            let (first, last) = (priorities.all.start(), priorities.all.end());
            let hint = msg!(Said::WritePriority { first, last });
            Refusal::new(Fault::InvalidPriority, msg!(Said::NotAPriority { text }), hint).at("priority")
        })
    }

    /// Checks an entry's destination (docs/cloud.md §3).
    pub(super) fn destination(&self, table: &RouteTable, text: &str) -> Result<Ipv4Net, Refusal> {
        let refused = |code, message: Message, hint: Message| Err(Refusal::new(code, message, hint).at("destination"));
        let destination = value::cidr_or_address(&self.as_block(text), "destination")?;
        if let Some(entry) = table.entries_for(destination).first()
            && self.provider.entry_priorities.is_none()
        {
            let message = msg!(Said::HasEntry { table: &table.name, destination, next_hop: &entry.next_hop });
            return refused(Fault::DuplicateDestination, message, msg!(Said::DeleteEntryFirst));
        }
        if let Some(services) = self.provider.services.filter(|services| services.contains(&destination)) {
            let message = msg!(Said::InServices { destination, services });
            return refused(Fault::InvalidCidr, message, msg!(Said::TakeAnotherDestination));
        }
        let local = match self.provider.local {
            Local::Subnets => {
                let mut subnets = self.subnets_of(&table.vpc);
                let subnet = subnets.find(|subnet| subnet.cidr.contains(&destination));
                subnet.map(|subnet| msg!(Said::LocalSubnet { subnet: &subnet.name, cidr: &subnet.cidr }))
            }
            Local::WholeVpc => {
                let vpc = &self.vpcs[&table.vpc];
                vpc.block_around(destination).map(|cidr| msg!(Said::LocalVpc { vpc: &vpc.name, cidr }))
            }
        };
        let Some(local) = local else { return Ok(destination) };
        let is_local_itself = self.vpcs[&table.vpc].blocks().any(|block| block == destination);
        if self.is_inner(table, destination) && !is_local_itself {
            if self.subnets_of(&table.vpc).any(|subnet| subnet.cidr == destination) {
                return Ok(destination);
            }
            let message = msg!(Said::NoWholeSubnet { destination, local });
            return refused(Fault::InvalidCidr, message, msg!(Said::TakeASubnetsBlock));
        }
        refused(Fault::InvalidCidr, msg!(Said::IsLocal { destination, local }), msg!(Said::TakeOtherVpcsBlock))
    }

    /// A route for a part of the VPC leads to an instance or a NAT gateway (docs/cloud.md §15).
    fn check_inner_hop(&self, table: &RouteTable, destination: Ipv4Net, hop: &NextHop) -> Result<(), Refusal> {
        if !self.is_inner(table, destination) || matches!(hop, NextHop::Instance(_) | NextHop::NatGateway(_)) {
            return Ok(());
        }
        let message = msg!(Said::NotWithinVpc { destination, vpc: &table.vpc, hop });
        Err(Refusal::new(Fault::NextHopType, message, msg!(Said::NameMiddlebox)).at("next-hop"))
    }
}

/// Checks that a table has no entry with the same destination, priority and next hop.
fn check_new(table: &RouteTable, entry: &RouteEntry) -> Result<(), Refusal> {
    let RouteEntry { destination, next_hop, .. } = entry;
    if !table.entries_for(*destination).iter().any(|other| other.key() == entry.key()) {
        return Ok(());
    }
    let priority = entry.priority.unwrap_or_default();
    let message = msg!(Said::HasEntryOfPriority { table: &table.name, destination, next_hop, priority });
    let hint = msg!(Said::GiveAnotherPriority);
    Err(Refusal::new(Fault::DuplicateDestination, message, hint).at("destination"))
}
