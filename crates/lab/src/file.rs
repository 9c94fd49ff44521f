//! The lab file as written: every value with its place, without resolving names (docs/lab-format.md §1).

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use toml::de::DeTable;

use super::broken::Broken;
use super::lab::{FaultWording, Wording, Wordings};
use super::reader::messages::Said;
use super::reader::{Faults, Table, Text, Written};
use crate::cloud::table::{Example, FamilyTable, Key, Needed, Takes, UNCHECKED};
use crate::cloud::{Provider, Quota, ResourceKind, check_name};
use crate::error::Span;
use crate::language::Language;
use crate::message::Message;
use crate::msg;

/// The file, without the parts that could not be read.
#[derive(Default)]
pub(super) struct File {
    pub(super) lab: LabTable,
    pub(super) accounts: Vec<AccountTable>,
    pub(super) vpcs: Vec<VpcTable>,
    pub(super) route_tables: Vec<RouteTableTable>,
    pub(super) security_groups: Vec<SecurityGroupTable>,
    pub(super) network_acls: Vec<NetworkAclTable>,
    pub(super) nat_gateways: Vec<NatGatewayTable>,
    pub(super) gateways: Vec<GatewayTable>,
    pub(super) instances: Vec<InstanceTable>,
    /// In the order of [`FamilyTable::ALL`], then of the file.
    pub(super) families: Vec<FamilyTableTable>,
    pub(super) checks: Vec<CheckTable>,
    pub(super) steps: Vec<StepTable>,
    pub(super) faults: Vec<FaultTable>,
    pub(super) exercise: Option<ExerciseTable>,
    /// The resources that are left out because they could not be read.
    pub(super) broken: Broken,
}

#[derive(Default)]
pub(super) struct LabTable {
    pub(super) header: Span,
    pub(super) name: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) text: Option<Text>,
    pub(super) until: Option<Text>,
    pub(super) wordings: Wordings,
    pub(super) provider: Option<Text>,
    pub(super) allow: Vec<Text>,
    pub(super) quotas: Vec<(Quota, Text)>,
    pub(super) pace: Option<Text>,
    pub(super) pace_seconds: Option<Text>,
}

pub(super) struct AccountTable {
    pub(super) name: Text,
    pub(super) id: Option<Text>,
    /// The region of its default VPC, with the place of `default_vpc`.
    pub(super) default_vpc: Option<(Text, Span)>,
    pub(super) access_key: Option<AccessKeyTable>,
}

pub(super) struct AccessKeyTable {
    pub(super) id: Text,
    pub(super) secret: Text,
}

pub(super) struct VpcTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) account: Option<Text>,
    pub(super) region: Text,
    pub(super) cidr: Text,
    pub(super) secondary_cidrs: Vec<Text>,
    pub(super) mtu: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) router_id: Option<Text>,
    pub(super) routes: Vec<RouteEntryTable>,
    pub(super) subnets: Vec<SubnetTable>,
}

pub(super) struct SubnetTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) cidr: Text,
    pub(super) zone: Option<Text>,
    pub(super) id: Option<Text>,
}

pub(super) struct RouteEntryTable {
    pub(super) span: Span,
    pub(super) to: Text,
    pub(super) via: Vec<Text>,
    pub(super) priority: Option<Text>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct RouteTableTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) vpc: Text,
    pub(super) id: Option<Text>,
    pub(super) subnets: Vec<Text>,
    pub(super) routes: Vec<RouteEntryTable>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct SecurityGroupTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) vpc: Text,
    pub(super) id: Option<Text>,
    pub(super) inner_access: Option<Text>,
    pub(super) rules: Vec<RuleTable>,
}

