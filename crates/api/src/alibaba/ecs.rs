//! ECS 2014-05-26: instances and security groups.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use peerlab_cloud::{
    AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress, Call, DeleteInstance, DeleteSecurityGroup, Direction, Fault,
    GroupName, Instance, JoinSecurityGroup, LeaveSecurityGroup, Policy, Power, ResourceKind, RevokeSecurityGroup,
    RevokeSecurityGroupEgress, Rule, RuleArguments, RulePeer, SecurityGroup, fnv,
};
use serde_json::{Value, json};

use super::vpc::{describe_regions, describe_zones, done, keep_words, listed, zone_of};
use crate::action::{Action, Asked, Change, Does, Errand, Ran};
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::paging::Paging;
use crate::parameters::Parameters;
use crate::{Refused, time};

rows!("2014-05-26");

/// The parameters of a rule toward instances.
const INGRESS: &str = "RegionId* SecurityGroupId* Permissions.N.IpProtocol Permissions.N.PortRange \
    Permissions.N.SourceCidrIp Permissions.N.SourceGroupId Permissions.N.SourceGroupOwnerId Permissions.N.Policy \
    Permissions.N.Priority Permissions.N.Description, or the same without Permissions.N; SecurityGroupRuleId.N to revoke; \
    ClientToken";
/// Those of a rule from instances.
const EGRESS: &str = "RegionId* SecurityGroupId* Permissions.N.IpProtocol Permissions.N.PortRange \
    Permissions.N.DestCidrIp Permissions.N.DestGroupId Permissions.N.DestGroupOwnerId Permissions.N.Policy \
    Permissions.N.Priority Permissions.N.Description, or the same without Permissions.N; SecurityGroupRuleId.N to revoke; \
    ClientToken";

