//! Route tables, their routes and associations.

use peerlab_cloud::{
    AssociateRouteTable, Call, CreateRouteEntry, DeleteRouteEntry, DeleteRouteTable, EndState, NextHop,
    ReplaceRouteTableAssociation, ResourceKind, RouteEntry, RouteTable, SetMainRouteTable, Subnet,
    UnassociateRouteTable,
};
use serde_json::{Value, json};

use super::list::Listing;
use super::refused::{block, missing};
use super::row::{change, done, list};
use super::{gateway, interface, nat_gateway, peering, tagged};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::derived;
use crate::made::call;

/// What a route leads to.
const TARGETS: &str = "RouteTableId* DestinationCidrBlock* VpcPeeringConnectionId GatewayId NatGatewayId \
    InstanceId NetworkInterfaceId DryRun";

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateRouteTable",
        &["create-route-table"],
        "VpcId* TagSpecification.N ClientToken DryRun",
        "routeTable",
        create,
    ),
    list(
        "DescribeRouteTables",
        "RouteTableId.N Filter.N MaxResults NextToken DryRun",
        &TABLES,
        "routeTableSet[]: routeTableId vpcId ownerId routeSet[]{destinationCidrBlock gatewayId instanceId \
         instanceOwnerId natGatewayId networkInterfaceId vpcPeeringConnectionId state origin} associationSet[]{\
         routeTableAssociationId routeTableId subnetId main associationState{state}} propagatingVgwSet[] \
         tagSet[]{key value}; nextToken",
        |asked| TABLES.answer(asked),
    ),
    change("DeleteRouteTable", &["delete-route-table"], "RouteTableId* DryRun", "return", |change| {
        let name = change.asked().table("RouteTableId", "delete-route-table")?.name.to_string();
        change.operate(Call::DeleteRouteTable(DeleteRouteTable { name }))?;
        done()
    }),
    change("CreateRoute", &["create-route-entry"], TARGETS, "return", |change| {
        let call = route(&change.asked())?;
        change.operate(call)?;
        done()
    }),
    change("ReplaceRoute", &["delete-route-entry", "create-route-entry"], TARGETS, "return", replace_route),
    change("DeleteRoute", &["delete-route-entry"], "RouteTableId* DestinationCidrBlock* DryRun", "return", |change| {
        let table = change.asked().table("RouteTableId", "delete-route-entry")?.name.to_string();
        let destination = block(change.parameters().needed("DestinationCidrBlock"), "destinationCidrBlock")?.to_owned();
        change.operate(deletion(table, destination))?;
        done()
    }),
    change(
        "AssociateRouteTable",
        &["associate-route-table"],
        "RouteTableId* SubnetId* DryRun",
        "associationId associationState{state}",
        |change| {
            let asked = change.asked();
            let table = asked.table("RouteTableId", "associate-route-table")?;
            let subnet = asked.subnet("SubnetId", "associate-route-table")?;
            let id = of_subnet(subnet, table);
            // The same again is the same.
            if subnet.association.as_ref().is_some_and(|it| it.table == table.name) {
                return Ok(json!({"associationId": id, "associationState": {"state": "associated"}}));
            }
            let call = AssociateRouteTable { table: table.name.to_string(), subnet: subnet.name.to_string() };
            change.operate(Call::AssociateRouteTable(call))?;
            Ok(json!({"associationId": id, "associationState": {"state": "associated"}}))
        },
    ),
    change("DisassociateRouteTable", &["unassociate-route-table"], "AssociationId* DryRun", "return", |change| {
        let call = match association(&change.asked())? {
            (table, Some(subnet)) => {
                UnassociateRouteTable { table: table.name.to_string(), subnet: subnet.name.to_string() }
            }
            (_, None) => {
                let id = change.parameters().needed("AssociationId");
                let message = format!("cannot disassociate the main route table association {id}");
                return Err(Refused::new(400, "InvalidParameterValue", message));
            }
        };
        change.operate(Call::UnassociateRouteTable(call))?;
        done()
    }),
    change(
        "ReplaceRouteTableAssociation",
        &["replace-route-table-association", "set-main-route-table"],
        "AssociationId* RouteTableId* DryRun",
        "newAssociationId associationState{state}",
        replace_association,
    ),
];

