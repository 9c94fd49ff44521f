//! Instances and their network interfaces.

use std::collections::BTreeMap;

use peerlab_cloud::{
    Call, DeleteInstance, Fault, Instance, JoinSecurityGroup, LeaveSecurityGroup, Power, ResourceKind, Subnet,
};
use serde_json::{Value, json};

use super::interface::{dns_name, groups_shown, interface_shown, mine, public_dns_name, zone_of};
use super::list::{Listing, Wanted, page};
use super::refused::invalid;
use super::row::{change, describe, done, list};
use super::vpc::default_of;
use super::{gone, group, image, region, subnet, tagged};
use crate::action::{Action, Asked, Change};
use crate::aside::Aside;
use crate::derived::derived;
use crate::made::call;
use crate::{Refused, time};

/// What starting and stopping give back.
const CHANGES: &str = "instancesSet[]: instanceId previousState{code name} currentState{code name}";

pub(super) const ACTIONS: &[Action] = &[
    change(
        "RunInstances",
        &["create-instance", "modify-instance"],
        "MinCount* MaxCount* ImageId InstanceType SubnetId PrivateIpAddress SecurityGroupId.N SecurityGroup.N \
         NetworkInterface.N.SubnetId NetworkInterface.N.PrivateIpAddress NetworkInterface.N.SecurityGroupId.N \
         NetworkInterface.N.AssociatePublicIpAddress KeyName Placement.AvailabilityZone UserData \
         Monitoring.Enabled EbsOptimized DisableApiTermination DisableApiStop InstanceInitiatedShutdownBehavior \
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
    change("TerminateInstances", &["delete-instance"], "InstanceId.N DryRun", CHANGES, terminate),
    change(
        "ModifyInstanceAttribute",
        &["join-security-group", "leave-security-group", "modify-instance"],
        "InstanceId* GroupId.N SourceDestCheck.Value InstanceType.Value DisableApiTermination.Value DisableApiStop.Value \
         InstanceInitiatedShutdownBehavior.Value EbsOptimized.Value UserData.Value Attribute Value DryRun",
        "return",
        modify_attribute,
    ),
    describe(
        "DescribeInstanceAttribute",
        "InstanceId* Attribute* DryRun",
        "instanceId, and groupSet[] or the attribute{value}",
        describe_attribute,
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

/// The caller's instance with this id.
fn with_id<'a>(asked: &Asked<'a>, id: &str) -> Option<&'a Instance> {
    asked.instance_with(id, "delete-instance").ok()
}

/// A state: its code and its name.
fn state(power: Power) -> Value {
    match power {
        Power::Running => json!({"code": 16, "name": "running"}),
        Power::Stopped => json!({"code": 80, "name": "stopped"}),
    }
}

fn shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let word = |word: &str, usual: &str| asked.kept.word(&it.id.0, word).unwrap_or(usual).to_owned();
    let stopped = it.power == Power::Stopped;
    json!({
        "instanceId": it.id.to_string(),
        "reservationId": word(RESERVATION, &derived("r-0", &[&it.id.0])),
        "imageId": word("image", image::USUAL),
        "instanceState": state(it.power),
        "privateDnsName": dns_name(asked, it),
        "privateIpAddress": it.ip.to_string(),
        "ipAddress": it.public_ip.map(|ip| ip.to_string()),
        "dnsName": public_dns_name(asked, it),
        "reason": "",
        "stateReason": stopped.then(|| json!({"code": "Client.UserInitiatedShutdown", "message": "Client.UserInitiatedShutdown: User initiated shutdown"})),
        "keyName": asked.kept.word(&it.id.0, "key"),
        "amiLaunchIndex": word("index", "0").parse::<u32>().unwrap_or_default(),
        "productCodes": [],
        "instanceType": word("type", "m1.small"),
        "launchTime": time::at_second(asked.kept.made(&it.id.0)),
        "placement": {"availabilityZone": zone_of(asked, it), "groupName": "", "tenancy": "default"},
        "monitoring": {"state": if is(asked, &it.id.0, "monitoring") { "enabled" } else { "disabled" }},
        "subnetId": asked.subnet_id(&it.subnet),
        "vpcId": asked.vpc_id(&it.subnet.vpc),
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
        "ebsOptimized": is(asked, &it.id.0, "ebsOptimized"),
        "enaSupport": true,
        "cpuOptions": {"coreCount": 1, "threadsPerCore": 2},
        "platformDetails": "Linux/UNIX",
        "usageOperation": "RunInstances",
        "tagSet": tagged::shown(asked, &it.id.0, it.name.as_str()),
    })
}

