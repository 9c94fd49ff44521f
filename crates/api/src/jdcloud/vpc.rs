//! The service vpc: VPCs, subnets, peerings, route tables, security groups.

use std::collections::BTreeSet;

use peerlab_cloud::{
    AssociateRouteTable, AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress, Call, CreateRouteEntry,
    DeleteRouteTable, DeleteSecurityGroup, DeleteSubnet, DeleteVpc, DeleteVpcPeering, Direction, GroupName, NextHop,
    PeeringName, Policy, ResourceKind, RevokeSecurityGroup, RevokeSecurityGroupEgress, RouteEntry, RouteTable,
    RouteTableName, Rule, RuleArguments, RulePeer, RuleProtocol, SecurityGroup, Subnet, UnassociateRouteTable, Vpc,
    VpcName, VpcPeering,
};
use serde_json::{Value, json};

use crate::action::{Action, Asked, Change, Does};
use crate::alibaba::{arguments_of, entry_id, free_addresses, rule_id};
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::paging::Paging;
use crate::parameters::Parameters;
use crate::{Refused, time};

/// A row that changes something.
pub(super) const fn change(
    product: &'static str,
    (name, method, path): (&'static str, &'static str, &'static str),
    operations: &'static [&'static str],
    parameters: &'static str,
    reply: &'static str,
    does: fn(&mut Change<'_>) -> Result<Value, Refused>,
) -> Action {
    Action {
        product,
        name,
        path: Some((method, path)),
        operations,
        parameters,
        filters: &[],
        reply,
        does: Does::Change(does),
    }
}

/// A row that describes something.
pub(super) const fn describe(
    product: &'static str,
    (name, path): (&'static str, &'static str),
    parameters: &'static str,
    reply: &'static str,
    does: fn(&Asked<'_>) -> Result<Value, Refused>,
) -> Action {
    let operations = &[];
    Action {
        product,
        name,
        path: Some(("GET", path)),
        operations,
        parameters,
        filters: &[],
        reply,
        does: Does::Describe(does),
    }
}

const VPC: &str = "vpc";
const LIST: &str = "filters.N.name filters.N.values.M pageNumber pageSize";

/// A path of this service.
macro_rules! at {
    ($path:literal) => {
        concat!("/v1/regions/{regionId}", $path)
    };
}
pub(super) use at;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createVpc", "POST", at!("/vpcs/")),
        &["create-vpc"],
        "vpcName* addressPrefix description",
        "vpcId",
        |change| {
            let parameters = change.parameters();
            let id = change.create(ResourceKind::Vpc, |name| {
                let cidr = parameters.get("addressPrefix").unwrap_or("10.0.0.0/16");
                call("create-vpc", &[("name", &name), ("region", parameters.needed("regionId")), ("cidr", cidr)])
            })?;
            keep_words(change, &id.0, "vpcName");
            Ok(json!({"vpcId": id.to_string()}))
        },
    ),
    describe(VPC, ("describeVpcs", at!("/vpcs/")), LIST, "vpcs[] totalCount", |asked| {
        let all = asked.cloud.vpcs().filter(|vpc| in_sight(asked, &vpc.name)).collect();
        listed(
            asked,
            "vpcs",
            all,
            |vpc, filter| match filter {
                "vpcIds" | "vpcId" => Some(vpc.id.to_string()),
                "vpcNames" | "vpcName" => Some(asked.label(&vpc.id, vpc.name.as_str())),
                _ => None,
            },
            |vpc| vpc_shown(asked, vpc),
        )
    }),
    describe(
        VPC,
        ("describeVpc", at!("/vpcs/{vpcId}")),
        "",
        "vpc{vpcId vpcName addressPrefix description routeTableIds[] aclIds[] subnets[] createdTime}",
        |asked| Ok(json!({"vpc": vpc_shown(asked, vpc(asked, "vpcId", "delete-vpc")?)})),
    ),
    change(VPC, ("modifyVpc", "PATCH", at!("/vpcs/{vpcId}")), &[], "vpcName description", "vpc", |change| {
        let id = vpc(&change.asked(), "vpcId", "delete-vpc")?.id.to_string();
        keep_words(change, &id, "vpcName");
        Ok(json!({}))
    }),
    change(VPC, ("deleteVpc", "DELETE", at!("/vpcs/{vpcId}")), &["delete-vpc"], "", "", |change| {
        let name = vpc(&change.asked(), "vpcId", "delete-vpc")?.name.to_string();
        done(change, Call::DeleteVpc(DeleteVpc { name }))
    }),
    change(
        VPC,
        ("createSubnet", "POST", at!("/subnets/")),
        &["create-subnet", "associate-route-table"],
        "vpcId* subnetName* addressPrefix* routeTableId description",
        "subnetId",
        create_subnet,
    ),
    describe(VPC, ("describeSubnets", at!("/subnets/")), LIST, "subnets[] totalCount", |asked| {
        let all = asked.cloud.subnets().filter(|subnet| in_sight(asked, &subnet.name.vpc)).collect();
        listed(
            asked,
            "subnets",
            all,
            |subnet, filter| match filter {
                "subnetIds" | "subnetId" => Some(subnet.id.to_string()),
                "subnetNames" | "subnetName" => Some(asked.label(&subnet.id, &subnet.name.subnet)),
                "vpcId" => Some(vpc_id(asked, &subnet.name.vpc)),
                "routeTableId" => Some(asked.cloud.table_of(subnet).id.to_string()),
                _ => None,
            },
            |subnet| subnet_shown(asked, subnet),
        )
    }),
    describe(
        VPC,
        ("describeSubnet", at!("/subnets/{subnetId}")),
        "",
        "subnet{subnetId subnetName vpcId vpcName addressPrefix availableIpCount startIp endIp routeTableId description createdTime}",
        |asked| Ok(json!({"subnet": subnet_shown(asked, subnet(asked, "subnetId", "delete-subnet")?)})),
    ),
    change(VPC, ("modifySubnet", "PATCH", at!("/subnets/{subnetId}")), &[], "subnetName description", "", |change| {
        let id = subnet(&change.asked(), "subnetId", "delete-subnet")?.id.to_string();
        keep_words(change, &id, "subnetName");
        Ok(json!({}))
    }),
    change(VPC, ("deleteSubnet", "DELETE", at!("/subnets/{subnetId}")), &["delete-subnet"], "", "", |change| {
        let name = subnet(&change.asked(), "subnetId", "delete-subnet")?.name.to_string();
        done(change, Call::DeleteSubnet(DeleteSubnet { name }))
    }),
    change(
        VPC,
        ("createVpcPeering", "POST", at!("/vpcPeerings/")),
        &["create-vpc-peering"],
        "vpcPeeringName* vpcId* remoteVpcId* description",
        "vpcPeering{vpcPeeringId vpcPeeringName vpcPeeringState description vpcInfo{vpcId vpcName addressPrefix[]} \
         remoteVpcInfo createdTime}",
        |change| {
            let vpc = vpc(&change.asked(), "vpcId", "create-vpc-peering")?.name.to_string();
            let peer = change.parameters().needed("remoteVpcId").to_owned();
            // The other side's VPC is of any account, but is known by its id only.
            if change.cloud().with_id(ResourceKind::Vpc, &peer).is_none() {
                return Err(change.asked().not_found(ResourceKind::Vpc, &peer, "create-vpc-peering"));
            }
            let id = change.create(ResourceKind::VpcPeering, |name| {
                call("create-vpc-peering", &[("name", &name), ("vpc", &vpc), ("peer_vpc_id", &peer)])
            })?;
            keep_words(change, &id.0, "vpcPeeringName");
            let name = change.parameters().text("vpcPeeringName");
            peering_now(change, &id.0, name)
        },
    ),
    describe(VPC, ("describeVpcPeerings", at!("/vpcPeerings/")), LIST, "vpcPeerings[] totalCount", |asked| {
        let all = asked.cloud.vpc_peerings().filter(|it| in_sight(asked, &it.vpc)).collect();
        listed(
            asked,
            "vpcPeerings",
            all,
            |it, filter| match filter {
                "vpcPeeringIds" | "vpcPeeringId" => Some(it.id.to_string()),
                "vpcPeeringNames" | "vpcPeeringName" => Some(asked.label(&it.id, it.name.as_str())),
                "vpcId" => Some(vpc_id(asked, &it.vpc)),
                "remoteVpcId" => Some(it.peer_vpc_id.to_string()),
                _ => None,
            },
            |it| peering_shown(asked, it, None),
        )
    }),
    describe(VPC, ("describeVpcPeering", at!("/vpcPeerings/{vpcPeeringId}")), "", "vpcPeering", |asked| {
        Ok(json!({"vpcPeering": peering_shown(asked, peering(asked, "vpcPeeringId")?, None)}))
    }),
    change(
        VPC,
        ("modifyVpcPeering", "PUT", at!("/vpcPeerings/{vpcPeeringId}")),
        &[],
        "vpcPeeringName description",
        "vpcPeering",
        |change| {
            let id = peering(&change.asked(), "vpcPeeringId")?.id.to_string();
            keep_words(change, &id, "vpcPeeringName");
            let name = change.parameters().text("vpcPeeringName");
            peering_now(change, &id, name)
        },
    ),
    change(
        VPC,
        ("deleteVpcPeering", "DELETE", at!("/vpcPeerings/{vpcPeeringId}")),
        &["delete-vpc-peering"],
        "",
        "",
        |change| {
            let name = peering(&change.asked(), "vpcPeeringId")?.name.to_string();
            done(change, Call::DeleteVpcPeering(DeleteVpcPeering { name }))
        },
    ),
    change(
        VPC,
        ("createRouteTable", "POST", at!("/routeTables/")),
        &["create-route-table"],
        "vpcId* routeTableName* description",
        "routeTableId",
        |change| {
            let vpc = vpc(&change.asked(), "vpcId", "create-route-table")?.name.to_string();
            let id = change.create(ResourceKind::RouteTable, |name| {
                call("create-route-table", &[("name", &name), ("vpc", &vpc)])
            })?;
            keep_words(change, &id.0, "routeTableName");
            Ok(json!({"routeTableId": id.to_string()}))
        },
    ),
    describe(VPC, ("describeRouteTables", at!("/routeTables/")), LIST, "routeTables[] totalCount", |asked| {
        let all = asked.cloud.route_tables().filter(|table| in_sight(asked, &table.vpc)).collect();
        listed(
            asked,
            "routeTables",
            all,
            |table, filter| match filter {
                "routeTableIds" | "routeTableId" => Some(table.id.to_string()),
                "routeTableNames" | "routeTableName" => Some(label_of_table(asked, table)),
                "vpcId" => Some(vpc_id(asked, &table.vpc)),
                _ => None,
            },
            |table| table_shown(asked, table),
        )
    }),
    describe(
        VPC,
        ("describeRouteTable", at!("/routeTables/{routeTableId}")),
        "",
        "routeTable{routeTableId routeTableName routeTableType vpcId description routeTableRules[]{ruleId priority \
         nextHopType nextHopId addressPrefix} subnetIds[] createdTime}",
        |asked| Ok(json!({"routeTable": table_shown(asked, table(asked, "delete-route-table")?)})),
    ),
    change(
        VPC,
        ("modifyRouteTable", "PATCH", at!("/routeTables/{routeTableId}")),
        &[],
        "routeTableName description",
        "",
        |change| {
            let id = table(&change.asked(), "delete-route-table")?.id.to_string();
            keep_words(change, &id, "routeTableName");
            Ok(json!({}))
        },
    ),
    change(
        VPC,
        ("deleteRouteTable", "DELETE", at!("/routeTables/{routeTableId}")),
        &["delete-route-table"],
        "",
        "",
        |change| {
            let name = table(&change.asked(), "delete-route-table")?.name.to_string();
            done(change, Call::DeleteRouteTable(DeleteRouteTable { name }))
        },
    ),
    change(
        VPC,
        ("addRouteTableRules", "POST", at!("/routeTables/{routeTableId}:addRouteTableRules")),
        &["create-route-entry"],
        "routeTableRuleSpecs.N* of nextHopType nextHopId addressPrefix priority",
        "",
        add_route_table_rules,
    ),
    change(
        VPC,
        ("removeRouteTableRules", "POST", at!("/routeTables/{routeTableId}:removeRouteTableRules")),
        &["delete-route-entry"],
        "ruleIds.N*",
        "",
        remove_route_table_rules,
    ),
    change(
        VPC,
        ("modifyRouteTableRules", "POST", at!("/routeTables/{routeTableId}:modifyRouteTableRules")),
        &["delete-route-entry", "create-route-entry"],
        "modifyRouteTableRuleSpecs.N* of ruleId priority nextHopType nextHopId addressPrefix",
        "",
        modify_route_table_rules,
    ),
    change(
        VPC,
        ("associateRouteTable", "POST", at!("/routeTables/{routeTableId}:associateRouteTable")),
        &["associate-route-table"],
        "subnetIds.N*",
        "",
        |change| {
            for id in change.parameters().list("subnetIds") {
                let (table, subnet) = table_and_subnet(change, id, "associate-route-table")?;
                change.operate(Call::AssociateRouteTable(AssociateRouteTable { table, subnet }))?;
            }
            Ok(json!({}))
        },
    ),
    change(
        VPC,
        ("disassociateRouteTable", "POST", at!("/routeTables/{routeTableId}:disassociateRouteTable")),
        &["unassociate-route-table"],
        "subnetId*",
        "",
        |change| {
            let id = change.parameters().needed("subnetId");
            let (table, subnet) = table_and_subnet(change, id, "unassociate-route-table")?;
            done(change, Call::UnassociateRouteTable(UnassociateRouteTable { table, subnet }))
        },
    ),
    change(
        VPC,
        ("createNetworkSecurityGroup", "POST", at!("/networkSecurityGroups/")),
        &["create-security-group"],
        "vpcId* networkSecurityGroupName* description",
        "networkSecurityGroupId",
        |change| {
            let vpc = vpc(&change.asked(), "vpcId", "create-security-group")?.name.to_string();
            let id = change.create(ResourceKind::SecurityGroup, |name| {
                call("create-security-group", &[("name", &name), ("vpc", &vpc)])
            })?;
            keep_words(change, &id.0, "networkSecurityGroupName");
            Ok(json!({"networkSecurityGroupId": id.to_string()}))
        },
    ),
    describe(
        VPC,
        ("describeNetworkSecurityGroups", at!("/networkSecurityGroups/")),
        LIST,
        "networkSecurityGroups[] totalCount",
        |asked| {
            let all = asked.cloud.security_groups().filter(|group| in_sight(asked, &group.vpc)).collect();
            listed(
                asked,
                "networkSecurityGroups",
                all,
                |group, filter| match filter {
                    "networkSecurityGroupIds" | "networkSecurityGroupId" => Some(group.id.to_string()),
                    "networkSecurityGroupNames" | "networkSecurityGroupName" => Some(label_of_group(asked, group)),
                    "vpcId" => Some(vpc_id(asked, &group.vpc)),
                    _ => None,
                },
                |group| group_shown(asked, group),
            )
        },
    ),
    describe(
        VPC,
        ("describeNetworkSecurityGroup", at!("/networkSecurityGroups/{networkSecurityGroupId}")),
        "",
        "networkSecurityGroup{networkSecurityGroupId networkSecurityGroupName networkSecurityGroupType vpcId \
         description securityGroupRules[]{ruleId direction protocol addressPrefix fromPort toPort ruleAction priority \
         description} createdTime}",
        |asked| Ok(json!({"networkSecurityGroup": group_shown(asked, group(asked, "delete-security-group")?)})),
    ),
    change(
        VPC,
        ("modifyNetworkSecurityGroup", "PATCH", at!("/networkSecurityGroups/{networkSecurityGroupId}")),
        &[],
        "networkSecurityGroupName description",
        "",
        |change| {
            let id = group(&change.asked(), "delete-security-group")?.id.to_string();
            keep_words(change, &id, "networkSecurityGroupName");
            Ok(json!({}))
        },
    ),
    change(
        VPC,
        ("deleteNetworkSecurityGroup", "DELETE", at!("/networkSecurityGroups/{networkSecurityGroupId}")),
        &["delete-security-group"],
        "",
        "",
        |change| {
            let name = group(&change.asked(), "delete-security-group")?.name.to_string();
            done(change, Call::DeleteSecurityGroup(DeleteSecurityGroup { name }))
        },
    ),
    change(
        VPC,
        (
            "addNetworkSecurityGroupRules",
            "POST",
            at!("/networkSecurityGroups/{networkSecurityGroupId}:addNetworkSecurityGroupRules"),
        ),
        &["authorize-security-group", "authorize-security-group-egress"],
        "networkSecurityGroupRuleSpecs.N* of protocol direction addressPrefix fromPort toPort ruleAction priority \
         description",
        "",
        add_rules,
    ),
    change(
        VPC,
        (
            "removeNetworkSecurityGroupRules",
            "POST",
            at!("/networkSecurityGroups/{networkSecurityGroupId}:removeNetworkSecurityGroupRules"),
        ),
        &["revoke-security-group", "revoke-security-group-egress"],
        "ruleIds.N*",
        "",
        remove_rules,
    ),
    describe(
        VPC,
        ("describeQuota", at!("/quotas/")),
        "type* parentResourceId",
        "quota{type parentResourceId maxLimit count}",
        describe_quota,
    ),
];