pub(super) struct RuleTable {
    pub(super) span: Span,
    pub(super) ingress: bool,
    pub(super) peer: Text,
    pub(super) account: Option<Text>,
    pub(super) protocol: Option<Text>,
    pub(super) port: Option<Text>,
    pub(super) policy: Option<Text>,
    pub(super) priority: Option<Text>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct NetworkAclTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) vpc: Text,
    pub(super) id: Option<Text>,
    pub(super) subnets: Vec<Text>,
    pub(super) rules: Vec<AclEntryTable>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct NatGatewayTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) subnet: Text,
    pub(super) public_ip: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) snat: Vec<Text>,
    pub(super) dnat: Vec<DnatTable>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct DnatTable {
    pub(super) span: Span,
    pub(super) protocol: Text,
    pub(super) port: Text,
    pub(super) to: Text,
    pub(super) to_port: Option<Text>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct GatewayTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) vpc: Text,
    pub(super) id: Option<Text>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct AclEntryTable {
    pub(super) span: Span,
    pub(super) number: Text,
    pub(super) ingress: bool,
    pub(super) peer: Text,
    pub(super) protocol: Option<Text>,
    pub(super) port: Option<Text>,
    pub(super) policy: Option<Text>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct InstanceTable {
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) subnet: Text,
    pub(super) id: Option<Text>,
    pub(super) ip: Option<Text>,
    pub(super) public_ip: Option<Text>,
    pub(super) security_groups: Vec<Text>,
    pub(super) forwards: Option<Written<bool>>,
    pub(super) masquerade: Option<Written<bool>>,
    pub(super) state: Option<Text>,
    pub(super) unchecked: Option<Unchecked>,
}

/// A table of a family's objects; the family reads its content.
pub(super) struct FamilyTableTable {
    pub(super) family: &'static FamilyTable,
    pub(super) name: Text,
    pub(super) span: Span,
    pub(super) values: Values,
    pub(super) unchecked: Option<Unchecked>,
}

/// The values of such a table's keys.
pub(super) type Values = BTreeMap<&'static str, FamilyValue>;

/// The value of one key.
pub(super) enum FamilyValue {
    Text(Text),
    Flag(Written<bool>),
    Table(Span, Values),
}

pub(super) struct CheckTable {
    /// The header, for errors about missing keys.
    pub(super) header: Span,
    /// The whole of it.
    pub(super) span: Span,
    pub(super) from: Text,
    pub(super) to: Text,
    pub(super) protocol: Option<Text>,
    pub(super) expect: Option<Text>,
    pub(super) because: Option<Text>,
    pub(super) both_ways: Option<Written<bool>>,
    pub(super) source_port: Option<Text>,
    pub(super) size: Option<Text>,
    pub(super) bandwidth: Option<Text>,
}

pub(super) struct StepTable {
    pub(super) header: Span,
    pub(super) span: Span,
    pub(super) title: Text,
    pub(super) account: Option<Text>,
    pub(super) wordings: Wordings,
    pub(super) text: Option<Text>,
    pub(super) run: Vec<Text>,
    pub(super) refused: Option<Text>,
    pub(super) checks: Vec<CheckTable>,
    pub(super) unchecked: Option<Unchecked>,
}

pub(super) struct FaultTable {
    pub(super) header: Span,
    pub(super) kind: Text,
    pub(super) account: Option<Text>,
    pub(super) run: Vec<Text>,
    pub(super) told: FaultWording,
    pub(super) wordings: BTreeMap<Language, FaultWording>,
}

pub(super) struct ExerciseTable {
    pub(super) seed: Option<Text>,
    pub(super) learner: Option<Text>,
}

/// Why no check covers a table.
#[derive(Clone)]
pub(super) struct Unchecked {
    /// The whole table.
    pub(super) span: Span,
    pub(super) why: Text,
}

impl Unchecked {
    fn read(table: &mut Table, faults: &mut Faults) -> Option<Self> {
        let why = table.text("unchecked", faults)?;
        if why.value.trim().is_empty() {
            let hint = msg!(Said::WriteWhy);
            faults.add("InvalidCheck", &why.span, msg!(Said::UncheckedWithoutReason), hint);
        }
        Some(Unchecked { span: table.whole(), why })
    }
}

