//! VPC 2016-04-28: VPCs, vSwitches, router interfaces, route tables.

use peerlab_cloud::{
    ActivateRouterInterface, AssociateRouteTable, Call, Cloud, ConnectRouterInterface, CreateRouteEntry,
    DeactivateRouterInterface, DeleteRouteEntry, DeleteRouteTable, DeleteRouterInterface, DeleteSubnet, DeleteVpc,
    Fault, ModifyRouterInterfaceAttribute, ModifyRouterInterfaceSpec, NextHop, PeeringName, ResourceKind, Role,
    RouteEntry, RouteTable, RouterInterface, Subnet, UnassociateRouteTable, Vpc, fnv,
};
use serde_json::{Value, json};

use crate::action::{Action, Asked, Change, Does};
use crate::kept::{DESCRIPTION, NAME, ZONE};
use crate::made::call;
use crate::paging::{Page, Paging};
use crate::{Refused, time};

rows!("2016-04-28");

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateVpc",
        &["create-vpc"],
        "RegionId* CidrBlock VpcName Description ClientToken DryRun",
        "VpcId VRouterId RouteTableId ResourceGroupId",
        create_vpc,
    ),
    describe(
        "DescribeVpcs",
        "RegionId* VpcId VpcName IsDefault VpcOwnerId PageNumber PageSize",
        "Vpcs.Vpc[]: VpcId RegionId Status CidrBlock VpcName VRouterId VSwitchIds.VSwitchId[] \
         RouterTableIds.RouterTableIds[] OwnerId IsDefault CreationTime Description; TotalCount PageNumber PageSize",
        describe_vpcs,
    ),
    describe("DescribeVpcAttribute", "RegionId VpcId*", "a VPC of DescribeVpcs", |asked| {
        Ok(vpc_shown(asked, asked.vpc("VpcId", "delete-vpc")?))
    }),
    change("ModifyVpcAttribute", &[], "RegionId VpcId* VpcName Description", "", |change| {
        let id = change.asked().vpc("VpcId", "delete-vpc")?.id.to_string();
        keep_words(change, &id, "VpcName")
    }),
    change("AssociateVpcCidrBlock", &["add-cidr"], "RegionId* VpcId* SecondaryCidrBlock*", "CidrBlock", |change| {
        block(change, "add-cidr")
    }),
    change("UnassociateVpcCidrBlock", &["remove-cidr"], "RegionId* VpcId* SecondaryCidrBlock*", "", |change| {
        block(change, "remove-cidr")
    }),
    change("DeleteVpc", &["delete-vpc"], "RegionId VpcId* DryRun", "", |change| {
        let name = change.asked().vpc("VpcId", "delete-vpc")?.name.to_string();
        done(change, Call::DeleteVpc(DeleteVpc { name }))
    }),
    change(
        "CreateVSwitch",
        &["create-subnet"],
        "RegionId ZoneId VpcId* CidrBlock* VSwitchName Description ClientToken DryRun",
        "VSwitchId",
        create_vswitch,
    ),
    describe(
        "DescribeVSwitches",
        "RegionId VpcId VSwitchId VSwitchName RouteTableId ZoneId PageNumber PageSize",
        "VSwitches.VSwitch[]: VSwitchId VpcId Status CidrBlock ZoneId AvailableIpAddressCount VSwitchName Description \
         CreationTime IsDefault RouteTable.{RouteTableId,RouteTableType} OwnerId; TotalCount PageNumber PageSize",
        describe_vswitches,
    ),
    describe("DescribeVSwitchAttributes", "RegionId VSwitchId*", "a vSwitch of DescribeVSwitches", |asked| {
        Ok(vswitch_shown(asked, asked.subnet("VSwitchId", "delete-subnet")?))
    }),
    change("ModifyVSwitchAttribute", &[], "RegionId VSwitchId* VSwitchName Description", "", |change| {
        let id = change.asked().subnet("VSwitchId", "delete-subnet")?.id.to_string();
        keep_words(change, &id, "VSwitchName")
    }),
    change("DeleteVSwitch", &["delete-subnet"], "RegionId VSwitchId*", "", |change| {
        let name = change.asked().subnet("VSwitchId", "delete-subnet")?.name.to_string();
        done(change, Call::DeleteSubnet(DeleteSubnet { name }))
    }),
    describe(
        "DescribeVRouters",
        "RegionId* VRouterId PageNumber PageSize",
        "VRouters.VRouter[]: VRouterId VpcId RegionId RouteTableIds.RouteTableId[] VRouterName Description CreationTime; \
         TotalCount PageNumber PageSize",
        describe_vrouters,
    ),
    change(
        "CreateRouterInterface",
        &["create-router-interface"],
        "RegionId* RouterType* RouterId* Role* Spec OppositeRegionId* Name Description OppositeRouterId \
         OppositeRouterType OppositeInterfaceId OppositeInterfaceOwnerId InstanceChargeType AutoPay Period ClientToken",
        "RouterInterfaceId OrderId",
        create_router_interface,
    ),
    change(
        "ModifyRouterInterfaceAttribute",
        &["modify-router-interface-attribute"],
        "RegionId* RouterInterfaceId* OppositeInterfaceId OppositeInterfaceOwnerId OppositeRouterId \
         OppositeRouterType Name Description",
        "",
        modify_router_interface_attribute,
    ),
    change("ConnectRouterInterface", &["connect-router-interface"], "RegionId* RouterInterfaceId*", "", |change| {
        let name = interface(change, "connect-router-interface")?;
        done(change, Call::ConnectRouterInterface(ConnectRouterInterface { name }))
    }),
    change("ActivateRouterInterface", &["activate-router-interface"], "RegionId* RouterInterfaceId*", "", |change| {
        let name = interface(change, "activate-router-interface")?;
        done(change, Call::ActivateRouterInterface(ActivateRouterInterface { name }))
    }),
    change(
        "DeactivateRouterInterface",
        &["deactivate-router-interface"],
        "RegionId* RouterInterfaceId*",
        "",
        |change| {
            let name = interface(change, "deactivate-router-interface")?;
            done(change, Call::DeactivateRouterInterface(DeactivateRouterInterface { name }))
        },
    ),
    change(
        "ModifyRouterInterfaceSpec",
        &["modify-router-interface-spec"],
        "RegionId* RouterInterfaceId* Spec* ClientToken",
        "Spec",
        |change| {
            let (name, spec) = (interface(change, "modify-router-interface-spec")?, change.parameters().needed("Spec"));
            let call = ModifyRouterInterfaceSpec { name, spec: spec.to_owned() };
            change.operate(Call::ModifyRouterInterfaceSpec(call))?;
            Ok(json!({"Spec": spec}))
        },
    ),
    change(
        "DeleteRouterInterface",
        &["delete-router-interface"],
        "RegionId* RouterInterfaceId* ClientToken",
        "",
        |change| {
            let name = interface(change, "delete-router-interface")?;
            done(change, Call::DeleteRouterInterface(DeleteRouterInterface { name }))
        },
    ),
    describe(
        "DescribeRouterInterfaces",
        "RegionId* Filter.N.Key Filter.N.Value.M PageNumber PageSize",
        "RouterInterfaceSet.RouterInterfaceType[]: RouterInterfaceId RouterId RouterType Role Spec Bandwidth Status \
         BusinessStatus ChargeType Name Description VpcInstanceId OppositeRegionId OppositeRouterId OppositeRouterType \
         OppositeInterfaceId OppositeInterfaceOwnerId OppositeInterfaceStatus OppositeInterfaceSpec \
         OppositeInterfaceBusinessStatus CreationTime ConnectedTime EndTime; TotalCount PageNumber PageSize",
        describe_router_interfaces,
    ),
    describe(
        "DescribeRouterInterfaceAttribute",
        "RegionId* InstanceId*",
        "a router interface of DescribeRouterInterfaces; Code Success",
        |asked| {
            let found = asked.interface("InstanceId", "connect-router-interface")?;
            let mut shown = interface_shown(asked, found);
            shown["Code"] = "200".into();
            shown["Success"] = true.into();
            Ok(shown)
        },
    ),
    change(
        "CreateRouteTable",
        &["create-route-table"],
        "RegionId* VpcId* RouteTableName Description AssociateType ClientToken",
        "RouteTableId",
        create_route_table,
    ),
    change("ModifyRouteTableAttributes", &[], "RegionId* RouteTableId* RouteTableName Description", "", |change| {
        let id = change.asked().table("RouteTableId", "delete-route-table")?.id.to_string();
        keep_words(change, &id, "RouteTableName")
    }),
    change(
        "AssociateRouteTable",
        &["associate-route-table"],
        "RegionId* RouteTableId* VSwitchId* ClientToken",
        "",
        |change| {
            let (table, subnet) = table_and_subnet(change, "associate-route-table")?;
            done(change, Call::AssociateRouteTable(AssociateRouteTable { table, subnet }))
        },
    ),
    change(
        "UnassociateRouteTable",
        &["unassociate-route-table"],
        "RegionId* RouteTableId* VSwitchId* ClientToken",
        "",
        |change| {
            let (table, subnet) = table_and_subnet(change, "unassociate-route-table")?;
            done(change, Call::UnassociateRouteTable(UnassociateRouteTable { table, subnet }))
        },
    ),
    change("DeleteRouteTable", &["delete-route-table"], "RegionId* RouteTableId*", "", |change| {
        let name = change.asked().table("RouteTableId", "delete-route-table")?.name.to_string();
        done(change, Call::DeleteRouteTable(DeleteRouteTable { name }))
    }),
    change(
        "CreateRouteEntry",
        &["create-route-entry"],
        "RegionId RouteTableId* DestinationCidrBlock* NextHopType NextHopId NextHopList.N.NextHopType \
         NextHopList.N.NextHopId RouteEntryName Description ClientToken DryRun",
        "RouteEntryId",
        create_route_entry,
    ),
    change(
        "DeleteRouteEntry",
        &["delete-route-entry"],
        "RegionId RouteEntryId RouteTableId DestinationCidrBlock NextHopId NextHopList.N.NextHopId",
        "",
        delete_route_entry,
    ),
    describe(
        "DescribeRouteEntryList",
        "RegionId* RouteTableId* RouteEntryType RouteEntryId DestinationCidrBlock NextHopType NextHopId NextToken \
         MaxResult",
        "RouteEntrys.RouteEntry[]: RouteEntryId RouteTableId DestinationCidrBlock Type Status IpVersion RouteEntryName \
         Description NextHops.NextHop[]{NextHopType NextHopId Enabled Weight}; NextToken",
        describe_route_entry_list,
    ),
    describe(
        "DescribeRouteTables",
        "RegionId VRouterId RouterId RouteTableId PageNumber PageSize",
        "RouteTables.RouteTable[]: RouteTableId VRouterId RouteTableType CreationTime VSwitchIds.VSwitchId[] \
         RouteEntrys.RouteEntry[]{RouteTableId RouteEntryId DestinationCidrBlock Type Status NextHopType InstanceId \
         NextHops.NextHop[]}; TotalCount PageNumber PageSize",
        describe_route_tables,
    ),
    describe(
        "DescribeRouteTableList",
        "RegionId* VpcId RouterId RouteTableId RouteTableName PageNumber PageSize",
        "RouterTableList.RouterTableListType[]: RouteTableId RouteTableName VpcId RouterId RouterType RouteTableType \
         VSwitchIds.VSwitchId[] Status Description CreationTime OwnerId; TotalCount PageNumber PageSize",
        describe_route_table_list,
    ),
    describe("DescribeRegions", "", "Regions.Region[]: RegionId LocalName RegionEndpoint", describe_regions),
    describe("DescribeZones", "RegionId*", "Zones.Zone[]: ZoneId LocalName", describe_zones),
];

