//! Forward entries of NAT gateways, which lead ports of their addresses to instances (DNAT).

use peerlab_cloud::{DnatEntry, NatGateway};
use serde_json::{Value, json};

use super::nat_gateway::{forward_table, nat_of_list, nat_of_table};
use super::row::{PAGES, VPC, change, describe, listed};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::derived;
use crate::kept::NAME;
use crate::made::call;

/// What a forward entry consists of.
const ENTRY: [&str; 5] = ["ExternalIp", "ExternalPort", "InternalIp", "InternalPort", "IpProtocol"];

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateForwardEntry",
        &["create-dnat-entry"],
        "RegionId* ForwardTableId* ExternalIp* ExternalPort* InternalIp* InternalPort* IpProtocol* ForwardEntryName \
         ClientToken DryRun",
        "ForwardEntryId",
        |change| {
            let texts = ENTRY.map(|name| change.parameters().needed(name).to_owned());
            let id = create(change, &texts)?;
            change.keep(&id, NAME, "ForwardEntryName");
            Ok(json!({"ForwardEntryId": id}))
        },
    ),
    describe(
        VPC,
        "DescribeForwardTableEntries",
        "RegionId* ForwardTableId NatGatewayId ForwardEntryId ForwardEntryName ExternalIp ExternalPort InternalIp \
         InternalPort IpProtocol PageNumber PageSize",
        "ForwardTableEntries.ForwardTableEntry[]: ForwardEntryId ForwardTableId NatGatewayId ExternalIp ExternalPort \
         InternalIp InternalPort IpProtocol ForwardEntryName Status; TotalCount PageNumber PageSize",
        describe_entries,
    ),
    change(
        VPC,
        "ModifyForwardEntry",
        &["delete-dnat-entry", "create-dnat-entry"],
        "RegionId* ForwardTableId* ForwardEntryId* ExternalIp ExternalPort InternalIp InternalPort IpProtocol \
         ForwardEntryName",
        "",
        modify,
    ),
    change(
        VPC,
        "DeleteForwardEntry",
        &["delete-dnat-entry"],
        "RegionId* ForwardTableId* ForwardEntryId* ClientToken",
        "",
        |change| {
            delete(change)?;
            Ok(json!({}))
        },
    ),
];

/// The NAT gateway of the request's table, which has an address.
fn gateway<'a>(asked: &Asked<'a>) -> Result<&'a NatGateway, Refused> {
    nat_of_table(asked, "ForwardTableId", forward_table, "InvalidExternalIp.NotFound")
}

/// The id of an entry.
fn entry_id(nat: &NatGateway, entry: &DnatEntry) -> String {
    derived("fwd-", &[&nat.id.0, &entry.protocol.to_string(), &entry.port.to_string()])
}

fn of_parameters<'a>(asked: &Asked<'a>) -> Result<(&'a NatGateway, &'a DnatEntry), Refused> {
    let (nat, id) = (gateway(asked)?, asked.parameters().needed("ForwardEntryId"));
    let found = nat.dnat.iter().find(|entry| entry_id(nat, entry) == id);
    found.map(|entry| (nat, entry)).ok_or_else(|| {
        let message = format!("The specified ForwardEntryId {id} does not exist.");
        Refused::new(404, "InvalidForwardEntryId.NotFound", message)
    })
}

/// Creates the entry of these texts, in the order of [`ENTRY`]; returns its id.
fn create(change: &mut Change<'_>, texts: &[String; 5]) -> Result<String, Refused> {
    let [external, port, internal, to_port, protocol] = texts;
    let asked = change.asked();
    let nat = gateway(&asked)?;
    let own = nat.public_ip().map_or_else(String::new, |ip| ip.to_string());
    if own != *external {
        let message = format!("The specified ExternalIp {external} is not the address of {}: {own}.", nat.id);
        return Err(Refused::new(400, "InvalidExternalIp.NotFound", message));
    }
    let (id, name) = (nat.id.clone(), nat.name.to_string());
    let texts =
        [("nat_gateway", &*name), ("protocol", protocol), ("port", port), ("to", internal), ("to_port", to_port)];
    change.operate(call("create-dnat-entry", &texts))?;
    let asked = change.asked();
    let nat = asked.nat_gateway_with(&id.0, "create-dnat-entry")?;
    let is_made =
        |it: &&DnatEntry| it.protocol.to_string().eq_ignore_ascii_case(protocol) && it.port.to_string() == *port;
    Ok(nat.dnat.iter().find(is_made).map_or_else(String::new, |entry| entry_id(nat, entry)))
}

/// Deletes the request's entry; returns its texts, in the order of [`ENTRY`], and its name.
fn delete(change: &mut Change<'_>) -> Result<([String; 5], String), Refused> {
    let asked = change.asked();
    let (nat, entry) = of_parameters(&asked)?;
    let shown = shown(&asked, nat, entry);
    let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
    let (texts, name) = (ENTRY.map(text), text("ForwardEntryName"));
    let (gateway, protocol, port) = (nat.name.to_string(), entry.protocol.to_string(), entry.port.to_string());
    let arguments = [("nat_gateway", &*gateway), ("protocol", &*protocol), ("port", &*port)];
    change.operate(call("delete-dnat-entry", &arguments))?;
    Ok((texts, name))
}

fn modify(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let (mut texts, name) = delete(change)?;
    for (text, parameter) in texts.iter_mut().zip(ENTRY) {
        if let Some(wanted) = parameters.get(parameter) {
            wanted.clone_into(text);
        }
    }
    let id = create(change, &texts)?;
    change.keep_word(&id, NAME, parameters.get("ForwardEntryName").unwrap_or(&name));
    Ok(json!({}))
}

fn describe_entries(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let nat = nat_of_list(asked, "ForwardTableId", "create-dnat-entry")?;
    let entries = nat.into_iter().flat_map(|nat| nat.dnat.iter().map(move |entry| (nat, entry)));
    let is = |name: &str, own: &Value| {
        parameters.get(name).is_none_or(|wanted| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
    };
    let chosen = entries.map(|(nat, entry)| shown(asked, nat, entry)).filter(|it| {
        let names = ["ForwardTableId", "ForwardEntryId", "ForwardEntryName"];
        names.iter().chain(&ENTRY).all(|name| is(name, &it[*name]))
    });
    let page = PAGES.page(parameters, chosen.collect())?;
    Ok(listed("ForwardTableEntries", "ForwardTableEntry", page, Value::clone))
}

fn shown(asked: &Asked<'_>, nat: &NatGateway, entry: &DnatEntry) -> Value {
    let id = entry_id(nat, entry);
    json!({
        "ForwardEntryId": id,
        "ForwardEntryName": asked.kept.word(&id, NAME).unwrap_or_default(),
        "ForwardTableId": forward_table(&nat.id),
        "NatGatewayId": nat.id.to_string(),
        "ExternalIp": nat.public_ip().map_or_else(String::new, |ip| ip.to_string()),
        "ExternalPort": entry.port.to_string(),
        "InternalIp": entry.to.to_string(),
        "InternalPort": entry.to_port.to_string(),
        "IpProtocol": entry.protocol.to_string(),
        "Status": "Available",
    })
}