impl<'a> Asked<'a> {
    /// Whether a VPC is the caller's, and in the path's region.
    pub(super) fn is_of_path(&self, vpc: &Vpc) -> bool {
        let region = self.parameters().get("regionId").unwrap_or_default();
        self.is_mine(&vpc.account) && region.eq_ignore_ascii_case(&vpc.region.0)
    }
}

fn in_sight(asked: &Asked<'_>, vpc: &VpcName) -> bool {
    asked.cloud.vpc(vpc).is_some_and(|vpc| asked.is_of_path(vpc))
}

/// Does an operation that gives nothing back.
pub(super) fn done(change: &mut Change<'_>, call: Call) -> Result<Value, Refused> {
    change.operate(call)?;
    Ok(json!({}))
}

/// Keeps name and description of a thing.
fn keep_words(change: &mut Change<'_>, id: &str, name: &str) {
    change.keep(id, NAME, name);
    change.keep(id, DESCRIPTION, "description");
}

/// A list with its filters, by the text that each filter looks at, and its page.
pub(super) fn listed<T>(
    asked: &Asked<'_>,
    name: &str,
    mut all: Vec<&T>,
    text: impl Fn(&T, &str) -> Option<String>,
    show: impl Fn(&T) -> Value,
) -> Result<Value, Refused> {
    for filter in asked.parameters().parts("filters") {
        let (wanted, values) = (filter.get("name").unwrap_or_default(), filter.list("values"));
        let mut known = true;
        all.retain(|it| match text(it, wanted) {
            Some(own) => values.contains(&&*own),
            None => {
                known = false;
                true
            }
        });
        if !known {
            return Err(Refused::new(400, "INVALID_ARGUMENT", format!("There is no filter '{wanted}'")));
        }
    }
    let paging = Paging { names: ("pageNumber", "pageSize"), tokens: None, sizes: (20, 100) };
    let page = paging.page(asked.parameters(), all)?;
    let items: Vec<_> = page.items.into_iter().map(show).collect();
    Ok(json!({name: items, "totalCount": page.total}))
}

