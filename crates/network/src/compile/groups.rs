//! Security groups as chains (docs/cloud.md §4).
//!
//! Instances in the same groups share one chain per direction, with all the groups' rules in one list. An egress chain
//! returns to accept, because the receiver's groups come next; an ingress chain is the last one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::super::ruleset::{
    Chain, Data, DataType, Field, KeyType, Rule as NftRule, Set, Statement, Table, Value, Verdict,
};
use super::layout::{Layout, VpcLayout};
use super::names::bounded;
use super::packet::protocol_number;
use super::{forward, nat};
use crate::cloud::{Direction, GroupName, Policy, Rule, RulePeer, SecurityGroup};
use crate::flow::Reason;

/// The map from an instance's address to its egress chain; without an element, all packets may leave.
pub const EGRESS: &str = "egress-chain";
/// The map from an instance's address to its ingress chain.
pub const INGRESS: &str = "ingress-chain";

/// Adds the chains of all groups that instances of this VPC are in, the sets that they use, and the maps to them.
pub fn add(table: &mut Table, layout: &Layout, vpc: &VpcLayout) {
    let mut writer = Writer { table, layout, vpc };
    let mut egress = Set::map([forward::sender_type(vpc)], DataType::Verdict);
    let mut ingress = Set::map([KeyType::Ipv4Address], DataType::Verdict);
    let mut chains: BTreeMap<Vec<&GroupName>, Chains> = BTreeMap::new();
    for home in &vpc.instances {
        let key = vec![Value::Ip(home.instance.ip)];
        if let Some(nat) = home.nat {
            ingress.elements.insert(key, Data::Verdict(Verdict::Goto(nat::chain(nat))));
            continue;
        }
        if !home.instance.runs() {
            let stopped = Data::Verdict(Verdict::Goto(Reason::InstanceStopped.as_str().to_owned()));
            ingress.elements.insert(key, stopped.clone());
            egress.elements.insert(vec![forward::sender_key(vpc, home.instance)], stopped);
            continue;
        }
        let chains = match chains.entry(home.groups.iter().map(|group| &group.name).collect()) {
            Entry::Occupied(chains) => chains.into_mut(),
            Entry::Vacant(slot) => slot.insert(writer.chains(&home.groups)),
        };
        ingress.elements.insert(key, Data::Verdict(Verdict::Goto(chains.ingress.clone())));
        if let Some(chain) = &chains.egress {
            let key = vec![forward::sender_key(vpc, home.instance)];
            egress.elements.insert(key, Data::Verdict(Verdict::Jump(chain.clone())));
        }
    }
    table.sets.insert(EGRESS.to_owned(), egress);
    table.sets.insert(INGRESS.to_owned(), ingress);
}

/// The chain names of a combination of groups.
struct Chains {
    /// `None`: the groups have no egress rule.
    egress: Option<String>,
    ingress: String,
}

/// Drops what no rule accepts.
fn unmatched(reason: Reason) -> NftRule {
    NftRule::of([Statement::counter(reason.as_str()), Statement::drop()]).comment("no rule accepts it")
}

struct Writer<'t, 'a> {
    table: &'t mut Table,
    layout: &'t Layout<'a>,
    vpc: &'t VpcLayout<'t>,
}

impl Writer<'_, '_> {
    fn chains(&mut self, groups: &[&SecurityGroup]) -> Chains {
        let model = self.layout.cloud.provider().groups();
        let mut egress = self.rules(groups, Direction::Egress);
        if model.unmatched_egress == Policy::Drop {
            egress.push(unmatched(Reason::EgressSecurityGroup));
        }
        let egress = (!egress.is_empty()).then(|| {
            let name = name("egress", groups.iter().map(|group| &group.name));
            self.table.chain(&name, Chain::of(egress));
            name
        });
        let mut rules = self.rules(groups, Direction::Ingress);
        rules.extend(groups.iter().filter(|group| group.inner_access == Policy::Accept).map(|group| {
            let set = self.members(group, Direction::Ingress).unwrap_or_default();
            let statements = [from_or_to(Direction::Ingress, set), Statement::Count, Statement::accept()];
            NftRule::of(statements).comment(format!("{}: inner access", group.name))
        }));
        rules.push(match model.unmatched_ingress {
            Policy::Drop => unmatched(Reason::IngressSecurityGroup),
            Policy::Accept => NftRule::of([Statement::accept()]).comment("no rule drops it"),
        });
        let ingress = name("ingress", groups.iter().map(|group| &group.name));
        self.table.chain(&ingress, Chain::of(rules));
        Chains { egress, ingress }
    }

