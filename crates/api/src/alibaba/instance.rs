//! Instances.

use peerlab_cloud::{Call, DeleteInstance, Instance, Power, ResourceKind};
use serde_json::{Value, json};

use super::row::{ECS, EIP, PAGES_OF_ECS, change, describe, fits, keep_words, listed};
use super::zone::zone_of;
use crate::action::{Action, Asked, Change};
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        ECS,
        "RunInstances",
        &["create-instance"],
        "RegionId* VSwitchId* SecurityGroupId SecurityGroupIds.N PrivateIpAddress InternetMaxBandwidthOut InstanceName \
         Description Amount ImageId InstanceType UserData ClientToken DryRun",
        "InstanceIdSets.InstanceIdSet[]",
        run_instances,
    ),
    change(
        ECS,
        "CreateInstance",
        &["create-instance", "stop-instance"],
        "RegionId* InstanceType* VSwitchId* SecurityGroupId PrivateIpAddress InstanceName Description ImageId \
         UserData ClientToken DryRun",
        "InstanceId",
        create_instance,
    ),
    change(ECS, "StartInstance", &["start-instance"], "RegionId InstanceId* DryRun", "", |change| {
        switch(change, "start-instance", &[change.parameters().needed("InstanceId")])
    }),
    change(ECS, "StopInstance", &["stop-instance"], "RegionId InstanceId* ForceStop DryRun", "", |change| {
        switch(change, "stop-instance", &[change.parameters().needed("InstanceId")])
    }),
    change(
        ECS,
        "StartInstances",
        &["start-instance"],
        "RegionId* InstanceId.N* DryRun",
        "InstanceResponses.InstanceResponse[]: InstanceId Code Message PreviousStatus CurrentStatus",
        |change| switch_all(change, "start-instance"),
    ),
    change(
        ECS,
        "StopInstances",
        &["stop-instance"],
        "RegionId* InstanceId.N* ForceStop DryRun",
        "InstanceResponses.InstanceResponse[]: InstanceId Code Message PreviousStatus CurrentStatus",
        |change| switch_all(change, "stop-instance"),
    ),
    change(ECS, "RebootInstance", &["reboot-instance"], "RegionId InstanceId* ForceStop DryRun", "", |change| {
        switch(change, "reboot-instance", &[change.parameters().needed("InstanceId")])
    }),
    change(ECS, "DeleteInstance", &["delete-instance"], "RegionId InstanceId* Force", "", |change| {
        delete_instances(change, &[change.parameters().needed("InstanceId")])
    }),
    change(
        ECS,
        "DeleteInstances",
        &["delete-instance"],
        "RegionId* InstanceId.N* Force ClientToken DryRun",
        "",
        |change| delete_instances(change, &change.parameters().list("InstanceId")),
    ),
    change(ECS, "ModifyInstanceAttribute", &[], "RegionId InstanceId* InstanceName Description", "", |change| {
        let id = change.parameters().needed("InstanceId");
        change.asked().instance_with(id, "delete-instance")?;
        keep_words(change, id, "InstanceName")
    }),
    describe(
        ECS,
        "DescribeInstances",
        "RegionId* InstanceIds VpcId VSwitchId SecurityGroupId InstanceName Status PrivateIpAddresses PageNumber PageSize \
         NextToken MaxResults",
        "Instances.Instance[]: InstanceId InstanceName Description Status RegionId ZoneId InstanceType ImageId \
         VpcAttributes{VpcId VSwitchId PrivateIpAddress.IpAddress[]} SecurityGroupIds.SecurityGroupId[] \
         PublicIpAddress.IpAddress[] EipAddress{AllocationId IpAddress} CreationTime; TotalCount PageNumber PageSize \
         NextToken",
        describe_instances,
    ),
    describe(
        ECS,
        "DescribeInstanceStatus",
        "RegionId* InstanceId.N PageNumber PageSize",
        "InstanceStatuses.InstanceStatus[]: InstanceId Status; TotalCount PageNumber PageSize",
        describe_instance_status,
    ),
    describe(ECS, "DescribeInstanceAttribute", "RegionId InstanceId*", "an instance of DescribeInstances", |asked| {
        let id = asked.parameters().needed("InstanceId");
        Ok(instance_shown(asked, asked.instance_with(id, "delete-instance")?))
    }),
    // No lab has disks.
    describe(
        ECS,
        "DescribeDisks",
        "RegionId* InstanceId PageNumber PageSize NextToken MaxResults",
        "Disks.Disk[]; TotalCount PageNumber PageSize",
        |asked| Ok(listed("Disks", "Disk", PAGES_OF_ECS.page(asked.parameters(), Vec::<Value>::new())?, Value::clone)),
    ),
    describe(ECS, "DescribeUserData", "RegionId InstanceId*", "InstanceId RegionId UserData", |asked| {
        let it = asked.instance_with(asked.parameters().needed("InstanceId"), "delete-instance")?;
        let data = asked.kept.word(&it.id.0, "user-data").unwrap_or_default();
        Ok(json!({"InstanceId": it.id.to_string(), "RegionId": asked.region(&it.subnet.vpc), "UserData": data}))
    }),
];

