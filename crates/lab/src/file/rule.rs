//! `[security_group.NAME]` and `[network_acl.NAME]`, and their rules.

use super::common::Unchecked;
use crate::error::Span;
use crate::message::Message;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text};

pub(crate) struct SecurityGroupTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) vpc: Text,
    pub(crate) id: Option<Text>,
    pub(crate) inner_access: Option<Text>,
    pub(crate) rules: Vec<RuleTable>,
}

impl SecurityGroupTable {
    pub(super) fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
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

pub(crate) struct RuleTable {
    pub(crate) span: Span,
    pub(crate) ingress: bool,
    pub(crate) peer: Text,
    pub(crate) account: Option<Text>,
    pub(crate) protocol: Option<Text>,
    pub(crate) port: Option<Text>,
    pub(crate) policy: Option<Text>,
    pub(crate) priority: Option<Text>,
    pub(crate) unchecked: Option<Unchecked>,
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

pub(crate) struct NetworkAclTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) vpc: Text,
    pub(crate) id: Option<Text>,
    pub(crate) subnets: Vec<Text>,
    pub(crate) rules: Vec<AclEntryTable>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl NetworkAclTable {
    pub(super) fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
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

pub(crate) struct AclEntryTable {
    pub(crate) span: Span,
    pub(crate) number: Text,
    pub(crate) ingress: bool,
    pub(crate) peer: Text,
    pub(crate) protocol: Option<Text>,
    pub(crate) port: Option<Text>,
    pub(crate) policy: Option<Text>,
    pub(crate) unchecked: Option<Unchecked>,
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
