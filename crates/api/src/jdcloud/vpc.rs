//! VPCs.

use peerlab_cloud::{Call, DeleteVpc, ResourceKind, Vpc};
use serde_json::{Value, json};

use super::row::{LIST, VPC, at, change, describe, keep_words, listed, made};
use super::subnet::subnet_shown;
use crate::action::{Action, Asked};
use crate::made::call;

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
        let all = asked.cloud.vpcs().filter(|vpc| asked.is_in_sight(&vpc.name)).collect();
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
        |asked| Ok(json!({"vpc": vpc_shown(asked, asked.vpc("vpcId", "delete-vpc")?)})),
    ),
    change(VPC, ("modifyVpc", "PATCH", at!("/vpcs/{vpcId}")), &[], "vpcName description", "vpc", |change| {
        let id = change.asked().vpc("vpcId", "delete-vpc")?.id.to_string();
        keep_words(change, &id, "vpcName");
        Ok(json!({}))
    }),
    change(VPC, ("deleteVpc", "DELETE", at!("/vpcs/{vpcId}")), &["delete-vpc"], "", "", |change| {
        let name = change.asked().vpc("vpcId", "delete-vpc")?.name.to_string();
        change.done(Call::DeleteVpc(DeleteVpc { name }))
    }),
];

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
