//! The lab file as written: every value with its place, without resolving names (docs/lab-format.md §1). Each table is in
//! a file with what reads it.

mod account;
mod common;
mod exercise;
mod family;
mod gateway;
mod instance;
mod lab;
mod route;
mod rule;
mod step;
mod vpc;

use ipnet::Ipv4Net;
use toml::de::DeTable;

pub(super) use account::{AccessKeyTable, AccountTable, default_vpc_of};
pub(super) use common::Unchecked;
pub(super) use exercise::{ExerciseTable, FaultTable};
pub(super) use family::{FamilyTableTable, FamilyValue};
pub(super) use gateway::NatGatewayTable;
pub(super) use instance::InstanceTable;
pub(super) use lab::LabTable;
pub(super) use route::RouteEntryTable;
pub(super) use rule::{NetworkAclTable, RuleTable, SecurityGroupTable};
pub(super) use step::{CheckTable, StepTable};
pub(super) use vpc::{SubnetTable, VpcTable};

use super::broken::Broken;
use super::reader::messages::Said;
use super::reader::{Faults, Table, Text};
use crate::cloud::ResourceKind;
use crate::cloud::table::FamilyTable;
use crate::message::Message;
use crate::msg;
use common::good_name;
use gateway::GatewayTable;
use lab::names_of_providers;
use route::RouteTableTable;

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
