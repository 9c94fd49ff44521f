//! Elastic IP addresses: created, bound to an instance, unbound, deleted.

use std::net::Ipv4Addr;

use peerlab_cloud::{GIVEN_AWAY, Instance};
use serde_json::{Value, json};

use super::instance::{instance, with_interface};
use super::interface::interface_id;
use super::refused::{invalid, missing};
use super::row::{EIP, LIST, VM, VPC, at, change, describe, listed, made};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::kept::NAME;
use crate::public_address::{Holder, PublicAddress};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createElasticIps", "POST", at!("/elasticIps/")),
        &[],
        "maxCount* elasticIpSpec.bandwidthMbps elasticIpSpec.provider elasticIpName elasticIpAddress",
        "elasticIpIds[]",
        create,
    ),
    describe(VPC, ("describeElasticIps", at!("/elasticIps/")), LIST, "elasticIps[] totalCount", |asked| {
        let all = asked.public_addresses(EIP);
        let shown: Vec<_> = all.iter().map(|it| shown(asked, it)).collect();
        let text = |it: &Value, filter: &str| {
            let member = match filter {
                "elasticIpIds" => "elasticIpId",
                "elasticIpAddress" | "privateIpAddress" | "networkInterfaceId" | "instanceId" | "instanceType"
                | "status" | "ipType" => filter,
                _ => return None,
            };
            Some(it[member].as_str().unwrap_or_default().to_owned())
        };
        listed(asked, "elasticIps", shown.iter().collect(), text, Value::clone)
    }),
    describe(
        VPC,
        ("describeElasticIp", at!("/elasticIps/{elasticIpId}")),
        "",
        "elasticIp{elasticIpId elasticIpName elasticIpAddress bandwidthMbps provider privateIpAddress \
         networkInterfaceId instanceId instanceType status state ipType createdTime}",
        |asked| Ok(json!({"elasticIp": shown(asked, &of_parameter(asked)?)})),
    ),
    change(
        VPC,
        ("modifyElasticIp", "PATCH", at!("/elasticIps/{elasticIpId}")),
        &[],
        "bandwidthMbps elasticIpName",
        "",
        |change| {
            let id = of_parameter(&change.asked())?.id;
            change.keep(&id, BANDWIDTH, "bandwidthMbps");
            change.keep(&id, NAME, "elasticIpName");
            Ok(json!({}))
        },
    ),
    change(VPC, ("deleteElasticIp", "DELETE", at!("/elasticIps/{elasticIpId}")), &[], "", "", |change| {
        let found = of_parameter(&change.asked())?;
        if found.holder.is_some() {
            return Err(Refused::new(400, "INVALID_ARGUMENT", format!("The elastic IP {} is in use", found.id)));
        }
        change.release_address(found.ip);
        Ok(json!({}))
    }),
    change(
        VM,
        ("associateElasticIp", "POST", at!("/instances/{instanceId}:associateElasticIp")),
        &["associate-public-ip"],
        "elasticIpId*",
        "",
        |change| {
            let name = instance(&change.asked())?.name.to_string();
            associate(change, &name)
        },
    ),
    change(
        VM,
        ("disassociateElasticIp", "POST", at!("/instances/{instanceId}:disassociateElasticIp")),
        &["release-public-ip"],
        "elasticIpId*",
        "",
        |change| {
            let it = instance(&change.asked())?.clone();
            disassociate(change, &it)
        },
    ),
    change(
        VPC,
        ("associateElasticIp", "POST", at!("/networkInterfaces/{networkInterfaceId}:associateElasticIp")),
        &["associate-public-ip"],
        "elasticIpId elasticIpAddress privateIpAddress",
        "",
        |change| {
            let name = with_interface(&change.asked())?.name.to_string();
            associate(change, &name)
        },
    ),
    change(
        VPC,
        ("disassociateElasticIp", "POST", at!("/networkInterfaces/{networkInterfaceId}:disassociateElasticIp")),
        &["release-public-ip"],
        "elasticIpId elasticIpAddress",
        "",
        |change| {
            let it = with_interface(&change.asked())?.clone();
            disassociate(change, &it)
        },
    ),
];

/// The word with an address's bandwidth, in Mbit/s.
const BANDWIDTH: &str = "bandwidth";

