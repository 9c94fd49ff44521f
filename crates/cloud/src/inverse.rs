//! The operations that take another back.

use super::lines::{
    acl_line, called, entry_line, half_line, instance_line, interface_line, opposite_line, option, request_line,
    table_of,
};
use super::{
    Call, Cloud, NextHop, Operation, RevokeSecurityGroup, RevokeSecurityGroupEgress, Role, RouteTable, RouterInterface,
    RuleArguments, Subnet, SubnetName, VpcName,
};

/// The operations that take `operations` back, which were done on `before`. They are a proposal: the Cloud says whether they
/// do. `None`: unknown for one of them.
pub fn inverse(before: &Cloud, operations: &[Operation]) -> Option<Vec<Operation>> {
    let mut cloud = before.clone();
    let mut back = Vec::new();
    for operation in operations {
        back.push(of_one(&cloud, operation)?);
        cloud.apply(operation).ok()?;
    }
    Some(back.into_iter().rev().flatten().collect())
}

fn of_one(cloud: &Cloud, operation: &Operation) -> Option<Vec<Operation>> {
    let caller = &operation.caller;
    let lines = |lines: Vec<String>| lines.iter().map(|line| called(caller, line)).collect::<Option<Vec<Operation>>>();
    let call = &operation.call;
    // In a list, a rule moves.
    let anywhere = |rule: &RuleArguments| RuleArguments {
        priority: rule.priority.clone().filter(|_| !cloud.provider.groups().ordered),
        ..rule.clone()
    };
    let line = call.to_string();
    let arguments = line.split_once(' ').map_or("", |(_, arguments)| arguments);
    Some(match call {
        Call::CreateRouteEntry(it) => {
            let hop = it.next_hop.first()?;
            let priority = option("priority", it.priority.as_deref());
            let table = table_of(it.table.as_deref(), it.vpc.as_deref())?;
            lines(vec![format!(
                "delete-route-entry {table} --destination {} --next-hop {hop}{priority}",
                it.destination
            )])?
        }
        Call::DeleteRouteEntry(it) => {
            let table = find_table(cloud, it.table.as_deref(), it.vpc.as_deref())?;
            let all = table.entries.iter().filter(|entry| entry.destination.to_string() == it.destination);
            let fits = |hop: &NextHop| {
                it.next_hop.as_ref().is_none_or(|text| *text == hop.to_string() || *text == cloud.reference_to(hop))
            };
            let mut all = all.filter(|entry| fits(&entry.next_hop));
            let entry =
                all.find(|entry| it.priority.is_none() || it.priority == entry.priority.map(|it| it.to_string()))?;
            lines(vec![entry_line(cloud, table, &entry.destination.to_string(), &entry.next_hop, entry.priority)])?
        }
        Call::AssociateRouteTable(it) => lines(match association(cloud, &it.subnet)? {
            Some(table) => vec![format!("associate-route-table {table} --subnet {}", it.subnet)],
            None => vec![format!("unassociate-route-table {} --subnet {}", it.table, it.subnet)],
        })?,
        Call::UnassociateRouteTable(it) => {
            lines(vec![format!("associate-route-table {} --subnet {}", it.table, it.subnet)])?
        }
        Call::CreateRouteTable(it) => lines(vec![format!("delete-route-table {}", it.name)])?,
        Call::AuthorizeSecurityGroup(it) => {
            let (security_group, rule) = (it.security_group.clone(), anywhere(&it.rule));
            lines(vec![Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule }).to_string()])?
        }
        Call::AuthorizeSecurityGroupEgress(it) => {
            let (security_group, rule) = (it.security_group.clone(), anywhere(&it.rule));
            lines(vec![
                Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule }).to_string(),
            ])?
        }
        Call::RevokeSecurityGroup(_) => lines(vec![format!("authorize-security-group {arguments}")])?,
        Call::RevokeSecurityGroupEgress(_) => lines(vec![format!("authorize-security-group-egress {arguments}")])?,
        Call::CreateSecurityGroup(it) => lines(vec![format!("delete-security-group {}", it.name)])?,
        Call::JoinSecurityGroup(_) => lines(vec![format!("leave-security-group {arguments}")])?,
        Call::LeaveSecurityGroup(_) => lines(vec![format!("join-security-group {arguments}")])?,
        Call::CreateNetworkAcl(it) => lines(vec![format!("delete-network-acl {}", it.name)])?,
        Call::CreateNetworkAclEntry(it) => lines(vec![format!(
            "delete-network-acl-entry {} --number {} --direction {}",
            it.acl, it.number, it.direction
        )])?,
        Call::DeleteNetworkAclEntry(it) => {
            let acl = cloud.network_acls().find(|acl| [acl.name.as_str(), &acl.id.0].contains(&&*it.acl))?;
            let mut all = acl.entries.iter();
            let entry =
                all.find(|entry| entry.number.to_string() == it.number && entry.direction.to_string() == it.direction)?;
            lines(vec![acl_line(acl.name.as_str(), entry)])?
        }
        Call::AssociateNetworkAcl(it) => {
            let before = subnet(cloud, &it.subnet)?.acl.as_ref().map(|association| association.acl.to_string());
            lines(match before {
                Some(acl) => vec![format!("associate-network-acl {acl} --subnet {}", it.subnet)],
                None => vec![format!("unassociate-network-acl {} --subnet {}", it.acl, it.subnet)],
            })?
        }
        Call::UnassociateNetworkAcl(it) => {
            lines(vec![format!("associate-network-acl {} --subnet {}", it.acl, it.subnet)])?
        }
        Call::ActivateRouterInterface(it) => lines(vec![format!("deactivate-router-interface {}", it.name)])?,
        Call::DeactivateRouterInterface(it) => lines(vec![format!("activate-router-interface {}", it.name)])?,
        Call::ModifyRouterInterfaceAttribute(it) => lines(vec![opposite_line(interface(cloud, &it.name)?)?])?,
        Call::ModifyRouterInterfaceSpec(it) => {
            let spec = interface(cloud, &it.name)?.spec?.name;
            lines(vec![format!("modify-router-interface-spec {} --spec {spec}", it.name)])?
        }
        Call::CreateRouterInterface(it) => lines(vec![format!("delete-router-interface {}", it.name)])?,
        Call::DeleteRouterInterface(it) => again(cloud, interface(cloud, &it.name)?)?,
        Call::CreateVpcPeering(it) => lines(vec![format!("delete-vpc-peering {}", it.name)])?,
        Call::DeleteVpcPeering(it) => {
            let half = cloud.vpc_peerings().find(|half| [half.name.as_str(), &half.id.0].contains(&&*it.name))?;
            lines(vec![half_line(half)])?
        }
        Call::DeleteVpcPeeringConnection(it) => connection_again(cloud, &it.name)?,
        Call::RejectVpcPeeringConnection(it) => connection_again(cloud, &it.name)?,
        Call::CreateVpcPeeringConnection(it) => lines(vec![format!("delete-vpc-peering-connection {}", it.name)])?,
        Call::CreateInstance(it) => lines(vec![format!("delete-instance {}", it.name)])?,
        Call::DeleteInstance(it) => {
            let instance = cloud.instances().find(|one| [one.name.as_str(), &one.id.0].contains(&&*it.name))?;
            lines(vec![instance_line(instance, &instance.ip.to_string())])?
        }
        Call::StartInstance(it) => lines(vec![format!("stop-instance {}", it.name)])?,
        Call::StopInstance(it) => lines(vec![format!("start-instance {}", it.name)])?,
        Call::ModifyInstance(it) => {
            let instance = cloud.instances().find(|one| [one.name.as_str(), &one.id.0].contains(&&*it.name))?;
            lines(vec![format!("modify-instance {} --forwards {}", it.name, instance.forwards)])?
        }
        Call::AddCidr(_) => lines(vec![format!("remove-cidr {arguments}")])?,
        Call::RemoveCidr(_) => lines(vec![format!("add-cidr {arguments}")])?,
        // Time does not go back; what it ended is made again.
        Call::PassTime(_) => Vec::new(),
        _ => return None,
    })
}