/// Pages of this product's lists.
pub(super) const PAGES: Paging = Paging { names: ("PageNumber", "PageSize"), tokens: None, sizes: (10, 50) };

/// A list in its double wrapper, with the numbers of its page.
pub(super) fn listed<T>(outer: &str, inner: &str, page: Page<T>, show: impl Fn(&T) -> Value) -> Value {
    let items: Vec<_> = page.items.iter().map(show).collect();
    json!({outer: {inner: items}, "TotalCount": page.total, "PageNumber": page.number, "PageSize": page.size})
}

/// Does an operation that gives nothing back.
pub(super) fn done(change: &mut Change<'_>, call: Call) -> Result<Value, Refused> {
    change.operate(call)?;
    Ok(json!({}))
}

/// Keeps name and description of a thing.
pub(super) fn keep_words(change: &mut Change<'_>, id: &str, name: &str) -> Result<Value, Refused> {
    change.keep(id, NAME, name);
    change.keep(id, DESCRIPTION, "Description");
    Ok(json!({}))
}

/// The zone of something in a region, unless the request named another.
pub(super) fn usual_zone(region: &str) -> String {
    format!("{region}-a")
}

fn interface(change: &Change<'_>, operation: &str) -> Result<String, Refused> {
    Ok(change.asked().interface("RouterInterfaceId", operation)?.name.to_string())
}

