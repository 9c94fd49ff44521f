//! Security groups and their rules (docs/cloud.md §4).

mod messages;
mod rule;

use std::fmt;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

pub(super) use rule::{policy, ports, protocol};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, Cloud, CreateSecurityGroup, DeleteSecurityGroup, Fault, GroupModel, GroupName, Id,
    ModifySecurityGroup, Operation, Origin, Outcome, Refusal, ResourceKind, Vpc, VpcName,
};
use crate::msg;
use messages::Said;

/// A security group. Its members are the instances whose [`groups`](super::Instance::groups) name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its name.
    pub name: GroupName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// The VPC whose instances may join.
    pub vpc: VpcName,
    /// Whether members reach each other if no ingress rule matches.
    pub inner_access: Policy,
    /// The rules, in the order of authorization.
    pub rules: Vec<Rule>,
    /// Where it was written.
    pub origin: Origin,
    /// The operation because of which it has its inner access.
    pub modified: Origin,
}

/// A rule of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its direction.
    pub direction: Direction,
    /// Its policy.
    pub policy: Policy,
    /// Its priority: 1 applies first, 100 last; 0 where rules have no priorities.
    pub priority: u8,
    /// Its protocol.
    pub protocol: RuleProtocol,
    /// The destination ports; `None`: all, or the protocol has none.
    pub ports: Option<PortRange>,
    /// The source of an ingress rule, or the destination of an egress rule.
    pub peer: RulePeer,
    /// Where it was written.
    pub origin: Origin,
}

/// The direction of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Toward the instance.
    Ingress,
    /// From the instance.
    Egress,
}

/// The policy of a rule. `Drop` is less than `Accept`, so it wins a tie of priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Policy {
    /// Drop the packet.
    Drop,
    /// Accept the packet.
    Accept,
}

/// A protocol in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RuleProtocol {
    /// Any.
    All,
    /// IP protocol 1.
    Icmp,
    /// IP protocol 6.
    Tcp,
    /// IP protocol 17.
    Udp,
    /// IP protocol 47.
    Gre,
}

/// Ports from `low` to `high`, inclusive, low ≤ high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PortRange {
    /// The lowest.
    pub low: u16,
    /// The highest.
    pub high: u16,
}

/// The source or destination of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RulePeer {
    /// A CIDR block.
    Cidr(Ipv4Net),
    /// The private addresses of a group's members, unless the rule is [stale](super::Cloud::stale).
    Group {
        /// The group's account.
        account: AccountName,
        /// The group's name.
        group: GroupName,
        /// Its id, so that the rule never means another group of the same name.
        id: Id,
    },
}

/// Why a rule by group matches nothing (docs/cloud.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stale {
    /// The group was deleted.
    GroupGone,
    /// The group is in another VPC, and no active peering joins the two VPCs.
    NoActivePeering,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Stale::GroupGone => "the group is gone",
            Stale::NoActivePeering => "no active peering joins the two VPCs",
        })
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Policy::Accept => "accept",
            Policy::Drop => "drop",
        })
    }
}

impl RuleProtocol {
    /// Every protocol, as a rule's reader lists them.
    pub const ALL: [RuleProtocol; 5] =
        [RuleProtocol::Tcp, RuleProtocol::Udp, RuleProtocol::Icmp, RuleProtocol::Gre, RuleProtocol::All];
}

impl RuleProtocol {
    /// Whether its packets have ports.
    pub fn has_ports(self) -> bool {
        matches!(self, RuleProtocol::Tcp | RuleProtocol::Udp)
    }
}

impl PortRange {
    /// Every port.
    pub const ALL: PortRange = PortRange { low: 1, high: u16::MAX };

    /// Whether it has every port.
    pub fn is_all(self) -> bool {
        self == PortRange::ALL
    }

    /// Whether it has this port.
    pub fn contains(self, port: u16) -> bool {
        (self.low..=self.high).contains(&port)
    }
}

