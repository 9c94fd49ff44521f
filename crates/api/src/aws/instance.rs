//! Instances and their network interfaces.

use std::collections::BTreeMap;

use peerlab_cloud::{
    Call, DeleteInstance, Fault, Instance, JoinSecurityGroup, LeaveSecurityGroup, Power, ResourceKind, SecurityGroup,
};
use serde_json::{Value, json};

use super::list::{Listing, Wanted, page};
use super::vpc::{default_of, vpc_id};
use super::{change, derived, describe, done, group, image, invalid, list, subnet, tag};
use crate::action::{Action, Asked, Change};
use crate::made::call;
use crate::{Refused, time};

/// What starting and stopping give back.
const CHANGES: &str = "instancesSet[]: instanceId previousState{code name} currentState{code name}";

pub(super) const ACTIONS: &[Action] = &[
    change(
        "RunInstances",
        &["create-instance", "modify-instance"],
        "MinCount* MaxCount* ImageId InstanceType SubnetId PrivateIpAddress SecurityGroupId.N SecurityGroup.N \
         NetworkInterface.N.SubnetId NetworkInterface.N.PrivateIpAddress NetworkInterface.N.SecurityGroupId.N KeyName \
         TagSpecification.N ClientToken DryRun",
        "reservationId ownerId groupSet[] instancesSet[]",
        run_instances,
    ),
    list(
        "DescribeInstances",
        "InstanceId.N Filter.N MaxResults NextToken DryRun",
        &INSTANCES,
        "reservationSet[]: reservationId ownerId groupSet[] instancesSet[]{instanceId imageId instanceState{code name} \
         privateDnsName privateIpAddress ipAddress dnsName instanceType launchTime placement{availabilityZone} \
         monitoring{state} subnetId vpcId sourceDestCheck groupSet[]{groupId groupName} networkInterfaceSet[] \
         architecture rootDeviceType rootDeviceName virtualizationType hypervisor keyName amiLaunchIndex stateReason \
         tagSet[]}; nextToken",
        describe_instances,
    ),
    list(
        "DescribeInstanceStatus",
        "InstanceId.N IncludeAllInstances Filter.N MaxResults NextToken DryRun",
        &INSTANCES,
        "instanceStatusSet[]: instanceId availabilityZone instanceState{code name} systemStatus and \
         instanceStatus{status details[]{name status}}; nextToken",
        describe_instance_status,
    ),
    change("StartInstances", &["start-instance"], "InstanceId.N* DryRun", CHANGES, |change| {
        switch(change, "start-instance")
    }),
    change("StopInstances", &["stop-instance"], "InstanceId.N* Force DryRun", CHANGES, |change| {
        switch(change, "stop-instance")
    }),
    change("RebootInstances", &["reboot-instance"], "InstanceId.N* DryRun", "return", |change| {
        switch(change, "reboot-instance")?;
        done()
    }),
    change("TerminateInstances", &["delete-instance"], "InstanceId.N* DryRun", CHANGES, terminate),
    change(
        "ModifyInstanceAttribute",
        &["join-security-group", "leave-security-group", "modify-instance"],
        "InstanceId* GroupId.N SourceDestCheck.Value InstanceType.Value Attribute Value DryRun",
        "return",
        modify_attribute,
    ),
    describe(
        "DescribeInstanceAttribute",
        "InstanceId* Attribute* DryRun",
        "instanceId, and groupSet[] or the attribute{value}",
        describe_attribute,
    ),
    list(
        "DescribeNetworkInterfaces",
        "NetworkInterfaceId.N Filter.N MaxResults NextToken DryRun",
        &INTERFACES,
        "networkInterfaceSet[]: networkInterfaceId subnetId vpcId availabilityZone description ownerId status \
         macAddress privateIpAddress privateDnsName privateIpAddressesSet[] sourceDestCheck groupSet[] attachment \
         interfaceType tagSet[]; nextToken",
        |asked| INTERFACES.answer(asked),
    ),
];

