//! vSwitches.

use peerlab_cloud::{Call, DeleteSubnet, Fault, ResourceKind, Subnet};
use serde_json::{Value, json};

use super::nat_gateway;
use super::refused::in_use;
use super::route_table::table_type;
use super::row::{PAGES, VPC, change, describe, keep_words, listed, owner_of};
use super::zone::{usual_zone, zone_of};
use crate::action::{Action, Asked, Change};
use crate::kept::ZONE;
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateVSwitch",
        &["create-subnet"],
        "RegionId ZoneId VpcId* CidrBlock* VSwitchName Description ClientToken DryRun",
        "VSwitchId",
        create_vswitch,
    ),
    describe(
        VPC,
        "DescribeVSwitches",
        "RegionId VpcId VSwitchId VSwitchName RouteTableId ZoneId PageNumber PageSize",
        "VSwitches.VSwitch[]: VSwitchId VpcId Status CidrBlock ZoneId AvailableIpAddressCount VSwitchName Description \
         CreationTime IsDefault RouteTable.{RouteTableId,RouteTableType} OwnerId; TotalCount PageNumber PageSize",
        describe_vswitches,
    ),
    describe(VPC, "DescribeVSwitchAttributes", "RegionId VSwitchId*", "a vSwitch of DescribeVSwitches", |asked| {
        Ok(vswitch_shown(asked, asked.subnet("VSwitchId", "delete-subnet")?))
    }),
    change(VPC, "ModifyVSwitchAttribute", &[], "RegionId VSwitchId* VSwitchName Description", "", |change| {
        let id = change.asked().subnet("VSwitchId", "delete-subnet")?.id.to_string();
        keep_words(change, &id, "VSwitchName")
    }),
    change(VPC, "DeleteVSwitch", &["delete-subnet"], "RegionId VSwitchId*", "", |change| {
        let asked = change.asked();
        let subnet = asked.subnet("VSwitchId", "delete-subnet")?;
        if nat_gateway::is_waiting_in(&asked, subnet) {
            let message = format!("A NAT gateway is in the vSwitch {}: delete it first.", subnet.id);
            return Err(in_use(&asked, Fault::InUseByNatGateway, "delete-subnet", message));
        }
        let name = subnet.name.to_string();
        change.done(Call::DeleteSubnet(DeleteSubnet { name }))
    }),
];

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
        asked.is_in_sight(&subnet.name.vpc)
            && !parameters.has("Tag")
            && parameters.fits("VpcId", vpc.map_or("", |vpc| &vpc.id.0))
            && parameters.get("VSwitchId").is_none_or(|ids| ids.split(',').any(|id| id.trim() == &*subnet.id.0))
            && parameters.fits("VSwitchName", &asked.label(&subnet.id, &subnet.name.subnet))
            && parameters.fits("ZoneId", &zone_of(asked, subnet))
            && parameters.fits("RouteTableId", &asked.cloud.table_of(subnet).id.0)
    });
    let page = PAGES.page(parameters, all.collect())?;
    Ok(listed("VSwitches", "VSwitch", page, |subnet| vswitch_shown(asked, subnet)))
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
        "AvailableIpAddressCount": asked.free_addresses(subnet),
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
