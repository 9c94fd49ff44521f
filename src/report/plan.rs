//! The changes that `up` would make, by resource of the cloud: the difference between two Clouds.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cloud::{Cloud, Origin, PeeringKind, Policy, Role, RouteEntry, RulePeer, State, word_of_end};
use crate::message::{Message, Of as _};
use crate::msg;
use crate::report::listed;
use crate::report::messages::Said;
use crate::terminal::{Table, Terminal, Tone};

/// A resource that is created, deleted or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceChange {
    /// The action.
    pub action: Action,
    /// The kind of resource: `vpc`, `route-entry`.
    pub kind: &'static str,
    /// Its name; of a rule, what it says.
    pub name: Message,
    /// The attributes: all of them for a new resource, those that change for a changed one, none for a deleted one.
    pub attributes: Vec<AttributeChange>,
}

/// The action on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The resource is created.
    Create,
    /// The resource changes.
    Change,
    /// The resource is deleted.
    Delete,
}

/// An attribute of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttributeChange {
    /// Its name, as in the grammar of operations.
    pub name: &'static str,
    /// The old value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The difference between two Clouds; `None` is an empty cloud. Deletions come first, in an order that is possible,
/// then creations and changes, in an order that is possible.
pub fn changes(current: Option<&Cloud>, desired: &Cloud) -> Vec<ResourceChange> {
    let current = current.map(inventory).unwrap_or_default().0;
    let desired = inventory(desired).0;
    let gone = current.iter().rev().filter(|(key, _)| !desired.contains_key(key));
    let gone = gone.map(|(key, (name, _))| ResourceChange::new(Action::Delete, key, name, Vec::new()));
    let kept = desired.iter().filter_map(|(key, (name, attributes))| match current.get(key) {
        None => {
            let all = attributes.iter().map(|(name, to)| AttributeChange { name, from: None, to: Some(to.clone()) });
            Some(ResourceChange::new(Action::Create, key, name, all.collect()))
        }
        Some((_, before)) if before != attributes => {
            Some(ResourceChange::new(Action::Change, key, name, attribute_changes(before, attributes)))
        }
        Some(_) => None,
    });
    gone.chain(kept).collect()
}

fn attribute_changes(before: &Attributes, after: &Attributes) -> Vec<AttributeChange> {
    let value =
        |of: &Attributes, wanted: &str| of.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.clone());
    let mut names: Vec<_> = after.iter().chain(before).map(|(name, _)| *name).collect();
    let mut seen = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(*name);
            true
        }
    });
    let change = |name| AttributeChange { name, from: value(before, name), to: value(after, name) };
    names.into_iter().map(change).filter(|change| change.from != change.to).collect()
}

impl ResourceChange {
    fn new(action: Action, key: &Key, name: &Message, attributes: Vec<AttributeChange>) -> Self {
        ResourceChange { action, kind: key.0.as_str(), name: name.clone(), attributes }
    }
}

/// Lines such as `+ vpc VPC1: account A, region cn-qingdao`, with `~` for changes and `-` for deletions, and a summary
/// below.
pub fn render(changes: &[ResourceChange], terminal: &Terminal) -> String {
    let mut table = Table::new();
    for change in changes {
        let (sign, tone) = match change.action {
            Action::Create => ("+", Tone::Good),
            Action::Change => ("~", Tone::Notice),
            Action::Delete => ("-", Tone::Bad),
        };
        let attributes: Vec<_> = change.attributes.iter().map(|attribute| attribute.text(terminal)).collect();
        let separator = if attributes.is_empty() { String::new() } else { terminal.say(Said::Colon) };
        table.row([
            (tone, sign.to_owned()),
            (Tone::Faint, terminal.say(word(change.kind))),
            (
                Tone::Plain,
                format!("{}{separator}{}", terminal.say(&change.name), attributes.join(&terminal.say(Said::Comma))),
            ),
        ]);
    }
    let count = |action| changes.iter().filter(|change| change.action == action).count();
    let sums = [
        (count(Action::Create), Said::ToCreate),
        (count(Action::Change), Said::ToChange),
        (count(Action::Delete), Said::ToDelete),
    ];
    let sums: Vec<_> =
        sums.iter().filter(|(n, _)| *n > 0).map(|(n, what)| terminal.say(msg!(Said::Sum { n, what }))).collect();
    format!("{}{}\n", table.render(terminal, 0), sums.join(&terminal.say(Said::Comma)))
}