pub(super) const ACTIONS: &[Action] = &[
    change(
        "RunInstances",
        &["create-instance"],
        "RegionId* VSwitchId* SecurityGroupId SecurityGroupIds.N PrivateIpAddress InstanceName Description Amount \
         ImageId InstanceType ClientToken DryRun",
        "InstanceIdSets.InstanceIdSet[]",
        run_instances,
    ),
    change(
        "CreateInstance",
        &["create-instance", "stop-instance"],
        "RegionId* InstanceType* VSwitchId* SecurityGroupId PrivateIpAddress InstanceName Description ImageId \
         ClientToken DryRun",
        "InstanceId",
        create_instance,
    ),
    change("StartInstance", &["start-instance"], "RegionId InstanceId* DryRun", "", |change| {
        switch(change, "start-instance", &[change.parameters().needed("InstanceId")])
    }),
    change("StopInstance", &["stop-instance"], "RegionId InstanceId* ForceStop DryRun", "", |change| {
        switch(change, "stop-instance", &[change.parameters().needed("InstanceId")])
    }),
    change(
        "StartInstances",
        &["start-instance"],
        "RegionId* InstanceId.N* DryRun",
        "InstanceResponses.InstanceResponse[]: InstanceId Code Message PreviousStatus CurrentStatus",
        |change| switch_all(change, "start-instance"),
    ),
    change(
        "StopInstances",
        &["stop-instance"],
        "RegionId* InstanceId.N* ForceStop DryRun",
        "InstanceResponses.InstanceResponse[]: InstanceId Code Message PreviousStatus CurrentStatus",
        |change| switch_all(change, "stop-instance"),
    ),
    change("RebootInstance", &["reboot-instance"], "RegionId InstanceId* ForceStop DryRun", "", |change| {
        switch(change, "reboot-instance", &[change.parameters().needed("InstanceId")])
    }),
    change("DeleteInstance", &["delete-instance"], "RegionId InstanceId* Force", "", |change| {
        delete_instances(change, &[change.parameters().needed("InstanceId")])
    }),
    change("DeleteInstances", &["delete-instance"], "RegionId* InstanceId.N* Force ClientToken DryRun", "", |change| {
        delete_instances(change, &change.parameters().list("InstanceId"))
    }),
    change("ModifyInstanceAttribute", &[], "RegionId InstanceId* InstanceName Description", "", |change| {
        let id = change.parameters().needed("InstanceId");
        change.asked().instance_with(id, "delete-instance")?;
        keep_words(change, id, "InstanceName")
    }),
    describe(
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
        "DescribeInstanceStatus",
        "RegionId* InstanceId.N PageNumber PageSize",
        "InstanceStatuses.InstanceStatus[]: InstanceId Status; TotalCount PageNumber PageSize",
        describe_instance_status,
    ),
    describe("DescribeInstanceAttribute", "RegionId InstanceId*", "an instance of DescribeInstances", |asked| {
        let id = asked.parameters().needed("InstanceId");
        Ok(instance_shown(asked, asked.instance_with(id, "delete-instance")?))
    }),
    change(
        "CreateSecurityGroup",
        &["create-security-group"],
        "RegionId* VpcId* SecurityGroupName Description SecurityGroupType ClientToken",
        "SecurityGroupId",
        create_security_group,
    ),
    change("AuthorizeSecurityGroup", &["authorize-security-group"], INGRESS, "", |change| {
        authorize(change, Direction::Ingress)
    }),
    change("AuthorizeSecurityGroupEgress", &["authorize-security-group-egress"], EGRESS, "", |change| {
        authorize(change, Direction::Egress)
    }),
    change("RevokeSecurityGroup", &["revoke-security-group"], INGRESS, "", |change| revoke(change, Direction::Ingress)),
    change("RevokeSecurityGroupEgress", &["revoke-security-group-egress"], EGRESS, "", |change| {
        revoke(change, Direction::Egress)
    }),
    describe(
        "DescribeSecurityGroups",
        "RegionId* SecurityGroupId SecurityGroupIds VpcId SecurityGroupName PageNumber PageSize NextToken MaxResults",
        "SecurityGroups.SecurityGroup[]: SecurityGroupId SecurityGroupName VpcId SecurityGroupType Description \
         CreationTime EcsCount; TotalCount PageNumber PageSize NextToken",
        describe_security_groups,
    ),
    describe(
        "DescribeSecurityGroupAttribute",
        "RegionId* SecurityGroupId* Direction NicType",
        "SecurityGroupId SecurityGroupName VpcId RegionId InnerAccessPolicy Description Permissions.Permission[]: \
         SecurityGroupRuleId Direction IpProtocol PortRange Policy Priority SourceCidrIp SourceGroupId \
         SourceGroupOwnerAccount DestCidrIp DestGroupId DestGroupOwnerAccount NicType Description CreateTime",
        describe_security_group_attribute,
    ),
    change(
        "ModifySecurityGroupAttribute",
        &[],
        "RegionId* SecurityGroupId* SecurityGroupName Description",
        "",
        |change| {
            let id = change.asked().group("SecurityGroupId", "delete-security-group")?.id.to_string();
            keep_words(change, &id, "SecurityGroupName")
        },
    ),
    change(
        "ModifySecurityGroupPolicy",
        &["modify-security-group"],
        "RegionId* SecurityGroupId* InnerAccessPolicy* ClientToken",
        "",
        |change| {
            let group = change.asked().group("SecurityGroupId", "delete-security-group")?.name.to_string();
            let policy = change.parameters().needed("InnerAccessPolicy").to_owned();
            done(change, call("modify-security-group", &[("name", &group), ("inner_access", &policy)]))
        },
    ),
    change("JoinSecurityGroup", &["join-security-group"], "RegionId SecurityGroupId* InstanceId*", "", |change| {
        let (instance, group) = member(change, "join-security-group")?;
        done(change, Call::JoinSecurityGroup(JoinSecurityGroup { instance, group }))
    }),
    change("LeaveSecurityGroup", &["leave-security-group"], "RegionId SecurityGroupId* InstanceId*", "", |change| {
        let (instance, group) = member(change, "leave-security-group")?;
        done(change, Call::LeaveSecurityGroup(LeaveSecurityGroup { instance, group }))
    }),
    change("DeleteSecurityGroup", &["delete-security-group"], "RegionId* SecurityGroupId*", "", |change| {
        let name = change.asked().group("SecurityGroupId", "delete-security-group")?.name.to_string();
        done(change, Call::DeleteSecurityGroup(DeleteSecurityGroup { name }))
    }),
    Action {
        product: "2014-05-26",
        name: "RunCommand",
        path: None,
        operations: &[],
        parameters: "RegionId* Type* CommandContent* InstanceId.N* ContentEncoding Timeout Name",
        filters: &[],
        reply: "CommandId InvokeId",
        does: Does::Run(run_command),
    },
    Action {
        product: "2014-05-26",
        name: "DescribeInvocationResults",
        path: None,
        operations: &[],
        parameters: "RegionId* InvokeId CommandId InstanceId ContentEncoding PageNumber PageSize",
        filters: &[],
        reply: "Invocation{InvocationResults.InvocationResult[]{InvokeId CommandId InstanceId InvocationStatus \
                InvokeRecordStatus ExitCode Output Dropped StartTime FinishedTime ErrorCode ErrorInfo Repeats} TotalCount \
                PageNumber PageSize}",
        does: Does::Ran(describe_invocation_results),
    },
    describe("DescribeRegions", "", "Regions.Region[]: RegionId LocalName RegionEndpoint", describe_regions),
    describe("DescribeZones", "RegionId*", "Zones.Zone[]: ZoneId LocalName", describe_zones),
];

