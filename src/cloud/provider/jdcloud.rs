//! JD Cloud (docs/cloud.md §2, §3, §4).

use super::Place::{FromFirst, FromLast};
use super::{
    AccountIds, Derived, Disjoint, GroupModel, Ids, InternetAccess, Layer, Local, Priorities, Provider, VpcBlocks,
};
use crate::cloud::RuleProtocol::{Icmp, Tcp};
use crate::cloud::{Call, Code, Family, Halves, Policy, ResourceKind as Kind, RouteOrder, Starter, VpcPeeringStatus};

/// JD Cloud.
pub static JDCLOUD: Provider = Provider {
    name: "jdcloud",
    regions: &["cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"],
    families: &[Family::Halves(Halves {
        status,
        disjoint: Disjoint::WholeVpcs,
        per_vpc: 10,
        starter: Starter { english: include_str!("jdcloud.toml"), chinese: include_str!("jdcloud.zh.toml") },
    })],
    accounts: AccountIds::FREE,
    gateway: FromFirst(1),
    reserved: &[FromFirst(0), FromFirst(1), FromFirst(2), FromLast(0)],
    local: Local::WholeVpc,
    route_order: RouteOrder::LocalFirst,
    vpc_blocks: VpcBlocks::Private,
    vpc_prefix: 16..=28,
    subnet_prefix: 16..=28,
    internet: InternetAccess::ByEntry,
    default_route: true,
    entries_per_table: 50,
    entry_priorities: Some(Priorities { default: 100, all: 1..=255 }),
    services: None,
    layers: &[Layer::SecurityGroups(GroupModel {
        inner_access_set: false,
        group_peers: false,
        inner_access: Policy::Drop,
        rules: 200,
        per_instance: 5,
        priorities: Priorities { default: 1, all: 1..=100 },
        unmatched_egress: Policy::Accept,
        unmatched_ingress: Policy::Drop,
        default_group: &[(Icmp, None), (Tcp, Some(22)), (Tcp, Some(3389))],
    })],
    ids: Ids { prefix: id_prefix, fault: id_fault, derived: Derived::BASE_36 },
    not_found,
    spelling,
};

fn status(status: VpcPeeringStatus) -> &'static str {
    match status {
        VpcPeeringStatus::Initiated => "Initiated",
        VpcPeeringStatus::Connected => "Connected",
        VpcPeeringStatus::Disconnected => "Disconnected",
        VpcPeeringStatus::Deleted => "Deleted",
    }
}

fn id_prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "vpc-",
        Kind::Router => "vrt-",
        Kind::Subnet => "subnet-",
        Kind::RouteTable => "rtb-",
        Kind::SecurityGroup => "sg-",
        Kind::Instance => "i-",
        Kind::RouterInterface | Kind::VpcPeering | Kind::Compound => "vpcpr-",
        Kind::Account => "",
    }
}

/// The tutorial's ids are invented, so any form is accepted.
fn id_fault(_: Kind, id: &str) -> Option<String> {
    let well = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (!well).then(|| "write 1 to 64 letters, digits, - and _, as in vpc-m5e1".into())
}

fn not_found(kind: Kind) -> Code {
    match kind {
        Kind::Account => Code::ACCOUNT_NOT_FOUND,
        Kind::RouteTable => Code::ROUTE_TABLE_NOT_FOUND,
        Kind::SecurityGroup => Code::SECURITY_GROUP_NOT_FOUND,
        _ => Code::NOT_FOUND,
    }
}

/// Its reference has HTTP statuses and few names: 409 for duplicates, 429 for quotas.
fn spelling(call: &Call, code: Code) -> Code {
    match (call, code) {
        (_, Code::ALREADY_MEMBER) => Code::ALREADY_EXISTS,
        (_, Code::GROUPS_OF_INSTANCE) => Code::QUOTA_EXCEEDED,
        (Call::DeleteVpc(_) | Call::DeleteSubnet(_) | Call::DeleteRouteTable(_), code)
            if code.is(Code::DEPENDENCY.0) =>
        {
            Code::DEPENDENCY
        }
        _ => code,
    }
}