fn find_table<'a>(cloud: &'a Cloud, table: Option<&str>, vpc: Option<&str>) -> Option<&'a RouteTable> {
    cloud.route_tables().find(|one| match (table, vpc) {
        (Some(table), _) => one.name.as_str() == table || *one.id.0 == *table,
        (None, Some(vpc)) => {
            let owner = cloud.vpc(&one.vpc).is_some_and(|it| it.name.as_str() == vpc || *it.id.0 == *vpc);
            one.is_default() && owner
        }
        (None, None) => false,
    })
}

fn subnet<'a>(cloud: &'a Cloud, text: &str) -> Option<&'a Subnet> {
    let named =
        text.split_once('/').map(|(vpc, subnet)| SubnetName { vpc: VpcName::trusted(vpc), subnet: subnet.into() });
    named.and_then(|name| cloud.subnet(&name)).or_else(|| cloud.subnets().find(|subnet| *subnet.id.0 == *text))
}

#[expect(clippy::option_option, reason = "no subnet, and one without an association, are two things")]
fn association(cloud: &Cloud, text: &str) -> Option<Option<String>> {
    Some(subnet(cloud, text)?.association.as_ref().map(|it| it.table.to_string()))
}

fn interface<'a>(cloud: &'a Cloud, text: &str) -> Option<&'a RouterInterface> {
    cloud.router_interfaces().find(|it| it.name.as_str() == text || *it.id.0 == *text)
}

/// Makes a deleted end again, and connects it if it was.
fn again(cloud: &Cloud, end: &RouterInterface) -> Option<Vec<Operation>> {
    let mut all = vec![called(&end.account, &interface_line(end, &end.opposite_region.0))?];
    if let Some(line) = opposite_line(end) {
        all.push(called(&end.account, &line)?);
    }
    let far = end.connected.as_ref().and_then(|far| cloud.router_interface(far));
    if let Some(initiator) =
        [Some(end), far].into_iter().flatten().find(|it| it.role == Role::Initiator && far.is_some())
    {
        all.push(called(&initiator.account, &format!("connect-router-interface {}", initiator.name))?);
    }
    Some(all)
}

fn connection_again(cloud: &Cloud, text: &str) -> Option<Vec<Operation>> {
    let it = cloud.peering_connections().find(|it| it.name.as_str() == text || *it.id.0 == *text)?;
    let mut all = vec![called(&it.requester.account, &request_line(it))?];
    if it.requester.account != it.accepter.account {
        all.push(called(&it.accepter.account, &format!("accept-vpc-peering-connection {}", it.name))?);
    }
    Some(all)
}
