//! NAT gateways with their SNAT and DNAT entries (docs/cloud.md §14).

mod messages;

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, Cloud, CreateDnatEntry, CreateNatGateway, CreateSnatEntry, DeleteDnatEntry, DeleteNatGateway,
    DeleteSnatEntry, Fault, Gone, INTERNET_HOST, Id, Instance, InstanceName, Leads, NatGatewayName, NextHop, Operation,
    Origin, Outcome, Power, Refusal, ResourceKind, RuleProtocol, Subnet, VpcName, value,
};
use crate::flow::Protocol;
use crate::msg;
use messages::Said;

/// A NAT gateway: it puts its public address on what routes lead to it, and leads what comes in by that address to
/// instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Its name.
    pub name: NatGatewayName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// As its VPC's router sees it: a host with an address in a subnet and a public address. No group filters it.
    pub host: Instance,
    /// The sources that it translates, by block.
    pub snat: Vec<SnatEntry>,
    /// The ports of its public address that lead to instances, by protocol and port.
    pub dnat: Vec<DnatEntry>,
    /// Where it was written.
    pub origin: Origin,
}

/// Sources to which a NAT gateway gives its public address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnatEntry {
    /// Their block.
    pub cidr: Ipv4Net,
    /// Where it was written.
    pub origin: Origin,
}

/// A port of a NAT gateway's public address that leads to an address of the VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnatEntry {
    /// TCP or UDP.
    pub protocol: RuleProtocol,
    /// The port at the public address.
    pub port: u16,
    /// The address in the VPC.
    pub to: Ipv4Addr,
    /// The port there.
    pub to_port: u16,
    /// Where it was written.
    pub origin: Origin,
}

impl DnatEntry {
    fn key(&self) -> (RuleProtocol, u16) {
        (self.protocol, self.port)
    }

    /// What a packet for its port asks for where it leads; `None` for other packets.
    pub fn leads(&self, protocol: Protocol) -> Option<Protocol> {
        match (self.protocol, protocol) {
            (RuleProtocol::Tcp, Protocol::Tcp(port)) if port == self.port => Some(Protocol::Tcp(self.to_port)),
            (RuleProtocol::Udp, Protocol::Udp(port)) if port == self.port => Some(Protocol::Udp(self.to_port)),
            _ => None,
        }
    }
}

impl NatGateway {
    /// Its public address.
    pub fn public_ip(&self) -> Option<Ipv4Addr> {
        self.host.public_ip
    }

    /// The entry for packets to its public address.
    pub fn dnat_for(&self, protocol: Protocol) -> Option<&DnatEntry> {
        self.dnat.iter().find(|entry| entry.leads(protocol).is_some())
    }

    /// Whether its entries are in order and unique.
    pub(super) fn is_sorted(&self) -> bool {
        self.snat.is_sorted_by(|one, other| one.cidr < other.cidr)
            && self.dnat.is_sorted_by(|one, other| one.key() < other.key())
    }
}

/// The name of a NAT gateway's host: one that no instance can have.
fn host_of(name: &str) -> InstanceName {
    InstanceName::trusted(format!("{}:{name}", ResourceKind::NatGateway.keyword()))
}

impl Cloud {
    /// All NAT gateways, by name.
    pub fn nat_gateways(&self) -> impl Iterator<Item = &NatGateway> {
        self.nat_gateways.values()
    }

    /// A NAT gateway.
    pub fn nat_gateway(&self, name: &NatGatewayName) -> Option<&NatGateway> {
        self.nat_gateways.get(name)
    }

    /// The NAT gateways of a VPC, by name.
    pub fn nat_gateways_of(&self, vpc: &VpcName) -> impl Iterator<Item = &NatGateway> {
        let names = self.contents.get(vpc).into_iter().flat_map(|contents| &contents.nat_gateways);
        names.map(|name| &self.nat_gateways[name])
    }

    /// The NAT gateway whose host this is.
    pub fn nat_gateway_behind(&self, host: &InstanceName) -> Option<&NatGateway> {
        let name = host.as_str().strip_prefix(ResourceKind::NatGateway.keyword())?.strip_prefix(':')?;
        self.nat_gateways.get(name)
    }

    /// The NAT gateway with a private address in a VPC.
    pub fn nat_gateway_at(&self, vpc: &VpcName, ip: Ipv4Addr) -> Option<&NatGateway> {
        self.nat_gateways_of(vpc).find(|nat| nat.host.ip == ip)
    }

    /// The NAT gateway with a public address.
    pub fn nat_gateway_at_public(&self, ip: Ipv4Addr) -> Option<&NatGateway> {
        self.public_addresses.get(&ip).and_then(|(_, name)| self.nat_gateway_behind(name))
    }

