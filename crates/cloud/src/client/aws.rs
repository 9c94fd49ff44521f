//! The AWS CLI: `aws`.

use super::{line, of_rule};
use crate::reference::Resource;
use crate::{
    Call, Cloud, Direction, Instance, NetworkAcl, NextHop, Operation, PeeringConnection, PortRange, ResourceKind,
    RouteTable, RuleArguments, RuleProtocol, SecurityGroup, Subnet, Vpc, VpcName, network_acl, security_group,
};

pub(super) fn lines(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
    let profile = || ("profile", operation.caller.to_string());
    let ec2 = |action: &str, region: String, options: Vec<(&'static str, String)>| {
        let options: Vec<_> = [profile(), ("region", region)].into_iter().chain(options).collect();
        Some(vec![line(&format!("aws ec2 {action}"), &options)])
    };
    let of_vpc = |vpc: &VpcName| cloud.region_of(vpc);
    let flag = || " ".to_owned();
    match &operation.call {
        Call::AuthorizeSecurityGroup(call) => rule(cloud, "authorize", "ingress", &call.security_group, &call.rule)
            .and_then(|(action, region, options)| ec2(&action, region, options)),
        Call::AuthorizeSecurityGroupEgress(call) => {
            rule(cloud, "authorize", "egress", &call.security_group, &call.rule)
                .and_then(|(action, region, options)| ec2(&action, region, options))
        }
        Call::RevokeSecurityGroup(call) => rule(cloud, "revoke", "ingress", &call.security_group, &call.rule)
            .and_then(|(action, region, options)| ec2(&action, region, options)),
        Call::RevokeSecurityGroupEgress(call) => rule(cloud, "revoke", "egress", &call.security_group, &call.rule)
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

fn rule(cloud: &Cloud, verb: &str, way: &str, group: &str, rule: &RuleArguments) -> Option<Parts> {
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