impl File {
    /// The lab's `unchecked` reasons.
    pub(super) fn unchecked(&self) -> impl Iterator<Item = &Unchecked> {
        let tables = self.route_tables.iter();
        let entries = self.vpcs.iter().flat_map(|vpc| &vpc.routes).chain(tables.clone().flat_map(|it| &it.routes));
        let rules = self.security_groups.iter().flat_map(|group| &group.rules);
        let acls = self.network_acls.iter();
        let acl_entries = acls.clone().flat_map(|acl| &acl.rules).map(|it| &it.unchecked);
        let acls = acls.map(|it| &it.unchecked).chain(acl_entries);
        let all = entries.map(|it| &it.unchecked).chain(rules.map(|it| &it.unchecked)).chain(acls);
        let dnat = self.nat_gateways.iter().flat_map(|nat| &nat.dnat).map(|it| &it.unchecked);
        let nats = self.nat_gateways.iter().map(|it| &it.unchecked).chain(dnat);
        let all = all.chain(nats).chain(self.gateways.iter().map(|it| &it.unchecked));
        let all = all.chain(tables.map(|it| &it.unchecked)).chain(self.instances.iter().map(|it| &it.unchecked));
        let all = all.chain(self.families.iter().map(|it| &it.unchecked));
        all.chain(self.steps.iter().map(|it| &it.unchecked)).flatten()
    }

    /// Reads the tables, and reports what is missing, unknown or of the wrong type.
    pub(super) fn read(document: &DeTable, faults: &mut Faults) -> File {
        let mut file = File::default();
        let mut root = Table::new(msg!(Said::LabFile), 0..0, document);
        match root.table("lab", Message::text("[lab]"), faults) {
            Some(table) => file.lab = LabTable::read(table, faults),
            None if document.contains_key("lab") => {}
            None => {
                let hint = msg!(Said::BeginWithLab { providers: names_of_providers() });
                faults.add("MissingKey", &(0..0), msg!(Said::NoLabTable), hint);
            }
        }
        for (name, table) in root.named("account", "", faults) {
            file.name(&name, ResourceKind::Account, faults);
            file.accounts.push(AccountTable::read(name, table, faults));
        }
        for (name, table) in root.named("vpc", "", faults) {
            file.name(&name, ResourceKind::Vpc, faults);
            match VpcTable::read(&name, table, &mut file.broken, faults) {
                Some(vpc) => file.vpcs.push(vpc),
                None => file.broken.insert(ResourceKind::Vpc, name.value),
            }
        }
        for (name, table) in root.named("instance", "", faults) {
            file.name(&name, ResourceKind::Instance, faults);
            match InstanceTable::read(&name, table, faults) {
                Some(instance) => file.instances.push(instance),
                None => file.broken.insert(ResourceKind::Instance, name.value),
            }
        }
        for (name, table) in root.named("security_group", "", faults) {
            file.name(&name, ResourceKind::SecurityGroup, faults);
            match SecurityGroupTable::read(&name, table, faults) {
                Some(group) => file.security_groups.push(group),
                None => file.broken.insert(ResourceKind::SecurityGroup, name.value),
            }
        }
        for (name, table) in root.named("network_acl", "", faults) {
            file.name(&name, ResourceKind::NetworkAcl, faults);
            match NetworkAclTable::read(&name, table, faults) {
                Some(acl) => file.network_acls.push(acl),
                None => file.broken.insert(ResourceKind::NetworkAcl, name.value),
            }
        }
        for (name, table) in root.named("nat_gateway", "", faults) {
            file.name(&name, ResourceKind::NatGateway, faults);
            match NatGatewayTable::read(&name, table, faults) {
                Some(nat) => file.nat_gateways.push(nat),
                None => file.broken.insert(ResourceKind::NatGateway, name.value),
            }
        }
        for (name, table) in root.named("gateway", "", faults) {
            file.name(&name, ResourceKind::Gateway, faults);
            match GatewayTable::read(&name, table, faults) {
                Some(gateway) => file.gateways.push(gateway),
                None => file.broken.insert(ResourceKind::Gateway, name.value),
            }
        }
        for (name, table) in root.named("route_table", "", faults) {
            file.name(&name, ResourceKind::RouteTable, faults);
            match RouteTableTable::read(&name, table, faults) {
                Some(route_table) => file.route_tables.push(route_table),
                None => file.broken.insert(ResourceKind::RouteTable, name.value),
            }
        }
        for family in FamilyTable::ALL {
            for (name, table) in root.named(family.table.name, "", faults) {
                file.name(&name, family.kind, faults);
                match FamilyTableTable::read(family, &name, table, faults) {
                    Some(table) => file.families.push(table),
                    None => file.broken.insert(family.kind, name.value),
                }
            }
        }
        let checks = root.tables("check", msg!(Said::ThisCheck), faults);
        file.checks = checks.into_iter().filter_map(|table| CheckTable::read(table, faults)).collect();
        let steps = root.tables("step", msg!(Said::ThisStep), faults);
        file.steps = steps.into_iter().filter_map(|table| StepTable::read(table, faults)).collect();
        let broken = root.tables("fault", msg!(Said::ThisFault), faults);
        file.faults = broken.into_iter().filter_map(|table| FaultTable::read(table, faults)).collect();
        let exercise = root.table("exercise", Message::text("[exercise]"), faults);
        file.exercise = exercise.map(|table| ExerciseTable::read(table, faults));
        root.finish(faults);
        file
    }

