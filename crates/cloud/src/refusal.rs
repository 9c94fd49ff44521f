//! Refusals of the cloud.

use std::fmt;

use super::ResourceKind;
use crate::message::Message;

/// The cloud refused an operation and changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub fault: Fault,
    /// The provider's error code for it.
    pub code: Code,
    /// The message: which resource, its owner, its state.
    pub message: Message,
    /// The remedy.
    pub hint: Message,
    /// The argument at fault, by its name in the grammar (`cidr`, `next-hop`; a positional one by its field's name).
    pub argument: Option<&'static str>,
    /// Which of its values is refused, from 0.
    pub value: usize,
}

impl Refusal {
    /// A refusal without a single argument at fault.
    pub(super) fn new(fault: Fault, message: impl Into<Message>, hint: impl Into<Message>) -> Self {
        let code = Code(fault.common());
        Refusal { fault, code, message: message.into(), hint: hint.into(), argument: None, value: 0 }
    }

    /// With the argument at fault.
    pub(super) fn at(mut self, argument: &'static str) -> Self {
        self.argument = Some(argument);
        self
    }

    /// With the refused one of several values of the argument at fault.
    pub(super) fn value(mut self, index: usize) -> Self {
        self.value = index;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.code, self.message, self.hint)
    }
}

impl std::error::Error for Refusal {}