impl fmt::Display for RuleProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RuleProtocol::All => "all",
            RuleProtocol::Icmp => "icmp",
            RuleProtocol::Tcp => "tcp",
            RuleProtocol::Udp => "udp",
            RuleProtocol::Gre => "gre",
        })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.low, self.high))
    }
}

impl fmt::Display for Rule {
    /// As in `accept tcp 22/22 from 10.0.0.0/16 priority 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.policy, self.protocol)?;
        if let Some(ports) = self.ports {
            write!(f, " {ports}")?;
        }
        f.write_str(match self.direction {
            Direction::Ingress => " from ",
            Direction::Egress => " to ",
        })?;
        match &self.peer {
            RulePeer::Cidr(cidr) => write!(f, "{cidr}")?,
            RulePeer::Group { group, .. } => write!(f, "{group}")?,
        }
        if self.priority > 0 { write!(f, " priority {}", self.priority) } else { Ok(()) }
    }
}

impl GroupModel {
    /// The priority of a rule that names none; 0 where rules have no priorities.
    pub fn priority(&self) -> u8 {
        self.priorities.as_ref().map_or(0, |priorities| priorities.default)
    }

    /// Whether two rules say the same; where rules are a list, at any place.
    pub fn is_same(&self, one: &Rule, other: &Rule) -> bool {
        let priority = if self.ordered { one.priority } else { other.priority };
        *one == Rule { priority, ..other.clone() }
    }

    /// The rule of a new group that accepts all outbound packets.
    fn lets_all_out(&self) -> Rule {
        Rule {
            direction: Direction::Egress,
            policy: Policy::Accept,
            priority: self.priority(),
            protocol: RuleProtocol::All,
            ports: None,
            peer: RulePeer::Cidr(Ipv4Net::default()),
            origin: Origin::Provider,
        }
    }
}

impl SecurityGroup {
    /// Makes the place of each rule in its direction its priority, where rules are a list.
    fn number(&mut self, model: &GroupModel) {
        if !model.ordered {
            return;
        }
        let mut next = [1, 1];
        for rule in &mut self.rules {
            let next = &mut next[rule.direction as usize];
            rule.priority = *next;
            *next = next.saturating_add(1);
        }
    }

    /// Whether it is a VPC's default group, for instances that joined none.
    pub fn is_default(&self) -> bool {
        self.name == GroupName::default_of(&self.vpc)
    }
}

impl Cloud {
    /// Sorts the rules of every group, so that their order says nothing about when they were made. It decides nothing.
    pub fn forget_order(&mut self) {
        let names: Vec<_> = self.security_groups.keys().cloned().collect();
        for group in names.iter() {
            if let Some(group) = self.security_groups.get_mut(group) {
                let key = |rule: &Rule| {
                    (rule.direction, rule.priority, rule.policy, rule.protocol, rule.ports, rule.peer.clone())
                };
                group.rules.sort_by_key(key);
            }
        }
    }

    /// The group that comes with a VPC, and what it lets in from anywhere (docs/cloud.md §4).
    pub(super) fn create_default_group(&mut self, vpc: &VpcName, account: &AccountName) {
        let name = GroupName::default_of(vpc);
        let id = self.derived_id(ResourceKind::SecurityGroup, name.as_str());
        let model = self.provider.groups();
        let rule = |(protocol, port): &(RuleProtocol, Option<u16>)| Rule {
            direction: Direction::Ingress,
            policy: Policy::Accept,
            priority: model.priority(),
            protocol: *protocol,
            ports: port.map(|port| PortRange { low: port, high: port }),
            peer: RulePeer::Cidr(Ipv4Net::default()),
            origin: Origin::Provider,
        };
        let mut rules: Vec<_> = model.default_group.iter().map(rule).collect();
        if model.default_from_members {
            let peer = RulePeer::Group { account: account.clone(), group: name.clone(), id: id.clone() };
            rules.push(Rule { peer, ..rule(&(RuleProtocol::All, None)) });
        }
        rules.extend(model.default_lets_out.then(|| model.lets_all_out()));
        let (account, vpc, origin) = (account.clone(), vpc.clone(), Origin::Provider);
        let mut group = SecurityGroup {
            name,
            id,
            account,
            vpc,
            inner_access: model.inner_access,
            rules,
            modified: origin.clone(),
            origin,
        };
        group.number(model);
        self.insert_group(group);
    }

