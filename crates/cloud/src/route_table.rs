//! Route tables and their entries (docs/cloud.md §3).

mod messages;

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing, did_you_mean};
use super::{
    AssociateRouteTable, Association, Call, Cloud, CreateRouteEntry, CreateRouteTable, DeleteRouteEntry,
    DeleteRouteTable, Fault, GatewayName, Gone, Id, InstanceName, InternetAccess, Local, NatGatewayName, Operation,
    Origin, Outcome, PeeringName, Quota, Refusal, ReplaceRouteTableAssociation, ResourceKind, RouteTableName,
    SetMainRouteTable, Subnet, SubnetName, UnassociateRouteTable, Vpc, VpcName, left_out, value,
};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// A route table. Local routes are not entries: see [`Provider::local`](super::Provider).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its name.
    pub name: RouteTableName,
    /// Its id.
    pub id: Id,
    /// The VPC whose router it belongs to.
    pub vpc: VpcName,
    /// Whether it is the VPC's main table, which serves every subnet without an association.
    pub is_main: bool,
    /// The entries, sorted by destination, priority and next hop, without duplicates.
    pub entries: Vec<RouteEntry>,
    /// Where it was written.
    pub origin: Origin,
}

/// An entry of a route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteEntry {
    /// The destination block.
    pub destination: Ipv4Net,
    /// The priority, 1 (first) to 255, if the provider's entries have one.
    pub priority: Option<u8>,
    /// The next hop.
    pub next_hop: NextHop,
    /// Where it was written.
    pub origin: Origin,
}

/// The next hop of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NextHop {
    /// This VPC's end of a peering, in any state: see [`Cloud::peering`](super::Cloud::peering).
    Peering(PeeringName),
    /// An instance of the VPC, which passes packets on if it runs and forwards (docs/cloud.md §12).
    Instance(InstanceName),
    /// A NAT gateway of the VPC (docs/cloud.md §14).
    NatGateway(NatGatewayName),
    /// The internet, for instances with a public address.
    Internet,
    /// The internet, by the VPC's gateway (docs/cloud.md §14).
    Gateway(GatewayName),
    /// A deleted half of a peering (docs/cloud.md §2), or another deleted next hop (§15).
    Gone(Gone),
}

impl NextHop {
    /// Whether it exists: an entry may still hold the id of something deleted.
    pub fn is_live(&self) -> bool {
        !matches!(self, NextHop::Gone(_))
    }

    /// Whether it leads packets of public addresses to the internet.
    pub fn leads_out(&self) -> bool {
        matches!(self, NextHop::Internet | NextHop::Gateway(_))
    }
}

/// The kinds of next hops.
const NEXT_HOPS: [ResourceKind; 7] = [
    ResourceKind::RouterInterface,
    ResourceKind::Compound,
    ResourceKind::VpcPeering,
    ResourceKind::PeeringConnection,
    ResourceKind::Instance,
    ResourceKind::NatGateway,
    ResourceKind::Gateway,
];

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NextHop::Peering(name) => f.pad(name.as_str()),
            NextHop::Instance(name) => f.pad(name.as_str()),
            NextHop::NatGateway(name) => f.pad(name.as_str()),
            NextHop::Gateway(name) => f.pad(name.as_str()),
            NextHop::Internet => f.pad("internet"),
            NextHop::Gone(gone) => gone.fmt(f),
        }
    }
}

impl RouteEntry {
    /// The key that identifies and sorts entries.
    fn key(&self) -> (Ipv4Net, Option<u8>, &NextHop) {
        (self.destination, self.priority, &self.next_hop)
    }
}

impl RouteTable {
    /// The arguments by which a call names it: `--table`, or `--vpc` for a VPC's main table.
    pub fn named(&self) -> (Option<String>, Option<String>) {
        if self.is_main { (None, Some(self.vpc.to_string())) } else { (Some(self.name.to_string()), None) }
    }