fn table_and_subnet(change: &Change<'_>, operation: &str) -> Result<(String, String), Refused> {
    let asked = change.asked();
    let (table, subnet) = (asked.table("RouteTableId", operation)?, asked.subnet("VSwitchId", operation)?);
    Ok((table.name.to_string(), subnet.name.to_string()))
}

fn create_vpc(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let id = change.create(ResourceKind::Vpc, |name| {
        let cidr = parameters.get("CidrBlock").unwrap_or("172.16.0.0/12");
        call("create-vpc", &[("name", &name), ("region", parameters.needed("RegionId")), ("cidr", cidr)])
    })?;
    keep_words(change, &id.0, "VpcName")?;
    let cloud = change.cloud();
    let vpc = cloud.vpcs().find(|vpc| vpc.id == id);
    let vpc = vpc.ok_or_else(|| Refused::new(500, "InternalError", "The VPC is not there."))?;
    let table = cloud.main_table_of(&vpc.name).id.to_string();
    Ok(json!({
        "VpcId": id.to_string(), "VRouterId": vpc.router_id.to_string(), "RouteTableId": table, "ResourceGroupId": "",
    }))
}

/// Adds or removes a secondary block.
fn block(change: &mut Change<'_>, operation: &str) -> Result<Value, Refused> {
    let vpc = change.asked().vpc("VpcId", operation)?.name.to_string();
    let cidr = change.parameters().needed("SecondaryCidrBlock");
    change.operate(call(operation, &[("vpc", &vpc), ("cidr", cidr)]))?;
    Ok(if operation == "add-cidr" { json!({"CidrBlock": cidr}) } else { json!({}) })
}