impl AttributeChange {
    fn text(&self, terminal: &Terminal) -> String {
        let name = terminal.say(word(self.name));
        let value = |value: &String| match (self.name, value.as_str()) {
            ("role", role) => Role::named(role).map_or_else(|_| value.clone(), |role| terminal.say(role)),
            ("inner-access", "accept") => terminal.say(Policy::Accept),
            ("inner-access", _) => terminal.say(Policy::Drop),
            ("status", _) => terminal.say(State::of(value.clone())),
            ("cidr" | "next-hop", several) => listed(several.split(", "), terminal),
            _ => value.clone(),
        };
        match (&self.from, &self.to) {
            (None, Some(to)) => format!("{name} {}", value(to)),
            (Some(from), Some(to)) => format!("{name} {} → {}", value(from), value(to)),
            (Some(from), None) => format!("{name} {} → {}", value(from), terminal.say(Said::NothingThere)),
            (None, None) => name,
        }
    }
}

/// A kind of resource, or the name of an attribute, as the reader calls it.
fn word(key: &str) -> Message {
    Message::from(match key {
        "vpc" => Said::KindVpc,
        "subnet" => Said::KindSubnet,
        "route-table" => Said::KindRouteTable,
        "security-group" => Said::KindSecurityGroup,
        "instance" => Said::KindInstance,
        "nat-gateway" => Said::KindNatGateway,
        "rule" => Said::KindRule,
        "route-entry" => Said::KindRouteEntry,
        "account" => Said::Account,
        "region" => Said::Region,
        "cidr" => Said::Cidr,
        "id" => Said::Id,
        "gateway" => Said::Gateway,
        "table" => Said::Table,
        "ip" => Said::Ip,
        "public-ip" => Said::PublicIp,
        "next-hop" => Said::NextHop,
        "inner-access" => Said::InnerAccessOf,
        "role" => Said::Role,
        "spec" => Said::Spec,
        "opposite-interface" => Said::OppositeInterface,
        "latency" => Said::Latency,
        "mtu" => Said::Mtu,
        "status" => Said::Status,
        "peer-vpc" => Said::PeerVpc,
        other => return word_of_end(other).unwrap_or_else(|| Message::text(other)),
    })
}

/// The kinds, in an order of creation that is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Vpc,
    Subnet,
    RouteTable,
    SecurityGroup,
    Gateway,
    NatGateway,
    Instance,
    Rule,
    Peering(PeeringKind),
    RouteEntry,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Vpc => "vpc",
            Kind::Subnet => "subnet",
            Kind::RouteTable => "route-table",
            Kind::SecurityGroup => "security-group",
            Kind::Gateway => "gateway",
            Kind::NatGateway => "nat-gateway",
            Kind::Instance => "instance",
            Kind::Rule => "rule",
            Kind::Peering(family) => family.listing().kind,
            Kind::RouteEntry => "route-entry",
        }
    }
}

