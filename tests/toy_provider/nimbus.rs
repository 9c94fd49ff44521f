//! Nimbus, a fictional cloud: a provider of known families needs only this value.

use std::net::Ipv4Addr;
use std::time::Duration;

use ipnet::Ipv4Net;
use peerlab::cloud::Place::{FromFirst, FromLast};
use peerlab::cloud::ResourceKind as Kind;
use peerlab::cloud::{
    AccountIds, AtVpcDeletion, Bandwidth, BetweenRegions, Codes, ConnectionLimits, ConnectionSide, ConnectionStatus,
    Derived, Disjoint, Ends, EntriesAtDelete, Family, Fault, GroupModel, Halves, Ids, InternetAccess, Layer, Local,
    OnePerPair, PeerOfRequest, Policy, Priorities, Provider, Requests, RouteOrder, RuleProtocol, Spec, Starter, Status,
    VpcBlocks, VpcPeeringStatus, Zones,
};
use peerlab::{messages, msg};

messages! {
    /// How nimbus writes ids.
    pub enum Said in "nimbus" {
        AccountId en "an account id of nimbus is 12 digits" zh "nimbus的账号ID为12位数字";
        Id en "write a prefix and 8 hexadecimal digits" zh "请写前缀加8位十六进制数字";
    }
}

const fn block(a: u8, b: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, 0, 0), prefix)
}

pub static NIMBUS: Provider = Provider {
    name: "nimbus",
    also_called: &[],
    regions: &["north-pole", "south-pole"],
    families: &[
        Family::Halves(Halves {
            status: half,
            disjoint: Disjoint::WholeVpcs,
            one_region: false,
            per_vpc: 2,
            starter: Starter { english: "", chinese: "" },
        }),
        Family::Ends(Ends {
            status: end,
            specs: &[
                Spec { name: "slow", bandwidth: Bandwidth(1_000_000) },
                Spec { name: "fast", bandwidth: Bandwidth(9_000_000) },
            ],
            disjoint: Disjoint::Subnets,
            per_vpc: 1,
            starter: Starter { english: "", chinese: "" },
        }),
        // As AWS has it: everybody must accept, an overlap fails, entries stay.
        Family::Requests(Requests {
            status: connection,
            own_must_accept: true,
            disjoint: Disjoint::WholeVpcs,
            overlap_fails: true,
            one_per_pair: OnePerPair::AtAcceptance,
            one_change: false,
            excludes: &[],
            expires_after: Duration::from_secs(2 * 86_400),
            may_delete: |status, side| match status {
                ConnectionStatus::Active => true,
                ConnectionStatus::Pending => side == ConnectionSide::Requester,
                _ => false,
            },
            entries: EntriesAtDelete::Stay,
            takes_routes: |status| matches!(status, ConnectionStatus::Pending | ConnectionStatus::Active),
            between_regions: BetweenRegions::Free,
            peer: PeerOfRequest::LookedUp,
            limits: ConnectionLimits::ByRegion { per_vpc_in_region: 1, per_vpc_across: 2, per_account: 3 },
            at_vpc_deletion: AtVpcDeletion::Prevents,
            starter: Starter { english: "", chinese: "" },
        }),
    ],
    accounts: AccountIds {
        digits: 12,
        is_well: |id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()),
        hint: || msg!(Said::AccountId),
    },
    gateway: FromFirst(1),
    reserved: &[FromFirst(0), FromFirst(1), FromFirst(2), FromFirst(3), FromLast(0)],
    local: Local::WholeVpc,
    route_order: RouteOrder::LocalFirst,
    vpc_blocks: VpcBlocks::Any { but: &[block(169, 254, 16)] },
    vpc_prefix: 12..=20,
    secondary_blocks: None,
    subnet_prefix: 20..=26,
    internet: InternetAccess::ByEntry,
    gateways: false,
    nat_gateways: true,
    zones: Zones::Letters,
    snat_entries: false,
    default_vpc: None,
    vpc_limits: None,
    raises: &[],
    default_route: false,
    entries_per_table: 3,
    entry_priorities: Some(Priorities { default: 5, all: 1..=9 }),
    hops_per_entry: usize::MAX,
    explicit_associations: false,
    routes_outlive_hops: false,
    route_states: None,
    hides_others: false,
    clears_host_bits: false,
    services: None,
    mtu: 1500,
    mtu_between_regions: Some(1400),
    layers: &[Layer::SecurityGroups(GroupModel {
        inner_access_set: false,
        group_peers: false,
        inner_access: Policy::Drop,
        rules: 4,
        per_instance: 1,
        priorities: Some(Priorities { default: 50, all: 40..=60 }),
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
        unmatched_egress: Policy::Drop,
        unmatched_ingress: Policy::Drop,
        default_group: &[(RuleProtocol::Udp, Some(53))],
    })],
    ids: Ids {
        prefix: |kind| match kind {
            Kind::Account => "",
            Kind::Vpc => "net-",
            Kind::Router => "gate-",
            Kind::Subnet => "strip-",
            Kind::RouteTable => "map-",
            Kind::SecurityGroup => "fence-",
            Kind::NetworkAcl => "sieve-",
            Kind::NatGateway => "mask-",
            Kind::Gateway => "door-",
            Kind::Instance => "box-",
            Kind::RouterInterface | Kind::VpcPeering | Kind::Compound => "link-",
            Kind::PeeringConnection => "tie-",
        },
        fault: |_, id| (!id.contains('-')).then(|| msg!(Said::Id)),
        derived: Derived { alphabet: b"0123456789abcdef", length: 8 },
    },
    codes: Codes {
        usual: |fault| match fault {
            Fault::NotFound(_) => "Nimbus.Unknown",
            Fault::AlreadyExists => "Nimbus.Taken",
            Fault::QuotaExceeded => "Nimbus.Enough",
            Fault::InvalidCidr => "Nimbus.Block",
            Fault::InvalidPriority => "Nimbus.Rank",
            Fault::ConnectionStatus => "Nimbus.NotNow",
            fault => fault.common(),
        },
        by_operation: &[("delete-vpc-peering", Fault::NotFound(Kind::VpcPeering), "Nimbus.NoHalf")],
    },
};

fn connection(status: ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Creating => "knotting",
        ConnectionStatus::Failed => "torn",
        ConnectionStatus::Pending => "offered",
        ConnectionStatus::Updating => "tightening",
        ConnectionStatus::Active => "tied",
        ConnectionStatus::Rejected => "refused",
        ConnectionStatus::Expired => "stale",
        ConnectionStatus::Deleting => "untying",
        ConnectionStatus::Deleted => "untied",
    }
}

fn half(status: VpcPeeringStatus) -> &'static str {
    match status {
        VpcPeeringStatus::Initiated => "asked",
        VpcPeeringStatus::Connected => "joined",
        VpcPeeringStatus::Disconnected => "orphaned",
        VpcPeeringStatus::Deleted => "gone for good",
    }
}

fn end(status: Status) -> &'static str {
    match status {
        Status::Idle => "fresh",
        Status::Connecting => "dialling",
        Status::AcceptingConnecting => "answering",
        Status::Activating => "waking",
        Status::Active => "live",
        Status::Deactivating => "dozing",
        Status::Inactive => "asleep",
        Status::Deleting => "leaving",
    }
}
