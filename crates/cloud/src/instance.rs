//! Instances (docs/cloud.md §3 for addresses, §4 for groups).

mod messages;

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, AssociatePublicIp, Cloud, CreateInstance, DeleteInstance, Fault, Gone, GroupName, Id, InstanceName,
    JoinSecurityGroup, LeaveSecurityGroup, ModifyInstance, NextHop, Operation, Origin, Outcome, RebootInstance,
    Refusal, ReleasePublicIp, ResourceKind, SecurityGroup, StartInstance, StopInstance, Subnet, SubnetName, Transition,
    value,
};
use crate::msg;
use messages::Said;

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its name.
    pub name: InstanceName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// Its subnet.
    pub subnet: SubnetName,
    /// Its private address.
    pub ip: Ipv4Addr,
    /// Its public address, mapped one to one.
    pub public_ip: Option<Ipv4Addr>,
    /// The groups it joined, by name, or in the order in which it joined them where the provider's are a list; none: the
    /// VPC's default group. See [`Cloud::groups_of`](super::Cloud::groups_of).
    pub groups: Vec<GroupName>,
    /// Whether it passes on packets that are not for it, once a route leads to it (docs/cloud.md §12).
    pub forwards: bool,
    /// Whether it puts its own address on what it passes on.
    pub masquerade: bool,
    /// Whether it runs.
    pub power: Power,
    /// Where it was written.
    pub origin: Origin,
    /// The operation that last started or stopped it.
    pub switched: Origin,
    /// The operation because of which it has its public address, or none.
    pub addressed: Origin,
    /// The operation because of which it forwards, or not.
    pub modified: Origin,
}

/// Whether an instance runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Power {
    /// It runs.
    Running,
    /// It is stopped: it keeps its addresses, and neither sends nor receives.
    Stopped,
}

impl Power {
    /// As the providers' APIs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Power::Running => "Running",
            Power::Stopped => "Stopped",
        }
    }
}

impl Instance {
    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.power == Power::Running
    }

    /// Whether it passes on what a route leads to it.
    pub fn passes_on(&self) -> bool {
        self.runs() && self.forwards
    }
}

/// The public addresses that are given away where a call names none.
pub const GIVEN_AWAY: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24);