/// The id of a command, by that of its errand.
fn command_id(errand: &str) -> String {
    format!("c-{errand}")
}

fn run_command(asked: &Asked<'_>) -> Result<Errand, Refused> {
    let parameters = asked.parameters();
    if parameters.needed("Type") != "RunShellScript" {
        return Err(Refused::new(400, "InvalidParameter.Type", "Only commands of type RunShellScript are run."));
    }
    let content = parameters.needed("CommandContent");
    let script = match parameters.get("ContentEncoding").unwrap_or("PlainText") {
        "Base64" => STANDARD.decode(content).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
        _ => Some(content.to_owned()),
    };
    let script = script.filter(|script| script.len() <= 24 << 10 && !script.contains('\0'));
    let script = script.ok_or_else(|| {
        let message = "The specified CommandContent is not text, in Base64 as ContentEncoding says, of up to 24 KB.";
        Refused::new(400, "InvalidParameter.CommandContent", message)
    })?;
    let seconds = parameters.number("Timeout", 60)?;
    if !(1..=600).contains(&seconds) {
        return Err(Refused::new(400, "InvalidParameter.Timeout", "A command may take 1 to 600 seconds here."));
    }
    let mut instances = Vec::new();
    for id in parameters.list("InstanceId") {
        let instance = asked.instance_with(id, "delete-instance")?;
        if instance.power == Power::Stopped {
            let message = format!("The instance {id} does not run.");
            return Err(Refused::new(403, "IncorrectInstanceStatus", message));
        }
        instances.push(id.to_owned());
    }
    let reply = |_: &Errand, id: &str, _| json!({"CommandId": command_id(id), "InvokeId": format!("t-{id}")});
    Ok(Errand { instances, script, comment: String::new(), seconds: seconds as u64, apart: false, reply })
}

fn describe_invocation_results(asked: &Asked<'_>, ran: &[Ran]) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let is = |name: &str, own: &str| parameters.get(name).is_none_or(|wanted| wanted == own);
    let mine = ran.iter().filter(|it| {
        is("InvokeId", &format!("t-{}", it.errand))
            && is("CommandId", &command_id(&it.errand))
            && is("InstanceId", &it.instance)
    });
    let page = PAGES.page(parameters, mine.collect())?;
    let plain = parameters.get("ContentEncoding") == Some("PlainText");
    let items: Vec<_> = page.items.iter().map(|it| invocation_shown(it, plain)).collect();
    Ok(json!({"Invocation": {
        "InvocationResults": {"InvocationResult": items},
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }}))
}

