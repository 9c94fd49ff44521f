//! JD Cloud's: `jdc`.

use super::{line, of_rule};
use crate::reference::Resource;
use crate::{
    Call, Cloud, Instance, NextHop, Operation, Policy, PortRange, RouteTable, RuleArguments, RuleProtocol,
    SecurityGroup, Subnet, Vpc, security_group,
};

pub(super) fn lines(cloud: &Cloud, operation: &Operation) -> Option<Vec<String>> {
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
