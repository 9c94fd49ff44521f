//! Security groups: a port group with an ACL for each rule (docs/cloud.md §4). OVN compares the ACLs of all of a port's groups by
//! priority, as the cloud does, so nothing is merged here. But where an instance's groups are a list, those with the same list of
//! several are in a port group of its own.
//!
//! | priority | ACL |
//! |---|---|
//! | 32000 | a stopped instance |
//! | 30000 − place | a rule of a list of groups |
//! | 2000 − 10 · priority, and one more for a drop | a rule |
//! | 500 | inner access |
//! | 100 | what no rule matches |

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use peerlab_ovsdb::Datum;

use super::edge::protocol;
use super::{Layout, names};
use crate::cloud::{Direction, Instance, InstanceName, Policy, Rule, RulePeer, SecurityGroup};
use crate::flow::Reason;
use crate::message::Message;
use crate::messages::Said;
use crate::msg;
use crate::rows::Rows;
use crate::table::Table;

pub(super) fn add(rows: &mut Rows, layout: &Layout, warnings: &mut Vec<Message>) {
    add_stopped(rows, layout);
    let cloud = layout.cloud;
    let is_in_list = |instance: &Instance| cloud.provider().groups().ordered && instance.groups.len() > 1;
    for group in cloud.security_groups() {
        let members: Vec<_> = cloud.members(group).filter(|it| !is_in_list(it)).collect();
        if !members.is_empty() {
            let name = names::set(layout.lab, "group", group.name.as_str());
            add_groups(rows, layout, (&name, &members), &[group], warnings);
        }
    }
    let mut lists: BTreeMap<String, Vec<&Instance>> = BTreeMap::new();
    for instance in cloud.instances().filter(|it| is_in_list(it)) {
        let groups: Vec<_> = instance.groups.iter().map(|name| name.as_str()).collect();
        lists.entry(groups.join(",")).or_default().push(instance);
    }
    for (list, members) in &lists {
        let name = names::set(layout.lab, "list", list);
        add_groups(rows, layout, (&name, members), &cloud.groups_of(members[0]), warnings);
    }
}

/// The address set of a group's members, and the name of it.
fn members(rows: &mut Rows, layout: &Layout, group: &SecurityGroup) -> String {
    let name = names::set(layout.lab, "members", group.name.as_str());
    if !rows.rows.contains_key(&(Table::AddressSet, name.clone())) {
        let addresses = layout.cloud.members(group).map(|member| member.ip.to_string());
        rows.add(Table::AddressSet, &name).1.text("name", &name).set("addresses", Datum::set(addresses));
    }
    name
}

/// Packets to and from instances that are stopped.
fn add_stopped(rows: &mut Rows, layout: &Layout) {
    let stopped: Vec<_> = layout.cloud.instances().filter(|instance| !instance.runs()).collect();
    if stopped.is_empty() {
        return;
    }
    let name = names::set(layout.lab, "stopped", "");
    rows.add(Table::PortGroup, &name).1.text("name", &name);
    for instance in stopped {
        let port = names::of_instance(layout.lab, instance.name.as_str());
        rows.refer((Table::PortGroup, &name), "ports", (Table::LogicalSwitchPort, port));
    }
    for (direction, side) in [("to-lport", "outport"), ("from-lport", "inport")] {
        let matches = format!("{side} == @{name} && ip4");
        let acl = Acl { direction, priority: 32_000, matches, drops: Some(Reason::InstanceStopped) };
        acl.add(rows, &name, direction);
    }
}

/// The priority before the first rule of a list of groups.
const LIST: i64 = 30_000;

/// A rule of a port group.
pub(super) struct Acl {
    pub(super) direction: &'static str,
    pub(super) priority: i64,
    pub(super) matches: String,
    pub(super) drops: Option<Reason>,
}

impl Acl {
    /// Adds it to a group, by a word that no other of the group has.
    pub(super) fn add(self, rows: &mut Rows, group: &str, what: &str) {
        let row = rows
            .add_to((Table::PortGroup, group), "acls", Table::Acl, &format!("{group} {what}"))
            .text("direction", self.direction)
            .number("priority", self.priority)
            .text("match", self.matches)
            .text("action", if self.drops.is_some() { "drop" } else { "allow-related" });
        if let Some(reason) = self.drops {
            _ = row.because(reason);
        }
    }
}

