//! How the cloud says no.

use std::fmt;

use crate::message::Message;

/// The cloud refused an operation and changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The provider's error code.
    pub code: Code,
    /// What it means here: which object, whose it is, in which state.
    pub message: Message,
    /// What to do.
    pub hint: Message,
    /// The argument at fault, by its name in the grammar (`cidr`, `next-hop`; a positional one by its field's name).
    pub argument: Option<&'static str>,
}

impl Refusal {
    /// A refusal that no single argument is at fault for.
    pub(super) fn new(code: Code, message: impl Into<Message>, hint: impl Into<Message>) -> Self {
        Refusal { code, message: message.into(), hint: hint.into(), argument: None }
    }

    /// With the argument at fault.
    pub(super) fn at(mut self, argument: &'static str) -> Self {
        self.argument = Some(argument);
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
    /// Whether a lab that expects `written` means this code: the code itself, or the family that it is of, as
    /// `Forbidden` is of `Forbidden.NotOwner`. In any case: the provider spells one word now `Cidr`, now `CIDR`.
    pub fn is(self, written: &str) -> bool {
        let (begins, rest) = (self.0.get(..written.len()), self.0.get(written.len()..));
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(written))
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $text:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $constant: Code = Code($text);)*

            /// Every code with which a Cloud refuses.
            pub const ALL: &'static [Code] = &[$(Code::$constant),*];
        }
    };
}