fn describe_vpcs(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let ids: Option<Vec<_>> = parameters.get("VpcId").map(|ids| ids.split(',').map(str::trim).collect());
    let none = parameters.is_set("IsDefault") || parameters.has("Tag");
    let owner = asked.account_id(asked.caller.account);
    let is_mine = parameters.get("VpcOwnerId").is_none_or(|id| id == owner);
    let all = asked.cloud.vpcs().filter(|vpc| {
        asked.is_in_sight(&vpc.name)
            && is_mine
            && !none
            && ids.as_ref().is_none_or(|ids| ids.contains(&&*vpc.id.0))
            && parameters.get("VpcName").is_none_or(|name| asked.label(&vpc.id, vpc.name.as_str()) == name)
    });
    let page = PAGES.page(parameters, all.collect())?;
    Ok(listed("Vpcs", "Vpc", page, |vpc| vpc_shown(asked, vpc)))
}

fn owner_of(asked: &Asked<'_>) -> Value {
    let id = asked.account_id(asked.caller.account);
    id.parse::<u64>().map_or(json!(0), Value::from)
}

fn vpc_shown(asked: &Asked<'_>, vpc: &Vpc) -> Value {
    let cloud = asked.cloud;
    let subnets: Vec<_> = cloud.subnets_of(&vpc.name).map(|subnet| subnet.id.to_string()).collect();
    let tables: Vec<_> = cloud.route_tables_of(&vpc.name).map(|table| table.id.to_string()).collect();
    let secondary: Vec<_> = vpc.secondary.iter().map(|block| block.cidr.to_string()).collect();
    json!({
        "VpcId": vpc.id.to_string(),
        "RegionId": vpc.region.to_string(),
        "Status": "Available",
        "CidrBlock": vpc.cidr.to_string(),
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": secondary},
        "UserCidrs": {"UserCidr": []},
        "NatGatewayIds": {"NatGatewayIds": []},
        "VpcName": asked.label(&vpc.id, vpc.name.as_str()),
        "Description": asked.description(&vpc.id),
        "VRouterId": vpc.router_id.to_string(),
        "VSwitchIds": {"VSwitchId": subnets},
        "RouterTableIds": {"RouterTableIds": tables},
        "OwnerId": owner_of(asked),
        "IsDefault": false,
        "ResourceGroupId": "",
        "CreationTime": time::at_second(asked.kept.made(&vpc.id.0)),
    })
}

fn create_vswitch(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let asked = change.asked();
    let found = asked.vpc("VpcId", "create-subnet")?;
    let (vpc, zone) = (found.name.to_string(), usual_zone(&found.region.0));
    let id = change.create(ResourceKind::Subnet, |name| {
        let cidr = parameters.needed("CidrBlock");
        call("create-subnet", &[("name", &name), ("vpc", &vpc), ("cidr", cidr)])
    })?;
    keep_words(change, &id.0, "VSwitchName")?;
    change.keep_word(&id.0, ZONE, parameters.get("ZoneId").unwrap_or(&zone));
    Ok(json!({"VSwitchId": id.to_string()}))
}

