//! Alibaba Cloud (docs/cloud.md §1, §3, §4).

use std::net::Ipv4Addr;
use std::time::Duration;

use ipnet::Ipv4Net;

use super::Place::{FromFirst, FromLast};
use super::messages::Said;
use super::{
    AccountIds, AclModel, Codes, Derived, Disjoint, GroupModel, Ids, InternetAccess, Layer, Local, Priorities,
    Provider, SecondaryPolicy, VpcBlocks, Zones,
};
use crate::RuleProtocol::{Icmp, Tcp};
use crate::message::Message;
use crate::msg;
use crate::{
    AtVpcDeletion, Bandwidth, BetweenRegions, ConnectionLimits, ConnectionStatus, Ends, EntriesAtDelete, Family, Fault,
    OnePerPair, PeerOfRequest, PeeringKind, Policy, Requests, ResourceKind as Kind, RouteOrder, Spec, Starter, Status,
};

const fn block(a: u8, b: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, 0, 0), prefix)
}

const SERVICES: Ipv4Net = block(100, 64, 10);

/// Blocks that no VPC may overlap.
const NO_VPC: [Ipv4Net; 5] = [SERVICES, block(224, 0, 4), block(127, 0, 8), block(169, 254, 16), block(0, 0, 8)];

/// Alibaba Cloud.
pub static ALIBABA: Provider = Provider {
    name: "alibaba",
    also_called: &["ali", "aliyun", "alicloud", "alibabacloud", "阿里", "阿里云"],
    regions: &REGIONS,
    families: &[
        Family::Ends(Ends {
            status,
            specs: &SPECS,
            disjoint: Disjoint::Subnets,
            per_vpc: 5,
            starter: Starter { english: include_str!("alibaba.toml"), chinese: include_str!("alibaba.zh.toml") },
        }),
        Family::Requests(Requests {
            status: status_of_connection,
            own_must_accept: false,
            disjoint: Disjoint::Nothing,
            overlap_fails: false,
            one_per_pair: OnePerPair::AtRequest,
            excludes: &[PeeringKind::RouterInterfaces],
            expires_after: Duration::from_secs(7 * 86_400),
            may_delete: |status, _| {
                use ConnectionStatus::{Active, Expired, Pending, Rejected};
                matches!(status, Pending | Active | Rejected | Expired)
            },
            one_change: true,
            entries: EntriesAtDelete::Forced,
            takes_routes: |status| status == ConnectionStatus::Active,
            between_regions: BetweenRegions::Set { default: Bandwidth(1_024_000_000), most: Bandwidth(1_024_000_000) },
            peer: PeerOfRequest::LookedUp,
            limits: ConnectionLimits::ByRegion { per_vpc_in_region: 10, per_vpc_across: 20, per_account: 20 },
            at_vpc_deletion: AtVpcDeletion::Prevents,
            starter: Starter {
                english: include_str!("alibaba-connection.toml"),
                chinese: include_str!("alibaba-connection.zh.toml"),
            },
        }),
    ],
    accounts: AccountIds::FREE,
    gateway: FromLast(2),
    reserved: &[FromFirst(0), FromLast(2), FromLast(1), FromLast(0)],
    local: Local::Subnets,
    route_order: RouteOrder::LocalFirst,
    vpc_blocks: VpcBlocks::Any { but: &NO_VPC },
    vpc_prefix: 8..=28,
    secondary_blocks: Some(SecondaryPolicy { most: 5, one_private_range: false }),
    subnet_prefix: 16..=29,
    internet: InternetAccess::ByAddress,
    gateways: true,
    nat_gateways: true,
    zones: Zones::Letters,
    snat_entries: true,
    default_vpc: None,
    vpc_limits: None,
    raises: &[],
    default_route: false,
    entries_per_table: 200,
    entry_priorities: None,
    hops_per_entry: usize::MAX,
    explicit_associations: false,
    routes_outlive_hops: false,
    route_states: None,
    hides_others: false,
    clears_host_bits: false,
    services: Some(SERVICES),
    mtu: 1500,
    mtu_between_regions: None,
    layers: &[
        Layer::SecurityGroups(GroupModel {
            inner_access_set: true,
            group_peers: true,
            inner_access: Policy::Accept,
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
        Layer::NetworkAcls(AclModel { new: Policy::Accept, numbers: 1..=32766, entries: 20, default_entry: None }),
    ],
    ids: Ids { prefix: id_prefix, fault: id_fault, derived: Derived::BASE_36 },
    codes: Codes { usual: code, by_operation: &BY_OPERATION },
};

/// The bandwidth classes of an initiator, the narrowest first.
const SPECS: [Spec; 12] = [
    spec("Mini.2", 2),
    spec("Mini.5", 5),
    spec("Small.1", 10),
    spec("Small.2", 20),
    spec("Small.5", 50),
    spec("Middle.1", 100),
    spec("Middle.2", 200),
    spec("Middle.5", 500),
    spec("Large.1", 1_000),
    spec("Large.2", 2_000),
    spec("Large.5", 5_000),
    spec("Xlarge.1", 10_000),
];

const fn spec(name: &'static str, mbit: u64) -> Spec {
    Spec { name, bandwidth: Bandwidth(mbit * 1_000_000) }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Idle => "Idle",
        Status::Connecting => "Connecting",
        Status::AcceptingConnecting => "AcceptingConnecting",
        Status::Activating => "Activating",
        Status::Active => "Active",
        Status::Deactivating => "Deactivating",
        Status::Inactive => "Inactive",
        Status::Deleting => "Deleting",
    }
}

fn status_of_connection(status: ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Creating => "Creating",
        ConnectionStatus::Failed => "Failed",
        ConnectionStatus::Pending => "Accepting",
        ConnectionStatus::Updating => "Updating",
        ConnectionStatus::Active => "Activated",
        ConnectionStatus::Rejected => "Rejected",
        ConnectionStatus::Expired => "Expired",
        ConnectionStatus::Deleting => "Deleting",
        ConnectionStatus::Deleted => "Deleted",
    }
}