fn not_found(text: &str) -> Refused {
    Refused::new(404, "NOT_FOUND", format!("There is no elastic IP {text}"))
}

fn of_parameter<'a>(asked: &Asked<'a>) -> Result<PublicAddress<'a>, Refused> {
    let parameters = asked.parameters();
    match (parameters.get("elasticIpId"), parameters.get("elasticIpAddress")) {
        (Some(id), _) => asked.public_address(EIP, |it| it.id == id).ok_or_else(|| not_found(id)),
        (None, Some(ip)) => asked.public_address(EIP, |it| it.ip.to_string() == ip).ok_or_else(|| not_found(ip)),
        (None, None) => Err(missing("elasticIpId")),
    }
}

/// The address with an id, which nothing has.
pub(super) fn free_with(asked: &Asked<'_>, id: &str) -> Result<Ipv4Addr, Refused> {
    let found = asked.public_address(EIP, |it| it.id == id).ok_or_else(|| not_found(id))?;
    match found.holder {
        None => Ok(found.ip),
        Some(_) => Err(Refused::new(409, "CONFLICT", format!("The elastic IP {id} is in use"))),
    }
}

/// Creates an address; returns its id.
pub(super) fn create_one(change: &mut Change<'_>, wanted: Option<Ipv4Addr>) -> Result<(String, Ipv4Addr), Refused> {
    let region = change.parameters().needed("regionId").to_owned();
    change.allocate_address(EIP, &region, wanted)
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let count = parameters.number("maxCount", 1)?;
    if !(1..=100).contains(&count) {
        return Err(invalid("maxCount"));
    }
    let wanted = match parameters.get("elasticIpAddress") {
        None => None,
        Some(text) => {
            let ip = text.parse::<Ipv4Addr>().ok().filter(|ip| GIVEN_AWAY.hosts().any(|host| host == *ip));
            let ip = ip.filter(|ip| !change.asked().is_taken(*ip)).filter(|_| count == 1);
            Some(ip.ok_or_else(|| invalid("elasticIpAddress"))?)
        }
    };
    let mut ids = Vec::new();
    for _ in 0..count {
        let (id, _) = create_one(change, wanted)?;
        change.keep(&id, BANDWIDTH, "elasticIpSpec.bandwidthMbps");
        change.keep(&id, NAME, "elasticIpName");
        ids.push(id);
    }
    Ok(json!({"elasticIpIds": ids}))
}

fn associate(change: &mut Change<'_>, instance: &str) -> Result<Value, Refused> {
    let asked = change.asked();
    let ip = free_with(&asked, &of_parameter(&asked)?.id)?;
    change.bind_address(instance, ip)?;
    Ok(json!({}))
}

fn disassociate(change: &mut Change<'_>, instance: &Instance) -> Result<Value, Refused> {
    let found = of_parameter(&change.asked())?;
    if instance.public_ip != Some(found.ip) {
        let message = format!("The elastic IP {} is not bound to {}", found.id, instance.id);
        return Err(Refused::new(400, "INVALID_ARGUMENT", message));
    }
    change.unbind_address(EIP, instance)?;
    Ok(json!({}))
}

pub(super) fn shown(asked: &Asked<'_>, it: &PublicAddress<'_>) -> Value {
    let host = it.holder.map(|holder| holder.host());
    let kind = match it.holder {
        Some(Holder::Instance(_)) => "compute",
        Some(Holder::NatGateway(_)) => "natgw",
        None => "",
    };
    let text = |text: Option<String>| text.unwrap_or_default();
    let bandwidth = asked.kept.word(&it.id, BANDWIDTH).and_then(|text| text.parse().ok()).unwrap_or(5_u64);
    json!({
        "elasticIpId": it.id,
        "elasticIpName": asked.kept.word(&it.id, NAME).unwrap_or_default(),
        "elasticIpAddress": it.ip.to_string(),
        "bandwidthMbps": bandwidth,
        "provider": "bgp",
        "privateIpAddress": text(host.map(|host| host.ip.to_string())),
        "networkInterfaceId": text(host.map(interface_id)),
        "instanceId": text(host.map(|host| host.id.to_string())),
        "instanceType": kind,
        "status": if host.is_some() { "ASSOCIATED" } else { "NOT_ASSOCIATED" },
        "state": "UP",
        "ipType": "standard",
        "createdTime": made(asked, &it.id),
    })
}