/// A provider's error code, as in `IncorrectStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl Code {
    /// Whether a lab that expects `written` means this code: the code itself, or its family, such as `Forbidden` for
    /// `Forbidden.NotOwner`. Ignores case, because the provider spells both `Cidr` and `CIDR`.
    pub fn is(self, written: &str) -> bool {
        let (begins, rest) = (self.0.get(..written.len()), self.0.get(written.len()..));
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(written))
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl Code {
    /// Whether a provider with HTTP statuses returns this status with the code.
    pub fn has_status(self, status: &str) -> bool {
        let is = |fault: Fault| self.0 == fault.common();
        match status {
            "404" => self.0 == "NotFound" || self.0.ends_with(".NotFound"),
            "409" => is(Fault::AlreadyExists) || is(Fault::DuplicateDestination),
            "429" => is(Fault::QuotaExceeded),
            _ => false,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// A fault, independent of the provider; each provider has its own code for it
/// ([`Provider::code`](super::Provider::code)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// No resource of this kind has this name or id.
    NotFound(ResourceKind),
    /// The lab's provider does not have this operation or this argument.
    UnsupportedOperation,
    /// The resource belongs to another account.
    NotOwner,
    /// The name or the id is in use.
    AlreadyExists,
    /// Not a valid name.
    InvalidName,
    /// A name that resources of several possible kinds have.
    AmbiguousReference,
    /// Not a valid id of the provider.
    InvalidId,
    /// The provider's limit is reached.
    QuotaExceeded,
    /// Something else still needs it.
    InUse,
    /// A route entry still names it, or is in it.
    InUseByRouteEntry,
    /// A route entry still names the router interface.
    PeeringInUseByRouteEntry,
    /// An instance is still in it.
    InUseByInstance,
    /// A subnet is still in it, or uses it.
    InUseBySubnet,
    /// A route table is still in it.
    InUseByRouteTable,
    /// A router interface is still on its router.
    InUseByPeering,
    /// A security group is still in it.
    InUseBySecurityGroup,
    /// A network ACL is still in it.
    InUseByNetworkAcl,
    /// The VPC's default table and group come and go with the VPC.
    DefaultResource,
    /// Not a region.
    InvalidRegion,
    /// A CIDR block that is not allowed there.
    InvalidCidr,
    /// Not a CIDR block.
    MalformedCidr,
    /// The VPC has no such block.
    BlockNotFound,
    /// A subnet that shares addresses with another of its VPC, or a block with another one.
    OverlappedCidr,
    /// The table has an entry for this destination.
    DuplicateDestination,
    /// An instance cannot have the private address.
    InvalidPrivateIp,
    /// Another instance has the private address.
    DuplicatePrivateIp,
    /// An instance cannot have the public address.
    InvalidPublicIp,
    /// Another instance has the public address.
    DuplicatePublicIp,
    /// The table's VPC has no such next hop.
    NextHopNotFound,
    /// It exists, but a route cannot lead to it.
    NextHopType,
    /// The table has no such entry.
    RouteEntryNotFound,
    /// The subnet does not use the table.
    AssociationNotFound,
    /// A table of one VPC with a subnet of another.
    VpcMismatch,
    /// A group of one VPC with an instance of another.
    InstanceMismatch,
    /// Neither initiator nor acceptor.
    InvalidRole,
    /// Not a bandwidth class, or not one for this role.
    InvalidSpec,
    /// Not a delay.
    InvalidLatency,
    /// Not the size of a packet that links can carry.
    InvalidMtu,
    /// The resource's state does not allow the operation.
    IncorrectStatus,
    /// Only an inactive end can be activated.
    NotInactive,
    /// The operation is for the other role.
    IncorrectRole,
    /// Only an initiator connects.
    NotInitiatingSide,
    /// The two ends do not belong together.
    WrongOpposite,
    /// An end's opposite is not set completely.
    OppositeNotSet,
    /// Another pair connects the two routers.
    OnlyOneConnection,
    /// The peer VPC is the same VPC, or in another region.
    InvalidPeerVpc,
    /// The peer VPC of a request is in another account or region than the named ones.
    AcceptingVpc,
    /// The state of a peering connection does not allow the operation.
    ConnectionStatus,
    /// The operation on a peering connection is the other side's.
    NoPermission,
    /// Another peering connection joins the two VPCs.
    ConnectionExists,
    /// Router interfaces join the two VPCs.
    JoinedByInterfaces,
    /// A VPC's limit of peering connections in its region is reached.
    ConnectionsInRegion,
    /// A VPC's limit of peering connections to other regions is reached.
    ConnectionsAcross,
    /// An account's limit of peering connections in a region is reached.
    ConnectionsOfAccount,
    /// Not a bandwidth.
    InvalidBandwidth,
    /// A bandwidth for a peering connection within a region.
    BandwidthInRegion,
    /// More bandwidth than a peering connection can have.
    BandwidthQuota,
    /// A route entry still leads to the peering connection.
    ConnectionInUseByRouteEntry,
    /// A peering connection still joins the VPC with another.
    InUseByConnection,
    /// Not a time.
    InvalidTime,
    /// Another task of the VPC is not finished.
    TaskConflict,
    /// Another peering connection of the VPC is being changed.
    ConnectionConflict,
    /// Not a protocol of rules.
    InvalidProtocol,
    /// Not a port range, or not one for the protocol.
    InvalidPortRange,
    /// Not a priority.
    InvalidPriority,
    /// Neither accept nor drop.
    InvalidPolicy,
    /// The account has no such group in the region.
    SourceGroupNotFound,
    /// A group as the source of its own rule.
    OwnGroup,
    /// The group's limit of rules is reached.
    RuleLimit,
    /// The group has no such rule.
    RuleNotFound,
    /// The instance is in the group already.
    AlreadyMember,
    /// The instance's limit of groups is reached.
    GroupsOfInstance,
    /// The instance is not in the group.
    MembershipNotFound,
    /// The instance's state does not allow the operation.
    InstanceStatus,
    /// Neither true nor false.
    InvalidFlag,
    /// The instance has a public address already.
    HasPublicIp,
    /// The instance has no public address.
    NoPublicIp,
    /// A NAT gateway is still in it.
    InUseByNatGateway,
    /// Not an availability zone of the region.
    InvalidZone,
    /// A gateway is still attached to it.
    InUseByGateway,
    /// The VPC has a gateway already.
    GatewayExists,
    /// The VPC has no gateway to the internet, and needs one.
    NoGateway,
    /// The NAT gateway translates the block already.
    SnatEntryExists,
    /// The NAT gateway has no such SNAT entry.
    SnatEntryNotFound,
    /// The NAT gateway has no such DNAT entry.
    DnatEntryNotFound,
    /// No port of a public address.
    InvalidExternalPort,
    /// No port of an instance.
    InvalidInternalPort,
    /// No address of the NAT gateway's VPC.
    InvalidDnatTarget,
    /// Neither ingress nor egress.
    InvalidDirection,
    /// The network ACL has an entry with this number.
    AclEntryExists,
    /// The network ACL has no such entry.
    AclEntryNotFound,
    /// The network ACL's limit of entries is reached.
    AclEntryLimit,
    /// The group has the rule already.
    DuplicateRule,
    /// The provider keeps the name for its default groups.
    ReservedGroupName,
    /// The subnet is associated with a route table already.
    AlreadyAssociated,
    /// An account's limit of requests that nobody accepted yet is reached.
    OutstandingRequests,
    /// A VPC's limit of active peering connections is reached.
    ActiveConnections,
}

impl Fault {
    /// Every fault, with one [`Fault::NotFound`] for each kind.
    pub fn all() -> impl Iterator<Item = Fault> {
        const OTHERS: &[Fault] = &[
            Fault::UnsupportedOperation,
            Fault::NotOwner,
            Fault::AlreadyExists,
            Fault::InvalidName,
            Fault::AmbiguousReference,
            Fault::InvalidId,
            Fault::QuotaExceeded,
            Fault::InUse,
            Fault::InUseByRouteEntry,
            Fault::PeeringInUseByRouteEntry,
            Fault::InUseByInstance,
            Fault::InUseBySubnet,
            Fault::InUseByRouteTable,
            Fault::InUseByPeering,
            Fault::InUseBySecurityGroup,
            Fault::InUseByNetworkAcl,
            Fault::DefaultResource,
            Fault::InvalidRegion,
            Fault::InvalidCidr,
            Fault::MalformedCidr,
            Fault::BlockNotFound,
            Fault::OverlappedCidr,
            Fault::DuplicateDestination,
            Fault::InvalidPrivateIp,
            Fault::DuplicatePrivateIp,
            Fault::InvalidPublicIp,
            Fault::DuplicatePublicIp,
            Fault::NextHopNotFound,
            Fault::NextHopType,
            Fault::RouteEntryNotFound,
            Fault::AssociationNotFound,
            Fault::VpcMismatch,
            Fault::InstanceMismatch,
            Fault::InvalidRole,
            Fault::InvalidSpec,
            Fault::InvalidLatency,
            Fault::InvalidMtu,
            Fault::IncorrectStatus,
            Fault::NotInactive,
            Fault::IncorrectRole,
            Fault::NotInitiatingSide,
            Fault::WrongOpposite,
            Fault::OppositeNotSet,
            Fault::OnlyOneConnection,
            Fault::InvalidPeerVpc,
            Fault::AcceptingVpc,
            Fault::ConnectionStatus,
            Fault::NoPermission,
            Fault::ConnectionExists,
            Fault::JoinedByInterfaces,
            Fault::ConnectionsInRegion,
            Fault::ConnectionsAcross,
            Fault::ConnectionsOfAccount,
            Fault::InvalidBandwidth,
            Fault::BandwidthInRegion,
            Fault::BandwidthQuota,
            Fault::ConnectionInUseByRouteEntry,
            Fault::InUseByConnection,
            Fault::InvalidTime,
            Fault::TaskConflict,
            Fault::ConnectionConflict,
            Fault::InvalidProtocol,
            Fault::InvalidPortRange,
            Fault::InvalidPriority,
            Fault::InvalidPolicy,
            Fault::SourceGroupNotFound,
            Fault::OwnGroup,
            Fault::RuleLimit,
            Fault::RuleNotFound,
            Fault::AlreadyMember,
            Fault::GroupsOfInstance,
            Fault::MembershipNotFound,
            Fault::InstanceStatus,
            Fault::InvalidFlag,
            Fault::HasPublicIp,
            Fault::NoPublicIp,
            Fault::InUseByNatGateway,
            Fault::InUseByGateway,
            Fault::InvalidZone,
            Fault::GatewayExists,
            Fault::NoGateway,
            Fault::SnatEntryExists,
            Fault::SnatEntryNotFound,
            Fault::DnatEntryNotFound,
            Fault::InvalidExternalPort,
            Fault::InvalidInternalPort,
            Fault::InvalidDnatTarget,
            Fault::InvalidDirection,
            Fault::AclEntryExists,
            Fault::AclEntryNotFound,
            Fault::AclEntryLimit,
            Fault::DuplicateRule,
            Fault::ReservedGroupName,
            Fault::AlreadyAssociated,
            Fault::OutstandingRequests,
            Fault::ActiveConnections,
        ];
        ResourceKind::ALL.iter().copied().map(Fault::NotFound).chain(OTHERS.iter().copied())
    }

    /// The code of providers whose reference has no code of its own for it (docs/cloud.md §8).
    pub fn common(self) -> &'static str {
        match self {
            Fault::NotFound(ResourceKind::Account) => "InvalidAccount.NotFound",
            Fault::NotFound(ResourceKind::RouteTable) => "InvalidRouteTableId.NotFound",
            Fault::NotFound(ResourceKind::SecurityGroup) => "InvalidSecurityGroupId.NotFound",
            Fault::NotFound(ResourceKind::PeeringConnection) => "ResourceNotFound.InstanceId",
            Fault::NotFound(ResourceKind::NatGateway) => "InvalidNatGatewayId.NotFound",
            Fault::NotFound(_) => "NotFound",
            Fault::UnsupportedOperation => "UnsupportedOperation",
            Fault::NotOwner => "Forbidden.NotOwner",
            Fault::AlreadyExists | Fault::GatewayExists | Fault::DuplicateRule | Fault::AlreadyAssociated => {
                "AlreadyExists"
            }
            Fault::InvalidName | Fault::ReservedGroupName => "InvalidName",
            Fault::AmbiguousReference => "AmbiguousReference",
            Fault::InvalidId => "InvalidId",
            Fault::QuotaExceeded | Fault::OutstandingRequests | Fault::ActiveConnections => "QuotaExceeded",
            Fault::InUse => "DependencyViolation",
            Fault::InUseByRouteEntry => "DependencyViolation.RouteEntry",
            Fault::PeeringInUseByRouteEntry => "DependencyViolation.RouterInterfaceReferedByRouteEntry",
            Fault::InUseByInstance => "DependencyViolation.Instance",
            Fault::InUseBySubnet => "DependencyViolation.VSwitch",
            Fault::InUseByRouteTable => "DependencyViolation.RouteTable",
            Fault::InUseByPeering => "DependencyViolation.RouterInterface",
            Fault::InUseBySecurityGroup => "DependencyViolation.SecurityGroup",
            Fault::InUseByNetworkAcl => "DependencyViolation.NetworkAcl",
            Fault::DefaultResource => "OperationDenied.DefaultResource",
            Fault::InvalidRegion => "InvalidRegionId",
            Fault::InvalidCidr => "InvalidCidrBlock",
            Fault::MalformedCidr => "InvalidCidrBlock.Malformed",
            Fault::BlockNotFound => "InvalidCidrBlock.NotFound",
            Fault::OverlappedCidr => "InvalidCidrBlock.Overlapped",
            Fault::DuplicateDestination => "InvalidCIDRBlock.Duplicate",
            Fault::InvalidPrivateIp => "InvalidPrivateIpAddress",
            Fault::DuplicatePrivateIp => "InvalidPrivateIpAddress.Duplicated",
            Fault::InvalidPublicIp => "InvalidPublicIpAddress",
            Fault::DuplicatePublicIp => "InvalidPublicIpAddress.Duplicated",
            Fault::NextHopNotFound => "InvalidNextHop.NotFound",
            Fault::NextHopType => "InvalidNextHopType",
            Fault::RouteEntryNotFound => "InvalidRouteEntry.NotFound",
            Fault::AssociationNotFound => "InvalidAssociation.NotFound",
            Fault::VpcMismatch => "InvalidVpcId.Mismatch",
            Fault::InstanceMismatch => "InvalidInstanceId.Mismatch",
            Fault::InvalidRole => "InvalidRole",
            Fault::InvalidSpec => "InvalidSpec",
            Fault::InvalidLatency => "InvalidLatency",
            Fault::InvalidMtu => "InvalidMtu",
            Fault::IncorrectStatus | Fault::NoGateway => "IncorrectStatus",
            Fault::NotInactive => "IncorrectRIStatus",
            Fault::IncorrectRole => "IncorrectRole",
            Fault::NotInitiatingSide => "IncorrectRole.NotInitiatingSide",
            Fault::WrongOpposite => "IncorrectOppositeInterfaceInfo",
            Fault::OppositeNotSet => "IncorrectOppositeInterfaceInfo.NotSet",
            Fault::OnlyOneConnection => "Forbidden.OnlyOneConnection",
            Fault::InvalidPeerVpc => "InvalidPeerVpcId",
            Fault::AcceptingVpc => "IncorrectStatus.AcceptingVpc",
            Fault::ConnectionStatus => "IncorrectStatus.VpcPeer",
            Fault::NoPermission => "Forbidden.NoPermission",
            Fault::ConnectionExists => "ResourceAlreadyExist.VpcPeer",
            Fault::JoinedByInterfaces => "ResourceAlreadyExist.RouterInterface",
            Fault::ConnectionsInRegion => "QuotaExceeded.IntraRegionVpcPeerCountPerVpc",
            Fault::ConnectionsAcross => "QuotaExceeded.CrossRegionVpcPeerCountPerVpc",
            Fault::ConnectionsOfAccount => "QuotaExceeded.VpcPeerCountPerUserPerRegion",
            Fault::InvalidBandwidth => "IllegalParam.Bandwidth",
            Fault::BandwidthInRegion => "OperationFailed.BandwidthCannotBeChangedInSameRegion",
            Fault::BandwidthQuota => "QuotaExceeded.Bandwidth",
            Fault::ConnectionInUseByRouteEntry => "OperationDenied.RouteEntryExist",
            Fault::InUseByConnection => "DependencyViolation.VpcPeer",
            Fault::InvalidTime => "InvalidTime",
            Fault::TaskConflict => "TaskConflict",
            Fault::ConnectionConflict => "Conflict.Operation",
            Fault::InvalidProtocol => "InvalidIpProtocol.ValueNotSupported",
            Fault::InvalidPortRange => "InvalidIpPortRange.Malformed",
            Fault::InvalidPriority => "InvalidPriority.ValueNotSupported",
            Fault::InvalidPolicy => "InvalidPolicy.Malformed",
            Fault::SourceGroupNotFound => "InvalidSourceGroupId.NotFound",
            Fault::OwnGroup => "InvalidParamter.Conflict",
            Fault::RuleLimit => "AuthorizationLimitExceed",
            Fault::RuleNotFound => "InvalidGroupAuthItem.NotFound",
            Fault::AlreadyMember => "InvalidInstanceId.AlreadyExists",
            Fault::GroupsOfInstance => "InstanceSecurityGroupLimitExceeded",
            Fault::MembershipNotFound => "InvalidSecurityGroupAssociation.NotFound",
            Fault::InstanceStatus => "IncorrectInstanceStatus",
            Fault::InvalidFlag => "InvalidParameter",
            Fault::HasPublicIp => "InvalidAssociation.Duplicated",
            Fault::NoPublicIp => "IncorrectEipStatus",
            Fault::InUseByNatGateway => "DependencyViolation.NatGateway",
            Fault::InvalidZone => "InvalidZoneId.NotFound",
            Fault::InUseByGateway => "DependencyViolation.Ipv4Gateway",
            Fault::SnatEntryExists => "Forbidden.SourceVSwitchId.Duplicated",
            Fault::SnatEntryNotFound => "InvalidSnatEntryId.NotFound",
            Fault::DnatEntryNotFound => "InvalidForwardEntryId.NotFound",
            Fault::InvalidExternalPort => "InvalidExternalPort.Malformed",
            Fault::InvalidInternalPort => "InvalidInternalPort.Malformed",
            Fault::InvalidDnatTarget => "Forbidden.DestnationIpOutOfVpcCIDR",
            Fault::InvalidDirection => "InvalidDirection.ValueNotSupported",
            Fault::AclEntryExists => "NetworkAclEntryAlreadyExists",
            Fault::AclEntryNotFound => "InvalidNetworkAclEntry.NotFound",
            Fault::AclEntryLimit => "NetworkAclEntryLimitExceeded",
        }
    }
}