/// The VPC of a parameter.
pub(super) fn vpc<'a>(asked: &Asked<'a>, parameter: &str, operation: &str) -> Result<&'a Vpc, Refused> {
    let id = asked.parameters().needed(parameter);
    let vpc = asked.cloud.with_id(ResourceKind::Vpc, id).and_then(|name| asked.cloud.vpc(&VpcName::trusted(name)));
    vpc.filter(|vpc| asked.is_of_path(vpc)).ok_or_else(|| asked.not_found(ResourceKind::Vpc, id, operation))
}

/// The subnet with an id.
pub(super) fn subnet_with<'a>(asked: &Asked<'a>, id: &str, operation: &str) -> Result<&'a Subnet, Refused> {
    let name = asked.cloud.with_id(ResourceKind::Subnet, id).and_then(|name| name.parse().ok());
    let subnet = name.and_then(|name| asked.cloud.subnet(&name));
    subnet
        .filter(|subnet| in_sight(asked, &subnet.name.vpc))
        .ok_or_else(|| asked.not_found(ResourceKind::Subnet, id, operation))
}

fn subnet<'a>(asked: &Asked<'a>, parameter: &str, operation: &str) -> Result<&'a Subnet, Refused> {
    subnet_with(asked, asked.parameters().needed(parameter), operation)
}