impl Cloud {
    pub(super) fn create_instance(&mut self, operation: &Operation, call: &CreateInstance) -> Result<Outcome, Refusal> {
        self.free_name(ResourceKind::Instance, &call.name, "name")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        let ip = self.private_address(subnet, call.ip.as_deref())?;
        let public_ip = call.public_ip.as_deref().map(|text| self.public_address(text)).transpose()?;
        let mut groups = Vec::new();
        for (index, text) in call.security_group.iter().enumerate() {
            let group = self.own::<SecurityGroup>(operation, text, "security-group");
            let group = group.map_err(|refusal| refusal.value(index))?;
            check_group_of_vpc(group, &call.name, &subnet.name)
                .and_then(|()| self.joined(&call.name, &mut groups, group))
                .map_err(|refusal| refusal.at("security-group").value(index))?;
        }
        let forwards = flag(call.forwards.as_deref(), "forwards")?;
        let masquerade = flag(call.masquerade.as_deref(), "masquerade")?;
        let id = self.new_id(ResourceKind::Instance, &call.name, call.id.as_deref(), "id")?;

        let name = InstanceName::trusted(&*call.name);
        let subnet = subnet.name.clone();
        let groups = without_default_alone(groups, &subnet);
        self.directory.insert(&id, Thing::Instance(name.clone()));
        self.addresses.insert((subnet.vpc.clone(), ip), name.clone());
        if let Some(pool) = self.free_addresses.get_mut(&subnet) {
            pool.take(ip);
        }
        if let Some(public_ip) = public_ip {
            self.public_addresses.insert(public_ip, (subnet.vpc.clone(), name.clone()));
        }
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        let (power, name) = (Power::Running, name.clone());
        let instance = Instance {
            name: name.clone(),
            id,
            account,
            subnet,
            ip,
            public_ip,
            groups,
            forwards,
            masquerade,
            power,
            switched: origin.clone(),
            addressed: origin.clone(),
            modified: origin.clone(),
            origin,
        };
        self.instances.insert(name, instance);
        Ok(Outcome::default())
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_instance(&self, operation: &Operation, call: &CreateInstance) -> Option<bool> {
        let instance = self.mine::<Instance>(operation, &call.name)?;
        let subnet = Subnet::find(self, &call.subnet)?;
        let wants = |text: &Option<String>, has: Option<Ipv4Addr>| {
            text.as_ref().is_none_or(|text| text.parse().ok().is_some_and(|ip: Ipv4Addr| Some(ip) == has))
        };
        let mut groups = call.security_group.iter().map(|text| SecurityGroup::find(self, text));
        Some(
            instance.subnet == subnet.name
                && wants(&call.ip, Some(instance.ip))
                && wants(&call.public_ip, instance.public_ip)
                && groups.all(|group| group.is_some_and(|group| self.members_contain(group, instance)))
                && flag(call.forwards.as_deref(), "forwards").is_ok_and(|forwards| forwards == instance.forwards)
                && flag(call.masquerade.as_deref(), "masquerade").is_ok_and(|on| on == instance.masquerade)
                && is_given(&call.id, &instance.id.0),
        )
    }

    /// The requested address, or the lowest free one (docs/cloud.md §3).
    fn private_address(&self, subnet: &Subnet, text: Option<&str>) -> Result<Ipv4Addr, Refusal> {
        let pool = &self.free_addresses[&subnet.name];
        let Some(text) = text else {
            return pool.lowest().ok_or_else(|| self.no_address_left(subnet));
        };
        let ip = value::address(text, Fault::InvalidPrivateIp, "ip")?;
        if pool.contains(ip) {
            return Ok(ip);
        }
        let free = match pool.lowest() {
            Some(lowest) => msg!(Said::IsFree { ip: lowest }),
            None => msg!(Said::TakeAnotherSubnet { subnet: &subnet.name }),
        };
        if let Some(other) = self.instance_at(&subnet.name.vpc, ip) {
            let message = msg!(Said::HasAddress { ip, instance: &other.name });
            return Err(Refusal::new(Fault::DuplicatePrivateIp, message, free).at("ip"));
        }
        if let Some(nat) = self.nat_gateway_at(&subnet.name.vpc, ip) {
            let message = msg!(Said::NatHasAddress { ip, nat: &nat.name });
            return Err(Refusal::new(Fault::DuplicatePrivateIp, message, free).at("ip"));
        }
        let gateway = subnet.gateway;
        let message = if subnet.cidr.contains(&ip) {
            let (reserved, subnet) = (self.provider.reserved(subnet.cidr), &subnet.name);
            match ip == gateway {
                true => msg!(Said::IsGateway { ip, reserved: reserved, subnet }),
                false => msg!(Said::IsReserved { ip, reserved: reserved, subnet }),
            }
        } else {
            msg!(Said::OutsideSubnet { ip, subnet: &subnet.name, cidr: &subnet.cidr })
        };
        Err(Refusal::new(Fault::InvalidPrivateIp, message, free).at("ip"))
    }

    /// The refusal of a host in a subnet without a free address.
    pub(super) fn no_address_left(&self, subnet: &Subnet) -> Refusal {
        let message = msg!(Said::SubnetIsFull { subnet: &subnet.name, cidr: &subnet.cidr });
        Refusal::new(Fault::QuotaExceeded, message, msg!(Said::DeleteOneOrTakeAnotherSubnet)).at("subnet")
    }

    fn public_address(&self, text: &str) -> Result<Ipv4Addr, Refusal> {
        let ip = value::public_address(text, "public-ip")?;
        let message = match (self.instance_at_public(ip), self.nat_gateway_at_public(ip)) {
            (Some(other), _) => msg!(Said::HasAddress { ip, instance: &other.name }),
            (None, Some(nat)) => msg!(Said::NatHasAddress { ip, nat: &nat.name }),
            (None, None) => return Ok(ip),
        };
        Err(Refusal::new(Fault::DuplicatePublicIp, message, msg!(Said::TakeAnotherPublicAddress)).at("public-ip"))
    }

    /// The requested public address, or the lowest free one of those that the lab gives away (docs/cloud.md §14).
    pub(super) fn public_address_or_free(&self, text: Option<&str>) -> Result<Ipv4Addr, Refusal> {
        if let Some(text) = text {
            return self.public_address(text);
        }
        let mut free = GIVEN_AWAY.hosts().filter(|ip| !self.public_addresses.contains_key(ip));
        free.next().ok_or_else(|| {
            let message = msg!(Said::NoPublicAddressLeft { block: GIVEN_AWAY });
            Refusal::new(Fault::QuotaExceeded, message, Said::NamePublicAddress)
        })
    }

    pub(super) fn associate_public_ip(
        &mut self,
        operation: &Operation,
        call: &AssociatePublicIp,
    ) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, &call.instance, "instance")?;
        if let Some(ip) = instance.public_ip {
            let message = msg!(Said::HasPublicIp { instance: &instance.name, ip });
            let hint = msg!(Said::CallFirst { first: "release-public-ip", instance: &instance.name });
            return Err(Refusal::new(Fault::HasPublicIp, message, hint).at("instance"));
        }
        self.check_gateway_attached(&instance.subnet.vpc).map_err(|refusal| refusal.at("instance"))?;
        let ip = self.public_address_or_free(call.public_ip.as_deref())?;