    /// Deletes a VPC's default group.
    pub(super) fn delete_default_group(&mut self, vpc: &VpcName) {
        self.remove_group(&GroupName::default_of(vpc));
    }

    fn insert_group(&mut self, group: SecurityGroup) {
        self.directory.insert(&group.id, Thing::SecurityGroup(group.name.clone()));
        self.contents.get_or_default(&group.vpc).security_groups.insert(group.name.clone());
        self.security_groups.insert(group.name.clone(), group);
    }

    fn remove_group(&mut self, name: &GroupName) {
        let Some(group) = self.security_groups.remove(name) else { return };
        // Whether rules hold its id is checked only when the id is requested again, because that takes a search of all
        // groups.
        self.directory.bury(ResourceKind::SecurityGroup, name.as_str(), &group.id);
        if let Some(contents) = self.contents.get_mut(&group.vpc) {
            contents.security_groups.remove(name);
        }
    }

    pub(super) fn create_security_group(
        &mut self,
        operation: &Operation,
        call: &CreateSecurityGroup,
    ) -> Result<Outcome, Refusal> {
        self.free_name(ResourceKind::SecurityGroup, &call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?.name.clone();
        let inner_access = self.inner_access(call.inner_access.as_deref())?;
        let model = self.provider.groups();
        let rules = self.lets_out(call.egress.as_deref())?.then(|| model.lets_all_out()).into_iter().collect();
        if model.reserved_name.is_some_and(|name| name.eq_ignore_ascii_case(&call.name)) {
            let message = msg!(Said::NameIsReserved { name: &call.name, provider: self.provider.name });
            return Err(Refusal::new(Fault::ReservedGroupName, message, msg!(Said::ChooseAnotherName)).at("name"));
        }
        let id = self.new_id(ResourceKind::SecurityGroup, &call.name, call.id.as_deref(), "id")?;

        let name = GroupName::trusted(&*call.name);
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        let modified = origin.clone();
        self.insert_group(SecurityGroup { name, id, account, vpc, inner_access, rules, origin, modified });
        Ok(Outcome::default())
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_security_group(&self, operation: &Operation, call: &CreateSecurityGroup) -> Option<bool> {
        let (group, vpc) = (self.mine::<SecurityGroup>(operation, &call.name)?, Vpc::find(self, &call.vpc)?);
        let inner_access = self.inner_access(call.inner_access.as_deref()).ok()?;
        Some(group.vpc == vpc.name && group.inner_access == inner_access && is_given(&call.id, &group.id.0))
    }

    /// Parses the inner access (docs/cloud.md §4).
    pub(super) fn inner_access(&self, text: Option<&str>) -> Result<Policy, Refusal> {
        let model = self.provider.groups();
        let Some(text) = text else { return Ok(model.inner_access) };
        let policy = rule::policy(text, "inner-access")?;
        if policy == model.inner_access || model.inner_access_set {
            return Ok(policy);
        }
        let message = msg!(Said::NoInnerAccess { provider: &self.provider.name });
        let hint = msg!(Said::LeaveInnerAccessOut);
        Err(Refusal::new(Fault::UnsupportedOperation, message, hint).at("inner-access"))
    }

    pub(super) fn modify_security_group(
        &mut self,
        operation: &Operation,
        call: &ModifySecurityGroup,
    ) -> Result<Outcome, Refusal> {
        let name = self.own::<SecurityGroup>(operation, &call.name, "name")?.name.clone();
        let inner_access = self.inner_access(Some(&call.inner_access))?;
        if let Some(group) = self.security_groups.get_mut(&name) {
            group.inner_access = inner_access;
            group.modified = operation.origin.clone();
        }
        Ok(Outcome::default())
    }

    /// Whether the group has the inner access.
    pub(super) fn has_inner_access(&self, operation: &Operation, call: &ModifySecurityGroup) -> Option<bool> {
        let group = self.mine::<SecurityGroup>(operation, &call.name)?;
        Some(self.inner_access(Some(&call.inner_access)).ok()? == group.inner_access)
    }

    /// Whether a new group has the rule that accepts all outbound packets.
    fn lets_out(&self, text: Option<&str>) -> Result<bool, Refusal> {
        let model = self.provider.groups();
        let Some(text) = text else { return Ok(model.new_lets_out) };
        let policy = rule::policy(text, "egress")?;
        if model.new_lets_out || policy == model.unmatched_egress {
            return Ok(model.new_lets_out && policy == Policy::Accept);
        }
        let message = msg!(Said::EgressIsFixed { provider: self.provider.name, policy: model.unmatched_egress });
        Err(Refusal::new(Fault::UnsupportedOperation, message, msg!(Said::LeaveEgressOut)).at("egress"))
    }

    pub(super) fn delete_security_group(
        &mut self,
        operation: &Operation,
        call: &DeleteSecurityGroup,
    ) -> Result<Outcome, Refusal> {
        let group = self.own::<SecurityGroup>(operation, &call.name, "name")?;
        if group.is_default() {
            let message = msg!(Said::IsDefault { group: &group.name, vpc: &group.vpc });
            let hint = msg!(Said::GoesWithVpc);
            return Err(Refusal::new(Fault::DefaultResource, message, hint).at("name"));
        }
        let members: Vec<_> = self.members(group).map(|instance| &instance.name).collect();
        if let Some(first) = members.first() {
            let message = msg!(Said::HasMembers { group: &group.name, members });
            let hint = msg!(Said::LeaveFirst { instance: first, group: &group.name });
            return Err(Refusal::new(Fault::InUse, message, hint).at("name"));
        }
        let naming: Vec<_> = self.groups_naming(group).map(|other| &other.name).collect();
        if !naming.is_empty() {
            let message = msg!(Said::IsNamedByRules { groups: naming, group: &group.name });
            return Err(Refusal::new(Fault::InUse, message, msg!(Said::RevokeThemFirst)).at("name"));
        }

        let name = group.name.clone();
        let foreign =
            self.security_groups.values().filter(|other| other.rules.iter().any(|rule| names_group(rule, group)));
        let foreign = foreign.filter(|other| other.name != group.name);
        let warnings =
            foreign.map(|other| msg!(Said::RulesAreStale { account: &other.account, other: &other.name, name }));
        let warnings = warnings.collect();
        self.remove_group(&name);
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// The other groups of the account whose rules name a group and prevent its deletion.
    pub(super) fn groups_naming<'a>(&'a self, group: &'a SecurityGroup) -> impl Iterator<Item = &'a SecurityGroup> {
        let own =
            self.security_groups.values().filter(|other| other.account == group.account && other.name != group.name);
        let anywhere = self.provider.groups().named_by_account;
        let own = own.filter(move |other| anywhere || other.vpc == group.vpc);
        own.filter(|other| other.rules.iter().any(|rule| names_group(rule, group)))
    }

    /// Why a rule of `group` currently matches nothing, if it does (docs/cloud.md §4).
    pub fn stale(&self, group: &SecurityGroup, rule: &Rule) -> Option<Stale> {
        let RulePeer::Group { group: source, id, .. } = &rule.peer else { return None };
        let source = self.security_groups.get(source).filter(|source| source.id == *id);
        let Some(source) = source.filter(|source| self.check_region(group, source).is_ok()) else {
            return Some(Stale::GroupGone);
        };
        let joined = source.vpc == group.vpc
            || self.peerings_of(&group.vpc).any(|end| end.carries && end.far.is_some_and(|far| far.vpc == source.vpc));
        (!joined).then_some(Stale::NoActivePeering)
    }
}

fn names_group(rule: &Rule, group: &SecurityGroup) -> bool {
    matches!(&rule.peer, RulePeer::Group { id, .. } if *id == group.id)
}