fn table<'a>(asked: &Asked<'a>, operation: &str) -> Result<&'a RouteTable, Refused> {
    let id = asked.parameters().needed("routeTableId");
    let name = asked.cloud.with_id(ResourceKind::RouteTable, id).map(RouteTableName::trusted);
    let table = name.and_then(|name| asked.cloud.route_table(&name));
    table
        .filter(|table| in_sight(asked, &table.vpc))
        .ok_or_else(|| asked.not_found(ResourceKind::RouteTable, id, operation))
}

/// The security group with an id.
pub(super) fn group_with<'a>(asked: &Asked<'a>, id: &str, operation: &str) -> Result<&'a SecurityGroup, Refused> {
    let name = asked.cloud.with_id(ResourceKind::SecurityGroup, id).map(GroupName::trusted);
    let group = name.and_then(|name| asked.cloud.security_group(&name));
    group
        .filter(|group| in_sight(asked, &group.vpc))
        .ok_or_else(|| asked.not_found(ResourceKind::SecurityGroup, id, operation))
}

fn group<'a>(asked: &Asked<'a>, operation: &str) -> Result<&'a SecurityGroup, Refused> {
    group_with(asked, asked.parameters().needed("networkSecurityGroupId"), operation)
}

fn peering<'a>(asked: &Asked<'a>, parameter: &str) -> Result<&'a VpcPeering, Refused> {
    let id = asked.parameters().needed(parameter);
    let name = asked.cloud.with_id(ResourceKind::VpcPeering, id).map(PeeringName::trusted);
    let half = name.and_then(|name| asked.cloud.vpc_peering(&name));
    half.filter(|half| in_sight(asked, &half.vpc))
        .ok_or_else(|| asked.not_found(ResourceKind::VpcPeering, id, "delete-vpc-peering"))
}