    /// All the groups' rules of a direction in one list, by priority, with drop before accept at the same priority; where
    /// rules are a list, one group's after the other's.
    fn rules(&mut self, groups: &[&SecurityGroup], direction: Direction) -> Vec<NftRule> {
        let ordered = self.layout.cloud.provider().groups().ordered;
        let places = groups.iter().enumerate().map(|(place, group)| (if ordered { place } else { 0 }, *group));
        let rules = places.flat_map(|(place, group)| group.rules.iter().map(move |rule| (place, group, rule)));
        let mut rules: Vec<_> = rules.filter(|(_, _, rule)| rule.direction == direction).collect();
        rules.sort_by_key(|(place, _, rule)| (*place, rule.priority, rule.policy));
        rules.into_iter().filter_map(|(_, group, rule)| self.rule(group, rule)).collect()
    }

    /// A rule; `None` if it is stale and matches nothing.
    fn rule(&mut self, group: &SecurityGroup, rule: &Rule) -> Option<NftRule> {
        let (address, reason, accept) = match rule.direction {
            Direction::Ingress => (Field::IpSource, Reason::IngressSecurityGroup, Statement::accept()),
            Direction::Egress => {
                (Field::IpDestination, Reason::EgressSecurityGroup, Statement::Verdict(Verdict::Return))
            }
        };
        let mut statements = Vec::new();
        match &rule.peer {
            RulePeer::Cidr(cidr) if cidr.prefix_len() == 0 => {}
            RulePeer::Cidr(cidr) => statements.push(Statement::prefix(address, *cidr)),
            RulePeer::Group { .. } if self.layout.cloud.stale(group, rule).is_some() => return None,
            RulePeer::Group { group: peer, .. } => {
                let peer = self.layout.cloud.security_group(peer)?;
                statements.push(from_or_to(rule.direction, self.members(peer, rule.direction)?));
            }
        }
        if let Some(number) = protocol_number(rule.protocol) {
            statements.push(Statement::is(Field::TransportProtocol, number));
        }
        if let Some(ports) = rule.ports {
            statements.push(Statement::range(Field::DestinationPort, ports.low, ports.high));
        }
        // The rule's own counter shows which rule decided.
        statements.push(Statement::Count);
        match rule.policy {
            Policy::Accept => statements.push(accept),
            Policy::Drop => statements.extend([Statement::counter(reason.as_str()), Statement::drop()]),
        }
        Some(NftRule::of(statements).comment(format!("{}: {rule}", group.name)))
    }

    /// The set of a group's members as seen from this VPC: each with the link that leads to it, so that the same
    /// address in another VPC does not match. `None` if no peering leads to the group's VPC.
    ///
    /// Packets that leave by `lo` or to the internet never match, because they do not reach a member.
    fn members(&mut self, group: &SecurityGroup, direction: Direction) -> Option<String> {
        let kind = match direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        let name = name(kind, [&group.name]);
        if self.table.sets.contains_key(&name) {
            return Some(name);
        }
        let mut elsewhere: Vec<u32> = Vec::new();
        if group.vpc != self.vpc.vpc.name {
            let ends = self.vpc.peerings.values().filter(|end| end.far.vpc == group.vpc);
            elsewhere.extend(ends.map(|end| end.link.index));
            if elsewhere.is_empty() {
                return None;
            }
        }
        let mut set = Set::of([KeyType::InterfaceIndex, KeyType::Ipv4Address]);
        for member in self.layout.members(group) {
            let own = (group.vpc == self.vpc.vpc.name).then(|| self.vpc.bridge_of(member).link.index);
            for link in own.into_iter().chain(elsewhere.iter().copied()) {
                set.elements.insert(vec![link.into(), member.ip.into()], Data::None);
            }
        }
        self.table.sets.insert(name.clone(), set);
        Some(name)
    }
}

/// Matches if the source or destination is in a set of members.
fn from_or_to(direction: Direction, set: String) -> Statement {
    match direction {
        Direction::Ingress => Statement::within([Field::InputInterface, Field::IpSource], set),
        Direction::Egress => Statement::within([Field::OutputInterface, Field::IpDestination], set),
    }
}

/// As in `ingress/sg-a/sg-b`.
fn name<'a>(kind: &str, groups: impl IntoIterator<Item = &'a GroupName>) -> String {
    bounded(&groups.into_iter().fold(kind.to_owned(), |name, group| format!("{name}/{group}")))
}