fn describe_vswitches(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let all = asked.cloud.subnets().filter(|subnet| {
        let vpc = asked.cloud.vpc(&subnet.name.vpc);
        let is = |name: &str, own: &str| parameters.get(name).is_none_or(|wanted| wanted == own);
        asked.is_in_sight(&subnet.name.vpc)
            && !parameters.has("Tag")
            && is("VpcId", vpc.map_or("", |vpc| &vpc.id.0))
            && parameters.get("VSwitchId").is_none_or(|ids| ids.split(',').any(|id| id.trim() == &*subnet.id.0))
            && is("VSwitchName", &asked.label(&subnet.id, &subnet.name.subnet))
            && is("ZoneId", &zone_of(asked, subnet))
            && is("RouteTableId", &asked.cloud.table_of(subnet).id.0)
    });
    let page = PAGES.page(parameters, all.collect())?;
    Ok(listed("VSwitches", "VSwitch", page, |subnet| vswitch_shown(asked, subnet)))
}

/// The zone of a vSwitch.
pub(super) fn zone_of(asked: &Asked<'_>, subnet: &Subnet) -> String {
    let usual = || usual_zone(asked.region(&subnet.name.vpc));
    asked.kept.word(&subnet.id.0, ZONE).map_or_else(usual, str::to_owned)
}

/// The number of a subnet's free addresses.
pub(crate) fn free_addresses(cloud: &Cloud, subnet: &Subnet) -> u64 {
    let all = 1_u64 << (32 - subnet.cidr.prefix_len());
    let used = cloud.instances_of(&subnet.name.vpc).filter(|instance| instance.subnet == subnet.name).count() as u64;
    all.saturating_sub(cloud.provider().reserved.len() as u64 + used)
}

fn vswitch_shown(asked: &Asked<'_>, subnet: &Subnet) -> Value {
    let table = asked.cloud.table_of(subnet);
    let vpc = asked.cloud.vpc(&subnet.name.vpc).map_or_else(String::new, |vpc| vpc.id.to_string());
    json!({
        "VSwitchId": subnet.id.to_string(),
        "VpcId": vpc,
        "Status": "Available",
        "CidrBlock": subnet.cidr.to_string(),
        "ZoneId": zone_of(asked, subnet),
        "AvailableIpAddressCount": free_addresses(asked.cloud, subnet),
        "VSwitchName": asked.label(&subnet.id, &subnet.name.subnet),
        "Description": asked.description(&subnet.id),
        "CreationTime": time::at_second(asked.kept.made(&subnet.id.0)),
        "IsDefault": false,
        "ResourceGroupId": "",
        "NetworkAclId": subnet.acl.as_ref().and_then(|acl| asked.cloud.network_acl(&acl.acl)).map_or_else(String::new, |acl| acl.id.to_string()),
        "RouteTable": {"RouteTableId": table.id.to_string(), "RouteTableType": table_type(table)},
        "OwnerId": owner_of(asked),
    })
}

fn describe_vrouters(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let all = asked.cloud.vpcs().filter(|vpc| {
        asked.is_in_sight(&vpc.name) && parameters.get("VRouterId").is_none_or(|id| id == &*vpc.router_id.0)
    });
    let page = PAGES.page(parameters, all.collect())?;
    Ok(listed("VRouters", "VRouter", page, |vpc: &&Vpc| {
        let tables: Vec<_> = asked.cloud.route_tables_of(&vpc.name).map(|table| table.id.to_string()).collect();
        json!({
            "VRouterId": vpc.router_id.to_string(),
            "VpcId": vpc.id.to_string(),
            "RegionId": vpc.region.to_string(),
            "RouteTableIds": {"RouteTableId": tables},
            "VRouterName": "",
            "Description": "",
            "CreationTime": time::at_second(asked.kept.made(&vpc.id.0)),
        })
    }))
}

const INITIATING: &str = "InitiatingSide";
const ACCEPTING: &str = "AcceptingSide";

