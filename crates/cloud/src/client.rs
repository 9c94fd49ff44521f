//! Operations as command lines of the providers' own clients, for `explain --as-cli`.

use super::reference::Resource;
use super::{
    Account, Call, Cloud, Direction, Instance, NetworkAcl, NextHop, Operation, PeeringConnection, Policy, PortRange,
    ResourceKind, RouteTable, RouterInterface, RuleArguments, RuleProtocol, SecurityGroup, Subnet, Vpc, network_acl,
    security_group,
};

/// A provider's own command-line client.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// Its name on the command line (`explain --as-cli`).
    pub name: &'static str,
    /// The provider whose client it is.
    pub provider: &'static str,
    lines: fn(&Cloud, &Operation) -> Option<Vec<String>>,
}

impl Client {
    /// Every client.
    pub const ALL: [Client; 4] = [
        Client { name: "aws", provider: "aws", lines: aws },
        Client { name: "aliyun", provider: "alibaba", lines: aliyun },
        Client { name: "jdc", provider: "jdcloud", lines: jdc },
        Client { name: "tccli", provider: "tencent", lines: tccli },
    ];

    /// The client of this name.
    pub fn named(name: &str) -> Option<Client> {
        Client::ALL.into_iter().find(|client| client.name == name)
    }
}

impl Cloud {
    /// The command lines by which a client does these operations, in order; an operation that the client does in no single
    /// call is a comment.
    pub fn as_lines(&self, client: Client, operations: &[Operation]) -> Vec<String> {
        let mut cloud = self.clone();
        let mut lines = Vec::new();
        for operation in operations {
            let of_one = (client.lines)(&cloud, operation);
            lines.extend(of_one.unwrap_or_else(|| vec![format!("# {}: {}", operation.caller, operation.call)]));
            // The next operation may name what this one makes.
            _ = cloud.apply(operation);
        }
        lines
    }

    fn id<R: Resource>(&self, text: &str, id: impl Fn(&R) -> String) -> String {
        R::find(self, text).map_or_else(|| text.to_owned(), id)
    }

    fn account_id(&self, text: &str) -> String {
        self.find_account(text).map_or_else(|| text.to_owned(), |account: &Account| account.id.to_string())
    }

    /// The table that a call on an entry means.
    fn table_of_call(&self, table: Option<&str>, vpc: Option<&str>) -> Option<&RouteTable> {
        match (table, vpc) {
            (Some(table), _) => RouteTable::find(self, table),
            (None, vpc) => Some(self.main_table_of(&Vpc::find(self, vpc?)?.name)),
        }
    }

    fn region_of(&self, vpc: &super::VpcName) -> String {
        self.vpcs.get(vpc).map_or_else(String::new, |vpc| vpc.region.to_string())
    }

    /// The next hop that a call on an entry of a table names.
    fn hop_of_call(&self, table: &RouteTable, hop: &str) -> Option<NextHop> {
        self.next_hop(table, hop).ok()
    }
}

/// A command with options: `--name value`, each value quoted where the shell needs it.
fn line(command: &str, options: &[(&str, String)]) -> String {
    let options = options.iter().filter(|(_, value)| !value.is_empty());
    options.fold(command.to_owned(), |line, (name, value)| match &**value {
        " " => format!("{line} --{name}"),
        value if value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=,".contains(&b)) => {
            format!("{line} --{name} {value}")
        }
        value => format!("{line} --{name} '{value}'"),
    })
}

/// The parts of a rule: the protocol and the ports.
fn of_rule(rule: &RuleArguments) -> Option<(RuleProtocol, Option<PortRange>)> {
    let protocol = security_group::protocol(&rule.protocol).ok()?;
    Some((protocol, security_group::ports(protocol, rule.port.as_deref()).ok()?))
}

// ── aws ────────────────────────────────────────────────────────────────────────────────────────────────────────────