    /// Checks a name; an invalid one breaks all references to it.
    fn name(&mut self, name: &Text, kind: ResourceKind, faults: &mut Faults) {
        if !good_name(name, faults) {
            self.broken.insert(kind, name.value.clone());
        }
    }
}

/// The providers' names.
fn names_of_providers() -> [&'static str; Provider::ALL.len()] {
    Provider::ALL.map(|provider| provider.name)
}

fn good_name(name: &Text, faults: &mut Faults) -> bool {
    let Err(fault) = check_name(&name.value) else { return true };
    faults.add("InvalidName", &name.span, fault.message(), fault.hint());
    false
}

impl LabTable {
    fn read(mut table: Table, faults: &mut Faults) -> Self {
        let lab = LabTable {
            header: table.span.clone(),
            name: table.text("name", faults),
            title: table.text("title", faults),
            text: table.text("text", faults),
            until: table.number("until", faults),
            provider: table.required(
                "provider",
                msg!(Said::ExampleOfProvider { providers: names_of_providers() }),
                faults,
            ),
            allow: table.texts("allow", faults),
            quotas: quotas(&mut table, faults),
            pace: table.text("pace", faults),
            pace_seconds: table.number("pace_seconds", faults),
            wordings: wordings(&mut table, "[lab]", faults),
        };
        table.finish(faults);
        lab
    }
}

/// The limits that the lab raises.
fn quotas(table: &mut Table, faults: &mut Faults) -> Vec<(Quota, Text)> {
    let what = Message::text(format_args!("quotas = {{ {} = 125 }}", Quota::PeeringsPerVpc.key()));
    let Some(mut table) = table.table("quotas", what, faults) else { return Vec::new() };
    let all = Quota::ALL.into_iter().filter_map(|quota| Some((quota, table.number(quota.key(), faults)?))).collect();
    table.finish(faults);
    all
}

impl AccountTable {
    fn read(name: Text, mut table: Table, faults: &mut Faults) -> Self {
        let id = table.text("id", faults);
        let default_vpc = default_vpc(&mut table, faults);
        let what = Message::text(format_args!("access_key = {{ id = \"{}\", secret = \"…\" }}", "LTAI5tA"));
        let access_key = table.table("access_key", what, faults).and_then(|table| AccessKeyTable::read(table, faults));
        table.finish(faults);
        AccountTable { name, id, default_vpc, access_key }
    }
}

