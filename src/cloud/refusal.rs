//! Refusals of the cloud.

use std::fmt;

use crate::message::Message;

/// The cloud refused an operation and changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The provider's error code.
    pub code: Code,
    /// The message: which resource, its owner, its state.
    pub message: Message,
    /// The remedy.
    pub hint: Message,
    /// The argument at fault, by its name in the grammar (`cidr`, `next-hop`; a positional one by its field's name).
    pub argument: Option<&'static str>,
    /// Its value, if it may be given several times.
    pub written: Option<String>,
}

impl Refusal {
    /// A refusal without a single argument at fault.
    pub(super) fn new(code: Code, message: impl Into<Message>, hint: impl Into<Message>) -> Self {
        Refusal { code, message: message.into(), hint: hint.into(), argument: None, written: None }
    }

    /// With the argument at fault.
    pub(super) fn at(mut self, argument: &'static str) -> Self {
        self.argument = Some(argument);
        self
    }

    /// With what was written for the argument at fault: which one of several it is.
    pub(super) fn written(mut self, text: &str) -> Self {
        self.written = Some(text.to_owned());
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

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $text:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $constant: Code = Code($text);)*

            /// Every code of a refusal.
            pub const ALL: &'static [Code] = &[$(Code::$constant),*];
        }
    };
}

codes! {
    /// The lab's provider does not have this operation or this argument.
    UNSUPPORTED_OPERATION = "UnsupportedOperation";
    /// The caller is not an account of the lab.
    ACCOUNT_NOT_FOUND = "InvalidAccount.NotFound";
    /// The resource belongs to another account.
    NOT_OWNER = "Forbidden.NotOwner";
    /// The name or the id is in use.
    ALREADY_EXISTS = "AlreadyExists";
    /// Not a valid name.
    INVALID_NAME = "InvalidName";
    /// A name that resources of several possible kinds have.
    AMBIGUOUS_REFERENCE = "AmbiguousReference";
    /// Not a valid id of the provider.
    INVALID_ID = "InvalidId";
    /// The provider's limit is reached.
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
    /// Not a region.
    INVALID_REGION = "InvalidRegionId";
    /// A CIDR block that is not allowed there.
    INVALID_CIDR = "InvalidCidrBlock";
    /// Not a CIDR block.
    MALFORMED_CIDR = "InvalidCidrBlock.Malformed";
    /// A subnet that shares addresses with another of its VPC.
    OVERLAPPED_CIDR = "InvalidCidrBlock.Overlapped";
    /// The table has an entry for this destination.
    DUPLICATE_CIDR = "InvalidCIDRBlock.Duplicate";
    /// An instance cannot have the private address.
    INVALID_PRIVATE_IP = "InvalidPrivateIpAddress";
    /// Another instance has the private address.
    DUPLICATE_PRIVATE_IP = "InvalidPrivateIpAddress.Duplicated";
    /// An instance cannot have the public address.
    INVALID_PUBLIC_IP = "InvalidPublicIpAddress";
    /// Another instance has the public address.
    DUPLICATE_PUBLIC_IP = "InvalidPublicIpAddress.Duplicated";
    /// The table's VPC has no such next hop.
    NEXT_HOP_NOT_FOUND = "InvalidNextHop.NotFound";
    /// It exists, but a route cannot lead to it.
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
    /// Not a bandwidth class, or not one for this role.
    INVALID_SPEC = "InvalidSpec";
    /// Not a delay.
    INVALID_LATENCY = "InvalidLatency";
    /// The resource's state does not allow the operation.
    INCORRECT_STATUS = "IncorrectStatus";
    /// Only an inactive end can be activated.
    NOT_INACTIVE = "IncorrectRIStatus";
    /// The operation is for the other role.
    INCORRECT_ROLE = "IncorrectRole";
    /// Only an initiator connects.
    NOT_INITIATING_SIDE = "IncorrectRole.NotInitiatingSide";
    /// The two ends do not belong together.
    WRONG_OPPOSITE = "IncorrectOppositeInterfaceInfo";
    /// An end's opposite is not set completely.
    OPPOSITE_NOT_SET = "IncorrectOppositeInterfaceInfo.NotSet";
    /// Another pair connects the two routers.
    ONLY_ONE_CONNECTION = "Forbidden.OnlyOneConnection";
    /// The peer VPC is the same VPC, or in another region.
    INVALID_PEER_VPC = "InvalidPeerVpcId";
    /// Not a protocol of rules.
    INVALID_PROTOCOL = "InvalidIpProtocol.ValueNotSupported";
    /// Not a port range, or not one for the protocol.
    INVALID_PORT_RANGE = "InvalidIpPortRange.Malformed";
    /// Not a priority.
    INVALID_PRIORITY = "InvalidPriority.ValueNotSupported";
    /// Neither accept nor drop.
    INVALID_POLICY = "InvalidPolicy.Malformed";
    /// The account has no such group in the region.
    SOURCE_GROUP_NOT_FOUND = "InvalidSourceGroupId.NotFound";
    /// A group as the source of its own rule.
    OWN_GROUP = "InvalidParamter.Conflict";
    /// The group's limit of rules is reached.
    RULE_LIMIT = "AuthorizationLimitExceed";
    /// The group has no such rule.
    RULE_NOT_FOUND = "InvalidGroupAuthItem.NotFound";
    /// The instance is in the group already.
    ALREADY_MEMBER = "InvalidInstanceId.AlreadyExists";
    /// The instance's limit of groups is reached.
    GROUPS_OF_INSTANCE = "InstanceSecurityGroupLimitExceeded";
    /// The instance is not in the group.
    MEMBERSHIP_NOT_FOUND = "InvalidSecurityGroupAssociation.NotFound";
}
