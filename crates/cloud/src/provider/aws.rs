//! AWS (docs/cloud.md §15).

use std::net::Ipv4Addr;
use std::time::Duration;

use ipnet::Ipv4Net;

use super::Place::{FromFirst, FromLast};
use super::messages::Said;
use super::{
    AccountIds, AclModel, Codes, Derived, Disjoint, GroupModel, Ids, InternetAccess, Layer, Local, Provider,
    RouteStates, SecondaryPolicy, VpcBlocks, Zones,
};
use crate::message::Message;
use crate::msg;
use crate::{
    AtVpcDeletion, BetweenRegions, ConnectionLimits, ConnectionSide, ConnectionStatus, EntriesAtDelete, Family, Fault,
    OnePerPair, PeerOfRequest, Policy, Quota, Requests, ResourceKind as Kind, RouteOrder, Starter, VpcLimits,
};

/// AWS.
pub static AWS: Provider = Provider {
    name: "aws",
    also_called: &["amazon", "amazonaws", "amazonwebservices", "ec2", "亚马逊", "亚马逊云"],
    regions: &REGIONS,
    families: &[Family::Requests(Requests {
        status,
        own_must_accept: true,
        disjoint: Disjoint::WholeVpcs,
        overlap_fails: true,
        one_per_pair: OnePerPair::AtAcceptance,
        excludes: &[],
        expires_after: Duration::from_secs(7 * 86_400),
        may_delete: |status, side| match status {
            ConnectionStatus::Active => true,
            ConnectionStatus::Pending => side == ConnectionSide::Requester,
            _ => false,
        },
        one_change: false,
        entries: EntriesAtDelete::Stay,
        takes_routes: |status| matches!(status, ConnectionStatus::Pending | ConnectionStatus::Active),
        between_regions: BetweenRegions::Free,
        peer: PeerOfRequest::Callers,
        limits: ConnectionLimits::ByState { active_per_vpc: 50, outstanding: 25 },
        at_vpc_deletion: AtVpcDeletion::Deleted,
        starter: Starter { english: include_str!("aws.toml"), chinese: include_str!("aws.zh.toml") },
    })],
    accounts: AccountIds {
        digits: 12,
        is_well: |id| id.len() == 12 && id.bytes().all(|digit| digit.is_ascii_digit()),
        hint: || msg!(Said::OfTwelveDigits),
    },
    gateway: FromFirst(1),
    reserved: &[FromFirst(0), FromFirst(1), FromFirst(2), FromFirst(3), FromLast(0)],
    local: Local::WholeVpc,
    route_order: RouteOrder::LongestPrefix,
    vpc_blocks: VpcBlocks::Any {
        but: &[block(169, 254, 0, 16), block(127, 0, 0, 8), block(224, 0, 0, 4), block(0, 0, 0, 8)],
    },
    vpc_prefix: 16..=28,
    secondary_blocks: Some(SecondaryPolicy { most: 4, one_private_range: true }),
    subnet_prefix: 16..=28,
    mtu: 9001,
    mtu_between_regions: Some(8500),
    internet: InternetAccess::ByGateway,
    gateways: true,
    nat_gateways: true,
    zones: Zones::Letters,
    snat_entries: false,
    default_vpc: Some(block(172, 31, 0, 16)),
    vpc_limits: Some(VpcLimits { per_region: 5, subnets: 200, route_tables: 200 }),
    raises: &RAISES,
    default_route: false,
    entries_per_table: 500,
    entry_priorities: None,
    hops_per_entry: 1,
    explicit_associations: true,
    routes_outlive_hops: true,
    route_states: Some(RouteStates { active: "active", nowhere: "blackhole" }),
    hides_others: true,
    clears_host_bits: true,
    services: Some(block(169, 254, 168, 22)),
    layers: &[
        Layer::SecurityGroups(GroupModel {
            inner_access_set: false,
            group_peers: true,
            inner_access: Policy::Drop,
            rules: 60,
            rules_per_direction: true,
            per_instance: 5,
            priorities: None,
            ordered: false,
            default_lets_out: true,
            new_lets_out: true,
            refuses_duplicates: true,
            own_source: true,
            peers_joined: true,
            named_by_account: false,
            reserved_name: Some("default"),
            unmatched_egress: Policy::Drop,
            unmatched_ingress: Policy::Drop,
            default_group: &[],
            default_from_members: true,
        }),
        Layer::NetworkAcls(AclModel { new: Policy::Drop, numbers: 1..=32_766, entries: 20, default_entry: Some(100) }),
    ],
    ids: Ids { prefix: id_prefix, fault: id_fault, derived: Derived { alphabet: b"0123456789abcdef", length: 17 } },
    codes: Codes { usual: code, by_operation: &BY_OPERATION },
};

