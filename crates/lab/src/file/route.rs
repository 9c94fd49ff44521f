//! `[route_table.NAME]`, and the entries of tables.

use super::common::Unchecked;
use crate::cloud::table::Example;
use crate::error::Span;
use crate::message::Message;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text};

pub(crate) struct RouteTableTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) vpc: Text,
    pub(crate) id: Option<Text>,
    pub(crate) subnets: Vec<Text>,
    pub(crate) routes: Vec<RouteEntryTable>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl RouteTableTable {
    pub(super) fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
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

pub(crate) struct RouteEntryTable {
    pub(crate) span: Span,
    pub(crate) to: Text,
    pub(crate) via: Vec<Text>,
    pub(crate) priority: Option<Text>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl RouteEntryTable {
    pub(super) fn read_all(table: &mut Table, faults: &mut Faults) -> Vec<Self> {
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