fn invocation_shown(it: &Ran, plain: bool) -> Value {
    let (of_run, of_record) = match (it.ended, it.status) {
        (None, _) => ("Running", "Running"),
        (Some(_), Some(0)) => ("Success", "Finished"),
        (Some(_), Some(_)) => ("Failed", "Finished"),
        (Some(_), None) => ("Timeout", "Failed"),
    };
    let output = match plain {
        true => String::from_utf8_lossy(&it.output).into_owned(),
        false => STANDARD.encode(&it.output),
    };
    json!({
        "InvokeId": format!("t-{}", it.errand),
        "CommandId": command_id(&it.errand),
        "InstanceId": it.instance,
        "InvocationStatus": of_run,
        "InvokeRecordStatus": of_record,
        "ExitCode": it.status.unwrap_or_default(),
        "Output": output,
        "Dropped": it.dropped,
        "StartTime": time::at_second(it.began),
        "FinishedTime": it.ended.map_or_else(String::new, time::at_second),
        "StopTime": "",
        "ErrorCode": "",
        "ErrorInfo": "",
        "Repeats": 1,
        "Username": "",
    })
}

/// Pages of this product's lists.
const PAGES: Paging =
    Paging { names: ("PageNumber", "PageSize"), tokens: Some(("NextToken", "MaxResults")), sizes: (10, 100) };

/// The names of the request's groups.
fn groups(change: &Change<'_>, operation: &str) -> Result<Vec<String>, Refused> {
    let parameters = change.parameters();
    let mut ids = parameters.list("SecurityGroupIds");
    ids.extend(parameters.get("SecurityGroupId").filter(|id| !id.is_empty()));
    ids.dedup();
    ids.into_iter().map(|id| change.asked().group_with(id, operation).map(|group| group.name.to_string())).collect()
}

/// Creates one instance of the request; the name and the address are for the first of several.
fn create(change: &mut Change<'_>, number: usize, amount: usize) -> Result<String, Refused> {
    let parameters = change.parameters();
    let subnet = change.asked().subnet("VSwitchId", "create-instance")?.name.to_string();
    let groups = groups(change, "create-instance")?;
    let id = change.create(ResourceKind::Instance, |name| {
        let ip = parameters.get("PrivateIpAddress").filter(|_| number == 0).unwrap_or_default();
        let mut texts = vec![("name", &*name), ("subnet", &*subnet), ("ip", ip)];
        texts.extend(groups.iter().map(|group| ("security_group", &**group)));
        call("create-instance", &texts)
    })?;
    let name = parameters.get("InstanceName").unwrap_or_default();
    let is_one_of = parameters.is_set("UniqueSuffix") && amount > 1;
    let name = if is_one_of { format!("{name}{:03}", number + 1) } else { name.to_owned() };
    change.keep_word(&id.0, NAME, &name);
    change.keep(&id.0, DESCRIPTION, "Description");
    for (word, parameter) in [("type", "InstanceType"), ("image", "ImageId"), ("host", "HostName")] {
        change.keep(&id.0, word, parameter);
    }
    Ok(id.to_string())
}

fn run_instances(change: &mut Change<'_>) -> Result<Value, Refused> {
    let amount = change.parameters().number("Amount", 1)?;
    if !(1..=100).contains(&amount) {
        return Err(Refused::new(400, "InvalidAmount", "The specified Amount is not valid: 1 to 100."));
    }
    let ids = (0..amount).map(|number| create(change, number, amount)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({"InstanceIdSets": {"InstanceIdSet": ids}, "OrderId": "", "TradePrice": 0.0}))
}

fn create_instance(change: &mut Change<'_>) -> Result<Value, Refused> {
    let id = create(change, 0, 1)?;
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
        let is = |name: &str, own: &str| parameters.get(name).is_none_or(|wanted| wanted == own);
        let in_group = |id: &str| asked.cloud.groups_of(it).iter().any(|group| *group.id.0 == *id);
        asked.is_mine(&it.account)
            && asked.is_in_sight(&it.subnet.vpc)
            && !parameters.has("Tag")
            && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| **id == *it.id.0))
            && addresses.as_ref().is_none_or(|all| all.contains(&it.ip.to_string()))
            && is("VpcId", asked.cloud.vpc(&it.subnet.vpc).map_or("", |vpc| &vpc.id.0))
            && is("VSwitchId", asked.cloud.subnet(&it.subnet).map_or("", |subnet| &subnet.id.0))
            && is("Status", status_of(it))
            && parameters.get("InstanceName").is_none_or(|name| fits(name, &asked.label(&it.id, it.name.as_str())))
            && group.is_none_or(in_group)
    });
    let page = PAGES.page(parameters, all.collect())?;
    let next = page.next.clone().unwrap_or_default();
    let mut reply = listed("Instances", "Instance", page, |it| instance_shown(asked, it));
    reply["NextToken"] = next.into();
    Ok(reply)
}

