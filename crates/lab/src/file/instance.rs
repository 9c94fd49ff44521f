//! `[instance.NAME]`.

use super::common::Unchecked;
use crate::error::Span;
use crate::message::Message;
use crate::reader::{Faults, Table, Text, Written};

pub(crate) struct InstanceTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) subnet: Text,
    pub(crate) id: Option<Text>,
    pub(crate) ip: Option<Text>,
    pub(crate) public_ip: Option<Text>,
    pub(crate) security_groups: Vec<Text>,
    pub(crate) forwards: Option<Written<bool>>,
    pub(crate) masquerade: Option<Written<bool>>,
    pub(crate) state: Option<Text>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl InstanceTable {
    pub(super) fn read(name: &Text, mut table: Table, faults: &mut Faults) -> Option<Self> {
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