/// The names of the request's groups.
fn groups(change: &Change<'_>, operation: &str) -> Result<Vec<String>, Refused> {
    let parameters = change.parameters();
    let mut ids = parameters.list("SecurityGroupIds");
    ids.extend(parameters.get("SecurityGroupId").filter(|id| !id.is_empty()));
    ids.dedup();
    ids.into_iter().map(|id| change.asked().group_with(id, operation).map(|group| group.name.to_string())).collect()
}

/// Creates one instance of the request; the name and the address are for the first of several. One that runs at once gets
/// a public address if the request wants a bandwidth to the internet.
fn create(change: &mut Change<'_>, number: usize, amount: usize, runs: bool) -> Result<String, Refused> {
    let parameters = change.parameters();
    let subnet = change.asked().subnet("VSwitchId", "create-instance")?.name.to_string();
    let groups = groups(change, "create-instance")?;
    let is_public = parameters.number("InternetMaxBandwidthOut", 0)? > 0 && runs;
    let free = if is_public { Some(change.asked().free_public_address()?) } else { None };
    let public = free.map_or_else(String::new, |ip| ip.to_string());
    let id = change.create(ResourceKind::Instance, |name| {
        let ip = parameters.get("PrivateIpAddress").filter(|_| number == 0).unwrap_or_default();
        let mut texts = vec![("name", &*name), ("subnet", &*subnet), ("ip", ip), ("public_ip", &public)];
        texts.extend(groups.iter().map(|group| ("security_group", &**group)));
        call("create-instance", &texts)
    })?;
    if let Some(ip) = free {
        change.keep_automatic_address(&id.0, ip);
    }
    let name = parameters.get("InstanceName").unwrap_or_default();
    let is_one_of = parameters.is_set("UniqueSuffix") && amount > 1;
    let name = if is_one_of { format!("{name}{:03}", number + 1) } else { name.to_owned() };
    change.keep_word(&id.0, NAME, &name);
    change.keep(&id.0, DESCRIPTION, "Description");
    for (word, parameter) in
        [("type", "InstanceType"), ("image", "ImageId"), ("host", "HostName"), ("user-data", "UserData")]
    {
        change.keep(&id.0, word, parameter);
    }
    Ok(id.to_string())
}

fn run_instances(change: &mut Change<'_>) -> Result<Value, Refused> {
    let amount = change.parameters().number("Amount", 1)?;
    if !(1..=100).contains(&amount) {
        return Err(Refused::new(400, "InvalidAmount", "The specified Amount is not valid: 1 to 100."));
    }
    let ids = (0..amount).map(|number| create(change, number, amount, true)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({"InstanceIdSets": {"InstanceIdSet": ids}, "OrderId": "", "TradePrice": 0.0}))
}

fn create_instance(change: &mut Change<'_>) -> Result<Value, Refused> {
    let id = create(change, 0, 1, false)?;
    change.operate(call("stop-instance", &[("name", &id)]))?;
    Ok(json!({"InstanceId": id}))
}

/// Starts or stops instances.
fn switch(change: &mut Change<'_>, operation: &'static str, ids: &[&str]) -> Result<Value, Refused> {
    for id in ids {
        let name = change.asked().instance_with(id, "delete-instance")?.name.to_string();
        change.operate(call(operation, &[("name", &name)]))?;
    }
    Ok(json!({}))
}

fn switch_all(change: &mut Change<'_>, operation: &'static str) -> Result<Value, Refused> {
    let ids = change.parameters().list("InstanceId");
    let status = |change: &Change<'_>, id: &str| {
        let asked = change.asked();
        asked.instance_with(id, "delete-instance").map(|it| status_of(it).to_owned())
    };
    let before = ids.iter().map(|id| status(change, id)).collect::<Result<Vec<_>, _>>()?;
    switch(change, operation, &ids)?;
    let responses = ids.iter().zip(before).map(|(id, before)| {
        let now = status(change, id)?;
        Ok(json!({"InstanceId": id, "Code": "200", "Message": "success", "PreviousStatus": before, "CurrentStatus": now}))
    });
    let responses = responses.collect::<Result<Vec<_>, Refused>>()?;
    Ok(json!({"InstanceResponses": {"InstanceResponse": responses}}))
}

