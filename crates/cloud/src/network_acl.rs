//! Network ACLs and their entries (docs/cloud.md §9).

mod entry;
mod messages;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, AclModel, AssociateNetworkAcl, Cloud, CreateNetworkAcl, DeleteNetworkAcl, Direction, Fault, Id,
    NetworkAclName, Operation, Origin, Outcome, Policy, PortRange, Refusal, ResourceKind, RuleProtocol, Subnet,
    UnassociateNetworkAcl, Vpc, VpcName, security_group, value,
};
use crate::flow::{Protocol, Traffic};
use crate::msg;
use ipnet::Ipv4Net;
use messages::Said;

/// A network ACL: a stateless filter at the edge of the subnets that are associated with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// Its name.
    pub name: NetworkAclName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// The VPC whose subnets may use it.
    pub vpc: VpcName,
    /// Its entries, by direction and number. What no entry matches is dropped.
    pub entries: Vec<AclEntry>,
    /// Where it was written.
    pub origin: Origin,
}

/// An entry of a network ACL. Among those of a direction, the first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// Whether it applies to packets into the subnet or out of it.
    pub direction: Direction,
    /// Its number, unique in its direction; the lowest applies first.
    pub number: u16,
    /// Its policy.
    pub policy: Policy,
    /// Its protocol.
    pub protocol: RuleProtocol,
    /// The destination ports; `None`: all, or the protocol has none.
    pub ports: Option<PortRange>,
    /// The other side: the source of packets into the subnet, the destination of packets out of it.
    pub cidr: Ipv4Net,
    /// Where it was written.
    pub origin: Origin,
}

/// A subnet's association with a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclAssociation {
    /// The ACL.
    pub acl: NetworkAclName,
    /// Where it was written.
    pub origin: Origin,
}

impl NetworkAcl {
    /// Whether it is a VPC's default ACL, which every subnet without another one has.
    pub fn is_default(&self) -> bool {
        self.name == NetworkAclName::default_of(&self.vpc)
    }

    /// The entries of a direction, the first that applies first.
    pub fn entries(&self, direction: Direction) -> impl Iterator<Item = &AclEntry> {
        self.entries.iter().filter(move |entry| entry.direction == direction)
    }

    /// The entry of a direction with this number.
    pub fn entry(&self, direction: Direction, number: u16) -> Option<&AclEntry> {
        self.entries(direction).find(|entry| entry.number == number)
    }

    /// Whether its entries are in order, each number once in its direction.
    pub(super) fn is_sorted(&self) -> bool {
        self.entries.is_sorted_by(|one, other| one.key() < other.key())
    }
}

impl AclEntry {
    fn key(&self) -> (Direction, u16) {
        (self.direction, self.number)
    }
}

impl Cloud {
    /// The network ACL of a subnet, if it has one.
    pub fn acl_of(&self, subnet: &Subnet) -> Option<&NetworkAcl> {
        subnet.acl.as_ref().map(|association| &self.network_acls[&association.acl])
    }

    /// Whether a flow may depend on the port it is sent from: an entry of a subnet's network ACL is for some ports.
    pub fn has_acls(&self) -> bool {
        let has_ports = |acl: &NetworkAcl| acl.entries.iter().any(|entry| entry.ports.is_some());
        let with_ports: Vec<_> = self.network_acls.values().filter(|acl| has_ports(acl)).map(|acl| &acl.name).collect();
        let uses = |subnet: &Subnet| subnet.acl.as_ref().is_some_and(|it| with_ports.contains(&&it.acl));
        !with_ports.is_empty() && self.subnets.values().any(uses)
    }

    /// Creates a VPC's default ACL, where the provider has one.
    pub(super) fn create_default_acl(&mut self, vpc: &VpcName, account: &AccountName) {
        let Some(number) = self.provider.acls().and_then(|model| model.default_entry) else { return };
        let name = NetworkAclName::default_of(vpc);
        let id = self.derived_id(ResourceKind::NetworkAcl, name.as_str());
        let (account, vpc, origin) = (account.clone(), vpc.clone(), Origin::Provider);
        self.insert_acl(NetworkAcl { name, id, account, vpc, entries: entry::accepting(number), origin });
    }

    /// Deletes a VPC's default ACL.
    pub(super) fn delete_default_acl(&mut self, vpc: &VpcName) {
        self.remove_acl(&NetworkAclName::default_of(vpc));
    }

    /// The association of a subnet that no call associated with an ACL.
    pub(super) fn default_acl(&self, vpc: &VpcName) -> Option<AclAssociation> {
        let acl = NetworkAclName::default_of(vpc);
        self.network_acls.contains_key(&acl).then_some(AclAssociation { acl, origin: Origin::Provider })
    }

