//! Tencent Cloud's: `tccli`.

use super::{line, of_rule};
use crate::reference::Resource;
use crate::{
    Call, Cloud, NetworkAcl, NextHop, Operation, PeeringConnection, PortRange, RouteTable, RuleArguments,
    SecurityGroup, Subnet, Vpc, value,
};

pub(super) fn lines(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
    let call = |action: &str, region: String, options: Vec<(&str, String)>| {
        let head = [("profile", operation.caller.to_string()), ("region", region), ("cli-unfold-argument", " ".into())];
        Some(vec![line(&format!("tccli vpc {action}"), &head.into_iter().chain(options).collect::<Vec<_>>())])
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
        let place = rule.priority.as_deref().and_then(|place| place.parse::<u8>().ok()?.checked_sub(1));
        let parts = [
            ("PolicyIndex", place.map(|place| place.to_string()).unwrap_or_default()),
            ("Protocol", protocol.to_string().to_uppercase()),
            ("Port", ports.unwrap_or_default()),
            ("CidrBlock", rule.cidr.clone().unwrap_or_default()),
            ("SecurityGroupId", peer.unwrap_or_default()),
            ("Action", rule.policy.as_deref().unwrap_or("accept").to_uppercase()),
        ];
        let direction = if is_ingress { "Ingress" } else { "Egress" };
        let parts = parts.map(|(part, value)| (format!("SecurityGroupPolicySet.{direction}.0.{part}"), value));
        let parts = parts.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let options = [("SecurityGroupId", group.id.to_string())].into_iter().chain(parts).collect();
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
    value::bandwidth(text).map_or_else(|| text.to_owned(), |it| (it.0 / 1_000_000).to_string())
}