/// As listed by DescribeRegions: mainland, elsewhere, and finance and government.
const REGIONS: [&str; 39] = [
    "cn-hangzhou",
    "cn-shanghai",
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-nanjing",
    "cn-fuzhou",
    "cn-wuhan-lr",
    "cn-zhengzhou-jva",
    "cn-hongkong",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-southeast-8",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "us-east-1",
    "us-west-1",
    "us-southeast-1",
    "na-south-1",
    "eu-central-1",
    "eu-west-1",
    "me-east-1",
    "me-central-1",
    "cn-hangzhou-finance",
    "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1",
    "cn-beijing-finance-1",
    "cn-north-2-gov-1",
];

fn id_prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "vpc-",
        Kind::Router => "vrt-",
        Kind::Subnet => "vsw-",
        Kind::RouteTable => "vtb-",
        Kind::SecurityGroup => "sg-",
        Kind::NetworkAcl => "nacl-",
        Kind::Instance => "i-",
        Kind::NatGateway => "ngw-",
        Kind::Gateway => "ipv4gw-",
        Kind::RouterInterface | Kind::VpcPeering | Kind::Compound => "ri-",
        Kind::PeeringConnection => "pcc-",
        Kind::Account => "",
    }
}

fn id_fault(kind: Kind, id: &str) -> Option<Message> {
    let prefix = id_prefix(kind);
    let well = id.strip_prefix(prefix).is_some_and(super::is_alphanumeric);
    (!well).then(|| msg!(Said::WithPrefix { prefix }))
}

/// The reference lists codes by operation, with different spellings.
const BY_OPERATION: [(&str, Fault, &str); 5] = [
    ("create-route-entry", Fault::NotFound(Kind::PeeringConnection), "ResourceNotFound.VpcPeer"),
    ("delete-router-interface", Fault::NotFound(Kind::RouterInterface), "InvalidInstanceId.NotFound"),
    ("delete-subnet", Fault::NotFound(Kind::Subnet), "InvalidVswitchID.NotFound"),
    ("associate-route-table", Fault::NotFound(Kind::Subnet), "InvalidVswitchID.NotFound"),
    ("unassociate-route-table", Fault::NotFound(Kind::Subnet), "InvalidVswitchID.NotFound"),
];

fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::NotFound(Kind::Vpc | Kind::Router) => "InvalidVpcId.NotFound",
        Fault::NotFound(Kind::Subnet) => "InvalidVSwitchId.NotFound",
        Fault::NotFound(Kind::NetworkAcl) => "InvalidNetworkAcl.NotFound",
        Fault::NotFound(Kind::Instance) => "InvalidInstanceId.NotFound",
        Fault::NotFound(Kind::RouterInterface | Kind::VpcPeering | Kind::Compound) => {
            "InvalidRouterInterfaceId.NotFound"
        }
        fault => fault.common(),
    }
}
