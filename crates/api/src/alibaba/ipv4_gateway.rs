//! IPv4 gateways. The API creates them without effect; the Cloud has them from when they are enabled.

use peerlab_cloud::{Call, CreateRouteEntry, DeleteGateway, GatewayName, Id, ResourceKind, Vpc};
use serde_json::{Value, json};

use super::row::{VPC, change, describe};
use crate::action::{Action, Asked, Change};
use crate::aside::Aside;
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::paging::Paging;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateIpv4Gateway",
        &[],
        "RegionId* VpcId* Ipv4GatewayName Ipv4GatewayDescription ClientToken DryRun",
        "Ipv4GatewayId",
        create,
    ),
    change(
        VPC,
        "EnableVpcIpv4Gateway",
        &["create-gateway", "create-route-entry"],
        "RegionId* Ipv4GatewayId* RouteTableList.N ClientToken DryRun",
        "",
        enable,
    ),
    describe(
        VPC,
        "ListIpv4Gateways",
        "RegionId* Ipv4GatewayId Ipv4GatewayName VpcId NextToken MaxResults",
        "Ipv4GatewayModels[]: Ipv4GatewayId Ipv4GatewayName Ipv4GatewayDescription VpcId Status Enabled \
         Ipv4GatewayRouteTableId GmtCreate; TotalCount NextToken",
        list,
    ),
    describe(
        VPC,
        "GetIpv4GatewayAttribute",
        "RegionId* Ipv4GatewayId*",
        "Ipv4GatewayId Ipv4GatewayName Ipv4GatewayDescription VpcId Status Enabled Ipv4GatewayRouteTableId CreateTime",
        |asked| Ok(shown(asked, &of_parameter(asked)?, "CreateTime")),
    ),
    change(
        VPC,
        "UpdateIpv4GatewayAttribute",
        &[],
        "RegionId* Ipv4GatewayId* Ipv4GatewayName Ipv4GatewayDescription ClientToken DryRun",
        "",
        |change| {
            let id = of_parameter(&change.asked())?.id;
            keep_words(change, &id);
            Ok(json!({}))
        },
    ),
    change(
        VPC,
        "DeleteIpv4Gateway",
        &["delete-gateway"],
        "RegionId* Ipv4GatewayId* InternetMode ClientToken DryRun",
        "",
        |change| {
            let found = of_parameter(&change.asked())?;
            if found.is_enabled {
                return change.done(Call::DeleteGateway(DeleteGateway { name: found.name }));
            }
            NOT_ENABLED.take(change, &found.id.0);
            Ok(json!({}))
        },
    ),
];

/// Those that are not enabled, with their name and VPC.
const NOT_ENABLED: Aside = Aside("IPv4 gateways");

/// An IPv4 gateway, whether the Cloud has it or not.
struct Gateway<'a> {
    id: Id,
    name: String,
    vpc: &'a Vpc,
    is_enabled: bool,
}

fn all<'a>(asked: &Asked<'a>) -> Vec<Gateway<'a>> {
    let enabled = asked.cloud.gateways().filter(|it| asked.is_in_sight(&it.vpc)).filter_map(|it| {
        let vpc = asked.cloud.vpc(&it.vpc)?;
        Some(Gateway { id: it.id.clone(), name: it.name.to_string(), vpc, is_enabled: true })
    });
    let not_enabled = NOT_ENABLED.waiting(asked, ResourceKind::Gateway).filter_map(|it| {
        let vpc = asked.vpc_with(it.place, "create-gateway").ok()?;
        Some(Gateway { id: it.id, name: it.name.to_owned(), vpc, is_enabled: false })
    });
    enabled.chain(not_enabled).collect()
}

fn of_parameter<'a>(asked: &Asked<'a>) -> Result<Gateway<'a>, Refused> {
    let id = asked.parameters().needed("Ipv4GatewayId");
    let found = all(asked).into_iter().find(|it| *it.id.0 == *id);
    found.ok_or_else(|| {
        let message = format!("The specified Ipv4GatewayId {id} does not exist.");
        Refused::new(404, "ResourceNotFound.Ipv4Gateway", message)
    })
}