        let (name, vpc) = (instance.name.clone(), instance.subnet.vpc.clone());
        self.public_addresses.insert(ip, (vpc, name.clone()));
        if let Some(instance) = self.instances.get_mut(&name) {
            instance.public_ip = Some(ip);
            instance.addressed = operation.origin.clone();
        }
        Ok(Outcome::default())
    }

    /// Whether the instance has the public address, or any if the call names none.
    pub(super) fn has_public_ip(&self, operation: &Operation, call: &AssociatePublicIp) -> Option<bool> {
        let has = self.mine::<Instance>(operation, &call.instance)?.public_ip;
        Some(match &call.public_ip {
            Some(text) => has == Some(text.parse().ok()?),
            None => has.is_some(),
        })
    }

    pub(super) fn release_public_ip(
        &mut self,
        operation: &Operation,
        call: &ReleasePublicIp,
    ) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, &call.instance, "instance")?;
        let Some(ip) = instance.public_ip else {
            let message = msg!(Said::HasNoPublicIp { instance: &instance.name });
            return Err(Refusal::new(Fault::NoPublicIp, message, Said::NothingToDo).at("instance"));
        };

        let name = instance.name.clone();
        self.public_addresses.remove(&ip);
        if let Some(instance) = self.instances.get_mut(&name) {
            instance.public_ip = None;
            instance.addressed = operation.origin.clone();
        }
        Ok(Outcome::default())
    }

    /// Whether the instance has no public address.
    pub(super) fn has_no_public_ip(&self, operation: &Operation, call: &ReleasePublicIp) -> Option<bool> {
        Some(self.mine::<Instance>(operation, &call.instance)?.public_ip.is_none())
    }

    pub(super) fn delete_instance(&mut self, operation: &Operation, call: &DeleteInstance) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, &call.name, "name")?;
        self.check_no_entry_names(&instance.subnet.vpc, &NextHop::Instance(instance.name.clone()))?;

        let Instance { name, id, subnet, ip, public_ip, .. } = instance.clone();
        self.instances.remove(&name);
        let (kind, origin) = (ResourceKind::Instance, operation.origin.clone());
        let gone = Gone { id, name: name.as_str().into(), kind, origin };
        let warning = self.remove_hop(&subnet.vpc, &NextHop::Instance(name), gone);
        self.addresses.remove(&(subnet.vpc.clone(), ip));
        if let Some(pool) = self.free_addresses.get_mut(&subnet) {
            pool.give_back(ip);
        }
        if let Some(public_ip) = public_ip {
            self.public_addresses.remove(&public_ip);
        }
        Ok(Outcome { warnings: warning.into_iter().collect(), ..Outcome::default() })
    }

    pub(super) fn modify_instance(&mut self, operation: &Operation, call: &ModifyInstance) -> Result<Outcome, Refusal> {
        let name = self.own::<Instance>(operation, &call.name, "name")?.name.clone();
        let forwards = flag(Some(&call.forwards), "forwards")?;
        if let Some(instance) = self.instances.get_mut(&name) {
            instance.forwards = forwards;
            instance.modified = operation.origin.clone();
        }
        Ok(Outcome::default())
    }

    /// Whether the instance forwards, or not, as the call would have it.
    pub(super) fn is_modified(&self, operation: &Operation, call: &ModifyInstance) -> Option<bool> {
        let instance = self.mine::<Instance>(operation, &call.name)?;
        Some(flag(Some(&call.forwards), "forwards").ok()? == instance.forwards)
    }

    pub(super) fn start_instance(&mut self, operation: &Operation, call: &StartInstance) -> Result<Outcome, Refusal> {
        self.switch(operation, &call.name, Power::Running)
    }

    /// Whether the instance runs.
    pub(super) fn is_running(&self, operation: &Operation, call: &StartInstance) -> Option<bool> {
        Some(self.mine::<Instance>(operation, &call.name)?.runs())
    }

    pub(super) fn stop_instance(&mut self, operation: &Operation, call: &StopInstance) -> Result<Outcome, Refusal> {
        self.switch(operation, &call.name, Power::Stopped)
    }

    /// Whether the instance is stopped.
    pub(super) fn is_stopped(&self, operation: &Operation, call: &StopInstance) -> Option<bool> {
        Some(!self.mine::<Instance>(operation, &call.name)?.runs())
    }

    pub(super) fn reboot_instance(&mut self, operation: &Operation, call: &RebootInstance) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, &call.name, "name")?;
        if !instance.runs() {
            return Err(in_state(instance, "start-instance"));
        }
        let name = instance.name.to_string();
        Ok(Outcome {
            transitions: vec![Transition { name, states: vec!["Running", "Starting", "Running"] }],
            ..Outcome::default()
        })
    }

    /// A restart leaves no trace, so it is never done already.
    pub(super) fn is_rebooted(&self, operation: &Operation, call: &RebootInstance) -> Option<bool> {
        self.mine::<Instance>(operation, &call.name).map(|_| false)
    }

    fn switch(&mut self, operation: &Operation, text: &str, power: Power) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, text, "name")?;
        if instance.power == power {
            return Err(in_state(instance, if power == Power::Running { "stop-instance" } else { "start-instance" }));
        }
        let passing = if power == Power::Running { "Starting" } else { "Stopping" };
        let name = instance.name.clone();
        let states = vec![instance.power.as_str(), passing, power.as_str()];
        if let Some(instance) = self.instances.get_mut(&name) {
            instance.power = power;
            instance.switched = operation.origin.clone();
        }
        Ok(Outcome { transitions: vec![Transition { name: name.to_string(), states }], ..Outcome::default() })
    }

    /// The instances of a subnet, by address.
    pub(super) fn instances_in(&self, subnet: &Subnet) -> impl Iterator<Item = &Instance> {
        let at = |ip| (subnet.name.vpc.clone(), ip);
        let range = at(subnet.cidr.network())..=at(subnet.cidr.broadcast());
        self.addresses.range(range).map(|(_, name)| &self.instances[name])
    }

    pub(super) fn join_security_group(
        &mut self,
        operation: &Operation,
        call: &JoinSecurityGroup,
    ) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, &call.instance, "instance")?;
        let group = self.own::<SecurityGroup>(operation, &call.group, "group")?;
        check_group_of_vpc(group, instance.name.as_str(), &instance.subnet).map_err(|refusal| refusal.at("group"))?;
        if self.groups_of(instance).iter().any(|joined| joined.name == group.name) {
            let message = msg!(Said::InGroupAlready { instance: &instance.name, group: &group.name });
            return Err(Refusal::new(Fault::AlreadyMember, message, msg!(Said::NothingToDo)).at("instance"));
        }
        let mut groups = instance.groups.clone();
        self.joined(instance.name.as_str(), &mut groups, group).map_err(|refusal| refusal.at("group"))?;

        let name = instance.name.clone();
        Ok(self.set_groups(&name, groups))
    }

    /// Whether the instance is in the group.
    pub(super) fn is_member(&self, operation: &Operation, call: &JoinSecurityGroup) -> Option<bool> {
        self.is_in_group(operation, &call.instance, &call.group)
    }

    pub(super) fn leave_security_group(
        &mut self,
        operation: &Operation,
        call: &LeaveSecurityGroup,
    ) -> Result<Outcome, Refusal> {
        let instance = self.own::<Instance>(operation, &call.instance, "instance")?;
        let group = self.own::<SecurityGroup>(operation, &call.group, "group")?;
        let (name, mut groups) = (instance.name.clone(), instance.groups.clone());
        let Some(place) = groups.iter().position(|name| *name == group.name) else {
            let groups = self.groups_of(instance).into_iter().map(|group| &group.name);
            let message = msg!(Said::NotInGroup { instance: name, group: &group.name });
            let hint = msg!(Said::IsIn { groups: groups });
            return Err(Refusal::new(Fault::MembershipNotFound, message, hint).at("group"));
        };
        groups.remove(place);
        let last = groups.is_empty();

        let default = GroupName::default_of(&group.vpc);
        let mut outcome = self.set_groups(&name, groups);
        if last {
            outcome.warnings.push(msg!(Said::InDefaultGroupAgain { instance: name, default }));
        }
        Ok(outcome)
    }

    /// Whether the instance is not in the group.
    pub(super) fn is_no_member(&self, operation: &Operation, call: &LeaveSecurityGroup) -> Option<bool> {
        self.is_in_group(operation, &call.instance, &call.group).map(|member| !member)
    }

    fn is_in_group(&self, operation: &Operation, instance: &str, group: &str) -> Option<bool> {
        let instance = self.mine::<Instance>(operation, instance)?;
        Some(self.members_contain(self.mine::<SecurityGroup>(operation, group)?, instance))
    }

    fn members_contain(&self, group: &SecurityGroup, instance: &Instance) -> bool {
        self.groups_of(instance).iter().any(|of| of.name == group.name)
    }

    /// Adds a group to `groups`, within the provider's limit (docs/cloud.md §4).
    fn joined(&self, instance: &str, groups: &mut Vec<GroupName>, group: &SecurityGroup) -> Result<(), Refusal> {
        let model = self.provider.groups();
        let place = groups.partition_point(|other| model.ordered || *other < group.name);
        if !groups.contains(&group.name) {
            groups.insert(place, group.name.clone());
        }
        let most = model.per_instance;
        if groups.len() <= most {
            return Ok(());
        }
        let message = msg!(Said::TooManyGroups { instance, most, group: &group.name });
        Err(Refusal::new(Fault::GroupsOfInstance, message, msg!(Said::LeaveAnotherGroupFirst)))
    }

    fn set_groups(&mut self, name: &InstanceName, groups: Vec<GroupName>) -> Outcome {
        if let Some(instance) = self.instances.get_mut(name) {
            instance.groups = without_default_alone(groups, &instance.subnet);
        }
        Outcome::default()
    }
}