fn table_and_subnet(change: &Change<'_>, subnet: &str, operation: &str) -> Result<(String, String), Refused> {
    let asked = change.asked();
    Ok((table(&asked, operation)?.name.to_string(), subnet_with(&asked, subnet, operation)?.name.to_string()))
}

/// The id of a VPC.
pub(super) fn vpc_id(asked: &Asked<'_>, name: &VpcName) -> String {
    asked.cloud.vpc(name).map_or_else(String::new, |vpc| vpc.id.to_string())
}

fn made(asked: &Asked<'_>, id: &str) -> String {
    time::at_second(asked.kept.made(id))
}

fn vpc_shown(asked: &Asked<'_>, vpc: &Vpc) -> Value {
    let tables: Vec<_> = asked.cloud.route_tables_of(&vpc.name).map(|table| table.id.to_string()).collect();
    let subnets: Vec<_> = asked.cloud.subnets_of(&vpc.name).map(|subnet| subnet_shown(asked, subnet)).collect();
    let acls = asked.cloud.network_acls().filter(|acl| acl.vpc == vpc.name);
    let acls: Vec<_> = acls.map(|acl| acl.id.to_string()).collect();
    json!({
        "vpcId": vpc.id.to_string(),
        "vpcName": asked.label(&vpc.id, vpc.name.as_str()),
        "addressPrefix": vpc.cidr.to_string(),
        "description": asked.description(&vpc.id),
        "routeTableIds": tables,
        "aclIds": acls,
        "subnets": subnets,
        "createdTime": made(asked, &vpc.id.0),
    })
}

fn create_subnet(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let vpc = vpc(&change.asked(), "vpcId", "create-subnet")?.name.to_string();
    let table_of = match parameters.get("routeTableId") {
        Some(_) => Some(table(&change.asked(), "associate-route-table")?.name.to_string()),
        None => None,
    };
    let id = change.create(ResourceKind::Subnet, |name| {
        let cidr = parameters.needed("addressPrefix");
        call("create-subnet", &[("name", &name), ("vpc", &vpc), ("cidr", cidr)])
    })?;
    keep_words(change, &id.0, "subnetName");
    if let Some(table) = table_of {
        change.operate(Call::AssociateRouteTable(AssociateRouteTable { table, subnet: id.to_string() }))?;
    }
    Ok(json!({"subnetId": id.to_string()}))
}

fn subnet_shown(asked: &Asked<'_>, subnet: &Subnet) -> Value {
    let vpc = asked.cloud.vpc(&subnet.name.vpc);
    let reserved: BTreeSet<_> = asked.cloud.provider().reserved(subnet.cidr).collect();
    let mut free = subnet.cidr.hosts().filter(|ip| !reserved.contains(ip));
    let start = free.next();
    json!({
        "subnetId": subnet.id.to_string(),
        "subnetName": asked.label(&subnet.id, &subnet.name.subnet),
        "vpcId": vpc_id(asked, &subnet.name.vpc),
        "vpcName": vpc.map_or_else(String::new, |vpc| asked.label(&vpc.id, vpc.name.as_str())),
        "addressPrefix": subnet.cidr.to_string(),
        "availableIpCount": free_addresses(asked.cloud, subnet),
        "description": asked.description(&subnet.id),
        "routeTableId": asked.cloud.table_of(subnet).id.to_string(),
        "aclId": subnet.acl.as_ref().and_then(|acl| asked.cloud.network_acl(&acl.acl)).map_or_else(String::new, |acl| acl.id.to_string()),
        "startIp": start.map(|ip| ip.to_string()),
        "endIp": last_free(subnet, &reserved),
        "createdTime": made(asked, &subnet.id.0),
    })
}

