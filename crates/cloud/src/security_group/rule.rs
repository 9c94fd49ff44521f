//! Rules: parsing, authorizing and revoking them (docs/cloud.md §4).

use ipnet::Ipv4Net;

use super::messages::Said;
use super::{Direction, Policy, PortRange, Rule, RulePeer, RuleProtocol, SecurityGroup};
use crate::message::Message;
use crate::reference::{Resource, did_you_mean, nearest};
use crate::{
    AccountName, AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress, Cloud, Fault, GroupName, Id, Operation, Origin,
    Outcome, Priorities, Quota, Refusal, ResourceKind, RevokeSecurityGroup, RevokeSecurityGroupEgress, RuleArguments,
    value,
};
use crate::{left_out, msg};

/// A call about one rule of a group.
pub(crate) trait OfRule {
    /// The direction of the rules.
    const DIRECTION: Direction;

    /// The group and the rule, as written.
    fn parts(&self) -> (&str, &RuleArguments);
}

macro_rules! of_rule {
    ($($call:ident $direction:ident,)*) => {$(
        impl OfRule for $call {
            const DIRECTION: Direction = Direction::$direction;

            fn parts(&self) -> (&str, &RuleArguments) {
                (&self.security_group, &self.rule)
            }
        }
    )*};
}

of_rule! {
    AuthorizeSecurityGroup Ingress,
    AuthorizeSecurityGroupEgress Egress,
    RevokeSecurityGroup Ingress,
    RevokeSecurityGroupEgress Egress,
}

impl Rule {
    /// The arguments by which a call names it.
    pub fn arguments(&self) -> RuleArguments {
        let (cidr, named) = match &self.peer {
            RulePeer::Cidr(cidr) => (Some(cidr.to_string()), None),
            RulePeer::Group { account, group, .. } => (None, Some((account.to_string(), group.to_string()))),
        };
        let (group_account, group) = named.unzip();
        RuleArguments {
            protocol: self.protocol.to_string(),
            port: self.ports.map(|ports| ports.to_string()),
            cidr,
            group,
            group_account,
            policy: Some(self.policy.to_string()),
            priority: (self.priority > 1).then(|| self.priority.to_string()),
        }
    }
}