/// The refusal of an operation that the instance's state does not allow; `first` is the one that it does.
fn in_state(instance: &Instance, first: &str) -> Refusal {
    let (name, state) = (&instance.name, instance.power.as_str());
    let message = msg!(Said::InState { instance: name, state });
    Refusal::new(Fault::InstanceStatus, message, msg!(Said::CallFirst { first, instance: name })).at("name")
}

/// Reads a yes or no; without a text, no.
fn flag(text: Option<&str>, argument: &'static str) -> Result<bool, Refusal> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => {
            let message = msg!(Said::NeitherTrueNorFalse { text: text.unwrap_or_default() });
            Err(Refusal::new(Fault::InvalidFlag, message, Said::WriteTrueOrFalse).at(argument))
        }
    }
}

/// Represents membership in only the VPC's default group as no groups.
fn without_default_alone(groups: Vec<GroupName>, subnet: &SubnetName) -> Vec<GroupName> {
    let default = GroupName::default_of(&subnet.vpc);
    if groups.iter().all(|group| *group == default) { Vec::new() } else { groups }
}

/// Only instances of the group's VPC may join it.
fn check_group_of_vpc(group: &SecurityGroup, instance: &str, subnet: &SubnetName) -> Result<(), Refusal> {
    if group.vpc == subnet.vpc {
        return Ok(());
    }
    let message =
        msg!(Said::GroupOfAnotherVpc { group: &group.name, group_vpc: &group.vpc, instance, vpc: &subnet.vpc });
    Err(Refusal::new(Fault::InstanceMismatch, message, msg!(Said::NameGroupOf { vpc: &subnet.vpc })))
}
