//! NAT gateways.

use peerlab_cloud::{Call, DeleteNatGateway, NatGateway, ResourceKind};
use serde_json::{Value, json};

use super::address::free_with;
use super::interface::{address_ids, interface_id};
use super::list::Listing;
use super::refused::{invalid, missing};
use super::row::{EIP, change, list};
use super::{gone, tagged};
use crate::action::{Action, Asked, Change};
use crate::aside::Aside;
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateNatGateway",
        &["create-nat-gateway"],
        "SubnetId* AllocationId ConnectivityType TagSpecification.N ClientToken DryRun",
        "natGateway clientToken",
        create,
    ),
    list(
        "DescribeNatGateways",
        "NatGatewayId.N Filter.N MaxResults NextToken DryRun",
        &GATEWAYS,
        "natGatewaySet[]: natGatewayId vpcId subnetId state connectivityType createTime deleteTime \
         natGatewayAddressSet[]{allocationId associationId networkInterfaceId privateIp publicIp isPrimary status} \
         tagSet[]{key value}; nextToken",
        |asked| GATEWAYS.answer(asked),
    ),
    change("DeleteNatGateway", &["delete-nat-gateway"], "NatGatewayId* DryRun", "natGatewayId", delete),
];

pub(super) const GATEWAYS: Listing = Listing {
    set: "natGatewaySet",
    ids: "NatGatewayId",
    id: "natGatewayId",
    unknown: "NatGatewayNotFound",
    filters: &[("nat-gateway-id", "natGatewayId"), ("state", "state"), ("subnet-id", "subnetId"), ("vpc-id", "vpcId")],
    all: |asked, wanted| {
        let mine = asked.cloud.nat_gateways().filter(|it| asked.is_in_sight(&it.host.subnet.vpc));
        let there = mine.filter(|it| wanted.takes(&it.id.0)).map(|it| shown(asked, it));
        let is_there = |id: &str| asked.cloud.with_id(ResourceKind::NatGateway, id).is_some();
        there.chain(gone::seen(asked, &DELETED, wanted, is_there)).collect()
    },
};

/// Those that were deleted.
const DELETED: Aside = Aside("deleted NAT gateways");

fn shown(asked: &Asked<'_>, it: &NatGateway) -> Value {
    let (address, association) = address_ids(asked, &it.host).unzip();
    json!({
        "natGatewayId": it.id.to_string(),
        "vpcId": asked.vpc_id(&it.host.subnet.vpc),
        "subnetId": asked.subnet_id(&it.host.subnet),
        "state": "available",
        "connectivityType": "public",
        "createTime": time::at_second(asked.kept.made(&it.id.0)),
        "natGatewayAddressSet": [{
            "allocationId": address,
            "associationId": association,
            "networkInterfaceId": interface_id(&it.host),
            "privateIp": it.host.ip.to_string(),
            "publicIp": it.public_ip().map(|ip| ip.to_string()),
            "isPrimary": true,
            "status": "succeeded",
        }],
        "tagSet": tagged::shown(asked, &it.id.0, it.name.as_str()),
    })
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["natgateway"])?;
    let asked = change.asked();
    let parameters = asked.parameters();
    if let Some(kind) = parameters.get("ConnectivityType").filter(|kind| *kind != "public") {
        return Err(invalid(kind, "connectivityType", "peerlab's NAT gateways are public."));
    }
    let subnet = asked.subnet("SubnetId", "create-nat-gateway")?.name.to_string();
    let allocation = parameters.get("AllocationId").ok_or_else(|| missing("AllocationId"))?;
    let ip = free_with(&asked, allocation)?.to_string();
    let id = change.create(ResourceKind::NatGateway, |name| {
        call("create-nat-gateway", &[("name", &name), ("subnet", &subnet), ("public_ip", &ip)])
    })?;
    tagged::keep(change, &id.0, "natgateway")?;
    let token = change.parameters().get("ClientToken");
    Ok(json!({"natGateway": GATEWAYS.one(&change.asked(), &id.0)?, "clientToken": token}))
}

/// Deletes a NAT gateway; its address stays allocated, and it is seen for an hour.
fn delete(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let id = change.parameters().needed("NatGatewayId");
    let found = asked.nat_gateway_with(id, "delete-nat-gateway");
    let Ok(nat) = found else {
        GATEWAYS.one(&asked, id)?;
        return Ok(json!({"natGatewayId": id}));
    };
    let (name, host) = (nat.name.to_string(), nat.host.clone());
    let mut last = shown(&asked, nat);
    last["state"] = "deleted".into();
    last["deleteTime"] = time::at_second(asked.caller.now).into();
    change.keep_address_of(EIP, &host);
    change.operate(Call::DeleteNatGateway(DeleteNatGateway { name }))?;
    gone::keep(change, &DELETED, id, &last);
    Ok(json!({"natGatewayId": id}))
}

/// The target of a route: a NAT gateway with this id.
pub(super) fn target(asked: &Asked<'_>, id: &str) -> Result<String, Refused> {
    let found = asked.nat_gateway_with(id, "create-route-entry").map(|it| it.id.to_string());
    found.map_err(|_| {
        let message = format!("The natGateway ID '{id}' does not exist");
        Refused::new(400, "InvalidNatGatewayID.NotFound", message)
    })
}
