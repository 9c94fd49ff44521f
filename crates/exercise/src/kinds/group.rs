//! Security groups: a rule that is missing or slightly wrong, or one of a better priority that drops.

use super::{Candidates, beside};
use crate::cloud::lines::option;
use crate::cloud::{Cloud, Direction, Policy, PortRange, Rule, RuleArguments, RulePeer, RuleProtocol, SecurityGroup};

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    for group in cloud.security_groups() {
        for rule in group.rules.iter().filter(|rule| rule.policy == Policy::Accept) {
            let revoke = line("revoke", group, rule);
            to.add(&group.account, [revoke.clone()]);
            for wrong in wrong(cloud, group, rule) {
                to.add(&group.account, [revoke.clone(), line("authorize", group, &wrong)]);
            }
            // On a tie, drop wins.
            let priority = rule.priority.saturating_sub(1).max(1);
            let drop = Rule { policy: Policy::Drop, priority, ..rule.clone() };
            to.add(&group.account, [line("authorize", group, &drop)]);
        }
        // Nothing leaves any more for where it went.
        for vpc in cloud.vpcs().filter(|vpc| vpc.name != group.vpc) {
            let rule = RuleArguments {
                protocol: "all".into(),
                port: None,
                cidr: Some(vpc.cidr.to_string()),
                group: None,
                group_account: None,
                policy: Some("drop".into()),
                priority: None,
            };
            to.add(&group.account, [written("authorize-security-group-egress", group, &rule)]);
        }
    }
    for instance in cloud.instances() {
        for group in &instance.groups {
            let leave = format!("leave-security-group {} --group {group}", instance.name);
            to.add(&instance.account, [leave.clone()]);
            let others = cloud.security_groups().filter(|other| other.vpc == instance.subnet.vpc);
            let others =
                others.filter(|other| !other.name.as_str().contains('/') && !instance.groups.contains(&other.name));
            for other in others {
                let join = format!("join-security-group {} --group {}", instance.name, other.name);
                to.add(&instance.account, [leave.clone(), join]);
            }
        }
    }
}

/// The rule with one thing wrong.
fn wrong(cloud: &Cloud, group: &SecurityGroup, rule: &Rule) -> Vec<Rule> {
    let with = |protocol, ports| Rule { protocol, ports, ..rule.clone() };
    let mut all = Vec::new();
    match (rule.protocol, rule.ports) {
        (RuleProtocol::Tcp, ports) => all.push(with(RuleProtocol::Udp, ports)),
        (RuleProtocol::Udp, ports) => all.push(with(RuleProtocol::Tcp, ports)),
        (RuleProtocol::Icmp, _) => all.push(with(RuleProtocol::Udp, None)),
        (RuleProtocol::All, _) => {
            all.push(with(RuleProtocol::Udp, None));
            all.push(with(RuleProtocol::Icmp, None));
        }
        (RuleProtocol::Gre, _) => {}
    }
    let port = |port: u16| Some(PortRange { low: port, high: port });
    match rule.ports {
        Some(PortRange { low, high }) if low == high => {
            all.push(with(rule.protocol, port(low.checked_add(1).unwrap_or(low - 1))));
            all.push(with(rule.protocol, port(8000 + low % 1000)));
        }
        None if rule.protocol == RuleProtocol::Tcp => all.push(with(rule.protocol, port(8080))),
        _ => {}
    }
    match &rule.peer {
        RulePeer::Cidr(cidr) => {
            let beside = beside(*cidr).map(|cidr| Rule { peer: RulePeer::Cidr(cidr), ..rule.clone() });
            all.extend(beside);
        }
        RulePeer::Group { group: named, .. } => {
            let others = cloud.security_groups().filter(|other| other.account == group.account);
            let others = others.filter(|other| other.name != *named && !other.name.as_str().contains('/')).take(2);
            all.extend(others.map(|other| {
                let (account, group, id) = (other.account.clone(), other.name.clone(), other.id.clone());
                Rule { peer: RulePeer::Group { account, group, id }, ..rule.clone() }
            }));
        }
    }
    all.retain(|wrong| wrong != rule && !group.rules.contains(wrong));
    all
}

/// The line that authorizes or revokes a rule.
fn line(verb: &str, group: &SecurityGroup, rule: &Rule) -> String {
    let operation = match rule.direction {
        Direction::Ingress => format!("{verb}-security-group"),
        Direction::Egress => format!("{verb}-security-group-egress"),
    };
    written(&operation, group, &rule.arguments())
}

fn written(operation: &str, group: &SecurityGroup, rule: &RuleArguments) -> String {
    let RuleArguments { protocol, port, cidr, group: named, group_account, policy, priority } = rule;
    let options = [
        option("port", port.as_ref()),
        option("cidr", cidr.as_ref()),
        option("group", named.as_ref()),
        option("group-account", group_account.as_ref()),
        option("policy", policy.as_ref()),
        option("priority", priority.as_ref()),
    ];
    format!("{operation} {} --protocol {protocol}{}", group.name, options.concat())
}