/// The name of an account's default VPC.
pub(super) fn default_vpc_of(account: &str) -> String {
    format!("default-{account}")
}

/// Where an account has a default VPC, if it has one.
fn default_vpc(table: &mut Table, faults: &mut Faults) -> Option<(Text, Span)> {
    let wanted = table.boolean("default_vpc", faults).filter(|wanted| wanted.value);
    match wanted {
        Some(wanted) => {
            let region = table.required("region", Message::text("\"us-east-1\""), faults);
            Some((region?, wanted.span))
        }
        None => {
            _ = table.text("region", faults);
            None
        }
    }
}

impl File {
    /// Adds the tables of the accounts' default VPCs: subnets, a gateway and a route to it.
    pub(super) fn add_default_vpcs(&mut self, block: Ipv4Net) {
        for account in &self.accounts {
            let Some((region, span)) = &account.default_vpc else { continue };
            let text = |value: String| Text { value, span: span.clone() };
            let name = text(default_vpc_of(&account.name.value));
            let blocks = block.subnets(20).into_iter().flatten();
            let subnets = ["a", "b", "c"].into_iter().zip(blocks).map(|(letter, cidr)| SubnetTable {
                name: text(letter.to_owned()),
                span: span.clone(),
                cidr: text(cidr.to_string()),
                zone: Some(text(format!("{}{letter}", region.value))),
                id: None,
            });
            let out = RouteEntryTable {
                span: span.clone(),
                to: text(Ipv4Net::default().to_string()),
                via: vec![name.clone()],
                priority: None,
                unchecked: None,
            };
            self.vpcs.push(VpcTable {
                name: name.clone(),
                span: span.clone(),
                account: Some(account.name.clone()),
                region: region.clone(),
                cidr: text(block.to_string()),
                secondary_cidrs: Vec::new(),
                mtu: None,
                id: None,
                router_id: None,
                routes: vec![out],
                subnets: subnets.collect(),
            });
            let (vpc, span) = (name.clone(), span.clone());
            self.gateways.push(GatewayTable { name, span, vpc, id: None, unchecked: None });
        }
    }
}

impl AccessKeyTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let id = table.required("id", Message::text("\"LTAI5tA\""), faults);
        let secret = table.required("secret", Message::text("\"…\""), faults);
        table.finish(faults);
        Some(AccessKeyTable { id: id?, secret: secret? })
    }
}

impl VpcTable {
    fn read(name: &Text, mut table: Table, broken: &mut Broken, faults: &mut Faults) -> Option<Self> {
        let account = table.text("account", faults);
        let region = table.required("region", Message::text("\"cn-qingdao\""), faults);
        let cidr = table.required("cidr", Message::text("\"192.168.0.0/16\""), faults);
        let secondary_cidrs = table.texts("secondary_cidrs", faults);
        let mtu = table.number("mtu", faults);
        let id = table.text("id", faults);
        let router_id = table.text("router_id", faults);
        let routes = RouteEntryTable::read_all(&mut table, faults);
        let mut subnets = Vec::new();
        for (subnet, inner) in table.named("subnet", &format!("vpc.{}.", name.value), faults) {
            // A subnet's name must be unique only in its VPC, which TOML guarantees.
            let good = good_name(&subnet, faults);
            match SubnetTable::read(&subnet, inner, faults) {
                Some(table) if good => subnets.push(table),
                _ => {
                    broken.insert(ResourceKind::Subnet, format!("{}/{}", name.value, subnet.value));
                }
            }
        }
        let span = table.span.clone();
        table.finish(faults);
        let (name, region, cidr) = (name.clone(), region?, cidr?);
        Some(VpcTable { name, span, account, region, cidr, secondary_cidrs, mtu, id, router_id, routes, subnets })
    }
}