    /// The entries of each destination.
    pub fn by_destination(&self) -> impl Iterator<Item = &[RouteEntry]> {
        self.entries.chunk_by(|one, other| one.destination == other.destination)
    }

    /// The entries for a destination.
    pub fn entries_for(&self, destination: Ipv4Net) -> &[RouteEntry] {
        let start = self.entries.partition_point(|entry| entry.destination < destination);
        let end = self.entries.partition_point(|entry| entry.destination <= destination);
        &self.entries[start..end]
    }

    /// Whether its entries are sorted and unique.
    pub(super) fn is_sorted(&self) -> bool {
        self.entries.is_sorted_by(|one, other| one.key() < other.key())
    }

    /// The call that deletes one of its entries.
    pub fn deletion_of(&self, entry: &RouteEntry) -> DeleteRouteEntry {
        let (table, vpc) = self.named();
        let others = self.entries_for(entry.destination).len() > 1;
        let priority = entry.priority.filter(|_| others).map(|priority| priority.to_string());
        let (destination, next_hop) = (entry.destination.to_string(), Some(entry.next_hop.to_string()));
        DeleteRouteEntry { table, vpc, destination, next_hop, priority }
    }

    /// Whether it is the table that came with the VPC.
    pub fn is_default(&self) -> bool {
        self.name == RouteTableName::default_of(&self.vpc)
    }
}

impl Cloud {
    /// Creates a VPC's default table.
    pub(super) fn create_default_table(&mut self, vpc: &VpcName) {
        let name = RouteTableName::default_of(vpc);
        let id = self.derived_id(ResourceKind::RouteTable, name.as_str());
        self.insert_table(name.clone(), id, vpc.clone(), Origin::Provider);
        if let Some(table) = self.route_tables.get_mut(&name) {
            table.is_main = true;
        }
        if self.provider.default_route {
            let destination = Ipv4Net::default();
            let priority = self.provider.entry_priority();
            let (next_hop, origin) = (NextHop::Internet, Origin::Provider);
            self.insert_entry(&name, RouteEntry { destination, priority, next_hop, origin });
        }
    }

    /// Deletes a VPC's main table.
    pub(super) fn delete_main_table(&mut self, vpc: &VpcName) {
        let name = self.main_table_of(vpc).name.clone();
        self.remove_table(&name);
    }

    fn insert_table(&mut self, name: RouteTableName, id: Id, vpc: VpcName, origin: Origin) {
        self.directory.insert(&id, Thing::RouteTable(name.clone()));
        self.contents.get_or_default(&vpc).route_tables.insert(name.clone());
        self.route_tables
            .insert(name.clone(), RouteTable { name, id, vpc, is_main: false, entries: Vec::new(), origin });
    }

    fn remove_table(&mut self, name: &RouteTableName) {
        let Some(table) = self.route_tables.remove(name) else { return };
        self.directory.remove(ResourceKind::RouteTable, name.as_str(), &table.id);
        if let Some(contents) = self.contents.get_mut(&table.vpc) {
            contents.route_tables.remove(name);
        }
    }

    fn insert_entry(&mut self, table: &RouteTableName, entry: RouteEntry) {
        if let Some(table) = self.route_tables.get_mut(table) {
            let place = table.entries.partition_point(|other| other.key() < entry.key());
            table.entries.insert(place, entry);
        }
    }

    /// The subnets that a table serves, by name.
    pub fn subnets_served_by<'a>(&'a self, table: &'a RouteTable) -> impl Iterator<Item = &'a Subnet> {
        self.subnets_of(&table.vpc).filter(move |subnet| self.table_of(subnet).name == table.name)
    }

