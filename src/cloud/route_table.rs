//! Route tables and their entries (docs/cloud.md §3).

use std::collections::BTreeMap;
use std::fmt;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::reference::Thing;
use super::{
    AssociateRouteTable, Association, Cloud, Code, CreateRouteEntry, CreateRouteTable, DeleteRouteEntry,
    DeleteRouteTable, Gone, Id, InstanceName, InternetAccess, Local, Operation, Origin, Outcome, PeeringName, Refusal,
    ResourceKind, RouteTableName, Subnet, UnassociateRouteTable, Vpc, VpcName, VpcPeering, value,
};

/// A route table. What is local to the VPC stands in no entry: see [`Provider::local`](super::Provider).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its name.
    pub name: RouteTableName,
    /// Its id.
    pub id: Id,
    /// Whose router it belongs to.
    pub vpc: VpcName,
    /// By destination, which is unique in a table.
    pub entries: BTreeMap<Ipv4Net, RouteEntry>,
    /// Where it was written.
    pub origin: Origin,
}

/// An entry of a route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteEntry {
    /// The CIDR block it is for.
    pub destination: Ipv4Net,
    /// Where it sends packets.
    pub next_hop: NextHop,
    /// Where it was written.
    pub origin: Origin,
}

/// Where an entry sends packets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NextHop {
    /// This VPC's end of a peering, in whatever state it is: see [`Cloud::peering`](super::Cloud::peering).
    Peering(PeeringName),
    /// An instance of the VPC. It is an ordinary host that forwards nothing: what is routed to it is dropped there
    /// (docs/cloud.md §3).
    Instance(InstanceName),
    /// The internet, for instances with a public address.
    Internet,
    /// A half of a peering that was deleted (docs/cloud.md §2).
    Gone(Gone),
}

impl NextHop {
    /// Whether it is there: an entry may still hold the id of a half of a peering that was deleted (docs/cloud.md §2).
    pub fn is_live(&self) -> bool {
        !matches!(self, NextHop::Gone(_))
    }
}

/// The kinds of things that a route can lead to.
const NEXT_HOPS: [ResourceKind; 4] =
    [ResourceKind::RouterInterface, ResourceKind::Compound, ResourceKind::VpcPeering, ResourceKind::Instance];

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NextHop::Peering(name) => f.pad(name.as_str()),
            NextHop::Instance(name) => f.pad(name.as_str()),
            NextHop::Internet => f.pad("internet"),
            NextHop::Gone(gone) => gone.fmt(f),
        }
    }
}

impl RouteTable {
    /// How a call names it: `--table`, or `--vpc` for a VPC's default table.
    pub(crate) fn named(&self) -> (Option<String>, Option<String>) {
        if self.is_default() { (None, Some(self.vpc.to_string())) } else { (Some(self.name.to_string()), None) }
    }

    /// Whether it came with its VPC, and serves every subnet that has no other.
    pub fn is_default(&self) -> bool {
        self.name == RouteTableName::default_of(&self.vpc)
    }
}

impl Cloud {
    /// The table that comes with a VPC.
    pub(super) fn create_default_table(&mut self, vpc: &VpcName) {
        let name = RouteTableName::default_of(vpc);
        let id = self.derived_id(ResourceKind::RouteTable, name.as_str());
        self.insert_table(name.clone(), id, vpc.clone(), Origin::Provider);
        if self.provider.default_route {
            let destination = Ipv4Net::default();
            self.insert_entry(&name, RouteEntry { destination, next_hop: NextHop::Internet, origin: Origin::Provider });
        }
    }

    /// The default table goes with its VPC.
    pub(super) fn delete_default_table(&mut self, vpc: &VpcName) {
        self.remove_table(&RouteTableName::default_of(vpc));
    }