/// The attributes that are kept as they are given, each with its parameter; `Value` follows it in a change of one.
const WORDS: [(&str, &str); 6] = [
    ("disableApiTermination", "DisableApiTermination"),
    ("disableApiStop", "DisableApiStop"),
    ("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
    ("ebsOptimized", "EbsOptimized"),
    ("userData", "UserData"),
    ("monitoring", "Monitoring.Enabled"),
];

/// The longest user data, 16 KiB in Base64.
const USER_DATA: usize = 21_848;

/// Whether an attribute of an instance is set.
fn is(asked: &Asked<'_>, id: &str, attribute: &str) -> bool {
    asked.kept.word(id, attribute).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Refuses what the attribute of an instance forbids.
fn check_protection(asked: &Asked<'_>, id: &str, attribute: &str, deed: &str) -> Result<(), Refused> {
    if !is(asked, id, attribute) {
        return Ok(());
    }
    let message =
        format!("The instance '{id}' may not be {deed}. Modify its '{attribute}' instance attribute and try again.");
    Err(Refused::new(400, "OperationNotPermitted", message))
}

/// The word with the reservation of an instance.
const RESERVATION: &str = "reservation";
/// Instances that were terminated.
const TERMINATED: Aside = Aside("terminated instances");

/// Those that were terminated within the last hour.
fn terminated(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Vec<Value> {
    // A step may have made an instance with its id again.
    gone::seen(asked, &TERMINATED, wanted, |id| asked.cloud.with_id(ResourceKind::Instance, id).is_some())
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
    /// Whether instances get a public address with them.
    is_public: bool,
}

fn place(asked: &Asked<'_>) -> Result<Place, Refused> {
    let parameters = asked.parameters();
    let interfaces = parameters.parts("NetworkInterface");
    if interfaces.len() > 1 {
        let message = "Instances of peerlab have one network interface.";
        return Err(Refused::new(400, "InvalidParameterValue", message));
    }
    for (parameter, what) in
        [("SubnetId", "subnet ID"), ("SecurityGroupId", "security groups"), ("SecurityGroup", "security groups")]
    {
        if !interfaces.is_empty() && parameters.has(parameter) {
            let message =
                format!("Network interfaces and an instance-level {what} may not be specified on the same request");
            return Err(Refused::new(400, "InvalidParameterCombination", message));
        }
    }
    let of = interfaces.first().unwrap_or(parameters);
    let zone = parameters.get("Placement.AvailabilityZone");
    if let Some(zone) = zone.filter(|zone| !region::zones(region::here(asked)).iter().any(|known| known == zone)) {
        return Err(Refused::new(400, "InvalidParameterValue", format!("Invalid availability zone: [{zone}]")));
    }
    let fits = |subnet: &&Subnet| zone.is_none_or(|zone| subnet::zone_of(asked, subnet) == zone);
    let default = || default_of(asked).and_then(|vpc| asked.cloud.subnets_of(&vpc.name).find(fits));
    let subnet = match of.get("SubnetId") {
        Some(id) => Some(subnet_with(asked, id)?).filter(fits).ok_or_else(|| {
            let message = format!("The subnet {id} is not in the availability zone {}.", zone.unwrap_or_default());
            Refused::new(400, "InvalidParameterCombination", message)
        })?,
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
    let is_public = match of.get("AssociatePublicIpAddress") {
        Some(wanted) => wanted.eq_ignore_ascii_case("true"),
        None => subnet::is_public(asked, subnet),
    };
    Ok(Place { subnet: subnet.name.to_string(), ip: of.text("PrivateIpAddress").or(first), groups, is_public })
}

fn subnet_with<'a>(asked: &Asked<'a>, id: &str) -> Result<&'a Subnet, Refused> {
    let name = asked.cloud.with_id(ResourceKind::Subnet, id).and_then(|name| name.parse().ok());
    let found = name.and_then(|name| asked.cloud.subnet(&name));
    found.filter(|it| asked.is_in_sight(&it.name.vpc)).ok_or_else(|| subnet::SUBNETS.not_found(id))
}

fn run_instances(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["instance", "volume", "network-interface", "spot-instances-request"])?;
    let parameters = change.parameters();
    let (least, most) = (parameters.number("MinCount", 1)?, parameters.number("MaxCount", 1)?);
    if least < 1 || most < least || most > 100 {
        return Err(invalid(&format!("{least}, {most}"), "MinCount, MaxCount", "They are 1 to 100, in this order."));
    }
    let (place, image) = (place(&change.asked())?, image::of_request(&change.asked())?);
    check_type(parameters.get("InstanceType"))?;
    if parameters.get("UserData").is_some_and(|data| data.len() > USER_DATA) {
        return Err(invalid("…", "UserData", "User data is limited to 16384 bytes."));
    }
    if place.ip.is_some() && most > 1 {
        let message = "A private IP address cannot be specified with more than one instance.";
        return Err(Refused::new(400, "InvalidParameterCombination", message));
    }
    let mut made: Vec<String> = Vec::new();
    for number in 0..most {
        let free = if place.is_public { Some(change.asked().free_public_address()?) } else { None };
        let public = free.map_or_else(String::new, |ip| ip.to_string());
        let id = change.create(ResourceKind::Instance, |name| {
            let ip = place.ip.as_deref().unwrap_or_default();
            let mut texts = vec![("name", &*name), ("subnet", &*place.subnet), ("ip", ip), ("public_ip", &public)];
            texts.extend(place.groups.iter().map(|group| ("security_group", &**group)));
            call("create-instance", &texts)
        });
        // As many as there is room for, but not fewer than the request takes.
        let id = match id {
            Err(refused) if made.len() >= least && is_for_want(change, &refused) => break,
            id => id?,
        };
        if let Some(ip) = free {
            change.keep_automatic_address(&id.0, ip);
        }
        let first = made.first().unwrap_or(&id.to_string()).clone();
        change.keep_word(&id.0, RESERVATION, &derived("r-0", &[&first]));
        change.keep_word(&id.0, "index", &number.to_string());
        change.keep_word(&id.0, "image", &image);
        for (word, parameter) in [("type", "InstanceType"), ("key", "KeyName"), ("token", "ClientToken")] {
            change.keep(&id.0, word, parameter);
        }
        for (word, parameter) in WORDS {
            change.keep(&id.0, word, parameter);
        }
        tagged::keep(change, &id.0, "instance")?;
        let interface = derived("eni-0", &[&id.0]);
        tagged::keep(change, &interface, "network-interface")?;
        made.push(id.to_string());
    }
    let asked = change.asked();
    let all = (INSTANCES.all)(&asked, &Wanted::These(&made.iter().map(|id| &**id).collect::<Vec<_>>()));
    let reservation = reservations(&asked, all).into_iter().next();
    reservation.ok_or_else(|| super::DIALECT.failed("Nothing was made."))
}

/// Types are labels, of a family and a size.
fn check_type(kind: Option<&str>) -> Result<(), Refused> {
    let is_type =
        |kind: &&str| kind.split_once('.').is_some_and(|(family, size)| !family.is_empty() && !size.is_empty());
    match kind {
        Some(kind) if !is_type(&kind) => {
            let message = format!("Invalid value '{kind}' for InstanceType.");
            Err(Refused::new(400, "InvalidParameterValue", message))
        }
        _ => Ok(()),
    }
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
        if operation == "stop-instance" {
            check_protection(&asked, id, "disableApiStop", "stopped")?;
        }
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
    let ids = change.parameters().list("InstanceId");
    if ids.is_empty() {
        return Err(Refused::new(400, "InvalidParameterCombination", "No instances specified"));
    }
    for id in ids {
        let asked = change.asked();
        if !terminated(&asked, &Wanted::These(&[id])).is_empty() {
            changes.push(json!({"instanceId": id, "previousState": gone, "currentState": gone}));
            continue;
        }
        let it = asked.instance_with(id, "delete-instance")?;
        check_protection(&asked, id, "disableApiTermination", "terminated")?;
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
        change.operate(Call::DeleteInstance(DeleteInstance { name }))?;
        gone::keep(change, &TERMINATED, id, &last);
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
        check_type(Some(kind))?;
        change.keep_word(id, "type", kind);
    }
    for (word, parameter) in WORDS {
        if let Some(value) = parameters.get(&format!("{parameter}.Value")).or_else(|| named(word)) {
            change.keep_word(id, word, value);
        }
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
        "disableApiTermination" | "disableApiStop" => is(asked, id, attribute).into(),
        "instanceInitiatedShutdownBehavior" => asked.kept.word(id, attribute).unwrap_or("stop").into(),
        "userData" => asked.kept.word(id, attribute).into(),
        "kernel" | "ramdisk" | "sriovNetSupport" => Value::Null,
        "blockDeviceMapping" | "productCodes" => return Ok(json!({"instanceId": id, attribute: []})),
        other => return Err(invalid(other, "attribute", "Unknown attribute.")),
    };
    let value = if value.is_null() { json!({}) } else { json!({"value": value}) };
    Ok(json!({"instanceId": id, attribute: value}))
}
