//! Router interfaces.

use peerlab_cloud::{
    ActivateRouterInterface, Call, ConnectRouterInterface, DeactivateRouterInterface, DeleteRouterInterface,
    ModifyRouterInterfaceAttribute, ModifyRouterInterfaceSpec, PeeringName, ResourceKind, Role, RouterInterface, fnv,
};
use serde_json::{Value, json};

use super::row::{PAGES, VPC, change, describe, keep_words, listed};
use crate::action::{Action, Asked, Change};
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        "CreateRouterInterface",
        &["create-router-interface"],
        "RegionId* RouterType* RouterId* Role* Spec OppositeRegionId* Name Description OppositeRouterId \
         OppositeRouterType OppositeInterfaceId OppositeInterfaceOwnerId InstanceChargeType AutoPay Period ClientToken",
        "RouterInterfaceId OrderId",
        create_router_interface,
    ),
    change(
        VPC,
        "ModifyRouterInterfaceAttribute",
        &["modify-router-interface-attribute"],
        "RegionId* RouterInterfaceId* OppositeInterfaceId OppositeInterfaceOwnerId OppositeRouterId \
         OppositeRouterType Name Description",
        "",
        modify_router_interface_attribute,
    ),
    change(
        VPC,
        "ConnectRouterInterface",
        &["connect-router-interface"],
        "RegionId* RouterInterfaceId*",
        "",
        |change| {
            let name = interface(change, "connect-router-interface")?;
            change.done(Call::ConnectRouterInterface(ConnectRouterInterface { name }))
        },
    ),
    change(
        VPC,
        "ActivateRouterInterface",
        &["activate-router-interface"],
        "RegionId* RouterInterfaceId*",
        "",
        |change| {
            let name = interface(change, "activate-router-interface")?;
            change.done(Call::ActivateRouterInterface(ActivateRouterInterface { name }))
        },
    ),
    change(
        VPC,
        "DeactivateRouterInterface",
        &["deactivate-router-interface"],
        "RegionId* RouterInterfaceId*",
        "",
        |change| {
            let name = interface(change, "deactivate-router-interface")?;
            change.done(Call::DeactivateRouterInterface(DeactivateRouterInterface { name }))
        },
    ),
    change(
        VPC,
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
        VPC,
        "DeleteRouterInterface",
        &["delete-router-interface"],
        "RegionId* RouterInterfaceId* ClientToken",
        "",
        |change| {
            let name = interface(change, "delete-router-interface")?;
            change.done(Call::DeleteRouterInterface(DeleteRouterInterface { name }))
        },
    ),
    describe(
        VPC,
        "DescribeRouterInterfaces",
        "RegionId* Filter.N.Key Filter.N.Value.M PageNumber PageSize",
        "RouterInterfaceSet.RouterInterfaceType[]: RouterInterfaceId RouterId RouterType Role Spec Bandwidth Status \
         BusinessStatus ChargeType Name Description VpcInstanceId OppositeRegionId OppositeRouterId OppositeRouterType \
         OppositeInterfaceId OppositeInterfaceOwnerId OppositeInterfaceStatus OppositeInterfaceSpec \
         OppositeInterfaceBusinessStatus CreationTime ConnectedTime EndTime; TotalCount PageNumber PageSize",
        describe_router_interfaces,
    ),
    describe(
        VPC,
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
];

fn interface(change: &Change<'_>, operation: &str) -> Result<String, Refused> {
    Ok(change.asked().interface("RouterInterfaceId", operation)?.name.to_string())
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
