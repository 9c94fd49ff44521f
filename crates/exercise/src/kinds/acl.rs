//! Network ACLs: an entry that is missing or wrong, one before it that drops; and a new ACL whose author forgot something.

use super::{Candidates, beside};
use crate::cloud::lines::acl_line;
use crate::cloud::{AclEntry, Cloud, Direction, NetworkAcl, Policy, PortRange, RuleProtocol};
use crate::flow::SOURCE_PORT;

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    if cloud.provider().acls().is_none() {
        return;
    }
    for acl in cloud.network_acls() {
        for entry in &acl.entries {
            let (number, direction) = (entry.number, entry.direction);
            let delete = format!("delete-network-acl-entry {} --number {number} --direction {direction}", acl.name);
            if entry.policy == Policy::Drop {
                continue;
            }
            to.add(&acl.account, [delete.clone()]);
            for wrong in wrong(entry) {
                to.add(&acl.account, [delete.clone(), acl_line(acl.name.as_str(), &wrong)]);
            }
            if let Some(number) = before(acl, entry) {
                let drop = AclEntry { number, policy: Policy::Drop, ..entry.clone() };
                to.add(&acl.account, [acl_line(acl.name.as_str(), &drop)]);
            }
        }
    }
    for subnet in cloud.subnets() {
        let Some(vpc) = cloud.vpc(&subnet.name.vpc) else { continue };
        let name = free(cloud);
        let create = format!("create-network-acl {name} --vpc {}", vpc.name);
        let entry = |number: u16, direction: &str, rest: &str| {
            format!("create-network-acl-entry {name} --number {number} --direction {direction} {rest} --cidr 0.0.0.0/0")
        };
        let use_it = format!("associate-network-acl {name} --subnet {}", subnet.name);
        let out = entry(100, "egress", "--protocol all");
        let [icmp, served, drop] = [
            entry(100, "ingress", "--protocol icmp"),
            entry(110, "ingress", "--protocol tcp --port 1/10000"),
            entry(200, "ingress", "--protocol all --policy drop"),
        ];
        // Without the ports that answers go to; and without ping.
        to.add(&vpc.account, [create.clone(), out.clone(), icmp, served.clone(), drop.clone(), use_it.clone()]);
        let answers = entry(120, "ingress", "--protocol tcp --port 1024/65535");
        to.add(&vpc.account, [create, out, served, answers, drop, use_it]);
    }
}

/// The entry with one thing wrong.
fn wrong(entry: &AclEntry) -> Vec<AclEntry> {
    let with = |protocol, ports| AclEntry { protocol, ports, ..entry.clone() };
    let mut all = Vec::new();
    match (entry.protocol, entry.ports) {
        (RuleProtocol::Tcp, ports) => all.push(with(RuleProtocol::Udp, ports)),
        (RuleProtocol::Udp, ports) => all.push(with(RuleProtocol::Tcp, ports)),
        (RuleProtocol::All, _) => all.push(with(RuleProtocol::Icmp, None)),
        _ => {}
    }
    match entry.ports {
        // The ports of answers, but not all of them.
        Some(PortRange { low, high }) if low < SOURCE_PORT && high > SOURCE_PORT => {
            all.push(with(entry.protocol, Some(PortRange { low, high: (SOURCE_PORT - 1).min(low.max(32_767)) })));
        }
        Some(PortRange { low, high }) if low == high && low < u16::MAX => {
            all.push(with(entry.protocol, Some(PortRange { low: low + 1, high: high + 1 })));
        }
        _ => {}
    }
    all.extend(beside(entry.cidr).map(|cidr| AclEntry { cidr, ..entry.clone() }));
    let other = match entry.direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    };
    all.push(AclEntry { direction: other, ..entry.clone() });
    all
}

/// A free number before an entry's.
fn before(acl: &NetworkAcl, entry: &AclEntry) -> Option<u16> {
    (1..entry.number).rev().find(|number| acl.entry(entry.direction, *number).is_none())
}

/// A name that no ACL has.
fn free(cloud: &Cloud) -> String {
    let taken = |name: &String| cloud.network_acls().any(|acl| acl.name.as_str() == name);
    (1..).map(|number| format!("acl-{number}")).find(|name| !taken(name)).unwrap_or_default()
}