pub(super) const INSTANCES: Listing = Listing {
    set: "instancesSet",
    ids: "InstanceId",
    id: "instanceId",
    unknown: "InvalidInstanceID.NotFound",
    filters: &[
        ("instance-id", "instanceId"),
        ("instance-state-name", "instanceState.name"),
        ("instance-state-code", "instanceState.code"),
        ("instance-type", "instanceType"),
        ("image-id", "imageId"),
        ("vpc-id", "vpcId"),
        ("network-interface.vpc-id", "networkInterfaceSet.vpcId"),
        ("subnet-id", "subnetId"),
        ("network-interface.subnet-id", "networkInterfaceSet.subnetId"),
        ("private-ip-address", "privateIpAddress"),
        (
            "network-interface.addresses.private-ip-address",
            "networkInterfaceSet.privateIpAddressesSet.privateIpAddress",
        ),
        ("network-interface.network-interface-id", "networkInterfaceSet.networkInterfaceId"),
        ("private-dns-name", "privateDnsName"),
        ("ip-address", "ipAddress"),
        ("dns-name", "dnsName"),
        ("instance.group-id", "groupSet.groupId"),
        ("group-id", "groupSet.groupId"),
        ("network-interface.group-id", "networkInterfaceSet.groupSet.groupId"),
        ("instance.group-name", "groupSet.groupName"),
        ("group-name", "groupSet.groupName"),
        ("network-interface.group-name", "networkInterfaceSet.groupSet.groupName"),
        ("availability-zone", "placement.availabilityZone"),
        ("tenancy", "placement.tenancy"),
        ("architecture", "architecture"),
        ("hypervisor", "hypervisor"),
        ("virtualization-type", "virtualizationType"),
        ("root-device-type", "rootDeviceType"),
        ("root-device-name", "rootDeviceName"),
        ("source-dest-check", "sourceDestCheck"),
        ("key-name", "keyName"),
        ("launch-time", "launchTime"),
        ("client-token", "clientToken"),
        ("owner-id", "networkInterfaceSet.ownerId"),
        ("monitoring-state", "monitoring.state"),
        ("reservation-id", "reservationId"),
        ("platform", "platform"),
        ("instance-lifecycle", "instanceLifecycle"),
        ("state-reason-code", "stateReason.code"),
    ],
    all: |asked, wanted| {
        let live: Vec<_> = match wanted {
            Wanted::Any => mine(asked).collect(),
            // Not all are read for a few.
            Wanted::These(ids) => {
                let found: BTreeMap<_, _> = ids.iter().filter_map(|id| Some((*id, with_id(asked, id)?))).collect();
                found.into_values().collect()
            }
        };
        live.into_iter().map(|it| shown(asked, it)).chain(terminated(asked, wanted)).collect()
    },
};

pub(super) const INTERFACES: Listing = Listing {
    set: "networkInterfaceSet",
    ids: "NetworkInterfaceId",
    id: "networkInterfaceId",
    unknown: "InvalidNetworkInterfaceID.NotFound",
    filters: &[
        ("network-interface-id", "networkInterfaceId"),
        ("vpc-id", "vpcId"),
        ("subnet-id", "subnetId"),
        ("availability-zone", "availabilityZone"),
        ("description", "description"),
        ("group-id", "groupSet.groupId"),
        ("group-name", "groupSet.groupName"),
        ("private-ip-address", "privateIpAddress"),
        ("addresses.private-ip-address", "privateIpAddressesSet.privateIpAddress"),
        ("addresses.primary", "privateIpAddressesSet.primary"),
        ("private-dns-name", "privateDnsName"),
        ("mac-address", "macAddress"),
        ("attachment.instance-id", "attachment.instanceId"),
        ("attachment.instance-owner-id", "attachment.instanceOwnerId"),
        ("attachment.attachment-id", "attachment.attachmentId"),
        ("attachment.device-index", "attachment.deviceIndex"),
        ("attachment.status", "attachment.status"),
        ("attachment.delete-on-termination", "attachment.deleteOnTermination"),
        ("attachment.attach-time", "attachment.attachTime"),
        ("interface-type", "interfaceType"),
        ("owner-id", "ownerId"),
        ("requester-id", "requesterId"),
        ("requester-managed", "requesterManaged"),
        ("source-dest-check", "sourceDestCheck"),
        ("association.public-ip", "association.publicIp"),
        ("association.allocation-id", "association.allocationId"),
        ("status", "status"),
    ],
    all: |asked, wanted| {
        let all = mine(asked).filter(|it| wanted.takes(&interface_id(it)));
        let whole = |it: &Instance| {
            let mut shown = interface_shown(asked, it);
            shown["availabilityZone"] = zone_of(asked, it).into();
            shown["requesterManaged"] = false.into();
            shown["tagSet"] = tag::shown(asked, &interface_id(it), "");
            shown["attachment"]["instanceId"] = it.id.to_string().into();
            shown["attachment"]["instanceOwnerId"] = asked.account_id(&it.account).into();
            shown
        };
        all.map(whole).collect()
    },
};

