//! Security groups and their rules (docs/cloud.md §4).

use std::fmt;

use ipnet::Ipv4Net;

use super::reference::{Resource, Thing, nearest};
use super::{
    AccountName, Cloud, Code, CreateSecurityGroup, DeleteSecurityGroup, GroupName, Id, Operation, Origin, Outcome,
    Refusal, ResourceKind, RuleArguments, Vpc, VpcName, value,
};

/// A security group. Its members are the instances whose [`groups`](super::Instance::groups) name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its name.
    pub name: GroupName,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// The VPC whose instances may join.
    pub vpc: VpcName,
    /// Whether members reach each other where no ingress rule matches.
    pub inner_access: Policy,
    /// In the order in which they were authorized.
    pub rules: Vec<Rule>,
    /// Where it was written.
    pub origin: Origin,
}

/// A rule of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which way it looks.
    pub direction: Direction,
    /// What it does.
    pub policy: Policy,
    /// 1 is asked first; 1 where the provider has no priorities.
    pub priority: u8,
    /// What it matches.
    pub protocol: RuleProtocol,
    /// The destination ports it matches; `None`: all, or none to speak of.
    pub ports: Option<PortRange>,
    /// The other side: the source of an ingress rule, the destination of an egress rule.
    pub peer: RulePeer,
    /// Where it was written.
    pub origin: Origin,
}

/// Which way a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Toward the instance.
    Ingress,
    /// From the instance.
    Egress,
}

/// What a rule does. `Drop` is less than `Accept`: it wins a tie of priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Do not let it pass.
    Drop,
    /// Let it pass.
    Accept,
}

/// A protocol in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Ports from `low` to `high`, both included, low ≤ high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The lowest.
    pub low: u16,
    /// The highest.
    pub high: u16,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RulePeer {
    /// A CIDR block.
    Cidr(Ipv4Net),
    /// The private addresses of a group's members, while [`Cloud::stale`](super::Cloud::stale) does not say otherwise.
    Group {
        /// Whose group.
        account: AccountName,
        /// The group.
        group: GroupName,
    },
}

/// Why a rule by group matches nothing (docs/cloud.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stale {
    /// The group is no more.
    GroupGone,
    /// The group's VPC is another, and no active peering joins the two.
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

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Policy::Accept => "accept",
            Policy::Drop => "drop",
        })
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
        write!(f, " priority {}", self.priority)
    }
}

impl SecurityGroup {
    /// Whether it came with its VPC, for the instances that joined none.
    pub fn is_default(&self) -> bool {
        self.name == GroupName::default_of(&self.vpc)
    }
}

impl Cloud {
    /// The group that comes with a VPC: icmp, ssh and remote desktop from anywhere (docs/cloud.md §4).
    pub(super) fn create_default_group(&mut self, vpc: &VpcName, account: &AccountName) {
        let name = GroupName::default_of(vpc);
        let id = self.derived_id(ResourceKind::SecurityGroup, name.as_str());
        let rule = |protocol, port: Option<u16>| Rule {
            direction: Direction::Ingress,
            policy: Policy::Accept,
            priority: 1,
            protocol,
            ports: port.map(|port| PortRange { low: port, high: port }),
            peer: RulePeer::Cidr(Ipv4Net::default()),
            origin: Origin::Provider,
        };
        self.insert_group(SecurityGroup {
            name,
            id,
            account: account.clone(),
            vpc: vpc.clone(),
            inner_access: self.provider.groups.inner_access,
            rules: vec![
                rule(RuleProtocol::Icmp, None),
                rule(RuleProtocol::Tcp, Some(22)),
                rule(RuleProtocol::Tcp, Some(3389)),
            ],
            origin: Origin::Provider,
        });
    }

    /// The default group goes with its VPC.
    pub(super) fn delete_default_group(&mut self, vpc: &VpcName) {
        self.remove_group(&GroupName::default_of(vpc));
    }