impl SubnetTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let cidr = table.required("cidr", Message::text("\"192.168.1.0/24\""), faults);
        let zone = table.text("zone", faults);
        let id = table.text("id", faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(SubnetTable { name: name.clone(), span, cidr: cidr?, zone, id })
    }
}

impl RouteEntryTable {
    fn read_all(table: &mut Table, faults: &mut Faults) -> Vec<Self> {
        let entries = table.tables("routes", msg!(Said::ThisRouteEntry), faults);
        entries.into_iter().filter_map(|entry| RouteEntryTable::read(entry, faults)).collect()
    }

    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let to = table.required("to", Message::text("\"172.16.0.0/16\""), faults);
        let via = table.required_some("via", Example::Hop, faults);
        let priority = table.number("priority", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(RouteEntryTable { span, to: to?, via: via?, priority, unchecked })
    }
}

impl RouteTableTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let vpc = table.required("vpc", msg!(Said::ExampleOfTablesVpc), faults);
        let id = table.text("id", faults);
        let subnets = table.texts("subnets", faults);
        let routes = RouteEntryTable::read_all(&mut table, faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(RouteTableTable { name: name.clone(), span, vpc: vpc?, id, subnets, routes, unchecked })
    }
}

impl SecurityGroupTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let vpc = table.required("vpc", msg!(Said::ExampleOfGroupsVpc), faults);
        let id = table.text("id", faults);
        let inner_access = table.text("inner_access", faults);
        let rules = table.tables("rules", msg!(Said::ThisRule), faults);
        let rules = rules.into_iter().filter_map(|rule| RuleTable::read(rule, faults)).collect();
        let span = table.span.clone();
        table.finish(faults);
        Some(SecurityGroupTable { name: name.clone(), span, vpc: vpc?, id, inner_access, rules })
    }
}

impl RuleTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let from = table.text("from", faults);
        let to = table.text("to", faults);
        let account = table.text("account", faults);
        let protocol = table.text("protocol", faults);
        let port = table.number("port", faults);
        let policy = table.text("policy", faults);
        let priority = table.number("priority", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        let written = ["from", "to"].iter().any(|key| table.has(key) || table.misspells(key));
        table.finish(faults);
        let (ingress, peer) = direction(from, to, written, &span, faults)?;
        Some(RuleTable { span, ingress, peer, account, protocol, port, policy, priority, unchecked })
    }
}

/// The direction of a rule, and its other side.
fn direction(
    from: Option<Text>,
    to: Option<Text>,
    written: bool,
    span: &Span,
    faults: &mut Faults,
) -> Option<(bool, Text)> {
    match (from, to) {
        (Some(from), None) => Some((true, from)),
        (None, Some(to)) => Some((false, to)),
        (Some(from), Some(to)) => {
            let (message, hint) = (msg!(Said::RuleWithTwoSides), msg!(Said::MakeTwoRules));
            faults.add_pair("ConflictingKeys", &to.span, &from.span, message, hint);
            None
        }
        (None, None) => {
            if !written {
                faults.add("MissingKey", span, msg!(Said::RuleWithoutSide), msg!(Said::AddFromOrTo));
            }
            None
        }
    }
}

impl NetworkAclTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let vpc = table.required("vpc", msg!(Said::ExampleOfTablesVpc), faults);
        let id = table.text("id", faults);
        let subnets = table.texts("subnets", faults);
        let rules = table.tables("rules", msg!(Said::ThisRule), faults);
        let rules = rules.into_iter().filter_map(|rule| AclEntryTable::read(rule, faults)).collect();
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(NetworkAclTable { name: name.clone(), span, vpc: vpc?, id, subnets, rules, unchecked })
    }
}