impl Cloud {
    /// Adds a rule; an existing one changes nothing.
    pub(crate) fn authorize<C: OfRule>(&mut self, operation: &Operation, call: &C) -> Result<Outcome, Refusal> {
        let (direction, (group, arguments)) = (C::DIRECTION, call.parts());
        let group = self.own::<SecurityGroup>(operation, group, "security_group")?;
        let (mut rule, warnings) = self.new_rule(operation, group, direction, arguments)?;
        let model = self.provider.groups();
        if group.rules.iter().any(|other| model.is_same(&rule, other)) {
            if model.refuses_duplicates {
                let message = msg!(Said::HasRule { group: &group.name, rule });
                let hint = msg!(Said::NothingToAuthorize);
                return Err(Refusal::new(Fault::DuplicateRule, message, hint).at("security_group"));
            }
            return Ok(Outcome {
                warnings: vec![msg!(Said::HasRule { group: &group.name, rule })],
                ..Outcome::default()
            });
        }
        let most = self.limit(Quota::RulesPerSecurityGroup, model.rules);
        let counts = |other: &&Rule| !model.rules_per_direction || other.direction == direction;
        if group.rules.iter().filter(counts).count() >= most {
            let message = msg!(Said::TooManyRules { group: &group.name, most });
            return Err(Refusal::new(Fault::RuleLimit, message, msg!(Said::RevokeOrJoinRules)));
        }

        rule.origin = operation.origin.clone();
        let name = group.name.clone();
        let before = arguments.priority.is_some().then_some(rule.priority).filter(|_| model.ordered);
        if let Some(group) = self.security_groups.get_mut(&name) {
            let at = |other: &Rule| other.direction == direction && Some(other.priority) == before;
            let place = group.rules.iter().position(at).unwrap_or(group.rules.len());
            group.rules.insert(place, rule);
            group.number(model);
        }
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Removes the equal rule.
    pub(crate) fn revoke<C: OfRule>(&mut self, operation: &Operation, call: &C) -> Result<Outcome, Refusal> {
        let (direction, (group, arguments)) = (C::DIRECTION, call.parts());
        let group = self.own::<SecurityGroup>(operation, group, "security_group")?;
        let Some(index) = self.find_rule(operation, group, direction, arguments)? else {
            let all: Vec<_> = group.rules.iter().filter(|rule| rule.direction == direction).collect();
            let message = msg!(Said::NoSuchRule { group: &group.name });
            let hint = if all.is_empty() {
                msg!(Said::HasNoRules { direction })
            } else {
                msg!(Said::NameOneInFull { direction, rules: all })
            };
            return Err(Refusal::new(Fault::RuleNotFound, message, hint).at("security_group"));
        };

        let name = group.name.clone();
        if let Some(group) = self.security_groups.get_mut(&name) {
            group.rules.remove(index);
            group.number(self.provider.groups());
        }
        Ok(Outcome::default())
    }

    /// Whether the group has the rule.
    pub(crate) fn has_rule<C: OfRule>(&self, operation: &Operation, call: &C) -> Option<bool> {
        let (group, arguments) = call.parts();
        let group = self.mine::<SecurityGroup>(operation, group)?;
        Some(self.find_rule(operation, group, C::DIRECTION, arguments).ok()?.is_some())
    }

    /// Whether the group has no such rule.
    pub(crate) fn has_no_rule<C: OfRule>(&self, operation: &Operation, call: &C) -> Option<bool> {
        self.has_rule(operation, call).map(|has| !has)
    }

    /// The index of the group's rule that equals the arguments. A deleted group can still be named, by its former id or
    /// name.
    fn find_rule(
        &self,
        operation: &Operation,
        group: &SecurityGroup,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Result<Option<usize>, Refusal> {
        let head = self.rule_head(direction, arguments)?;
        let cidr =
            arguments.cidr.as_deref().map(|text| value::cidr_or_address(&self.as_block(text), "cidr")).transpose()?;
        let account =
            arguments.group_account.as_deref().map(|text| self.find_account(text).map(|account| &account.name));
        let account = account.unwrap_or(Some(&operation.caller));
        let by_place = self.provider.groups().ordered && arguments.priority.is_none();
        let says = |rule: &Rule| {
            let priority = if by_place { rule.priority } else { head.priority };
            *rule == Rule { peer: rule.peer.clone(), priority, ..head.clone() }
        };
        let by_group = |wanted: &dyn Fn(&GroupName, &Id) -> bool| {
            group.rules.iter().position(|rule| match &rule.peer {
                RulePeer::Cidr(_) => false,
                RulePeer::Group { account: owner, group, id } => {
                    account == Some(owner) && wanted(group, id) && says(rule)
                }
            })
        };
        Ok(match arguments.group.as_deref() {
            None => group
                .rules
                .iter()
                .position(|rule| matches!(&rule.peer, RulePeer::Cidr(other) if cidr == Some(*other)) && says(rule)),
            Some(text) => {
                let there = SecurityGroup::find(self, text);
                let live = there.and_then(|there| by_group(&|_, id| *id == there.id));
                live.or_else(|| by_group(&|name, id| name.as_str() == text || *id.0 == *text))
            }
        })
    }

    /// Parses and checks a rule's arguments (docs/cloud.md §4).
    fn new_rule(
        &self,
        operation: &Operation,
        group: &SecurityGroup,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Result<(Rule, Vec<Message>), Refusal> {
        let mut rule = self.rule_head(direction, arguments)?;
        let mut warnings = Vec::new();
        rule.peer = match (&arguments.cidr, &arguments.group) {
            (Some(cidr), _) => RulePeer::Cidr(value::cidr_or_address(&self.as_block(cidr), "cidr")?),
            (None, Some(source)) => {
                let source = self.source_group(operation, source, arguments.group_account.as_deref())?;
                if direction == Direction::Ingress && source.name == group.name && !self.provider.groups().own_source {
                    // Decision (docs/cloud.md §4): copies of the reference's table have this code with this spelling.
                    let message = msg!(Said::OwnSource { group: &group.name });
                    let hint = msg!(Said::UseInnerAccess);
                    return Err(Refusal::new(Fault::OwnGroup, message, hint).at("group"));
                }
                warnings.extend(self.check_region(group, source)?);
                RulePeer::Group { account: source.account.clone(), group: source.name.clone(), id: source.id.clone() }
            }
            (None, None) => {
                let hint = msg!(Said::GiveBlockOrGroup);
                return Err(Refusal::new(Fault::InvalidCidr, msg!(Said::NoOtherSide), hint).at("cidr"));
            }
        };
        if let Some(stale) = self.stale(group, &rule) {
            if self.provider.groups().peers_joined {
                let source = arguments.group.as_deref().unwrap_or_default();
                let message = msg!(Said::NotJoinedWith { group: &group.name, source });
                let of = SecurityGroup::find(self, source).and_then(|source| self.vpcs.get(&source.vpc));
                let hint = match of {
                    Some(vpc) => msg!(Said::ActivateFirstOrBlock { vpc: &group.vpc, peer: &vpc.name, cidr: vpc.cidr }),
                    None => msg!(Said::GiveOtherSidesBlock),
                };
                return Err(Refusal::new(Fault::SourceGroupNotFound, message, hint).at("group"));
            }
            warnings.push(msg!(Said::MatchesNothing { stale }));
        }
        Ok((rule, warnings))
    }

    /// All of a rule except its source or destination.
    fn rule_head(&self, direction: Direction, arguments: &RuleArguments) -> Result<Rule, Refusal> {
        let model = self.provider.groups();
        let protocol = protocol(&arguments.protocol)?;
        let ports = ports(protocol, arguments.port.as_deref())?;
        let policy = arguments.policy.as_deref().map_or(Ok(Policy::Accept), |text| policy(text, "policy"))?;
        if policy == Policy::Drop && model.priorities.is_none() {
            let message = msg!(Said::RulesOnlyAccept { provider: self.provider.name });
            return Err(Refusal::new(Fault::UnsupportedOperation, message, msg!(Said::UseAnAcl)).at("policy"));
        }
        let priority = match (arguments.priority.as_deref(), &model.priorities) {
            (None, _) => model.priority(),
            (Some(text), Some(priorities)) => priority(text, priorities)?,
            (Some(_), None) => {
                let message = msg!(Said::RulesHaveNoPriority { provider: self.provider.name });
                let hint = msg!(Said::LeavePriorityOut);
                return Err(Refusal::new(Fault::UnsupportedOperation, message, hint).at("priority"));
            }
        };
        if arguments.group.is_some() && !model.group_peers {
            let message = msg!(Said::BlocksOnly { provider: &self.provider.name });
            let hint = msg!(Said::GiveOtherSidesBlock);
            return Err(Refusal::new(Fault::UnsupportedOperation, message, hint).at("group"));
        }
        let (peer, origin) = (RulePeer::Cidr(Ipv4Net::default()), Origin::Provider);
        Ok(Rule { direction, policy, priority, protocol, ports, peer, origin })
    }

    /// The source or destination group of a rule: the caller's own, or the named account's.
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
                    let names: Vec<_> = self.accounts.keys().map(AccountName::as_str).collect();
                    let hint = match nearest(account, names.iter().copied()) {
                        Some(near) => did_you_mean(near),
                        None => msg!(Said::AccountsAre { accounts: names }),
                    };
                    let message = msg!(Said::NoSuchAccount { account });
                    return Err(Refusal::new(Fault::SourceGroupNotFound, message, hint).at("group-account"));
                }
            },
        };
        let Some(source) = SecurityGroup::find(self, text) else {
            let Refusal { message, hint, .. } = self.not_found(ResourceKind::SecurityGroup, text);
            return Err(Refusal::new(Fault::SourceGroupNotFound, message, hint).at("group"));
        };
        if source.account == *owner {
            return Ok(source);
        }
        let message = msg!(Said::GroupOfAnotherAccount { account: owner, group: text, owner: &source.account });
        let hint = msg!(Said::NameAccountToo { account: &source.account });
        Err(Refusal::new(Fault::SourceGroupNotFound, message, hint).at("group"))
    }

    /// A rule by group needs both groups in one region; a lab can relax that to a warning (docs/cloud.md §4).
    pub(super) fn check_region(
        &self,
        group: &SecurityGroup,
        source: &SecurityGroup,
    ) -> Result<Option<Message>, Refusal> {
        let (own, theirs) = (&self.vpcs[&group.vpc], &self.vpcs[&source.vpc]);
        if own.region == theirs.region {
            return Ok(None);
        }
        if self.allow.cross_region_group {
            return Ok(Some(msg!(Said::AcrossRegionsAllowed {
                group: &group.name,
                region: &own.region,
                source: &source.name,
                source_region: &theirs.region
            })));
        }
        let message = msg!(Said::AcrossRegions {
            group: &group.name,
            region: &own.region,
            source: &source.name,
            source_region: &theirs.region
        });
        let hint = msg!(Said::AuthorizeBlock { cidr: &theirs.cidr });
        Err(Refusal::new(Fault::SourceGroupNotFound, message, hint).at("group"))
    }
}

