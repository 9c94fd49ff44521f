//! Instances, of the service vm.

use peerlab_cloud::{Call, DeleteInstance, Instance, InstanceName, Power, ResourceKind};
use serde_json::{Value, json};

use super::interface::interface_id;
use super::row::{EIP, LIST, VM, at, change, describe, listed};
use crate::action::{Action, Asked, Change};
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        VM,
        ("createInstances", "POST", at!("/instances")),
        &["create-instance", "associate-public-ip"],
        "instanceSpec.name* instanceSpec.primaryNetworkInterface.networkInterface.subnetId* \
         instanceSpec.primaryNetworkInterface.networkInterface.primaryIpAddress \
         instanceSpec.primaryNetworkInterface.networkInterface.securityGroups.N instanceSpec.az \
         instanceSpec.instanceType instanceSpec.imageId instanceSpec.description instanceSpec.elasticIp.bandwidthMbps maxCount clientToken",
        "instanceIds[]",
        create_instances,
    ),
    describe(VM, ("describeInstances", at!("/instances")), LIST, "instances[] totalCount", |asked| {
        let all = asked.cloud.instances().filter(|it| is_in_sight(asked, it)).collect();
        listed(asked, "instances", all, |it, filter| text_of(asked, it, filter), |it| shown(asked, it))
    }),
    describe(
        VM,
        ("describeInstance", at!("/instances/{instanceId}")),
        "",
        "instance{instanceId instanceName status instanceType imageId az vpcId subnetId privateIpAddress \
         elasticIpId elasticIpAddress primaryNetworkInterface description launchTime}",
        |asked| Ok(json!({"instance": shown(asked, instance(asked)?)})),
    ),
    change(
        VM,
        ("modifyInstanceAttribute", "POST", at!("/instances/{instanceId}:modifyInstanceAttribute")),
        &[],
        "name description",
        "",
        |change| {
            let id = instance(&change.asked())?.id.to_string();
            change.keep(&id, NAME, "name");
            change.keep(&id, DESCRIPTION, "description");
            Ok(json!({}))
        },
    ),
    change(
        VM,
        ("startInstance", "POST", at!("/instances/{instanceId}:startInstance")),
        &["start-instance"],
        "",
        "",
        |change| switch(change, "start-instance"),
    ),
    change(
        VM,
        ("stopInstance", "POST", at!("/instances/{instanceId}:stopInstance")),
        &["stop-instance"],
        "",
        "",
        |change| switch(change, "stop-instance"),
    ),
    change(
        VM,
        ("rebootInstance", "POST", at!("/instances/{instanceId}:rebootInstance")),
        &["reboot-instance"],
        "",
        "",
        |change| switch(change, "reboot-instance"),
    ),
    change(VM, ("deleteInstance", "DELETE", at!("/instances/{instanceId}")), &["delete-instance"], "", "", |change| {
        let name = instance(&change.asked())?.name.to_string();
        change.done(Call::DeleteInstance(DeleteInstance { name }))
    }),
];

fn is_in_sight(asked: &Asked<'_>, it: &Instance) -> bool {
    asked.is_mine(&it.account) && asked.is_in_sight(&it.subnet.vpc)
}

/// The instance of the request.
pub(super) fn instance<'a>(asked: &Asked<'a>) -> Result<&'a Instance, Refused> {
    let id = asked.parameters().needed("instanceId");
    let name = asked.cloud.with_id(ResourceKind::Instance, id).map(InstanceName::trusted);
    let found = name.and_then(|name| asked.cloud.instance(&name)).filter(|it| is_in_sight(asked, it));
    found.ok_or_else(|| asked.not_found(ResourceKind::Instance, id, "delete-instance"))
}

/// The instance with the network interface of the request.
pub(super) fn with_interface<'a>(asked: &Asked<'a>) -> Result<&'a Instance, Refused> {
    let id = asked.parameters().needed("networkInterfaceId");
    let mut mine = asked.cloud.instances().filter(|it| is_in_sight(asked, it));
    let found = mine.find(|it| interface_id(it) == id);
    found.ok_or_else(|| Refused::new(404, "NOT_FOUND", format!("There is no network interface {id}")))
}

fn switch(change: &mut Change<'_>, operation: &str) -> Result<Value, Refused> {
    let name = instance(&change.asked())?.name.to_string();
    change.operate(call(operation, &[("name", &name)]))?;
    Ok(json!({}))
}

