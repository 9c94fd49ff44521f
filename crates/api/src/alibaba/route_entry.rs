//! Entries of route tables.

use peerlab_cloud::{Call, Cloud, CreateRouteEntry, DeleteRouteEntry, Fault, NextHop, ResourceKind, RouteTable, fnv};
use serde_json::{Value, json};

use super::refused::missing;
use super::row::{VPC, change, describe, keep_words};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::entry_id;
use crate::kept::{DESCRIPTION, NAME};
use crate::paging::Paging;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateRouteEntry",
        &["create-route-entry"],
        "RegionId RouteTableId* DestinationCidrBlock* NextHopType NextHopId NextHopList.N.NextHopType \
         NextHopList.N.NextHopId RouteEntryName Description ClientToken DryRun",
        "RouteEntryId",
        create_route_entry,
    ),
    change(
        VPC,
        "DeleteRouteEntry",
        &["delete-route-entry"],
        "RegionId RouteEntryId RouteTableId DestinationCidrBlock NextHopId NextHopList.N.NextHopId",
        "",
        delete_route_entry,
    ),
    describe(
        VPC,
        "DescribeRouteEntryList",
        "RegionId* RouteTableId* RouteEntryType RouteEntryId DestinationCidrBlock NextHopType NextHopId NextToken \
         MaxResult",
        "RouteEntrys.RouteEntry[]: RouteEntryId RouteTableId DestinationCidrBlock Type Status IpVersion RouteEntryName \
         Description NextHops.NextHop[]{NextHopType NextHopId Enabled Weight}; NextToken",
        describe_route_entry_list,
    ),
];

fn create_route_entry(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let asked = change.asked();
    let (name, table) = {
        let table = asked.table("RouteTableId", "create-route-entry")?;
        (table.name.to_string(), table.clone())
    };
    let list = parameters.parts("NextHopList");
    let hops: Vec<_> = match list.is_empty() {
        true => vec![(parameters.get("NextHopType"), parameters.get("NextHopId"))],
        false => list.iter().map(|hop| (hop.get("NextHopType"), hop.get("NextHopId"))).collect(),
    };
    let mut next_hop = Vec::new();
    for (kind, id) in hops {
        next_hop.push(hop_of(&asked, kind.unwrap_or("Instance"), id)?);
    }
    let destination = parameters.needed("DestinationCidrBlock").to_owned();
    let call =
        CreateRouteEntry { table: Some(name), vpc: None, destination: destination.clone(), next_hop, priority: None };
    change.operate(Call::CreateRouteEntry(call))?;
    let cloud = change.cloud();
    let now = cloud.route_table(&table.name).unwrap_or(&table);
    let wanted = [Some(destination.clone()), Some(format!("{destination}/32"))];
    let made = now.entries.iter().find(|entry| wanted.contains(&Some(entry.destination.to_string())));
    let id = made.map(|entry| entry_id(now, entry)).unwrap_or_default();
    keep_words(change, &id, "RouteEntryName")?;
    Ok(json!({"RouteEntryId": id}))
}

/// The reference to a next hop: its kind and its id must fit.
fn hop_of(asked: &Asked<'_>, kind: &str, id: Option<&str>) -> Result<String, Refused> {
    let id = id.ok_or_else(|| missing("NextHopId"))?;
    let kind = match kind {
        "Instance" => ResourceKind::Instance,
        "RouterInterface" => ResourceKind::RouterInterface,
        "VpcPeer" => ResourceKind::PeeringConnection,
        "NatGateway" => ResourceKind::NatGateway,
        "Ipv4Gateway" => ResourceKind::Gateway,
        other => {
            let message = format!("The specified NextHopType {other} is not supported.");
            return Err(Refused::new(400, "InvalidNextHopType", message));
        }
    };
    if asked.cloud.with_id(kind, id).is_none() {
        let code = asked.cloud.provider().code(Fault::NextHopNotFound, "create-route-entry").to_string();
        let hint = match kind {
            ResourceKind::NatGateway => ", or has no public address yet",
            ResourceKind::Gateway => ", or is not enabled yet",
            _ => "",
        };
        return Err(Refused::new(400, code, format!("The specified NextHopId {id} does not exist{hint}.")));
    }
    Ok(id.to_owned())
}

fn delete_route_entry(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let asked = change.asked();
    if let Some(id) = parameters.get("RouteEntryId") {
        let mine = asked.cloud.route_tables().filter(|table| asked.is_in_sight(&table.vpc));
        let entries = mine.flat_map(|table| table.entries.iter().map(move |entry| (table, entry)));
        let found = entries.into_iter().find(|(table, entry)| entry_id(table, entry) == id);
        let Some((table, entry)) = found else {
            return Err(Refused::new(404, "InvalidRouteEntry.NotFound", format!("The specified {id} does not exist.")));
        };
        let call = table.deletion_of(entry);
        return change.done(Call::DeleteRouteEntry(call));
    }
    for name in ["RouteTableId", "DestinationCidrBlock"] {
        parameters.get(name).ok_or_else(|| missing(name))?;
    }
    let table = asked.table("RouteTableId", "delete-route-entry")?.name.to_string();
    let destination = parameters.needed("DestinationCidrBlock").to_owned();
    let list = parameters.parts("NextHopList");
    let hops: Vec<_> = match list.is_empty() {
        true => vec![parameters.text("NextHopId")],
        false => list.iter().map(|hop| hop.text("NextHopId")).collect(),
    };
    for next_hop in hops {
        let (table, vpc, destination) = (Some(table.clone()), None, destination.clone());
        change.operate(Call::DeleteRouteEntry(DeleteRouteEntry {
            table,
            vpc,
            destination,
            next_hop,
            priority: None,
        }))?;
    }
    Ok(json!({}))
}

