//! Route tables, and which vSwitches they serve.

use peerlab_cloud::{AssociateRouteTable, Call, DeleteRouteTable, ResourceKind, RouteTable, UnassociateRouteTable};
use serde_json::{Value, json};

use super::route_entry::entries_shown;
use super::row::{PAGES, VPC, change, describe, keep_words, listed, owner_of};
use crate::action::{Action, Asked, Change};
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateRouteTable",
        &["create-route-table"],
        "RegionId* VpcId* RouteTableName Description AssociateType ClientToken",
        "RouteTableId",
        create_route_table,
    ),
    change(
        VPC,
        "ModifyRouteTableAttributes",
        &[],
        "RegionId* RouteTableId* RouteTableName Description",
        "",
        |change| {
            let id = change.asked().table("RouteTableId", "delete-route-table")?.id.to_string();
            keep_words(change, &id, "RouteTableName")
        },
    ),
    change(
        VPC,
        "AssociateRouteTable",
        &["associate-route-table"],
        "RegionId* RouteTableId* VSwitchId* ClientToken",
        "",
        |change| {
            let (table, subnet) = table_and_subnet(change, "associate-route-table")?;
            change.done(Call::AssociateRouteTable(AssociateRouteTable { table, subnet }))
        },
    ),
    change(
        VPC,
        "UnassociateRouteTable",
        &["unassociate-route-table"],
        "RegionId* RouteTableId* VSwitchId* ClientToken",
        "",
        |change| {
            let (table, subnet) = table_and_subnet(change, "unassociate-route-table")?;
            change.done(Call::UnassociateRouteTable(UnassociateRouteTable { table, subnet }))
        },
    ),
    change(VPC, "DeleteRouteTable", &["delete-route-table"], "RegionId* RouteTableId*", "", |change| {
        let name = change.asked().table("RouteTableId", "delete-route-table")?.name.to_string();
        change.done(Call::DeleteRouteTable(DeleteRouteTable { name }))
    }),
    describe(
        VPC,
        "DescribeRouteTables",
        "RegionId VRouterId RouterId RouteTableId PageNumber PageSize",
        "RouteTables.RouteTable[]: RouteTableId VRouterId RouteTableType CreationTime VSwitchIds.VSwitchId[] \
         RouteEntrys.RouteEntry[]{RouteTableId RouteEntryId DestinationCidrBlock Type Status NextHopType InstanceId \
         NextHops.NextHop[]}; TotalCount PageNumber PageSize",
        describe_route_tables,
    ),
    describe(
        VPC,
        "DescribeRouteTableList",
        "RegionId* VpcId RouterId RouteTableId RouteTableName PageNumber PageSize",
        "RouterTableList.RouterTableListType[]: RouteTableId RouteTableName VpcId RouterId RouterType RouteTableType \
         VSwitchIds.VSwitchId[] Status Description CreationTime OwnerId; TotalCount PageNumber PageSize",
        describe_route_table_list,
    ),
];

fn table_and_subnet(change: &Change<'_>, operation: &str) -> Result<(String, String), Refused> {
    let asked = change.asked();
    let (table, subnet) = (asked.table("RouteTableId", operation)?, asked.subnet("VSwitchId", operation)?);
    Ok((table.name.to_string(), subnet.name.to_string()))
}

fn create_route_table(change: &mut Change<'_>) -> Result<Value, Refused> {
    if change.parameters().get("AssociateType").is_some_and(|kind| kind != "VSwitch") {
        return Err(Refused::new(400, "InvalidAssociateType", "Only route tables of vSwitches are served."));
    }
    let vpc = change.asked().vpc("VpcId", "create-route-table")?.name.to_string();
    let id = change
        .create(ResourceKind::RouteTable, |name| call("create-route-table", &[("name", &name), ("vpc", &vpc)]))?;
    keep_words(change, &id.0, "RouteTableName")?;
    Ok(json!({"RouteTableId": id.to_string()}))
}

/// Whether a table is the one that the VPC came with.
pub(super) fn table_type(table: &RouteTable) -> &'static str {
    if table.is_default() { "System" } else { "Custom" }
}

/// The tables of the caller that fit a request.
fn tables<'a>(asked: &Asked<'a>) -> Vec<&'a RouteTable> {
    let parameters = asked.parameters();
    let fits = |table: &&RouteTable| {
        let vpc = asked.cloud.vpc(&table.vpc);
        let router = vpc.map_or("", |vpc| &*vpc.router_id.0);
        asked.is_in_sight(&table.vpc)
            && !parameters.has("Tag")
            && parameters.fits("VpcId", vpc.map_or("", |vpc| &vpc.id.0))
            && parameters.fits("VRouterId", router)
            && parameters.fits("RouterId", router)
            && parameters.fits("RouteTableId", &table.id.0)
            && parameters.fits("RouteTableName", &label_of_table(asked, table))
    };
    asked.cloud.route_tables().filter(fits).collect()
}

/// A default table has no name of its own.
fn label_of_table(asked: &Asked<'_>, table: &RouteTable) -> String {
    let name = if table.is_default() { &*table.id.0 } else { table.name.as_str() };
    asked.label(&table.id, name)
}

fn describe_route_tables(asked: &Asked<'_>) -> Result<Value, Refused> {
    let page = PAGES.page(asked.parameters(), tables(asked))?;
    Ok(listed("RouteTables", "RouteTable", page, |table| {
        let subnets: Vec<_> = asked.cloud.subnets_served_by(table).map(|subnet| subnet.id.to_string()).collect();
        let vpc = asked.cloud.vpc(&table.vpc);
        json!({
            "RouteTableId": table.id.to_string(),
            "VRouterId": vpc.map_or_else(String::new, |vpc| vpc.router_id.to_string()),
            "RouteTableType": table_type(table),
            "CreationTime": time::at_second(asked.kept.made(&table.id.0)),
            "ResourceGroupId": "",
            "VSwitchIds": {"VSwitchId": subnets},
            "RouteEntrys": {"RouteEntry": entries_shown(asked, table)},
        })
    }))
}

fn describe_route_table_list(asked: &Asked<'_>) -> Result<Value, Refused> {
    let page = PAGES.page(asked.parameters(), tables(asked))?;
    let mut reply = listed("RouterTableList", "RouterTableListType", page, |table| {
        let subnets: Vec<_> = asked.cloud.subnets_served_by(table).map(|subnet| subnet.id.to_string()).collect();
        let vpc = asked.cloud.vpc(&table.vpc);
        json!({
            "RouteTableId": table.id.to_string(),
            "RouteTableName": label_of_table(asked, table),
            "VpcId": vpc.map_or_else(String::new, |vpc| vpc.id.to_string()),
            "RouterId": vpc.map_or_else(String::new, |vpc| vpc.router_id.to_string()),
            "RouterType": "VRouter",
            "RouteTableType": table_type(table),
            "AssociateType": "VSwitch",
            "VSwitchIds": {"VSwitchId": subnets},
            "Status": "Available",
            "Description": asked.description(&table.id),
            "CreationTime": time::at_second(asked.kept.made(&table.id.0)),
            "OwnerId": owner_of(asked),
            "ResourceGroupId": "",
        })
    });
    reply["Code"] = "200".into();
    reply["Success"] = true.into();
    Ok(reply)
}
