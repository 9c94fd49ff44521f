//! One API call by one account: the single type behind tables, `run` lines and `peerlab api`.
//!
//! The arguments are as written. [`Cloud::apply`](super::Cloud::apply) resolves names and checks values, and answers
//! with the provider's own code.

use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use super::AccountName;
use crate::error::Span;

/// A call, its caller, and where it is written.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Who calls.
    pub caller: AccountName,
    /// What is called.
    pub call: Call,
    /// Where it was written.
    pub origin: Origin,
}

/// Where something came from. All origins are equal, so that two Clouds with different histories compare equal.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A table, an entry or a `run` line of the lab file.
    File {
        /// The whole of it.
        span: Span,
        /// Its values, by the argument's name in the grammar (`cidr`, `next-hop`).
        arguments: Arc<[(&'static str, Span)]>,
    },
    /// An operation typed on the running lab, as typed.
    Api(Arc<str>),
    /// The provider created it together with something else.
    Provider,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

/// The grammar of a `run` line and of `peerlab api`.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true, disable_help_subcommand = true, name = "")]
pub struct Grammar {
    /// The call.
    #[command(subcommand)]
    pub call: Call,
}

macro_rules! calls {
    ($(
        #[doc = $doc:literal]
        $(#[command($($command:tt)*)])?
        $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }
    )*) => {
        /// A call and its arguments, as written.
        #[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
        pub enum Call {$(
            #[doc = $doc]
            $(#[command($($command)*)])?
            $name($name),
        )*}

        $(
            #[derive(Clone, Debug, PartialEq, Eq, Args)]
            #[doc = $doc]
            pub struct $name {$(
                $(#[$field_meta])*
                pub $field: $type,
            )*}
        )*
    };
}

calls! {
    /// Create a VPC.
    CreateVpc {
        /// Its name.
        name: String,
        /// Its region, as in cn-qingdao.
        #[arg(long)]
        region: String,
        /// Its CIDR block.
        #[arg(long)]
        cidr: String,
        /// Its id; derived from the name where it is left out.
        #[arg(long)]
        id: Option<String>,
        /// Its router's id.
        #[arg(long)]
        router_id: Option<String>,
    }
    /// Delete an empty VPC.
    DeleteVpc {
        /// The VPC, by name or id.
        name: String,
    }
    /// Create a subnet (Alibaba's VSwitch).
    #[command(alias = "create-vswitch")]
    CreateSubnet {
        /// Its name.
        name: String,
        /// The VPC, by name or id.
        #[arg(long)]
        vpc: String,
        /// Its CIDR block.
        #[arg(long)]
        cidr: String,
        /// Its id.
        #[arg(long)]
        id: Option<String>,
    }
    /// Delete an empty subnet.
    #[command(alias = "delete-vswitch")]
    DeleteSubnet {
        /// The subnet: VPC/SUBNET or its id.
        name: String,
    }
    /// Create an instance.
    CreateInstance {
        /// Its name.
        name: String,
        /// The subnet: VPC/SUBNET or its id.
        #[arg(long)]
        subnet: String,
        /// Its private address; else the lowest free one.
        #[arg(long)]
        ip: Option<String>,
        /// Its public address.
        #[arg(long)]
        public_ip: Option<String>,
        /// Its groups; without one it is in the VPC's default group.
        #[arg(long = "security-group")]
        security_group: Vec<String>,
        /// Its id.
        #[arg(long)]
        id: Option<String>,
    }
    /// Delete an instance.
    DeleteInstance {
        /// The instance, by name or id.
        name: String,
    }
    /// Create a custom route table.
    CreateRouteTable {
        /// Its name.
        name: String,
        /// The VPC, by name or id.
        #[arg(long)]
        vpc: String,
        /// Its id.
        #[arg(long)]
        id: Option<String>,
    }
    /// Delete a custom route table that no subnet uses.
    DeleteRouteTable {
        /// The table, by name or id.
        name: String,
    }
    /// Make a subnet use a route table; the one it used before is replaced.
    AssociateRouteTable {
        /// The table, by name or id.
        table: String,
        /// The subnet: VPC/SUBNET or its id.
        #[arg(long)]
        subnet: String,
    }
    /// Give a subnet back to the VPC's default table.
    UnassociateRouteTable {
        /// The table, by name or id.
        table: String,
        /// The subnet: VPC/SUBNET or its id.
        #[arg(long)]
        subnet: String,
    }
    /// Add an entry to a route table.
    CreateRouteEntry {
        /// The table, by name or id.
        #[arg(long, conflicts_with = "vpc", required_unless_present = "vpc")]
        table: Option<String>,
        /// The VPC whose default table is meant.
        #[arg(long)]
        vpc: Option<String>,
        /// The CIDR block it is for, or one address.
        #[arg(long)]
        destination: String,
        /// A router interface, peering or instance by name or id, or internet; several share the flows.
        #[arg(long = "next-hop", required = true)]
        next_hop: Vec<String>,
        /// 1 (first) to 255; else 100. The next one is taken while that one does not carry (jdcloud).
        #[arg(long)]
        priority: Option<String>,
    }
    /// Remove an entry from a route table.
    DeleteRouteEntry {
        /// The table, by name or id.
        #[arg(long, conflicts_with = "vpc", required_unless_present = "vpc")]
        table: Option<String>,
        /// The VPC whose default table is meant.
        #[arg(long)]
        vpc: Option<String>,
        /// The CIDR block it is for, or one address.
        #[arg(long)]
        destination: String,
        /// Its next hop, as a safeguard, or to tell which.
        #[arg(long)]
        next_hop: Option<String>,
        /// Its priority, to tell which (jdcloud).
        #[arg(long)]
        priority: Option<String>,
    }
    /// Create a security group.
    CreateSecurityGroup {
        /// Its name.
        name: String,
        /// The VPC, by name or id.
        #[arg(long)]
        vpc: String,
        /// Whether its members reach each other where no rule says so: accept or drop.
        #[arg(long)]
        inner_access: Option<String>,
        /// Its id.
        #[arg(long)]
        id: Option<String>,
    }
    /// Delete a security group that nothing uses.
    DeleteSecurityGroup {
        /// The group, by name or id.
        name: String,
    }
    /// Add an ingress rule to a group.
    AuthorizeSecurityGroup {
        /// The group, by name or id.
        security_group: String,
        /// The rule.
        #[command(flatten)]
        rule: RuleArguments,
    }
    /// Add an egress rule to a group.
    AuthorizeSecurityGroupEgress {
        /// The group, by name or id.
        security_group: String,
        /// The rule.
        #[command(flatten)]
        rule: RuleArguments,
    }
    /// Remove an ingress rule from a group.
    RevokeSecurityGroup {
        /// The group, by name or id.
        security_group: String,
        /// The rule.
        #[command(flatten)]
        rule: RuleArguments,
    }
    /// Remove an egress rule from a group.
    RevokeSecurityGroupEgress {
        /// The group, by name or id.
        security_group: String,
        /// The rule.
        #[command(flatten)]
        rule: RuleArguments,
    }
    /// Put an instance into a group.
    JoinSecurityGroup {
        /// The instance, by name or id.
        instance: String,
        /// The group, by name or id.
        #[arg(long)]
        group: String,
    }
    /// Take an instance out of a group.
    LeaveSecurityGroup {
        /// The instance, by name or id.
        instance: String,
        /// The group, by name or id.
        #[arg(long)]
        group: String,
    }
    /// Create one end of a peering (alibaba).
    CreateRouterInterface {
        /// Its name.
        name: String,
        /// The VPC whose router it is on, by name or id.
        #[arg(long)]
        vpc: String,
        /// initiator or acceptor.
        #[arg(long)]
        role: String,
        /// The bandwidth class, as in Mini.2, or its bandwidth, as in 2Mb; the initiator's decides.
        #[arg(long)]
        spec: Option<String>,
        /// The region of the other end.
        #[arg(long)]
        opposite_region: String,
        /// One way delay, as in 30ms; needs netem in the kernel.
        #[arg(long)]
        latency: Option<String>,
        /// Its id.
        #[arg(long)]
        id: Option<String>,
    }
    /// Say which router interface is the other end (alibaba).
    ModifyRouterInterfaceAttribute {
        /// The router interface, by name or id.
        name: String,
        /// The other end's account, by name or id.
        #[arg(long)]
        opposite_account: Option<String>,
        /// The other end, by name or id.
        #[arg(long)]
        opposite_interface: Option<String>,
        /// The other end's router: the VPC's name, its id or the router's id.
        #[arg(long)]
        opposite_router: Option<String>,
    }
    /// Connect, from the initiator (alibaba).
    ConnectRouterInterface {
        /// The initiator, by name or id.
        name: String,
    }
    /// Let an inactive end carry traffic again (alibaba).
    ActivateRouterInterface {
        /// The router interface, by name or id.
        name: String,
    }
    /// Stop an end from carrying traffic (alibaba).
    DeactivateRouterInterface {
        /// The router interface, by name or id.
        name: String,
    }
    /// Delete an idle or inactive end (alibaba).
    DeleteRouterInterface {
        /// The router interface, by name or id.
        name: String,
    }
    /// Change the bandwidth class, from the initiator (alibaba).
    ModifyRouterInterfaceSpec {
        /// The initiator, by name or id.
        name: String,
        /// The bandwidth class, as in Small.1, or its bandwidth, as in 10Mb.
        #[arg(long)]
        spec: String,
    }
    /// Create both ends in one account and connect them (alibaba); they are NAME.initiator and NAME.acceptor.
    CreatePeering {
        /// The peering's name.
        name: String,
        /// The initiator's VPC, by name or id.
        #[arg(long)]
        vpc: String,
        /// The acceptor's VPC, by name or id.
        #[arg(long)]
        peer_vpc: String,
        /// The bandwidth class, as in Large.1, or its bandwidth, as in 1Gb.
        #[arg(long)]
        spec: String,
        /// One way delay, as in 30ms; needs netem in the kernel.
        #[arg(long)]
        latency: Option<String>,
    }
    /// Create one side's half of a peering (jdcloud).
    CreateVpcPeering {
        /// Its name.
        name: String,
        /// The own VPC, by name or id.
        #[arg(long)]
        vpc: String,
        /// The other VPC, by id or name.
        #[arg(long)]
        peer_vpc_id: String,
        /// One way delay, as in 30ms; needs netem in the kernel.
        #[arg(long)]
        latency: Option<String>,
        /// Its id.
        #[arg(long)]
        id: Option<String>,
    }
    /// Delete one side's half of a peering (jdcloud).
    DeleteVpcPeering {
        /// The half, by name or id.
        name: String,
    }
}

/// A rule of a security group, as written.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct RuleArguments {
    /// tcp, udp, icmp, gre or all.
    #[arg(long)]
    pub protocol: String,
    /// 22, or 8000/8999.
    #[arg(long, allow_hyphen_values = true)]
    pub port: Option<String>,
    /// The other side: a CIDR block, or one address.
    #[arg(long, conflicts_with = "group", required_unless_present = "group")]
    pub cidr: Option<String>,
    /// The other side: a group, by name or id.
    #[arg(long)]
    pub group: Option<String>,
    /// Whose group; the own account's where it is left out.
    #[arg(long, requires = "group")]
    pub group_account: Option<String>,
    /// accept or drop.
    #[arg(long)]
    pub policy: Option<String>,
    /// 1 (first) to 100.
    #[arg(long, allow_hyphen_values = true)]
    pub priority: Option<String>,
}
