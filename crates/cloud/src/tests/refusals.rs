//! One case for each code: the state, the operation, and the answer.

use std::collections::BTreeSet;

use super::*;

/// Provider, previous operations, the operation, the code, the argument at fault.
type Case = (&'static str, &'static str, &'static str, &'static str, Option<&'static str>);

const VPCS: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-instance i --subnet V/s --public-ip 203.0.113.1
    A: create-route-table t --vpc V
    A: create-security-group g --vpc V
    B: create-vpc W --region r --cidr 172.16.0.0/16
    B: create-security-group h --vpc W
    A: create-vpc far --region q --cidr 192.168.0.0/16
    A: create-security-group k --vpc far
    A: create-vpc tables --region r --cidr 192.168.0.0/16
    A: create-route-table t2 --vpc tables
    A: create-vpc subnets --region r --cidr 192.168.0.0/16
    A: create-subnet s --vpc subnets --cidr 192.168.1.0/24
    A: create-security-group named --vpc V
    A: create-instance member --subnet V/s --security-group named";

const PAIR: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    B: create-vpc W --region r --cidr 172.16.0.0/16
    A: create-router-interface a --vpc V --role initiator --spec Mini.2 --opposite-region r
    B: create-router-interface b --vpc W --role acceptor --opposite-region r
    B: modify-router-interface-attribute b --opposite-account A --opposite-interface a --opposite-router V";

const REQUEST: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    B: create-vpc W --region r --cidr 172.16.0.0/16
    A: create-vpc own --region r --cidr 10.8.0.0/16
    A: create-vpc far --region q --cidr 192.168.0.0/16
    A: create-vpc-peering-connection req --vpc V --peer-vpc W
    A: create-vpc-peering-connection pcc --vpc V --peer-vpc far
    A: create-route-entry --vpc far --destination 10.0.0.0/16 --next-hop pcc
    A: create-peering ri --vpc V --peer-vpc own --spec Mini.2";

const ONE_NAME: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-instance i --subnet V/s
    A: create-router-interface i --vpc V --role initiator --spec Mini.2 --opposite-region r";

const AWS: &str = "A: create-vpc V --region us-east-1 --cidr 10.0.0.0/16
    A: create-vpc own --region us-east-1 --cidr 10.8.0.0/16
    B: create-vpc W --region us-east-1 --cidr 172.16.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-subnet u --vpc V --cidr 10.0.2.0/24
    A: create-instance i --subnet V/s
    A: create-route-table t --vpc V
    A: associate-route-table t --subnet V/s
    A: create-security-group g --vpc V
    B: create-security-group h --vpc W
    A: authorize-security-group g --protocol all --group g
    A: create-vpc-peering-connection p --vpc V --peer-vpc own
    A: accept-vpc-peering-connection p
    A: create-route-entry --vpc V --destination 10.8.0.0/16 --next-hop p
    A: create-vpc-peering-connection req --vpc V --peer-vpc W --peer-account B";

const ACL: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-subnet t --vpc V --cidr 10.0.2.0/24
    A: create-network-acl n --vpc V
    A: associate-network-acl n --subnet V/s
    A: create-network-acl-entry n --number 5 --direction ingress --protocol tcp --port 22 --cidr 10.0.0.0/8
    A: create-vpc W --region r --cidr 172.16.0.0/16
    A: create-network-acl w --vpc W";

const NAT: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-instance i --subnet V/s --ip 10.0.1.5 --public-ip 203.0.113.1
    A: create-instance j --subnet V/s
    A: create-nat-gateway nat --subnet V/s --public-ip 203.0.113.2
    A: create-snat-entry nat --cidr 10.0.1.0/24
    A: create-dnat-entry nat --protocol tcp --port 80 --to 10.0.1.5
    A: create-subnet t --vpc V --cidr 10.0.2.0/24
    A: create-nat-gateway alone --subnet V/t
    A: create-route-entry --vpc V --destination 8.0.0.0/8 --next-hop nat
    B: create-vpc W --region r --cidr 10.0.0.0/16";

const GATEWAY_JD: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16";

const GATEWAY: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    A: create-gateway gw --vpc V
    A: create-vpc W --region r --cidr 10.0.0.0/16
    A: create-gateway other --vpc W
    A: create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop gw";

const CASES: &[Case] = &[
    ("alibaba", NAT, "A: associate-public-ip i", "InvalidAssociation.Duplicated", Some("instance")),
    (
        "alibaba",
        NAT,
        "A: associate-public-ip j --public-ip 203.0.113.2",
        "InvalidPublicIpAddress.Duplicated",
        Some("public-ip"),
    ),
    ("jdcloud", NAT, "A: associate-public-ip j --public-ip 10.0.0.1", "InvalidPublicIpAddress", Some("public-ip")),
    ("jdcloud", NAT, "B: associate-public-ip j", "Forbidden.NotOwner", Some("instance")),
    ("alibaba", NAT, "A: release-public-ip j", "IncorrectEipStatus", Some("instance")),
    ("alibaba", NAT, "A: create-nat-gateway nat --subnet V/s", "AlreadyExists", Some("name")),
    (
        "alibaba",
        NAT,
        "A: create-nat-gateway n --subnet V/s --public-ip 203.0.113.1",
        "InvalidPublicIpAddress.Duplicated",
        Some("public-ip"),
    ),
    (
        "alibaba",
        NAT,
        "A: create-instance k --subnet V/s --ip 10.0.1.252",
        "InvalidPrivateIpAddress.Duplicated",
        Some("ip"),
    ),
    ("alibaba", NAT, "A: delete-nat-gateway no", "InvalidNatGatewayId.NotFound", Some("name")),
    ("alibaba", NAT, "A: delete-nat-gateway nat", "DependencyViolation.RouteEntry", Some("name")),
    ("alibaba", NAT, "A: delete-subnet V/t", "DependencyViolation.NatGateway", Some("name")),
    ("jdcloud", NAT, "A: delete-subnet V/t", "DependencyViolation", Some("name")),
    (
        "alibaba",
        NAT,
        "A: create-snat-entry nat --cidr 10.0.1.0/24",
        "Forbidden.SourceVSwitchId.Duplicated",
        Some("cidr"),
    ),
    ("alibaba", NAT, "A: create-snat-entry nat --cidr 10.9.0.0/24", "InvalidCidrBlock", Some("cidr")),
    ("alibaba", NAT, "A: delete-snat-entry nat --cidr 10.0.2.0/24", "InvalidSnatEntryId.NotFound", Some("cidr")),
    ("alibaba", NAT, "A: create-dnat-entry nat --protocol tcp --port 80 --to 10.0.1.6", "AlreadyExists", Some("port")),
    (
        "alibaba",
        NAT,
        "A: create-dnat-entry nat --protocol icmp --port 81 --to 10.0.1.6",
        "InvalidIpProtocol.ValueNotSupported",
        Some("protocol"),
    ),
    (
        "alibaba",
        NAT,
        "A: create-dnat-entry nat --protocol tcp --port 0 --to 10.0.1.6",
        "InvalidExternalPort.Malformed",
        Some("port"),
    ),
    (
        "alibaba",
        NAT,
        "A: create-dnat-entry nat --protocol tcp --port 81 --to 10.0.1.6 --to-port x",
        "InvalidInternalPort.Malformed",
        Some("to-port"),
    ),
    (
        "alibaba",
        NAT,
        "A: create-dnat-entry nat --protocol tcp --port 81 --to 10.9.0.1",
        "Forbidden.DestnationIpOutOfVpcCIDR",
        Some("to"),
    ),
    (
        "alibaba",
        NAT,
        "A: delete-dnat-entry nat --protocol udp --port 80",
        "InvalidForwardEntryId.NotFound",
        Some("port"),
    ),
    (
        "alibaba",
        NAT,
        "B: create-route-entry --vpc W --destination 8.0.0.0/8 --next-hop nat",
        "InvalidNextHop.NotFound",
        Some("next-hop"),
    ),
    ("jdcloud", GATEWAY_JD, "A: create-gateway gw --vpc V", "UnsupportedOperation", None),
    ("alibaba", GATEWAY, "A: create-gateway two --vpc V", "AlreadyExists", Some("vpc")),
    ("alibaba", GATEWAY, "A: delete-gateway gw", "DependencyViolation.RouteEntry", Some("name")),
    ("alibaba", GATEWAY, "A: delete-vpc W", "DependencyViolation.Ipv4Gateway", Some("name")),
    (
        "alibaba",
        GATEWAY,
        "A: create-route-entry --vpc V --destination 8.0.0.0/8 --next-hop internet",
        "InvalidNextHopType",
        Some("next-hop"),
    ),
    ("jdcloud", "", "A: connect-router-interface a", "UnsupportedOperation", None),
    ("aws", AWS, "A: delete-vpc x", "InvalidVpcID.NotFound", Some("name")),
    ("aws", AWS, "B: delete-vpc V", "InvalidVpcID.NotFound", Some("name")),
    ("aws", AWS, "A: delete-vpc V", "DependencyViolation", Some("name")),
    ("aws", AWS, "A: delete-subnet V/x", "InvalidSubnetID.NotFound", Some("name")),
    ("aws", AWS, "A: delete-route-table x", "InvalidRouteTableID.NotFound", Some("name")),
    ("aws", AWS, "A: delete-route-table V/default", "DependencyViolation", Some("name")),
    ("aws", AWS, "A: delete-security-group x", "InvalidGroup.NotFound", Some("name")),
    ("aws", AWS, "A: delete-security-group V/default", "CannotDelete", Some("name")),
    ("aws", AWS, "A: create-security-group Default --vpc V", "InvalidGroup.Reserved", Some("name")),
    ("aws", AWS, "A: create-security-group g --vpc V", "InvalidGroup.Duplicate", Some("name")),
    ("aws", AWS, "A: delete-network-acl x", "InvalidNetworkAclID.NotFound", Some("name")),
    ("aws", AWS, "A: delete-network-acl V/default", "InvalidParameterValue", Some("name")),
    ("aws", AWS, "A: unassociate-network-acl V/default --subnet V/s", "InvalidParameterValue", Some("acl")),
    ("aws", AWS, "A: delete-instance x", "InvalidInstanceID.NotFound", Some("name")),
    ("aws", AWS, "A: delete-vpc-peering-connection x", "InvalidVpcPeeringConnectionID.NotFound", Some("name")),
    (
        "aws",
        AWS,
        "A: create-route-entry --vpc V --destination 20.0.0.0/16 --next-hop pcx-0000000a",
        "InvalidVpcPeeringConnectionID.NotFound",
        Some("next-hop"),
    ),
    ("aws", AWS, "A: create-instance j --subnet V/s --ip 10.0.1.4", "InvalidIPAddress.InUse", Some("ip")),
    ("aws", AWS, "A: associate-route-table V/default --subnet V/s", "Resource.AlreadyAssociated", Some("subnet")),
    ("aws", AWS, "A: replace-route-table-association t --subnet V/u", "InvalidAssociationID.NotFound", Some("subnet")),
    (
        "aws",
        AWS,
        "A: create-route-entry --vpc V --destination 10.8.0.0/16 --next-hop p",
        "RouteAlreadyExists",
        Some("destination"),
    ),
    (
        "aws",
        AWS,
        "A: create-route-entry --vpc V --destination 10.0.1.0/24 --next-hop p",
        "InvalidParameterValue",
        Some("next-hop"),
    ),
    (
        "aws",
        AWS,
        "A: create-route-entry --vpc V --destination 10.0.1.0/25 --next-hop p",
        "InvalidParameterValue",
        Some("destination"),
    ),
    (
        "aws",
        AWS,
        "A: create-route-entry --vpc V --destination 20.0.0.0/8 --next-hop p --next-hop p",
        "UnsupportedOperation",
        Some("next-hop"),
    ),
    (
        "aws",
        AWS,
        "A: create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop internet",
        "InvalidParameterValue",
        Some("next-hop"),
    ),
    (
        "aws",
        AWS,
        "A: delete-route-entry --vpc V --destination 20.0.0.0/16",
        "InvalidRoute.NotFound",
        Some("destination"),
    ),
    ("aws", AWS, "A: create-vpc big --region us-east-1 --cidr 10.0.0.0/8", "InvalidVpc.Range", Some("cidr")),
    ("aws", AWS, "A: create-subnet v --vpc V --cidr 10.0.3.0/29", "InvalidSubnet.Range", Some("cidr")),
    ("aws", AWS, "A: create-subnet v --vpc V --cidr 10.0.1.128/25", "InvalidSubnet.Conflict", Some("cidr")),
    ("aws", AWS, "A: add-cidr V --cidr 10.8.0.0/16", "CidrConflict", Some("cidr")),
    ("aws", AWS, "A: add-cidr V --cidr 192.168.0.0/16", "InvalidVpc.Range", Some("cidr")),
    ("aws", AWS, "A: remove-cidr V --cidr 10.9.0.0/16", "InvalidVpcCidrBlockAssociationID.NotFound", Some("cidr")),
    ("aws", AWS, "A: remove-cidr V --cidr 10.0.0.0/16", "OperationNotPermitted", Some("cidr")),
    ("aws", AWS, "A: accept-vpc-peering-connection p", "InvalidStateTransition", Some("name")),
    ("aws", AWS, "A: accept-vpc-peering-connection req", "OperationNotPermitted", Some("name")),
    ("aws", AWS, "B: accept-vpc-peering-connection req --region us-west-2", "OperationNotPermitted", Some("region")),
    (
        "aws",
        AWS,
        "A: create-vpc-peering-connection q --vpc V --peer-vpc own",
        "VpcPeeringConnectionAlreadyExists",
        Some("peer-vpc"),
    ),
    ("aws", AWS, "A: create-vpc-peering-connection q --vpc V --peer-vpc V", "InvalidParameterValue", Some("peer-vpc")),
    (
        "aws",
        AWS,
        "A: create-vpc-peering-connection q --vpc own --peer-vpc W --bandwidth 1Gbit",
        "UnsupportedOperation",
        Some("bandwidth"),
    ),
    (
        "aws",
        AWS,
        "A: authorize-security-group g --protocol icmp --port 22 --cidr 10.0.0.0/8",
        "InvalidPermission.Malformed",
        Some("port"),
    ),
    (
        "aws",
        AWS,
        "A: authorize-security-group g --protocol all --group g",
        "InvalidPermission.Duplicate",
        Some("security_group"),
    ),
    (
        "aws",
        AWS,
        "A: authorize-security-group g --protocol all --group h --group-account B",
        "InvalidGroup.NotFound",
        Some("group"),
    ),
    (
        "aws",
        AWS,
        "A: authorize-security-group g --protocol all --cidr 10.0.0.0/8 --policy drop",
        "UnsupportedOperation",
        Some("policy"),
    ),
    (
        "aws",
        AWS,
        "A: authorize-security-group g --protocol all --cidr 10.0.0.0/8 --priority 1",
        "UnsupportedOperation",
        Some("priority"),
    ),
    (
        "aws",
        AWS,
        "A: revoke-security-group g --protocol tcp --cidr 10.0.0.0/8",
        "InvalidPermission.NotFound",
        Some("security_group"),
    ),
    (
        "aws",
        AWS,
        "A: create-network-acl-entry V/default --number 1 --direction ingress --protocol sctp --cidr 0.0.0.0/0",
        "InvalidParameterValue",
        Some("protocol"),
    ),
    ("alibaba", VPCS, "A: set-main-route-table t", "UnsupportedOperation", Some("table")),
    ("alibaba", VPCS, "A: create-security-group m --vpc V --egress drop", "UnsupportedOperation", Some("egress")),
    ("jdcloud", VPCS, "A: add-cidr V --cidr 10.1.0.0/16", "UnsupportedOperation", Some("cidr")),
    ("alibaba", VPCS, "A: add-cidr V --cidr 10.0.0.0/8", "InvalidCidrBlock.Overlapped", Some("cidr")),
    ("alibaba", VPCS, "A: remove-cidr V --cidr 10.0.0.0/16", "OperationDenied.DefaultResource", Some("cidr")),
    ("alibaba", VPCS, "A: remove-cidr V --cidr 10.1.0.0/16", "InvalidCidrBlock.NotFound", Some("cidr")),
    ("alibaba", VPCS, "A: start-instance i", "IncorrectInstanceStatus", Some("name")),
    ("jdcloud", VPCS, "A: create-instance j --subnet V/s --forwards yes", "InvalidParameter", Some("forwards")),
    ("alibaba", ACL, "A: delete-vpc W", "DependencyViolation.NetworkAcl", Some("name")),
    ("jdcloud", ACL, "A: delete-vpc W", "DependencyViolation", Some("name")),
    ("alibaba", ACL, "A: delete-network-acl n", "DependencyViolation", Some("name")),
    ("alibaba", ACL, "A: delete-network-acl x", "InvalidNetworkAcl.NotFound", Some("name")),
    ("jdcloud", ACL, "A: delete-network-acl x", "NotFound", Some("name")),
    ("alibaba", ACL, "B: delete-network-acl n", "Forbidden.NotOwner", Some("name")),
    ("alibaba", ACL, "A: create-network-acl n --vpc V", "AlreadyExists", Some("name")),
    ("jdcloud", ACL, "A: create-network-acl o --vpc V --default accept", "UnsupportedOperation", Some("default")),
    ("alibaba", ACL, "A: create-network-acl o --vpc V --default deny", "InvalidPolicy.Malformed", Some("default")),
    ("alibaba", ACL, "A: associate-network-acl w --subnet V/s", "InvalidVpcId.Mismatch", Some("subnet")),
    ("alibaba", ACL, "A: unassociate-network-acl n --subnet V/t", "InvalidAssociation.NotFound", Some("subnet")),
    (
        "alibaba",
        ACL,
        "A: create-network-acl-entry n --number 1 --direction both --protocol all --cidr 0.0.0.0/0",
        "InvalidDirection.ValueNotSupported",
        Some("direction"),
    ),
    (
        "jdcloud",
        ACL,
        "A: create-network-acl-entry n --number 5 --direction INGRESS --protocol all --cidr 0.0.0.0/0",
        "NetworkAclEntryAlreadyExists",
        Some("number"),
    ),
    (
        "alibaba",
        ACL,
        "A: create-network-acl-entry n --number 32767 --direction ingress --protocol all --cidr 0.0.0.0/0",
        "InvalidPriority.ValueNotSupported",
        Some("number"),
    ),
    (
        "alibaba",
        ACL,
        "A: create-network-acl-entry n --number 7 --direction ingress --protocol icmp --port=-1/-1 --cidr 0.0.0.0/0",
        "InvalidIpPortRange.Malformed",
        Some("port"),
    ),
    (
        "alibaba",
        ACL,
        "A: delete-network-acl-entry n --number 5 --direction egress",
        "InvalidNetworkAclEntry.NotFound",
        Some("number"),
    ),
    ("alibaba", "", "nobody: delete-vpc V", "InvalidAccount.NotFound", None),
    ("alibaba", VPCS, "B: delete-instance i", "Forbidden.NotOwner", Some("name")),
    ("alibaba", VPCS, "A: create-vpc V --region r --cidr 10.0.0.0/16", "AlreadyExists", Some("name")),
    ("alibaba", "", "A: create-vpc _1 --region r --cidr 10.0.0.0/16", "InvalidName", Some("name")),
    (
        "alibaba",
        ONE_NAME,
        "A: create-route-entry --vpc V --destination 10.9.0.0/16 --next-hop i",
        "AmbiguousReference",
        Some("next-hop"),
    ),
    ("alibaba", "", "A: create-vpc V --region r --cidr 10.0.0.0/16 --id V", "InvalidId", Some("id")),
    ("alibaba", "", "A: create-vpc V --region Q! --cidr 10.0.0.0/16", "InvalidRegionId", Some("region")),
    ("alibaba", "", "A: create-vpc V --region r --cidr 100.64.0.0/16", "InvalidCidrBlock", Some("cidr")),
    ("alibaba", "", "A: create-vpc V --region r --cidr 10.0.0.0/33", "InvalidCidrBlock.Malformed", Some("cidr")),
    ("jdcloud", "", "A: create-vpc V --region r --cidr 010.0.0.0/16", "InvalidCidrBlock.Malformed", Some("cidr")),
    ("alibaba", "", "A: create-vpc V --region r --cidr 10.0.0.0", "InvalidCidrBlock.Malformed", Some("cidr")),
    ("alibaba", VPCS, "A: create-subnet u --vpc V --cidr 10.0.02.0/24", "InvalidCidrBlock.Malformed", Some("cidr")),
    ("alibaba", VPCS, "A: create-instance j --subnet V/s --ip 10.0.1.04", "InvalidPrivateIpAddress", Some("ip")),
    (
        "alibaba",
        VPCS,
        "A: create-instance j --subnet V/s --public-ip 203.0.113.07",
        "InvalidPublicIpAddress",
        Some("public-ip"),
    ),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol tcp --group g",
        "InvalidParamter.Conflict",
        Some("group"),
    ),
    ("alibaba", VPCS, "A: create-subnet u --vpc V --cidr 10.0.1.0/25", "InvalidCidrBlock.Overlapped", Some("cidr")),
    ("alibaba", VPCS, "A: delete-security-group named", "DependencyViolation", Some("name")),
    ("alibaba", VPCS, "A: delete-vpc V", "DependencyViolation.Instance", Some("name")),
    ("jdcloud", VPCS, "A: delete-vpc V", "DependencyViolation", Some("name")),
    ("alibaba", VPCS, "A: delete-vpc far", "DependencyViolation.SecurityGroup", Some("name")),
    ("alibaba", VPCS, "A: delete-vpc tables", "DependencyViolation.RouteTable", Some("name")),
    ("alibaba", VPCS, "A: delete-vpc subnets", "DependencyViolation.VSwitch", Some("name")),
    ("alibaba", PAIR, "A: delete-vpc V", "DependencyViolation.RouterInterface", Some("name")),
    ("alibaba", VPCS, "A: delete-subnet V/x", "InvalidVswitchID.NotFound", Some("name")),
    ("alibaba", VPCS, "A: delete-router-interface x", "InvalidInstanceId.NotFound", Some("name")),
    (
        "alibaba",
        VPCS,
        "A: join-security-group i --group V/default",
        "InvalidInstanceId.AlreadyExists",
        Some("instance"),
    ),
    ("jdcloud", VPCS, "A: join-security-group i --group V/default", "AlreadyExists", Some("instance")),
    ("alibaba", VPCS, "A: delete-route-table V/default", "OperationDenied.DefaultResource", Some("name")),
    ("jdcloud", VPCS, "A: create-vpc-peering p --vpc V --peer-vpc-id nothing", "NotFound", Some("peer-vpc-id")),
    ("alibaba", "", "A: create-subnet s --vpc V --cidr 10.0.0.0/24", "InvalidVpcId.NotFound", Some("vpc")),
    ("alibaba", VPCS, "A: create-instance j --subnet V/x", "InvalidVSwitchId.NotFound", Some("subnet")),
    ("alibaba", VPCS, "A: delete-instance j", "InvalidInstanceId.NotFound", Some("name")),
    ("jdcloud", VPCS, "A: delete-route-table x", "InvalidRouteTableId.NotFound", Some("name")),
    ("jdcloud", VPCS, "A: join-security-group i --group x", "InvalidSecurityGroupId.NotFound", Some("group")),
    ("alibaba", VPCS, "A: connect-router-interface x", "InvalidRouterInterfaceId.NotFound", Some("name")),
    ("alibaba", VPCS, "A: create-instance j --subnet V/s --ip 10.0.1.0", "InvalidPrivateIpAddress", Some("ip")),
    (
        "alibaba",
        VPCS,
        "A: create-instance j --subnet V/s --ip 10.0.1.1",
        "InvalidPrivateIpAddress.Duplicated",
        Some("ip"),
    ),
    (
        "alibaba",
        VPCS,
        "A: create-instance j --subnet V/s --public-ip 10.0.1.1",
        "InvalidPublicIpAddress",
        Some("public-ip"),
    ),
    (
        "alibaba",
        VPCS,
        "A: create-instance j --subnet V/s --public-ip 203.0.113.1",
        "InvalidPublicIpAddress.Duplicated",
        Some("public-ip"),
    ),
    (
        "jdcloud",
        VPCS,
        "A: create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop internet",
        "InvalidCIDRBlock.Duplicate",
        Some("destination"),
    ),
    (
        "jdcloud",
        VPCS,
        "A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop x",
        "InvalidNextHop.NotFound",
        Some("next-hop"),
    ),
    (
        "jdcloud",
        VPCS,
        "A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop W",
        "InvalidNextHopType",
        Some("next-hop"),
    ),
    (
        "alibaba",
        VPCS,
        "A: delete-route-entry --table t --destination 8.0.0.0/8",
        "InvalidRouteEntry.NotFound",
        Some("destination"),
    ),
    ("alibaba", VPCS, "A: unassociate-route-table t --subnet V/s", "InvalidAssociation.NotFound", Some("subnet")),
    ("alibaba", VPCS, "A: associate-route-table t2 --subnet V/s", "InvalidVpcId.Mismatch", Some("subnet")),
    ("alibaba", VPCS, "A: join-security-group i --group k", "InvalidInstanceId.Mismatch", Some("group")),
    (
        "alibaba",
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/24
         A: create-instance i --subnet V/s
         A: create-route-entry --vpc V --destination 8.0.0.0/8 --next-hop i",
        "A: delete-instance i",
        "DependencyViolation.RouteEntry",
        Some("name"),
    ),
    (
        "alibaba",
        VPCS,
        "A: create-router-interface a --vpc V --role peer --opposite-region r",
        "InvalidRole",
        Some("role"),
    ),
    (
        "alibaba",
        VPCS,
        "A: create-router-interface a --vpc V --role initiator --spec 3Mb --opposite-region r",
        "InvalidSpec",
        Some("spec"),
    ),
    (
        "alibaba",
        VPCS,
        "A: create-router-interface a --vpc V --role acceptor --opposite-region r --latency 30",
        "InvalidLatency",
        Some("latency"),
    ),
    ("alibaba", "", "A: create-vpc V --region r --cidr 10.0.0.0/16 --mtu 1279", "InvalidMtu", Some("mtu")),
    ("jdcloud", "", "A: create-vpc V --region r --cidr 10.0.0.0/16 --mtu 9217", "InvalidMtu", Some("mtu")),
    (
        "alibaba",
        VPCS,
        "A: create-router-interface a --vpc V --role acceptor --opposite-region r --mtu 1500B",
        "InvalidMtu",
        Some("mtu"),
    ),
    ("alibaba", PAIR, "A: activate-router-interface a", "IncorrectRIStatus", Some("name")),
    ("alibaba", PAIR, "A: deactivate-router-interface a", "IncorrectStatus", Some("name")),
    (
        "alibaba",
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         A: create-router-interface a --vpc V --role initiator --spec Mini.2 --opposite-region r
         A: create-route-entry --vpc V --destination 8.0.0.0/8 --next-hop a",
        "A: delete-router-interface a",
        "DependencyViolation.RouterInterfaceReferedByRouteEntry",
        Some("name"),
    ),
    ("alibaba", PAIR, "B: modify-router-interface-spec b --spec Mini.2", "IncorrectRole", Some("name")),
    ("alibaba", PAIR, "B: connect-router-interface b", "IncorrectRole.NotInitiatingSide", Some("name")),
    ("alibaba", PAIR, "A: connect-router-interface a", "IncorrectOppositeInterfaceInfo.NotSet", Some("name")),
    (
        "alibaba",
        "A: create-vpc V --region r --cidr 10.0.0.0/16",
        "A: create-peering p --vpc V --peer-vpc V --spec Mini.2",
        "IncorrectOppositeInterfaceInfo",
        Some("peer-vpc"),
    ),
    (
        "alibaba",
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         A: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-peering p --vpc V --peer-vpc W --spec Mini.2",
        "A: create-peering q --vpc V --peer-vpc W --spec Mini.2",
        "Forbidden.OnlyOneConnection",
        Some("peer-vpc"),
    ),
    ("jdcloud", VPCS, "A: create-vpc-peering p --vpc V --peer-vpc-id far", "InvalidPeerVpcId", Some("peer-vpc-id")),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol esp --cidr 8.0.0.0/8",
        "InvalidIpProtocol.ValueNotSupported",
        Some("protocol"),
    ),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol tcp --port 99999 --cidr 8.0.0.0/8",
        "InvalidIpPortRange.Malformed",
        Some("port"),
    ),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol tcp --priority 0 --cidr 8.0.0.0/8",
        "InvalidPriority.ValueNotSupported",
        Some("priority"),
    ),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol tcp --policy no --cidr 8.0.0.0/8",
        "InvalidPolicy.Malformed",
        Some("policy"),
    ),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol tcp --group h",
        "InvalidSourceGroupId.NotFound",
        Some("group"),
    ),
    (
        "alibaba",
        VPCS,
        "A: authorize-security-group g --protocol tcp --group k",
        "InvalidSourceGroupId.NotFound",
        Some("group"),
    ),
    (
        "alibaba",
        VPCS,
        "A: revoke-security-group g --protocol tcp --cidr 8.0.0.0/8",
        "InvalidGroupAuthItem.NotFound",
        Some("security_group"),
    ),
    ("alibaba", VPCS, "A: leave-security-group i --group g", "InvalidSecurityGroupAssociation.NotFound", Some("group")),
    (
        "alibaba",
        REQUEST,
        "A: create-vpc-peering-connection x --vpc V --peer-vpc own",
        "ResourceAlreadyExist.RouterInterface",
        Some("peer-vpc"),
    ),
    (
        "alibaba",
        REQUEST,
        "A: create-vpc-peering-connection x --vpc far --peer-vpc V",
        "ResourceAlreadyExist.VpcPeer",
        Some("peer-vpc"),
    ),
    (
        "alibaba",
        REQUEST,
        "A: create-vpc-peering-connection x --vpc own --peer-vpc W --peer-account A",
        "IncorrectStatus.AcceptingVpc",
        Some("peer-account"),
    ),
    (
        "alibaba",
        REQUEST,
        "A: create-vpc-peering-connection x --vpc own --peer-vpc far --bandwidth fast",
        "IllegalParam.Bandwidth",
        Some("bandwidth"),
    ),
    (
        "alibaba",
        REQUEST,
        "A: create-vpc-peering-connection x --vpc own --peer-vpc far --bandwidth 2Gbit",
        "QuotaExceeded.Bandwidth",
        Some("bandwidth"),
    ),
    (
        "alibaba",
        REQUEST,
        "A: create-vpc-peering-connection x --vpc own --peer-vpc W --bandwidth 2Mbit",
        "OperationFailed.BandwidthCannotBeChangedInSameRegion",
        Some("bandwidth"),
    ),
    ("alibaba", REQUEST, "A: accept-vpc-peering-connection req", "Forbidden.NoPermission", Some("name")),
    ("alibaba", REQUEST, "A: accept-vpc-peering-connection pcc", "IncorrectStatus.VpcPeer", Some("name")),
    ("alibaba", REQUEST, "A: delete-vpc-peering-connection none", "ResourceNotFound.InstanceId", Some("name")),
    ("alibaba", REQUEST, "A: delete-vpc-peering-connection pcc", "OperationDenied.RouteEntryExist", Some("name")),
    (
        "alibaba",
        REQUEST,
        "A: create-route-entry --vpc V --destination 192.168.0.0/16 --next-hop peering_connection:none",
        "ResourceNotFound.VpcPeer",
        Some("next-hop"),
    ),
    (
        "alibaba",
        REQUEST,
        "A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop req",
        "IncorrectStatus.VpcPeer",
        Some("next-hop"),
    ),
    ("alibaba", REQUEST, "B: delete-vpc W", "DependencyViolation.VpcPeer", Some("name")),
    ("alibaba", REQUEST, "A: pass-time 7", "InvalidTime", Some("time")),
    ("aws", SHUT, "A: associate-public-ip i", "Gateway.NotAttached", Some("instance")),
    ("aws", SHUT, "A: create-nat-gateway n --subnet V/s", "Gateway.NotAttached", Some("subnet")),
    ("aws", SHUT, "A: delete-gateway g", "InvalidInternetGatewayID.NotFound", Some("name")),
    ("aws", SHUT, "A: delete-nat-gateway n", "NatGatewayNotFound", Some("name")),
    ("alibaba", VPCS, "A: create-subnet z --vpc V --cidr 10.0.9.0/24 --zone r", "InvalidZoneId.NotFound", Some("zone")),
    (
        "aws",
        SHUT,
        "A: create-subnet z --vpc V --cidr 10.0.9.0/24 --zone us-west-2a",
        "InvalidParameterValue",
        Some("zone"),
    ),
    ("aws", SHUT, "A: start-instance i", "IncorrectInstanceState", Some("name")),
    ("tencent", TENCENT, "A: delete-vpc V", "ResourceInUse", Some("name")),
    (
        "tencent",
        TENCENT,
        "A: create-vpc V --region ap-guangzhou --cidr 10.9.0.0/16",
        "InvalidParameterValue.Duplicate",
        Some("name"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-vpc x --region ap-guangzhou --cidr 100.64.0.0/16",
        "InvalidParameterValue.Range",
        Some("cidr"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-vpc x --region ap-guangzhou --cidr ten",
        "InvalidParameterValue.Malformed",
        Some("cidr"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-subnet x --vpc V --cidr 10.1.0.0/29",
        "InvalidParameterValue.SubnetRange",
        Some("cidr"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-subnet x --vpc V --cidr 10.0.1.0/25",
        "InvalidParameterValue.SubnetConflict",
        Some("cidr"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-subnet x --vpc V --cidr 10.0.7.0/24 --zone ap-guangzhou-a",
        "InvalidParameterValue",
        Some("zone"),
    ),
    ("tencent", TENCENT, "A: delete-subnet V/none", "ResourceNotFound", Some("name")),
    ("tencent", TENCENT, "A: delete-security-group none", "InvalidSecurityGroupID.NotFound", Some("name")),
    ("tencent", TENCENT, "A: delete-security-group V/default", "InvalidParameterValue.Reserved", Some("name")),
    ("tencent", TENCENT, "A: delete-route-table V/default", "UnsupportedOperation.DelDefaultRoute", Some("name")),
    ("tencent", TENCENT, "A: delete-route-table t", "UnsupportedOperation.DelRouteWithSubnet", Some("name")),
    (
        "tencent",
        TENCENT,
        "A: delete-route-entry --vpc V --destination 10.9.0.0/16",
        "InvalidRouteId.NotFound",
        Some("destination"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-route-entry --vpc V --destination 10.0.5.0/24 --next-hop p",
        "InvalidParameterValue.VpcCidrConflict",
        Some("destination"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop p",
        "UnsupportedOperation.EcmpWithUserRoute",
        Some("destination"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-route-entry --vpc V --destination 172.20.0.0/16 --next-hop none",
        "InvalidParameterValue.RouteNextHopInvalid",
        Some("next-hop"),
    ),
    (
        "tencent",
        TENCENT,
        "A: associate-route-table t --subnet own/s",
        "UnsupportedOperation.VpcMismatch",
        Some("subnet"),
    ),
    (
        "tencent",
        TENCENT,
        "A: unassociate-network-acl n --subnet V/u",
        "UnsupportedOperation.AttachmentNotFound",
        Some("subnet"),
    ),
    (
        "tencent",
        TENCENT,
        "A: join-security-group i --group g",
        "UnsupportedOperation.AttachmentAlreadyExists",
        Some("instance"),
    ),
    (
        "tencent",
        TENCENT,
        "A: authorize-security-group g --protocol icmp --cidr 10.0.0.0/8 --priority 1",
        "UnsupportedOperation.DuplicatePolicy",
        Some("security_group"),
    ),
    ("tencent", TENCENT, "A: create-instance x --subnet V/s --ip 10.0.1.9", "ResourceInUse.Address", Some("ip")),
    ("tencent", TENCENT, "A: start-instance i", "UnsupportedOperation.InvalidInstanceState", Some("name")),
    ("tencent", TENCENT, "A: associate-public-ip i", "InvalidInstanceId.AlreadyBindEip", Some("instance")),
    ("tencent", TENCENT, "A: release-public-ip j", "UnsupportedOperation.UnbindEIP", Some("instance")),
    ("tencent", TENCENT, "A: create-gateway x --vpc V", "UnsupportedOperation", None),
    ("tencent", TENCENT, "A: create-nat-gateway x --subnet V/s", "UnsupportedOperation", None),
    (
        "tencent",
        TENCENT,
        "A: create-vpc-peering-connection x --vpc V --peer-vpc own",
        "UnsupportedOperation.VpcPeerAlreadyExist",
        Some("peer-vpc"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-vpc-peering-connection x --vpc V --peer-vpc same",
        "UnsupportedOperation.VpcPeerCidrConflict",
        Some("peer-vpc"),
    ),
    (
        "tencent",
        TENCENT,
        "A: create-vpc-peering-connection x --vpc V --peer-vpc like-own",
        "UnsupportedOperation.VpcPeerCidrConflict",
        Some("peer-vpc"),
    ),
    (
        "tencent",
        TENCENT,
        "A: accept-vpc-peering-connection asked",
        "UnsupportedOperation.VpcPeerPurviewError",
        Some("name"),
    ),
    (
        "tencent",
        TENCENT,
        "A: accept-vpc-peering-connection p",
        "UnsupportedOperation.VpcPeerPurviewError",
        Some("name"),
    ),
    (
        "tencent",
        TENCENT,
        "B: accept-vpc-peering-connection p",
        "UnsupportedOperation.VpcPeerInvalidStateChange",
        Some("name"),
    ),
    (
        "tencent",
        TENCENT,
        "A: modify-vpc-peering-connection across --bandwidth 30Mbit",
        "InvalidParameterValue.BandwidthOutOfRange",
        Some("bandwidth"),
    ),
    (
        "tencent",
        TENCENT,
        "A: modify-vpc-peering-connection mine --bandwidth 10Mbit",
        "InvalidParameterValue",
        Some("bandwidth"),
    ),
];

/// VPCs of Tencent Cloud: joined within an account, between two, between regions, and not.
const TENCENT: &str = "
    A: create-vpc V --region ap-guangzhou --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-subnet u --vpc V --cidr 10.0.2.0/24
    A: create-route-table t --vpc V
    A: associate-route-table t --subnet V/s
    A: create-network-acl n --vpc V
    A: create-security-group g --vpc V
    A: authorize-security-group g --protocol icmp --cidr 10.0.0.0/8
    A: create-instance i --subnet V/s --ip 10.0.1.9 --security-group g --public-ip 203.0.113.9
    A: create-instance j --subnet V/s
    A: create-vpc own --region ap-guangzhou --cidr 192.168.0.0/16
    A: create-subnet s --vpc own --cidr 192.168.1.0/24
    A: create-vpc same --region ap-guangzhou --cidr 10.0.128.0/17
    A: create-vpc like-own --region ap-guangzhou --cidr 192.168.128.0/17
    A: create-vpc far --region ap-beijing --cidr 10.4.0.0/16
    B: create-vpc W --region ap-guangzhou --cidr 172.16.0.0/16
    B: create-vpc other --region ap-guangzhou --cidr 172.20.0.0/16
    A: create-vpc-peering-connection mine --vpc V --peer-vpc own
    A: create-vpc-peering-connection across --vpc V --peer-vpc far
    A: create-vpc-peering-connection p --vpc V --peer-vpc W
    B: accept-vpc-peering-connection p
    A: create-vpc-peering-connection asked --vpc V --peer-vpc other
    A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop p";

/// A VPC of AWS without a gateway, and an instance.
const SHUT: &str = "
    A: create-vpc V --region us-east-1 --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-instance i --subnet V/s";

#[test]
fn each_case_is_answered_with_its_code() {
    for (provider, script, line, code, argument) in CASES {
        let mut cloud = cloud(provider);
        cloud.run_all(script);
        let (caller, line) = line.split_once(": ").unwrap();
        let refusal = cloud.refuse(caller, line);
        assert_eq!((refusal.code.0, refusal.argument), (*code, *argument), "{line}: {refusal}");
    }
}

/// Codes that take many operations to reach have tests with their resources, those that take time in `clock.rs`.
const ELSEWHERE: [Code; 24] = [
    Code("LimitExceeded"),
    Code("LimitExceeded.VpcPeerAvaLimitExceeded"),
    Code("LimitExceeded.SecurityGroupPolicySet"),
    Code("ResourceInsufficient.Subnet"),
    Code("TaskConflict"),
    Code("Conflict.Operation"),
    Code("VpcLimitExceeded"),
    Code("SubnetLimitExceeded"),
    Code("RouteTableLimitExceeded"),
    Code("CidrLimitExceeded"),
    Code("RouteLimitExceeded"),
    Code("InsufficientFreeAddressesInSubnet"),
    Code("AddressLimitExceeded"),
    Code("RulesPerSecurityGroupLimitExceeded"),
    Code("SecurityGroupsPerInterfaceLimitExceeded"),
    Code("OutstandingVpcPeeringConnectionLimitExceeded"),
    Code("ActiveVpcPeeringConnectionPerVpcLimitExceeded"),
    Code("QuotaExceeded"),
    Code("AuthorizationLimitExceed"),
    Code("InstanceSecurityGroupLimitExceeded"),
    Code("NetworkAclEntryLimitExceeded"),
    Code("QuotaExceeded.IntraRegionVpcPeerCountPerVpc"),
    Code("QuotaExceeded.CrossRegionVpcPeerCountPerVpc"),
    Code("QuotaExceeded.VpcPeerCountPerUserPerRegion"),
];

#[test]
fn every_code_has_a_case() {
    let tested: BTreeSet<_> = CASES.iter().map(|case| case.3).chain(ELSEWHERE.map(|code| code.0)).collect();
    let all: BTreeSet<_> = Provider::ALL.into_iter().flat_map(Provider::all_codes).map(|code| code.0).collect();
    assert_eq!(tested, all);
}

/// The argument at fault is one of the operation's, so that a caret can point to it.
#[test]
fn every_argument_at_fault_is_in_the_grammar() {
    for (_, _, line, _, argument) in CASES {
        let Some(argument) = argument else { continue };
        let kind = parse(line.split_once(": ").unwrap().1).kind();
        assert!(kind.arguments().any(|it| it.name() == *argument), "{}: {argument}", kind.name);
    }
}

#[test]
fn a_family_of_codes_may_be_written() {
    assert!(Code("Forbidden.NotOwner").is("Forbidden.NotOwner") && Code("Forbidden.NotOwner").is("Forbidden"));
    assert!(
        Code("InvalidCIDRBlock.Duplicate").is("InvalidCidrBlock.Duplicate")
            && Code("InvalidCIDRBlock.Duplicate").is("InvalidCidrBlock")
    );
    assert!(!Code("Forbidden.NotOwner").is("Forb") && !Code("IncorrectRole").is("IncorrectRole.NotInitiatingSide"));
}