pub(super) const TABLES: Listing = Listing {
    set: "routeTableSet",
    ids: "RouteTableId",
    id: "routeTableId",
    unknown: "InvalidRouteTableID.NotFound",
    filters: &[
        ("route-table-id", "routeTableId"),
        ("vpc-id", "vpcId"),
        ("owner-id", "ownerId"),
        ("association.route-table-association-id", "associationSet.routeTableAssociationId"),
        ("association.route-table-id", "associationSet.routeTableId"),
        ("association.subnet-id", "associationSet.subnetId"),
        ("association.main", "associationSet.main"),
        ("association.gateway-id", "associationSet.gatewayId"),
        ("route.destination-cidr-block", "routeSet.destinationCidrBlock"),
        ("route.destination-ipv6-cidr-block", "routeSet.destinationIpv6CidrBlock"),
        ("route.destination-prefix-list-id", "routeSet.destinationPrefixListId"),
        ("route.egress-only-internet-gateway-id", "routeSet.egressOnlyInternetGatewayId"),
        ("route.gateway-id", "routeSet.gatewayId"),
        ("route.instance-id", "routeSet.instanceId"),
        ("route.nat-gateway-id", "routeSet.natGatewayId"),
        ("route.transit-gateway-id", "routeSet.transitGatewayId"),
        ("route.origin", "routeSet.origin"),
        ("route.state", "routeSet.state"),
        ("route.vpc-peering-connection-id", "routeSet.vpcPeeringConnectionId"),
    ],
    all: |asked, wanted| {
        let here = |table: &&RouteTable| wanted.takes(&table.id.0) && asked.is_in_sight(&table.vpc);
        asked.cloud.route_tables().filter(here).map(|table| table_shown(asked, table)).collect()
    },
};

/// The id of a subnet's association with a table.
fn of_subnet(subnet: &Subnet, table: &RouteTable) -> String {
    derived("rtbassoc-0", &[&subnet.id.0, &table.id.0])
}

/// The id of the association that makes a table the main one.
fn of_main(table: &RouteTable) -> String {
    derived("rtbassoc-0", &[&table.id.0])
}

/// The subnets that are associated with a table.
fn associated<'a>(asked: &Asked<'a>, table: &'a RouteTable) -> impl Iterator<Item = &'a Subnet> {
    let subnets = asked.cloud.subnets_of(&table.vpc);
    subnets.filter(|subnet| subnet.association.as_ref().is_some_and(|it| it.table == table.name))
}

fn table_shown(asked: &Asked<'_>, table: &RouteTable) -> Value {
    let vpc = asked.cloud.vpc(&table.vpc);
    let owner = vpc.map_or_else(String::new, |vpc| asked.account_id(&vpc.account));
    let local = |block: String| json!({"destinationCidrBlock": block, "gatewayId": "local", "state": "active", "origin": "CreateRouteTable"});
    let locals = vpc.into_iter().flat_map(|vpc| vpc.blocks()).map(|block| local(block.to_string()));
    let own = table.entries.iter().map(|entry| route_shown(asked, table, entry));
    let association = |id: String, subnet: Option<&Subnet>| {
        json!({
            "routeTableAssociationId": id,
            "routeTableId": table.id.to_string(),
            "subnetId": subnet.map(|subnet| subnet.id.to_string()),
            "main": subnet.is_none(),
            "associationState": {"state": "associated"},
        })
    };
    let main = table.is_main.then(|| association(of_main(table), None));
    let subnets = associated(asked, table).map(|subnet| association(of_subnet(subnet, table), Some(subnet)));
    let name = if table.is_default() { "" } else { table.name.as_str() };
    json!({
        "routeTableId": table.id.to_string(),
        "vpcId": asked.vpc_id(&table.vpc),
        "ownerId": owner,
        "routeSet": locals.chain(own).collect::<Vec<_>>(),
        "associationSet": main.into_iter().chain(subnets).collect::<Vec<_>>(),
        "propagatingVgwSet": [],
        "tagSet": tagged::shown(asked, &table.id.0, name),
    })
}

pub(super) fn route_shown(asked: &Asked<'_>, table: &RouteTable, entry: &RouteEntry) -> Value {
    let cloud = asked.cloud;
    let (target, active) = match &entry.next_hop {
        NextHop::Peering(name) => {
            let id = cloud.peering_connection(name).map(|it| it.id.to_string());
            let up = cloud.end_in(&table.vpc, name).is_some_and(|end| end.state == EndState::Up);
            (json!({"vpcPeeringConnectionId": id}), up)
        }
        NextHop::Gone(gone) => {
            let member = match gone.id.0.split('-').next() {
                Some("igw") => "gatewayId",
                Some("nat") => "natGatewayId",
                _ => "vpcPeeringConnectionId",
            };
            (json!({member: gone.id.to_string()}), false)
        }
        NextHop::Instance(name) => {
            let it = cloud.instance(name);
            let target = json!({
                "instanceId": it.map(|it| it.id.to_string()),
                "instanceOwnerId": it.map(|it| asked.account_id(&it.account)),
                "networkInterfaceId": it.map(interface::interface_id),
            });
            (target, it.is_some_and(|it| it.runs()))
        }
        NextHop::NatGateway(name) => {
            (json!({"natGatewayId": cloud.nat_gateway(name).map(|nat| nat.id.to_string())}), true)
        }
        NextHop::Gateway(name) => {
            (json!({"gatewayId": cloud.gateway(name).map(|gateway| gateway.id.to_string())}), true)
        }
        NextHop::Internet => (json!({"gatewayId": "internet"}), true),
    };
    let mut shown = json!({
        "destinationCidrBlock": entry.destination.to_string(),
        "state": if active { "active" } else { "blackhole" },
        "origin": "CreateRoute",
    });
    if let (Value::Object(shown), Value::Object(target)) = (&mut shown, target) {
        shown.extend(target);
    }
    shown
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["route-table"])?;
    let vpc = change.asked().vpc("VpcId", "create-route-table")?.name.to_string();
    let id = change
        .create(ResourceKind::RouteTable, |name| call("create-route-table", &[("name", &name), ("vpc", &vpc)]))?;
    tagged::keep(change, &id.0, "route-table")?;
    Ok(json!({"routeTable": TABLES.one(&change.asked(), &id.0)?}))
}