/// The caller's instances in the request's region.
fn mine<'a>(asked: &Asked<'a>) -> impl Iterator<Item = &'a Instance> {
    asked.cloud.instances().filter(|it| asked.is_mine(&it.account) && asked.is_in_sight(&it.subnet.vpc))
}

/// The caller's instance with this id.
fn with_id<'a>(asked: &Asked<'a>, id: &str) -> Option<&'a Instance> {
    asked.instance_with(id, "delete-instance").ok()
}

/// The id of an instance's network interface.
pub(super) fn interface_id(it: &Instance) -> String {
    derived("eni-", &[&it.id.0])
}

/// The instance with this network interface.
pub(super) fn with_interface<'a>(asked: &Asked<'a>, id: &str) -> Result<&'a Instance, Refused> {
    mine(asked).find(|it| interface_id(it) == id).ok_or_else(|| INTERFACES.not_found(id))
}

/// A state: its code and its name.
fn state(power: Power) -> Value {
    match power {
        Power::Running => json!({"code": 16, "name": "running"}),
        Power::Stopped => json!({"code": 80, "name": "stopped"}),
    }
}

fn zone_of(asked: &Asked<'_>, it: &Instance) -> String {
    asked.cloud.subnet(&it.subnet).map_or_else(String::new, |subnet| subnet::zone_of(asked, subnet))
}

fn subnet_id(asked: &Asked<'_>, it: &Instance) -> String {
    asked.cloud.subnet(&it.subnet).map_or_else(String::new, |subnet| subnet.id.to_string())
}

fn groups_shown(asked: &Asked<'_>, it: &Instance) -> Vec<Value> {
    let shown = |it: &&SecurityGroup| json!({"groupId": it.id.to_string(), "groupName": group::name_of(asked, it)});
    asked.cloud.groups_of(it).iter().map(shown).collect()
}

fn dns_name(asked: &Asked<'_>, it: &Instance) -> String {
    let name = format!("ip-{}", it.ip.to_string().replace('.', "-"));
    match asked.region(&it.subnet.vpc) {
        "us-east-1" => format!("{name}.ec2.internal"),
        region => format!("{name}.{region}.compute.internal"),
    }
}

fn interface_shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let dns = dns_name(asked, it);
    let association =
        it.public_ip.map(|ip| json!({"publicIp": ip.to_string(), "ipOwnerId": "amazon", "publicDnsName": ""}));
    // As the kernel's link has it: peerlab derives it from the address.
    let [a, b, c, d] = it.ip.octets();
    json!({
        "networkInterfaceId": interface_id(it),
        "subnetId": subnet_id(asked, it),
        "vpcId": vpc_id(asked, &it.subnet.vpc),
        "description": "",
        "ownerId": asked.account_id(&it.account),
        "status": "in-use",
        "macAddress": format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}"),
        "privateIpAddress": it.ip.to_string(),
        "privateDnsName": dns,
        "sourceDestCheck": !it.forwards,
        "interfaceType": "interface",
        "groupSet": groups_shown(asked, it),
        "ipv6AddressesSet": [],
        "association": association,
        "attachment": {
            "attachmentId": derived("eni-attach-", &[&it.id.0]),
            "deviceIndex": 0,
            "networkCardIndex": 0,
            "status": "attached",
            "attachTime": time::at_second(asked.kept.made(&it.id.0)),
            "deleteOnTermination": true,
        },
        "privateIpAddressesSet": [
            {"privateIpAddress": it.ip.to_string(), "privateDnsName": dns, "primary": true, "association": association},
        ],
    })
}