/// To which each limit can be raised; as far as any is published.
const RAISES: [(Quota, usize); 7] = [
    (Quota::VpcsPerRegion, 1_000),
    (Quota::SubnetsPerVpc, 1_000),
    (Quota::RouteTablesPerVpc, 1_000),
    (Quota::RoutesPerTable, 1_000),
    (Quota::PeeringsPerVpc, 125),
    (Quota::RulesPerSecurityGroup, 1_000),
    (Quota::RulesPerNetworkAcl, 40),
];

const fn block(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

fn status(status: ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Creating => "initiating-request",
        ConnectionStatus::Failed => "failed",
        ConnectionStatus::Pending => "pending-acceptance",
        ConnectionStatus::Updating => "provisioning",
        ConnectionStatus::Active => "active",
        ConnectionStatus::Rejected => "rejected",
        ConnectionStatus::Expired => "expired",
        ConnectionStatus::Deleting => "deleting",
        ConnectionStatus::Deleted => "deleted",
    }
}

/// As listed in the EC2 user guide.
const REGIONS: [&str; 33] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
];

fn id_prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "vpc-",
        Kind::Router => "vrt-",
        Kind::Subnet => "subnet-",
        Kind::RouteTable => "rtb-",
        Kind::SecurityGroup => "sg-",
        Kind::NetworkAcl => "acl-",
        Kind::Instance => "i-",
        Kind::NatGateway => "nat-",
        Kind::Gateway => "igw-",
        Kind::RouterInterface | Kind::VpcPeering | Kind::PeeringConnection | Kind::Compound => "pcx-",
        Kind::Account => "",
    }
}

/// 8 or 17 hexadecimal digits. A VPC's router has no id of its own there, so any letters and digits will do.
fn id_fault(kind: Kind, id: &str) -> Option<Message> {
    let prefix = id_prefix(kind);
    let rest = id.strip_prefix(prefix).unwrap_or_default();
    let hex = rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let well = match kind {
        Kind::Router => super::is_alphanumeric(rest),
        _ => hex && matches!(rest.len(), 8 | 17),
    };
    (!well).then(|| msg!(Said::OfHexDigits { prefix }))
}

const RANGE_OF_VPC: &str = "InvalidVpc.Range";
const PARAMETER: &str = "InvalidParameterValue";

/// The reference lists codes by resource; these depend on the operation.
const BY_OPERATION: [(&str, Fault, &str); 19] = [
    ("create-vpc", Fault::InvalidCidr, RANGE_OF_VPC),
    ("add-cidr", Fault::InvalidCidr, RANGE_OF_VPC),
    ("add-cidr", Fault::OverlappedCidr, "CidrConflict"),
    ("add-cidr", Fault::QuotaExceeded, "CidrLimitExceeded"),
    ("create-subnet", Fault::InvalidCidr, "InvalidSubnet.Range"),
    ("create-vpc", Fault::QuotaExceeded, "VpcLimitExceeded"),
    ("create-subnet", Fault::QuotaExceeded, "SubnetLimitExceeded"),
    ("create-route-table", Fault::QuotaExceeded, "RouteTableLimitExceeded"),
    ("create-nat-gateway", Fault::QuotaExceeded, "InsufficientFreeAddressesInSubnet"),
    ("create-route-entry", Fault::QuotaExceeded, "RouteLimitExceeded"),
    ("associate-public-ip", Fault::QuotaExceeded, "AddressLimitExceeded"),
    ("create-instance", Fault::QuotaExceeded, "InsufficientFreeAddressesInSubnet"),
    ("create-security-group", Fault::AlreadyExists, "InvalidGroup.Duplicate"),
    ("delete-security-group", Fault::DefaultResource, "CannotDelete"),
    ("delete-route-table", Fault::DefaultResource, "DependencyViolation"),
    ("delete-network-acl", Fault::DefaultResource, PARAMETER),
    ("unassociate-network-acl", Fault::DefaultResource, PARAMETER),
    ("create-network-acl-entry", Fault::InvalidPortRange, PARAMETER),
    ("create-network-acl-entry", Fault::InvalidProtocol, PARAMETER),
];

fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::NotFound(Kind::Vpc | Kind::Router) => "InvalidVpcID.NotFound",
        Fault::NotFound(Kind::Subnet) => "InvalidSubnetID.NotFound",
        Fault::NotFound(Kind::RouteTable) => "InvalidRouteTableID.NotFound",
        Fault::NotFound(Kind::SecurityGroup) | Fault::SourceGroupNotFound | Fault::MembershipNotFound => {
            "InvalidGroup.NotFound"
        }
        Fault::NotFound(Kind::NetworkAcl) => "InvalidNetworkAclID.NotFound",
        Fault::NotFound(Kind::NatGateway) => "NatGatewayNotFound",
        Fault::NotFound(Kind::Gateway) => "InvalidInternetGatewayID.NotFound",
        Fault::InstanceStatus => "IncorrectInstanceState",
        Fault::NoGateway => "Gateway.NotAttached",
        Fault::NotFound(Kind::Instance) => "InvalidInstanceID.NotFound",
        Fault::NotFound(Kind::PeeringConnection | Kind::RouterInterface | Kind::VpcPeering | Kind::Compound) => {
            "InvalidVpcPeeringConnectionID.NotFound"
        }
        Fault::DuplicatePrivateIp => "InvalidIPAddress.InUse",
        Fault::DuplicatePublicIp | Fault::AlreadyAssociated | Fault::HasPublicIp => "Resource.AlreadyAssociated",
        Fault::DuplicateDestination => "RouteAlreadyExists",
        Fault::OverlappedCidr => "InvalidSubnet.Conflict",
        Fault::BlockNotFound => "InvalidVpcCidrBlockAssociationID.NotFound",
        Fault::RouteEntryNotFound => "InvalidRoute.NotFound",
        Fault::AssociationNotFound | Fault::NoPublicIp => "InvalidAssociationID.NotFound",
        Fault::NoPermission | Fault::DefaultResource => "OperationNotPermitted",
        Fault::ConnectionStatus => "InvalidStateTransition",
        Fault::ConnectionExists => "VpcPeeringConnectionAlreadyExists",
        Fault::OutstandingRequests => "OutstandingVpcPeeringConnectionLimitExceeded",
        Fault::ActiveConnections => "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
        Fault::InvalidBandwidth | Fault::BandwidthInRegion | Fault::BandwidthQuota => "UnsupportedOperation",
        Fault::InvalidProtocol | Fault::InvalidPortRange => "InvalidPermission.Malformed",
        Fault::DuplicateRule => "InvalidPermission.Duplicate",
        Fault::RuleNotFound => "InvalidPermission.NotFound",
        Fault::RuleLimit => "RulesPerSecurityGroupLimitExceeded",
        Fault::GroupsOfInstance => "SecurityGroupsPerInterfaceLimitExceeded",
        Fault::ReservedGroupName => "InvalidGroup.Reserved",
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
        | Fault::InUseByNetworkAcl => "DependencyViolation",
        Fault::InvalidCidr
        | Fault::MalformedCidr
        | Fault::InvalidRegion
        | Fault::InvalidPrivateIp
        | Fault::InvalidPublicIp
        | Fault::NextHopNotFound
        | Fault::NextHopType
        | Fault::VpcMismatch
        | Fault::InstanceMismatch
        | Fault::InvalidPeerVpc
        | Fault::InvalidPriority
        | Fault::InvalidPolicy
        | Fault::InvalidDirection
        | Fault::AlreadyMember
        | Fault::GatewayExists
        | Fault::InvalidZone
        | Fault::InvalidMtu
        | Fault::InvalidFlag
        | Fault::InvalidTime
        | Fault::InvalidLatency
        | Fault::OwnGroup => PARAMETER,
        fault => fault.common(),
    }
}