/// The rules of a group, or of a list of groups whose rules follow each other, for the instances in it.
fn add_groups(
    rows: &mut Rows,
    layout: &Layout,
    (name, members_of): (&str, &[&Instance]),
    groups: &[&SecurityGroup],
    warnings: &mut Vec<Message>,
) {
    let cloud = layout.cloud;
    let about = groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(",");
    rows.add(Table::PortGroup, name).1.text("name", name).about("group", about);
    for member in members_of {
        let port = names::of_instance(layout.lab, member.name.as_str());
        rows.refer((Table::PortGroup, name), "ports", (Table::LogicalSwitchPort, port));
    }
    let is_list = groups.len() > 1;
    let of = |group: &SecurityGroup| if is_list { format!("{}: ", group.name) } else { String::new() };
    let mut place = 0;
    for group in groups {
        for rule in &group.rules {
            place += 1;
            let Some(mut acl) = acl_of(rows, layout, group, rule, name, warnings) else { continue };
            if is_list {
                acl.priority = LIST - place;
            }
            acl.add(rows, name, &format!("{}{} {rule}", of(group), rule.direction));
        }
    }
    let (to, from) = (format!("outport == @{name} && ip4"), format!("inport == @{name} && ip4"));
    for group in groups.iter().filter(|group| group.inner_access == Policy::Accept) {
        let members = members(rows, layout, group);
        let matches = format!("{to} && ip4.src == ${members}");
        Acl { direction: "to-lport", priority: 500, matches, drops: None }.add(
            rows,
            name,
            &format!("{}inner access", of(group)),
        );
    }
    let model = cloud.provider().groups();
    let drops = |policy, reason| (policy == Policy::Drop).then_some(reason);
    let drops_in = drops(model.unmatched_ingress, Reason::IngressSecurityGroup);
    Acl { direction: "to-lport", priority: 100, matches: to, drops: drops_in }.add(rows, name, "ingress unmatched");
    let drops_out = drops(model.unmatched_egress, Reason::EgressSecurityGroup);
    Acl { direction: "from-lport", priority: 100, matches: from, drops: drops_out }.add(rows, name, "egress unmatched");
}

/// The ACL of a rule; `None` if the rule is stale and matches nothing.
fn acl_of(
    rows: &mut Rows,
    layout: &Layout,
    group: &SecurityGroup,
    rule: &Rule,
    name: &str,
    warnings: &mut Vec<Message>,
) -> Option<Acl> {
    let (direction, port, side, reason) = match rule.direction {
        Direction::Ingress => ("to-lport", "outport", "src", Reason::IngressSecurityGroup),
        Direction::Egress => ("from-lport", "inport", "dst", Reason::EgressSecurityGroup),
    };
    let mut matches = format!("{port} == @{name} && ip4");
    match &rule.peer {
        RulePeer::Cidr(cidr) if cidr.prefix_len() == 0 => {}
        RulePeer::Cidr(cidr) => matches += &format!(" && ip4.{side} == {cidr}"),
        RulePeer::Group { .. } if layout.cloud.stale(group, rule).is_some() => return None,
        RulePeer::Group { group: peer, .. } => {
            let peer = layout.cloud.security_group(peer)?;
            warn_of_same_addresses(layout, group, peer, warnings);
            matches += &format!(" && ip4.{side} == ${}", members(rows, layout, peer));
        }
    }
    matches += &protocol(rule.protocol, rule.ports);
    let drops = (rule.policy == Policy::Drop).then_some(reason);
    let priority = 2000 - 10 * i64::from(rule.priority) + i64::from(drops.is_some());
    Some(Acl { direction, priority, matches, drops })
}

/// An ACL sees addresses only. An instance of another VPC that is joined with the group's, or of the VPC itself, may have that of a
/// member.
fn warn_of_same_addresses(layout: &Layout, group: &SecurityGroup, peer: &SecurityGroup, warnings: &mut Vec<Message>) {
    let cloud = layout.cloud;
    let members: BTreeMap<Ipv4Addr, &InstanceName> = cloud.members(peer).map(|it| (it.ip, &it.name)).collect();
    let joined = cloud.peerings_of(&group.vpc).filter(|end| end.carries).filter_map(|end| end.far.map(|far| far.vpc));
    for vpc in joined.chain([group.vpc.clone()]).filter(|vpc| *vpc != peer.vpc) {
        let other = cloud.instances_of(&vpc).find(|instance| members.contains_key(&instance.ip));
        if let Some(other) = other {
            let (address, other) = (other.ip, &other.name);
            let warning = msg!(Said::SameAddress { group: &group.name, peer: &peer.name, address, other });
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
}
