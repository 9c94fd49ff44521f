//! JD Cloud (docs/cloud.md §2, §3, §4).

use super::Place::{FromFirst, FromLast};
use super::messages::Said;
use super::{
    AccountIds, AclModel, Codes, Derived, Disjoint, GroupModel, Ids, InternetAccess, Layer, Local, Priorities,
    Provider, VpcBlocks, Zones,
};
use crate::RuleProtocol::{Icmp, Tcp};
use crate::message::Message;
use crate::msg;
use crate::{Family, Fault, Halves, Policy, ResourceKind as Kind, RouteOrder, Starter, VpcPeeringStatus};

/// JD Cloud.
pub static JDCLOUD: Provider = Provider {
    name: "jdcloud",
    also_called: &["jd", "jdc", "jcloud", "jingdong", "京东", "京东云"],
    regions: &["cn-north-1", "cn-east-1", "cn-east-2", "cn-south-1"],
    families: &[Family::Halves(Halves {
        status,
        disjoint: Disjoint::WholeVpcs,
        one_region: true,
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
    secondary_blocks: None,
    subnet_prefix: 16..=28,
    internet: InternetAccess::ByEntry,
    gateways: false,
    nat_gateways: true,
    zones: Zones::Letters,
    snat_entries: true,
    default_vpc: None,
    vpc_limits: None,
    raises: &[],
    default_route: true,
    entries_per_table: 50,
    entry_priorities: Some(Priorities { default: 100, all: 1..=255 }),
    hops_per_entry: usize::MAX,
    explicit_associations: false,
    routes_outlive_hops: false,
    route_states: None,
    hides_others: false,
    clears_host_bits: false,
    services: None,
    mtu: 1500,
    mtu_between_regions: None,
    layers: &[
        Layer::SecurityGroups(GroupModel {
            inner_access_set: false,
            group_peers: false,
            inner_access: Policy::Drop,
            rules: 200,
            per_instance: 5,
            priorities: Some(Priorities { default: 1, all: 1..=100 }),
            rules_per_direction: false,
            ordered: false,
            default_lets_out: false,
            new_lets_out: false,
            refuses_duplicates: false,
            own_source: false,
            peers_joined: false,
            named_by_account: true,
            reserved_name: None,
            default_from_members: false,
            unmatched_egress: Policy::Accept,
            unmatched_ingress: Policy::Drop,
            default_group: &[(Icmp, None), (Tcp, Some(22)), (Tcp, Some(3389))],
        }),
        Layer::NetworkAcls(AclModel { new: Policy::Drop, numbers: 1..=32766, entries: 20, default_entry: None }),
    ],
    ids: Ids { prefix: id_prefix, fault: id_fault, derived: Derived::BASE_36 },
    codes: Codes { usual: code, by_operation: &BY_OPERATION },
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
        Kind::NetworkAcl => "acl-",
        Kind::Instance => "i-",
        Kind::NatGateway => "natgw-",
        Kind::Gateway => "gw-",
        Kind::RouterInterface | Kind::VpcPeering | Kind::PeeringConnection | Kind::Compound => "vpcpr-",
        Kind::Account => "",
    }
}

/// The tutorial's ids are invented, so any form is accepted.
fn id_fault(_: Kind, id: &str) -> Option<Message> {
    let well = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (!well).then(|| msg!(Said::Free))
}

/// Its code for a resource that is not empty.
const IN_USE: &str = "DependencyViolation";

const BY_OPERATION: [(&str, Fault, &str); 11] = [
    ("delete-vpc", Fault::InUseByRouteEntry, IN_USE),
    ("delete-vpc", Fault::InUseByInstance, IN_USE),
    ("delete-vpc", Fault::InUseBySubnet, IN_USE),
    ("delete-vpc", Fault::InUseByRouteTable, IN_USE),
    ("delete-vpc", Fault::InUseByPeering, IN_USE),
    ("delete-vpc", Fault::InUseBySecurityGroup, IN_USE),
    ("delete-vpc", Fault::InUseByNetworkAcl, IN_USE),
    ("delete-vpc", Fault::InUseByNatGateway, IN_USE),
    ("delete-subnet", Fault::InUseByNatGateway, IN_USE),
    ("delete-subnet", Fault::InUseByInstance, IN_USE),
    ("delete-route-table", Fault::InUseBySubnet, IN_USE),
];

/// Its reference has statuses and few names: 409 for what exists already, 429 for a quota.
fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::AlreadyMember => Fault::AlreadyExists.common(),
        Fault::GroupsOfInstance => Fault::QuotaExceeded.common(),
        fault => fault.common(),
    }
}