fn shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let word = |word: &str, usual: &str| asked.kept.word(&it.id.0, word).unwrap_or(usual).to_owned();
    let stopped = it.power == Power::Stopped;
    json!({
        "instanceId": it.id.to_string(),
        "reservationId": word(RESERVATION, &derived("r-", &[&it.id.0])),
        "imageId": word("image", image::USUAL),
        "instanceState": state(it.power),
        "privateDnsName": dns_name(asked, it),
        "privateIpAddress": it.ip.to_string(),
        "ipAddress": it.public_ip.map(|ip| ip.to_string()),
        "dnsName": "",
        "reason": "",
        "stateReason": stopped.then(|| json!({"code": "Client.UserInitiatedShutdown", "message": "Client.UserInitiatedShutdown: User initiated shutdown"})),
        "keyName": asked.kept.word(&it.id.0, "key"),
        "amiLaunchIndex": word("index", "0").parse::<u32>().unwrap_or_default(),
        "productCodes": [],
        "instanceType": word("type", "t3.micro"),
        "launchTime": time::at_second(asked.kept.made(&it.id.0)),
        "placement": {"availabilityZone": zone_of(asked, it), "groupName": "", "tenancy": "default"},
        "monitoring": {"state": "disabled"},
        "subnetId": subnet_id(asked, it),
        "vpcId": vpc_id(asked, &it.subnet.vpc),
        "sourceDestCheck": !it.forwards,
        "groupSet": groups_shown(asked, it),
        "networkInterfaceSet": [interface_shown(asked, it)],
        "architecture": "x86_64",
        "rootDeviceType": "ebs",
        "rootDeviceName": "/dev/xvda",
        "blockDeviceMapping": [],
        "virtualizationType": "hvm",
        "hypervisor": "xen",
        "clientToken": word("token", ""),
        "ebsOptimized": false,
        "enaSupport": true,
        "cpuOptions": {"coreCount": 1, "threadsPerCore": 2},
        "platformDetails": "Linux/UNIX",
        "usageOperation": "RunInstances",
        "tagSet": tag::shown(asked, &it.id.0, it.name.as_str()),
    })
}

/// The word with the reservation of an instance.
const RESERVATION: &str = "reservation";
/// How long a terminated instance is seen, in seconds.
const SEEN: i64 = 3_600;

/// The key under which an account's terminated instances are kept.
fn key_of_terminated(asked: &Asked<'_>) -> String {
    format!("terminated by {}", asked.caller.account)
}