/// The VPC's gateway that is not enabled: it keeps the VPC from being deleted.
pub(super) fn is_waiting_in(asked: &Asked<'_>, vpc: &Vpc) -> bool {
    all(asked).iter().any(|it| !it.is_enabled && it.vpc.name == vpc.name)
}

fn keep_words(change: &mut Change<'_>, id: &Id) {
    change.keep(&id.0, NAME, "Ipv4GatewayName");
    change.keep(&id.0, DESCRIPTION, "Ipv4GatewayDescription");
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let vpc = asked.vpc("VpcId", "create-gateway")?;
    if all(&asked).iter().any(|it| it.vpc.name == vpc.name) {
        let message = format!("The VPC {} has an IPv4 gateway already.", vpc.id);
        return Err(Refused::new(400, "ResourceAlreadyExist.Ipv4Gateway", message));
    }
    let (of, vpc) = (vpc.name.to_string(), vpc.id.to_string());
    let unnamed = |name: String| call("create-gateway", &[("name", &name), ("vpc", &of)]);
    let id = NOT_ENABLED.reserve(change, ResourceKind::Gateway, unnamed, &vpc);
    keep_words(change, &id);
    Ok(json!({"Ipv4GatewayId": id.to_string(), "ResourceGroupId": ""}))
}

/// Enables a gateway, and gives the tables of the request an entry to it for everything.
fn enable(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let found = of_parameter(&asked)?;
    if found.is_enabled {
        let message = format!("The IPv4 gateway {} is enabled already.", found.id);
        return Err(Refused::new(400, "IncorrectStatus.Ipv4Gateway", message));
    }
    let mut tables = Vec::new();
    for id in asked.parameters().list("RouteTableList") {
        let table = asked.table_with(id, "create-route-entry")?;
        if table.vpc != found.vpc.name {
            return Err(asked.not_found(ResourceKind::RouteTable, id, "create-route-entry"));
        }
        tables.push(table.name.to_string());
    }
    let (name, vpc, id) = (found.name, found.vpc.name.to_string(), found.id);
    change.operate(call("create-gateway", &[("name", &name), ("vpc", &vpc), ("id", &id.0)]))?;
    NOT_ENABLED.take(change, &id.0);
    for table in tables {
        change.operate(Call::CreateRouteEntry(CreateRouteEntry {
            table: Some(table),
            vpc: None,
            destination: "0.0.0.0/0".to_owned(),
            next_hop: vec![GatewayName::trusted(&*name).to_string()],
            priority: None,
        }))?;
    }
    Ok(json!({}))
}

fn list(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let names = ["Ipv4GatewayId", "Ipv4GatewayName", "VpcId"];
    let shown = all(asked).into_iter().map(|it| shown(asked, &it, "GmtCreate"));
    let chosen = shown.filter(|it| !parameters.has("Tags") && parameters.all_fit(&names, it));
    let paging =
        Paging { names: ("PageNumber", "PageSize"), tokens: Some(("NextToken", "MaxResults")), sizes: (10, 100) };
    let page = paging.page(parameters, chosen.collect())?;
    let mut reply = json!({"Ipv4GatewayModels": page.items, "TotalCount": page.total.to_string()});
    if let Some(next) = page.next {
        reply["NextToken"] = next.into();
    }
    Ok(reply)
}

fn shown(asked: &Asked<'_>, it: &Gateway<'_>, created: &str) -> Value {
    json!({
        "Ipv4GatewayId": it.id.to_string(),
        "Ipv4GatewayName": asked.label(&it.id, &it.name),
        "Ipv4GatewayDescription": asked.description(&it.id),
        "VpcId": it.vpc.id.to_string(),
        "Status": "Created",
        "Enabled": it.is_enabled,
        "Ipv4GatewayRouteTableId": "",
        created: time::at_second(asked.kept.made(&it.id.0)),
        "ResourceGroupId": "",
        "Tags": [],
    })
}
