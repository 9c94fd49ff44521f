//! The control plane: the provider's decisions (docs/cloud.md).
//!
//! Only [`Cloud::apply`] changes a [`Cloud`]: it makes the whole change, or refuses it and changes nothing.

#![forbid(unsafe_code)]

mod account;
mod address_pool;
mod alike;
mod already;
mod bandwidth;
mod binding;
mod breakage;
mod client;
mod clock;
mod differ;
mod effect;
mod effective;
mod end;
mod family;
mod faults;
pub mod flow;
pub mod fnv;
mod gateway;
mod instance;
mod invariants;
mod inverse;
mod joining;
mod kept;
mod left_out;
mod line;
pub mod lines;
mod map;
mod messages;
mod missing;
mod name;
mod nat_gateway;
mod network_acl;
mod operation;
mod peering;
mod peering_connection;
mod provider;
mod quota;
pub mod random;
mod reference;
mod refusal;
mod region;
mod resource_kind;
mod route_table;
mod router_interface;
mod security_group;
pub mod table;
mod value;
mod vpc;
mod vpc_peering;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use peerlab_message as message;
use peerlab_message::{as_it_is, error, language, messages, msg, values, words};
use serde::{Deserialize, Serialize};

pub use account::Account;
pub use alike::{Alike, Difference, deletion};
pub use bandwidth::Bandwidth;
pub use binding::{Binding, Bindings, Created};
pub use breakage::{Breakage, broken_peerings, disordered_peerings};
pub use client::Client;
pub use differ::Extent;
pub use effect::Effect;
pub use effective::{EffectiveRoute, Leads, RouteOrder, RouteSource};
pub use end::{End, Listing, Opposed};
pub use family::{
    AtVpcDeletion, BetweenRegions, ConnectionLimits, EndState, Ends, EntriesAtDelete, Family, Halves, OnePerPair,
    PeerOfRequest, PeeringKind, Requests, Starter,
};
pub use gateway::Gateway;
pub use instance::{GIVEN_AWAY, Instance, Power};
pub use inverse::inverse;
pub use joining::typed;
pub use kept::FORM as KEPT_FORM;
pub use left_out::left_out;
pub use line::{GIVEN, Line, LineFault, Slip, read};
pub use messages::{State, Title, word_of_end};
pub use missing::{Lack, Missing, Next};
pub use name::{
    AccountName, GatewayName, GroupName, Id, InstanceName, NameFault, NatGatewayName, NetworkAclName, PeeringName,
    RouteTableName, SubnetName, VpcName, check_name,
};
pub use nat_gateway::{DnatEntry, NatGateway, SnatEntry};
pub use network_acl::{AclAssociation, AclEntry, NetworkAcl};
pub use operation::*;
pub use peering::{FarEnd, Peering};
pub use peering_connection::{ConnectedVpc, ConnectionSide, ConnectionStatus, PeeringConnection};
pub use provider::{
    AccountIds, AclModel, Codes, Derived, Disjoint, GroupModel, Ids, InternetAccess, Layer, Local, Place, Priorities,
    Provider, SecondaryPolicy, VpcBlocks, Zones,
};
pub use quota::{Quota, Quotas, VpcLimits};
pub use reference::{Gone, did_you_mean};
pub use refusal::{Code, Fault, Refusal};
pub use region::Region;
pub use resource_kind::ResourceKind;
pub use route_table::{NextHop, RouteEntry, RouteTable};
pub use router_interface::{Opposite, Role, RouterInterface, Spec, Status};
pub use security_group::{Direction, Policy, PortRange, Rule, RulePeer, RuleProtocol, SecurityGroup, Stale};
pub use value::INTERNET_HOST;
pub use value::{has_leading_zero, leading_zero, number, without_leading_zeros};
pub use vpc::{Association, SecondaryBlock, Subnet, Vpc};
pub use vpc_peering::{VpcPeering, VpcPeeringStatus};

use crate::message::Message;
use address_pool::AddressPool;
use clock::Clock;
use map::Map;
use messages::Said;
use reference::{Directory, Thing};