/// Instances that were terminated within the last hour.
fn terminated(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Vec<Value> {
    let all = asked.kept.words(&key_of_terminated(asked), "");
    let read = |(id, text): (&str, &str)| {
        let kept: Value = serde_json::from_str(text).ok()?;
        let [shown, region, at] = ["shown", "region", "at"].map(|member| kept[member].clone());
        let here = region == *super::region::here(asked) && asked.caller.now - at.as_i64()? < SEEN;
        // A step may have made an instance with its id again.
        let is_gone = asked.cloud.with_id(ResourceKind::Instance, id).is_none();
        (here && is_gone).then_some(shown)
    };
    all.into_iter().filter(|(id, _)| wanted.takes(id)).filter_map(read).collect()
}

/// Puts instances into their reservations, which are shown in the order of the instances.
fn reservations(asked: &Asked<'_>, all: Vec<Value>) -> Vec<Value> {
    let owner = asked.account_id(asked.caller.account);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut sets: Vec<(String, Vec<Value>)> = Vec::new();
    for mut it in all {
        let id = match &mut it {
            Value::Object(members) => members.remove("reservationId").and_then(|id| Some(id.as_str()?.to_owned())),
            _ => None,
        };
        let id = id.unwrap_or_default();
        let place = *places.entry(id.clone()).or_insert_with(|| {
            sets.push((id, Vec::new()));
            sets.len() - 1
        });
        sets[place].1.push(it);
    }
    let index = |it: &Value| it["amiLaunchIndex"].as_u64();
    let whole = |(id, mut instances): (String, Vec<Value>)| {
        instances.sort_by_key(index);
        json!({"reservationId": id, "ownerId": owner, "groupSet": [], "instancesSet": instances})
    };
    sets.into_iter().map(whole).collect()
}

fn describe_instances(asked: &Asked<'_>) -> Result<Value, Refused> {
    let reply = INSTANCES.answer(asked)?;
    let all = reply[INSTANCES.set].as_array().cloned().unwrap_or_default();
    Ok(json!({"reservationSet": reservations(asked, all), "nextToken": reply["nextToken"]}))
}

fn describe_instance_status(asked: &Asked<'_>) -> Result<Value, Refused> {
    let all = asked.parameters().is_set("IncludeAllInstances");
    let chosen = INSTANCES.chosen(asked)?.into_iter();
    let chosen = chosen.filter(|it| all || it["instanceState"]["name"] == "running");
    let status = |it: Value| {
        let runs = it["instanceState"]["name"] == "running";
        let word = if runs { "ok" } else { "not-applicable" };
        let details = if runs { json!([{"name": "reachability", "status": "passed"}]) } else { json!([]) };
        json!({
            "instanceId": it["instanceId"],
            "availabilityZone": it["placement"]["availabilityZone"],
            "instanceState": it["instanceState"],
            "systemStatus": {"status": word, "details": details},
            "instanceStatus": {"status": word, "details": details},
        })
    };
    page(asked.parameters(), "instanceStatusSet", chosen.map(status).collect())
}

/// Where a request wants its instances.
struct Place {
    subnet: String,
    ip: Option<String>,
    groups: Vec<String>,
}

fn place(asked: &Asked<'_>) -> Result<Place, Refused> {
    let parameters = asked.parameters();
    let interfaces = parameters.parts("NetworkInterface");
    if interfaces.len() > 1 {
        let message = "Instances of peerlab have one network interface.";
        return Err(Refused::new(400, "InvalidParameterValue", message));
    }
    let of = interfaces.first().unwrap_or(parameters);
    let default = || default_of(asked).and_then(|vpc| asked.cloud.subnets_of(&vpc.name).next());
    let subnet = match of.get("SubnetId").or_else(|| parameters.get("SubnetId")) {
        Some(id) => subnet_with(asked, id)?,
        None => default().ok_or_else(|| {
            let message = "No subnets found for the default VPC. Please specify a subnet.";
            Refused::new(400, "MissingInput", message)
        })?,
    };
    let mut groups = Vec::new();
    for id in of.list("SecurityGroupId").into_iter().chain(parameters.list("SecurityGroupId")) {
        groups.push(asked.group_with(id, "create-instance")?.name.to_string());
    }
    for name in of.list("SecurityGroup").into_iter().chain(parameters.list("SecurityGroup")) {
        let mut all = asked.cloud.security_groups().filter(|it| it.vpc == subnet.name.vpc);
        let found = all.find(|it| group::name_of(asked, it) == name).ok_or_else(|| group::GROUPS.not_found(name))?;
        groups.push(found.name.to_string());
    }
    groups.sort();
    groups.dedup();
    let first = of.parts("PrivateIpAddresses").first().and_then(|it| it.text("PrivateIpAddress"));
    Ok(Place { subnet: subnet.name.to_string(), ip: of.text("PrivateIpAddress").or(first), groups })
}

fn subnet_with<'a>(asked: &Asked<'a>, id: &str) -> Result<&'a peerlab_cloud::Subnet, Refused> {
    let name = asked.cloud.with_id(ResourceKind::Subnet, id).and_then(|name| name.parse().ok());
    let found = name.and_then(|name| asked.cloud.subnet(&name));
    found.filter(|it| asked.is_in_sight(&it.name.vpc)).ok_or_else(|| subnet::SUBNETS.not_found(id))
}