/// The parameters of a route's target.
const KINDS: [&str; 11] = [
    "VpcPeeringConnectionId",
    "GatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "VpcEndpointId",
    "CoreNetworkArn",
];

/// The call that makes the request's route.
fn route(asked: &Asked<'_>) -> Result<Call, Refused> {
    let parameters = asked.parameters();
    let table = asked.table("RouteTableId", "create-route-entry")?.name.to_string();
    let given: Vec<_> = KINDS.iter().filter_map(|kind| Some((*kind, parameters.get(kind)?))).collect();
    let (kind, id) = match given[..] {
        [one] => one,
        [] => return Err(missing("VpcPeeringConnectionId, GatewayId or another target")),
        _ => {
            let message = "The request must contain exactly one of the targets of a route.";
            return Err(Refused::new(400, "InvalidParameterCombination", message));
        }
    };
    let next_hop = match kind {
        "VpcPeeringConnectionId" => peering::with_id(asked, id)?.id.to_string(),
        "InstanceId" => asked.instance_with(id, "create-route-entry")?.id.to_string(),
        "NetworkInterfaceId" => interface::with_interface(asked, id)?.id.to_string(),
        "NatGatewayId" => nat_gateway::target(asked, id)?,
        "GatewayId" if gateway::attached(asked, id).is_some() => id.to_owned(),
        "GatewayId" => {
            let code =
                if id.starts_with("igw-") { "InvalidInternetGatewayID.NotFound" } else { "InvalidGatewayID.NotFound" };
            return Err(Refused::new(400, code, format!("The gateway ID '{id}' does not exist")));
        }
        kind => {
            let message = format!("peerlab has no routes to a {kind}.");
            return Err(Refused::new(400, "InvalidParameterValue", message));
        }
    };
    Ok(Call::CreateRouteEntry(CreateRouteEntry {
        table: Some(table),
        vpc: None,
        destination: block(parameters.needed("DestinationCidrBlock"), "destinationCidrBlock")?.to_owned(),
        next_hop: vec![next_hop],
        priority: None,
    }))
}

fn deletion(table: String, destination: String) -> Call {
    let (table, vpc, next_hop, priority) = (Some(table), None, None, None);
    Call::DeleteRouteEntry(DeleteRouteEntry { table, vpc, destination, next_hop, priority })
}

fn replace_route(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let (call, table) = (route(&asked)?, asked.table("RouteTableId", "create-route-entry")?);
    let destination = asked.parameters().needed("DestinationCidrBlock");
    let there = destination.parse().is_ok_and(|block: ipnet::Ipv4Net| !table.entries_for(block.trunc()).is_empty());
    if !there {
        let message =
            format!("There is no route defined for '{destination}' in the route table. Use CreateRoute instead.");
        return Err(Refused::new(400, "InvalidParameterValue", message));
    }
    let deletion = deletion(table.name.to_string(), destination.to_owned());
    change.operate(deletion)?;
    change.operate(call)?;
    done()
}

/// The table and the subnet of the request's association; no subnet: the main one.
fn association<'a>(asked: &Asked<'a>) -> Result<(&'a RouteTable, Option<&'a Subnet>), Refused> {
    let id = asked.parameters().needed("AssociationId");
    let mut tables = asked.cloud.route_tables().filter(|table| asked.is_in_sight(&table.vpc));
    let found = tables.find_map(|table| {
        if table.is_main && of_main(table) == id {
            return Some((table, None));
        }
        let subnet = associated(asked, table).find(|subnet| of_subnet(subnet, table) == id)?;
        Some((table, Some(subnet)))
    });
    found.ok_or_else(|| {
        let message = format!("The association ID '{id}' does not exist");
        Refused::new(400, "InvalidAssociationID.NotFound", message)
    })
}

fn replace_association(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let (former, subnet) = association(&asked)?;
    let table = asked.table("RouteTableId", "replace-route-table-association")?;
    let (id, call) = match subnet {
        Some(subnet) => {
            let (name, of) = (table.name.to_string(), subnet.name.to_string());
            let call = ReplaceRouteTableAssociation { table: name, subnet: of };
            (of_subnet(subnet, table), Call::ReplaceRouteTableAssociation(call))
        }
        None if former.vpc == table.vpc => {
            let call = SetMainRouteTable { table: table.name.to_string() };
            (of_main(table), Call::SetMainRouteTable(call))
        }
        None => {
            let message = format!("The route table {} is of another VPC.", table.id);
            return Err(Refused::new(400, "InvalidParameterValue", message));
        }
    };
    change.operate(call)?;
    Ok(json!({"newAssociationId": id, "associationState": {"state": "associated"}}))
}