fn aws(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
    let profile = || ("profile", operation.caller.to_string());
    let ec2 = |action: &str, region: String, options: Vec<(&'static str, String)>| {
        let options: Vec<_> = [profile(), ("region", region)].into_iter().chain(options).collect();
        Some(vec![line(&format!("aws ec2 {action}"), &options)])
    };
    let of_vpc = |vpc: &super::VpcName| cloud.region_of(vpc);
    let flag = || " ".to_owned();
    match &operation.call {
        Call::AuthorizeSecurityGroup(call) => aws_rule(cloud, "authorize", "ingress", &call.security_group, &call.rule)
            .and_then(|(action, region, options)| ec2(&action, region, options)),
        Call::AuthorizeSecurityGroupEgress(call) => {
            aws_rule(cloud, "authorize", "egress", &call.security_group, &call.rule)
                .and_then(|(action, region, options)| ec2(&action, region, options))
        }
        Call::RevokeSecurityGroup(call) => aws_rule(cloud, "revoke", "ingress", &call.security_group, &call.rule)
            .and_then(|(action, region, options)| ec2(&action, region, options)),
        Call::RevokeSecurityGroupEgress(call) => aws_rule(cloud, "revoke", "egress", &call.security_group, &call.rule)
            .and_then(|(action, region, options)| ec2(&action, region, options)),
        Call::CreateRouteEntry(call) => {
            let table = cloud.table_of_call(call.table.as_deref(), call.vpc.as_deref())?;
            let hop = call.next_hop.first()?;
            let target = match cloud.hop_of_call(table, hop)? {
                NextHop::Peering(name) => ("vpc-peering-connection-id", cloud.peering(&name)?.id.to_string()),
                NextHop::Instance(name) => ("instance-id", cloud.instance(&name)?.id.to_string()),
                NextHop::NatGateway(name) => ("nat-gateway-id", cloud.nat_gateway(&name)?.id.to_string()),
                NextHop::Gateway(name) => ("gateway-id", cloud.gateway(&name)?.id.to_string()),
                NextHop::Internet | NextHop::Gone(_) => return None,
            };
            let options = vec![
                ("route-table-id", table.id.to_string()),
                ("destination-cidr-block", call.destination.clone()),
                target,
            ];
            ec2("create-route", of_vpc(&table.vpc), options)
        }
        Call::DeleteRouteEntry(call) => {
            let table = cloud.table_of_call(call.table.as_deref(), call.vpc.as_deref())?;
            let options =
                vec![("route-table-id", table.id.to_string()), ("destination-cidr-block", call.destination.clone())];
            ec2("delete-route", of_vpc(&table.vpc), options)
        }
        Call::AssociateRouteTable(call) => {
            let (table, subnet) = (RouteTable::find(cloud, &call.table)?, Subnet::find(cloud, &call.subnet)?);
            let options = vec![("route-table-id", table.id.to_string()), ("subnet-id", subnet.id.to_string())];
            ec2("associate-route-table", of_vpc(&table.vpc), options)
        }
        Call::CreateNetworkAclEntry(call) => {
            let acl = NetworkAcl::find(cloud, &call.acl)?;
            let protocol = security_group::protocol(&call.protocol).ok()?;
            let number = match protocol {
                RuleProtocol::All => "-1",
                RuleProtocol::Icmp => "1",
                RuleProtocol::Tcp => "6",
                RuleProtocol::Udp => "17",
                RuleProtocol::Gre => "47",
            };
            let ports = security_group::ports(protocol, call.port.as_deref()).ok()?;
            let drops = call.policy.as_deref().is_some_and(|policy| policy.eq_ignore_ascii_case("drop"));
            let mut options = vec![
                ("network-acl-id", acl.id.to_string()),
                ("rule-number", call.number.clone()),
                ("protocol", number.to_owned()),
            ];
            options.extend(ports.map(|PortRange { low, high }| ("port-range", format!("From={low},To={high}"))));
            options.extend((protocol == RuleProtocol::Icmp).then(|| ("icmp-type-code", "Code=-1,Type=-1".to_owned())));
            options.push(("cidr-block", call.cidr.clone()));
            options.push(("rule-action", if drops { "deny" } else { "allow" }.to_owned()));
            options.push((direction_flag(&call.direction)?, flag()));
            ec2("create-network-acl-entry", of_vpc(&acl.vpc), options)
        }
        Call::DeleteNetworkAclEntry(call) => {
            let acl = NetworkAcl::find(cloud, &call.acl)?;
            let options = vec![
                ("network-acl-id", acl.id.to_string()),
                ("rule-number", call.number.clone()),
                (direction_flag(&call.direction)?, flag()),
            ];
            ec2("delete-network-acl-entry", of_vpc(&acl.vpc), options)
        }
        Call::CreateVpcPeeringConnection(call) => {
            let vpc = Vpc::find(cloud, &call.vpc)?;
            let account = call.peer_account.as_deref().map(|account| cloud.account_id(account));
            let options = vec![
                ("vpc-id", vpc.id.to_string()),
                ("peer-vpc-id", cloud.id(&call.peer_vpc, |vpc: &Vpc| vpc.id.to_string())),
                ("peer-owner-id", account.unwrap_or_default()),
                ("peer-region", call.peer_region.clone().unwrap_or_default()),
            ];
            ec2("create-vpc-peering-connection", of_vpc(&vpc.name), options)
        }
        Call::AcceptVpcPeeringConnection(call) => {
            let connection = PeeringConnection::find(cloud, &call.name)?;
            let options = vec![("vpc-peering-connection-id", connection.id.to_string())];
            ec2("accept-vpc-peering-connection", connection.accepter.region.to_string(), options)
        }
        Call::CreateGateway(call) => {
            let vpc = Vpc::find(cloud, &call.vpc)?;
            let id = cloud.derived_id(ResourceKind::Gateway, &call.name);
            let attach = vec![("internet-gateway-id", id.to_string()), ("vpc-id", vpc.id.to_string())];
            let region = || of_vpc(&vpc.name);
            let lines = [("create-internet-gateway", Vec::new()), ("attach-internet-gateway", attach)];
            Some(lines.into_iter().filter_map(|(action, options)| ec2(action, region(), options)).flatten().collect())
        }
        Call::AssociatePublicIp(call) => {
            let instance = Instance::find(cloud, &call.instance)?;
            let ip = cloud.public_address_or_free(call.public_ip.as_deref()).ok()?;
            let associate = vec![("instance-id", instance.id.to_string()), ("public-ip", ip.to_string())];
            let region = || of_vpc(&instance.subnet.vpc);
            let lines = [("allocate-address", Vec::new()), ("associate-address", associate)];
            Some(lines.into_iter().filter_map(|(action, options)| ec2(action, region(), options)).flatten().collect())
        }
        Call::DeleteVpcPeeringConnection(call) => {
            let connection = PeeringConnection::find(cloud, &call.name)?;
            let options = vec![("vpc-peering-connection-id", connection.id.to_string())];
            let sides = [&connection.requester, &connection.accepter];
            let own = sides.into_iter().find(|side| side.account == operation.caller)?;
            ec2("delete-vpc-peering-connection", own.region.to_string(), options)
        }
        Call::StartInstance(call) => {
            let instance = Instance::find(cloud, &call.name)?;
            let options = vec![("instance-ids", instance.id.to_string())];
            ec2("start-instances", of_vpc(&instance.subnet.vpc), options)
        }
        Call::ModifyInstance(call) => {
            let instance = Instance::find(cloud, &call.name)?;
            let check = if call.forwards == "true" { "no-source-dest-check" } else { "source-dest-check" };
            let options = vec![("instance-id", instance.id.to_string()), (check, flag())];
            ec2("modify-instance-attribute", of_vpc(&instance.subnet.vpc), options)
        }
        _ => None,
    }
}