/// Whether a name fits a pattern, in which `*` is anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || name.ends_with(part),
    }
}

fn instance_shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let cloud = asked.cloud;
    let (vpc, subnet) = (cloud.vpc(&it.subnet.vpc), cloud.subnet(&it.subnet));
    let groups: Vec<_> = cloud.groups_of(it).iter().map(|group| group.id.to_string()).collect();
    let word = |word: &str, usual: &str| asked.kept.word(&it.id.0, word).unwrap_or(usual).to_owned();
    let eip = asked.kept.word(&it.id.0, "eip").filter(|_| it.public_ip.is_some());
    let (public, bound) = match (it.public_ip, eip) {
        (Some(ip), Some(eip)) => (vec![], json!({"AllocationId": eip, "IpAddress": ip.to_string(), "Bandwidth": 5})),
        (Some(ip), None) => (vec![ip.to_string()], json!({"AllocationId": "", "IpAddress": ""})),
        (None, _) => (vec![], json!({"AllocationId": "", "IpAddress": ""})),
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
    let page = PAGES.page(asked.parameters(), all.collect())?;
    Ok(listed(
        "InstanceStatuses",
        "InstanceStatus",
        page,
        |it| json!({"InstanceId": it.id.to_string(), "Status": status_of(it)}),
    ))
}

fn create_security_group(change: &mut Change<'_>) -> Result<Value, Refused> {
    let vpc = change.asked().vpc("VpcId", "create-security-group")?.name.to_string();
    if change.parameters().get("SecurityGroupType").is_some_and(|kind| kind != "normal") {
        return Err(Refused::new(400, "InvalidSecurityGroupType", "Only security groups of type normal are served."));
    }
    let id = change
        .create(ResourceKind::SecurityGroup, |name| call("create-security-group", &[("name", &name), ("vpc", &vpc)]))?;
    keep_words(change, &id.0, "SecurityGroupName")?;
    Ok(json!({"SecurityGroupId": id.to_string()}))
}

fn member(change: &Change<'_>, operation: &str) -> Result<(String, String), Refused> {
    let (asked, parameters) = (change.asked(), change.parameters());
    let group = asked.group("SecurityGroupId", operation)?.name.to_string();
    let instance = asked.instance_with(parameters.needed("InstanceId"), operation)?.name.to_string();
    Ok((instance, group))
}

/// The names of a rule's other side in a direction: block, group, group's owner.
fn sides(direction: Direction) -> [&'static str; 3] {
    match direction {
        Direction::Ingress => ["SourceCidrIp", "SourceGroupId", "SourceGroupOwnerId"],
        Direction::Egress => ["DestCidrIp", "DestGroupId", "DestGroupOwnerId"],
    }
}

/// The rules of a request: as `Permissions.N`, or flat.
fn permissions(parameters: &Parameters, direction: Direction) -> Result<Vec<Parameters>, Refused> {
    let parts = parameters.parts("Permissions");
    let [cidr, group, _] = sides(direction);
    let flat = ["IpProtocol", "PortRange", cidr, group].iter().any(|name| parameters.get(name).is_some());
    match (parts.is_empty(), flat) {
        (false, false) => Ok(parts),
        (true, _) => Ok(vec![parameters.clone()]),
        (false, true) => {
            let message = "A request has its rules as Permissions.N or without, and not both.";
            Err(Refused::new(400, "InvalidParam.Conflict", message))
        }
    }
}