    /// Whether a NAT gateway puts its address on packets of a source.
    pub fn translates(&self, nat: &NatGateway, source: Ipv4Addr) -> bool {
        !self.provider.snat_entries || nat.snat.iter().any(|entry| entry.cidr.contains(&source))
    }

    /// Whether a NAT gateway reaches the internet itself: its subnet's table leads there, or its public address needs none.
    pub fn nat_leads_out(&self, nat: &NatGateway) -> bool {
        let (vpc, Some(subnet)) = (&nat.host.subnet.vpc, self.subnet(&nat.host.subnet)) else { return false };
        if self.needs_no_entry_to_internet(vpc) {
            return true;
        }
        match self.route_to(self.table_of(subnet), INTERNET_HOST).map(|route| route.leads) {
            Some(Leads::Entries(entries)) => self.entry_for(entries, nat.host.ip).next_hop.leads_out(),
            Some(Leads::Subnet(_) | Leads::Nobody(_)) | None => false,
        }
    }

    /// Whether an instance or a NAT gateway of a VPC has a public address.
    pub fn has_public_addresses(&self, vpc: &VpcName) -> bool {
        self.nat_gateways_of(vpc).next().is_some() || self.instances_of(vpc).any(|it| it.public_ip.is_some())
    }

    /// The NAT gateways in a subnet, by name.
    pub(super) fn nat_gateways_in<'a>(&'a self, subnet: &'a Subnet) -> impl Iterator<Item = &'a NatGateway> {
        self.nat_gateways_of(&subnet.name.vpc).filter(move |nat| nat.host.subnet == subnet.name)
    }

