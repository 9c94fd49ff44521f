//! NAT gateways. The API creates them without a public address; the Cloud has them from when they get one.

use std::net::Ipv4Addr;

use peerlab_cloud::{Call, DeleteNatGateway, Id, NatGateway, ResourceKind, Subnet, VpcName};
use serde_json::{Value, json};

use super::refused::missing;
use super::row::{EIP, PAGES, VPC, change, describe, keep_words, listed};
use super::zone::zone_of;
use crate::action::{Action, Asked, Change};
use crate::aside::Aside;
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateNatGateway",
        &[],
        "RegionId* VpcId* VSwitchId* Name Description NatType NetworkType InternetChargeType EipBindMode ClientToken DryRun",
        "NatGatewayId SnatTableIds.SnatTableId[] ForwardTableIds.ForwardTableId[]",
        create,
    ),
    describe(
        VPC,
        "DescribeNatGateways",
        "RegionId* NatGatewayId VpcId Name NatType NetworkType Status ZoneId PageNumber PageSize DryRun",
        "NatGateways.NatGateway[]: NatGatewayId VpcId Name Description RegionId Status BusinessStatus NatType NetworkType \
         Spec InstanceChargeType InternetChargeType IpLists.IpList[]{AllocationId IpAddress PrivateIpAddress UsingStatus} \
         SnatTableIds.SnatTableId[] ForwardTableIds.ForwardTableId[] NatGatewayPrivateInfo{VswitchId PrivateIpAddress \
         IzNo} CreationTime; TotalCount PageNumber PageSize",
        describe_nat_gateways,
    ),
    describe(
        VPC,
        "GetNatGatewayAttribute",
        "RegionId NatGatewayId*",
        "NatGatewayId VpcId Name Description RegionId Status NatType NetworkType IpList[]{AllocationId IpAddress \
         UsingStatus} SnatTable{SnatTableId SnatEntryCount} ForwardTable{ForwardTableId ForwardEntryCount} \
         PrivateInfo{VswitchId PrivateIpAddress IzNo} BillingConfig CreationTime",
        attribute,
    ),
    change(VPC, "ModifyNatGatewayAttribute", &[], "RegionId NatGatewayId* Name Description", "", |change| {
        let id = of_parameter(&change.asked(), "create-snat-entry")?.id;
        keep_words(change, &id.0, "Name")
    }),
    change(VPC, "DeleteNatGateway", &["delete-nat-gateway"], "RegionId NatGatewayId* Force", "", delete),
];

/// Those without an address, with their name and vSwitch.
const WITHOUT_ADDRESS: Aside = Aside("NAT gateways");

/// A NAT gateway, whether the Cloud has it or not.
pub(super) struct Nat<'a> {
    /// Its id.
    pub id: Id,
    /// Its name in the lab.
    pub name: String,
    /// The vSwitch that it is in.
    subnet: &'a Subnet,
    /// In the Cloud, once it has an address.
    pub there: Option<&'a NatGateway>,
}

/// The caller's in the request's region.
fn all<'a>(asked: &Asked<'a>) -> Vec<Nat<'a>> {
    let there = asked.cloud.nat_gateways().filter(|it| asked.is_in_sight(&it.host.subnet.vpc)).filter_map(|it| {
        let subnet = asked.cloud.subnet(&it.host.subnet)?;
        Some(Nat { id: it.id.clone(), name: it.name.to_string(), subnet, there: Some(it) })
    });
    there.chain(without_address(asked)).collect()
}

/// The caller's without an address.
fn without_address<'a>(asked: &Asked<'a>) -> impl Iterator<Item = Nat<'a>> {
    WITHOUT_ADDRESS.waiting(asked, ResourceKind::NatGateway).filter_map(|it| {
        let subnet = asked.subnet_with(it.place, "create-nat-gateway").ok()?;
        Some(Nat { id: it.id, name: it.name.to_owned(), subnet, there: None })
    })
}