codes! {
    /// The lab's provider has no such operation, or not this argument of it.
    UNSUPPORTED_OPERATION = "UnsupportedOperation";
    /// The caller is no account of the lab.
    ACCOUNT_NOT_FOUND = "InvalidAccount.NotFound";
    /// The thing belongs to another account.
    NOT_OWNER = "Forbidden.NotOwner";
    /// The name or the id is taken.
    ALREADY_EXISTS = "AlreadyExists";
    /// No name of a thing.
    INVALID_NAME = "InvalidName";
    /// A name that things of several kinds have, where each could be meant.
    AMBIGUOUS_REFERENCE = "AmbiguousReference";
    /// No id of the provider's.
    INVALID_ID = "InvalidId";
    /// As many as the provider allows are there already.
    QUOTA_EXCEEDED = "QuotaExceeded";
    /// Something else still needs it.
    DEPENDENCY = "DependencyViolation";
    /// A route entry still names it, or is in it.
    DEPENDENCY_ROUTE_ENTRY = "DependencyViolation.RouteEntry";
    /// A route entry still names the router interface.
    DEPENDENCY_OF_INTERFACE = "DependencyViolation.RouterInterfaceReferedByRouteEntry";
    /// An instance is still in it.
    DEPENDENCY_INSTANCE = "DependencyViolation.Instance";
    /// A subnet is still in it, or uses it.
    DEPENDENCY_SUBNET = "DependencyViolation.VSwitch";
    /// A route table is still in it.
    DEPENDENCY_ROUTE_TABLE = "DependencyViolation.RouteTable";
    /// A router interface is still on its router.
    DEPENDENCY_INTERFACE = "DependencyViolation.RouterInterface";
    /// A security group is still in it.
    DEPENDENCY_SECURITY_GROUP = "DependencyViolation.SecurityGroup";
    /// The VPC's default table and group come and go with the VPC.
    DEFAULT_RESOURCE = "OperationDenied.DefaultResource";
    /// JD Cloud's 404.
    NOT_FOUND = "NotFound";
    /// No such VPC (alibaba).
    VPC_NOT_FOUND = "InvalidVpcId.NotFound";
    /// No such subnet (alibaba), in an operation on instances.
    SUBNET_NOT_FOUND = "InvalidVSwitchId.NotFound";
    /// No such subnet (alibaba), in an operation on VPCs.
    VSWITCH_NOT_FOUND = "InvalidVswitchID.NotFound";
    /// No such instance (alibaba).
    INSTANCE_NOT_FOUND = "InvalidInstanceId.NotFound";
    /// No such route table.
    ROUTE_TABLE_NOT_FOUND = "InvalidRouteTableId.NotFound";
    /// No such security group.
    SECURITY_GROUP_NOT_FOUND = "InvalidSecurityGroupId.NotFound";
    /// No such router interface; where it is to be deleted, [`Code::INSTANCE_NOT_FOUND`].
    ROUTER_INTERFACE_NOT_FOUND = "InvalidRouterInterfaceId.NotFound";
    /// No region.
    INVALID_REGION = "InvalidRegionId";
    /// A CIDR block that cannot stand there.
    INVALID_CIDR = "InvalidCidrBlock";
    /// No CIDR block.
    MALFORMED_CIDR = "InvalidCidrBlock.Malformed";
    /// A subnet that shares addresses with another of its VPC.
    OVERLAPPED_CIDR = "InvalidCidrBlock.Overlapped";
    /// The table has an entry for this destination.
    DUPLICATE_CIDR = "InvalidCIDRBlock.Duplicate";
    /// The private address cannot be given to an instance.
    INVALID_PRIVATE_IP = "InvalidPrivateIpAddress";
    /// Another instance has the private address.
    DUPLICATE_PRIVATE_IP = "InvalidPrivateIpAddress.Duplicated";
    /// The public address cannot be given to an instance.
    INVALID_PUBLIC_IP = "InvalidPublicIpAddress";
    /// Another instance has the public address.
    DUPLICATE_PUBLIC_IP = "InvalidPublicIpAddress.Duplicated";
    /// The table's VPC has no such next hop.
    NEXT_HOP_NOT_FOUND = "InvalidNextHop.NotFound";
    /// It is there, but nothing that a route can lead to.
    NEXT_HOP_TYPE = "InvalidNextHopType";
    /// The table has no such entry.
    ROUTE_ENTRY_NOT_FOUND = "InvalidRouteEntry.NotFound";
    /// The subnet does not use the table.
    ASSOCIATION_NOT_FOUND = "InvalidAssociation.NotFound";
    /// A table of one VPC with a subnet of another.
    VPC_MISMATCH = "InvalidVpcId.Mismatch";
    /// A group of one VPC with an instance of another.
    INSTANCE_MISMATCH = "InvalidInstanceId.Mismatch";
    /// Neither initiator nor acceptor.
    INVALID_ROLE = "InvalidRole";
    /// No bandwidth class, or none that this role can have.
    INVALID_SPEC = "InvalidSpec";
    /// No delay.
    INVALID_LATENCY = "InvalidLatency";
    /// The state that it is in does not allow the operation.
    INCORRECT_STATUS = "IncorrectStatus";
    /// Only what is switched off is activated.
    NOT_INACTIVE = "IncorrectRIStatus";
    /// The operation is the other role's.
    INCORRECT_ROLE = "IncorrectRole";
    /// Only an initiator connects.
    NOT_INITIATING_SIDE = "IncorrectRole.NotInitiatingSide";
    /// The two ends do not belong together.
    WRONG_OPPOSITE = "IncorrectOppositeInterfaceInfo";
    /// An end does not know its other end yet.
    OPPOSITE_NOT_SET = "IncorrectOppositeInterfaceInfo.NotSet";
    /// The two routers are connected by another pair.
    ONLY_ONE_CONNECTION = "Forbidden.OnlyOneConnection";
    /// The peer VPC is the own one, or in another region.
    INVALID_PEER_VPC = "InvalidPeerVpcId";
    /// No protocol of a rule.
    INVALID_PROTOCOL = "InvalidIpProtocol.ValueNotSupported";
    /// No ports, or none that the protocol has.
    INVALID_PORT_RANGE = "InvalidIpPortRange.Malformed";
    /// No priority.
    INVALID_PRIORITY = "InvalidPriority.ValueNotSupported";
    /// Neither accept nor drop.
    INVALID_POLICY = "InvalidPolicy.Malformed";
    /// The account has no such group in the region.
    SOURCE_GROUP_NOT_FOUND = "InvalidSourceGroupId.NotFound";
    /// A group as the source of its own rule.
    OWN_GROUP = "InvalidParamter.Conflict";
    /// The group has as many rules as it may.
    RULE_LIMIT = "AuthorizationLimitExceed";
    /// The group has no such rule.
    RULE_NOT_FOUND = "InvalidGroupAuthItem.NotFound";
    /// The instance is in the group already.
    ALREADY_MEMBER = "InvalidInstanceId.AlreadyExists";
    /// The instance is in as many groups as it may.
    GROUPS_OF_INSTANCE = "InstanceSecurityGroupLimitExceeded";
    /// The instance is not in the group.
    MEMBERSHIP_NOT_FOUND = "InvalidSecurityGroupAssociation.NotFound";
}
