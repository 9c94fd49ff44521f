//! Formats a call as a run line that parses back to it.

use std::fmt;

use super::{Call, PeeringKind, RuleArguments};

impl Call {
    /// The operation's name in the grammar: `create-vpc`.
    pub fn name(&self) -> &'static str {
        match self {
            Call::CreateVpc(_) => "create-vpc",
            Call::DeleteVpc(_) => "delete-vpc",
            Call::CreateSubnet(_) => "create-subnet",
            Call::DeleteSubnet(_) => "delete-subnet",
            Call::CreateInstance(_) => "create-instance",
            Call::DeleteInstance(_) => "delete-instance",
            Call::CreateRouteTable(_) => "create-route-table",
            Call::DeleteRouteTable(_) => "delete-route-table",
            Call::AssociateRouteTable(_) => "associate-route-table",
            Call::UnassociateRouteTable(_) => "unassociate-route-table",
            Call::CreateRouteEntry(_) => "create-route-entry",
            Call::DeleteRouteEntry(_) => "delete-route-entry",
            Call::CreateSecurityGroup(_) => "create-security-group",
            Call::DeleteSecurityGroup(_) => "delete-security-group",
            Call::AuthorizeSecurityGroup(_) => "authorize-security-group",
            Call::AuthorizeSecurityGroupEgress(_) => "authorize-security-group-egress",
            Call::RevokeSecurityGroup(_) => "revoke-security-group",
            Call::RevokeSecurityGroupEgress(_) => "revoke-security-group-egress",
            Call::JoinSecurityGroup(_) => "join-security-group",
            Call::LeaveSecurityGroup(_) => "leave-security-group",
            Call::CreateRouterInterface(_) => "create-router-interface",
            Call::ModifyRouterInterfaceAttribute(_) => "modify-router-interface-attribute",
            Call::ConnectRouterInterface(_) => "connect-router-interface",
            Call::ActivateRouterInterface(_) => "activate-router-interface",
            Call::DeactivateRouterInterface(_) => "deactivate-router-interface",
            Call::DeleteRouterInterface(_) => "delete-router-interface",
            Call::ModifyRouterInterfaceSpec(_) => "modify-router-interface-spec",
            Call::CreatePeering(_) => "create-peering",
            Call::CreateVpcPeering(_) => "create-vpc-peering",
            Call::DeleteVpcPeering(_) => "delete-vpc-peering",
        }
    }

    /// The kind of peerings it works on, for operations that not every provider has.
    pub fn peering_kind(&self) -> Option<PeeringKind> {
        match self {
            Call::CreateRouterInterface(_)
            | Call::ModifyRouterInterfaceAttribute(_)
            | Call::ConnectRouterInterface(_)
            | Call::ActivateRouterInterface(_)
            | Call::DeactivateRouterInterface(_)
            | Call::DeleteRouterInterface(_)
            | Call::ModifyRouterInterfaceSpec(_)
            | Call::CreatePeering(_) => Some(PeeringKind::RouterInterfaces),
            Call::CreateVpcPeering(_) | Call::DeleteVpcPeering(_) => Some(PeeringKind::VpcPeerings),
            _ => None,
        }
    }
}

/// The words of a run line.
struct Line {
    positional: Option<String>,
    options: Vec<(&'static str, String)>,
}

impl Line {
    fn new(positional: &str) -> Self {
        Line { positional: Some(positional.into()), options: Vec::new() }
    }

    fn options_only() -> Self {
        Line { positional: None, options: Vec::new() }
    }

    fn with(mut self, option: &'static str, value: &str) -> Self {
        self.options.push((option, value.into()));
        self
    }

    fn maybe(self, option: &'static str, value: &Option<String>) -> Self {
        match value {
            Some(value) => self.with(option, value),
            None => self,
        }
    }

    fn rule(self, rule: &RuleArguments) -> Self {
        self.with("protocol", &rule.protocol)
            .maybe("port", &rule.port)
            .maybe("cidr", &rule.cidr)
            .maybe("group", &rule.group)
            .maybe("group-account", &rule.group_account)
            .maybe("policy", &rule.policy)
            .maybe("priority", &rule.priority)
    }
}

impl fmt::Display for Call {
    /// As in `create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16`; clap parses it back to the same call.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line();
        let (dashed, plain): (Vec<_>, Vec<_>) = line.positional.iter().partition(|word| word.starts_with('-'));
        f.write_str(self.name())?;
        for word in plain {
            write!(f, " {}", shell_words::quote(word))?;
        }
        for (option, value) in &line.options {
            // A value that begins with a dash would be taken for an option.
            let between = if value.starts_with('-') { '=' } else { ' ' };
            write!(f, " --{option}{between}{}", shell_words::quote(value))?;
        }
        for word in dashed {
            write!(f, " -- {}", shell_words::quote(word))?;
        }
        Ok(())
    }
}