    pub(super) fn create_route_table(
        &mut self,
        operation: &Operation,
        call: &CreateRouteTable,
    ) -> Result<Outcome, Refusal> {
        self.free_name(ResourceKind::RouteTable, &call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?.name.clone();
        self.check_tables_of(&vpc).map_err(|refusal| refusal.at("vpc"))?;
        let id = self.new_id(ResourceKind::RouteTable, &call.name, call.id.as_deref(), "id")?;

        let name = RouteTableName::trusted(&*call.name);
        self.insert_table(name, id, vpc, operation.origin.clone());
        Ok(Outcome::default())
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_route_table(&self, operation: &Operation, call: &CreateRouteTable) -> Option<bool> {
        let (table, vpc) = (self.mine::<RouteTable>(operation, &call.name)?, Vpc::find(self, &call.vpc)?);
        Some(table.vpc == vpc.name && is_given(&call.id, &table.id.0))
    }

    pub(super) fn delete_route_table(
        &mut self,
        operation: &Operation,
        call: &DeleteRouteTable,
    ) -> Result<Outcome, Refusal> {
        let table = self.own::<RouteTable>(operation, &call.name, "name")?;
        if table.is_main {
            let message = msg!(Said::IsDefault { table: &table.name, vpc: &table.vpc });
            let hint = msg!(Said::GoesWithVpc);
            return Err(Refusal::new(Fault::DefaultResource, message, hint).at("name"));
        }
        let subnets: Vec<_> = self.subnets_served_by(table).map(|subnet| &subnet.name).collect();
        if let Some(first) = subnets.first() {
            let hint = msg!(Said::UnassociateFirst { table: &table.name, subnet: *first });
            let message = msg!(Said::IsAssociated { table: &table.name, subnets });
            return Err(Refusal::new(Fault::InUseBySubnet, message, hint).at("name"));
        }

        let name = table.name.clone();
        self.remove_table(&name);
        Ok(Outcome::default())
    }

    pub(super) fn associate_route_table(
        &mut self,
        operation: &Operation,
        call: &AssociateRouteTable,
    ) -> Result<Outcome, Refusal> {
        let (table, subnet) = self.table_and_subnet(operation, &call.table, &call.subnet)?;
        let explicit = self.provider.explicit_associations;
        if let Some(association) = subnet.association.as_ref().filter(|_| explicit) {
            let message = msg!(Said::AlreadyAssociated { subnet: &subnet.name, table: &association.table });
            let hint = msg!(Said::ReplaceAssociation { table: &table.name, subnet: &subnet.name });
            return Err(Refusal::new(Fault::AlreadyAssociated, message, hint).at("subnet"));
        }
        let association = Association { table: table.name.clone(), origin: operation.origin.clone() };
        let association = (explicit || !table.is_main).then_some(association);

        let subnet = subnet.name.clone();
        self.set_association(&subnet, association);
        Ok(Outcome::default())
    }

    /// The caller's own table and subnet, of one VPC.
    fn table_and_subnet(
        &self,
        operation: &Operation,
        table: &str,
        subnet: &str,
    ) -> Result<(&RouteTable, &Subnet), Refusal> {
        let table = self.own::<RouteTable>(operation, table, "table")?;
        let subnet = self.own::<Subnet>(operation, subnet, "subnet")?;
        if table.vpc != subnet.name.vpc {
            let message = msg!(Said::InAnotherVpc { table: &table.name, vpc: &table.vpc, subnet: &subnet.name });
            let hint = msg!(Said::NameTableOf { vpc: &subnet.name.vpc });
            return Err(Refusal::new(Fault::VpcMismatch, message, hint).at("subnet"));
        }
        Ok((table, subnet))
    }

    fn set_association(&mut self, subnet: &SubnetName, association: Option<Association>) {
        if let Some(subnet) = self.subnets.get_mut(subnet) {
            subnet.association = association;
        }
    }

    /// Makes a subnet that is associated with a table use another one.
    pub(super) fn replace_route_table_association(
        &mut self,
        operation: &Operation,
        call: &ReplaceRouteTableAssociation,
    ) -> Result<Outcome, Refusal> {
        self.check_explicit(operation)?;
        let (table, subnet) = self.table_and_subnet(operation, &call.table, &call.subnet)?;
        if subnet.association.is_none() {
            let message = msg!(Said::NotAssociatedYet { subnet: &subnet.name });
            let hint = msg!(Said::AssociateIt { table: &table.name, subnet: &subnet.name });
            return Err(Refusal::new(Fault::AssociationNotFound, message, hint).at("subnet"));
        }
        let association = Association { table: table.name.clone(), origin: operation.origin.clone() };
        let subnet = subnet.name.clone();
        self.set_association(&subnet, Some(association));
        Ok(Outcome::default())
    }

    /// Whether the subnet is associated with the table.
    pub(super) fn is_replaced(&self, operation: &Operation, call: &ReplaceRouteTableAssociation) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        let subnet = self.mine::<Subnet>(operation, &call.subnet)?;
        Some(subnet.association.as_ref().is_some_and(|association| association.table == table.name))
    }

    /// Makes a table the main one of its VPC.
    pub(super) fn set_main_route_table(
        &mut self,
        operation: &Operation,
        call: &SetMainRouteTable,
    ) -> Result<Outcome, Refusal> {
        self.check_explicit(operation)?;
        let table = self.own::<RouteTable>(operation, &call.table, "table")?;
        let (name, former) = (table.name.clone(), self.main_table_of(&table.vpc).name.clone());
        for (table, is_main) in [(former, false), (name, true)] {
            if let Some(table) = self.route_tables.get_mut(&table) {
                table.is_main = is_main;
            }
        }
        Ok(Outcome::default())
    }

    /// Whether the table is the main one.
    pub(super) fn is_main(&self, operation: &Operation, call: &SetMainRouteTable) -> Option<bool> {
        Some(self.mine::<RouteTable>(operation, &call.table)?.is_main)
    }

    /// Refuses an operation that only providers with explicit associations have.
    fn check_explicit(&self, operation: &Operation) -> Result<(), Refusal> {
        if self.provider.explicit_associations {
            return Ok(());
        }
        let message = msg!(Said::NoSuchOperation { operation: operation.call.name(), provider: self.provider.name });
        Err(Refusal::new(Fault::UnsupportedOperation, message, msg!(Said::AssociateReplaces)).at("table"))
    }

    /// Whether the subnet uses the table.
    pub(super) fn is_associated(&self, operation: &Operation, call: &AssociateRouteTable) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        Some(self.table_of(self.mine::<Subnet>(operation, &call.subnet)?).name == table.name)
    }

