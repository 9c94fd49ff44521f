//! Elastic IP addresses: allocated, associated with an instance, disassociated, released.

use std::net::Ipv4Addr;

use peerlab_cloud::GIVEN_AWAY;
use serde_json::{Value, json};

use super::interface::{association_id, interface_id, with_interface};
use super::list::{Listing, Wanted};
use super::refused::{invalid, missing};
use super::row::{EIP, change, describe, done, list};
use super::{region, tagged};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::public_address::{Holder, PublicAddress};

pub(super) const ACTIONS: &[Action] = &[
    change(
        "AllocateAddress",
        &[],
        "Domain Address TagSpecification.N DryRun",
        "allocationId publicIp publicIpv4Pool networkBorderGroup domain",
        allocate,
    ),
    list(
        "DescribeAddresses",
        "AllocationId.N PublicIp.N Filter.N DryRun",
        &ADDRESSES,
        "addressesSet[]: allocationId publicIp associationId instanceId networkInterfaceId networkInterfaceOwnerId \
         privateIpAddress domain publicIpv4Pool networkBorderGroup tagSet[]{key value}",
        describe_addresses,
    ),
    describe(
        "DescribeAddressesAttribute",
        "AllocationId.N Attribute DryRun",
        "addressSet[]: publicIp allocationId",
        |asked| {
            let chosen = ADDRESSES.chosen(asked)?;
            let shown = chosen.iter().map(|it| json!({"publicIp": it["publicIp"], "allocationId": it["allocationId"]}));
            Ok(json!({"addressSet": shown.collect::<Vec<_>>()}))
        },
    ),
    change(
        "AssociateAddress",
        &["associate-public-ip", "release-public-ip"],
        "AllocationId PublicIp InstanceId NetworkInterfaceId PrivateIpAddress AllowReassociation DryRun",
        "associationId return",
        associate,
    ),
    change("DisassociateAddress", &["release-public-ip"], "AssociationId PublicIp DryRun", "return", disassociate),
    change("ReleaseAddress", &[], "AllocationId PublicIp DryRun", "return", |change| {
        let found = of_parameters(&change.asked())?;
        if found.holder.is_some() {
            let message = format!("Address {} is in use.", found.ip);
            return Err(Refused::new(400, "InvalidIPAddress.InUse", message));
        }
        change.release_address(found.ip);
        done()
    }),
];

pub(super) const ADDRESSES: Listing = Listing {
    set: "addressesSet",
    ids: "AllocationId",
    id: "allocationId",
    unknown: "InvalidAllocationID.NotFound",
    filters: &[
        ("allocation-id", "allocationId"),
        ("association-id", "associationId"),
        ("domain", "domain"),
        ("instance-id", "instanceId"),
        ("network-border-group", "networkBorderGroup"),
        ("network-interface-id", "networkInterfaceId"),
        ("network-interface-owner-id", "networkInterfaceOwnerId"),
        ("private-ip-address", "privateIpAddress"),
        ("public-ip", "publicIp"),
    ],
    all: |asked, wanted| {
        // In the order in which they are given away.
        let all = asked.public_addresses(EIP).into_iter().rev();
        all.filter(|it| wanted.takes(&it.id)).map(|it| shown(asked, &it)).collect()
    },
};

fn shown(asked: &Asked<'_>, it: &PublicAddress<'_>) -> Value {
    let host = it.holder.map(|holder| holder.host());
    let instance = match it.holder {
        Some(Holder::Instance(it)) => Some(it.id.to_string()),
        Some(Holder::NatGateway(_)) | None => None,
    };
    json!({
        "publicIp": it.ip.to_string(),
        "allocationId": it.id,
        "associationId": host.map(|host| association_id(&it.id, host)),
        "domain": "vpc",
        "instanceId": instance,
        "networkInterfaceId": host.map(interface_id),
        "networkInterfaceOwnerId": host.map(|host| asked.account_id(&host.account)),
        "privateIpAddress": host.map(|host| host.ip.to_string()),
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": it.region,
        "tagSet": tagged::shown(asked, &it.id, ""),
    })
}

fn unknown_ip(ip: &str) -> Refused {
    Refused::new(400, "InvalidAddress.NotFound", format!("Address '{ip}' not found."))
}

/// The address of the request, by its id or by itself.
fn of_parameters<'a>(asked: &Asked<'a>) -> Result<PublicAddress<'a>, Refused> {
    let parameters = asked.parameters();
    match (parameters.get("AllocationId"), parameters.get("PublicIp")) {
        (Some(id), _) => asked.public_address(EIP, |it| it.id == id).ok_or_else(|| ADDRESSES.not_found(id)),
        (None, Some(ip)) => asked.public_address(EIP, |it| it.ip.to_string() == ip).ok_or_else(|| unknown_ip(ip)),
        (None, None) => Err(missing("AllocationId")),
    }
}