pub(crate) fn protocol(text: &str) -> Result<RuleProtocol, Refusal> {
    RuleProtocol::ALL.into_iter().find(|protocol| protocol.to_string().eq_ignore_ascii_case(text)).ok_or_else(|| {
        let message = msg!(Said::NotAProtocol { text });
        let hint = left_out(text).unwrap_or_else(|| msg!(Said::WriteProtocol));
        Refusal::new(Fault::InvalidProtocol, message, hint).at("protocol")
    })
}

/// Parses ports: `22`, `22/22`, `8000/8999`; `-1/-1` for protocols without ports. Without ports, tcp and udp mean all
/// ports.
pub(crate) fn ports(protocol: RuleProtocol, text: Option<&str>) -> Result<Option<PortRange>, Refusal> {
    let refused =
        |message: Message, hint: Message| Err(Refusal::new(Fault::InvalidPortRange, message, hint).at("port"));
    let has_ports = protocol.has_ports();
    let text = match text {
        None => return Ok(has_ports.then_some(PortRange::ALL)),
        Some("-1/-1") if !has_ports => return Ok(None),
        Some(text) if !has_ports => {
            return refused(msg!(Said::NoPorts { protocol, port: text }), msg!(Said::LeavePortOut));
        }
        Some(text) => text,
    };
    value::check_no_leading_zero(text, Fault::InvalidPortRange, "port")?;
    let (low, high) = text.split_once('/').unwrap_or((text, text));
    let port = |text: &str| value::number::<u16>(text).filter(|port| *port != 0);
    match (port(low), port(high)) {
        (Some(low), Some(high)) if low <= high => Ok(Some(PortRange { low, high })),
        (Some(_), Some(_)) => refused(msg!(Said::RunsBackwards { port: text }), msg!(Said::LowerPortFirst)),
        _ => refused(msg!(Said::NotAPortRange { text }), msg!(Said::WritePorts)),
    }
}

pub(crate) fn policy(text: &str, argument: &'static str) -> Result<Policy, Refusal> {
    match &*text.to_ascii_lowercase() {
        "accept" => Ok(Policy::Accept),
        "drop" => Ok(Policy::Drop),
        // As other clouds say it.
        word => {
            let hint = match word {
                "allow" | "permit" | "允许" => did_you_mean(Policy::Accept),
                "deny" | "reject" | "block" | "拒绝" => did_you_mean(Policy::Drop),
                _ => msg!(Said::WritePolicy),
            };
            Err(Refusal::new(Fault::InvalidPolicy, msg!(Said::NotAPolicy { text }), hint).at(argument))
        }
    }
}

fn priority(text: &str, priorities: &Priorities) -> Result<u8, Refusal> {
    value::check_no_leading_zero(text, Fault::InvalidPriority, "priority")?;
    value::number(text).filter(|priority| priorities.all.contains(priority)).ok_or_else(|| {
        let (first, last) = (priorities.all.start(), priorities.all.end());
        let hint = msg!(Said::WritePriority { first, last });
        Refusal::new(Fault::InvalidPriority, msg!(Said::NotAPriority { text }), hint).at("priority")
    })
}