impl NatGatewayTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let subnet = table.required("subnet", Message::text("\"VPC/SUBNET\""), faults);
        let public_ip = table.text("public_ip", faults);
        let id = table.text("id", faults);
        let snat = table.texts("snat", faults);
        let dnat = table.tables("dnat", msg!(Said::ThisDnatEntry), faults);
        let dnat = dnat.into_iter().filter_map(|entry| DnatTable::read(entry, faults)).collect();
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(NatGatewayTable { name: name.clone(), span, subnet: subnet?, public_ip, id, snat, dnat, unchecked })
    }
}

impl DnatTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let protocol = table.required("protocol", Message::text("\"tcp\""), faults);
        let port = table.required_number("port", Message::text("8022"), faults);
        let to = table.required("to", msg!(Said::ExampleOfPrivateAddress), faults);
        let to_port = table.number("to_port", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(DnatTable { span, protocol: protocol?, port: port?, to: to?, to_port, unchecked })
    }
}

impl GatewayTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let vpc = table.required("vpc", msg!(Said::ExampleOfTablesVpc), faults);
        let id = table.text("id", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(GatewayTable { name: name.clone(), span, vpc: vpc?, id, unchecked })
    }
}

impl AclEntryTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let number = table.required_number("number", Message::text("100"), faults);
        let from = table.text("from", faults);
        let to = table.text("to", faults);
        let protocol = table.text("protocol", faults);
        let port = table.number("port", faults);
        let policy = table.text("policy", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        let written = ["from", "to"].iter().any(|key| table.has(key) || table.misspells(key));
        table.finish(faults);
        let (ingress, peer) = direction(from, to, written, &span, faults)?;
        Some(AclEntryTable { span, number: number?, ingress, peer, protocol, port, policy, unchecked })
    }
}

impl InstanceTable {
    fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let subnet = table.required("subnet", Message::text("\"VPC/SUBNET\""), faults);
        let id = table.text("id", faults);
        let ip = table.text("ip", faults);
        let public_ip = table.text("public_ip", faults);
        let security_groups = table.texts("security_groups", faults);
        let forwards = table.boolean("forwards", faults);
        let masquerade = table.boolean("masquerade", faults);
        let state = table.text("state", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(InstanceTable {
            name: name.clone(),
            span,
            subnet: subnet?,
            id,
            ip,
            public_ip,
            security_groups,
            forwards,
            masquerade,
            state,
            unchecked,
        })
    }
}

impl FamilyTableTable {
    fn read(family: &'static FamilyTable, name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let values = read_values(family, family.table.keys, &mut table, faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(FamilyTableTable { family, name: name.clone(), span, values: values?, unchecked })
    }
}

/// The values of a table's keys; `None` if one is missing, or a table inside is wrong.
fn read_values(family: &FamilyTable, keys: &[Key], table: &mut Table, faults: &mut Faults) -> Option<Values> {
    let mut values = Values::new();
    let mut whole = true;
    for Key(key, takes, needed, _) in keys.iter().filter(|key| key.0 != UNCHECKED.0) {
        let example = family.example(key);
        let value = match takes {
            Takes::Boolean => table.boolean(key, faults).map(FamilyValue::Flag),
            Takes::Number => table.number(key, faults).map(FamilyValue::Text),
            Takes::Table(inner) => {
                let given = table.has(key);
                let keys = family.inner.iter().find(|table| table.name == *inner).map_or(&[][..], |table| table.keys);
                let value = table.table(key, example, faults).and_then(|mut table| {
                    table.what = Message::text(key);
                    let (span, values) = (table.span.clone(), read_values(family, keys, &mut table, faults));
                    table.finish(faults);
                    Some(FamilyValue::Table(span, values?))
                });
                whole &= value.is_some() || !given;
                value
            }
            _ if *needed == Needed::Required => table.required(key, example, faults).map(FamilyValue::Text),
            _ => table.text(key, faults).map(FamilyValue::Text),
        };
        whole &= value.is_some() || *needed == Needed::Optional;
        values.extend(value.map(|value| (*key, value)));
    }
    whole.then_some(values)
}

