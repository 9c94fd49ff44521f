//! Elastic IP addresses: allocated, bound to an instance or a NAT gateway, unbound, released.

use std::net::Ipv4Addr;

use peerlab_cloud::GIVEN_AWAY;
use serde_json::{Value, json};

use super::nat_gateway;
use super::row::{ECS, EIP, PAGES_OF_EIPS, VPC, change, describe, keep_words, listed};
use crate::action::{Action, Asked, Change};
use crate::kept::{DESCRIPTION, NAME};
use crate::public_address::{Holder, PublicAddress};
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "AllocateEipAddress",
        &[],
        "RegionId* IpAddress Bandwidth Name Description InternetChargeType InstanceChargeType ISP ClientToken",
        "AllocationId EipAddress ResourceGroupId",
        allocate,
    ),
    change(
        VPC,
        "AssociateEipAddress",
        &["associate-public-ip", "create-nat-gateway"],
        "RegionId AllocationId* InstanceId* InstanceType ClientToken",
        "",
        associate,
    ),
    change(
        VPC,
        "UnassociateEipAddress",
        &["release-public-ip", "delete-nat-gateway"],
        "RegionId AllocationId* InstanceId InstanceType Force ClientToken",
        "",
        unassociate,
    ),
    change(VPC, "ModifyEipAddressAttribute", &[], "RegionId AllocationId* Name Description Bandwidth", "", |change| {
        let id = of_parameter(&change.asked())?.id;
        change.keep(&id, BANDWIDTH, "Bandwidth");
        keep_words(change, &id, "Name")
    }),
    change(VPC, "ReleaseEipAddress", &[], "RegionId AllocationId*", "", |change| {
        let found = of_parameter(&change.asked())?;
        if found.holder.is_some() {
            return Err(wrong_status(&found, "unassociate it first"));
        }
        change.release_address(found.ip);
        Ok(json!({}))
    }),
    describe(
        VPC,
        "DescribeEipAddresses",
        "RegionId* AllocationId EipAddress EipName Status AssociatedInstanceId AssociatedInstanceType PageNumber PageSize",
        "EipAddresses.EipAddress[]: AllocationId IpAddress Status InstanceId InstanceType InstanceRegionId \
         PrivateIpAddress VpcId Name Description RegionId Bandwidth EipBandwidth ChargeType InternetChargeType \
         BusinessStatus AllocationTime ExpiredTime ISP; TotalCount PageNumber PageSize",
        describe_eips,
    ),
    change(
        ECS,
        "AllocatePublicIpAddress",
        &["associate-public-ip"],
        "InstanceId*",
        "IpAddress",
        allocate_public_ip_address,
    ),
];

/// The word with an address's bandwidth, in Mbit/s.
const BANDWIDTH: &str = "bandwidth";

fn of_parameter<'a>(asked: &Asked<'a>) -> Result<PublicAddress<'a>, Refused> {
    let id = asked.parameters().needed("AllocationId");
    asked.public_address(EIP, |it| it.id == id).ok_or_else(|| {
        let message = format!("The specified AllocationId {id} does not exist.");
        Refused::new(404, "InvalidAllocationId.NotFound", message)
    })
}

fn wrong_status(it: &PublicAddress<'_>, what: &str) -> Refused {
    let message = format!("The current status of {} does not support this operation: {what}.", it.id);
    Refused::new(400, "IncorrectEipStatus", message)
}

fn allocate(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let wrong = |name: &str, message: String| Refused::new(400, format!("InvalidParameter.{name}"), message);
    let wanted = match parameters.get("IpAddress") {
        None => None,
        Some(text) => {
            let ip = text.parse::<Ipv4Addr>().ok();
            let asked = change.asked();
            let free = ip.filter(|ip| !asked.is_taken(*ip) && GIVEN_AWAY.hosts().any(|host| host == *ip));
            let message = format!("The specified IpAddress {text} is not a free address of {GIVEN_AWAY}.");
            Some(free.ok_or_else(|| wrong("IpAddress", message))?)
        }
    };
    if let Some(text) = parameters.get("Bandwidth")
        && !text.parse::<u32>().is_ok_and(|mbit| (1..=1_000).contains(&mbit))
    {
        let message = format!("The specified Bandwidth {text} is not valid: 1 to 1000 Mbit/s.");
        return Err(Refused::new(400, "InvalidBandwidth.ValueNotSupported", message));
    }
    let (id, ip) = change.allocate_address(EIP, parameters.needed("RegionId"), wanted)?;
    change.keep(&id, BANDWIDTH, "Bandwidth");
    keep_words(change, &id, "Name")?;
    Ok(json!({"AllocationId": id, "EipAddress": ip.to_string(), "ResourceGroupId": ""}))
}

/// What a request binds an address to, or takes it from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Instance,
    NatGateway,
}

/// The names of these kinds.
const KINDS: [(Kind, &str); 2] = [(Kind::Instance, "EcsInstance"), (Kind::NatGateway, "Nat")];

