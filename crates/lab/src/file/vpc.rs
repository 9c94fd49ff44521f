//! `[vpc.NAME]` and its subnets.

use super::common::good_name;
use super::route::RouteEntryTable;
use crate::broken::Broken;
use crate::cloud::ResourceKind;
use crate::error::Span;
use crate::message::Message;
use crate::reader::{Faults, Table, Text};

pub(crate) struct VpcTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) account: Option<Text>,
    pub(crate) region: Text,
    pub(crate) cidr: Text,
    pub(crate) secondary_cidrs: Vec<Text>,
    pub(crate) mtu: Option<Text>,
    pub(crate) id: Option<Text>,
    pub(crate) router_id: Option<Text>,
    pub(crate) routes: Vec<RouteEntryTable>,
    pub(crate) subnets: Vec<SubnetTable>,
}

impl VpcTable {
    pub(super) fn read(name: &Text, mut table: Table, broken: &mut Broken, faults: &mut Faults) -> Option<Self> {
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

pub(crate) struct SubnetTable {
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) cidr: Text,
    pub(crate) zone: Option<Text>,
    pub(crate) id: Option<Text>,
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