/// Everything that the provider knows about the lab's accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    provider: &'static Provider,
    allow: Allow,
    clock: Clock,
    accounts: Map<AccountName, Account>,
    vpcs: Map<VpcName, Vpc>,
    subnets: Map<SubnetName, Subnet>,
    route_tables: Map<RouteTableName, RouteTable>,
    security_groups: Map<GroupName, SecurityGroup>,
    network_acls: Map<NetworkAclName, NetworkAcl>,
    instances: Map<InstanceName, Instance>,
    nat_gateways: Map<NatGatewayName, NatGateway>,
    gateways: Map<GatewayName, Gateway>,
    router_interfaces: Map<PeeringName, RouterInterface>,
    vpc_peerings: Map<PeeringName, VpcPeering>,
    peering_connections: Map<PeeringName, PeeringConnection>,
    /// The pairs made by the compound operation, while one of their ends exists.
    compounds: Map<PeeringName, ()>,
    /// The instances by VPC and private address.
    addresses: Map<(VpcName, Ipv4Addr), InstanceName>,
    /// The instances, and the hosts of NAT gateways, with their VPCs, by public address.
    public_addresses: Map<Ipv4Addr, (VpcName, InstanceName)>,
    /// The free addresses by subnet.
    free_addresses: Map<SubnetName, AddressPool>,
    /// Every id.
    directory: Directory,
    /// The contents of each VPC, except its subnets and instances.
    contents: Map<VpcName, Contents>,
}

/// The contents of a VPC by name, including its default table and group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Contents {
    route_tables: BTreeSet<RouteTableName>,
    security_groups: BTreeSet<GroupName>,
    network_acls: BTreeSet<NetworkAclName>,
    nat_gateways: BTreeSet<NatGatewayName>,
    gateway: Option<GatewayName>,
    peerings: BTreeSet<PeeringName>,
}

/// The relaxations that a lab names in `allow` and `quotas`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allow {
    /// A rule by group across regions is a warning, and takes effect (docs/cloud.md §4).
    pub cross_region_group: bool,
    /// The limits that `quotas` raises.
    pub quotas: Quotas,
}

/// The outcome of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The state transitions, in order.
    pub transitions: Vec<Transition>,
    /// Warnings for the caller.
    pub warnings: Vec<Message>,
}

/// A resource's transition from one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Its name.
    pub name: String,
    /// The states in order, beginning with the old one.
    pub states: Vec<&'static str>,
}

impl Cloud {
    /// A cloud with accounts and nothing in it.
    pub fn new(provider: &'static Provider, allow: Allow, accounts: Vec<Account>) -> Self {
        let mut directory = Directory::default();
        for account in &accounts {
            directory.insert(&account.id, Thing::Account(account.name.clone()));
        }
        Cloud {
            provider,
            allow,
            clock: Clock::default(),
            accounts: accounts.into_iter().map(|account| (account.name.clone(), account)).collect(),
            vpcs: Map::default(),
            subnets: Map::default(),
            route_tables: Map::default(),
            security_groups: Map::default(),
            network_acls: Map::default(),
            instances: Map::default(),
            nat_gateways: Map::default(),
            gateways: Map::default(),
            router_interfaces: Map::default(),
            vpc_peerings: Map::default(),
            peering_connections: Map::default(),
            compounds: Map::default(),
            addresses: Map::default(),
            public_addresses: Map::default(),
            free_addresses: Map::default(),
            directory,
            contents: Map::default(),
        }
    }

    /// Makes the whole change, or refuses it and changes nothing. Waits for changes that are under way.
    pub fn apply(&mut self, operation: &Operation) -> Result<Outcome, Refusal> {
        let Some(mut after) = self.settled() else { return self.apply_now(operation) };
        let outcome = after.apply_now(operation)?;
        *self = after;
        Ok(outcome)
    }

    fn apply_now(&mut self, operation: &Operation) -> Result<Outcome, Refusal> {
        self.judge(operation).map_err(|refusal| {
            let code = self.provider.code(refusal.fault, operation.call.name());
            Refusal { code, ..refusal }
        })
    }

    fn judge(&mut self, operation: &Operation) -> Result<Outcome, Refusal> {
        if !operation.call.kind().is_nobodys && !self.accounts.contains_key(&operation.caller) {
            return Err(self.not_found(ResourceKind::Account, operation.caller.as_str()));
        }
        self.check_supported(&operation.call)?;
        self.perform(operation)
    }