fn last_free(subnet: &Subnet, reserved: &BTreeSet<std::net::Ipv4Addr>) -> Option<String> {
    let (first, last) = (u32::from(subnet.cidr.network()), u32::from(subnet.cidr.broadcast()));
    let mut from_last = (first..=last).rev().map(std::net::Ipv4Addr::from);
    from_last.find(|ip| !reserved.contains(ip)).map(|ip| ip.to_string())
}

/// A peering as it is after a change, with the name that the change gives it.
fn peering_now(change: &Change<'_>, id: &str, name: Option<String>) -> Result<Value, Refused> {
    let asked = change.asked();
    let found = asked.cloud.vpc_peerings().find(|it| *it.id.0 == *id);
    let found = found.ok_or_else(|| asked.not_found(ResourceKind::VpcPeering, id, "create-vpc-peering"))?;
    Ok(json!({"vpcPeering": peering_shown(&asked, found, name)}))
}

fn peering_shown(asked: &Asked<'_>, it: &VpcPeering, name: Option<String>) -> Value {
    let info = |vpc: Option<&Vpc>, id: &str| {
        let mine = vpc.filter(|vpc| asked.is_mine(&vpc.account));
        json!({
            "vpcId": id,
            "vpcName": mine.map_or_else(String::new, |vpc| asked.label(&vpc.id, vpc.name.as_str())),
            "addressPrefix": vpc.map(|vpc| vpc.cidr.to_string()).into_iter().collect::<Vec<_>>(),
        })
    };
    let own = asked.cloud.vpc(&it.vpc);
    json!({
        "vpcPeeringId": it.id.to_string(),
        "vpcPeeringName": name.unwrap_or_else(|| asked.label(&it.id, it.name.as_str())),
        "vpcPeeringState": asked.cloud.peering(&it.name).map_or("", |end| end.status),
        "description": asked.description(&it.id),
        "vpcInfo": info(own, own.map_or("", |vpc| &vpc.id.0)),
        "remoteVpcInfo": info(asked.cloud.peer_of_half(it), &it.peer_vpc_id.0),
        "createdTime": made(asked, &it.id.0),
    })
}

/// A default table has no name of its own.
fn label_of_table(asked: &Asked<'_>, table: &RouteTable) -> String {
    let name = if table.is_default() { "default" } else { table.name.as_str() };
    asked.label(&table.id, name)
}

fn label_of_group(asked: &Asked<'_>, group: &SecurityGroup) -> String {
    let name = if group.is_default() { "default" } else { group.name.as_str() };
    asked.label(&group.id, name)
}

fn table_shown(asked: &Asked<'_>, table: &RouteTable) -> Value {
    let subnets: Vec<_> = asked.cloud.subnets_served_by(table).map(|subnet| subnet.id.to_string()).collect();
    let local = asked.cloud.vpc(&table.vpc).map(|vpc| {
        let (kind, hop) = ("local", "local");
        json!({"ruleId": format!("{}-local", table.id), "priority": 0, "nextHopType": kind, "nextHopId": hop, "addressPrefix": vpc.cidr.to_string()})
    });
    let own = table.entries.iter().map(|entry| entry_shown(asked, table, entry));
    json!({
        "routeTableId": table.id.to_string(),
        "routeTableName": label_of_table(asked, table),
        "routeTableType": if table.is_default() { "default" } else { "custom" },
        "description": asked.description(&table.id),
        "vpcId": vpc_id(asked, &table.vpc),
        "routeTableRules": local.into_iter().chain(own).collect::<Vec<_>>(),
        "subnetIds": subnets,
        "createdTime": made(asked, &table.id.0),
    })
}

fn entry_shown(asked: &Asked<'_>, table: &RouteTable, entry: &RouteEntry) -> Value {
    let (kind, hop) = match &entry.next_hop {
        NextHop::Peering(name) => {
            ("vpc_peering", asked.cloud.vpc_peering(name).map_or_else(String::new, |half| half.id.to_string()))
        }
        NextHop::Gone(gone) => ("vpc_peering", gone.id.to_string()),
        NextHop::Instance(name) => {
            ("instance", asked.cloud.instance(name).map_or_else(String::new, |instance| instance.id.to_string()))
        }
        NextHop::NatGateway(name) => {
            ("nat", asked.cloud.nat_gateway(name).map_or_else(String::new, |nat| nat.id.to_string()))
        }
        NextHop::Internet | NextHop::Gateway(_) => ("internet", "internet".to_owned()),
    };
    json!({
        "ruleId": entry_id(table, entry),
        "priority": entry.priority.unwrap_or(100),
        "nextHopType": kind,
        "nextHopId": hop,
        "addressPrefix": entry.destination.to_string(),
    })
}