    fn insert_group(&mut self, group: SecurityGroup) {
        self.directory.insert(group.id.0.clone(), Thing::SecurityGroup(group.name.clone()));
        self.contents.entry(group.vpc.clone()).or_default().security_groups.insert(group.name.clone());
        self.security_groups.insert(group.name.clone(), group);
    }

    fn remove_group(&mut self, name: &GroupName) {
        let Some(group) = self.security_groups.remove(name) else { return };
        self.directory.remove(&group.id.0);
        if let Some(contents) = self.contents.get_mut(&group.vpc) {
            contents.security_groups.remove(name);
        }
    }

    pub(super) fn create_security_group(
        &mut self,
        operation: &Operation,
        call: &CreateSecurityGroup,
    ) -> Result<Outcome, Refusal> {
        self.free_name(&call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?.name.clone();
        let inner_access = self.inner_access(call.inner_access.as_deref())?;
        let id = self.new_id(ResourceKind::SecurityGroup, &call.name, call.id.as_deref(), "id")?;

        let name = GroupName::trusted(&*call.name);
        self.directory.insert(&*call.name, Thing::SecurityGroup(name.clone()));
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        self.insert_group(SecurityGroup { name, id, account, vpc, inner_access, rules: Vec::new(), origin });
        Ok(Outcome::default())
    }

    /// Whether members reach each other where no rule says so (docs/cloud.md §4).
    pub(super) fn inner_access(&self, text: Option<&str>) -> Result<Policy, Refusal> {
        let model = &self.provider.groups;
        let Some(text) = text else { return Ok(model.inner_access) };
        let policy = policy(text, "inner-access")?;
        if policy == model.inner_access || model.drop_and_priority {
            return Ok(policy);
        }
        let message =
            format!("members of a {} group do not reach each other unless a rule says so", self.provider.name);
        let hint = "leave inner access out, and authorize the subnet's block";
        Err(Refusal::new(Code::UNSUPPORTED_OPERATION, message, hint).at("inner-access"))
    }

    pub(super) fn delete_security_group(
        &mut self,
        operation: &Operation,
        call: &DeleteSecurityGroup,
    ) -> Result<Outcome, Refusal> {
        let group = self.own::<SecurityGroup>(operation, &call.name, "name")?;
        if group.is_default() {
            let message = format!("{} is the default group of VPC {}", group.name, group.vpc);
            let hint = "it goes with its VPC; have the instances join a group of their own";
            return Err(Refusal::new(Code::DEFAULT_RESOURCE, message, hint).at("name"));
        }
        let members: Vec<_> = self.members(group).map(|instance| instance.name.to_string()).collect();
        if let Some(first) = members.first() {
            let message = format!("group {} has members: {}", group.name, members.join(", "));
            let hint = format!("first leave-security-group {first} --group {}, or delete the instance", group.name);
            return Err(Refusal::new(Code::DEPENDENCY, message, hint).at("name"));
        }
        let own =
            self.security_groups.values().filter(|other| other.account == group.account && other.name != group.name);
        let naming = own.filter(|other| other.rules.iter().any(|rule| names_group(rule, group)));
        let naming: Vec<_> = naming.map(|other| other.name.to_string()).collect();
        if !naming.is_empty() {
            let message = format!("rules of {} name group {}", naming.join(", "), group.name);
            return Err(Refusal::new(Code::DEPENDENCY, message, "revoke those rules first").at("name"));
        }

        let name = group.name.clone();
        let foreign =
            self.security_groups.values().filter(|other| other.rules.iter().any(|rule| names_group(rule, group)));
        let foreign = foreign.filter(|other| other.account != group.account);
        let warnings = foreign
            .map(|other| format!("rules of {}'s group {} by group {name} are stale now", other.account, other.name));
        let warnings = warnings.collect();
        self.directory.remove(name.as_str());
        self.remove_group(&name);
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Adds a rule; one that is there already changes nothing.
    pub(super) fn authorize(
        &mut self,
        operation: &Operation,
        group: &str,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Result<Outcome, Refusal> {
        let group = self.own::<SecurityGroup>(operation, group, "security_group")?;
        let (mut rule, warnings) = self.new_rule(operation, group, direction, arguments)?;
        if group.rules.contains(&rule) {
            return Ok(Outcome {
                warnings: vec![format!("group {} has this rule already: {rule}", group.name)],
                ..Outcome::default()
            });
        }
        let most = self.provider.groups.rules;
        if group.rules.len() >= most {
            let message = format!("group {} has {most} rules, as many as it can", group.name);
            return Err(Refusal::new(Code::RULE_LIMIT, message, "revoke a rule, or join several into one"));
        }

        rule.origin = operation.origin.clone();
        let name = group.name.clone();
        if let Some(group) = self.security_groups.get_mut(&name) {
            group.rules.push(rule);
        }
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Removes a rule that says the same.
    pub(super) fn revoke(
        &mut self,
        operation: &Operation,
        group: &str,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Result<Outcome, Refusal> {
        let group = self.own::<SecurityGroup>(operation, group, "security_group")?;
        let Some(index) = self.find_rule(operation, group, direction, arguments)? else {
            let all: Vec<_> =
                group.rules.iter().filter(|rule| rule.direction == direction).map(Rule::to_string).collect();
            let message = format!("group {} has no such rule", group.name);
            let hint = if all.is_empty() {
                "it has none in this direction".into()
            } else {
                format!("it has: {}", all.join("; "))
            };
            return Err(Refusal::new(Code::RULE_NOT_FOUND, message, hint).at("security_group"));
        };

        let name = group.name.clone();
        if let Some(group) = self.security_groups.get_mut(&name) {
            group.rules.remove(index);
        }
        Ok(Outcome::default())
    }

    /// Where in a group's rules the one stands that says what the arguments say. A group that is gone can still be
    /// named, by its name.
    pub(super) fn find_rule(
        &self,
        operation: &Operation,
        group: &SecurityGroup,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Result<Option<usize>, Refusal> {
        let head = self.rule_head(direction, arguments)?;
        let cidr = arguments.cidr.as_deref().map(rule_cidr).transpose()?;
        let account =
            arguments.group_account.as_deref().map(|text| self.find_account(text).map(|account| &account.name));
        let account = account.unwrap_or(Some(&operation.caller));
        Ok(group.rules.iter().position(|rule| {
            let same_peer = match &rule.peer {
                RulePeer::Cidr(other) => cidr == Some(*other),
                RulePeer::Group { account: owner, group } => arguments.group.as_deref().is_some_and(|text| {
                    let named = SecurityGroup::find(self, text).map(|named| named.name.as_str());
                    account == Some(owner) && (group.as_str() == text || named == Some(group.as_str()))
                }),
            };
            same_peer && *rule == Rule { peer: rule.peer.clone(), ..head.clone() }
        }))
    }

    /// A rule as its arguments say it, judged (docs/cloud.md §4).
    fn new_rule(
        &self,
        operation: &Operation,
        group: &SecurityGroup,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Result<(Rule, Vec<String>), Refusal> {
        let mut rule = self.rule_head(direction, arguments)?;
        let mut warnings = Vec::new();
        rule.peer = match (&arguments.cidr, &arguments.group) {
            (Some(cidr), _) => RulePeer::Cidr(rule_cidr(cidr)?),
            (None, Some(source)) => {
                let source = self.source_group(operation, source, arguments.group_account.as_deref())?;
                warnings.extend(self.check_region(group, source)?);
                RulePeer::Group { account: source.account.clone(), group: source.name.clone() }
            }
            (None, None) => {
                let hint = "give a CIDR block or a group";
                return Err(Refusal::new(Code::INVALID_CIDR, "the rule has no other side", hint).at("cidr"));
            }
        };
        if let Some(stale) = self.stale(group, &rule) {
            warnings.push(format!("the rule matches nothing for now: {stale}"));
        }
        Ok((rule, warnings))
    }

    /// All of a rule but its other side.
    fn rule_head(&self, direction: Direction, arguments: &RuleArguments) -> Result<Rule, Refusal> {
        let model = &self.provider.groups;
        let unsupported = |what: &str, hint: &str, argument| {
            let message = format!("rules of {} {what}", self.provider.name);
            Err(Refusal::new(Code::UNSUPPORTED_OPERATION, message, hint).at(argument))
        };
        let protocol = protocol(&arguments.protocol)?;
        let ports = ports(protocol, arguments.port.as_deref())?;
        let policy = arguments.policy.as_deref().map_or(Ok(Policy::Accept), |text| policy(text, "policy"))?;
        let priority = arguments.priority.as_deref().map_or(Ok(1), priority)?;
        if policy == Policy::Drop && !model.drop_and_priority {
            return unsupported("only allow", "leave the policy out; what no rule allows is dropped", "policy");
        }
        if arguments.priority.is_some() && !model.drop_and_priority {
            return unsupported("have no priorities", "leave the priority out", "priority");
        }
        if arguments.group.is_some() && !model.group_peers {
            return unsupported("take CIDR blocks only", "give the block of the other side's subnet or VPC", "group");
        }
        let (peer, origin) = (RulePeer::Cidr(Ipv4Net::default()), Origin::Provider);
        Ok(Rule { direction, policy, priority, protocol, ports, peer, origin })
    }

    /// The group at a rule's other side: the caller's own, or the named account's.
    fn source_group(
        &self,
        operation: &Operation,
        text: &str,
        account: Option<&str>,
    ) -> Result<&SecurityGroup, Refusal> {
        let owner = match account {
            None => &operation.caller,
            Some(account) => match self.find_account(account) {
                Some(account) => &account.name,
                None => {
                    let names = self.accounts.keys().map(AccountName::as_str);
                    let hint = match nearest(account, names.clone()) {
                        Some(near) => format!("did you mean {near}?"),
                        None => format!("the lab's accounts are {}", names.collect::<Vec<_>>().join(", ")),
                    };
                    let message = format!("there is no account {account:?}");
                    return Err(Refusal::new(Code::SOURCE_GROUP_NOT_FOUND, message, hint).at("group-account"));
                }
            },
        };
        let Some(source) = SecurityGroup::find(self, text) else {
            let Refusal { message, hint, .. } = self.not_found(ResourceKind::SecurityGroup, text);
            return Err(Refusal::new(Code::SOURCE_GROUP_NOT_FOUND, message, hint).at("group"));
        };
        if source.account == *owner {
            return Ok(source);
        }
        let message = format!("account {owner} has no group {text:?}: it is account {}'s", source.account);
        let hint = format!("a group of another account needs the account: --group-account {}", source.account);
        Err(Refusal::new(Code::SOURCE_GROUP_NOT_FOUND, message, hint).at("group"))
    }

    /// A rule by group needs both groups in one region; a lab can relax that to a warning (docs/cloud.md §4).
    fn check_region(&self, group: &SecurityGroup, source: &SecurityGroup) -> Result<Option<String>, Refusal> {
        let (own, theirs) = (&self.vpcs[&group.vpc], &self.vpcs[&source.vpc]);
        if own.region == theirs.region {
            return Ok(None);
        }
        let message = format!(
            "group {} is in {} and group {} in {}: a rule by group needs the same region (the tutorial's note on \
             cross-region interconnection)",
            group.name, own.region, source.name, theirs.region
        );
        if self.allow.cross_region_group {
            return Ok(Some(format!("{message}; it takes effect because the lab allows cross-region-group")));
        }
        let hint = format!(
            "authorize the peer's block instead: --cidr {}; or let the lab say allow = [\"cross-region-group\"]",
            theirs.cidr
        );
        Err(Refusal::new(Code::SOURCE_GROUP_MISMATCH, message, hint).at("group"))
    }

    /// Why a rule of `group` matches nothing at present, if so (docs/cloud.md §4).
    pub fn stale(&self, group: &SecurityGroup, rule: &Rule) -> Option<Stale> {
        let RulePeer::Group { account, group: source } = &rule.peer else { return None };
        let source = self.security_groups.get(source).filter(|source| source.account == *account);
        let Some(source) = source.filter(|source| self.check_region(group, source).is_ok()) else {
            return Some(Stale::GroupGone);
        };
        let joined = source.vpc == group.vpc
            || self.peerings_of(&group.vpc).any(|end| end.carries && end.far.is_some_and(|far| far.vpc == source.vpc));
        (!joined).then_some(Stale::NoActivePeering)
    }
}

fn names_group(rule: &Rule, group: &SecurityGroup) -> bool {
    matches!(&rule.peer, RulePeer::Group { account, group: named } if *account == group.account && *named == group.name)
}

fn protocol(text: &str) -> Result<RuleProtocol, Refusal> {
    const ALL: [RuleProtocol; 5] =
        [RuleProtocol::Tcp, RuleProtocol::Udp, RuleProtocol::Icmp, RuleProtocol::Gre, RuleProtocol::All];
    ALL.into_iter().find(|protocol| protocol.to_string() == text).ok_or_else(|| {
        let message = format!("{text:?} is no protocol of a rule");
        Refusal::new(Code::INVALID_PROTOCOL, message, "write tcp, udp, icmp, gre or all").at("protocol")
    })
}

/// `22`, `22/22`, `8000/8999`; `-1/-1` for protocols that have no ports. Without ports tcp and udp mean all of them.
fn ports(protocol: RuleProtocol, text: Option<&str>) -> Result<Option<PortRange>, Refusal> {
    let refused = |message: String, hint: &str| Err(Refusal::new(Code::INVALID_PORT_RANGE, message, hint).at("port"));
    let has_ports = matches!(protocol, RuleProtocol::Tcp | RuleProtocol::Udp);
    let text = match text {
        None => return Ok(has_ports.then_some(PortRange { low: 1, high: u16::MAX })),
        Some("-1/-1") if !has_ports => return Ok(None),
        Some(text) if !has_ports => {
            return refused(
                format!("{protocol} has no ports, and the rule says {text:?}"),
                "write -1/-1, or leave it out",
            );
        }
        Some(text) => text,
    };
    let (low, high) = text.split_once('/').unwrap_or((text, text));
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port != 0);
    match (port(low), port(high)) {
        (Some(low), Some(high)) if low <= high => Ok(Some(PortRange { low, high })),
        (Some(_), Some(_)) => {
            refused(format!("{text:?} runs backwards"), "write the lower port first, as in 8000/8999")
        }
        _ => refused(
            format!("{text:?} is no port range"),
            "write a port of 1 to 65535 or two of them, as in 22 or 8000/8999",
        ),
    }
}

fn policy(text: &str, argument: &'static str) -> Result<Policy, Refusal> {
    match text {
        "accept" => Ok(Policy::Accept),
        "drop" => Ok(Policy::Drop),
        _ => {
            Err(Refusal::new(Code::INVALID_POLICY, format!("{text:?} is no policy"), "write accept or drop")
                .at(argument))
        }
    }
}

fn priority(text: &str) -> Result<u8, Refusal> {
    text.parse().ok().filter(|priority| (1..=100).contains(priority)).ok_or_else(|| {
        let hint = "write 1 (asked first) to 100";
        Refusal::new(Code::INVALID_PRIORITY, format!("{text:?} is no priority"), hint).at("priority")
    })
}

/// A block, or one address.
fn rule_cidr(text: &str) -> Result<Ipv4Net, Refusal> {
    match text.parse() {
        Ok(address) => Ok(Ipv4Net::new_assert(address, 32)),
        Err(_) => value::cidr(text, "cidr"),
    }
}
