//! NAT gateways. The API has no SNAT entries: a gateway translates whatever a route leads to it, so the Cloud's gets an
//! entry for each of the VPC's blocks.

use peerlab_cloud::{Call, DeleteNatGateway, NatGateway, NextHop, ResourceKind};
use serde_json::{Value, json};

use super::elastic_ip::{create_one, free_with};
use super::refused::invalid;
use super::row::{EIP, LIST, VPC, at, change, describe, keep_words, listed, made};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::made::call;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createNatGateway", "POST", at!("/natGateways/")),
        &["create-nat-gateway", "create-snat-entry"],
        "natGatewayName* vpcId* subnetId* elasticIpIds.N elasticIpCount elasticIpSpec description",
        "natGatewayId",
        create,
    ),
    describe(VPC, ("describeNatGateways", at!("/natGateways/")), LIST, "natGateways[] totalCount", |asked| {
        let mine = asked.cloud.nat_gateways().filter(|it| asked.is_in_sight(&it.host.subnet.vpc)).collect();
        listed(
            asked,
            "natGateways",
            mine,
            |it, filter| match filter {
                "natGatewayIds" | "natGatewayId" => Some(it.id.to_string()),
                "natGatewayNames" | "natGatewayName" => Some(asked.label(&it.id, it.name.as_str())),
                "vpcId" => Some(asked.vpc_id(&it.host.subnet.vpc)),
                "subnetId" => Some(asked.subnet_id(&it.host.subnet)),
                "networkType" => Some(NETWORK.to_owned()),
                _ => None,
            },
            |it| shown(asked, it),
        )
    }),
    describe(
        VPC,
        ("describeNatGateway", at!("/natGateways/{natGatewayId}")),
        "",
        "natGateway{natGatewayId natGatewayName natGatewaySpec networkType state description vpcId subnetId \
         privateIpAddress elasticIps[]{elasticIpId elasticIpAddress} routeTableIds[] createdTime}",
        |asked| Ok(json!({"natGateway": shown(asked, of_path(asked, "create-snat-entry")?)})),
    ),
    change(
        VPC,
        ("modifyNatGateway", "PATCH", at!("/natGateways/{natGatewayId}")),
        &[],
        "natGatewayName description",
        "",
        |change| {
            let id = of_path(&change.asked(), "create-snat-entry")?.id.to_string();
            keep_words(change, &id, "natGatewayName");
            Ok(json!({}))
        },
    ),
    change(
        VPC,
        ("deleteNatGateway", "DELETE", at!("/natGateways/{natGatewayId}")),
        &["delete-nat-gateway"],
        "deleteElasticIp",
        "",
        delete,
    ),
];

const NETWORK: &str = "public";

fn of_path<'a>(asked: &Asked<'a>, operation: &str) -> Result<&'a NatGateway, Refused> {
    asked.nat_gateway_with(asked.parameters().needed("natGatewayId"), operation)
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let asked = change.asked();
    let (vpc, subnet) = (asked.vpc("vpcId", "create-subnet")?, asked.subnet("subnetId", "create-nat-gateway")?);
    if subnet.name.vpc != vpc.name {
        return Err(invalid("subnetId"));
    }
    if parameters.get("networkType").is_some_and(|kind| kind != NETWORK) {
        return Err(invalid("networkType"));
    }
    let blocks: Vec<_> = vpc.blocks().map(|block| block.to_string()).collect();
    let subnet = subnet.name.to_string();
    let ip = match (&parameters.list("elasticIpIds")[..], parameters.number("elasticIpCount", 0)?) {
        ([id], 0) => free_with(&asked, id)?,
        ([], 1) => create_one(change, None)?.1,
        _ => {
            let message = "A NAT gateway of peerlab has one elastic IP: one of elasticIpIds, or elasticIpCount 1";
            return Err(Refused::new(400, "INVALID_ARGUMENT", message));
        }
    };
    let ip = ip.to_string();
    let id = change.create(ResourceKind::NatGateway, |name| {
        call("create-nat-gateway", &[("name", &name), ("subnet", &subnet), ("public_ip", &ip)])
    })?;
    let name = change.asked().nat_gateway_with(&id.0, "create-snat-entry")?.name.to_string();
    for block in blocks {
        change.operate(call("create-snat-entry", &[("nat_gateway", &name), ("cidr", &block)]))?;
    }
    keep_words(change, &id.0, "natGatewayName");
    Ok(json!({"natGatewayId": id.to_string()}))
}

fn delete(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let nat = of_path(&asked, "delete-nat-gateway")?;
    let (name, host) = (nat.name.to_string(), nat.host.clone());
    change.keep_address_of(EIP, &host);
    change.operate(Call::DeleteNatGateway(DeleteNatGateway { name }))?;
    if let Some(ip) = host.public_ip.filter(|_| change.parameters().is_set("deleteElasticIp")) {
        change.release_address(ip);
    }
    Ok(json!({}))
}

fn shown(asked: &Asked<'_>, it: &NatGateway) -> Value {
    let leads_here = |hop: &NextHop| matches!(hop, NextHop::NatGateway(name) if *name == it.name);
    let tables = asked.cloud.route_tables_of(&it.host.subnet.vpc);
    let tables = tables.filter(|table| table.entries.iter().any(|entry| leads_here(&entry.next_hop)));
    let address = it
        .public_ip()
        .map(|ip| json!({"elasticIpId": asked.id_of_address(EIP, ip), "elasticIpAddress": ip.to_string()}));
    json!({
        "natGatewayId": it.id.to_string(),
        "natGatewayName": asked.label(&it.id, it.name.as_str()),
        "natGatewaySpec": "small",
        "networkType": NETWORK,
        "state": "running",
        "description": asked.description(&it.id),
        "vpcId": asked.vpc_id(&it.host.subnet.vpc),
        "subnetId": asked.subnet_id(&it.host.subnet),
        "privateIpAddress": it.host.ip.to_string(),
        "elasticIps": address.into_iter().collect::<Vec<_>>(),
        "routeTableIds": tables.map(|table| table.id.to_string()).collect::<Vec<_>>(),
        "createdTime": made(asked, &it.id.0),
    })
}