fn create_router_interface(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    if parameters.needed("RouterType") != "VRouter" {
        let message = "The specified RouterType is not supported: VRouter joins VPCs.";
        return Err(Refused::new(400, "InvalidRouterType", message));
    }
    let role = match parameters.needed("Role") {
        INITIATING => Role::Initiator,
        ACCEPTING => Role::Acceptor,
        other => {
            let message = format!("The specified Role {other} is not valid: {INITIATING} or {ACCEPTING}.");
            return Err(Refused::new(400, "InvalidRole", message));
        }
    };
    let vpc = change.asked().vpc_of_router("RouterId", "create-router-interface")?.name.to_string();
    // The console and the API give an acceptor the class Negative, which means none.
    let spec = parameters.text("Spec").filter(|spec| !(role == Role::Acceptor && spec == "Negative"));
    let id = change.create(ResourceKind::RouterInterface, |name| {
        let region = parameters.needed("OppositeRegionId");
        let role = role.to_string();
        let spec = spec.as_deref().unwrap_or_default();
        let texts = [("name", &*name), ("vpc", &vpc), ("role", &role), ("spec", spec), ("opposite_region", region)];
        call("create-router-interface", &texts)
    })?;
    keep_words(change, &id.0, "Name")?;
    let name = change.cloud().with_id(ResourceKind::RouterInterface, &id.0).unwrap_or_default();
    set_opposite(change, name)?;
    let mut reply = json!({"RouterInterfaceId": id.to_string()});
    if parameters.get("InstanceChargeType") == Some("PrePaid") {
        reply["OrderId"] = (fnv::hash(fnv::SEED, id.0.as_bytes()) >> 16).into();
    }
    Ok(reply)
}

/// Sets the opposite, if the request names any part of it.
fn set_opposite(change: &mut Change<'_>, name: String) -> Result<(), Refused> {
    let parameters = change.parameters();
    let (interface, router) = (parameters.text("OppositeInterfaceId"), parameters.text("OppositeRouterId"));
    let account = parameters.text("OppositeInterfaceOwnerId");
    if interface.is_none() && router.is_none() && account.is_none() {
        return Ok(());
    }
    // Without an owner, the other end is the caller's own, unless an earlier request named one.
    let cloud = change.cloud();
    let named =
        cloud.router_interface(&PeeringName::trusted(&*name)).and_then(|it| it.opposite.as_ref()?.account.clone());
    let own = || change.asked().account_id(change.asked().caller.account);
    let opposite_account = account.or(named).or_else(|| Some(own()));
    let call = ModifyRouterInterfaceAttribute {
        name,
        opposite_account,
        opposite_interface: interface,
        opposite_router: router,
    };
    change.operate(Call::ModifyRouterInterfaceAttribute(call))
}

fn modify_router_interface_attribute(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let found = asked.interface("RouterInterfaceId", "modify-router-interface-attribute")?;
    let (name, id) = (found.name.to_string(), found.id.to_string());
    set_opposite(change, name)?;
    keep_words(change, &id, "Name")
}

fn describe_router_interfaces(asked: &Asked<'_>) -> Result<Value, Refused> {
    let mine = asked.cloud.router_interfaces().filter(|it| asked.is_in_sight(&it.vpc));
    let filters = asked.parameters().parts("Filter");
    if filters.len() > 5 {
        return Err(Refused::new(400, "InvalidFilter", "A request takes up to five filters."));
    }
    let mut all: Vec<_> = mine.map(|it| interface_shown(asked, it)).collect();
    for filter in &filters {
        let (key, values) = (filter.get("Key").unwrap_or_default(), filter.list("Value"));
        if !FILTERS.contains(&key) {
            let message = format!("The specified filter key {key} is not supported.");
            return Err(Refused::new(400, "InvalidFilterKey.ValueNotSupported", message));
        }
        all.retain(|it| it[key].as_str().is_some_and(|own| values.contains(&own)));
    }
    let page = PAGES.page(asked.parameters(), all)?;
    Ok(listed("RouterInterfaceSet", "RouterInterfaceType", page, Value::clone))
}

/// The fields by which router interfaces can be chosen.
const FILTERS: [&str; 13] = [
    "RouterInterfaceId",
    "RouterId",
    "RouterType",
    "Name",
    "Status",
    "Role",
    "Spec",
    "ChargeType",
    "OppositeInterfaceId",
    "OppositeInterfaceOwnerId",
    "OppositeRouterId",
    "OppositeRouterType",
    "OppositeRegionId",
];