    fn insert_acl(&mut self, acl: NetworkAcl) {
        self.directory.insert(&acl.id, Thing::NetworkAcl(acl.name.clone()));
        self.contents.get_or_default(&acl.vpc).network_acls.insert(acl.name.clone());
        self.network_acls.insert(acl.name.clone(), acl);
    }

    fn remove_acl(&mut self, name: &NetworkAclName) {
        let Some(acl) = self.network_acls.remove(name) else { return };
        self.directory.remove(ResourceKind::NetworkAcl, name.as_str(), &acl.id);
        if let Some(contents) = self.contents.get_mut(&acl.vpc) {
            contents.network_acls.remove(name);
        }
    }

    /// The ports around the one that a flow is opened from, which no entry of an ACL tells apart: from any of them it ends
    /// alike.
    pub fn ports_like(&self, traffic: Traffic) -> RangeInclusive<u16> {
        let port = traffic.source_port;
        let entries = self.network_acls.values().flat_map(|acl| &acl.entries);
        let of_protocol = entries.filter(|entry| match traffic.protocol {
            Protocol::Icmp => false,
            Protocol::Tcp(_) => entry.protocol == RuleProtocol::Tcp,
            Protocol::Udp(_) => entry.protocol == RuleProtocol::Udp,
        });
        let ranges = of_protocol.filter_map(|entry| entry.ports);
        ranges.fold(1..=u16::MAX, |alike, PortRange { low, high }| {
            let (mut first, mut last) = alike.into_inner();
            match port {
                port if port < low => last = last.min(low - 1),
                port if port > high => first = first.max(high + 1),
                _ => (first, last) = (first.max(low), last.min(high)),
            }
            first..=last
        })
    }

    /// The subnets that use an ACL, by name.
    pub fn subnets_behind<'a>(&'a self, acl: &'a NetworkAcl) -> impl Iterator<Item = &'a Subnet> {
        let uses = |subnet: &&Subnet| subnet.acl.as_ref().is_some_and(|it| it.acl == acl.name);
        self.subnets_of(&acl.vpc).filter(uses)
    }