fn run_instances(change: &mut Change<'_>) -> Result<Value, Refused> {
    tag::check(change, &["instance", "volume", "network-interface", "spot-instances-request"])?;
    let parameters = change.parameters();
    let (least, most) = (parameters.number("MinCount", 1)?, parameters.number("MaxCount", 1)?);
    if least < 1 || most < least || most > 100 {
        return Err(invalid(&format!("{least}, {most}"), "MinCount, MaxCount", "They are 1 to 100, in this order."));
    }
    let (place, image) = (place(&change.asked())?, image::of_request(&change.asked())?);
    if place.ip.is_some() && most > 1 {
        let message = "A private IP address cannot be specified with more than one instance.";
        return Err(Refused::new(400, "InvalidParameterCombination", message));
    }
    let mut made: Vec<String> = Vec::new();
    for number in 0..most {
        let id = change.create(ResourceKind::Instance, |name| {
            let ip = place.ip.as_deref().unwrap_or_default();
            let mut texts = vec![("name", &*name), ("subnet", &*place.subnet), ("ip", ip)];
            texts.extend(place.groups.iter().map(|group| ("security_group", &**group)));
            call("create-instance", &texts)
        });
        // As many as there is room for, but not fewer than the request takes.
        let id = match id {
            Err(refused) if made.len() >= least && is_for_want(change, &refused) => break,
            id => id?,
        };
        let first = made.first().unwrap_or(&id.to_string()).clone();
        change.keep_word(&id.0, RESERVATION, &derived("r-", &[&first]));
        change.keep_word(&id.0, "index", &number.to_string());
        change.keep_word(&id.0, "image", &image);
        for (word, parameter) in [("type", "InstanceType"), ("key", "KeyName"), ("token", "ClientToken")] {
            change.keep(&id.0, word, parameter);
        }
        tag::keep(change, &id.0, "instance")?;
        let interface = derived("eni-", &[&id.0]);
        tag::keep(change, &interface, "network-interface")?;
        made.push(id.to_string());
    }
    let asked = change.asked();
    let all = (INSTANCES.all)(&asked, &Wanted::These(&made.iter().map(|id| &**id).collect::<Vec<_>>()));
    let reservation = reservations(&asked, all).into_iter().next();
    reservation.ok_or_else(|| super::DIALECT.failed("Nothing was made."))
}

/// Whether an instance was refused because a subnet is full.
fn is_for_want(change: &Change<'_>, refused: &Refused) -> bool {
    refused.code == change.cloud().provider().code(Fault::QuotaExceeded, "create-instance").to_string()
}

/// Starts, stops or reboots the request's instances.
fn switch(change: &mut Change<'_>, operation: &'static str) -> Result<Value, Refused> {
    let mut changes = Vec::new();
    for id in change.parameters().list("InstanceId") {
        let asked = change.asked();
        if !terminated(&asked, &Wanted::These(&[id])).is_empty() {
            let message = format!("The instance '{id}' is not in a state from which it can be started or stopped.");
            return Err(Refused::new(400, "IncorrectInstanceState", message));
        }
        let it = asked.instance_with(id, "delete-instance")?;
        let (name, before) = (it.name.to_string(), it.power);
        let already =
            matches!((operation, before), ("start-instance", Power::Running) | ("stop-instance", Power::Stopped));
        if !already {
            change.operate(call(operation, &[("name", &name)]))?;
        }
        let now = change.asked().instance_with(id, "delete-instance")?.power;
        changes.push(json!({"instanceId": id, "previousState": state(before), "currentState": state(now)}));
    }
    Ok(json!({"instancesSet": changes}))
}

