//! The verdict of an instance's security groups on a packet (docs/cloud.md §4).

use std::net::Ipv4Addr;

use crate::cloud::{Cloud, Direction, GroupName, Instance, Policy, Rule, RulePeer, RuleProtocol, SecurityGroup, Stale};
use crate::flow::Protocol;

/// A packet, as seen by the groups of one end.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) direction: Direction,
    pub(super) protocol: Protocol,
    /// The other side's address, as seen from this end.
    pub(super) address: Ipv4Addr,
    /// The instance on the other side, if the packet takes a private path. Only then can a rule by group match, because
    /// it means its members' private addresses on that path.
    pub(super) other: Option<&'a Instance>,
}

/// The decision.
pub(super) enum Judgement<'a> {
    Rule(&'a SecurityGroup, &'a Rule),
    InnerAccess(&'a SecurityGroup),
    NoRule(Policy),
}

impl Judgement<'_> {
    pub(super) fn policy(&self) -> Policy {
        match self {
            Judgement::Rule(_, rule) => rule.policy,
            Judgement::InnerAccess(_) => Policy::Accept,
            Judgement::NoRule(policy) => *policy,
        }
    }
}

/// Evaluates all groups' rules as one list: the lowest priority number first, and drop wins a tie; where rules are a list,
/// group after group. If no rule matches, members of one group may reach each other; otherwise the provider's policy for
/// the direction applies.
pub(super) fn judge<'a>(cloud: &'a Cloud, instance: &'a Instance, seen: Seen<'_>) -> Judgement<'a> {
    let groups = cloud.groups_of(instance);
    let model = cloud.provider().groups();
    let places = groups.iter().enumerate().map(|(place, group)| (if model.ordered { place } else { 0 }, *group));
    let rules = places.flat_map(|(place, group)| group.rules.iter().map(move |rule| (place, group, rule)));
    let matching = rules.filter(|(_, group, rule)| matches(cloud, group, rule, seen));
    if let Some((_, group, rule)) = matching.min_by_key(|(place, _, rule)| (*place, rule.priority, rule.policy)) {
        return Judgement::Rule(group, rule);
    }
    match seen.direction {
        Direction::Egress => Judgement::NoRule(model.unmatched_egress),
        Direction::Ingress => {
            let shared = |group: &&SecurityGroup| seen.other.is_some_and(|other| is_member(other, &group.name));
            match groups.into_iter().find(|group| group.inner_access == Policy::Accept && shared(group)) {
                Some(group) => Judgement::InnerAccess(group),
                None => Judgement::NoRule(model.unmatched_ingress),
            }
        }
    }
}

fn matches(cloud: &Cloud, group: &SecurityGroup, rule: &Rule, seen: Seen<'_>) -> bool {
    rule.direction == seen.direction
        && matches_protocol(rule, seen.protocol)
        && match &rule.peer {
            RulePeer::Cidr(cidr) => cidr.contains(&seen.address),
            RulePeer::Group { group: named, .. } => {
                seen.other.is_some_and(|other| is_member(other, named)) && cloud.stale(group, rule).is_none()
            }
        }
}

/// Whether a rule applies to this protocol and port.
pub(super) fn matches_protocol(rule: &Rule, protocol: Protocol) -> bool {
    let port = |port: u16| rule.ports.is_none_or(|ports| (ports.low..=ports.high).contains(&port));
    match (rule.protocol, protocol) {
        (RuleProtocol::All, _) | (RuleProtocol::Icmp, Protocol::Icmp) => true,
        (RuleProtocol::Tcp, Protocol::Tcp(to)) | (RuleProtocol::Udp, Protocol::Udp(to)) => port(to),
        _ => false,
    }
}

/// A stale rule that would otherwise accept `other`, which a learner is likely to look for.
pub(super) fn stale_rule<'a>(
    cloud: &'a Cloud,
    instance: &'a Instance,
    seen: Seen<'_>,
) -> Option<(&'a SecurityGroup, &'a Rule, Stale)> {
    let other = seen.other?;
    let groups = cloud.groups_of(instance);
    let mut rules = groups.into_iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    rules.find_map(|(group, rule)| {
        let fits = rule.direction == seen.direction && matches_protocol(rule, seen.protocol);
        let named = matches!(&rule.peer, RulePeer::Group { group, .. } if is_member(other, group));
        cloud.stale(group, rule).filter(|_| fits && named).map(|stale| (group, rule, stale))
    })
}

/// Whether an instance is in this group: one that it joined, else its VPC's default group.
pub(super) fn is_member(instance: &Instance, group: &GroupName) -> bool {
    if instance.groups.is_empty() {
        group.as_str().strip_suffix("/default") == Some(instance.subnet.vpc.as_str())
    } else {
        instance.groups.contains(group)
    }
}
