//! Security groups, their rules and their members.

use peerlab_cloud::{
    AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress, Call, DeleteSecurityGroup, Direction, Fault, GroupName,
    JoinSecurityGroup, LeaveSecurityGroup, Policy, ResourceKind, RevokeSecurityGroup, RevokeSecurityGroupEgress, Rule,
    RuleArguments, RulePeer, SecurityGroup,
};
use serde_json::{Value, json};

use super::refused::missing;
use super::row::{ECS, PAGES_OF_ECS, change, describe, fits, keep_words, listed};
use crate::action::{Action, Asked, Change};
use crate::derived::{arguments_of, rule_id};
use crate::kept::DESCRIPTION;
use crate::made::call;
use crate::parameters::Parameters;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        ECS,
        "CreateSecurityGroup",
        &["create-security-group"],
        "RegionId* VpcId* SecurityGroupName Description SecurityGroupType ClientToken",
        "SecurityGroupId",
        create_security_group,
    ),
    change(ECS, "AuthorizeSecurityGroup", &["authorize-security-group"], INGRESS, "", |change| {
        authorize(change, Direction::Ingress)
    }),
    change(ECS, "AuthorizeSecurityGroupEgress", &["authorize-security-group-egress"], EGRESS, "", |change| {
        authorize(change, Direction::Egress)
    }),
    change(ECS, "RevokeSecurityGroup", &["revoke-security-group"], INGRESS, "", |change| {
        revoke(change, Direction::Ingress)
    }),
    change(ECS, "RevokeSecurityGroupEgress", &["revoke-security-group-egress"], EGRESS, "", |change| {
        revoke(change, Direction::Egress)
    }),
    describe(
        ECS,
        "DescribeSecurityGroups",
        "RegionId* SecurityGroupId SecurityGroupIds VpcId SecurityGroupName PageNumber PageSize NextToken MaxResults",
        "SecurityGroups.SecurityGroup[]: SecurityGroupId SecurityGroupName VpcId SecurityGroupType Description \
         CreationTime EcsCount; TotalCount PageNumber PageSize NextToken",
        describe_security_groups,
    ),
    describe(
        ECS,
        "DescribeSecurityGroupAttribute",
        "RegionId* SecurityGroupId* Direction NicType",
        "SecurityGroupId SecurityGroupName VpcId RegionId InnerAccessPolicy Description Permissions.Permission[]: \
         SecurityGroupRuleId Direction IpProtocol PortRange Policy Priority SourceCidrIp SourceGroupId \
         SourceGroupOwnerAccount DestCidrIp DestGroupId DestGroupOwnerAccount NicType Description CreateTime",
        describe_security_group_attribute,
    ),
    change(
        ECS,
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
        ECS,
        "ModifySecurityGroupPolicy",
        &["modify-security-group"],
        "RegionId* SecurityGroupId* InnerAccessPolicy* ClientToken",
        "",
        |change| {
            let group = change.asked().group("SecurityGroupId", "delete-security-group")?.name.to_string();
            let policy = change.parameters().needed("InnerAccessPolicy").to_owned();
            change.done(call("modify-security-group", &[("name", &group), ("inner_access", &policy)]))
        },
    ),
    change(ECS, "JoinSecurityGroup", &["join-security-group"], "RegionId SecurityGroupId* InstanceId*", "", |change| {
        let (instance, group) = member(change, "join-security-group")?;
        change.done(Call::JoinSecurityGroup(JoinSecurityGroup { instance, group }))
    }),
    change(
        ECS,
        "LeaveSecurityGroup",
        &["leave-security-group"],
        "RegionId SecurityGroupId* InstanceId*",
        "",
        |change| {
            let (instance, group) = member(change, "leave-security-group")?;
            change.done(Call::LeaveSecurityGroup(LeaveSecurityGroup { instance, group }))
        },
    ),
    change(ECS, "DeleteSecurityGroup", &["delete-security-group"], "RegionId* SecurityGroupId*", "", |change| {
        let name = change.asked().group("SecurityGroupId", "delete-security-group")?.name.to_string();
        change.done(Call::DeleteSecurityGroup(DeleteSecurityGroup { name }))
    }),
];

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
    let needed = |name: &str| rule.text(name).ok_or_else(|| missing(name));
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

fn describe_security_groups(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let ids = parameters.json_list("SecurityGroupIds")?;
    let all = asked.cloud.security_groups().filter(|group| {
        asked.is_mine(&group.account)
            && asked.is_in_sight(&group.vpc)
            && !parameters.has("Tag")
            && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| **id == *group.id.0))
            && parameters.fits("SecurityGroupId", &group.id.0)
            && parameters.fits("VpcId", asked.cloud.vpc(&group.vpc).map_or("", |vpc| &vpc.id.0))
            && parameters.get("SecurityGroupName").is_none_or(|name| fits(name, &label_of(asked, group)))
    });
    let page = PAGES_OF_ECS.page(parameters, all.collect())?;
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
