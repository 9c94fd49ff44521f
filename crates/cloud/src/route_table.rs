//! Route tables and their entries (docs/cloud.md §3).

mod association;
mod choice;
mod entry;
mod gone;
mod messages;
mod next_hop;

use std::fmt;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    Cloud, CreateRouteTable, DeleteRouteEntry, DeleteRouteTable, Fault, GatewayName, Gone, Id, InstanceName,
    InternetAccess, NatGatewayName, Operation, Origin, Outcome, PeeringName, Refusal, ResourceKind, RouteTableName,
    Subnet, Vpc, VpcName,
};
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
}