/// The call that adds a rule of a request to a table.
fn entry_call(asked: &Asked<'_>, table: &str, spec: &Parameters) -> Result<Call, Refused> {
    let needed = |name: &str| spec.text(name).ok_or_else(|| (super::DIALECT.missing)(name));
    let (kind, id) = (needed("nextHopType")?.to_lowercase(), needed("nextHopId")?);
    let known = match &*kind {
        "internet" => None,
        "instance" => Some(ResourceKind::Instance),
        "vpc_peering" => Some(ResourceKind::VpcPeering),
        other => return Err(Refused::new(400, "INVALID_ARGUMENT", format!("There is no nextHopType '{other}'"))),
    };
    let next_hop = match known {
        None => "internet".to_owned(),
        Some(known) if asked.cloud.with_id(known, &id).is_some() => id,
        Some(_) => {
            let code = asked.cloud.provider().code(peerlab_cloud::Fault::NextHopNotFound, "create-route-entry");
            return Err(Refused::new(404, code.to_string(), format!("There is no {kind} {id}")));
        }
    };
    Ok(Call::CreateRouteEntry(CreateRouteEntry {
        table: Some(table.to_owned()),
        vpc: None,
        destination: needed("addressPrefix")?,
        next_hop: vec![next_hop],
        priority: spec.text("priority"),
    }))
}

fn add_route_table_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    for spec in change.parameters().parts("routeTableRuleSpecs") {
        let asked = change.asked();
        let name = table(&asked, "create-route-entry")?.name.to_string();
        let call = entry_call(&asked, &name, &spec)?;
        change.operate(call)?;
    }
    Ok(json!({}))
}

/// The entry with this id in the request's table.
fn entry<'a>(asked: &Asked<'a>, id: &str) -> Result<(&'a RouteTable, &'a RouteEntry), Refused> {
    let table = table(asked, "delete-route-entry")?;
    let found = table.entries.iter().find(|entry| entry_id(table, entry) == id);
    let fault = peerlab_cloud::Fault::RouteEntryNotFound;
    found.map(|entry| (table, entry)).ok_or_else(|| {
        let code = asked.cloud.provider().code(fault, "delete-route-entry").to_string();
        Refused::new(404, code, format!("There is no rule {id}"))
    })
}

fn remove_route_table_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    for id in change.parameters().list("ruleIds") {
        let asked = change.asked();
        let (table, entry) = entry(&asked, id)?;
        let call = Call::DeleteRouteEntry(table.deletion_of(entry));
        change.operate(call)?;
    }
    Ok(json!({}))
}

fn modify_route_table_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    for spec in change.parameters().parts("modifyRouteTableRuleSpecs") {
        let asked = change.asked();
        let id = spec.get("ruleId").ok_or_else(|| (super::DIALECT.missing)("ruleId"))?;
        let (table, found) = entry(&asked, id)?;
        let now = entry_shown(&asked, table, found);
        let text = |name: &str| {
            let kept = match &now[name] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.to_owned(), spec.text(name).unwrap_or(kept))
        };
        let merged = ["nextHopType", "nextHopId", "addressPrefix", "priority"].map(text);
        let (deletion, name) = (Call::DeleteRouteEntry(table.deletion_of(found)), table.name.to_string());
        let call = entry_call(&asked, &name, &Parameters::new(merged, Value::Null))?;
        change.operate(deletion)?;
        change.operate(call)?;
    }
    Ok(json!({}))
}

/// The numbers of protocols.
const PROTOCOLS: [(u64, RuleProtocol); 5] = [
    (300, RuleProtocol::All),
    (6, RuleProtocol::Tcp),
    (17, RuleProtocol::Udp),
    (1, RuleProtocol::Icmp),
    (47, RuleProtocol::Gre),
];

fn group_shown(asked: &Asked<'_>, group: &SecurityGroup) -> Value {
    let rules: Vec<_> = group.rules.iter().map(|rule| rule_shown(asked, group, rule)).collect();
    json!({
        "networkSecurityGroupId": group.id.to_string(),
        "networkSecurityGroupName": label_of_group(asked, group),
        "networkSecurityGroupType": if group.is_default() { "default" } else { "custom" },
        "description": asked.description(&group.id),
        "vpcId": vpc_id(asked, &group.vpc),
        "securityGroupRules": rules,
        "createdTime": made(asked, &group.id.0),
    })
}

fn rule_shown(asked: &Asked<'_>, group: &SecurityGroup, rule: &Rule) -> Value {
    let protocol = PROTOCOLS.iter().find(|(_, protocol)| *protocol == rule.protocol).map_or(300, |(number, _)| *number);
    let (from, to) = rule.ports.map_or((0, 0), |ports| (ports.low, ports.high));
    let id = rule_id(group, rule);
    json!({
        "ruleId": id,
        "direction": u8::from(rule.direction == Direction::Egress),
        "protocol": protocol,
        "addressPrefix": match &rule.peer { RulePeer::Cidr(cidr) => cidr.to_string(), RulePeer::Group { id, .. } => id.to_string() },
        "fromPort": from,
        "toPort": to,
        "ruleAction": if rule.policy == Policy::Accept { "accept" } else { "drop" },
        "priority": rule.priority,
        "description": asked.kept.word(&id, DESCRIPTION).unwrap_or_default(),
        "createdTime": made(asked, &id),
    })
}