    /// Refuses an operation on another provider's resources, with any arguments.
    fn check_supported(&self, call: &Call) -> Result<(), Refusal> {
        let unknown = |kind: &PeeringKind| self.provider.family(*kind).is_none();
        let Some(kind) = call.kind().peering.filter(unknown) else { return Ok(()) };
        let theirs = Provider::ALL.into_iter().find(|provider| provider.family(kind).is_some());
        let (operation, provider) = (call.name(), self.provider.name);
        let message = match theirs {
            Some(theirs) => msg!(Said::OperationOf { operation, theirs: theirs.name, provider }),
            None => msg!(Said::OperationOfAnother { operation, provider }),
        };
        let ways = self.provider.families.iter().map(|family| family.kind().operations());
        Err(Refusal::new(Fault::UnsupportedOperation, message, msg!(Said::JoinsBy { provider, ways: ways })))
    }

    /// The provider.
    pub fn provider(&self) -> &'static Provider {
        self.provider
    }

    /// The relaxations in force.
    pub fn allow(&self) -> Allow {
        self.allow
    }

    /// All accounts, by name.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// All VPCs, by name.
    pub fn vpcs(&self) -> impl Iterator<Item = &Vpc> {
        self.vpcs.values()
    }

    /// A VPC.
    pub fn vpc(&self, name: &VpcName) -> Option<&Vpc> {
        self.vpcs.get(name)
    }

    /// All subnets, by VPC and name.
    pub fn subnets(&self) -> impl Iterator<Item = &Subnet> {
        self.subnets.values()
    }

    /// The subnets of a VPC, by name.
    pub fn subnets_of<'a>(&'a self, vpc: &'a VpcName) -> impl Iterator<Item = &'a Subnet> {
        let first = SubnetName { vpc: vpc.clone(), subnet: "".into() };
        self.subnets.range(first..).take_while(move |(name, _)| name.vpc == *vpc).map(|(_, subnet)| subnet)
    }

    /// A subnet.
    pub fn subnet(&self, name: &SubnetName) -> Option<&Subnet> {
        self.subnets.get(name)
    }

    /// All route tables, custom and default.
    pub fn route_tables(&self) -> impl Iterator<Item = &RouteTable> {
        self.route_tables.values()
    }

    /// The tables of a VPC, custom and default, by name.
    pub fn route_tables_of(&self, vpc: &VpcName) -> impl Iterator<Item = &RouteTable> {
        let names = self.contents.get(vpc).into_iter().flat_map(|contents| &contents.route_tables);
        names.map(|name| &self.route_tables[name])
    }

    /// A route table.
    pub fn route_table(&self, name: &RouteTableName) -> Option<&RouteTable> {
        self.route_tables.get(name)
    }

    /// The table that serves a subnet: the one it is associated with, else its VPC's main table.
    pub fn table_of(&self, subnet: &Subnet) -> &RouteTable {
        match &subnet.association {
            Some(association) => &self.route_tables[&association.table],
            None => self.main_table_of(&subnet.name.vpc),
        }
    }

    /// The table of a VPC that serves every subnet without an association.
    pub fn main_table_of(&self, vpc: &VpcName) -> &RouteTable {
        let first = self.route_tables.get(&RouteTableName::default_of(vpc)).filter(|table| table.is_main);
        let main = first.or_else(|| self.route_tables_of(vpc).find(|table| table.is_main));
        main.expect("every VPC has a main table")
    }

    /// All instances, by name.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.values()
    }

    /// An instance.
    pub fn instance(&self, name: &InstanceName) -> Option<&Instance> {
        self.instances.get(name)
    }

    /// The instances of a VPC, by address.
    pub fn instances_of<'a>(&'a self, vpc: &'a VpcName) -> impl Iterator<Item = &'a Instance> {
        self.addresses
            .range((vpc.clone(), Ipv4Addr::UNSPECIFIED)..)
            .take_while(move |((of, _), _)| of == vpc)
            .map(|(_, name)| &self.instances[name])
    }

    /// The instance with a private address in a VPC.
    pub fn instance_at(&self, vpc: &VpcName, ip: Ipv4Addr) -> Option<&Instance> {
        self.addresses.get(&(vpc.clone(), ip)).map(|name| &self.instances[name])
    }

    /// The instance with a public address.
    pub fn instance_at_public(&self, ip: Ipv4Addr) -> Option<&Instance> {
        self.public_addresses.get(&ip).and_then(|(_, name)| self.instances.get(name))
    }

    /// All public addresses, each with the VPC of the instance or NAT gateway that has it.
    pub fn public_addresses(&self) -> impl Iterator<Item = (Ipv4Addr, &VpcName)> {
        self.public_addresses.iter().map(|(ip, (vpc, _))| (*ip, vpc))
    }

    /// All groups, with each VPC's default group.
    pub fn security_groups(&self) -> impl Iterator<Item = &SecurityGroup> {
        self.security_groups.values()
    }

    /// A group.
    pub fn security_group(&self, name: &GroupName) -> Option<&SecurityGroup> {
        self.security_groups.get(name)
    }

    /// The groups whose rules apply to an instance: those it joined, else its VPC's default group.
    pub fn groups_of(&self, instance: &Instance) -> Vec<&SecurityGroup> {
        if instance.groups.is_empty() {
            vec![&self.security_groups[&GroupName::default_of(&instance.subnet.vpc)]]
        } else {
            instance.groups.iter().map(|name| &self.security_groups[name]).collect()
        }
    }

    /// All network ACLs, by name.
    pub fn network_acls(&self) -> impl Iterator<Item = &NetworkAcl> {
        self.network_acls.values()
    }

    /// A network ACL.
    pub fn network_acl(&self, name: &NetworkAclName) -> Option<&NetworkAcl> {
        self.network_acls.get(name)
    }

    /// The instances whose groups ([`Cloud::groups_of`]) name this one.
    pub fn members<'a>(&'a self, group: &'a SecurityGroup) -> impl Iterator<Item = &'a Instance> {
        let default = group.name == GroupName::default_of(&group.vpc);
        self.instances_of(&group.vpc)
            .filter(move |instance| instance.groups.contains(&group.name) || default && instance.groups.is_empty())
    }

    /// All ends of peerings of any provider, by name.
    pub fn peerings(&self) -> impl Iterator<Item = Peering> {
        let names: Vec<_> = self.router_interfaces.keys().chain(self.vpc_peerings.keys()).collect();
        let ends = names.into_iter().filter_map(|name| self.peering(name));
        ends.chain(self.peering_connections.values().flat_map(|connection| self.ends_of_connection(connection)))
    }

    /// The end of a peering with this name, of a connection the requester's; `None` if a route entry names a deleted
    /// one (docs/cloud.md §2).
    pub fn peering(&self, name: &PeeringName) -> Option<Peering> {
        let interface = self.router_interfaces.get(name).map(|interface| self.peering_of_interface(interface));
        let end = interface.or_else(|| self.vpc_peerings.get(name).map(|half| self.peering_of_half(half)));
        end.or_else(|| {
            let connection = self.peering_connections.get(name)?;
            Some(self.peering_of_connection(connection, ConnectionSide::Requester))
        })
    }

    /// The end of a peering in a VPC: the two ends of a connection have one name.
    pub fn end_in(&self, vpc: &VpcName, name: &PeeringName) -> Option<Peering> {
        match self.peering_connections.get(name) {
            Some(connection) => Some(self.peering_of_connection(connection, self.side_in(connection, vpc)?)),
            None => self.peering(name),
        }
    }

    /// All router interfaces, by name (alibaba).
    pub fn router_interfaces(&self) -> impl Iterator<Item = &RouterInterface> {
        self.router_interfaces.values()
    }

    /// A router interface.
    pub fn router_interface(&self, name: &PeeringName) -> Option<&RouterInterface> {
        self.router_interfaces.get(name)
    }

    /// The ends of peerings in a VPC, by name.
    pub fn peerings_of<'a>(&'a self, vpc: &'a VpcName) -> impl Iterator<Item = Peering> + use<'a> {
        let names = self.contents.get(vpc).into_iter().flat_map(|contents| &contents.peerings);
        names.filter_map(|name| self.end_in(vpc, name))
    }

    /// All halves of peerings, by name (jdcloud).
    pub fn vpc_peerings(&self) -> impl Iterator<Item = &VpcPeering> {
        self.vpc_peerings.values()
    }
}

#[cfg(test)]
pub(crate) mod tests;