    pub(super) fn unassociate_route_table(
        &mut self,
        operation: &Operation,
        call: &UnassociateRouteTable,
    ) -> Result<Outcome, Refusal> {
        let table = self.own::<RouteTable>(operation, &call.table, "table")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        if subnet.association.as_ref().is_none_or(|association| association.table != table.name) {
            let message = msg!(Said::NotAssociated { subnet: &subnet.name, table: &table.name });
            let hint = match &subnet.association {
                Some(association) => msg!(Said::AssociatedWith { table: &association.table }),
                None => msg!(Said::AssociatedWithNone),
            };
            return Err(Refusal::new(Fault::AssociationNotFound, message, hint).at("subnet"));
        }

        let subnet = subnet.name.clone();
        self.set_association(&subnet, None);
        Ok(Outcome::default())
    }

    /// Whether the subnet does not use the table.
    pub(super) fn is_unassociated(&self, operation: &Operation, call: &UnassociateRouteTable) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        Some(self.table_of(self.mine::<Subnet>(operation, &call.subnet)?).name != table.name)
    }

    pub(super) fn create_route_entry(
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
    pub(super) fn has_route_entry(&self, operation: &Operation, call: &CreateRouteEntry) -> Option<bool> {
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

    pub(super) fn delete_route_entry(
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
    pub(super) fn has_no_route_entry(&self, operation: &Operation, call: &DeleteRouteEntry) -> Option<bool> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref()).ok()?;
        let entries = table.entries_for(value::cidr_or_address(&self.as_block(&call.destination), "destination").ok()?);
        let priority = call.priority.as_deref().map(|text| self.entry_priority(Some(text))).transpose().ok()?;
        let named = |hop: &NextHop| call.next_hop.as_ref().is_none_or(|text| self.is_named_by(table, hop, text));
        let meant = |entry: &RouteEntry| priority.is_none_or(|it| entry.priority == it) && named(&entry.next_hop);
        Some(!entries.iter().any(meant))
    }

    /// Parses an entry's priority.
    pub(super) fn entry_priority(&self, text: Option<&str>) -> Result<Option<u8>, Refusal> {
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

    /// Whether a next hop takes packets, as far as a route table knows: whether a peering carries traffic; an instance
    /// or the internet always does (docs/cloud.md §3).
    pub fn takes(&self, hop: &NextHop) -> bool {
        match hop {
            NextHop::Peering(name) => self.peering(name).is_some_and(|end| end.carries),
            NextHop::Instance(_) | NextHop::NatGateway(_) | NextHop::Internet | NextHop::Gateway(_) => true,
            NextHop::Gone(_) => false,
        }
    }

    /// The entries in use among a destination's: those with the best priority whose next hop takes packets, else the
    /// first of all (docs/cloud.md §3).
    pub fn in_use<'a>(&self, entries: &'a [RouteEntry]) -> Vec<&'a RouteEntry> {
        if let [only] = entries {
            return vec![only];
        }
        let takes: Vec<_> = entries.iter().filter(|entry| self.takes(&entry.next_hop)).collect();
        match takes.first() {
            Some(best) => takes.iter().copied().take_while(|entry| entry.priority == best.priority).collect(),
            None => entries.iter().take(1).collect(),
        }
    }

    /// The entry that packets of an instance with this address use: if several are in use, the address chooses
    /// (docs/cloud.md §3).
    pub fn entry_for<'a>(&self, entries: &'a [RouteEntry], sender: Ipv4Addr) -> &'a RouteEntry {
        if let [only] = entries {
            return only;
        }
        let in_use = self.in_use(entries);
        in_use[choice(in_use.len(), sender)]
    }

    /// The choices of an instance's address among a table's entries: an index for each destination with several entries
    /// in use. Instances with equal choices use the same entries; an empty list means the first of each.
    pub fn choices(&self, table: &RouteTable, sender: Ipv4Addr) -> Vec<usize> {
        let shared = table.by_destination().filter(|entries| entries.len() > 1);
        let shared = shared.map(|entries| self.in_use(entries).len()).filter(|count| *count > 1);
        let choices: Vec<_> = shared.map(|count| choice(count, sender)).collect();
        if choices.iter().all(|choice| *choice == 0) { Vec::new() } else { choices }
    }

    /// The named table, or the named VPC's default table; the grammar ensures that exactly one is given.
    pub(super) fn table_meant(
        &self,
        operation: &Operation,
        table: Option<&str>,
        vpc: Option<&str>,
    ) -> Result<&RouteTable, Refusal> {
        match table {
            Some(table) => self.own(operation, table, "table"),
            None => {
                let vpc = self.own::<Vpc>(operation, vpc.unwrap_or_default(), "vpc")?;
                Ok(self.main_table_of(&vpc.name))
            }
        }
    }

    /// Whether an instance of a VPC needs only a public address for internet access, without a route entry
    /// (docs/cloud.md §3).
    pub fn needs_no_entry_to_internet(&self, vpc: &VpcName) -> bool {
        self.provider.internet == InternetAccess::ByAddress && self.gateway_of(vpc).is_none()
    }

    /// Checks an entry's destination (docs/cloud.md §3).
    fn destination(&self, table: &RouteTable, text: &str) -> Result<Ipv4Net, Refusal> {
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

    /// Resolves a next hop of a table: its VPC's end of a peering, its VPC's instance, or the internet. A compound
    /// means the end in that VPC.
    pub(super) fn next_hop(&self, table: &RouteTable, text: &str) -> Result<NextHop, Refusal> {
        let refused = |code, message: Message, hint: Message| Err(Refusal::new(code, message, hint).at("next-hop"));
        let can_be_named = match self.provider.internet {
            InternetAccess::ByEntry => msg!(Said::NameHopOrInternet),
            InternetAccess::ByAddress | InternetAccess::ByGateway => msg!(Said::NameHop),
        };
        if text.eq_ignore_ascii_case("internet") {
            if self.provider.internet == InternetAccess::ByEntry {
                return Ok(NextHop::Internet);
            }
            let provider = self.provider.name;
            let (message, hint) = match (self.provider.internet, self.gateway_of(&table.vpc)) {
                (InternetAccess::ByGateway, _) => (msg!(Said::GatewayIsHop { provider }), msg!(Said::NameAGateway)),
                (_, Some(gateway)) => {
                    (msg!(Said::NoRouteToInternet { provider }), msg!(Said::NameGateway { gateway: &gateway.name }))
                }
                (_, None) => (msg!(Said::NoRouteToInternet { provider }), msg!(Said::LeaveEntryOut)),
            };
            return refused(Fault::NextHopType, message, hint);
        }
        let own = |vpc: &VpcName, hop: NextHop| {
            if *vpc == table.vpc {
                return Ok(hop);
            }
            let message = msg!(Said::HopInAnotherVpc { hop, vpc, table: &table.name, table_vpc: &table.vpc });
            let hint = match self.end_toward(&table.vpc, vpc) {
                Some(end) => msg!(Said::NameEndToward { vpc, end: &end.name, own_vpc: &table.vpc }),
                None => msg!(Said::NameHopOf { vpc: &table.vpc }),
            };
            refused(Fault::NextHopNotFound, message, hint)
        };
        match self.one_of(&NEXT_HOPS, text).map_err(|refusal| refusal.at("next-hop"))? {
            Some(Thing::RouterInterface(name)) => {
                own(&self.router_interfaces[&name].vpc, NextHop::Peering(name.clone()))
            }
            Some(Thing::VpcPeering(name)) => own(&self.vpc_peerings[&name].vpc, NextHop::Peering(name.clone())),
            Some(Thing::PeeringConnection(name)) => self.connection_as_next_hop(table, &name),
            Some(Thing::Instance(name)) => own(&self.instances[&name].subnet.vpc, NextHop::Instance(name.clone())),
            Some(Thing::NatGateway(name)) => {
                own(&self.nat_gateways[&name].host.subnet.vpc, NextHop::NatGateway(name.clone()))
            }
            Some(Thing::Gateway(name)) => own(&self.gateways[&name].vpc, NextHop::Gateway(name.clone())),
            Some(Thing::Compound(name)) => match self.compound_end_in(&name, &table.vpc) {
                Some(end) => Ok(NextHop::Peering(end)),
                None => {
                    let message = msg!(Said::NoEndInVpc { peering: name, vpc: &table.vpc });
                    let hint = msg!(Said::NamePeeringOfOwnVpc);
                    refused(Fault::NextHopNotFound, message, hint)
                }
            },
            _ => {
                if self.is_of_connection(text) {
                    return Err(self.not_found(ResourceKind::PeeringConnection, text).at("next-hop"));
                }
                if let Some(kind) = self.kind_of(text) {
                    let message = msg!(Said::NotAHop { text, kind });
                    return refused(Fault::NextHopType, message, can_be_named);
                }
                let hint = match NEXT_HOPS.into_iter().find_map(|kind| self.nearest(kind, text)) {
                    Some(near) => did_you_mean(near),
                    None => text.split_once(':').and_then(|(kind, _)| left_out(kind)).unwrap_or(can_be_named),
                };
                refused(Fault::NextHopNotFound, msg!(Said::NoSuchHop { text }), hint)
            }
        }
    }

    /// Whether `text` names this next hop of a table: by name, id or compound.
    pub(super) fn is_named_by(&self, table: &RouteTable, hop: &NextHop, text: &str) -> bool {
        match hop {
            NextHop::Gone(gone) => gone.is_named_by(text),
            hop => hop.to_string() == text || self.next_hop(table, text).is_ok_and(|named| named == *hop),
        }
    }

    /// The reference to a next hop in an operation: its name, with its kind if the name is ambiguous.
    pub fn reference_to(&self, hop: &NextHop) -> String {
        let (kind, name) = match hop {
            NextHop::Peering(name) if self.router_interfaces.contains_key(name) => {
                (ResourceKind::RouterInterface, name.as_str())
            }
            NextHop::Peering(name) if self.peering_connections.contains_key(name) => {
                (ResourceKind::PeeringConnection, name.as_str())
            }
            NextHop::Peering(name) => (ResourceKind::VpcPeering, name.as_str()),
            NextHop::Instance(name) => (ResourceKind::Instance, name.as_str()),
            NextHop::NatGateway(name) => (ResourceKind::NatGateway, name.as_str()),
            NextHop::Gateway(name) => (ResourceKind::Gateway, name.as_str()),
            NextHop::Internet | NextHop::Gone(_) => return hop.to_string(),
        };
        match self.one_of(&NEXT_HOPS, name) {
            Ok(Some(thing)) if thing.kind() == kind => name.to_owned(),
            _ => format!("{}:{name}", kind.keyword()),
        }
    }

    /// Whether a route to this next hop leads nowhere: it is gone, stopped, or a peering that does not carry traffic.
    pub fn leads_nowhere(&self, vpc: &VpcName, hop: &NextHop) -> bool {
        match hop {
            NextHop::Gone(_) => true,
            NextHop::Peering(name) => self.end_in(vpc, name).is_none_or(|end| !end.carries),
            NextHop::Instance(name) => self.instance(name).is_none_or(|hop| !hop.runs()),
            NextHop::NatGateway(_) | NextHop::Internet | NextHop::Gateway(_) => false,
        }
    }

    /// The provider's word for the state of a route to this next hop, if it has one.
    pub fn route_state(&self, vpc: &VpcName, hop: &NextHop) -> Option<&'static str> {
        let states = self.provider.route_states?;
        Some(if self.leads_nowhere(vpc, hop) { states.nowhere } else { states.active })
    }

    /// Records the deletion of a next hop of a VPC's entries: those that lead to it lead nowhere from then on. Returns a
    /// warning that lists them.
    pub(super) fn remove_hop(&mut self, vpc: &VpcName, hop: &NextHop, gone: Gone) -> Option<Message> {
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
    pub(super) fn leave_entries_behind(&mut self, vpc: &VpcName, hop: &NextHop, gone: &Gone) -> Vec<Message> {
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
    pub(super) fn delete_entries_to(&mut self, vpc: &VpcName, hop: &NextHop) {
        let entries = self.entries_naming(vpc, hop);
        let tables: std::collections::BTreeSet<_> = entries.map(|(table, _)| table.name.clone()).collect();
        for name in tables {
            if let Some(table) = self.route_tables.get_mut(&name) {
                table.entries.retain(|entry| entry.next_hop != *hop);
            }
        }
    }

    /// The entries of a VPC that lead to a next hop.
    pub(super) fn entries_naming(
        &self,
        vpc: &VpcName,
        hop: &NextHop,
    ) -> impl Iterator<Item = (&RouteTable, &RouteEntry)> {
        let tables = self.route_tables_of(vpc);
        let entries = tables.flat_map(|table| table.entries.iter().map(move |entry| (table, entry)));
        entries.filter(move |(_, entry)| entry.next_hop == *hop)
    }

    /// Checks that no entry leads to a resource that is to be deleted.
    pub(super) fn check_no_entry_names(&self, vpc: &VpcName, hop: &NextHop) -> Result<(), Refusal> {
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

/// The entry that a sender's address chooses: addresses are assigned to entries in turn.
fn choice(count: usize, sender: Ipv4Addr) -> usize {
    sender.to_bits() as usize % count
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