    /// The model of the provider's network ACLs; refuses where it has none.
    fn acl_model(&self) -> Result<&'static AclModel, Refusal> {
        self.provider.acls().ok_or_else(|| {
            let provider = self.provider.name;
            Refusal::new(Fault::UnsupportedOperation, msg!(Said::NoAcls { provider }), Said::UseGroups)
        })
    }

    pub(super) fn create_network_acl(
        &mut self,
        operation: &Operation,
        call: &CreateNetworkAcl,
    ) -> Result<Outcome, Refusal> {
        let model = self.acl_model()?;
        self.free_name(ResourceKind::NetworkAcl, &call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?.name.clone();
        let entries = entry::of_new(self.acl_default(model, call.default.as_deref())?, model);
        let id = self.new_id(ResourceKind::NetworkAcl, &call.name, call.id.as_deref(), "id")?;

        let name = NetworkAclName::trusted(&*call.name);
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        self.insert_acl(NetworkAcl { name, id, account, vpc, entries, origin });
        Ok(Outcome::default())
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_network_acl(&self, operation: &Operation, call: &CreateNetworkAcl) -> Option<bool> {
        let (acl, vpc) = (self.mine::<NetworkAcl>(operation, &call.name)?, Vpc::find(self, &call.vpc)?);
        Some(acl.vpc == vpc.name && is_given(&call.id, &acl.id.0))
    }

    /// What a new ACL does with all packets (docs/cloud.md §9).
    fn acl_default(&self, model: &AclModel, text: Option<&str>) -> Result<Policy, Refusal> {
        let Some(text) = text else { return Ok(model.new) };
        let policy = security_group::policy(text, "default")?;
        if policy == Policy::Drop || policy == model.new {
            return Ok(policy);
        }
        let message = msg!(Said::NewOnesDrop { provider: self.provider.name });
        Err(Refusal::new(Fault::UnsupportedOperation, message, Said::AddAcceptingEntries).at("default"))
    }

    pub(super) fn delete_network_acl(
        &mut self,
        operation: &Operation,
        call: &DeleteNetworkAcl,
    ) -> Result<Outcome, Refusal> {
        let acl = self.own::<NetworkAcl>(operation, &call.name, "name")?;
        if acl.is_default() {
            let message = msg!(Said::IsDefault { acl: &acl.name, vpc: &acl.vpc });
            return Err(Refusal::new(Fault::DefaultResource, message, Said::GoesWithVpc).at("name"));
        }
        let users: Vec<_> = self.subnets_behind(acl).map(|subnet| subnet.name.clone()).collect();
        if let Some(first) = users.first() {
            let message = msg!(Said::Associated { acl: &acl.name, subnets: &users });
            let hint = msg!(Said::UnassociateFirst { acl: &acl.name, subnet: first });
            return Err(Refusal::new(Fault::InUse, message, hint).at("name"));
        }

        let name = acl.name.clone();
        self.remove_acl(&name);
        Ok(Outcome::default())
    }

    pub(super) fn associate_network_acl(
        &mut self,
        operation: &Operation,
        call: &AssociateNetworkAcl,
    ) -> Result<Outcome, Refusal> {
        let acl = self.own::<NetworkAcl>(operation, &call.acl, "acl")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        if acl.vpc != subnet.name.vpc {
            let message = msg!(Said::OtherVpc { acl: &acl.name, vpc: &acl.vpc, subnet: &subnet.name });
            let hint = msg!(Said::NameAclOf { vpc: &subnet.name.vpc });
            return Err(Refusal::new(Fault::VpcMismatch, message, hint).at("subnet"));
        }

        let association = AclAssociation { acl: acl.name.clone(), origin: operation.origin.clone() };
        let subnet = subnet.name.clone();
        if let Some(subnet) = self.subnets.get_mut(&subnet) {
            subnet.acl = Some(association);
        }
        Ok(Outcome::default())
    }

    /// Whether the subnet uses the ACL.
    pub(super) fn uses_network_acl(&self, operation: &Operation, call: &AssociateNetworkAcl) -> Option<bool> {
        self.is_behind(operation, &call.acl, &call.subnet)
    }

    pub(super) fn unassociate_network_acl(
        &mut self,
        operation: &Operation,
        call: &UnassociateNetworkAcl,
    ) -> Result<Outcome, Refusal> {
        let acl = self.own::<NetworkAcl>(operation, &call.acl, "acl")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        if subnet.acl.as_ref().is_none_or(|association| association.acl != acl.name) {
            let message = msg!(Said::NotAssociated { acl: &acl.name, subnet: &subnet.name });
            let hint = match &subnet.acl {
                Some(association) => msg!(Said::AssociatedWith { acl: &association.acl }),
                None => Said::AssociatedWithNone.into(),
            };
            return Err(Refusal::new(Fault::AssociationNotFound, message, hint).at("subnet"));
        }

        if acl.is_default() {
            let message = msg!(Said::AlwaysAssociated { subnet: &subnet.name, acl: &acl.name });
            return Err(Refusal::new(Fault::DefaultResource, message, Said::AssociateAnother).at("acl"));
        }

        let subnet = subnet.name.clone();
        let default = self.default_acl(&subnet.vpc);
        if let Some(subnet) = self.subnets.get_mut(&subnet) {
            subnet.acl = default;
        }
        Ok(Outcome::default())
    }

    /// Whether the subnet does not use the ACL.
    pub(super) fn uses_no_network_acl(&self, operation: &Operation, call: &UnassociateNetworkAcl) -> Option<bool> {
        self.is_behind(operation, &call.acl, &call.subnet).map(|is| !is)
    }

    fn is_behind(&self, operation: &Operation, acl: &str, subnet: &str) -> Option<bool> {
        let acl = self.mine::<NetworkAcl>(operation, acl)?;
        let subnet = self.mine::<Subnet>(operation, subnet)?;
        Some(subnet.acl.as_ref().is_some_and(|association| association.acl == acl.name))
    }
}

/// Reads the direction of an entry.
pub(super) fn direction(text: &str) -> Result<Direction, Refusal> {
    let all = [Direction::Ingress, Direction::Egress];
    all.into_iter().find(|direction| direction.to_string().eq_ignore_ascii_case(text)).ok_or_else(|| {
        Refusal::new(Fault::InvalidDirection, msg!(Said::NoDirection { text }), Said::WriteDirection).at("direction")
    })
}

/// Reads the number of an entry.
pub(super) fn number(text: &str, model: &AclModel) -> Result<u16, Refusal> {
    value::check_no_leading_zero(text, Fault::InvalidPriority, "number")?;
    value::number(text).filter(|number| model.numbers.contains(number)).ok_or_else(|| {
        let (first, last) = (model.numbers.start(), model.numbers.end());
        let hint = msg!(Said::WriteNumber { first, last });
        Refusal::new(Fault::InvalidPriority, msg!(Said::NoNumber { text }), hint).at("number")
    })
}