/// The ids of those in a VPC.
pub(super) fn ids_in(asked: &Asked<'_>, vpc: &VpcName) -> Vec<String> {
    all(asked).iter().filter(|nat| nat.subnet.name.vpc == *vpc).map(|nat| nat.id.to_string()).collect()
}

/// Whether one without an address is in a vSwitch, which cannot be deleted then.
pub(super) fn is_waiting_in(asked: &Asked<'_>, subnet: &Subnet) -> bool {
    without_address(asked).any(|nat| nat.subnet.name == subnet.name)
}

/// The NAT gateway with an id.
fn with_id<'a>(asked: &Asked<'a>, id: &str, operation: &str) -> Result<Nat<'a>, Refused> {
    let found = all(asked).into_iter().find(|nat| *nat.id.0 == *id);
    found.ok_or_else(|| asked.not_found(ResourceKind::NatGateway, id, operation))
}

fn of_parameter<'a>(asked: &Asked<'a>, operation: &str) -> Result<Nat<'a>, Refused> {
    with_id(asked, asked.parameters().needed("NatGatewayId"), operation)
}

/// The NAT gateway with an SNAT table or a table of forward entries, by the table's id.
fn of_table<'a>(asked: &Asked<'a>, table: &str) -> Option<Nat<'a>> {
    all(asked).into_iter().find(|nat| snat_table(&nat.id) == table || forward_table(&nat.id) == table)
}

/// The NAT gateway whose entries a request is about, by the parameter with their table's id. It must have an address; else
/// the error has this code.
pub(super) fn nat_of_table<'a>(
    asked: &Asked<'a>,
    parameter: &str,
    table: fn(&Id) -> String,
    without: &str,
) -> Result<&'a NatGateway, Refused> {
    let id = asked.parameters().needed(parameter);
    let nat = of_table(asked, id).filter(|nat| table(&nat.id) == id).ok_or_else(|| {
        let message = format!("The specified {parameter} {id} does not exist.");
        Refused::new(404, format!("Invalid{parameter}.NotFound"), message)
    })?;
    nat.there.ok_or_else(|| {
        let message = format!("The NAT gateway {} has no public address: associate one first.", nat.id);
        Refused::new(400, without, message)
    })
}

/// The NAT gateway whose entries a request lists, by the parameter with their table's id, or by its own id; `None`: it has no
/// address, and so no entries.
pub(super) fn nat_of_list<'a>(
    asked: &Asked<'a>,
    parameter: &str,
    operation: &str,
) -> Result<Option<&'a NatGateway>, Refused> {
    let parameters = asked.parameters();
    let nat = match (parameters.get(parameter), parameters.get("NatGatewayId")) {
        (Some(table), _) => of_table(asked, table),
        (None, Some(id)) => Some(with_id(asked, id, operation)?),
        (None, None) => return Err(missing(parameter)),
    };
    Ok(nat.and_then(|nat| nat.there))
}

/// The id of a gateway's SNAT table.
pub(super) fn snat_table(nat: &Id) -> String {
    table(nat, "stb")
}

/// The id of a gateway's table of forward entries.
pub(super) fn forward_table(nat: &Id) -> String {
    table(nat, "ftb")
}