fn direction_flag(text: &str) -> Option<&'static str> {
    Some(match network_acl::direction(text).ok()? {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    })
}

type Parts = (String, String, Vec<(&'static str, String)>);

fn aws_rule(cloud: &Cloud, verb: &str, way: &str, group: &str, rule: &RuleArguments) -> Option<Parts> {
    let group = SecurityGroup::find(cloud, group)?;
    let (protocol, ports) = of_rule(rule)?;
    let protocol = if protocol == RuleProtocol::All { "-1".to_owned() } else { protocol.to_string() };
    let mut permission = format!("IpProtocol={protocol}");
    match ports {
        Some(PortRange { low, high }) => permission += &format!(",FromPort={low},ToPort={high}"),
        None if protocol == "icmp" => permission += ",FromPort=-1,ToPort=-1",
        None => {}
    }
    permission += &match (&rule.cidr, &rule.group) {
        (Some(cidr), _) => format!(",IpRanges=[{{CidrIp={cidr}}}]"),
        (None, peer) => {
            let id = cloud.id(peer.as_deref()?, |peer: &SecurityGroup| peer.id.to_string());
            match rule.group_account.as_deref() {
                Some(account) => format!(",UserIdGroupPairs=[{{GroupId={id},UserId={}}}]", cloud.account_id(account)),
                None => format!(",UserIdGroupPairs=[{{GroupId={id}}}]"),
            }
        }
    };
    let options = vec![("group-id", group.id.to_string()), ("ip-permissions", permission)];
    Some((format!("{verb}-security-group-{way}"), cloud.region_of(&group.vpc), options))
}

// ── aliyun ─────────────────────────────────────────────────────────────────────────────────────────────────────────

fn aliyun(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
    let call = |product: &str, action: &str, region: String, options: Vec<(&'static str, String)>| {
        let head = [("profile", operation.caller.to_string()), ("RegionId", region)];
        Some(vec![line(&format!("aliyun {product} {action}"), &head.into_iter().chain(options).collect::<Vec<_>>())])
    };
    let rule = |action: &str, is_ingress: bool, group: &str, rule: &RuleArguments| {
        let group = SecurityGroup::find(cloud, group)?;
        let (protocol, ports) = of_rule(rule)?;
        let side = |ingress, egress| if is_ingress { ingress } else { egress };
        let peer = rule.group.as_deref().map(|peer| cloud.id(peer, |peer: &SecurityGroup| peer.id.to_string()));
        let owner = rule.group_account.as_deref().map(|account| cloud.account_id(account));
        let options = vec![
            ("SecurityGroupId", group.id.to_string()),
            ("IpProtocol", protocol.to_string()),
            ("PortRange", ports.map_or_else(|| "-1/-1".to_owned(), |ports| ports.to_string())),
            (side("SourceCidrIp", "DestCidrIp"), rule.cidr.clone().unwrap_or_default()),
            (side("SourceGroupId", "DestGroupId"), peer.unwrap_or_default()),
            (side("SourceGroupOwnerId", "DestGroupOwnerId"), owner.unwrap_or_default()),
            ("Policy", rule.policy.clone().unwrap_or_default()),
            ("Priority", rule.priority.clone().unwrap_or_default()),
        ];
        call("ecs", action, cloud.region_of(&group.vpc), options)
    };
    let interface = |name: &str| RouterInterface::find(cloud, name);
    match &operation.call {
        Call::AuthorizeSecurityGroup(it) => rule("AuthorizeSecurityGroup", true, &it.security_group, &it.rule),
        Call::AuthorizeSecurityGroupEgress(it) => {
            rule("AuthorizeSecurityGroupEgress", false, &it.security_group, &it.rule)
        }
        Call::RevokeSecurityGroup(it) => rule("RevokeSecurityGroup", true, &it.security_group, &it.rule),
        Call::RevokeSecurityGroupEgress(it) => rule("RevokeSecurityGroupEgress", false, &it.security_group, &it.rule),
        Call::CreateRouteEntry(it) => {
            let table = cloud.table_of_call(it.table.as_deref(), it.vpc.as_deref())?;
            let (kind, id) = match cloud.hop_of_call(table, it.next_hop.first()?)? {
                NextHop::Peering(name) if cloud.peering_connection(&name).is_some() => {
                    ("VpcPeer", cloud.peering(&name)?.id)
                }
                NextHop::Peering(name) => ("RouterInterface", cloud.peering(&name)?.id),
                NextHop::Instance(name) => ("Instance", cloud.instance(&name)?.id.clone()),
                NextHop::NatGateway(name) => ("NatGateway", cloud.nat_gateway(&name)?.id.clone()),
                NextHop::Gateway(name) => ("Ipv4Gateway", cloud.gateway(&name)?.id.clone()),
                NextHop::Internet | NextHop::Gone(_) => return None,
            };
            let options = vec![
                ("RouteTableId", table.id.to_string()),
                ("DestinationCidrBlock", it.destination.clone()),
                ("NextHopType", kind.to_owned()),
                ("NextHopId", id.to_string()),
            ];
            call("vpc", "CreateRouteEntry", cloud.region_of(&table.vpc), options)
        }
        Call::DeleteRouteEntry(it) => {
            let table = cloud.table_of_call(it.table.as_deref(), it.vpc.as_deref())?;
            let hop = it.next_hop.as_deref().and_then(|hop| cloud.hop_of_call(table, hop));
            let id = match hop {
                Some(NextHop::Peering(name)) => cloud.peering(&name).map(|end| end.id.to_string()),
                Some(NextHop::Instance(name)) => cloud.instance(&name).map(|instance| instance.id.to_string()),
                _ => it.next_hop.clone(),
            };
            let options = vec![
                ("RouteTableId", table.id.to_string()),
                ("DestinationCidrBlock", it.destination.clone()),
                ("NextHopId", id.unwrap_or_default()),
            ];
            call("vpc", "DeleteRouteEntry", cloud.region_of(&table.vpc), options)
        }
        Call::AssociateRouteTable(it) => {
            let (table, subnet) = (RouteTable::find(cloud, &it.table)?, Subnet::find(cloud, &it.subnet)?);
            let options = vec![("RouteTableId", table.id.to_string()), ("VSwitchId", subnet.id.to_string())];
            call("vpc", "AssociateRouteTable", cloud.region_of(&table.vpc), options)
        }
        Call::ConnectRouterInterface(it) => {
            let end = interface(&it.name)?;
            let options = vec![("RouterInterfaceId", end.id.to_string())];
            call("vpc", "ConnectRouterInterface", cloud.region_of(&end.vpc), options)
        }
        Call::ActivateRouterInterface(it) => {
            let end = interface(&it.name)?;
            let options = vec![("RouterInterfaceId", end.id.to_string())];
            call("vpc", "ActivateRouterInterface", cloud.region_of(&end.vpc), options)
        }
        Call::DeactivateRouterInterface(it) => {
            let end = interface(&it.name)?;
            let options = vec![("RouterInterfaceId", end.id.to_string())];
            call("vpc", "DeactivateRouterInterface", cloud.region_of(&end.vpc), options)
        }
        Call::DeleteRouterInterface(it) => {
            let end = interface(&it.name)?;
            let options = vec![("RouterInterfaceId", end.id.to_string())];
            call("vpc", "DeleteRouterInterface", cloud.region_of(&end.vpc), options)
        }
        Call::ModifyRouterInterfaceAttribute(it) => {
            let end = interface(&it.name)?;
            let router = it.opposite_router.as_deref().and_then(|router| cloud.vpc_of_router(router));
            let account = it.opposite_account.as_deref().map(|account| cloud.account_id(account));
            let other = it.opposite_interface.as_deref();
            let other = other.map(|other| cloud.id(other, |other: &RouterInterface| other.id.to_string()));
            let options = vec![
                ("RouterInterfaceId", end.id.to_string()),
                ("OppositeInterfaceOwnerId", account.unwrap_or_default()),
                ("OppositeRouterId", router.map(|vpc| vpc.router_id.to_string()).unwrap_or_default()),
                ("OppositeInterfaceId", other.unwrap_or_default()),
            ];
            call("vpc", "ModifyRouterInterfaceAttribute", cloud.region_of(&end.vpc), options)
        }
        Call::CreateRouterInterface(it) => {
            let vpc = Vpc::find(cloud, &it.vpc)?;
            let side = if it.role.eq_ignore_ascii_case("initiator") { "InitiatingSide" } else { "AcceptingSide" };
            let options = vec![
                ("RouterType", "VRouter".to_owned()),
                ("RouterId", vpc.router_id.to_string()),
                ("Role", side.to_owned()),
                ("Spec", it.spec.clone().unwrap_or_else(|| "Negative".to_owned())),
                ("OppositeRegionId", it.opposite_region.clone()),
                ("Name", it.name.clone()),
            ];
            call("vpc", "CreateRouterInterface", vpc.region.to_string(), options)
        }
        Call::CreateVpcPeeringConnection(it) => {
            let (vpc, peer) = (Vpc::find(cloud, &it.vpc)?, Vpc::find(cloud, &it.peer_vpc)?);
            let options = vec![
                ("VpcId", vpc.id.to_string()),
                ("AcceptingAliUid", cloud.account_id(peer.account.as_str())),
                ("AcceptingRegionId", peer.region.to_string()),
                ("AcceptingVpcId", peer.id.to_string()),
                ("Name", it.name.clone()),
            ];
            call("vpcpeer", "CreateVpcPeerConnection", vpc.region.to_string(), options)
        }
        Call::AcceptVpcPeeringConnection(it) => {
            let connection = PeeringConnection::find(cloud, &it.name)?;
            let options = vec![("InstanceId", connection.id.to_string())];
            call("vpcpeer", "AcceptVpcPeerConnection", connection.accepter.region.to_string(), options)
        }
        Call::StartInstance(it) => {
            let instance = Instance::find(cloud, &it.name)?;
            let options = vec![("InstanceId", instance.id.to_string())];
            call("ecs", "StartInstance", cloud.region_of(&instance.subnet.vpc), options)
        }
        _ => None,
    }
}

// ── jdc ────────────────────────────────────────────────────────────────────────────────────────────────────────────

fn jdc(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
    let call = |product: &str, action: &str, region: String, options: Vec<(&'static str, String)>| {
        let command = line(&format!("jdc {product} {action}"), &[("region-id", region)]);
        let profile = format!("jdc configure use --profile {}", operation.caller);
        Some(vec![profile, line(&command, &options)])
    };
    let rule = |action: &str, is_ingress: bool, group: &str, rule: &RuleArguments| {
        let group = SecurityGroup::find(cloud, group)?;
        let (protocol, ports) = of_rule(rule)?;
        let number = match protocol {
            RuleProtocol::All => 300,
            RuleProtocol::Icmp => 1,
            RuleProtocol::Tcp => 6,
            RuleProtocol::Udp => 17,
            RuleProtocol::Gre => 47,
        };
        let PortRange { low, high } = ports.unwrap_or(PortRange { low: 0, high: 0 });
        let direction = u8::from(!is_ingress);
        let policy = security_group::policy(rule.policy.as_deref().unwrap_or("accept"), "policy").ok()?;
        let action_of = if policy == Policy::Drop { "deny" } else { "allow" };
        let priority = rule.priority.as_deref().map(|it| format!(",\"priority\":{it}")).unwrap_or_default();
        let spec = format!(
            "[{{\"protocol\":{number},\"direction\":{direction},\"addressPrefix\":\"{}\",\"fromPort\":{low},\"toPort\":{high},\"ruleAction\":\"{action_of}\"{priority}}}]",
            rule.cidr.as_deref().unwrap_or_default()
        );
        let options =
            vec![("network-security-group-id", group.id.to_string()), ("network-security-group-rule-specs", spec)];
        call("vpc", action, cloud.region_of(&group.vpc), options)
    };
    match &operation.call {
        Call::AuthorizeSecurityGroup(it) => {
            rule("add-network-security-group-rules", true, &it.security_group, &it.rule)
        }
        Call::AuthorizeSecurityGroupEgress(it) => {
            rule("add-network-security-group-rules", false, &it.security_group, &it.rule)
        }
        Call::CreateRouteEntry(it) => {
            let table = cloud.table_of_call(it.table.as_deref(), it.vpc.as_deref())?;
            let hop = it.next_hop.first()?;
            let (kind, id) = match cloud.hop_of_call(table, hop) {
                Some(NextHop::Peering(name)) => ("vpc_peering", cloud.peering(&name)?.id.to_string()),
                Some(NextHop::Instance(name)) => ("instance", cloud.instance(&name)?.id.to_string()),
                _ if hop == "internet" => ("internet", "internet".to_owned()),
                _ => return None,
            };
            let priority = it.priority.as_deref().map(|it| format!(",\"priority\":{it}")).unwrap_or_default();
            let spec = format!(
                "[{{\"nextHopType\":\"{kind}\",\"nextHopId\":\"{id}\",\"addressPrefix\":\"{}\"{priority}}}]",
                it.destination
            );
            let options = vec![("route-table-id", table.id.to_string()), ("route-table-rule-specs", spec)];
            call("vpc", "add-route-table-rules", cloud.region_of(&table.vpc), options)
        }
        Call::AssociateRouteTable(it) => {
            let (table, subnet) = (RouteTable::find(cloud, &it.table)?, Subnet::find(cloud, &it.subnet)?);
            let options =
                vec![("route-table-id", table.id.to_string()), ("subnet-ids", format!("[\"{}\"]", subnet.id))];
            call("vpc", "associate-route-table", cloud.region_of(&table.vpc), options)
        }
        Call::CreateVpcPeering(it) => {
            let vpc = Vpc::find(cloud, &it.vpc)?;
            let options = vec![
                ("vpc-peering-name", it.name.clone()),
                ("vpc-id", vpc.id.to_string()),
                ("remote-vpc-id", cloud.id(&it.peer_vpc_id, |peer: &Vpc| peer.id.to_string())),
            ];
            call("vpc", "create-vpc-peering", vpc.region.to_string(), options)
        }
        Call::StartInstance(it) => {
            let instance = Instance::find(cloud, &it.name)?;
            let options = vec![("instance-id", instance.id.to_string())];
            call("vm", "start-instance", cloud.region_of(&instance.subnet.vpc), options)
        }
        _ => None,
    }
}

// ── tccli ──────────────────────────────────────────────────────────────────────────────────────────────────────────

fn tccli(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
    let call = |action: &str, region: String, options: Vec<(&'static str, String)>| {
        let head = [("profile", operation.caller.to_string()), ("region", region)];
        let head = head.into_iter().chain([("cli-unfold-argument", " ".to_owned())]);
        Some(vec![line(&format!("tccli vpc {action}"), &head.chain(options).collect::<Vec<_>>())])
    };
    let rule = |action: &str, is_ingress: bool, group: &str, rule: &RuleArguments| {
        let group = SecurityGroup::find(cloud, group)?;
        let (protocol, ports) = of_rule(rule)?;
        let peer = rule.group.as_deref().map(|peer| cloud.id(peer, |peer: &SecurityGroup| peer.id.to_string()));
        let ports = ports.map(|PortRange { low, high }| match (low, high) {
            _ if ports == Some(PortRange::ALL) => "ALL".to_owned(),
            (low, high) if low == high => low.to_string(),
            (low, high) => format!("{low}-{high}"),
        });
        let key = |ingress: &'static str, egress: &'static str| if is_ingress { ingress } else { egress };
        let place = rule.priority.as_deref().and_then(|place| place.parse::<u8>().ok()?.checked_sub(1));
        let options = vec![
            ("SecurityGroupId", group.id.to_string()),
            (
                key("SecurityGroupPolicySet.Ingress.0.PolicyIndex", "SecurityGroupPolicySet.Egress.0.PolicyIndex"),
                place.map(|place| place.to_string()).unwrap_or_default(),
            ),
            (
                key("SecurityGroupPolicySet.Ingress.0.Protocol", "SecurityGroupPolicySet.Egress.0.Protocol"),
                protocol.to_string().to_uppercase(),
            ),
            (
                key("SecurityGroupPolicySet.Ingress.0.Port", "SecurityGroupPolicySet.Egress.0.Port"),
                ports.unwrap_or_default(),
            ),
            (
                key("SecurityGroupPolicySet.Ingress.0.CidrBlock", "SecurityGroupPolicySet.Egress.0.CidrBlock"),
                rule.cidr.clone().unwrap_or_default(),
            ),
            (
                key(
                    "SecurityGroupPolicySet.Ingress.0.SecurityGroupId",
                    "SecurityGroupPolicySet.Egress.0.SecurityGroupId",
                ),
                peer.unwrap_or_default(),
            ),
            (
                key("SecurityGroupPolicySet.Ingress.0.Action", "SecurityGroupPolicySet.Egress.0.Action"),
                rule.policy.as_deref().unwrap_or("accept").to_uppercase(),
            ),
        ];
        call(action, cloud.region_of(&group.vpc), options)
    };
    let (create_rule, delete_rule) = ("CreateSecurityGroupPolicies", "DeleteSecurityGroupPolicies");
    let connection = |action: &str, name: &str, more: Vec<(&'static str, String)>| {
        let connection = PeeringConnection::find(cloud, name)?;
        let id = ("PeeringConnectionId", connection.id.to_string());
        let side = match connection.requester.account == operation.caller {
            true => &connection.requester,
            false => &connection.accepter,
        };
        call(action, side.region.to_string(), [id].into_iter().chain(more).collect())
    };
    match &operation.call {
        Call::AuthorizeSecurityGroup(it) => rule(create_rule, true, &it.security_group, &it.rule),
        Call::AuthorizeSecurityGroupEgress(it) => rule(create_rule, false, &it.security_group, &it.rule),
        Call::RevokeSecurityGroup(it) => rule(delete_rule, true, &it.security_group, &it.rule),
        Call::RevokeSecurityGroupEgress(it) => rule(delete_rule, false, &it.security_group, &it.rule),
        Call::CreateRouteEntry(it) => {
            let table = cloud.table_of_call(it.table.as_deref(), it.vpc.as_deref())?;
            let (kind, hop) = match cloud.hop_of_call(table, it.next_hop.first()?)? {
                NextHop::Peering(name) => ("PEERCONNECTION", cloud.end_in(&table.vpc, &name)?.id.to_string()),
                NextHop::Instance(name) => ("NORMAL_CVM", cloud.instance(&name)?.ip.to_string()),
                _ => return None,
            };
            let options = vec![
                ("RouteTableId", table.id.to_string()),
                ("Routes.0.DestinationCidrBlock", it.destination.clone()),
                ("Routes.0.GatewayType", kind.to_owned()),
                ("Routes.0.GatewayId", hop),
            ];
            call("CreateRoutes", cloud.region_of(&table.vpc), options)
        }
        Call::DeleteRouteEntry(it) => {
            let table = cloud.table_of_call(it.table.as_deref(), it.vpc.as_deref())?;
            let destination = ("Routes.0.DestinationCidrBlock", it.destination.clone());
            let options = vec![("RouteTableId", table.id.to_string()), destination];
            call("DeleteRoutes", cloud.region_of(&table.vpc), options)
        }
        Call::AssociateRouteTable(it) => {
            let (table, subnet) = (RouteTable::find(cloud, &it.table)?, Subnet::find(cloud, &it.subnet)?);
            let options = vec![("SubnetId", subnet.id.to_string()), ("RouteTableId", table.id.to_string())];
            call("ReplaceRouteTableAssociation", cloud.region_of(&table.vpc), options)
        }
        Call::AssociateNetworkAcl(it) => {
            let (acl, subnet) = (NetworkAcl::find(cloud, &it.acl)?, Subnet::find(cloud, &it.subnet)?);
            let options = vec![("NetworkAclId", acl.id.to_string()), ("SubnetIds.0", subnet.id.to_string())];
            call("AssociateNetworkAclSubnets", cloud.region_of(&acl.vpc), options)
        }
        Call::CreateVpcPeeringConnection(it) => {
            let (vpc, peer) = (Vpc::find(cloud, &it.vpc)?, Vpc::find(cloud, &it.peer_vpc)?);
            let options = vec![
                ("SourceVpcId", vpc.id.to_string()),
                ("PeeringConnectionName", it.name.clone()),
                ("DestinationVpcId", peer.id.to_string()),
                ("DestinationUin", cloud.account_id(peer.account.as_str())),
                ("DestinationRegion", peer.region.to_string()),
                ("Bandwidth", it.bandwidth.as_deref().map(megabits).unwrap_or_default()),
            ];
            call("CreateVpcPeeringConnection", vpc.region.to_string(), options)
        }
        Call::AcceptVpcPeeringConnection(it) => connection("AcceptVpcPeeringConnection", &it.name, Vec::new()),
        Call::RejectVpcPeeringConnection(it) => connection("RejectVpcPeeringConnection", &it.name, Vec::new()),
        Call::DeleteVpcPeeringConnection(it) => connection("DeleteVpcPeeringConnection", &it.name, Vec::new()),
        Call::ModifyVpcPeeringConnection(it) => {
            connection("ModifyVpcPeeringConnection", &it.name, vec![("Bandwidth", megabits(&it.bandwidth))])
        }
        _ => None,
    }
}

/// A bandwidth as a number of Mbit/s.
fn megabits(text: &str) -> String {
    super::value::bandwidth(text).map_or_else(|| text.to_owned(), |it| (it.0 / 1_000_000).to_string())
}
