//! VPCs, their blocks and their routers.

use peerlab_cloud::{Call, DeleteVpc, Fault, ResourceKind, Vpc};
use serde_json::{Value, json};

use super::refused::in_use;
use super::row::{PAGES, VPC, change, describe, keep_words, listed, owner_of};
use super::{ipv4_gateway, nat_gateway};
use crate::action::{Action, Asked, Change};
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateVpc",
        &["create-vpc"],
        "RegionId* CidrBlock VpcName Description ClientToken DryRun",
        "VpcId VRouterId RouteTableId ResourceGroupId",
        create_vpc,
    ),
    describe(
        VPC,
        "DescribeVpcs",
        "RegionId* VpcId VpcName IsDefault VpcOwnerId PageNumber PageSize",
        "Vpcs.Vpc[]: VpcId RegionId Status CidrBlock VpcName VRouterId VSwitchIds.VSwitchId[] \
         RouterTableIds.RouterTableIds[] OwnerId IsDefault CreationTime Description; TotalCount PageNumber PageSize",
        describe_vpcs,
    ),
    describe(VPC, "DescribeVpcAttribute", "RegionId VpcId*", "a VPC of DescribeVpcs", |asked| {
        Ok(vpc_shown(asked, asked.vpc("VpcId", "delete-vpc")?))
    }),
    change(VPC, "ModifyVpcAttribute", &[], "RegionId VpcId* VpcName Description", "", |change| {
        let id = change.asked().vpc("VpcId", "delete-vpc")?.id.to_string();
        keep_words(change, &id, "VpcName")
    }),
    change(
        VPC,
        "AssociateVpcCidrBlock",
        &["add-cidr"],
        "RegionId* VpcId* SecondaryCidrBlock*",
        "CidrBlock",
        |change| block(change, "add-cidr"),
    ),
    change(VPC, "UnassociateVpcCidrBlock", &["remove-cidr"], "RegionId* VpcId* SecondaryCidrBlock*", "", |change| {
        block(change, "remove-cidr")
    }),
    change(VPC, "DeleteVpc", &["delete-vpc"], "RegionId VpcId* DryRun", "", |change| {
        let asked = change.asked();
        let vpc = asked.vpc("VpcId", "delete-vpc")?;
        if ipv4_gateway::is_waiting_in(&asked, vpc) {
            let message = format!("The VPC {} has an IPv4 gateway: delete it first.", vpc.id);
            return Err(in_use(&asked, Fault::InUseByGateway, "delete-vpc", message));
        }
        let name = vpc.name.to_string();
        change.done(Call::DeleteVpc(DeleteVpc { name }))
    }),
    describe(
        VPC,
        "DescribeVRouters",
        "RegionId* VRouterId PageNumber PageSize",
        "VRouters.VRouter[]: VRouterId VpcId RegionId RouteTableIds.RouteTableId[] VRouterName Description CreationTime; \
         TotalCount PageNumber PageSize",
        describe_vrouters,
    ),
];

fn create_vpc(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let id = change.create(ResourceKind::Vpc, |name| {
        let cidr = parameters.get("CidrBlock").unwrap_or("172.16.0.0/12");
        call("create-vpc", &[("name", &name), ("region", parameters.needed("RegionId")), ("cidr", cidr)])
    })?;
    keep_words(change, &id.0, "VpcName")?;
    let cloud = change.cloud();
    let vpc = cloud.vpcs().find(|vpc| vpc.id == id);
    let vpc = vpc.ok_or_else(|| Refused::new(500, "InternalError", "The VPC is not there."))?;
    let table = cloud.main_table_of(&vpc.name).id.to_string();
    Ok(json!({
        "VpcId": id.to_string(), "VRouterId": vpc.router_id.to_string(), "RouteTableId": table, "ResourceGroupId": "",
    }))
}

/// Adds or removes a secondary block.
fn block(change: &mut Change<'_>, operation: &str) -> Result<Value, Refused> {
    let vpc = change.asked().vpc("VpcId", operation)?.name.to_string();
    let cidr = change.parameters().needed("SecondaryCidrBlock");
    change.operate(call(operation, &[("vpc", &vpc), ("cidr", cidr)]))?;
    Ok(if operation == "add-cidr" { json!({"CidrBlock": cidr}) } else { json!({}) })
}

fn describe_vpcs(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let ids: Option<Vec<_>> = parameters.get("VpcId").map(|ids| ids.split(',').map(str::trim).collect());
    let none = parameters.is_set("IsDefault") || parameters.has("Tag");
    let owner = asked.account_id(asked.caller.account);
    let is_mine = parameters.get("VpcOwnerId").is_none_or(|id| id == owner);
    let all = asked.cloud.vpcs().filter(|vpc| {
        asked.is_in_sight(&vpc.name)
            && is_mine
            && !none
            && ids.as_ref().is_none_or(|ids| ids.contains(&&*vpc.id.0))
            && parameters.get("VpcName").is_none_or(|name| asked.label(&vpc.id, vpc.name.as_str()) == name)
    });
    let page = PAGES.page(parameters, all.collect())?;
    Ok(listed("Vpcs", "Vpc", page, |vpc| vpc_shown(asked, vpc)))
}

fn vpc_shown(asked: &Asked<'_>, vpc: &Vpc) -> Value {
    let cloud = asked.cloud;
    let subnets: Vec<_> = cloud.subnets_of(&vpc.name).map(|subnet| subnet.id.to_string()).collect();
    let tables: Vec<_> = cloud.route_tables_of(&vpc.name).map(|table| table.id.to_string()).collect();
    let nats: Vec<_> = nat_gateway::ids_in(asked, &vpc.name);
    let secondary: Vec<_> = vpc.secondary.iter().map(|block| block.cidr.to_string()).collect();
    json!({
        "VpcId": vpc.id.to_string(),
        "RegionId": vpc.region.to_string(),
        "Status": "Available",
        "CidrBlock": vpc.cidr.to_string(),
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": secondary},
        "UserCidrs": {"UserCidr": []},
        "NatGatewayIds": {"NatGatewayIds": nats},
        "VpcName": asked.label(&vpc.id, vpc.name.as_str()),
        "Description": asked.description(&vpc.id),
        "VRouterId": vpc.router_id.to_string(),
        "VSwitchIds": {"VSwitchId": subnets},
        "RouterTableIds": {"RouterTableIds": tables},
        "OwnerId": owner_of(asked),
        "IsDefault": false,
        "ResourceGroupId": "",
        "CreationTime": time::at_second(asked.kept.made(&vpc.id.0)),
    })
}

fn describe_vrouters(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let all = asked.cloud.vpcs().filter(|vpc| {
        asked.is_in_sight(&vpc.name) && parameters.get("VRouterId").is_none_or(|id| id == &*vpc.router_id.0)
    });
    let page = PAGES.page(parameters, all.collect())?;
    Ok(listed("VRouters", "VRouter", page, |vpc: &&Vpc| {
        let tables: Vec<_> = asked.cloud.route_tables_of(&vpc.name).map(|table| table.id.to_string()).collect();
        json!({
            "VRouterId": vpc.router_id.to_string(),
            "VpcId": vpc.id.to_string(),
            "RegionId": vpc.region.to_string(),
            "RouteTableIds": {"RouteTableId": tables},
            "VRouterName": "",
            "Description": "",
            "CreationTime": time::at_second(asked.kept.made(&vpc.id.0)),
        })
    }))
}