fn interface_shown(asked: &Asked<'_>, it: &RouterInterface) -> Value {
    let cloud = asked.cloud;
    let (vpc, end) = (cloud.vpc(&it.vpc), cloud.peering(&it.name));
    let far = it.connected.as_ref().and_then(|far| cloud.router_interface(far));
    let far_vpc = far.and_then(|far| cloud.vpc(&far.vpc));
    let set = it.opposite.clone().unwrap_or_default();
    // Before the ends are connected, the opposite is what the owner wrote, by id where it is a name.
    let id_or = |id: Option<peerlab_cloud::Id>, text: String| id.map_or(text, |id| id.to_string());
    let interface = set.interface.unwrap_or_default();
    let interface = id_or(cloud.id_of_name(ResourceKind::RouterInterface, &interface), interface);
    let router = set.router.unwrap_or_default();
    let router = id_or(cloud.router_named(&router), router);
    let opposite = far.map_or(interface, |far| far.id.to_string());
    let router = far_vpc.map_or(router, |vpc| vpc.router_id.to_string());
    let owner = match (far, set.account) {
        (Some(far), _) => asked.account_id(&far.account),
        (None, Some(text)) => cloud.find_account(&text).map_or(text, |account| account.id.to_string()),
        (None, None) => String::new(),
    };
    let spec = |it: &RouterInterface| it.spec.map_or("Negative", |spec| spec.name);
    let status = |it: &RouterInterface| cloud.peering(&it.name).map_or("", |end| end.status);
    let role = if it.role == Role::Initiator { INITIATING } else { ACCEPTING };
    let made = time::at_second(asked.kept.made(&it.id.0));
    let own_spec = far.filter(|_| it.spec.is_none()).unwrap_or(it);
    json!({
        "RouterInterfaceId": it.id.to_string(),
        "RouterId": vpc.map_or_else(String::new, |vpc| vpc.router_id.to_string()),
        "RouterType": "VRouter",
        "VpcInstanceId": vpc.map_or_else(String::new, |vpc| vpc.id.to_string()),
        "Role": role,
        "Spec": spec(it),
        "Bandwidth": own_spec.spec.map_or(0, |spec| spec.bandwidth.0 / 1_000_000),
        "Status": status(it),
        "BusinessStatus": "Normal",
        "ChargeType": "PostPaid",
        "Name": asked.label(&it.id, it.name.as_str()),
        "Description": asked.description(&it.id),
        "OppositeRegionId": it.opposite_region.to_string(),
        "OppositeRouterId": router,
        "OppositeRouterType": "VRouter",
        "OppositeInterfaceId": opposite,
        "OppositeInterfaceOwnerId": owner,
        "OppositeInterfaceStatus": far.map_or("", status),
        "OppositeInterfaceSpec": far.map_or("", spec),
        "OppositeInterfaceBusinessStatus": far.map_or("", |_| "Normal"),
        "OppositeBandwidth": far.and_then(|far| far.spec).map_or(0, |spec| spec.bandwidth.0 / 1_000_000),
        "CreationTime": made,
        "ConnectedTime": end.and_then(|end| end.far).map_or_else(String::new, |_| made.clone()),
        "EndTime": "2999-09-08T16:00:00Z",
        "AccessPointId": "",
        "CrossBorder": false,
        "HasReservationData": "false",
        "ReservationActiveTime": "",
    })
}

fn create_route_table(change: &mut Change<'_>) -> Result<Value, Refused> {
    if change.parameters().get("AssociateType").is_some_and(|kind| kind != "VSwitch") {
        return Err(Refused::new(400, "InvalidAssociateType", "Only route tables of vSwitches are served."));
    }
    let vpc = change.asked().vpc("VpcId", "create-route-table")?.name.to_string();
    let id = change
        .create(ResourceKind::RouteTable, |name| call("create-route-table", &[("name", &name), ("vpc", &vpc)]))?;
    keep_words(change, &id.0, "RouteTableName")?;
    Ok(json!({"RouteTableId": id.to_string()}))
}

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
    let id = id.ok_or_else(|| (super::DIALECT.missing)("NextHopId"))?;
    let kind = match kind {
        "Instance" => ResourceKind::Instance,
        "RouterInterface" => ResourceKind::RouterInterface,
        "VpcPeer" => ResourceKind::PeeringConnection,
        other => {
            let message = format!("The specified NextHopType {other} is not supported.");
            return Err(Refused::new(400, "InvalidNextHopType", message));
        }
    };
    if asked.cloud.with_id(kind, id).is_none() {
        let code = asked.cloud.provider().code(Fault::NextHopNotFound, "create-route-entry").to_string();
        return Err(Refused::new(400, code, format!("The specified NextHopId {id} does not exist.")));
    }
    Ok(id.to_owned())
}