fn table(nat: &Id, prefix: &str) -> String {
    format!("{prefix}-{}", nat.0.split_once('-').map_or(&*nat.0, |(_, rest)| rest))
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    for (name, only) in [("NatType", "Enhanced"), ("NetworkType", "internet")] {
        if let Some(other) = asked.parameters().get(name).filter(|kind| *kind != only) {
            let message = format!("The specified {name} {other} is not supported: {only}.");
            return Err(Refused::new(400, format!("InvalidParameter.{name}"), message));
        }
    }
    let vpc = asked.vpc("VpcId", "create-subnet")?;
    let subnet = asked.subnet("VSwitchId", "create-nat-gateway")?;
    if subnet.name.vpc != vpc.name {
        let message = format!("The vSwitch {} is not in the VPC {}.", subnet.id, vpc.id);
        return Err(Refused::new(400, "InvalidParameter.VSwitchId", message));
    }
    let (of, subnet) = (subnet.name.to_string(), subnet.id.to_string());
    let unnamed = |name: String| call("create-nat-gateway", &[("name", &name), ("subnet", &of)]);
    let id = WITHOUT_ADDRESS.reserve(change, ResourceKind::NatGateway, unnamed, &subnet);
    keep_words(change, &id.0, "Name")?;
    Ok(json!({
        "NatGatewayId": id.to_string(),
        "SnatTableIds": {"SnatTableId": [snat_table(&id)]},
        "ForwardTableIds": {"ForwardTableId": [forward_table(&id)]},
        "FullNatTableIds": {"FullNatTableId": []},
    }))
}

/// Gives a NAT gateway, by id, its address.
pub(super) fn bind(change: &mut Change<'_>, id: &str, ip: Ipv4Addr) -> Result<(), Refused> {
    let asked = change.asked();
    let nat = with_id(&asked, id, "create-snat-entry")?;
    if nat.there.is_some() {
        let message = format!("The NAT gateway {id} has a public address; peerlab's have one.");
        return Err(Refused::new(400, "InvalidAssociation.Duplicated", message));
    }
    let (name, subnet, ip) = (nat.name, nat.subnet.name.to_string(), ip.to_string());
    let texts = [("name", &*name), ("subnet", &subnet), ("public_ip", &ip), ("id", id)];
    change.operate(call("create-nat-gateway", &texts))?;
    WITHOUT_ADDRESS.take(change, id);
    Ok(())
}

/// Takes the address away from a NAT gateway, by id.
pub(super) fn unbind(change: &mut Change<'_>, id: &str) -> Result<(), Refused> {
    let asked = change.asked();
    let nat = asked.nat_gateway_with(id, "delete-nat-gateway")?;
    if !nat.snat.is_empty() || !nat.dnat.is_empty() {
        let message = format!("SNAT or DNAT entries of {id} use the address: delete them first.");
        return Err(Refused::new(400, "IncorrectEipStatus", message));
    }
    let (name, subnet, host) = (nat.name.to_string(), asked.subnet_id(&nat.host.subnet), nat.host.clone());
    change.keep_address_of(EIP, &host);
    change.operate(Call::DeleteNatGateway(DeleteNatGateway { name: name.clone() }))?;
    WITHOUT_ADDRESS.put_named(change, id, &name, &subnet);
    Ok(())
}

fn delete(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let nat = of_parameter(&asked, "delete-nat-gateway")?;
    let Some(there) = nat.there else {
        WITHOUT_ADDRESS.take(change, &nat.id.0);
        return Ok(json!({}));
    };
    if !asked.parameters().is_set("Force") {
        let message = format!("{} has a public address: unassociate it first, or set Force.", nat.id);
        return Err(Refused::new(400, "DependencyViolation.EIPS", message));
    }
    let (host, name) = (there.host.clone(), nat.name);
    change.keep_address_of(EIP, &host);
    change.done(Call::DeleteNatGateway(DeleteNatGateway { name }))
}

fn describe_nat_gateways(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let names = ["NatGatewayId", "VpcId", "Name", "NatType", "NetworkType", "Status"];
    let chosen = all(asked).into_iter().map(|nat| shown(asked, &nat)).filter(|it| {
        !parameters.has("Tag")
            && parameters.all_fit(&names, it)
            && parameters.fits("ZoneId", it["NatGatewayPrivateInfo"]["IzNo"].as_str().unwrap_or_default())
    });
    let page = PAGES.page(parameters, chosen.collect())?;
    Ok(listed("NatGateways", "NatGateway", page, Value::clone))
}

