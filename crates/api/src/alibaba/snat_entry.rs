//! SNAT entries of NAT gateways.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use peerlab_cloud::{NatGateway, SnatEntry};
use serde_json::{Value, json};

use super::nat_gateway::{nat_of_list, nat_of_table, snat_table};
use super::refused::missing;
use super::row::{PAGES, VPC, change, describe, listed};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::derived;
use crate::kept::NAME;
use crate::made::call;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateSnatEntry",
        &["create-snat-entry"],
        "RegionId* SnatTableId* SnatIp* SourceCIDR SourceVSwitchId SnatEntryName ClientToken DryRun",
        "SnatEntryId",
        create,
    ),
    describe(
        VPC,
        "DescribeSnatTableEntries",
        "RegionId* SnatTableId NatGatewayId SnatEntryId SnatEntryName SnatIp SourceCIDR SourceVSwitchId PageNumber PageSize",
        "SnatTableEntries.SnatTableEntry[]: SnatEntryId SnatTableId NatGatewayId SnatIp SourceCIDR SourceVSwitchId \
         SnatEntryName Status; TotalCount PageNumber PageSize",
        describe_entries,
    ),
    change(VPC, "ModifySnatEntry", &[], "RegionId* SnatTableId* SnatEntryId* SnatIp SnatEntryName", "", |change| {
        let asked = change.asked();
        let (nat, entry) = of_parameters(&asked)?;
        check_addresses(&asked, nat)?;
        let id = entry_id(nat, entry);
        change.keep(&id, NAME, "SnatEntryName");
        Ok(json!({}))
    }),
    change(
        VPC,
        "DeleteSnatEntry",
        &["delete-snat-entry"],
        "RegionId* SnatTableId* SnatEntryId* ClientToken",
        "",
        |change| {
            let asked = change.asked();
            let (nat, entry) = of_parameters(&asked)?;
            let (nat, cidr) = (nat.name.to_string(), entry.cidr.to_string());
            change.done(call("delete-snat-entry", &[("nat_gateway", &nat), ("cidr", &cidr)]))
        },
    ),
];

/// The NAT gateway of the request's SNAT table, which has an address.
fn gateway<'a>(asked: &Asked<'a>) -> Result<&'a NatGateway, Refused> {
    nat_of_table(asked, "SnatTableId", snat_table, "InvalidIp.NotInNatgw")
}

/// Refuses addresses of a request that are not the gateway's.
fn check_addresses(asked: &Asked<'_>, nat: &NatGateway) -> Result<(), Refused> {
    let own = nat.public_ip().map(|ip| ip.to_string()).unwrap_or_default();
    let mut texts = asked.parameters().get("SnatIp").into_iter().flat_map(|texts| texts.split(','));
    match texts.find(|text| text.trim() != own) {
        None => Ok(()),
        Some(text) => {
            let message = format!("The specified SnatIp {text} is not the address of {}: {own}.", nat.id);
            Err(Refused::new(400, "InvalidIp.NotInNatgw", message))
        }
    }
}

/// The id of an entry.
fn entry_id(nat: &NatGateway, entry: &SnatEntry) -> String {
    derived("snat-", &[&nat.id.0, &entry.cidr.to_string()])
}

fn of_parameters<'a>(asked: &Asked<'a>) -> Result<(&'a NatGateway, &'a SnatEntry), Refused> {
    let (nat, id) = (gateway(asked)?, asked.parameters().needed("SnatEntryId"));
    let found = nat.snat.iter().find(|entry| entry_id(nat, entry) == id);
    found.map(|entry| (nat, entry)).ok_or_else(|| {
        Refused::new(404, "InvalidSnatEntryId.NotFound", format!("The specified SnatEntryId {id} does not exist."))
    })
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let nat = gateway(&asked)?;
    check_addresses(&asked, nat)?;
    let parameters = asked.parameters();
    let cidr = match (parameters.get("SourceCIDR"), parameters.get("SourceVSwitchId")) {
        (Some(cidr), None) => cidr.to_owned(),
        (None, Some(_)) => {
            let subnet = asked.subnet("SourceVSwitchId", "create-nat-gateway")?;
            if subnet.name.vpc != nat.host.subnet.vpc {
                let message = format!("The vSwitch {} is not in the VPC of {}.", subnet.id, nat.id);
                return Err(Refused::new(400, "InvalidVSwitchId.NotInVpc", message));
            }
            subnet.cidr.to_string()
        }
        (None, None) => return Err(missing("SourceVSwitchId")),
        (Some(_), Some(_)) => {
            let message = "A request has SourceCIDR or SourceVSwitchId, and not both.";
            return Err(Refused::new(400, "InvalidParameter.SourceCIDR", message));
        }
    };
    let (id, name) = (nat.id.clone(), nat.name.to_string());
    change.operate(call("create-snat-entry", &[("nat_gateway", &name), ("cidr", &cidr)]))?;
    let asked = change.asked();
    let nat = asked.nat_gateway_with(&id.0, "create-snat-entry")?;
    let address = || cidr.parse::<Ipv4Addr>().map(Ipv4Net::from);
    let block = cidr.parse::<Ipv4Net>().map(|block| block.trunc()).or_else(|_| address()).ok();
    let made = nat.snat.iter().find(|entry| Some(entry.cidr) == block);
    let id = made.map_or_else(String::new, |entry| entry_id(nat, entry));
    change.keep(&id, NAME, "SnatEntryName");
    Ok(json!({"SnatEntryId": id}))
}

fn describe_entries(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let nat = nat_of_list(asked, "SnatTableId", "create-snat-entry")?;
    let entries = nat.into_iter().flat_map(|nat| nat.snat.iter().map(move |entry| (nat, entry)));
    let names = ["SnatTableId", "SnatEntryId", "SnatEntryName", "SnatIp", "SourceCIDR", "SourceVSwitchId"];
    let chosen = entries.map(|(nat, entry)| shown(asked, nat, entry)).filter(|it| parameters.all_fit(&names, it));
    let page = PAGES.page(parameters, chosen.collect())?;
    Ok(listed("SnatTableEntries", "SnatTableEntry", page, Value::clone))
}

fn shown(asked: &Asked<'_>, nat: &NatGateway, entry: &SnatEntry) -> Value {
    let id = entry_id(nat, entry);
    let mut subnets = asked.cloud.subnets_of(&nat.host.subnet.vpc);
    let subnet = subnets.find(|subnet| subnet.cidr == entry.cidr).map_or_else(String::new, |it| it.id.to_string());
    json!({
        "SnatEntryId": id,
        "SnatEntryName": asked.kept.word(&id, NAME).unwrap_or_default(),
        "SnatTableId": snat_table(&nat.id),
        "NatGatewayId": nat.id.to_string(),
        "SnatIp": nat.public_ip().map_or_else(String::new, |ip| ip.to_string()),
        "SourceCIDR": entry.cidr.to_string(),
        "SourceVSwitchId": subnet,
        "Status": "Available",
    })
}
