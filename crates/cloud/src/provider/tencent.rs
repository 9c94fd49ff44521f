//! Tencent Cloud (docs/cloud.md §16).

use std::time::Duration;

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
    AtVpcDeletion, Bandwidth, BetweenRegions, ConnectionLimits, ConnectionStatus, EntriesAtDelete, Family, Fault,
    OnePerPair, PeerOfRequest, Policy, Requests, ResourceKind as Kind, RouteOrder, Starter,
};

/// Tencent Cloud.
pub static TENCENT: Provider = Provider {
    name: "tencent",
    also_called: &["qcloud", "tencentcloud", "qq", "腾讯", "腾讯云"],
    regions: &REGIONS,
    families: &[Family::Requests(Requests {
        status,
        own_must_accept: false,
        disjoint: Disjoint::WithPeers,
        overlap_fails: false,
        one_per_pair: OnePerPair::AtRequest,
        excludes: &[],
        expires_after: Duration::from_secs(7 * 86_400),
        may_delete: |status, _| {
            use ConnectionStatus::{Active, Expired, Pending, Rejected};
            matches!(status, Pending | Active | Rejected | Expired)
        },
        one_change: false,
        entries: EntriesAtDelete::Stay,
        takes_routes: |status| matches!(status, ConnectionStatus::Pending | ConnectionStatus::Active),
        between_regions: BetweenRegions::OneOf { default: BANDWIDTHS[6], all: &BANDWIDTHS },
        peer: PeerOfRequest::LookedUp,
        limits: ConnectionLimits::ByVpc(10),
        at_vpc_deletion: AtVpcDeletion::Prevents,
        starter: Starter { english: include_str!("tencent.toml"), chinese: include_str!("tencent.zh.toml") },
    })],
    accounts: AccountIds {
        digits: 12,
        is_well: |id| (1..=20).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit()),
        hint: || msg!(Said::OfDigits),
    },
    gateway: FromFirst(1),
    reserved: &[FromFirst(0), FromFirst(1), FromLast(0)],
    local: Local::WholeVpc,
    route_order: RouteOrder::LocalFirst,
    zones: Zones::Numbers,
    vpc_blocks: VpcBlocks::Private,
    vpc_prefix: 12..=28,
    secondary_blocks: Some(SecondaryPolicy { most: 5, one_private_range: false }),
    subnet_prefix: 16..=28,
    mtu: 1500,
    mtu_between_regions: None,
    internet: InternetAccess::ByAddress,
    gateways: false,
    nat_gateways: false,
    snat_entries: false,
    default_vpc: None,
    vpc_limits: None,
    raises: &[],
    default_route: false,
    entries_per_table: 50,
    entry_priorities: None,
    hops_per_entry: 1,
    explicit_associations: false,
    routes_outlive_hops: false,
    route_states: None,
    hides_others: true,
    clears_host_bits: false,
    services: None,
    layers: &[
        Layer::SecurityGroups(GroupModel {
            inner_access_set: false,
            group_peers: true,
            inner_access: Policy::Drop,
            rules: 100,
            rules_per_direction: true,
            per_instance: 5,
            priorities: Some(Priorities { default: 1, all: 1..=100 }),
            ordered: true,
            new_lets_out: false,
            default_lets_out: true,
            refuses_duplicates: true,
            own_source: true,
            peers_joined: false,
            named_by_account: true,
            reserved_name: None,
            unmatched_egress: Policy::Drop,
            unmatched_ingress: Policy::Drop,
            default_group: &[(Icmp, None), (Tcp, Some(22)), (Tcp, Some(80)), (Tcp, Some(443)), (Tcp, Some(3389))],
            default_from_members: false,
        }),
        Layer::NetworkAcls(AclModel { new: Policy::Drop, numbers: 1..=100, entries: 20, default_entry: None }),
    ],
    ids: Ids {
        prefix: id_prefix,
        fault: id_fault,
        derived: Derived { alphabet: b"0123456789abcdefghijklmnopqrstuvwxyz", length: 8 },
    },
    codes: Codes { usual: code, by_operation: &BY_OPERATION },
};

/// The bandwidths between two regions that its console offers.
const BANDWIDTHS: [Bandwidth; 7] = [mbit(10), mbit(20), mbit(50), mbit(100), mbit(200), mbit(500), mbit(1_000)];

const fn mbit(number: u64) -> Bandwidth {
    Bandwidth(number * 1_000_000)
}

/// The names that its API shows; the states that pass are those of its console (docs/cloud.md §16).
fn status(status: ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Creating => "CREATING",
        ConnectionStatus::Failed => "FAILED",
        ConnectionStatus::Pending => "PENDING",
        ConnectionStatus::Updating => "MODIFYING",
        ConnectionStatus::Active => "ACTIVE",
        ConnectionStatus::Rejected => "REJECTED",
        ConnectionStatus::Expired => "EXPIRED",
        ConnectionStatus::Deleting => "DELETING",
        ConnectionStatus::Deleted => "DELETED",
    }
}

/// As its pages on regions list them.
const REGIONS: [&str; 19] = [
    "ap-guangzhou",
    "ap-shanghai",
    "ap-nanjing",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-hongkong",
    "ap-singapore",
    "ap-jakarta",
    "ap-seoul",
    "ap-tokyo",
    "ap-bangkok",
    "ap-mumbai",
    "na-siliconvalley",
    "na-ashburn",
    "sa-saopaulo",
    "eu-frankfurt",
    "ap-shenzhen-fsi",
    "ap-shanghai-fsi",
];

