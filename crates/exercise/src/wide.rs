//! Rules that let in more than any lab has.

use crate::cloud::{Cloud, Direction, Policy, Rule, RulePeer};

/// Such a rule of a group.
#[derive(Debug)]
pub(crate) struct Wide {
    /// The block.
    pub(crate) from: String,
    /// The group.
    pub(crate) to: String,
    /// The protocol, with its ports.
    pub(crate) protocol: String,
}

/// A block from this length on is no wider than a private range.
const WIDEST: u8 = 8;

/// Ingress rules that accept from more than any lab has, and that neither the author nor a fault wrote.
pub(crate) fn from_everywhere(healthy: &Cloud, broken: &Cloud, now: &Cloud) -> Vec<Wide> {
    let mut found = Vec::new();
    for group in now.security_groups() {
        let model = now.provider().groups();
        let had = |cloud: &Cloud, rule: &Rule| {
            cloud.security_group(&group.name).is_some_and(|it| it.rules.iter().any(|other| model.is_same(rule, other)))
        };
        for rule in &group.rules {
            let RulePeer::Cidr(cidr) = &rule.peer else { continue };
            let wide =
                rule.direction == Direction::Ingress && rule.policy == Policy::Accept && cidr.prefix_len() < WIDEST;
            if !wide || had(healthy, rule) || had(broken, rule) {
                continue;
            }
            let protocol = match rule.ports {
                Some(ports) if ports.low == ports.high => format!("{}/{}", rule.protocol, ports.low),
                Some(ports) => format!("{} {ports}", rule.protocol),
                None => rule.protocol.to_string(),
            };
            found.push(Wide { from: cidr.to_string(), to: group.name.to_string(), protocol });
        }
    }
    found
}