/// The kind that a request names; without one, an instance, unless the id is a NAT gateway's.
fn kind(asked: &Asked<'_>) -> Result<Kind, Refused> {
    let Some(text) = asked.parameters().get("InstanceType") else {
        let is_nat = asked.parameters().needed("InstanceId").starts_with("ngw-");
        return Ok(if is_nat { Kind::NatGateway } else { Kind::Instance });
    };
    let found = KINDS.iter().find(|(_, name)| *name == text);
    found.map(|(kind, _)| *kind).ok_or_else(|| {
        let message = format!("The specified InstanceType {text} is not supported: EcsInstance or Nat.");
        Refused::new(400, "InvalidParameter.InstanceType", message)
    })
}

fn associate(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let found = of_parameter(&asked)?;
    if found.holder.is_some() {
        return Err(wrong_status(&found, "it is bound already"));
    }
    let (kind, ip, id) = (kind(&asked)?, found.ip, change.parameters().needed("InstanceId"));
    match kind {
        Kind::Instance => {
            let name = asked.instance_with(id, "associate-public-ip")?.name.to_string();
            change.bind_address(&name, ip)?;
        }
        Kind::NatGateway => nat_gateway::bind(change, id, ip)?,
    }
    Ok(json!({}))
}

fn unassociate(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let found = of_parameter(&asked)?;
    let holder = found.holder.ok_or_else(|| wrong_status(&found, "it is bound to nothing"))?;
    let host = holder.host().clone();
    if let Some(wanted) = asked.parameters().get("InstanceId").filter(|id| **id != *host.id.0) {
        let message = format!("{} is not bound to {wanted}.", found.id);
        return Err(Refused::new(400, "InvalidAssociation.NotFound", message));
    }
    match holder {
        Holder::Instance(_) => change.unbind_address(EIP, &host)?,
        Holder::NatGateway(_) => nat_gateway::unbind(change, &host.id.0)?,
    }
    Ok(json!({}))
}

/// Gives an instance an address that goes with it.
fn allocate_public_ip_address(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let id = change.parameters().needed("InstanceId");
    let (name, ip) = (asked.instance_with(id, "associate-public-ip")?.name.to_string(), asked.free_public_address()?);
    change.bind_address(&name, ip)?;
    change.keep_automatic_address(id, ip);
    Ok(json!({"IpAddress": ip.to_string()}))
}

fn describe_eips(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let shown = asked.public_addresses(EIP).into_iter().map(|it| shown(asked, &it));
    let is_one_of = |name: &str, own: &Value| {
        parameters.get(name).is_none_or(|texts| texts.split(',').any(|text| *own == *text.trim()))
    };
    let chosen = shown.filter(|it| {
        !parameters.has("Tag")
            && [
                ("AllocationId", "AllocationId"),
                ("EipAddress", "IpAddress"),
                ("EipName", "Name"),
                ("Status", "Status"),
            ]
            .iter()
            .chain(&[("AssociatedInstanceId", "InstanceId"), ("AssociatedInstanceType", "InstanceType")])
            .all(|(name, member)| is_one_of(name, &it[*member]))
    });
    let page = PAGES_OF_EIPS.page(parameters, chosen.collect())?;
    Ok(listed("EipAddresses", "EipAddress", page, Value::clone))
}

fn shown(asked: &Asked<'_>, it: &PublicAddress<'_>) -> Value {
    let host = it.holder.map(|holder| holder.host());
    let kind = match it.holder {
        Some(Holder::Instance(_)) => "EcsInstance",
        Some(Holder::NatGateway(_)) => "Nat",
        None => "",
    };
    let bandwidth = asked.kept.word(&it.id, BANDWIDTH).unwrap_or("5");
    let text = |text: Option<String>| text.unwrap_or_default();
    json!({
        "AllocationId": it.id,
        "IpAddress": it.ip.to_string(),
        "Status": if host.is_some() { "InUse" } else { "Available" },
        "InstanceId": text(host.map(|host| host.id.to_string())),
        "InstanceType": kind,
        "InstanceRegionId": text(host.map(|host| asked.region(&host.subnet.vpc).to_owned())),
        "PrivateIpAddress": text(host.map(|host| host.ip.to_string())),
        "VpcId": text(host.map(|host| asked.vpc_id(&host.subnet.vpc))),
        "Name": asked.kept.word(&it.id, NAME).unwrap_or_default(),
        "Description": asked.kept.word(&it.id, DESCRIPTION).unwrap_or_default(),
        "RegionId": it.region,
        "Bandwidth": bandwidth,
        "EipBandwidth": bandwidth,
        "ChargeType": "PostPaid",
        "InternetChargeType": "PayByTraffic",
        "BusinessStatus": "Normal",
        "AllocationTime": time::at_second(asked.kept.made(&it.id)),
        "ExpiredTime": "",
        "ISP": "BGP",
        "Netmode": "public",
        "ResourceGroupId": "",
        "DeletionProtection": false,
        "SecondLimited": false,
        "HasReservationData": "false",
        "OperationLocks": {"LockReason": []},
        "Tags": {"Tag": []},
    })
}