/// The id of an entry: the same for the same entry, because the Cloud has none.
pub(crate) fn entry_id(table: &RouteTable, entry: &RouteEntry) -> String {
    let text = format!("{} {} {:?} {}", table.id, entry.destination, entry.priority, entry.next_hop);
    format!("rte-{:013x}", fnv::hash(fnv::SEED, text.as_bytes()) >> 12)
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
        return done(change, Call::DeleteRouteEntry(call));
    }
    for name in ["RouteTableId", "DestinationCidrBlock"] {
        parameters.get(name).ok_or_else(|| (super::DIALECT.missing)(name))?;
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

fn table_type(table: &RouteTable) -> &'static str {
    if table.is_default() { "System" } else { "Custom" }
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
fn entries_shown(asked: &Asked<'_>, table: &RouteTable) -> Vec<Value> {
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

/// The tables of the caller that fit a request.
fn tables<'a>(asked: &Asked<'a>) -> Vec<&'a RouteTable> {
    let parameters = asked.parameters();
    let fits = |table: &&RouteTable| {
        let vpc = asked.cloud.vpc(&table.vpc);
        let is = |name: &str, own: &str| parameters.get(name).is_none_or(|wanted| wanted == own);
        let router = vpc.map_or("", |vpc| &*vpc.router_id.0);
        asked.is_in_sight(&table.vpc)
            && !parameters.has("Tag")
            && is("VpcId", vpc.map_or("", |vpc| &vpc.id.0))
            && is("VRouterId", router)
            && is("RouterId", router)
            && is("RouteTableId", &table.id.0)
            && is("RouteTableName", &label_of_table(asked, table))
    };
    asked.cloud.route_tables().filter(fits).collect()
}

/// A default table has no name of its own.
fn label_of_table(asked: &Asked<'_>, table: &RouteTable) -> String {
    let name = if table.is_default() { &*table.id.0 } else { table.name.as_str() };
    asked.label(&table.id, name)
}

fn describe_route_tables(asked: &Asked<'_>) -> Result<Value, Refused> {
    let page = PAGES.page(asked.parameters(), tables(asked))?;
    Ok(listed("RouteTables", "RouteTable", page, |table| {
        let subnets: Vec<_> = asked.cloud.subnets_served_by(table).map(|subnet| subnet.id.to_string()).collect();
        let vpc = asked.cloud.vpc(&table.vpc);
        json!({
            "RouteTableId": table.id.to_string(),
            "VRouterId": vpc.map_or_else(String::new, |vpc| vpc.router_id.to_string()),
            "RouteTableType": table_type(table),
            "CreationTime": time::at_second(asked.kept.made(&table.id.0)),
            "ResourceGroupId": "",
            "VSwitchIds": {"VSwitchId": subnets},
            "RouteEntrys": {"RouteEntry": entries_shown(asked, table)},
        })
    }))
}

fn describe_route_table_list(asked: &Asked<'_>) -> Result<Value, Refused> {
    let page = PAGES.page(asked.parameters(), tables(asked))?;
    let mut reply = listed("RouterTableList", "RouterTableListType", page, |table| {
        let subnets: Vec<_> = asked.cloud.subnets_served_by(table).map(|subnet| subnet.id.to_string()).collect();
        let vpc = asked.cloud.vpc(&table.vpc);
        json!({
            "RouteTableId": table.id.to_string(),
            "RouteTableName": label_of_table(asked, table),
            "VpcId": vpc.map_or_else(String::new, |vpc| vpc.id.to_string()),
            "RouterId": vpc.map_or_else(String::new, |vpc| vpc.router_id.to_string()),
            "RouterType": "VRouter",
            "RouteTableType": table_type(table),
            "AssociateType": "VSwitch",
            "VSwitchIds": {"VSwitchId": subnets},
            "Status": "Available",
            "Description": asked.description(&table.id),
            "CreationTime": time::at_second(asked.kept.made(&table.id.0)),
            "OwnerId": owner_of(asked),
            "ResourceGroupId": "",
        })
    });
    reply["Code"] = "200".into();
    reply["Success"] = true.into();
    Ok(reply)
}

pub(super) fn describe_regions(asked: &Asked<'_>) -> Result<Value, Refused> {
    let used = asked.cloud.vpcs().map(|vpc| vpc.region.to_string());
    let known = asked.cloud.provider().regions.iter().map(|region| (*region).to_owned());
    let all: std::collections::BTreeSet<_> = used.chain(known).collect();
    let regions: Vec<_> = all
        .iter()
        .map(|region| {
            json!({"RegionId": region, "LocalName": region, "RegionEndpoint": format!("vpc.{region}.aliyuncs.com"), "Status": "available"})
        })
        .collect();
    Ok(json!({"Regions": {"Region": regions}}))
}

pub(super) fn describe_zones(asked: &Asked<'_>) -> Result<Value, Refused> {
    let region = asked.parameters().get("RegionId").unwrap_or_default();
    let zones: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|letter| {
            let zone = format!("{region}-{letter}");
            json!({"ZoneId": zone, "LocalName": zone})
        })
        .collect();
    Ok(json!({"Zones": {"Zone": zones}}))
}