    fn insert_table(&mut self, name: RouteTableName, id: Id, vpc: VpcName, origin: Origin) {
        self.directory.insert(&id, Thing::RouteTable(name.clone()));
        self.contents.get_or_default(&vpc).route_tables.insert(name.clone());
        self.route_tables.insert(name.clone(), RouteTable { name, id, vpc, entries: BTreeMap::new(), origin });
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
            table.entries.insert(entry.destination, entry);
        }
    }

    /// The tables of a VPC, by name.
    pub fn tables_of(&self, vpc: &VpcName) -> impl Iterator<Item = &RouteTable> {
        let names = self.contents.get(vpc).into_iter().flat_map(|contents| &contents.route_tables);
        names.map(|name| &self.route_tables[name])
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
        let id = self.new_id(ResourceKind::RouteTable, &call.name, call.id.as_deref(), "id")?;

        let name = RouteTableName::trusted(&*call.name);
        self.insert_table(name, id, vpc, operation.origin.clone());
        Ok(Outcome::default())
    }

    pub(super) fn delete_route_table(
        &mut self,
        operation: &Operation,
        call: &DeleteRouteTable,
    ) -> Result<Outcome, Refusal> {
        let table = self.own::<RouteTable>(operation, &call.name, "name")?;
        if table.is_default() {
            let message = format!("{} is the default table of VPC {}", table.name, table.vpc);
            let hint = "it goes with its VPC; delete its entries, or associate the subnets with a table of their own";
            return Err(Refusal::new(Code::DEFAULT_RESOURCE, message, hint).at("name"));
        }
        let users: Vec<_> = self.subnets_served_by(table).map(|subnet| subnet.name.to_string()).collect();
        if !users.is_empty() {
            let message = format!("route table {} is associated with {}", table.name, users.join(", "));
            let hint = format!("first unassociate-route-table {} --subnet {}", table.name, users[0]);
            return Err(Refusal::new(Code::DEPENDENCY_SUBNET, message, hint).at("name"));
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
        let table = self.own::<RouteTable>(operation, &call.table, "table")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        if table.vpc != subnet.name.vpc {
            let message = format!("route table {} is in VPC {}, subnet {} is not", table.name, table.vpc, subnet.name);
            let hint = format!("name a table of VPC {}", subnet.name.vpc);
            return Err(Refusal::new(Code::VPC_MISMATCH, message, hint).at("subnet"));
        }
        let association = Association { table: table.name.clone(), origin: operation.origin.clone() };
        let association = (!table.is_default()).then_some(association);

        let subnet = subnet.name.clone();
        if let Some(subnet) = self.subnets.get_mut(&subnet) {
            subnet.association = association;
        }
        Ok(Outcome::default())
    }

    pub(super) fn unassociate_route_table(
        &mut self,
        operation: &Operation,
        call: &UnassociateRouteTable,
    ) -> Result<Outcome, Refusal> {
        let table = self.own::<RouteTable>(operation, &call.table, "table")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        if subnet.association.as_ref().is_none_or(|association| association.table != table.name) {
            let message = format!("subnet {} is not associated with route table {}", subnet.name, table.name);
            let hint = match &subnet.association {
                Some(association) => format!("it is associated with {}", association.table),
                None => "it is associated with none: the VPC's default table serves it".into(),
            };
            return Err(Refusal::new(Code::ASSOCIATION_NOT_FOUND, message, hint).at("subnet"));
        }

        let subnet = subnet.name.clone();
        if let Some(subnet) = self.subnets.get_mut(&subnet) {
            subnet.association = None;
        }
        Ok(Outcome::default())
    }

    pub(super) fn create_route_entry(
        &mut self,
        operation: &Operation,
        call: &CreateRouteEntry,
    ) -> Result<Outcome, Refusal> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref())?;
        let destination = self.destination(table, &call.destination)?;
        let next_hop = self.next_hop(table, &call.next_hop)?;
        let most = self.provider.entries_per_table;
        if table.entries.len() >= most {
            let message = format!("route table {} has {most} entries, as many as it can", table.name);
            return Err(Refusal::new(Code::QUOTA_EXCEEDED, message, "delete an entry, or join several into one"));
        }

        let Vpc { name: vpc, cidr, .. } = &self.vpcs[&table.vpc];
        let own = cidr.contains(&destination).then(|| {
            format!(
                "{destination} lies in VPC {vpc}'s own block ({cidr}), and its subnets stay local; for a peering take the \
                 other VPC's block"
            )
        });
        let warnings = own.into_iter().collect();

        let name = table.name.clone();
        self.insert_entry(&name, RouteEntry { destination, next_hop, origin: operation.origin.clone() });
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    pub(super) fn delete_route_entry(
        &mut self,
        operation: &Operation,
        call: &DeleteRouteEntry,
    ) -> Result<Outcome, Refusal> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref())?;
        let destination = value::cidr_or_address(&call.destination, "destination")?;
        let Some(entry) = table.entries.get(&destination) else {
            let message = format!("route table {} has no entry for {destination}", table.name);
            let all: Vec<_> = table.entries.keys().map(Ipv4Net::to_string).collect();
            let hint = match &all[..] {
                [] => "it has no entries: there is nothing to delete".into(),
                all => format!("it has entries for {}", all.join(", ")),
            };
            return Err(Refusal::new(Code::ROUTE_ENTRY_NOT_FOUND, message, hint).at("destination"));
        };
        if let Some(text) = &call.next_hop
            && !self.is_named_by(table, &entry.next_hop, text)
        {
            let message = format!("the entry for {destination} leads to {}, not to {text}", entry.next_hop);
            let hint = format!("name {}, or leave the next hop out", entry.next_hop);
            return Err(Refusal::new(Code::ROUTE_ENTRY_NOT_FOUND, message, hint).at("next-hop"));
        }

        let name = table.name.clone();
        if let Some(table) = self.route_tables.get_mut(&name) {
            table.entries.remove(&destination);
        }
        Ok(Outcome::default())
    }

    /// The table named, or the default table of the VPC named: the grammar sees to it that it is one of the two.
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
                Ok(&self.route_tables[&RouteTableName::default_of(&vpc.name)])
            }
        }
    }

    /// Whether a public address is all that an instance of a VPC needs to reach the internet and be reached: no table is
    /// asked (docs/cloud.md §3).
    pub fn needs_no_entry_to_internet(&self, _vpc: &VpcName) -> bool {
        self.provider.internet == InternetAccess::ByAddress
    }

    /// A block for which the table can have an entry (docs/cloud.md §3).
    fn destination(&self, table: &RouteTable, text: &str) -> Result<Ipv4Net, Refusal> {
        let refused = |code, message: String, hint: String| Err(Refusal::new(code, message, hint).at("destination"));
        let destination = value::cidr_or_address(text, "destination")?;
        if let Some(entry) = table.entries.get(&destination) {
            let message = format!("route table {} has an entry for {destination}, via {}", table.name, entry.next_hop);
            return refused(Code::DUPLICATE_CIDR, message, "delete that entry first".into());
        }
        if let Some(services) = self.provider.services.filter(|services| services.contains(&destination)) {
            let message = format!("{destination} lies in {services}, which the provider keeps for its own services");
            return refused(Code::INVALID_CIDR, message, "take another destination".into());
        }
        let local = match self.provider.local {
            Local::Subnets => {
                let mut subnets = self.subnets_of(&table.vpc);
                let subnet = subnets.find(|subnet| subnet.cidr.contains(&destination));
                subnet.map(|subnet| format!("subnet {} ({})", subnet.name, subnet.cidr))
            }
            Local::WholeVpc => {
                let vpc = &self.vpcs[&table.vpc];
                vpc.cidr.contains(&destination).then(|| format!("VPC {} ({})", vpc.name, vpc.cidr))
            }
        };
        match local {
            None => Ok(destination),
            Some(local) => {
                let message = format!("{destination} lies in {local}: local routes cannot be overridden");
                let hint = "for a peering take the other VPC's block".into();
                refused(Code::INVALID_CIDR, message, hint)
            }
        }
    }

    /// What a table's entry can lead to: its own VPC's end of a peering, its own VPC's instance, or the internet. A
    /// peering of two ends means the end in that VPC.
    fn next_hop(&self, table: &RouteTable, text: &str) -> Result<NextHop, Refusal> {
        let refused = |code, message: String, hint: String| Err(Refusal::new(code, message, hint).at("next-hop"));
        let can_be_named = match self.provider.internet {
            InternetAccess::ByEntry => "name a peering or an instance of the table's VPC, or internet",
            InternetAccess::ByAddress => "name a peering or an instance of the table's VPC",
        };
        if text == "internet" {
            if self.provider.internet == InternetAccess::ByEntry {
                return Ok(NextHop::Internet);
            }
            let message = format!("no route of {} leads to the internet", self.provider.name);
            let hint = "leave this entry out: an instance with a public address needs none".into();
            return refused(Code::NEXT_HOP_TYPE, message, hint);
        }
        let own = |vpc: &VpcName, hop: NextHop| {
            if *vpc == table.vpc {
                return Ok(hop);
            }
            let message = format!("{hop} is in VPC {vpc}, route table {} in VPC {}", table.name, table.vpc);
            let hint = match self.end_toward(&table.vpc, vpc) {
                Some(end) => format!("toward {vpc} name {}, the end in {}", end.name, table.vpc),
                None => format!("name a peering or an instance of VPC {}", table.vpc),
            };
            refused(Code::NEXT_HOP_NOT_FOUND, message, hint)
        };
        match self.one_of(&NEXT_HOPS, text).map_err(|refusal| refusal.at("next-hop"))? {
            Some(Thing::RouterInterface(name)) => {
                own(&self.router_interfaces[&name].vpc, NextHop::Peering(name.clone()))
            }
            Some(Thing::VpcPeering(name)) => own(&self.vpc_peerings[&name].vpc, NextHop::Peering(name.clone())),
            Some(Thing::Instance(name)) => own(&self.instances[&name].subnet.vpc, NextHop::Instance(name.clone())),
            Some(Thing::Compound(name)) => match self.end_in(&name, &table.vpc) {
                Some(end) => Ok(NextHop::Peering(end)),
                None => {
                    let message = format!("peering {name} has no end in VPC {}", table.vpc);
                    let hint = "name a peering of the table's own VPC".into();
                    refused(Code::NEXT_HOP_NOT_FOUND, message, hint)
                }
            },
            _ => {
                if let Some(kind) = self.kind_of(text) {
                    let message = format!("{text:?} is {}: no route can lead there", kind.with_article());
                    return refused(Code::NEXT_HOP_TYPE, message, can_be_named.into());
                }
                let hint = match NEXT_HOPS.into_iter().find_map(|kind| self.nearest(kind, text)) {
                    Some(near) => format!("did you mean {near}?"),
                    None => can_be_named.into(),
                };
                refused(Code::NEXT_HOP_NOT_FOUND, format!("there is no next hop {text:?}"), hint)
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

    /// What an operation writes to name a next hop: its name, or that and its kind where things of several have it.
    pub fn reference_to(&self, hop: &NextHop) -> String {
        let (kind, name) = match hop {
            NextHop::Peering(name) if self.router_interfaces.contains_key(name) => {
                (ResourceKind::RouterInterface, name.as_str())
            }
            NextHop::Peering(name) => (ResourceKind::VpcPeering, name.as_str()),
            NextHop::Instance(name) => (ResourceKind::Instance, name.as_str()),
            NextHop::Internet | NextHop::Gone(_) => return hop.to_string(),
        };
        match self.one_of(&NEXT_HOPS, name) {
            Ok(Some(thing)) if thing.kind() == kind => name.to_owned(),
            _ => format!("{}:{name}", kind.keyword()),
        }
    }

    /// The entries of a half that is deleted lead nowhere from now on: which these are.
    pub(super) fn leave_entries_behind(&mut self, half: &VpcPeering) -> Vec<String> {
        let hop = NextHop::Peering(half.name.clone());
        let gone = NextHop::Gone(Gone { id: half.id.clone(), name: half.name.as_str().into() });
        let entries = self.entries_naming(&half.vpc, &hop);
        let places: Vec<_> = entries.map(|(table, entry)| (table.name.clone(), entry.destination)).collect();
        for (table, destination) in &places {
            let entry = self.route_tables.get_mut(table).and_then(|table| table.entries.get_mut(destination));
            if let Some(entry) = entry {
                entry.next_hop = gone.clone();
            }
        }
        places.iter().map(|(table, destination)| format!("{destination} of {table}")).collect()
    }

    /// The entries of a VPC that lead to a next hop.
    pub(super) fn entries_naming(
        &self,
        vpc: &VpcName,
        hop: &NextHop,
    ) -> impl Iterator<Item = (&RouteTable, &RouteEntry)> {
        let tables = self.tables_of(vpc);
        let entries = tables.flat_map(|table| table.entries.values().map(move |entry| (table, entry)));
        entries.filter(move |(_, entry)| entry.next_hop == *hop)
    }

    /// What an entry still leads to cannot be deleted.
    pub(super) fn check_no_entry_names(&self, vpc: &VpcName, hop: &NextHop) -> Result<(), Refusal> {
        let entries: Vec<_> = self.entries_naming(vpc, hop).collect();
        let Some((table, entry)) = entries.first() else { return Ok(()) };
        let all: Vec<_> =
            entries.iter().map(|(table, entry)| format!("{} of {}", entry.destination, table.name)).collect();
        let message = format!("route entries lead to {hop}: {}", all.join(", "));
        let hint = format!("first delete-route-entry --table {} --destination {}", table.name, entry.destination);
        let code = match hop {
            NextHop::Peering(_) => Code::DEPENDENCY_OF_INTERFACE,
            _ => Code::DEPENDENCY_ROUTE_ENTRY,
        };
        Err(Refusal::new(code, message, hint).at("name"))
    }
}