fn create_instances(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let spec = |name: &str| parameters.get(&format!("instanceSpec.{name}"));
    const INTERFACE: &str = "primaryNetworkInterface.networkInterface";
    let count = parameters.number("maxCount", 1)?;
    if !(1..=100).contains(&count) {
        return Err(Refused::new(400, "INVALID_ARGUMENT", "maxCount is 1 to 100"));
    }
    let subnet = spec(&format!("{INTERFACE}.subnetId")).unwrap_or_default();
    let subnet = change.asked().subnet_with(subnet, "create-instance")?.name.to_string();
    let ip = spec(&format!("{INTERFACE}.primaryIpAddress")).map(str::to_owned);
    let groups = parameters.list(&format!("instanceSpec.{INTERFACE}.securityGroups"));
    let groups =
        groups.into_iter().map(|id| change.asked().group_with(id, "create-instance").map(|it| it.name.to_string()));
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    let name = spec("name").unwrap_or_default();
    let mut ids = Vec::new();
    for number in 0..count {
        let id = change.create(ResourceKind::Instance, |name| {
            let ip = ip.as_deref().filter(|_| number == 0).unwrap_or_default();
            let mut texts = vec![("name", &*name), ("subnet", &*subnet), ("ip", ip)];
            texts.extend(groups.iter().map(|group| ("security_group", &**group)));
            call("create-instance", &texts)
        })?;
        if parameters.has("instanceSpec.elasticIp") {
            let region = parameters.needed("regionId").to_owned();
            let (_, ip) = change.allocate_address(EIP, &region, None)?;
            let made = change.asked().instance_with(&id.0, "create-instance")?.name.to_string();
            change.bind_address(&made, ip)?;
        }
        // Of several, each has its number behind the name.
        let name = if count > 1 { format!("{name}{}", number + 1) } else { name.to_owned() };
        change.keep_word(&id.0, NAME, &name);
        for (word, parameter) in
            [("type", "instanceType"), ("image", "imageId"), ("zone", "az"), (DESCRIPTION, "description")]
        {
            change.keep_word(&id.0, word, spec(parameter).unwrap_or_default());
        }
        ids.push(id.to_string());
    }
    Ok(json!({"instanceIds": ids}))
}

fn text_of(asked: &Asked<'_>, it: &Instance, filter: &str) -> Option<String> {
    Some(match filter {
        "instanceId" | "instanceIds" => it.id.to_string(),
        "vpcId" => asked.vpc_id(&it.subnet.vpc),
        "subnetId" => asked.cloud.subnet(&it.subnet).map_or_else(String::new, |subnet| subnet.id.to_string()),
        "status" => status_of(it).to_owned(),
        "privateIpAddress" => it.ip.to_string(),
        "name" | "instanceName" => asked.label(&it.id, it.name.as_str()),
        _ => return None,
    })
}

/// The state of an instance.
fn status_of(instance: &Instance) -> &'static str {
    match instance.power {
        Power::Running => "running",
        Power::Stopped => "stopped",
    }
}

fn shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let word = |word: &str, usual: &str| asked.kept.word(&it.id.0, word).unwrap_or(usual).to_owned();
    let subnet = asked.cloud.subnet(&it.subnet).map_or_else(String::new, |subnet| subnet.id.to_string());
    let groups: Vec<_> = asked
        .cloud
        .groups_of(it)
        .iter()
        .map(|group| json!({"groupId": group.id.to_string(), "groupName": asked.label(&group.id, group.name.as_str())}))
        .collect();
    let region = asked.cloud.vpc(&it.subnet.vpc).map_or_else(String::new, |vpc| vpc.region.to_string());
    json!({
        "instanceId": it.id.to_string(),
        "instanceName": asked.label(&it.id, it.name.as_str()),
        "hostname": it.name.as_str(),
        "instanceType": word("type", "g.n2.medium"),
        "imageId": word("image", "img-peerlab"),
        "az": word("zone", &format!("{region}a")),
        "vpcId": asked.vpc_id(&it.subnet.vpc),
        "subnetId": subnet,
        "privateIpAddress": it.ip.to_string(),
        "elasticIpId": it.public_ip.map(|ip| asked.id_of_address(EIP, ip)),
        "elasticIpAddress": it.public_ip.map(|ip| ip.to_string()),
        "status": status_of(it),
        "description": asked.description(&it.id),
        "primaryNetworkInterface": {"networkInterface": {
            "networkInterfaceId": interface_id(it),
            "subnetId": subnet,
            "vpcId": asked.vpc_id(&it.subnet.vpc),
            "securityGroups": groups,
            "primaryIp": {
                "privateIpAddress": it.ip.to_string(),
                "elasticIpId": it.public_ip.map(|ip| asked.id_of_address(EIP, ip)),
                "elasticIpAddress": it.public_ip.map(|ip| ip.to_string()),
            },
        }},
        "launchTime": time::at_second(asked.kept.made(&it.id.0)),
    })
}
