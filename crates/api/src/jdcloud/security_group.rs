//! Security groups and their rules.

use peerlab_cloud::{
    AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress, Call, DeleteSecurityGroup, Direction, Fault, Policy,
    ResourceKind, RevokeSecurityGroup, RevokeSecurityGroupEgress, Rule, RuleArguments, RulePeer, RuleProtocol,
    SecurityGroup,
};
use serde_json::{Value, json};

use super::refused::missing;
use super::row::{LIST, VPC, at, change, describe, keep_words, listed, made};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::{arguments_of, rule_id};
use crate::kept::DESCRIPTION;
use crate::made::call;
use crate::parameters::Parameters;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createNetworkSecurityGroup", "POST", at!("/networkSecurityGroups/")),
        &["create-security-group"],
        "vpcId* networkSecurityGroupName* description",
        "networkSecurityGroupId",
        |change| {
            let vpc = change.asked().vpc("vpcId", "create-security-group")?.name.to_string();
            let id = change.create(ResourceKind::SecurityGroup, |name| {
                call("create-security-group", &[("name", &name), ("vpc", &vpc)])
            })?;
            keep_words(change, &id.0, "networkSecurityGroupName");
            Ok(json!({"networkSecurityGroupId": id.to_string()}))
        },
    ),
    describe(
        VPC,
        ("describeNetworkSecurityGroups", at!("/networkSecurityGroups/")),
        LIST,
        "networkSecurityGroups[] totalCount",
        |asked| {
            let all = asked.cloud.security_groups().filter(|group| asked.is_in_sight(&group.vpc)).collect();
            listed(
                asked,
                "networkSecurityGroups",
                all,
                |group, filter| match filter {
                    "networkSecurityGroupIds" | "networkSecurityGroupId" => Some(group.id.to_string()),
                    "networkSecurityGroupNames" | "networkSecurityGroupName" => Some(label_of_group(asked, group)),
                    "vpcId" => Some(asked.vpc_id(&group.vpc)),
                    _ => None,
                },
                |group| group_shown(asked, group),
            )
        },
    ),
    describe(
        VPC,
        ("describeNetworkSecurityGroup", at!("/networkSecurityGroups/{networkSecurityGroupId}")),
        "",
        "networkSecurityGroup{networkSecurityGroupId networkSecurityGroupName networkSecurityGroupType vpcId \
         description securityGroupRules[]{ruleId direction protocol addressPrefix fromPort toPort ruleAction priority \
         description} createdTime}",
        |asked| {
            Ok(
                json!({"networkSecurityGroup": group_shown(asked, asked.group("networkSecurityGroupId", "delete-security-group")?)}),
            )
        },
    ),
    change(
        VPC,
        ("modifyNetworkSecurityGroup", "PATCH", at!("/networkSecurityGroups/{networkSecurityGroupId}")),
        &[],
        "networkSecurityGroupName description",
        "",
        |change| {
            let id = change.asked().group("networkSecurityGroupId", "delete-security-group")?.id.to_string();
            keep_words(change, &id, "networkSecurityGroupName");
            Ok(json!({}))
        },
    ),
    change(
        VPC,
        ("deleteNetworkSecurityGroup", "DELETE", at!("/networkSecurityGroups/{networkSecurityGroupId}")),
        &["delete-security-group"],
        "",
        "",
        |change| {
            let name = change.asked().group("networkSecurityGroupId", "delete-security-group")?.name.to_string();
            change.done(Call::DeleteSecurityGroup(DeleteSecurityGroup { name }))
        },
    ),
    change(
        VPC,
        (
            "addNetworkSecurityGroupRules",
            "POST",
            at!("/networkSecurityGroups/{networkSecurityGroupId}:addNetworkSecurityGroupRules"),
        ),
        &["authorize-security-group", "authorize-security-group-egress"],
        "networkSecurityGroupRuleSpecs.N* of protocol direction addressPrefix fromPort toPort ruleAction priority \
         description",
        "",
        add_rules,
    ),
    change(
        VPC,
        (
            "removeNetworkSecurityGroupRules",
            "POST",
            at!("/networkSecurityGroups/{networkSecurityGroupId}:removeNetworkSecurityGroupRules"),
        ),
        &["revoke-security-group", "revoke-security-group-egress"],
        "ruleIds.N*",
        "",
        remove_rules,
    ),
];

fn label_of_group(asked: &Asked<'_>, group: &SecurityGroup) -> String {
    let name = if group.is_default() { "default" } else { group.name.as_str() };
    asked.label(&group.id, name)
}