/// The address of a gateway, as lists show it.
fn addresses_shown(asked: &Asked<'_>, nat: &Nat<'_>) -> Vec<Value> {
    let address = |it: &NatGateway| {
        let ip = it.public_ip()?;
        let used = if it.snat.is_empty() && it.dnat.is_empty() { "Available" } else { "UsedBySnatTable" };
        Some(json!({
            "AllocationId": asked.id_of_address(EIP, ip),
            "IpAddress": ip.to_string(),
            "PrivateIpAddress": it.host.ip.to_string(),
            "UsingStatus": used,
            "SnatEntryEnabled": true,
        }))
    };
    nat.there.and_then(address).into_iter().collect()
}

fn shown(asked: &Asked<'_>, nat: &Nat<'_>) -> Value {
    let own = json!({
        "BusinessStatus": "Normal",
        "Spec": "",
        "InstanceChargeType": "PostPaid",
        "InternetChargeType": "PayByLcu",
        "EipBindMode": "MULTI_BINDED",
        "IpLists": {"IpList": addresses_shown(asked, nat)},
        "SnatTableIds": {"SnatTableId": [snat_table(&nat.id)]},
        "ForwardTableIds": {"ForwardTableId": [forward_table(&nat.id)]},
        "FullNatTableIds": {"FullNatTableId": []},
        "NatGatewayPrivateInfo": private(asked, nat),
        "AutoPay": false,
        "DeletionProtection": false,
    });
    in_common(asked, nat, own)
}

fn attribute(asked: &Asked<'_>) -> Result<Value, Refused> {
    let nat = of_parameter(asked, "create-snat-entry")?;
    let addresses = addresses_shown(asked, &nat).into_iter().map(|it| {
        json!({"AllocationId": it["AllocationId"], "IpAddress": it["IpAddress"], "UsingStatus": it["UsingStatus"]})
    });
    let own = json!({
        "IpList": addresses.collect::<Vec<_>>(),
        "SnatTable": {"SnatTableId": snat_table(&nat.id), "SnatEntryCount": nat.there.map_or(0, |it| it.snat.len())},
        "ForwardTable": {
            "ForwardTableId": forward_table(&nat.id),
            "ForwardEntryCount": nat.there.map_or(0, |it| it.dnat.len()),
        },
        "PrivateInfo": private(asked, &nat),
        "BillingConfig": {"InstanceChargeType": "PostPaid", "InternetChargeType": "PayByLcu", "AutoPay": "false", "Spec": ""},
        "DeletionProtectionInfo": {"Enabled": false},
    });
    Ok(in_common(asked, &nat, own))
}

/// Adds what lists of gateways and the attributes of one have in common.
fn in_common(asked: &Asked<'_>, nat: &Nat<'_>, mut shown: Value) -> Value {
    let vpc = &nat.subnet.name.vpc;
    let texts = [
        ("NatGatewayId", nat.id.to_string()),
        ("VpcId", asked.vpc_id(vpc)),
        ("Name", asked.label(&nat.id, &nat.name)),
        ("Description", asked.description(&nat.id).to_owned()),
        ("RegionId", asked.region(vpc).to_owned()),
        ("Status", "Available".to_owned()),
        ("NatType", "Enhanced".to_owned()),
        ("NetworkType", "internet".to_owned()),
        ("CreationTime", time::at_second(asked.kept.made(&nat.id.0))),
        ("ExpiredTime", String::new()),
        ("ResourceGroupId", String::new()),
    ];
    for (name, text) in texts {
        shown[name] = text.into();
    }
    shown
}

/// Where a gateway is in its VPC.
fn private(asked: &Asked<'_>, nat: &Nat<'_>) -> Value {
    json!({
        "VswitchId": nat.subnet.id.to_string(),
        "PrivateIpAddress": nat.there.map_or_else(String::new, |it| it.host.ip.to_string()),
        "IzNo": zone_of(asked, nat.subnet),
    })
}