/// A rule's arguments.
fn rule(asked: &Asked<'_>, rule: &Parameters, direction: Direction) -> Result<RuleArguments, Refused> {
    let [cidr, group, owner] = sides(direction);
    let needed = |name: &str| rule.text(name).ok_or_else(|| (super::DIALECT.missing)(name));
    let protocol = needed("IpProtocol")?;
    let port = Some(needed("PortRange")?);
    let (cidr, group) = (rule.text(cidr), rule.text(group));
    if let Some(id) = &group {
        // A group of another account is one of the request's own region, unless the lab allows others.
        let there = asked.cloud.with_id(ResourceKind::SecurityGroup, id).map(GroupName::trusted);
        if there.is_none() {
            let code = asked.cloud.provider().code(Fault::SourceGroupNotFound, "authorize-security-group");
            return Err(Refused::new(404, code.to_string(), format!("The specified {id} does not exist.")));
        }
    }
    let group_account = rule.text(owner).filter(|_| group.is_some());
    let (policy, priority) = (rule.text("Policy"), rule.text("Priority"));
    // Where both are given, the provider takes the block.
    let group = group.filter(|_| cidr.is_none());
    let group_account = group_account.filter(|_| group.is_some());
    Ok(RuleArguments { protocol, port, cidr, group, group_account, policy, priority })
}

fn authorize(change: &mut Change<'_>, direction: Direction) -> Result<Value, Refused> {
    let id = change.asked().group("SecurityGroupId", "authorize-security-group")?.id.to_string();
    for part in permissions(change.parameters(), direction)? {
        let asked = change.asked();
        let security_group = asked.group("SecurityGroupId", "authorize-security-group")?.name.to_string();
        let rule = rule(&asked, &part, direction)?;
        change.operate(match direction {
            Direction::Ingress => Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule }),
            Direction::Egress => {
                Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule })
            }
        })?;
        if let Some(text) = part.get("Description") {
            let asked = change.asked();
            let group = asked.group_with(&id, "authorize-security-group")?;
            let made = group.rules.last().map(|rule| rule_id(group, rule)).unwrap_or_default();
            change.keep_word(&made, DESCRIPTION, text);
        }
    }
    Ok(json!({}))
}

fn revoke(change: &mut Change<'_>, direction: Direction) -> Result<Value, Refused> {
    let parameters = change.parameters();
    let asked = change.asked();
    let group = asked.group("SecurityGroupId", "revoke-security-group")?.clone();
    let ids = parameters.list("SecurityGroupRuleId");
    let mut rules = Vec::new();
    for id in &ids {
        let found = group.rules.iter().find(|rule| rule.direction == direction && rule_id(&group, rule) == **id);
        let found = found.ok_or_else(|| {
            let code = asked.cloud.provider().code(Fault::RuleNotFound, "revoke-security-group").to_string();
            Refused::new(403, code, format!("The specified rule {id} does not exist."))
        })?;
        rules.push(arguments_of(found));
    }
    if ids.is_empty() {
        for part in permissions(parameters, direction)? {
            rules.push(rule(&asked, &part, direction)?);
        }
    }
    for rule in rules {
        let security_group = group.name.to_string();
        change.operate(match direction {
            Direction::Ingress => Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule }),
            Direction::Egress => Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule }),
        })?;
    }
    Ok(json!({}))
}

/// The arguments that mean a rule, its group by its id.
pub(crate) fn arguments_of(rule: &Rule) -> RuleArguments {
    let mut arguments = rule.arguments();
    if let RulePeer::Group { id, .. } = &rule.peer {
        arguments.group = Some(id.to_string());
    }
    RuleArguments { priority: Some(rule.priority.to_string()), ..arguments }
}

/// The id of a rule: the same for the same rule, because the Cloud has none.
pub(crate) fn rule_id(group: &SecurityGroup, rule: &Rule) -> String {
    let arguments = arguments_of(rule);
    let text = format!("{} {rule} {:?}", group.id, arguments.group);
    format!("sgr-{:013x}", fnv::hash(fnv::SEED, text.as_bytes()) >> 12)
}