/// Kind and id of a next hop, as the API has them.
fn hop_shown(cloud: &Cloud, hop: &NextHop) -> (&'static str, String) {
    match hop {
        NextHop::Peering(name) => {
            let kind = match cloud.router_interface(name) {
                Some(_) => "RouterInterface",
                None => "VpcPeer",
            };
            (kind, cloud.peering(name).map_or_else(String::new, |end| end.id.to_string()))
        }
        NextHop::Instance(name) => {
            ("Instance", cloud.instance(name).map_or_else(String::new, |instance| instance.id.to_string()))
        }
        NextHop::Gone(gone) => ("VpcPeer", gone.id.to_string()),
        NextHop::NatGateway(name) => {
            ("NatGateway", cloud.nat_gateway(name).map_or_else(String::new, |nat| nat.id.to_string()))
        }
        NextHop::Gateway(name) => {
            ("Ipv4Gateway", cloud.gateway(name).map_or_else(String::new, |gateway| gateway.id.to_string()))
        }
        NextHop::Internet => ("Ipv4Gateway", String::new()),
    }
}

/// The entries of a table with its local ones, each with its next hops.
pub(super) fn entries_shown(asked: &Asked<'_>, table: &RouteTable) -> Vec<Value> {
    let cloud = asked.cloud;
    let local = cloud.subnets_of(&table.vpc).map(|subnet| (subnet.cidr.to_string(), subnet.id.to_string()));
    let services = cloud.provider().services.map(|block| (block.to_string(), "services".to_owned()));
    let local = local.chain(services).map(|(destination, of)| {
        let id = fnv::hash(fnv::SEED, format!("{} {of}", table.id).as_bytes()) >> 12;
        shown(table, &format!("rte-{id:013x}"), &destination, "System", &[("local", String::new())], "", "")
    });
    let own = table.by_destination().map(|entries| {
        let id = entry_id(table, &entries[0]);
        let hops: Vec<_> = entries.iter().map(|entry| hop_shown(cloud, &entry.next_hop)).collect();
        let name = asked.kept.word(&id, NAME).unwrap_or_default();
        let description = asked.kept.word(&id, DESCRIPTION).unwrap_or_default();
        shown(table, &id, &entries[0].destination.to_string(), "Custom", &hops, name, description)
    });
    local.chain(own).collect()
}

fn shown(
    table: &RouteTable,
    id: &str,
    destination: &str,
    kind: &str,
    hops: &[(&'static str, String)],
    name: &str,
    description: &str,
) -> Value {
    let next_hops: Vec<_> = hops
        .iter()
        .map(|(kind, id)| json!({"NextHopType": kind, "NextHopId": id, "Enabled": 1, "Weight": 100}))
        .collect();
    let (first_kind, first_id) = hops.first().cloned().unwrap_or(("local", String::new()));
    json!({
        "RouteEntryId": id,
        "RouteTableId": table.id.to_string(),
        "DestinationCidrBlock": destination,
        "Type": kind,
        "Status": "Available",
        "IpVersion": "IPv4",
        "RouteEntryName": name,
        "Description": description,
        "NextHopType": first_kind,
        "InstanceId": first_id,
        "NextHops": {"NextHop": next_hops},
    })
}

fn describe_route_entry_list(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let table = asked.table("RouteTableId", "create-route-entry")?;
    let mut all = entries_shown(asked, table);
    for (parameter, field) in
        [("RouteEntryType", "Type"), ("DestinationCidrBlock", "DestinationCidrBlock"), ("RouteEntryId", "RouteEntryId")]
    {
        if let Some(wanted) = parameters.get(parameter) {
            all.retain(|entry| entry[field] == wanted);
        }
    }
    for (parameter, field) in [("NextHopType", "NextHopType"), ("NextHopId", "NextHopId")] {
        if let Some(wanted) = parameters.get(parameter) {
            let leads = |entry: &Value| {
                entry["NextHops"]["NextHop"].as_array().is_some_and(|hops| hops.iter().any(|hop| hop[field] == wanted))
            };
            all.retain(leads);
        }
    }
    for entry in &mut all {
        if let Value::Object(members) = entry {
            members.remove("NextHopType");
            members.remove("InstanceId");
        }
    }
    let paging =
        Paging { names: ("PageNumber", "PageSize"), tokens: Some(("NextToken", "MaxResult")), sizes: (100, 100) };
    let page = paging.page(parameters, all)?;
    let next = page.next.unwrap_or_default();
    Ok(json!({"RouteEntrys": {"RouteEntry": page.items}, "NextToken": next}))
}