impl Call {
    /// The operation and its main argument, as in `create-route-entry 172.16.0.0/16`.
    pub fn in_short(&self) -> String {
        let line = self.line();
        let destination = line.options.iter().find(|(option, _)| *option == "destination").map(|(_, value)| value);
        match line.positional.as_ref().or(destination) {
            Some(subject) => format!("{} {subject}", self.name()),
            None => self.name().to_owned(),
        }
    }

    fn line(&self) -> Line {
        match self {
            Call::CreateVpc(call) => Line::new(&call.name)
                .with("region", &call.region)
                .with("cidr", &call.cidr)
                .maybe("id", &call.id)
                .maybe("router-id", &call.router_id),
            Call::CreateSubnet(call) => {
                Line::new(&call.name).with("vpc", &call.vpc).with("cidr", &call.cidr).maybe("id", &call.id)
            }
            Call::CreateInstance(call) => {
                let line = Line::new(&call.name)
                    .with("subnet", &call.subnet)
                    .maybe("ip", &call.ip)
                    .maybe("public-ip", &call.public_ip);
                let groups = call.security_group.iter();
                groups.fold(line, |line, group| line.with("security-group", group)).maybe("id", &call.id)
            }
            Call::CreateRouteTable(call) => Line::new(&call.name).with("vpc", &call.vpc).maybe("id", &call.id),
            Call::AssociateRouteTable(call) => Line::new(&call.table).with("subnet", &call.subnet),
            Call::UnassociateRouteTable(call) => Line::new(&call.table).with("subnet", &call.subnet),
            Call::CreateRouteEntry(call) => {
                let line = Line::options_only()
                    .maybe("table", &call.table)
                    .maybe("vpc", &call.vpc)
                    .with("destination", &call.destination);
                let hops = call.next_hop.iter();
                hops.fold(line, |line, hop| line.with("next-hop", hop)).maybe("priority", &call.priority)
            }
            Call::DeleteRouteEntry(call) => Line::options_only()
                .maybe("table", &call.table)
                .maybe("vpc", &call.vpc)
                .with("destination", &call.destination)
                .maybe("next-hop", &call.next_hop)
                .maybe("priority", &call.priority),
            Call::CreateSecurityGroup(call) => Line::new(&call.name)
                .with("vpc", &call.vpc)
                .maybe("inner-access", &call.inner_access)
                .maybe("id", &call.id),
            Call::AuthorizeSecurityGroup(call) => Line::new(&call.security_group).rule(&call.rule),
            Call::AuthorizeSecurityGroupEgress(call) => Line::new(&call.security_group).rule(&call.rule),
            Call::RevokeSecurityGroup(call) => Line::new(&call.security_group).rule(&call.rule),
            Call::RevokeSecurityGroupEgress(call) => Line::new(&call.security_group).rule(&call.rule),
            Call::JoinSecurityGroup(call) => Line::new(&call.instance).with("group", &call.group),
            Call::LeaveSecurityGroup(call) => Line::new(&call.instance).with("group", &call.group),
            Call::CreateRouterInterface(call) => Line::new(&call.name)
                .with("vpc", &call.vpc)
                .with("role", &call.role)
                .maybe("spec", &call.spec)
                .with("opposite-region", &call.opposite_region)
                .maybe("latency", &call.latency)
                .maybe("id", &call.id),
            Call::ModifyRouterInterfaceAttribute(call) => Line::new(&call.name)
                .maybe("opposite-account", &call.opposite_account)
                .maybe("opposite-interface", &call.opposite_interface)
                .maybe("opposite-router", &call.opposite_router),
            Call::ModifyRouterInterfaceSpec(call) => Line::new(&call.name).with("spec", &call.spec),
            Call::CreatePeering(call) => Line::new(&call.name)
                .with("vpc", &call.vpc)
                .with("peer-vpc", &call.peer_vpc)
                .with("spec", &call.spec)
                .maybe("latency", &call.latency),
            Call::CreateVpcPeering(call) => Line::new(&call.name)
                .with("vpc", &call.vpc)
                .with("peer-vpc-id", &call.peer_vpc_id)
                .maybe("latency", &call.latency)
                .maybe("id", &call.id),
            Call::DeleteVpc(call) => Line::new(&call.name),
            Call::DeleteSubnet(call) => Line::new(&call.name),
            Call::DeleteInstance(call) => Line::new(&call.name),
            Call::DeleteRouteTable(call) => Line::new(&call.name),
            Call::DeleteSecurityGroup(call) => Line::new(&call.name),
            Call::ConnectRouterInterface(call) => Line::new(&call.name),
            Call::ActivateRouterInterface(call) => Line::new(&call.name),
            Call::DeactivateRouterInterface(call) => Line::new(&call.name),
            Call::DeleteRouterInterface(call) => Line::new(&call.name),
            Call::DeleteVpcPeering(call) => Line::new(&call.name),
        }
    }
}
