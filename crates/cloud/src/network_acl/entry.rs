//! Entries of network ACLs: reading, adding and removing them (docs/cloud.md §9).

use std::fmt;

use ipnet::Ipv4Net;

use super::messages::{EntrySays, Said};
use super::{AclEntry, NetworkAcl, direction, number};
use crate::message::Message;
use crate::msg;
use crate::{
    AclModel, Cloud, CreateNetworkAclEntry, DeleteNetworkAclEntry, Direction, Fault, Operation, Origin, Outcome,
    Policy, Quota, Refusal, RuleProtocol, security_group, value,
};

/// The entries with which an ACL is created: none, or the last one in each direction, which accepts everything.
pub(super) fn of_new(policy: Policy, model: &AclModel) -> Vec<AclEntry> {
    match policy {
        Policy::Accept => accepting(*model.numbers.end()),
        Policy::Drop => Vec::new(),
    }
}

/// An entry with this number in each direction, which accepts everything.
pub(super) fn accepting(number: u16) -> Vec<AclEntry> {
    let entry = |direction| AclEntry {
        direction,
        number,
        policy: Policy::Accept,
        protocol: RuleProtocol::All,
        ports: None,
        cidr: Ipv4Net::default(),
        origin: Origin::Provider,
    };
    [Direction::Ingress, Direction::Egress].map(entry).into()
}

impl Cloud {
    pub(crate) fn create_network_acl_entry(
        &mut self,
        operation: &Operation,
        call: &CreateNetworkAclEntry,
    ) -> Result<Outcome, Refusal> {
        let model = self.acl_model()?;
        let acl = self.own::<NetworkAcl>(operation, &call.acl, "acl")?;
        let entry = AclEntry { origin: operation.origin.clone(), ..self.read(call, model)? };
        if let Some(other) = acl.entry(entry.direction, entry.number) {
            let message = msg!(Said::EntryExists { acl: &acl.name, entry: other });
            return Err(Refusal::new(Fault::AclEntryExists, message, Said::TakeAnotherNumber).at("number"));
        }
        let most = self.limit(Quota::RulesPerNetworkAcl, model.entries);
        if acl.entries(entry.direction).count() >= most {
            let direction = entry.direction;
            let message = msg!(Said::Full { acl: &acl.name, direction, most });
            return Err(Refusal::new(Fault::AclEntryLimit, message, Said::DeleteAnEntry));
        }

        let name = acl.name.clone();
        if let Some(acl) = self.network_acls.get_mut(&name) {
            let place = acl.entries.partition_point(|other| other.key() < entry.key());
            acl.entries.insert(place, entry);
        }
        Ok(Outcome::default())
    }

    /// Whether the ACL has the entry.
    pub(crate) fn has_network_acl_entry(&self, operation: &Operation, call: &CreateNetworkAclEntry) -> Option<bool> {
        let acl = self.mine::<NetworkAcl>(operation, &call.acl)?;
        let entry = self.read(call, self.provider.acls()?).ok()?;
        Some(acl.entry(entry.direction, entry.number) == Some(&entry))
    }

    pub(crate) fn delete_network_acl_entry(
        &mut self,
        operation: &Operation,
        call: &DeleteNetworkAclEntry,
    ) -> Result<Outcome, Refusal> {
        let model = self.acl_model()?;
        let acl = self.own::<NetworkAcl>(operation, &call.acl, "acl")?;
        let (direction, number) = (direction(&call.direction)?, number(&call.number, model)?);
        if acl.entry(direction, number).is_none() {
            let all: Vec<_> = acl.entries(direction).map(|entry| entry.number).collect();
            let message = msg!(Said::NoSuchEntry { acl: &acl.name, direction, number });
            let hint = match all.is_empty() {
                true => msg!(Said::HasNone { direction }),
                false => msg!(Said::HasNumbers { direction, all: &all }),
            };
            return Err(Refusal::new(Fault::AclEntryNotFound, message, hint).at("number"));
        }

        let name = acl.name.clone();
        if let Some(acl) = self.network_acls.get_mut(&name) {
            acl.entries.retain(|entry| entry.key() != (direction, number));
        }
        Ok(Outcome::default())
    }

    /// Whether the ACL has no such entry.
    pub(crate) fn has_no_network_acl_entry(&self, operation: &Operation, call: &DeleteNetworkAclEntry) -> Option<bool> {
        let acl = self.mine::<NetworkAcl>(operation, &call.acl)?;
        let (direction, number) = (direction(&call.direction).ok()?, number(&call.number, self.provider.acls()?).ok()?);
        Some(acl.entry(direction, number).is_none())
    }
}

impl Cloud {
    /// Reads and checks an entry's arguments.
    fn read(&self, call: &CreateNetworkAclEntry, model: &AclModel) -> Result<AclEntry, Refusal> {
        let number = number(&call.number, model)?;
        let direction = direction(&call.direction)?;
        let protocol = security_group::protocol(&call.protocol)?;
        // Unlike a group's rule, an entry takes no `-1/-1`.
        if let (Some(text), false) = (&call.port, protocol.has_ports()) {
            let message = msg!(Said::NoPorts { protocol, text });
            return Err(Refusal::new(Fault::InvalidPortRange, message, Said::LeavePortOut).at("port"));
        }
        let ports = security_group::ports(protocol, call.port.as_deref())?;
        let cidr = value::cidr_or_address(&self.as_block(&call.cidr), "cidr")?;
        let policy = call.policy.as_deref();
        let policy = policy.map_or(Ok(Policy::Accept), |text| security_group::policy(text, "policy"))?;
        Ok(AclEntry { direction, number, policy, protocol, ports, cidr, origin: Origin::Provider })
    }
}

/// As in `100 accept tcp 22/22 from 10.0.0.0/8`.
impl fmt::Display for AclEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(f)
    }
}

impl From<&AclEntry> for Message {
    fn from(entry: &AclEntry) -> Self {
        let AclEntry { number, cidr, .. } = entry;
        let what = match entry.ports {
            Some(ports) if !ports.is_all() => format!("{} {ports}", entry.protocol),
            _ => entry.protocol.to_string(),
        };
        match (entry.policy, entry.direction) {
            (Policy::Accept, Direction::Ingress) => msg!(EntrySays::AcceptsFrom { number, what, cidr }),
            (Policy::Accept, Direction::Egress) => msg!(EntrySays::AcceptsTo { number, what, cidr }),
            (Policy::Drop, Direction::Ingress) => msg!(EntrySays::DropsFrom { number, what, cidr }),
            (Policy::Drop, Direction::Egress) => msg!(EntrySays::DropsTo { number, what, cidr }),
        }
    }
}