/// The numbers of protocols.
const PROTOCOLS: [(u64, RuleProtocol); 5] = [
    (300, RuleProtocol::All),
    (6, RuleProtocol::Tcp),
    (17, RuleProtocol::Udp),
    (1, RuleProtocol::Icmp),
    (47, RuleProtocol::Gre),
];

fn group_shown(asked: &Asked<'_>, group: &SecurityGroup) -> Value {
    let rules: Vec<_> = group.rules.iter().map(|rule| rule_shown(asked, group, rule)).collect();
    json!({
        "networkSecurityGroupId": group.id.to_string(),
        "networkSecurityGroupName": label_of_group(asked, group),
        "networkSecurityGroupType": if group.is_default() { "default" } else { "custom" },
        "description": asked.description(&group.id),
        "vpcId": asked.vpc_id(&group.vpc),
        "securityGroupRules": rules,
        "createdTime": made(asked, &group.id.0),
    })
}

fn rule_shown(asked: &Asked<'_>, group: &SecurityGroup, rule: &Rule) -> Value {
    let protocol = PROTOCOLS.iter().find(|(_, protocol)| *protocol == rule.protocol).map_or(300, |(number, _)| *number);
    let (from, to) = rule.ports.map_or((0, 0), |ports| (ports.low, ports.high));
    let id = rule_id(group, rule);
    json!({
        "ruleId": id,
        "direction": u8::from(rule.direction == Direction::Egress),
        "protocol": protocol,
        "addressPrefix": match &rule.peer { RulePeer::Cidr(cidr) => cidr.to_string(), RulePeer::Group { id, .. } => id.to_string() },
        "fromPort": from,
        "toPort": to,
        "ruleAction": if rule.policy == Policy::Accept { "accept" } else { "drop" },
        "priority": rule.priority,
        "description": asked.kept.word(&id, DESCRIPTION).unwrap_or_default(),
        "createdTime": made(asked, &id),
    })
}

fn rule_of(spec: &Parameters) -> Result<(Direction, RuleArguments), Refused> {
    let needed = |name: &str| spec.text(name).ok_or_else(|| missing(name));
    let wrong = |name: &str| Refused::new(400, "INVALID_ARGUMENT", format!("The value of '{name}' is not valid"));
    let protocol = needed("protocol")?.parse().ok();
    let protocol = PROTOCOLS.iter().find(|(number, _)| Some(*number) == protocol).ok_or_else(|| wrong("protocol"))?.1;
    let direction = match &*needed("direction")? {
        "0" => Direction::Ingress,
        "1" => Direction::Egress,
        _ => return Err(wrong("direction")),
    };
    let ports = (spec.get("fromPort").unwrap_or("0"), spec.get("toPort").unwrap_or("0"));
    let port = match ports {
        ("0", "0") => None,
        _ if !protocol.has_ports() => None,
        (from, to) => Some(format!("{from}/{to}")),
    };
    let rule = RuleArguments {
        protocol: protocol.to_string(),
        port,
        cidr: Some(needed("addressPrefix")?),
        group: None,
        group_account: None,
        policy: spec.text("ruleAction"),
        priority: spec.text("priority"),
    };
    Ok((direction, rule))
}

fn add_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    for spec in change.parameters().parts("networkSecurityGroupRuleSpecs") {
        let asked = change.asked();
        let security_group = asked.group("networkSecurityGroupId", "authorize-security-group")?.name.to_string();
        let (direction, rule) = rule_of(&spec)?;
        change.operate(match direction {
            Direction::Ingress => Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule }),
            Direction::Egress => {
                Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule })
            }
        })?;
        if let Some(text) = spec.get("description") {
            let asked = change.asked();
            let group = asked.group("networkSecurityGroupId", "authorize-security-group")?;
            let id = group.rules.last().map(|rule| rule_id(group, rule)).unwrap_or_default();
            change.keep_word(&id, DESCRIPTION, text);
        }
    }
    Ok(json!({}))
}

fn remove_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    let group = change.asked().group("networkSecurityGroupId", "revoke-security-group")?.clone();
    for id in change.parameters().list("ruleIds") {
        let found = group.rules.iter().find(|rule| rule_id(&group, rule) == id);
        let found = found.ok_or_else(|| {
            let fault = Fault::RuleNotFound;
            let code = change.cloud().provider().code(fault, "revoke-security-group").to_string();
            Refused::new(404, code, format!("There is no rule {id}"))
        })?;
        let (security_group, rule) = (group.name.to_string(), arguments_of(found));
        change.operate(match found.direction {
            Direction::Ingress => Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule }),
            Direction::Egress => Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule }),
        })?;
    }
    Ok(json!({}))
}