    pub(super) fn create_nat_gateway(
        &mut self,
        operation: &Operation,
        call: &CreateNatGateway,
    ) -> Result<Outcome, Refusal> {
        if !self.provider.nat_gateways {
            let message = msg!(Said::NoNatGateways { provider: self.provider.name });
            return Err(Refusal::new(Fault::UnsupportedOperation, message, Said::GiveAddressInstead));
        }
        self.free_name(ResourceKind::NatGateway, &call.name, "name")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        self.check_gateway_attached(&subnet.name.vpc).map_err(|refusal| refusal.at("subnet"))?;
        // Not the lowest, which an instance may ask for.
        let ip = self.free_addresses[&subnet.name].highest().ok_or_else(|| self.no_address_left(subnet))?;
        let subnet = subnet.name.clone();
        let public_ip = self.public_address_or_free(call.public_ip.as_deref())?;
        let id = self.new_id(ResourceKind::NatGateway, &call.name, call.id.as_deref(), "id")?;

        let name = NatGatewayName::trusted(&*call.name);
        self.directory.insert(&id, Thing::NatGateway(name.clone()));
        if let Some(pool) = self.free_addresses.get_mut(&subnet) {
            pool.take(ip);
        }
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        self.public_addresses.insert(public_ip, (subnet.vpc.clone(), host_of(&call.name)));
        self.contents.get_or_default(&subnet.vpc).nat_gateways.insert(name.clone());
        let host = Instance {
            name: host_of(&call.name),
            id: id.clone(),
            account: account.clone(),
            subnet,
            ip,
            public_ip: Some(public_ip),
            groups: Vec::new(),
            forwards: true,
            masquerade: true,
            power: Power::Running,
            origin: origin.clone(),
            switched: origin.clone(),
            addressed: origin.clone(),
            modified: origin.clone(),
        };
        let nat = NatGateway { name: name.clone(), id, account, host, snat: Vec::new(), dnat: Vec::new(), origin };
        self.nat_gateways.insert(name, nat);
        Ok(Outcome::default())
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_nat_gateway(&self, operation: &Operation, call: &CreateNatGateway) -> Option<bool> {
        let (nat, subnet) = (self.mine::<NatGateway>(operation, &call.name)?, Subnet::find(self, &call.subnet)?);
        let public = call.public_ip.as_deref();
        let has = public.is_none_or(|text| text.parse().is_ok_and(|ip: Ipv4Addr| Some(ip) == nat.public_ip()));
        Some(nat.host.subnet == subnet.name && has && is_given(&call.id, &nat.id.0))
    }

    pub(super) fn delete_nat_gateway(
        &mut self,
        operation: &Operation,
        call: &DeleteNatGateway,
    ) -> Result<Outcome, Refusal> {
        let nat = self.own::<NatGateway>(operation, &call.name, "name")?;
        self.check_no_entry_names(&nat.host.subnet.vpc, &NextHop::NatGateway(nat.name.clone()))?;

        let NatGateway { name, id, host, .. } = nat.clone();
        self.nat_gateways.remove(&name);
        let gone =
            Gone { id, name: name.as_str().into(), kind: ResourceKind::NatGateway, origin: operation.origin.clone() };
        let warning = self.remove_hop(&host.subnet.vpc, &NextHop::NatGateway(name.clone()), gone);
        if let Some(pool) = self.free_addresses.get_mut(&host.subnet) {
            pool.give_back(host.ip);
        }
        if let Some(public_ip) = host.public_ip {
            self.public_addresses.remove(&public_ip);
        }
        if let Some(contents) = self.contents.get_mut(&host.subnet.vpc) {
            contents.nat_gateways.remove(&name);
        }
        Ok(Outcome { warnings: warning.into_iter().collect(), ..Outcome::default() })
    }

    pub(super) fn create_snat_entry(
        &mut self,
        operation: &Operation,
        call: &CreateSnatEntry,
    ) -> Result<Outcome, Refusal> {
        if !self.provider.snat_entries {
            let message = msg!(Said::NoSnatEntries { provider: self.provider.name });
            return Err(Refusal::new(Fault::UnsupportedOperation, message, Said::RouteIsEnough));
        }
        let nat = self.own::<NatGateway>(operation, &call.nat_gateway, "nat_gateway")?;
        let cidr = value::cidr_or_address(&call.cidr, "cidr")?;
        let vpc = &self.vpcs[&nat.host.subnet.vpc];
        if vpc.block_around(cidr).is_none() {
            let blocks: Vec<_> = vpc.blocks().collect();
            let message = msg!(Said::SourceOutside { cidr, vpc: &vpc.name, blocks: &blocks });
            return Err(Refusal::new(Fault::InvalidCidr, message, msg!(Said::TakeSourceInside { blocks })).at("cidr"));
        }
        if nat.snat.iter().any(|entry| entry.cidr == cidr) {
            let message = msg!(Said::HasSnat { nat: &nat.name, cidr });
            return Err(Refusal::new(Fault::SnatEntryExists, message, Said::NothingToDo).at("cidr"));
        }

        let entry = SnatEntry { cidr, origin: operation.origin.clone() };
        let name = nat.name.clone();
        if let Some(nat) = self.nat_gateways.get_mut(&name) {
            let place = nat.snat.partition_point(|other| other.cidr < cidr);
            nat.snat.insert(place, entry);
        }
        Ok(Outcome::default())
    }

    /// Whether the NAT gateway has the entry.
    pub(super) fn has_snat_entry(&self, operation: &Operation, call: &CreateSnatEntry) -> Option<bool> {
        self.translates_block(operation, &call.nat_gateway, &call.cidr)
    }

    pub(super) fn delete_snat_entry(
        &mut self,
        operation: &Operation,
        call: &DeleteSnatEntry,
    ) -> Result<Outcome, Refusal> {
        let nat = self.own::<NatGateway>(operation, &call.nat_gateway, "nat_gateway")?;
        let cidr = value::cidr_or_address(&call.cidr, "cidr")?;
        if !nat.snat.iter().any(|entry| entry.cidr == cidr) {
            let message = msg!(Said::NoSnat { nat: &nat.name, cidr });
            let all: Vec<_> = nat.snat.iter().map(|entry| entry.cidr).collect();
            let hint = if all.is_empty() { msg!(Said::HasNoSnat) } else { msg!(Said::HasSnatOf { blocks: all }) };
            return Err(Refusal::new(Fault::SnatEntryNotFound, message, hint).at("cidr"));
        }

        let name = nat.name.clone();
        if let Some(nat) = self.nat_gateways.get_mut(&name) {
            nat.snat.retain(|entry| entry.cidr != cidr);
        }
        Ok(Outcome::default())
    }

    /// Whether the NAT gateway does not have the entry.
    pub(super) fn has_no_snat_entry(&self, operation: &Operation, call: &DeleteSnatEntry) -> Option<bool> {
        self.translates_block(operation, &call.nat_gateway, &call.cidr).map(|has| !has)
    }

    fn translates_block(&self, operation: &Operation, nat: &str, cidr: &str) -> Option<bool> {
        let cidr = value::cidr_or_address(cidr, "cidr").ok()?;
        Some(self.mine::<NatGateway>(operation, nat)?.snat.iter().any(|entry| entry.cidr == cidr))
    }

    pub(super) fn create_dnat_entry(
        &mut self,
        operation: &Operation,
        call: &CreateDnatEntry,
    ) -> Result<Outcome, Refusal> {
        if !self.provider.snat_entries {
            let message = msg!(Said::NoDnatEntries { provider: self.provider.name });
            return Err(Refusal::new(Fault::UnsupportedOperation, message, Said::GiveAddressInstead));
        }
        let nat = self.own::<NatGateway>(operation, &call.nat_gateway, "nat_gateway")?;
        let protocol = protocol_of_port(&call.protocol)?;
        let port = port(&call.port, Fault::InvalidExternalPort, "port")?;
        let to = value::address(&call.to, Fault::InvalidDnatTarget, "to")?;
        let to_port = port_or(call.to_port.as_deref(), port)?;
        let vpc = &self.vpcs[&nat.host.subnet.vpc];
        if vpc.block_around(to.into()).is_none() {
            let blocks: Vec<_> = vpc.blocks().collect();
            let message = msg!(Said::TargetOutside { to, vpc: &vpc.name, blocks });
            return Err(Refusal::new(Fault::InvalidDnatTarget, message, Said::TakeInstancesAddress).at("to"));
        }
        if let Some(other) = nat.dnat.iter().find(|entry| entry.key() == (protocol, port)) {
            let message = msg!(Said::HasDnat { nat: &nat.name, protocol, port, to: other.to, to_port: other.to_port });
            return Err(Refusal::new(Fault::AlreadyExists, message, Said::TakeAnotherPort).at("port"));
        }
        let warnings = match self.instance_at(&vpc.name, to) {
            Some(_) => Vec::new(),
            None => vec![msg!(Said::NobodyHas { to })],
        };

        let entry = DnatEntry { protocol, port, to, to_port, origin: operation.origin.clone() };
        let name = nat.name.clone();
        if let Some(nat) = self.nat_gateways.get_mut(&name) {
            let place = nat.dnat.partition_point(|other| other.key() < entry.key());
            nat.dnat.insert(place, entry);
        }
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Whether the NAT gateway has the entry.
    pub(super) fn has_dnat_entry(&self, operation: &Operation, call: &CreateDnatEntry) -> Option<bool> {
        let nat = self.mine::<NatGateway>(operation, &call.nat_gateway)?;
        let key = (protocol_of_port(&call.protocol).ok()?, port(&call.port, Fault::InvalidExternalPort, "port").ok()?);
        let target = (call.to.parse().ok()?, port_or(call.to_port.as_deref(), key.1).ok()?);
        Some(nat.dnat.iter().any(|entry| entry.key() == key && (entry.to, entry.to_port) == target))
    }

    pub(super) fn delete_dnat_entry(
        &mut self,
        operation: &Operation,
        call: &DeleteDnatEntry,
    ) -> Result<Outcome, Refusal> {
        let nat = self.own::<NatGateway>(operation, &call.nat_gateway, "nat_gateway")?;
        let protocol = protocol_of_port(&call.protocol)?;
        let port = port(&call.port, Fault::InvalidExternalPort, "port")?;
        if !nat.dnat.iter().any(|entry| entry.key() == (protocol, port)) {
            let message = msg!(Said::NoDnat { nat: &nat.name, protocol, port });
            return Err(Refusal::new(Fault::DnatEntryNotFound, message, Said::StatusShowsEntries).at("port"));
        }

        let name = nat.name.clone();
        if let Some(nat) = self.nat_gateways.get_mut(&name) {
            nat.dnat.retain(|entry| entry.key() != (protocol, port));
        }
        Ok(Outcome::default())
    }

    /// Whether the NAT gateway does not have the entry.
    pub(super) fn has_no_dnat_entry(&self, operation: &Operation, call: &DeleteDnatEntry) -> Option<bool> {
        let nat = self.mine::<NatGateway>(operation, &call.nat_gateway)?;
        let key = (protocol_of_port(&call.protocol).ok()?, port(&call.port, Fault::InvalidExternalPort, "port").ok()?);
        Some(!nat.dnat.iter().any(|entry| entry.key() == key))
    }
}

/// Reads the protocol of a DNAT entry: one that has ports.
fn protocol_of_port(text: &str) -> Result<RuleProtocol, Refusal> {
    let both = [RuleProtocol::Tcp, RuleProtocol::Udp];
    both.into_iter().find(|protocol| protocol.to_string().eq_ignore_ascii_case(text)).ok_or_else(|| {
        Refusal::new(Fault::InvalidProtocol, msg!(Said::NoPortsOf { text }), Said::WriteTcpOrUdp).at("protocol")
    })
}

/// Reads one port.
fn port(text: &str, fault: Fault, argument: &'static str) -> Result<u16, Refusal> {
    value::number(text)
        .filter(|port| *port != 0)
        .ok_or_else(|| Refusal::new(fault, msg!(Said::NoPort { text }), Said::WritePort).at(argument))
}

/// The port where an entry leads: the same one if none is written.
fn port_or(text: Option<&str>, same: u16) -> Result<u16, Refusal> {
    text.map_or(Ok(same), |text| port(text, Fault::InvalidInternalPort, "to-port"))
}