fn delete_instances(change: &mut Change<'_>, ids: &[&str]) -> Result<Value, Refused> {
    for id in ids {
        let found = change.asked().instance_with(id, "delete-instance")?;
        if status_of(found) != "Stopped" && !change.parameters().is_set("Force") {
            let message = "The current status of the resource does not support this operation: stop it, or set Force.";
            return Err(Refused::new(403, "IncorrectInstanceStatus", message));
        }
        let name = change.asked().instance_with(id, "delete-instance")?.name.to_string();
        change.operate(Call::DeleteInstance(DeleteInstance { name }))?;
    }
    Ok(json!({}))
}

/// The state of an instance.
fn status_of(instance: &Instance) -> &'static str {
    match instance.power {
        Power::Running => "Running",
        Power::Stopped => "Stopped",
    }
}

fn describe_instances(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let (ids, addresses) = (parameters.json_list("InstanceIds")?, parameters.json_list("PrivateIpAddresses")?);
    let group = parameters.get("SecurityGroupId");
    let all = asked.cloud.instances().filter(|it| {
        let in_group = |id: &str| asked.cloud.groups_of(it).iter().any(|group| *group.id.0 == *id);
        asked.is_mine(&it.account)
            && asked.is_in_sight(&it.subnet.vpc)
            && !parameters.has("Tag")
            && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| **id == *it.id.0))
            && addresses.as_ref().is_none_or(|all| all.contains(&it.ip.to_string()))
            && parameters.fits("VpcId", asked.cloud.vpc(&it.subnet.vpc).map_or("", |vpc| &vpc.id.0))
            && parameters.fits("VSwitchId", asked.cloud.subnet(&it.subnet).map_or("", |subnet| &subnet.id.0))
            && parameters.fits("Status", status_of(it))
            && parameters.get("InstanceName").is_none_or(|name| fits(name, &asked.label(&it.id, it.name.as_str())))
            && group.is_none_or(in_group)
    });
    let page = PAGES_OF_ECS.page(parameters, all.collect())?;
    let next = page.next.clone().unwrap_or_default();
    let mut reply = listed("Instances", "Instance", page, |it| instance_shown(asked, it));
    reply["NextToken"] = next.into();
    Ok(reply)
}

fn instance_shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let cloud = asked.cloud;
    let (vpc, subnet) = (cloud.vpc(&it.subnet.vpc), cloud.subnet(&it.subnet));
    let groups: Vec<_> = cloud.groups_of(it).iter().map(|group| group.id.to_string()).collect();
    let word = |word: &str, usual: &str| asked.kept.word(&it.id.0, word).unwrap_or(usual).to_owned();
    let none = || json!({"AllocationId": "", "IpAddress": ""});
    let (public, bound) = match it.public_ip {
        Some(ip) if asked.has_automatic_address(it) => (vec![ip.to_string()], none()),
        Some(ip) => {
            (vec![], json!({"AllocationId": asked.id_of_address(EIP, ip), "IpAddress": ip.to_string(), "Bandwidth": 5}))
        }
        None => (vec![], none()),
    };
    json!({
        "InstanceId": it.id.to_string(),
        "InstanceName": asked.label(&it.id, it.name.as_str()),
        "HostName": word("host", it.name.as_str()),
        "Description": asked.description(&it.id),
        "Status": status_of(it),
        "RegionId": asked.region(&it.subnet.vpc),
        "ZoneId": subnet.map_or_else(String::new, |subnet| zone_of(asked, subnet)),
        "InstanceType": word("type", "ecs.t6-c1m1.large"),
        "ImageId": word("image", "peerlab"),
        "InstanceNetworkType": "vpc",
        "InstanceChargeType": "PostPaid",
        "VpcAttributes": {
            "VpcId": vpc.map_or_else(String::new, |vpc| vpc.id.to_string()),
            "VSwitchId": subnet.map_or_else(String::new, |subnet| subnet.id.to_string()),
            "PrivateIpAddress": {"IpAddress": [it.ip.to_string()]},
            "NatIpAddress": "",
        },
        "InnerIpAddress": {"IpAddress": []},
        "PublicIpAddress": {"IpAddress": public},
        "EipAddress": bound,
        "SecurityGroupIds": {"SecurityGroupId": groups},
        "CreationTime": time::at_minute(asked.kept.made(&it.id.0)),
        "StartTime": time::at_minute(asked.kept.made(&it.id.0)),
    })
}

fn describe_instance_status(asked: &Asked<'_>) -> Result<Value, Refused> {
    let ids = asked.parameters().list("InstanceId");
    let all = asked.cloud.instances().filter(|it| {
        asked.is_mine(&it.account) && asked.is_in_sight(&it.subnet.vpc) && (ids.is_empty() || ids.contains(&&*it.id.0))
    });
    let page = PAGES_OF_ECS.page(asked.parameters(), all.collect())?;
    Ok(listed(
        "InstanceStatuses",
        "InstanceStatus",
        page,
        |it| json!({"InstanceId": it.id.to_string(), "Status": status_of(it)}),
    ))
}