fn id_prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "vpc-",
        Kind::Router => "vrt-",
        Kind::Subnet => "subnet-",
        Kind::RouteTable => "rtb-",
        Kind::SecurityGroup => "sg-",
        Kind::NetworkAcl => "acl-",
        Kind::Instance => "ins-",
        Kind::NatGateway => "nat-",
        Kind::Gateway => "gw-",
        Kind::RouterInterface | Kind::VpcPeering | Kind::PeeringConnection | Kind::Compound => "pcx-",
        Kind::Account => "",
    }
}

fn id_fault(kind: Kind, id: &str) -> Option<Message> {
    let prefix = id_prefix(kind);
    let well = id.strip_prefix(prefix).is_some_and(super::is_alphanumeric);
    (!well).then(|| msg!(Said::WithPrefix { prefix }))
}

const CIDR_CONFLICT: &str = "InvalidParameterValue.VpcCidrConflict";

/// The reference lists codes by operation; these depend on it.
const BY_OPERATION: [(&str, Fault, &str); 7] = [
    ("create-subnet", Fault::InvalidCidr, "InvalidParameterValue.SubnetRange"),
    ("create-subnet", Fault::OverlappedCidr, "InvalidParameterValue.SubnetConflict"),
    ("create-route-entry", Fault::InvalidCidr, CIDR_CONFLICT),
    ("create-vpc-peering-connection", Fault::InvalidCidr, "UnsupportedOperation.VpcPeerCidrConflict"),
    ("delete-route-table", Fault::DefaultResource, "UnsupportedOperation.DelDefaultRoute"),
    ("delete-route-table", Fault::InUseBySubnet, "UnsupportedOperation.DelRouteWithSubnet"),
    ("create-instance", Fault::QuotaExceeded, "ResourceInsufficient.Subnet"),
];

fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::NotFound(Kind::Vpc | Kind::Router) => "InvalidVpcId.NotFound",
        Fault::NotFound(Kind::RouteTable) => "InvalidRouteTableId.NotFound",
        Fault::NotFound(Kind::SecurityGroup) | Fault::SourceGroupNotFound => "InvalidSecurityGroupID.NotFound",
        Fault::NotFound(Kind::Instance) => "InvalidInstanceId.NotFound",
        Fault::NotFound(_) | Fault::AcceptingVpc | Fault::AclEntryNotFound | Fault::RuleNotFound => "ResourceNotFound",
        Fault::RouteEntryNotFound => "InvalidRouteId.NotFound",
        Fault::NextHopNotFound | Fault::NextHopType => "InvalidParameterValue.RouteNextHopInvalid",
        Fault::DuplicateDestination => "UnsupportedOperation.EcmpWithUserRoute",
        Fault::AlreadyExists | Fault::AclEntryExists => "InvalidParameterValue.Duplicate",
        Fault::DefaultResource => "InvalidParameterValue.Reserved",
        Fault::QuotaExceeded | Fault::GroupsOfInstance | Fault::AclEntryLimit => "LimitExceeded",
        Fault::ActiveConnections => "LimitExceeded.VpcPeerAvaLimitExceeded",
        Fault::RuleLimit => "LimitExceeded.SecurityGroupPolicySet",
        Fault::MalformedCidr
        | Fault::InvalidProtocol
        | Fault::InvalidPortRange
        | Fault::InvalidPolicy
        | Fault::InvalidDirection => "InvalidParameterValue.Malformed",
        Fault::InvalidCidr | Fault::InvalidPriority | Fault::InvalidPrivateIp => "InvalidParameterValue.Range",
        Fault::OverlappedCidr => CIDR_CONFLICT,
        Fault::ConnectionExists => "UnsupportedOperation.VpcPeerAlreadyExist",
        Fault::ConnectionStatus => "UnsupportedOperation.VpcPeerInvalidStateChange",
        Fault::NoPermission => "UnsupportedOperation.VpcPeerPurviewError",
        Fault::InvalidBandwidth => "InvalidParameterValue.BandwidthOutOfRange",
        Fault::DuplicateRule => "UnsupportedOperation.DuplicatePolicy",
        Fault::AlreadyMember => "UnsupportedOperation.AttachmentAlreadyExists",
        Fault::MembershipNotFound | Fault::AssociationNotFound => "UnsupportedOperation.AttachmentNotFound",
        Fault::VpcMismatch | Fault::InstanceMismatch => "UnsupportedOperation.VpcMismatch",
        Fault::InstanceStatus => "UnsupportedOperation.InvalidInstanceState",
        Fault::HasPublicIp => "InvalidInstanceId.AlreadyBindEip",
        Fault::NoPublicIp => "UnsupportedOperation.UnbindEIP",
        Fault::DuplicatePrivateIp | Fault::DuplicatePublicIp => "ResourceInUse.Address",
        Fault::InUse
        | Fault::InUseByRouteEntry
        | Fault::PeeringInUseByRouteEntry
        | Fault::ConnectionInUseByRouteEntry
        | Fault::InUseByInstance
        | Fault::InUseByNatGateway
        | Fault::InUseByGateway
        | Fault::InUseBySubnet
        | Fault::InUseByRouteTable
        | Fault::InUseByPeering
        | Fault::InUseByConnection
        | Fault::InUseBySecurityGroup
        | Fault::InUseByNetworkAcl => "ResourceInUse",
        Fault::InvalidRegion
        | Fault::InvalidZone
        | Fault::InvalidPublicIp
        | Fault::InvalidPeerVpc
        | Fault::BlockNotFound
        | Fault::BandwidthInRegion
        | Fault::InvalidName
        | Fault::InvalidId
        | Fault::InvalidMtu
        | Fault::InvalidFlag
        | Fault::InvalidTime
        | Fault::InvalidLatency => "InvalidParameterValue",
        fault => fault.common(),
    }
}
