//! The operations: each row describes one; its implementation is in its resource's file.
//!
//! This table generates the types of calls, the grammar of `run` lines and of `peerlab api`, its help and completions,
//! and the documentation's tables.

use super::ArgumentKind::{
    Account, AclDefault, AclNumber, Address, Awaited, Bandwidth, Block, BlockOrAddress, Boolean, Bytes, Changed,
    Deleted, Direction, Duration, EntryPriority, Flag, GroupEgress, InnerAccess, New, NewId, NextHop, Policy, Port,
    Ports, Protocol, Region, Role, RulePriority, Spec, Thing, Time, Zone,
};
use super::argument::{Argument, Value};
use super::kind::{Arguments, Kind, Texts, arguments, operations};
use super::{Operation, Outcome, Part, Refusal};
use crate::PeeringKind;
use crate::ResourceKind::{
    Compound, Gateway, Instance, NatGateway, NetworkAcl, PeeringConnection, RouteTable, Router, RouterInterface,
    SecurityGroup, Subnet, Vpc, VpcPeering,
};

operations! {
    /// Create a VPC.
    CreateVpc "create-vpc" does create_vpc, done has_vpc,
        api "alibaba" "CreateVpc", api "jdcloud" "createVpc", api "aws" "CreateVpc", api "tencent" "CreateVpc"
    {
        /// Its name.
        name: String = New(Vpc),
        /// Its region, as in cn-qingdao.
        "--region" region: String = Region,
        /// Its CIDR block.
        "--cidr" cidr: String = Block,
        /// Its id; derived from the name where it is left out.
        "--id" id: Option<String> = NewId(Vpc),
        /// Its router's id.
        "--router-id" router_id: Option<String> = NewId(Router),
        /// The largest IP packet of its links, in bytes, 1280 to 9216.
        "--mtu" mtu: Option<String> = Bytes; part &Part::Mtu,
    }

    /// Delete an empty VPC.
    DeleteVpc "delete-vpc" does delete_vpc, done is_gone,
        api "alibaba" "DeleteVpc", api "jdcloud" "deleteVpc", api "aws" "DeleteVpc", api "tencent" "DeleteVpc"
    {
        /// The VPC, by name or id.
        name: String = Deleted(Vpc),
    }

    /// Give a VPC another CIDR block.
    AddCidr "add-cidr" does add_cidr, done has_block,
        part SecondaryBlock,
        api "alibaba" "AssociateVpcCidrBlock", api "aws" "AssociateVpcCidrBlock", api "tencent" "CreateAssistantCidr"
    {
        /// The VPC, by name or id.
        vpc: String = Thing(&[Vpc]),
        /// The block.
        "--cidr" cidr: String = Block,
    }

    /// Take a secondary CIDR block without subnets away from a VPC.
    RemoveCidr "remove-cidr" does remove_cidr, done has_no_block,
        part BlockRemoval,
        api "alibaba" "UnassociateVpcCidrBlock", api "aws" "DisassociateVpcCidrBlock", api "tencent" "DeleteAssistantCidr"
    {
        /// The VPC, by name or id.
        vpc: String = Thing(&[Vpc]),
        /// The block.
        "--cidr" cidr: String = Block,
    }

    /// Create a subnet (Alibaba's VSwitch).
    CreateSubnet "create-subnet" does create_subnet, done has_subnet, alias "create-vswitch",
        api "alibaba" "CreateVSwitch", api "jdcloud" "createSubnet", api "aws" "CreateSubnet", api "tencent" "CreateSubnet"
    {
        /// Its name.
        name: String = New(Subnet),
        /// The VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// Its CIDR block.
        "--cidr" cidr: String = Block,
        /// Its availability zone, as in us-east-1a.
        "--zone" zone: Option<String> = Zone,
        /// Its id.
        "--id" id: Option<String> = NewId(Subnet),
    }

    /// Delete an empty subnet.
    DeleteSubnet "delete-subnet" does delete_subnet, done is_gone, alias "delete-vswitch",
        api "alibaba" "DeleteVSwitch", api "jdcloud" "deleteSubnet", api "aws" "DeleteSubnet", api "tencent" "DeleteSubnet"
    {
        /// The subnet: VPC/SUBNET or its id.
        name: String = Deleted(Subnet),
    }

    /// Create an instance.
    CreateInstance "create-instance" does create_instance, done has_instance,
        api "alibaba" "RunInstances", api "jdcloud" "createInstances", api "aws" "RunInstances", api "tencent" "RunInstances"
    {
        /// Its name.
        name: String = New(Instance),
        /// The subnet: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
        /// Its private address; else the lowest free one.
        "--ip" ip: Option<String> = Address,
        /// Its public address.
        "--public-ip" public_ip: Option<String> = Address; part &Part::PublicAddress,
        /// Its groups; without one it is in the VPC's default group.
        "--security-group" security_group: Vec<String> = Thing(&[SecurityGroup]); part &Part::Membership,
        /// Whether it passes on packets that are not for it: true or false.
        "--forwards" forwards: Option<String> = Boolean; default; part &Part::Forwarding,
        /// Whether it puts its own address on what it passes on: true or false.
        "--masquerade" masquerade: Option<String> = Boolean; default; part &Part::Masquerading,
        /// Its id.
        "--id" id: Option<String> = NewId(Instance),
    }

    /// Start a stopped instance.
    StartInstance "start-instance" does start_instance, done is_running,
        part Starting,
        api "alibaba" "StartInstance", api "jdcloud" "startInstance", api "aws" "StartInstances", api "tencent" "StartInstances"
    {
        /// The instance, by name or id.
        name: String = Changed(Instance),
    }

    /// Stop a running instance; it keeps its addresses.
    StopInstance "stop-instance" does stop_instance, done is_stopped,
        part Stopping,
        api "alibaba" "StopInstance", api "jdcloud" "stopInstance", api "aws" "StopInstances", api "tencent" "StopInstances"
    {
        /// The instance, by name or id.
        name: String = Changed(Instance),
    }

    /// Restart a running instance.
    RebootInstance "reboot-instance" does reboot_instance, done is_rebooted,
        api "alibaba" "RebootInstance", api "jdcloud" "rebootInstance", api "aws" "RebootInstances", api "tencent" "RebootInstances"
    {
        /// The instance, by name or id.
        name: String = Changed(Instance),
    }

    /// Let an instance pass on packets that are not for it, or not.
    ModifyInstance "modify-instance" does modify_instance, done is_modified,
        part ForwardingChange,
        api "alibaba" "ModifyNetworkInterfaceAttribute", api "jdcloud" "modifyNetworkInterface", api "aws" "ModifyInstanceAttribute"
    {
        /// The instance, by name or id.
        name: String = Changed(Instance),
        /// true or false.
        "--forwards" forwards: String = Boolean,
    }

    /// Give an instance a public address.
    AssociatePublicIp "associate-public-ip" does associate_public_ip, done has_public_ip,
        part PublicAssociation,
        api "alibaba" "AssociateEipAddress", api "jdcloud" "associateElasticIp", api "tencent" "AssociateAddress"
    {
        /// The instance, by name or id.
        instance: String = Thing(&[Instance]),
        /// The public address; else the lowest free one of 203.0.113.0/24.
        "--public-ip" public_ip: Option<String> = Address,
    }

    /// Take the public address away from an instance.
    ReleasePublicIp "release-public-ip" does release_public_ip, done has_no_public_ip,
        part PublicRelease,
        api "alibaba" "UnassociateEipAddress", api "jdcloud" "disassociateElasticIp", api "tencent" "DisassociateAddress"
    {
        /// The instance, by name or id.
        instance: String = Thing(&[Instance]),
    }

    /// Delete an instance.
    DeleteInstance "delete-instance" does delete_instance, done is_gone,
        api "alibaba" "DeleteInstance", api "jdcloud" "deleteInstance", api "aws" "TerminateInstances", api "tencent" "TerminateInstances"
    {
        /// The instance, by name or id.
        name: String = Deleted(Instance),
    }

    /// Create a NAT gateway, which leads private subnets to the internet.
    CreateNatGateway "create-nat-gateway" does create_nat_gateway, done has_nat_gateway,
        api "alibaba" "CreateNatGateway" "AssociateEipAddress", api "jdcloud" "createNatGateway"
    {
        /// Its name.
        name: String = New(NatGateway),
        /// The subnet that it is in: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
        /// Its public address; else the lowest free one of 203.0.113.0/24.
        "--public-ip" public_ip: Option<String> = Address,
        /// Its id.
        "--id" id: Option<String> = NewId(NatGateway),
    }

    /// Delete a NAT gateway, with its entries and its public address.
    DeleteNatGateway "delete-nat-gateway" does delete_nat_gateway, done is_gone,
        api "alibaba" "DeleteNatGateway", api "jdcloud" "deleteNatGateway"
    {
        /// The NAT gateway, by name or id.
        name: String = Deleted(NatGateway),
    }

    /// Let a NAT gateway translate the addresses of a block.
    CreateSnatEntry "create-snat-entry" does create_snat_entry, done has_snat_entry,
        part SnatEntry,
        api "alibaba" "CreateSnatEntry", api "jdcloud" "addSnatRules"
    {
        /// The NAT gateway, by name or id.
        nat_gateway: String = Thing(&[NatGateway]),
        /// The sources: a CIDR block in its VPC, or one address.
        "--cidr" cidr: String = BlockOrAddress,
    }

    /// Let a NAT gateway translate the addresses of a block no more.
    DeleteSnatEntry "delete-snat-entry" does delete_snat_entry, done has_no_snat_entry,
        part SnatEntryDeletion,
        api "alibaba" "DeleteSnatEntry", api "jdcloud" "removeSnatRules"
    {
        /// The NAT gateway, by name or id.
        nat_gateway: String = Thing(&[NatGateway]),
        /// The sources: a CIDR block in its VPC, or one address.
        "--cidr" cidr: String = BlockOrAddress,
    }

    /// Lead a port of a NAT gateway's public address to an instance.
    CreateDnatEntry "create-dnat-entry" does create_dnat_entry, done has_dnat_entry,
        part DnatEntry,
        api "alibaba" "CreateForwardEntry", api "jdcloud" "addDnatRules"
    {
        /// The NAT gateway, by name or id.
        nat_gateway: String = Thing(&[NatGateway]),
        /// tcp or udp.
        "--protocol" protocol: String = Protocol,
        /// The port at the public address.
        "--port" port: String = Port,
        /// The private address of the instance.
        "--to" to: String = Address,
        /// The port of the instance; else the same.
        "--to-port" to_port: Option<String> = Port,
    }

    /// Lead a port of a NAT gateway's public address nowhere again.
    DeleteDnatEntry "delete-dnat-entry" does delete_dnat_entry, done has_no_dnat_entry,
        part DnatEntryDeletion,
        api "alibaba" "DeleteForwardEntry", api "jdcloud" "removeDnatRules"
    {
        /// The NAT gateway, by name or id.
        nat_gateway: String = Thing(&[NatGateway]),
        /// tcp or udp.
        "--protocol" protocol: String = Protocol,
        /// The port at the public address.
        "--port" port: String = Port,
    }

    /// Attach a gateway to the internet to a VPC; then public addresses need a route entry to it (alibaba).
    CreateGateway "create-gateway" does create_gateway, done has_gateway,
        part Gateway,
        api "alibaba" "CreateIpv4Gateway" "EnableVpcIpv4Gateway"
    {
        /// Its name.
        name: String = New(Gateway),
        /// The VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// Its id.
        "--id" id: Option<String> = NewId(Gateway),
    }

    /// Delete a gateway to the internet (alibaba).
    DeleteGateway "delete-gateway" does delete_gateway, done is_gone,
        part GatewayDeletion,
        api "alibaba" "DeleteIpv4Gateway"
    {
        /// The gateway, by name or id.
        name: String = Deleted(Gateway),
    }

    /// Create a custom route table.
    CreateRouteTable "create-route-table" does create_route_table, done has_route_table,
        api "alibaba" "CreateRouteTable", api "jdcloud" "createRouteTable", api "aws" "CreateRouteTable", api "tencent" "CreateRouteTable"
    {
        /// Its name.
        name: String = New(RouteTable),
        /// The VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// Its id.
        "--id" id: Option<String> = NewId(RouteTable),
    }

    /// Delete a custom route table that no subnet uses.
    DeleteRouteTable "delete-route-table" does delete_route_table, done is_gone,
        api "alibaba" "DeleteRouteTable", api "jdcloud" "deleteRouteTable", api "aws" "DeleteRouteTable", api "tencent" "DeleteRouteTable"
    {
        /// The table, by name or id.
        name: String = Deleted(RouteTable),
    }

    /// Make a subnet use a route table; the one it used before is replaced.
    AssociateRouteTable "associate-route-table" does associate_route_table, done is_associated,
        part Association,
        api "alibaba" "AssociateRouteTable", api "jdcloud" "associateRouteTable", api "aws" "AssociateRouteTable", api "tencent" "ReplaceRouteTableAssociation"
    {
        /// The table, by name or id.
        table: String = Thing(&[RouteTable]),
        /// The subnet: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
    }

    /// Make a subnet that is associated with a route table use another one (aws).
    ReplaceRouteTableAssociation "replace-route-table-association"
        does replace_route_table_association, done is_replaced,
        part Association,
        api "aws" "ReplaceRouteTableAssociation"
    {
        /// The table, by name or id.
        table: String = Thing(&[RouteTable]),
        /// The subnet: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
    }

    /// Make a route table the main one of its VPC, which serves every subnet without an association (aws).
    SetMainRouteTable "set-main-route-table" does set_main_route_table, done is_main,
        part MainTable,
        api "aws" "ReplaceRouteTableAssociation"
    {
        /// The table, by name or id.
        table: String = Thing(&[RouteTable]),
    }

    /// Give a subnet back to the VPC's default table.
    UnassociateRouteTable "unassociate-route-table" does unassociate_route_table, done is_unassociated,
        part Unassociation,
        api "alibaba" "UnassociateRouteTable", api "jdcloud" "disassociateRouteTable", api "aws" "DisassociateRouteTable"
    {
        /// The table, by name or id.
        table: String = Thing(&[RouteTable]),
        /// The subnet: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
    }

    /// Add an entry to a route table.
    CreateRouteEntry "create-route-entry" does create_route_entry, done has_route_entry,
        part RouteEntry,
        api "alibaba" "CreateRouteEntry", api "jdcloud" "addRouteTableRules", api "aws" "CreateRoute", api "tencent" "CreateRoutes"
    {
        /// The table, by name or id.
        "--table" table: Option<String> = Thing(&[RouteTable]); or "vpc",
        /// The VPC whose default table is meant.
        "--vpc" vpc: Option<String> = Thing(&[Vpc]),
        /// The CIDR block it is for, or one address.
        "--destination" destination: String = BlockOrAddress,
        /// A router interface, peering, instance, NAT gateway or gateway by name or id, or internet; with several, each takes the flows of some instances.
        "--next-hop" next_hop: Vec<String> = NextHop(HOPS); required; part &Part::NextHop,
        /// 1 (first) to 255, default 100 (jdcloud); the entry with the next priority is in use while this one carries no traffic.
        "--priority" priority: Option<String> = EntryPriority; default,
    }

    /// Remove an entry from a route table.
    DeleteRouteEntry "delete-route-entry" does delete_route_entry, done has_no_route_entry,
        part EntryDeletion,
        api "alibaba" "DeleteRouteEntry", api "jdcloud" "removeRouteTableRules", api "aws" "DeleteRoute", api "tencent" "DeleteRoutes"
    {
        /// The table, by name or id.
        "--table" table: Option<String> = Thing(&[RouteTable]); or "vpc",
        /// The VPC whose default table is meant.
        "--vpc" vpc: Option<String> = Thing(&[Vpc]),
        /// The CIDR block it is for, or one address.
        "--destination" destination: String = BlockOrAddress,
        /// Its next hop, as a safeguard, or to tell which.
        "--next-hop" next_hop: Option<String> = NextHop(HOPS),
        /// Its priority, to tell which (jdcloud).
        "--priority" priority: Option<String> = EntryPriority,
    }

    /// Create a security group.
    CreateSecurityGroup "create-security-group" does create_security_group, done has_security_group,
        api "alibaba" "CreateSecurityGroup", api "jdcloud" "createNetworkSecurityGroup", api "aws" "CreateSecurityGroup", api "tencent" "CreateSecurityGroup"
    {
        /// Its name.
        name: String = New(SecurityGroup),
        /// The VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// Whether its members reach each other where no rule says so: accept (default) or drop.
        "--inner-access" inner_access: Option<String> = InnerAccess; default; part &Part::InnerAccess,
        /// What it does with outbound packets before it has egress rules: accept (by a rule) or drop.
        "--egress" egress: Option<String> = GroupEgress; default,
        /// Its id.
        "--id" id: Option<String> = NewId(SecurityGroup),
    }

    /// Change whether a group's members reach each other where no rule says so.
    ModifySecurityGroup "modify-security-group" does modify_security_group, done has_inner_access,
        part InnerAccessChange,
        api "alibaba" "ModifySecurityGroupPolicy"
    {
        /// The group, by name or id.
        name: String = Changed(SecurityGroup),
        /// accept or drop.
        "--inner-access" inner_access: String = InnerAccess,
    }

    /// Delete a security group that nothing uses.
    DeleteSecurityGroup "delete-security-group" does delete_security_group, done is_gone,
        api "alibaba" "DeleteSecurityGroup", api "jdcloud" "deleteNetworkSecurityGroup", api "aws" "DeleteSecurityGroup", api "tencent" "DeleteSecurityGroup"
    {
        /// The group, by name or id.
        name: String = Deleted(SecurityGroup),
    }

    /// Add an ingress rule to a group.
    AuthorizeSecurityGroup "authorize-security-group" does authorize, done has_rule,
        part Rule,
        api "alibaba" "AuthorizeSecurityGroup", api "jdcloud" "addNetworkSecurityGroupRules", api "aws" "AuthorizeSecurityGroupIngress", api "tencent" "CreateSecurityGroupPolicies"
    {
        /// The group, by name or id.
        security_group: String = Thing(&[SecurityGroup]),
        ..rule: RuleArguments,
    }

    /// Add an egress rule to a group.
    AuthorizeSecurityGroupEgress "authorize-security-group-egress" does authorize, done has_rule,
        part Rule,
        api "alibaba" "AuthorizeSecurityGroupEgress", api "jdcloud" "addNetworkSecurityGroupRules", api "aws" "AuthorizeSecurityGroupEgress", api "tencent" "CreateSecurityGroupPolicies"
    {
        /// The group, by name or id.
        security_group: String = Thing(&[SecurityGroup]),
        ..rule: RuleArguments,
    }

    /// Remove an ingress rule from a group.
    RevokeSecurityGroup "revoke-security-group" does revoke, done has_no_rule,
        part RuleRevocation,
        api "alibaba" "RevokeSecurityGroup", api "jdcloud" "removeNetworkSecurityGroupRules", api "aws" "RevokeSecurityGroupIngress", api "tencent" "DeleteSecurityGroupPolicies"
    {
        /// The group, by name or id.
        security_group: String = Thing(&[SecurityGroup]),
        ..rule: RuleArguments,
    }

    /// Remove an egress rule from a group.
    RevokeSecurityGroupEgress "revoke-security-group-egress" does revoke, done has_no_rule,
        part RuleRevocation,
        api "alibaba" "RevokeSecurityGroupEgress", api "jdcloud" "removeNetworkSecurityGroupRules", api "aws" "RevokeSecurityGroupEgress", api "tencent" "DeleteSecurityGroupPolicies"
    {
        /// The group, by name or id.
        security_group: String = Thing(&[SecurityGroup]),
        ..rule: RuleArguments,
    }

    /// Put an instance into a group.
    JoinSecurityGroup "join-security-group" does join_security_group, done is_member,
        part Joining,
        api "alibaba" "JoinSecurityGroup", api "aws" "ModifyInstanceAttribute", api "tencent" "AssociateSecurityGroups"
    {
        /// The instance, by name or id.
        instance: String = Thing(&[Instance]),
        /// The group, by name or id.
        "--group" group: String = Thing(&[SecurityGroup]),
    }

    /// Take an instance out of a group.
    LeaveSecurityGroup "leave-security-group" does leave_security_group, done is_no_member,
        part Leaving,
        api "alibaba" "LeaveSecurityGroup", api "aws" "ModifyInstanceAttribute", api "tencent" "DisassociateSecurityGroups"
    {
        /// The instance, by name or id.
        instance: String = Thing(&[Instance]),
        /// The group, by name or id.
        "--group" group: String = Thing(&[SecurityGroup]),
    }

    /// Create a network ACL, a stateless filter at the edge of subnets.
    CreateNetworkAcl "create-network-acl" does create_network_acl, done has_network_acl,
        api "alibaba" "CreateNetworkAcl", api "jdcloud" "createNetworkAcl", api "aws" "CreateNetworkAcl", api "tencent" "CreateNetworkAcl"
    {
        /// Its name.
        name: String = New(NetworkAcl),
        /// The VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// What it does before it has other entries: accept (by a last entry in each direction) or drop.
        "--default" default: Option<String> = AclDefault; default,
        /// Its id.
        "--id" id: Option<String> = NewId(NetworkAcl),
    }

    /// Delete a network ACL that no subnet uses.
    DeleteNetworkAcl "delete-network-acl" does delete_network_acl, done is_gone,
        api "alibaba" "DeleteNetworkAcl", api "jdcloud" "deleteNetworkAcl", api "aws" "DeleteNetworkAcl", api "tencent" "DeleteNetworkAcl"
    {
        /// The network ACL, by name or id.
        name: String = Deleted(NetworkAcl),
    }

    /// Add an entry to a network ACL.
    CreateNetworkAclEntry "create-network-acl-entry" does create_network_acl_entry, done has_network_acl_entry,
        part AclEntry,
        api "alibaba" "UpdateNetworkAclEntries", api "jdcloud" "addNetworkAclRules", api "aws" "CreateNetworkAclEntry", api "tencent" "ModifyNetworkAclEntries"
    {
        /// The network ACL, by name or id.
        acl: String = Thing(&[NetworkAcl]),
        /// Its number: the entry with the lowest that matches decides.
        "--number" number: String = AclNumber,
        /// ingress (into the subnet) or egress (out of it).
        "--direction" direction: String = Direction,
        /// tcp, udp, icmp, gre or all.
        "--protocol" protocol: String = Protocol,
        /// The destination ports, with tcp and udp: 22, or 8000/8999; all ports if left out.
        "--port" port: Option<String> = Ports,
        /// The other side: a CIDR block, or one address.
        "--cidr" cidr: String = BlockOrAddress,
        /// accept (default) or drop.
        "--policy" policy: Option<String> = Policy; default,
    }

    /// Remove an entry from a network ACL.
    DeleteNetworkAclEntry "delete-network-acl-entry" does delete_network_acl_entry, done has_no_network_acl_entry,
        part AclEntryDeletion,
        api "alibaba" "UpdateNetworkAclEntries", api "jdcloud" "removeNetworkAclRules", api "aws" "DeleteNetworkAclEntry", api "tencent" "ModifyNetworkAclEntries"
    {
        /// The network ACL, by name or id.
        acl: String = Thing(&[NetworkAcl]),
        /// Its number.
        "--number" number: String = AclNumber,
        /// ingress (into the subnet) or egress (out of it).
        "--direction" direction: String = Direction,
    }

    /// Put a network ACL at a subnet's edge; the one it had before is replaced.
    AssociateNetworkAcl "associate-network-acl" does associate_network_acl, done uses_network_acl,
        part AclAssociation,
        api "alibaba" "AssociateNetworkAcl", api "jdcloud" "associateNetworkAcl", api "aws" "ReplaceNetworkAclAssociation", api "tencent" "AssociateNetworkAclSubnets"
    {
        /// The network ACL, by name or id.
        acl: String = Thing(&[NetworkAcl]),
        /// The subnet: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
    }

    /// Take the network ACL away from a subnet's edge.
    UnassociateNetworkAcl "unassociate-network-acl" does unassociate_network_acl, done uses_no_network_acl,
        part AclUnassociation,
        api "alibaba" "UnassociateNetworkAcl", api "jdcloud" "disassociateNetworkAcl", api "aws" "ReplaceNetworkAclAssociation", api "tencent" "DisassociateNetworkAclSubnets"
    {
        /// The network ACL, by name or id.
        acl: String = Thing(&[NetworkAcl]),
        /// The subnet: VPC/SUBNET or its id.
        "--subnet" subnet: String = Thing(&[Subnet]),
    }

    /// Create one end of a peering (alibaba).
    CreateRouterInterface "create-router-interface" does create_router_interface, done has_interface,
        of RouterInterfaces, part RouterInterface,
        api "alibaba" "CreateRouterInterface"
    {
        /// Its name.
        name: String = New(RouterInterface),
        /// The VPC whose router it is on, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// initiator or acceptor.
        "--role" role: String = Role,
        /// The bandwidth class, as in Mini.2, or its bandwidth, as in 2Mb; the initiator's decides.
        "--spec" spec: Option<String> = Spec,
        /// The region of the other end.
        "--opposite-region" opposite_region: String = Region,
        /// One-way delay, as in 30ms; needs netem in the kernel.
        "--latency" latency: Option<String> = Time,
        /// The largest IP packet that passes it, in bytes; else the smaller one of both VPCs.
        "--mtu" mtu: Option<String> = Bytes; part &Part::Mtu,
        /// Its id.
        "--id" id: Option<String> = NewId(RouterInterface),
    }

    /// Say which router interface is the other end (alibaba).
    ModifyRouterInterfaceAttribute "modify-router-interface-attribute"
        does modify_router_interface_attribute, done has_opposite,
        of RouterInterfaces, part Binding,
        api "alibaba" "ModifyRouterInterfaceAttribute"
    {
        /// The router interface, by name or id.
        name: String = Changed(RouterInterface),
        /// The other end's account, by name or id.
        "--opposite-account" opposite_account: Option<String> = Account,
        /// The other end, by name or id.
        "--opposite-interface" opposite_interface: Option<String> = Awaited(RouterInterface),
        /// The other end's router: the VPC's name, its id or the router's id.
        "--opposite-router" opposite_router: Option<String> = Awaited(Vpc),
    }

    /// Connect, from the initiator (alibaba).
    ConnectRouterInterface "connect-router-interface" does connect_router_interface, done is_connected,
        of RouterInterfaces, part Connect,
        api "alibaba" "ConnectRouterInterface"
    {
        /// The initiator, by name or id.
        name: String = Changed(RouterInterface),
    }

    /// Let an inactive end carry traffic again (alibaba).
    ActivateRouterInterface "activate-router-interface" does activate_router_interface, done is_active,
        of RouterInterfaces, part Activation,
        api "alibaba" "ActivateRouterInterface"
    {
        /// The router interface, by name or id.
        name: String = Changed(RouterInterface),
    }

    /// Stop an end from carrying traffic (alibaba).
    DeactivateRouterInterface "deactivate-router-interface" does deactivate_router_interface, done is_inactive,
        of RouterInterfaces, part Deactivation,
        api "alibaba" "DeactivateRouterInterface"
    {
        /// The router interface, by name or id.
        name: String = Changed(RouterInterface),
    }

    /// Delete an idle or inactive end (alibaba).
    DeleteRouterInterface "delete-router-interface" does delete_router_interface, done is_gone,
        of RouterInterfaces, part EndDeletion,
        api "alibaba" "DeleteRouterInterface"
    {
        /// The router interface, by name or id.
        name: String = Deleted(RouterInterface),
    }

    /// Change the bandwidth class, from the initiator (alibaba).
    ModifyRouterInterfaceSpec "modify-router-interface-spec" does modify_router_interface_spec, done has_spec,
        of RouterInterfaces, part SpecChange,
        api "alibaba" "ModifyRouterInterfaceSpec"
    {
        /// The initiator, by name or id.
        name: String = Changed(RouterInterface),
        /// The bandwidth class, as in Small.1, or its bandwidth, as in 10Mb.
        "--spec" spec: String = Spec,
    }

    /// Create both ends in one account and connect them (alibaba); they are NAME.initiator and NAME.acceptor.
    CreatePeering "create-peering" does create_peering, done has_compound,
        of RouterInterfaces, part Peering,
        api "alibaba" "CreateRouterInterface" "ModifyRouterInterfaceAttribute" "ConnectRouterInterface"
    {
        /// The peering's name.
        name: String = New(Compound),
        /// The initiator's VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// The acceptor's VPC, by name or id.
        "--peer-vpc" peer_vpc: String = Thing(&[Vpc]),
        /// The bandwidth class, as in Large.1, or its bandwidth, as in 1Gb.
        "--spec" spec: String = Spec,
        /// One-way delay, as in 30ms; needs netem in the kernel.
        "--latency" latency: Option<String> = Time,
        /// The largest IP packet that passes it, in bytes; else the smaller one of both VPCs.
        "--mtu" mtu: Option<String> = Bytes; part &Part::Mtu,
    }

    /// Create one side's half of a peering (jdcloud).
    CreateVpcPeering "create-vpc-peering" does create_vpc_peering, done has_half,
        of VpcPeerings, part Half,
        api "jdcloud" "createVpcPeering"
    {
        /// Its name.
        name: String = New(VpcPeering),
        /// This side's VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// The other VPC, by id or name.
        "--peer-vpc-id" peer_vpc_id: String = Thing(&[Vpc]),
        /// One-way delay, as in 30ms; needs netem in the kernel.
        "--latency" latency: Option<String> = Time,
        /// The largest IP packet that passes it, in bytes; else the smaller one of both VPCs.
        "--mtu" mtu: Option<String> = Bytes; part &Part::Mtu,
        /// Its id.
        "--id" id: Option<String> = NewId(VpcPeering),
    }

    /// Delete one side's half of a peering (jdcloud).
    DeleteVpcPeering "delete-vpc-peering" does delete_vpc_peering, done is_gone,
        of VpcPeerings, part HalfDeletion,
        api "jdcloud" "deleteVpcPeering"
    {
        /// The half, by name or id.
        name: String = Deleted(VpcPeering),
    }

    /// Request a peering connection (alibaba, aws, tencent).
    CreateVpcPeeringConnection "create-vpc-peering-connection"
        does create_vpc_peering_connection, done has_connection,
        of PeeringConnections, part PeeringConnection,
        api "alibaba" "CreateVpcPeerConnection", api "aws" "CreateVpcPeeringConnection", api "tencent" "CreateVpcPeeringConnection"
    {
        /// Its name.
        name: String = New(PeeringConnection),
        /// The requester's VPC, by name or id.
        "--vpc" vpc: String = Thing(&[Vpc]),
        /// The accepter's VPC, by name or id.
        "--peer-vpc" peer_vpc: String = Thing(&[Vpc]),
        /// The account of the accepter's VPC; else its owner.
        "--peer-account" peer_account: Option<String> = Account,
        /// The region of the accepter's VPC; else where it is.
        "--peer-region" peer_region: Option<String> = Region,
        /// The bandwidth between two regions, as in 100Mbit.
        "--bandwidth" bandwidth: Option<String> = Bandwidth,
        /// One-way delay, as in 30ms; needs netem in the kernel.
        "--latency" latency: Option<String> = Time,
        /// The largest IP packet that passes it, in bytes; else the smaller one of both VPCs.
        "--mtu" mtu: Option<String> = Bytes; part &Part::Mtu,
        /// Its id.
        "--id" id: Option<String> = NewId(PeeringConnection),
    }

    /// Accept a request for a peering connection, as the accepter (alibaba, aws, tencent).
    AcceptVpcPeeringConnection "accept-vpc-peering-connection"
        does accept_vpc_peering_connection, done is_accepted,
        of PeeringConnections, part Acceptance,
        api "alibaba" "AcceptVpcPeerConnection", api "aws" "AcceptVpcPeeringConnection", api "tencent" "AcceptVpcPeeringConnection"
    {
        /// The peering connection, by name or id.
        name: String = Changed(PeeringConnection),
        /// The region in which it is called; else the accepter's.
        "--region" region: Option<String> = Region,
    }

    /// Reject a request for a peering connection, as the accepter (alibaba, aws, tencent).
    RejectVpcPeeringConnection "reject-vpc-peering-connection"
        does reject_vpc_peering_connection, done is_rejected,
        of PeeringConnections, part Rejection,
        api "alibaba" "RejectVpcPeerConnection", api "aws" "RejectVpcPeeringConnection", api "tencent" "RejectVpcPeeringConnection"
    {
        /// The peering connection, by name or id.
        name: String = Changed(PeeringConnection),
        /// The region in which it is called; else the accepter's.
        "--region" region: Option<String> = Region,
    }

    /// Change the bandwidth of a peering connection between two regions, as the requester (alibaba, tencent).
    ModifyVpcPeeringConnection "modify-vpc-peering-connection"
        does modify_vpc_peering_connection, done has_bandwidth,
        of PeeringConnections, part BandwidthChange,
        api "alibaba" "ModifyVpcPeerConnection", api "tencent" "ModifyVpcPeeringConnection"
    {
        /// The peering connection, by name or id.
        name: String = Changed(PeeringConnection),
        /// The bandwidth, as in 100Mbit.
        "--bandwidth" bandwidth: String = Bandwidth,
    }

    /// Delete a peering connection, as either side (alibaba, aws, tencent).
    DeleteVpcPeeringConnection "delete-vpc-peering-connection"
        does delete_vpc_peering_connection, done is_deleted,
        of PeeringConnections, part ConnectionDeletion,
        api "alibaba" "DeleteVpcPeerConnection", api "aws" "DeleteVpcPeeringConnection", api "tencent" "DeleteVpcPeeringConnection"
    {
        /// The peering connection, by name or id.
        name: String = Deleted(PeeringConnection),
        /// Delete the route entries that lead to it too.
        "--force" force: Option<String> = Flag,
    }

    /// Let the lab's clock go on; what is over then, ends.
    PassTime "pass-time" does pass_time, done is_over, by Nobody, part Passing {
        /// How long, as in 7d; s, m, h or d.
        time: String = Duration,
    }
}

arguments! {
    /// A rule of a security group, as written.
    RuleArguments {
        /// tcp, udp, icmp, gre or all.
        "--protocol" protocol: String = Protocol,
        /// 22, or 8000/8999.
        "--port" port: Option<String> = Ports,
        /// The other side: a CIDR block, or one address.
        "--cidr" cidr: Option<String> = BlockOrAddress; or "group",
        /// The other side: a group, by name or id.
        "--group" group: Option<String> = Thing(&[SecurityGroup]),
        /// The account that owns the group; the caller's own if left out.
        "--group-account" group_account: Option<String> = Account; with "group",
        /// accept (default) or drop.
        "--policy" policy: Option<String> = Policy; default,
        /// 1 (first, default) to 100; its place in the list, else the last (tencent).
        "--priority" priority: Option<String> = RulePriority; default,
    }
}

/// The kinds of next hops of a route entry.
const HOPS: &[crate::ResourceKind] = &[RouterInterface, VpcPeering, PeeringConnection, Instance, NatGateway, Gateway];