fn describe_security_groups(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let ids = parameters.json_list("SecurityGroupIds")?;
    let all = asked.cloud.security_groups().filter(|group| {
        let is = |name: &str, own: &str| parameters.get(name).is_none_or(|wanted| wanted == own);
        asked.is_mine(&group.account)
            && asked.is_in_sight(&group.vpc)
            && !parameters.has("Tag")
            && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| **id == *group.id.0))
            && is("SecurityGroupId", &group.id.0)
            && is("VpcId", asked.cloud.vpc(&group.vpc).map_or("", |vpc| &vpc.id.0))
            && parameters.get("SecurityGroupName").is_none_or(|name| fits(name, &label_of(asked, group)))
    });
    let page = PAGES.page(parameters, all.collect())?;
    let next = page.next.clone().unwrap_or_default();
    let mut reply = listed("SecurityGroups", "SecurityGroup", page, |group| {
        json!({
            "SecurityGroupId": group.id.to_string(),
            "SecurityGroupName": label_of(asked, group),
            "Description": description_of(asked, group),
            "VpcId": asked.cloud.vpc(&group.vpc).map_or_else(String::new, |vpc| vpc.id.to_string()),
            "SecurityGroupType": "normal",
            "EcsCount": asked.cloud.members(group).count(),
            "ResourceGroupId": "",
            "ServiceManaged": false,
            "CreationTime": time::at_minute(asked.kept.made(&group.id.0)),
        })
    });
    reply["NextToken"] = next.into();
    reply["RegionId"] = parameters.needed("RegionId").into();
    Ok(reply)
}

/// A default group has no name of its own.
fn label_of(asked: &Asked<'_>, group: &SecurityGroup) -> String {
    let name = if group.is_default() { &*group.id.0 } else { group.name.as_str() };
    asked.label(&group.id, name)
}

fn description_of(asked: &Asked<'_>, group: &SecurityGroup) -> String {
    let own = if group.is_default() { "System created security group." } else { "" };
    asked.kept.word(&group.id.0, DESCRIPTION).unwrap_or(own).to_owned()
}

fn describe_security_group_attribute(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let group = asked.group("SecurityGroupId", "delete-security-group")?;
    let wanted = parameters.get("Direction").unwrap_or("all");
    let rules = group.rules.iter().filter(|rule| wanted == "all" || wanted == rule.direction.to_string());
    let rules: Vec<_> = rules.map(|rule| rule_shown(asked, group, rule)).collect();
    let inner = if group.inner_access == Policy::Accept { "Accept" } else { "Drop" };
    Ok(json!({
        "SecurityGroupId": group.id.to_string(),
        "SecurityGroupName": label_of(asked, group),
        "Description": description_of(asked, group),
        "VpcId": asked.cloud.vpc(&group.vpc).map_or_else(String::new, |vpc| vpc.id.to_string()),
        "RegionId": asked.region(&group.vpc),
        "InnerAccessPolicy": inner,
        "NextToken": "",
        "Permissions": {"Permission": rules},
    }))
}

fn rule_shown(asked: &Asked<'_>, group: &SecurityGroup, rule: &Rule) -> Value {
    let (cidr, other, owner) = match &rule.peer {
        RulePeer::Cidr(cidr) => (cidr.to_string(), String::new(), String::new()),
        RulePeer::Group { account, id, .. } => (String::new(), id.to_string(), asked.account_id(account)),
    };
    let owner = if owner == asked.account_id(asked.caller.account) { String::new() } else { owner };
    let of =
        |direction: Direction, text: &String| if rule.direction == direction { text.clone() } else { String::new() };
    let (ingress, egress) = (Direction::Ingress, Direction::Egress);
    let id = rule_id(group, rule);
    json!({
        "SecurityGroupRuleId": id,
        "Direction": rule.direction.to_string(),
        "IpProtocol": rule.protocol.to_string().to_uppercase(),
        "PortRange": rule.ports.map_or_else(|| "-1/-1".to_owned(), |ports| ports.to_string()),
        "Policy": if rule.policy == Policy::Accept { "Accept" } else { "Drop" },
        "Priority": rule.priority.to_string(),
        "SourceCidrIp": of(ingress, &cidr),
        "SourceGroupId": of(ingress, &other),
        "SourceGroupOwnerAccount": of(ingress, &owner),
        "DestCidrIp": of(egress, &cidr),
        "DestGroupId": of(egress, &other),
        "DestGroupOwnerAccount": of(egress, &owner),
        "SourceGroupName": "",
        "DestGroupName": "",
        "SourcePortRange": "",
        "Ipv6SourceCidrIp": "",
        "Ipv6DestCidrIp": "",
        "NicType": "intranet",
        "Description": asked.kept.word(&id, DESCRIPTION).unwrap_or_default(),
        "CreateTime": time::at_second(asked.kept.made(&id)),
    })
}
