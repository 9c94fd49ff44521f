//! JD Cloud (docs/cloud.md §2, §3, §4).

use super::{Disjoint, GroupModel, InternetAccess, Local, PeeringKind, Provider, VpcBlocks, from_first, from_last};
use crate::cloud::{Call, Code, Policy, ResourceKind as Kind};

/// JD Cloud.
pub static JDCLOUD: Provider = Provider {
    name: "jdcloud",
    regions: &["cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"],
    peering: PeeringKind::VpcPeerings,
    gateway: |subnet| from_first(subnet, 1),
    reserved: |subnet| [from_first(subnet, 0), from_first(subnet, 1), from_first(subnet, 2), from_last(subnet, 0)],
    local: Local::WholeVpc,
    vpc_blocks: VpcBlocks::Private,
    vpc_prefix: 16..=28,
    subnet_prefix: 16..=28,
    internet: InternetAccess::ByEntry,
    default_route: true,
    entries_per_table: 50,
    entry_priority: Some(100),
    services: None,
    peerings_per_vpc: 10,
    disjoint: Disjoint::WholeVpcs,
    groups: GroupModel {
        inner_access_set: false,
        group_peers: false,
        inner_access: Policy::Drop,
        rules: 200,
        per_instance: 5,
    },
    id_prefix,
    id_fault,
    not_found,
    spelling,
};

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