/// A kind and an English name, in whose order changes are shown.
type Key = (Kind, String);
type Attributes = Vec<(&'static str, String)>;

/// Resources with their names and attributes.
#[derive(Default)]
struct Inventory(BTreeMap<Key, (Message, Attributes)>);

impl Inventory {
    fn insert(&mut self, kind: Kind, name: impl ToString, attributes: Attributes) {
        self.insert_said(kind, Message::text(name.to_string()), attributes);
    }

    /// One whose name has words.
    fn insert_said(&mut self, kind: Kind, name: Message, attributes: Attributes) {
        self.0.insert((kind, name.to_string()), (name, attributes));
    }
}

/// Everything that a user created in a Cloud, without what the provider created with it (default tables and groups).
fn inventory(cloud: &Cloud) -> Inventory {
    let mut all = Inventory::default();
    for vpc in cloud.vpcs() {
        let mut attributes = vec![
            ("account", vpc.account.to_string()),
            ("region", vpc.region.to_string()),
            ("cidr", vpc.blocks().map(|block| block.to_string()).collect::<Vec<_>>().join(", ")),
            ("id", vpc.id.to_string()),
        ];
        if vpc.mtu != cloud.provider().mtu {
            attributes.push(("mtu", vpc.mtu.to_string()));
        }
        all.insert(Kind::Vpc, &vpc.name, attributes);
    }
    for subnet in cloud.subnets() {
        let mut attributes = vec![("cidr", subnet.cidr.to_string()), ("gateway", subnet.gateway.to_string())];
        attributes.extend(subnet.association.as_ref().map(|association| ("table", association.table.to_string())));
        all.insert(Kind::Subnet, &subnet.name, attributes);
    }
    for instance in cloud.instances() {
        let groups: Vec<_> = instance.groups.iter().map(ToString::to_string).collect();
        let mut attributes = vec![("subnet", instance.subnet.to_string()), ("ip", instance.ip.to_string())];
        attributes.extend(instance.public_ip.map(|ip| ("public-ip", ip.to_string())));
        if !groups.is_empty() {
            attributes.push(("security-group", groups.join(" ")));
        }
        all.insert(Kind::Instance, &instance.name, attributes);
    }
    for gateway in cloud.gateways() {
        all.insert(
            Kind::Gateway,
            &gateway.name,
            vec![("vpc", gateway.vpc.to_string()), ("id", gateway.id.to_string())],
        );
    }
    for nat in cloud.nat_gateways() {
        let mut attributes = vec![("subnet", nat.host.subnet.to_string()), ("ip", nat.host.ip.to_string())];
        attributes.extend(nat.public_ip().map(|ip| ("public-ip", ip.to_string())));
        let snat: Vec<_> = nat.snat.iter().map(|entry| entry.cidr.to_string()).collect();
        let dnat = nat.dnat.iter().map(|it| format!("{}/{} → {}:{}", it.protocol, it.port, it.to, it.to_port));
        let dnat: Vec<_> = dnat.collect();
        let entries = [("snat", snat), ("dnat", dnat)].into_iter().filter(|(_, all)| !all.is_empty());
        attributes.extend(entries.map(|(name, all)| (name, all.join(" "))));
        all.insert(Kind::NatGateway, &nat.name, attributes);
    }
    tables_and_groups(cloud, &mut all);
    peerings(cloud, &mut all);
    all
}

/// Whether a user created it.
fn made(origin: &Origin) -> bool {
    !matches!(origin, Origin::Provider)
}

fn tables_and_groups(cloud: &Cloud, all: &mut Inventory) {
    for table in cloud.route_tables() {
        if made(&table.origin) {
            all.insert(Kind::RouteTable, &table.name, vec![("vpc", table.vpc.to_string())]);
        }
        // Next hops with the same destination belong to one entry.
        for shared in table.entries.chunk_by(|a, b| (a.destination, a.priority) == (b.destination, b.priority)) {
            let RouteEntry { destination, priority, .. } = &shared[0];
            let hops: Vec<_> =
                shared.iter().filter(|entry| made(&entry.origin)).map(|entry| entry.next_hop.to_string()).collect();
            let priority = priority.filter(|_| *priority != cloud.provider().entry_priority());
            let priority = priority.map(|priority| msg!(Said::EntryPriority { priority }));
            if !hops.is_empty() {
                let name = msg!(Said::Entry { table: &table.name, destination, priority });
                all.insert_said(Kind::RouteEntry, name, vec![("next-hop", hops.join(", "))]);
            }
        }
    }
    for group in cloud.security_groups() {
        if made(&group.origin) {
            let attributes = vec![("vpc", group.vpc.to_string()), ("inner-access", group.inner_access.to_string())];
            all.insert(Kind::SecurityGroup, &group.name, attributes);
        }
        for rule in group.rules.iter().filter(|rule| made(&rule.origin)) {
            let ports = rule.ports.map(|ports| msg!(Said::RulePorts { ports }));
            let peer = match &rule.peer {
                RulePeer::Cidr(cidr) => msg!(Said::RuleCidr { cidr }),
                RulePeer::Group { account, group, .. } => msg!(Said::RuleGroup { group, account }),
            };
            // A group's rules have no names, but are distinct, so a rule's text identifies it.
            let rule = msg!(Said::Rule {
                group: &group.name,
                direction: rule.direction,
                policy: rule.policy,
                protocol: rule.protocol,
                ports,
                peer,
                priority: rule.priority
            });
            all.insert_said(Kind::Rule, rule, Vec::new());
        }
    }
}

fn peerings(cloud: &Cloud, all: &mut Inventory) {
    for end in PeeringKind::ALL.into_iter().flat_map(|family| cloud.ends_of(family)) {
        all.insert(Kind::Peering(end.family), &end.peering.name, end.attributes);
    }
}