/// The caller's address with an id, which nothing has.
pub(super) fn free_with(asked: &Asked<'_>, id: &str) -> Result<Ipv4Addr, Refused> {
    let found = asked.public_address(EIP, |it| it.id == id).ok_or_else(|| ADDRESSES.not_found(id))?;
    match found.holder {
        None => Ok(found.ip),
        Some(_) => Err(is_associated(&found)),
    }
}

fn is_associated(it: &PublicAddress<'_>) -> Refused {
    let message = format!("resource {} is already associated with {}", it.id, it.ip);
    Refused::new(400, "Resource.AlreadyAssociated", message)
}

fn allocate(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["elastic-ip"])?;
    let asked = change.asked();
    let wanted = match asked.parameters().get("Address") {
        None => None,
        Some(text) => {
            let ip = text.parse::<Ipv4Addr>().ok();
            let free = ip.filter(|ip| !asked.is_taken(*ip) && GIVEN_AWAY.hosts().any(|host| host == *ip));
            let why = format!("It is not a free address of {GIVEN_AWAY}.");
            Some(free.ok_or_else(|| invalid(text, "Address", &why))?)
        }
    };
    let region = region::here(&asked).to_owned();
    let (id, ip) = change.allocate_address(EIP, &region, wanted)?;
    tagged::keep(change, &id, "elastic-ip")?;
    Ok(json!({
        "publicIp": ip.to_string(),
        "allocationId": id,
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": region,
        "domain": "vpc",
    }))
}

fn describe_addresses(asked: &Asked<'_>) -> Result<Value, Refused> {
    let mut chosen = ADDRESSES.chosen(asked)?;
    let addresses = asked.parameters().list("PublicIp");
    let all = if addresses.is_empty() { Vec::new() } else { (ADDRESSES.all)(asked, &Wanted::Any) };
    if let Some(ip) = addresses.iter().find(|ip| !all.iter().any(|it| it["publicIp"] == ***ip)) {
        return Err(unknown_ip(ip));
    }
    chosen.retain(|it| addresses.is_empty() || addresses.iter().any(|ip| it["publicIp"] == **ip));
    Ok(json!({ADDRESSES.set: chosen}))
}

/// Gives an instance an address, which something else may have unless the request says otherwise; what the instance had
/// before stays allocated.
fn associate(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let (parameters, found) = (asked.parameters(), of_parameters(&asked)?);
    let instance = match (parameters.get("InstanceId"), parameters.get("NetworkInterfaceId")) {
        (Some(id), _) => asked.instance_with(id, "delete-instance")?,
        (None, Some(id)) => with_interface(&asked, id)?,
        (None, None) => return Err(missing("InstanceId or NetworkInterfaceId")),
    };
    if let Some(ip) = parameters.get("PrivateIpAddress").filter(|ip| *ip != instance.ip.to_string()) {
        return Err(invalid(ip, "privateIpAddress", "The instance has no such address."));
    }
    let id = association_id(&found.id, instance);
    let reply = json!({"return": true, "associationId": id});
    let (name, ip, instance) = (instance.name.to_string(), found.ip, instance.clone());
    let holder = match found.holder {
        Some(Holder::NatGateway(_)) => return Err(is_associated(&found)),
        Some(Holder::Instance(it)) if it.name == instance.name => return Ok(reply),
        Some(Holder::Instance(_)) if parameters.get("AllowReassociation").is_some_and(|it| it == "false") => {
            return Err(is_associated(&found));
        }
        Some(Holder::Instance(it)) => Some(it.clone()),
        None => None,
    };
    if let Some(other) = holder {
        change.unbind_address(EIP, &other)?;
    }
    if instance.public_ip.is_some() {
        change.unbind_address(EIP, &instance)?;
    }
    change.bind_address(&name, ip)?;
    Ok(reply)
}

fn disassociate(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let parameters = asked.parameters();
    let found = match parameters.get("AssociationId") {
        Some(id) => {
            let is_it = |it: &PublicAddress<'_>| it.holder.is_some_and(|of| association_id(&it.id, of.host()) == id);
            asked.public_address(EIP, is_it).ok_or_else(|| {
                let message = format!("The association ID '{id}' does not exist");
                Refused::new(400, "InvalidAssociationID.NotFound", message)
            })?
        }
        None if parameters.has("PublicIp") => of_parameters(&asked)?,
        None => return Err(missing("AssociationId")),
    };
    match found.holder {
        Some(Holder::Instance(it)) => {
            let it = it.clone();
            change.unbind_address(EIP, &it)?;
            done()
        }
        Some(Holder::NatGateway(nat)) => {
            let message = format!("The address {} is of the NAT gateway {}.", found.ip, nat.id);
            Err(Refused::new(400, "OperationNotPermitted", message))
        }
        // Nothing to do.
        None => done(),
    }
}