fn rule_of(spec: &Parameters) -> Result<(Direction, RuleArguments), Refused> {
    let needed = |name: &str| spec.text(name).ok_or_else(|| (super::DIALECT.missing)(name));
    let wrong = |name: &str| Refused::new(400, "INVALID_ARGUMENT", format!("The value of '{name}' is not valid"));
    let protocol = needed("protocol")?.parse().ok();
    let protocol = PROTOCOLS.iter().find(|(number, _)| Some(*number) == protocol).ok_or_else(|| wrong("protocol"))?.1;
    let direction = match &*needed("direction")? {
        "0" => Direction::Ingress,
        "1" => Direction::Egress,
        _ => return Err(wrong("direction")),
    };
    let ports = (spec.get("fromPort").unwrap_or("0"), spec.get("toPort").unwrap_or("0"));
    let port = match ports {
        ("0", "0") => None,
        _ if !protocol.has_ports() => None,
        (from, to) => Some(format!("{from}/{to}")),
    };
    let rule = RuleArguments {
        protocol: protocol.to_string(),
        port,
        cidr: Some(needed("addressPrefix")?),
        group: None,
        group_account: None,
        policy: spec.text("ruleAction"),
        priority: spec.text("priority"),
    };
    Ok((direction, rule))
}

fn add_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    for spec in change.parameters().parts("networkSecurityGroupRuleSpecs") {
        let asked = change.asked();
        let security_group = group(&asked, "authorize-security-group")?.name.to_string();
        let (direction, rule) = rule_of(&spec)?;
        change.operate(match direction {
            Direction::Ingress => Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule }),
            Direction::Egress => {
                Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule })
            }
        })?;
        if let Some(text) = spec.get("description") {
            let asked = change.asked();
            let group = group(&asked, "authorize-security-group")?;
            let id = group.rules.last().map(|rule| rule_id(group, rule)).unwrap_or_default();
            change.keep_word(&id, DESCRIPTION, text);
        }
    }
    Ok(json!({}))
}

fn remove_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    let group = group(&change.asked(), "revoke-security-group")?.clone();
    for id in change.parameters().list("ruleIds") {
        let found = group.rules.iter().find(|rule| rule_id(&group, rule) == id);
        let found = found.ok_or_else(|| {
            let fault = peerlab_cloud::Fault::RuleNotFound;
            let code = change.cloud().provider().code(fault, "revoke-security-group").to_string();
            Refused::new(404, code, format!("There is no rule {id}"))
        })?;
        let (security_group, rule) = (group.name.to_string(), arguments_of(found));
        change.operate(match found.direction {
            Direction::Ingress => Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule }),
            Direction::Egress => Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule }),
        })?;
    }
    Ok(json!({}))
}

fn describe_quota(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let (kind, parent) = (parameters.needed("type"), parameters.get("parentResourceId").unwrap_or_default());
    let provider = asked.cloud.provider();
    let mine = |vpc: &VpcName| in_sight(asked, vpc);
    let of_parent = |vpc: &VpcName| parent.is_empty() || vpc_id(asked, vpc) == parent;
    let cloud = asked.cloud;
    let (most, count) = match kind {
        "vpc" => (100, cloud.vpcs().filter(|vpc| mine(&vpc.name)).count()),
        "subnet" => (50, cloud.subnets().filter(|it| mine(&it.name.vpc) && of_parent(&it.name.vpc)).count()),
        "vpcpeering" | "vpcPeering" => {
            let families = provider.families.iter();
            let most = families.filter_map(|family| match family {
                peerlab_cloud::Family::Halves(halves) => Some(halves.per_vpc),
                _ => None,
            });
            (most.max().unwrap_or(10), cloud.vpc_peerings().filter(|it| mine(&it.vpc) && of_parent(&it.vpc)).count())
        }
        "routeTable" | "route_table" => {
            (20, cloud.route_tables().filter(|it| mine(&it.vpc) && of_parent(&it.vpc)).count())
        }
        "routeTableRule" | "route_table_rule" => {
            let table = cloud.route_tables().find(|it| mine(&it.vpc) && *it.id.0 == *parent);
            (provider.entries_per_table, table.map_or(0, |table| table.entries.len()))
        }
        "security_group" | "networkSecurityGroup" => {
            (50, cloud.security_groups().filter(|it| mine(&it.vpc) && of_parent(&it.vpc)).count())
        }
        "securityGroupRule" | "networkSecurityGroupRule" | "security_group_rule" => {
            let group = cloud.security_groups().find(|it| mine(&it.vpc) && *it.id.0 == *parent);
            (provider.groups().rules, group.map_or(0, |group| group.rules.len()))
        }
        other => return Err(Refused::new(400, "INVALID_ARGUMENT", format!("There is no type '{other}'"))),
    };
    Ok(json!({"quota": {"type": kind, "parentResourceId": parent, "maxLimit": most, "count": count}}))
}
