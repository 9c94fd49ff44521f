//! Alibaba Cloud's: `aliyun`.

use super::{line, of_rule};
use crate::reference::Resource;
use crate::{
    Call, Cloud, Instance, NextHop, Operation, PeeringConnection, RouteTable, RouterInterface, RuleArguments,
    SecurityGroup, Subnet, Vpc,
};

pub(super) fn lines(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
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
