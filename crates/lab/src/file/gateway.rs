//! `[nat_gateway.NAME]` and `[gateway.NAME]`.

use super::common::Unchecked;
use crate::error::Span;
use crate::message::Message;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text};

pub(crate) struct NatGatewayTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) subnet: Text,
    pub(crate) public_ip: Option<Text>,
    pub(crate) id: Option<Text>,
    pub(crate) snat: Vec<Text>,
    pub(crate) dnat: Vec<DnatTable>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl NatGatewayTable {
    pub(super) fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
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

pub(crate) struct DnatTable {
    pub(crate) span: Span,
    pub(crate) protocol: Text,
    pub(crate) port: Text,
    pub(crate) to: Text,
    pub(crate) to_port: Option<Text>,
    pub(crate) unchecked: Option<Unchecked>,
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

pub(crate) struct GatewayTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) vpc: Text,
    pub(crate) id: Option<Text>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl GatewayTable {
    pub(super) fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
        let vpc = table.required("vpc", msg!(Said::ExampleOfTablesVpc), faults);
        let id = table.text("id", faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(GatewayTable { name: name.clone(), span, vpc: vpc?, id, unchecked })
    }
}
