//! Subnets.

use std::collections::BTreeSet;

use peerlab_cloud::{AssociateRouteTable, Call, DeleteSubnet, ResourceKind, Subnet};
use serde_json::{Value, json};

use super::row::{LIST, VPC, at, change, describe, keep_words, listed, made};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::made::call;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createSubnet", "POST", at!("/subnets/")),
        &["create-subnet", "associate-route-table"],
        "vpcId* subnetName* addressPrefix* routeTableId description",
        "subnetId",
        create_subnet,
    ),
    describe(VPC, ("describeSubnets", at!("/subnets/")), LIST, "subnets[] totalCount", |asked| {
        let all = asked.cloud.subnets().filter(|subnet| asked.is_in_sight(&subnet.name.vpc)).collect();
        listed(
            asked,
            "subnets",
            all,
            |subnet, filter| match filter {
                "subnetIds" | "subnetId" => Some(subnet.id.to_string()),
                "subnetNames" | "subnetName" => Some(asked.label(&subnet.id, &subnet.name.subnet)),
                "vpcId" => Some(asked.vpc_id(&subnet.name.vpc)),
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
        "subnet{subnetId subnetName vpcId addressPrefix availableIpCount startIp endIp routeTableId description createdTime}",
        |asked| Ok(json!({"subnet": subnet_shown(asked, asked.subnet("subnetId", "delete-subnet")?)})),
    ),
    change(VPC, ("modifySubnet", "PATCH", at!("/subnets/{subnetId}")), &[], "subnetName description", "", |change| {
        let id = change.asked().subnet("subnetId", "delete-subnet")?.id.to_string();
        keep_words(change, &id, "subnetName");
        Ok(json!({}))
    }),
    change(VPC, ("deleteSubnet", "DELETE", at!("/subnets/{subnetId}")), &["delete-subnet"], "", "", |change| {
        let name = change.asked().subnet("subnetId", "delete-subnet")?.name.to_string();
        change.done(Call::DeleteSubnet(DeleteSubnet { name }))
    }),
];

fn create_subnet(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let vpc = change.asked().vpc("vpcId", "create-subnet")?.name.to_string();
    let table_of = match parameters.get("routeTableId") {
        Some(_) => Some(change.asked().table("routeTableId", "associate-route-table")?.name.to_string()),
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

pub(super) fn subnet_shown(asked: &Asked<'_>, subnet: &Subnet) -> Value {
    let reserved: BTreeSet<_> = asked.cloud.provider().reserved(subnet.cidr).collect();
    let mut free = subnet.cidr.hosts().filter(|ip| !reserved.contains(ip));
    let start = free.next();
    json!({
        "subnetId": subnet.id.to_string(),
        "subnetName": asked.label(&subnet.id, &subnet.name.subnet),
        "vpcId": asked.vpc_id(&subnet.name.vpc),
        "addressPrefix": subnet.cidr.to_string(),
        "availableIpCount": asked.free_addresses(subnet),
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
