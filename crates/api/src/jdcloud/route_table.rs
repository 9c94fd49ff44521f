//! Route tables, their rules, and the subnets that they serve.

use peerlab_cloud::{
    AssociateRouteTable, Call, CreateRouteEntry, DeleteRouteTable, Fault, NextHop, ResourceKind, RouteEntry,
    RouteTable, UnassociateRouteTable,
};
use serde_json::{Value, json};

use super::refused::missing;
use super::row::{LIST, VPC, at, change, describe, keep_words, listed, made};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::entry_id;
use crate::made::call;
use crate::parameters::Parameters;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createRouteTable", "POST", at!("/routeTables/")),
        &["create-route-table"],
        "vpcId* routeTableName* description",
        "routeTableId",
        |change| {
            let vpc = change.asked().vpc("vpcId", "create-route-table")?.name.to_string();
            let id = change.create(ResourceKind::RouteTable, |name| {
                call("create-route-table", &[("name", &name), ("vpc", &vpc)])
            })?;
            keep_words(change, &id.0, "routeTableName");
            Ok(json!({"routeTableId": id.to_string()}))
        },
    ),
    describe(VPC, ("describeRouteTables", at!("/routeTables/")), LIST, "routeTables[] totalCount", |asked| {
        let all = asked.cloud.route_tables().filter(|table| asked.is_in_sight(&table.vpc)).collect();
        listed(
            asked,
            "routeTables",
            all,
            |table, filter| match filter {
                "routeTableIds" | "routeTableId" => Some(table.id.to_string()),
                "routeTableNames" | "routeTableName" => Some(label_of_table(asked, table)),
                "vpcId" => Some(asked.vpc_id(&table.vpc)),
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
        |asked| Ok(json!({"routeTable": table_shown(asked, asked.table("routeTableId", "delete-route-table")?)})),
    ),
    change(
        VPC,
        ("modifyRouteTable", "PATCH", at!("/routeTables/{routeTableId}")),
        &[],
        "routeTableName description",
        "",
        |change| {
            let id = change.asked().table("routeTableId", "delete-route-table")?.id.to_string();
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
            let name = change.asked().table("routeTableId", "delete-route-table")?.name.to_string();
            change.done(Call::DeleteRouteTable(DeleteRouteTable { name }))
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
            change.done(Call::UnassociateRouteTable(UnassociateRouteTable { table, subnet }))
        },
    ),
];

fn table_and_subnet(change: &Change<'_>, subnet: &str, operation: &str) -> Result<(String, String), Refused> {
    let asked = change.asked();
    Ok((
        asked.table("routeTableId", operation)?.name.to_string(),
        asked.subnet_with(subnet, operation)?.name.to_string(),
    ))
}

/// A default table has no name of its own.
fn label_of_table(asked: &Asked<'_>, table: &RouteTable) -> String {
    let name = if table.is_default() { "default" } else { table.name.as_str() };
    asked.label(&table.id, name)
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
        "vpcId": asked.vpc_id(&table.vpc),
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
            ("natgw", asked.cloud.nat_gateway(name).map_or_else(String::new, |nat| nat.id.to_string()))
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
    let needed = |name: &str| spec.text(name).ok_or_else(|| missing(name));
    let (kind, id) = (needed("nextHopType")?.to_lowercase(), needed("nextHopId")?);
    let known = match &*kind {
        "internet" => None,
        "instance" => Some(ResourceKind::Instance),
        "vpc_peering" => Some(ResourceKind::VpcPeering),
        "natgw" => Some(ResourceKind::NatGateway),
        other => return Err(Refused::new(400, "INVALID_ARGUMENT", format!("There is no nextHopType '{other}'"))),
    };
    let next_hop = match known {
        None => "internet".to_owned(),
        Some(known) if asked.cloud.with_id(known, &id).is_some() => id,
        Some(_) => {
            let code = asked.cloud.provider().code(Fault::NextHopNotFound, "create-route-entry");
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
        let name = asked.table("routeTableId", "create-route-entry")?.name.to_string();
        let call = entry_call(&asked, &name, &spec)?;
        change.operate(call)?;
    }
    Ok(json!({}))
}

/// The entry with this id in the request's table.
fn entry<'a>(asked: &Asked<'a>, id: &str) -> Result<(&'a RouteTable, &'a RouteEntry), Refused> {
    let table = asked.table("routeTableId", "delete-route-entry")?;
    let found = table.entries.iter().find(|entry| entry_id(table, entry) == id);
    let fault = Fault::RouteEntryNotFound;
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
        let id = spec.get("ruleId").ok_or_else(|| missing("ruleId"))?;
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