impl CheckTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let from = table.required("from", msg!(Said::ExampleOfFrom), faults);
        let to = table.required("to", msg!(Said::ExampleOfTo), faults);
        let protocol = table.text("protocol", faults);
        let expect = table.text("expect", faults);
        let because = table.text("because", faults);
        let both_ways = table.boolean("both_ways", faults);
        let bandwidth = table.text("bandwidth", faults);
        let source_port = table.number("source_port", faults);
        let size = table.number("size", faults);
        let (header, span) = (table.span.clone(), table.whole());
        let unread = [("protocol", &protocol), ("expect", &expect), ("because", &because), ("bandwidth", &bandwidth)];
        let numbers = [("source_port", &source_port), ("size", &size)];
        let unread = unread.iter().chain(&numbers).any(|(key, value)| table.has(key) && value.is_none());
        table.finish(faults);
        if unread {
            return None;
        }
        Some(CheckTable {
            header,
            span,
            from: from?,
            to: to?,
            protocol,
            expect,
            because,
            both_ways,
            source_port,
            size,
            bandwidth,
        })
    }
}

impl StepTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let title = table.required("title", msg!(Said::ExampleOfTitle), faults);
        let account = table.text("account", faults);
        let text = table.text("text", faults);
        let run = table.texts("run", faults);
        let refused = table.text("refused", faults);
        let checks = table.tables("check", msg!(Said::ThisStepsCheck), faults);
        let checks = checks.into_iter().filter_map(|check| CheckTable::read(check, faults)).collect();
        let unchecked = Unchecked::read(&mut table, faults);
        let wordings = wordings(&mut table, "[[step]]", faults);
        let (header, span) = (table.span.clone(), table.whole());
        table.finish(faults);
        // Read the `run` lines of a step without a title too, so that their faults are found in the same run.
        let title = title.unwrap_or_else(|| Text { value: String::new(), span: header.clone() });
        Some(StepTable { header, span, title, account, text, wordings, run, refused, checks, unchecked })
    }
}

impl FaultTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let kind = table.required("kind", Message::text("\"route\""), faults);
        let account = table.text("account", faults);
        let run = table.texts("run", faults);
        let told = FaultWording::read(&mut table, faults);
        let mut wordings = BTreeMap::new();
        for language in Language::OTHERS {
            let what = msg!(Said::WordsIn { language: language.tag(), table: "[[fault]]" });
            if let Some(mut words) = table.table(language.tag(), what, faults) {
                wordings.insert(language, FaultWording::read(&mut words, faults));
                words.finish(faults);
            }
        }
        let header = table.span.clone();
        table.finish(faults);
        Some(FaultTable { header, kind: kind?, account, run, told, wordings })
    }
}

impl FaultWording {
    fn read(table: &mut Table, faults: &mut Faults) -> Self {
        let ticket = table.text("ticket", faults).map(|text| text.value);
        FaultWording { ticket, hints: table.texts("hints", faults).into_iter().map(|text| text.value).collect() }
    }
}

impl ExerciseTable {
    fn read(mut table: Table, faults: &mut Faults) -> Self {
        let exercise = ExerciseTable { seed: table.number("seed", faults), learner: table.text("learner", faults) };
        table.finish(faults);
        exercise
    }
}

/// A table's title and text in other languages, under each language's tag.
fn wordings(table: &mut Table, of: &str, faults: &mut Faults) -> Wordings {
    let mut wordings = Wordings::new();
    for language in Language::OTHERS {
        let Some(mut words) =
            table.table(language.tag(), msg!(Said::WordsIn { language: language.tag(), table: of }), faults)
        else {
            continue;
        };
        let mut said = |key| words.text(key, faults).map(|text| text.value);
        let wording = Wording { title: said("title"), text: said("text") };
        words.finish(faults);
        wordings.insert(language, wording);
    }
    wordings
}