/// Terminates the request's instances; they are seen for an hour.
fn terminate(change: &mut Change<'_>) -> Result<Value, Refused> {
    let gone = json!({"code": 48, "name": "terminated"});
    let mut changes = Vec::new();
    for id in change.parameters().list("InstanceId") {
        let asked = change.asked();
        if !terminated(&asked, &Wanted::These(&[id])).is_empty() {
            changes.push(json!({"instanceId": id, "previousState": gone, "currentState": gone}));
            continue;
        }
        let it = asked.instance_with(id, "delete-instance")?;
        let (name, before) = (it.name.to_string(), state(it.power));
        let mut last = shown(&asked, it);
        last["instanceState"] = gone.clone();
        last["stateReason"] = json!({"code": "Client.UserInitiatedShutdown", "message": "Client.UserInitiatedShutdown: User initiated shutdown"});
        // It has let go of its place.
        for member in ["privateIpAddress", "ipAddress", "subnetId", "vpcId"] {
            last[member] = Value::Null;
        }
        for member in ["groupSet", "networkInterfaceSet"] {
            last[member] = json!([]);
        }
        let kept = json!({"shown": last, "region": super::region::here(&asked), "at": asked.caller.now});
        let key = key_of_terminated(&asked);
        change.operate(Call::DeleteInstance(DeleteInstance { name }))?;
        change.keep_word(&key, id, &kept.to_string());
        changes.push(json!({"instanceId": id, "previousState": before, "currentState": gone}));
    }
    Ok(json!({"instancesSet": changes}))
}

fn modify_attribute(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let asked = change.asked();
    let id = parameters.needed("InstanceId");
    let it = asked.instance_with(id, "delete-instance")?;
    let name = it.name.to_string();
    let groups = parameters.list("GroupId");
    if !groups.is_empty() {
        let mut wanted = Vec::new();
        for id in &groups {
            wanted.push(asked.group_with(id, "join-security-group")?.name.to_string());
        }
        // The default group is what an instance without another has; it is not joined beside others.
        let own: Vec<_> = it.groups.iter().map(ToString::to_string).collect();
        let default =
            |name: &String| asked.cloud.groups_of(it).iter().any(|it| it.is_default() && it.name.as_str() == name);
        let joined: Vec<_> =
            wanted.iter().filter(|it| !(own.contains(it) || wanted.len() == 1 && default(it))).cloned().collect();
        let left: Vec<_> = own.into_iter().filter(|it| !wanted.contains(it)).collect();
        for group in joined {
            change.operate(Call::JoinSecurityGroup(JoinSecurityGroup { instance: name.clone(), group }))?;
        }
        for group in left {
            change.operate(Call::LeaveSecurityGroup(LeaveSecurityGroup { instance: name.clone(), group }))?;
        }
    }
    let named =
        |attribute: &str| (parameters.get("Attribute") == Some(attribute)).then(|| parameters.get("Value")).flatten();
    if let Some(check) = parameters.get("SourceDestCheck.Value").or_else(|| named("sourceDestCheck")) {
        let forwards = !check.eq_ignore_ascii_case("true");
        change.operate(call("modify-instance", &[("name", &name), ("forwards", &forwards.to_string())]))?;
    }
    if let Some(kind) = parameters.get("InstanceType.Value").or_else(|| named("instanceType")) {
        if change.asked().instance_with(id, "delete-instance")?.power == Power::Running {
            let message = format!("The instance '{id}' is not in the 'stopped' state.");
            return Err(Refused::new(400, "IncorrectInstanceState", message));
        }
        change.keep_word(id, "type", kind);
    }
    done()
}

fn describe_attribute(asked: &Asked<'_>) -> Result<Value, Refused> {
    let id = asked.parameters().needed("InstanceId");
    let shown = shown(asked, asked.instance_with(id, "delete-instance")?);
    let attribute = asked.parameters().needed("Attribute");
    let value = match attribute {
        "groupSet" => return Ok(json!({"instanceId": id, "groupSet": shown["groupSet"]})),
        "instanceType" | "sourceDestCheck" | "rootDeviceName" | "ebsOptimized" | "enaSupport" => {
            shown[attribute].clone()
        }
        "disableApiTermination" | "disableApiStop" => false.into(),
        "instanceInitiatedShutdownBehavior" => "stop".into(),
        "userData" | "kernel" | "ramdisk" | "sriovNetSupport" => Value::Null,
        "blockDeviceMapping" | "productCodes" => return Ok(json!({"instanceId": id, attribute: []})),
        other => return Err(invalid(other, "attribute", "There is no such attribute.")),
    };
    let value = if value.is_null() { json!({}) } else { json!({"value": value}) };
    Ok(json!({"instanceId": id, attribute: value}))
}
