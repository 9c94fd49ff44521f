//! Security groups and their rules.

use peerlab_cloud::{
    AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress, Call, DeleteSecurityGroup, Direction, Fault, GroupName,
    ResourceKind, RevokeSecurityGroup, RevokeSecurityGroupEgress, Rule, RuleArguments, RulePeer, RuleProtocol,
    SecurityGroup,
};
use serde_json::{Value, json};

use super::list::{Listing, Wanted};
use super::network_acl::{check_icmp, lowest, ports, protocol};
use super::refused::{block, invalid, missing};
use super::row::{change, describe, done, list};
use super::tagged;
use super::vpc::default_of;
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::arguments_of;
use crate::derived::derived;
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::parameters::Parameters;

/// The parameters of rules that are authorized.
const AUTHORIZED: &str = "GroupId GroupName IpPermissions.N.IpProtocol IpPermissions.N.FromPort IpPermissions.N.ToPort \
    IpPermissions.N.IpRanges.N.CidrIp IpPermissions.N.IpRanges.N.Description IpPermissions.N.Groups.N.GroupId \
    IpPermissions.N.Groups.N.UserId IpPermissions.N.Groups.N.Description or IpProtocol FromPort ToPort CidrIp \
    SourceSecurityGroupName SourceSecurityGroupOwnerId; TagSpecification.N DryRun";
/// Those of rules that are revoked or described anew.
const REVOKED: &str = "GroupId GroupName IpPermissions.N as when it was authorized, or SecurityGroupRuleId.N DryRun";
const DESCRIBED: &str = "GroupId GroupName IpPermissions.N with descriptions, or \
    SecurityGroupRuleDescription.N.SecurityGroupRuleId SecurityGroupRuleDescription.N.Description DryRun";
/// What rules are shown as.
const SHOWN: &str = "return securityGroupRuleSet[]";

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateSecurityGroup",
        &["create-security-group"],
        "GroupName* GroupDescription* VpcId TagSpecification.N DryRun",
        "groupId securityGroupArn tagSet[]",
        create,
    ),
    list(
        "DescribeSecurityGroups",
        "GroupId.N GroupName.N Filter.N MaxResults NextToken DryRun",
        &GROUPS,
        "securityGroupInfo[]: groupId groupName groupDescription ownerId vpcId securityGroupArn ipPermissions[] and \
         ipPermissionsEgress[]{ipProtocol fromPort toPort ipRanges[]{cidrIp description} groups[]{groupId userId \
         vpcId vpcPeeringConnectionId peeringStatus description} ipv6Ranges[] prefixListIds[]} tagSet[]; nextToken",
        |asked| {
            let names = asked.parameters().list("GroupName");
            let mut reply = GROUPS.answer(asked)?;
            if let Some(Value::Array(groups)) = reply.get_mut(GROUPS.set).filter(|_| !names.is_empty()) {
                groups.retain(|group| names.iter().any(|name| group["groupName"] == **name));
                if let Some(name) = names.iter().find(|name| !groups.iter().any(|group| group["groupName"] == ***name))
                {
                    return Err(GROUPS.not_found(name));
                }
            }
            Ok(reply)
        },
    ),
    change("DeleteSecurityGroup", &["delete-security-group"], "GroupId GroupName DryRun", "return groupId", |change| {
        let group = group(&change.asked(), "delete-security-group")?;
        let (id, name) = (group.id.to_string(), group.name.to_string());
        change.operate(Call::DeleteSecurityGroup(DeleteSecurityGroup { name }))?;
        Ok(json!({"return": true, "groupId": id}))
    }),
    change("AuthorizeSecurityGroupIngress", &["authorize-security-group"], AUTHORIZED, SHOWN, |change| {
        authorize(change, Direction::Ingress)
    }),
    change("AuthorizeSecurityGroupEgress", &["authorize-security-group-egress"], AUTHORIZED, SHOWN, |change| {
        authorize(change, Direction::Egress)
    }),
    change("RevokeSecurityGroupIngress", &["revoke-security-group"], REVOKED, "return", |change| {
        revoke(change, Direction::Ingress)
    }),
    change("RevokeSecurityGroupEgress", &["revoke-security-group-egress"], REVOKED, "return", |change| {
        revoke(change, Direction::Egress)
    }),
    list(
        "DescribeSecurityGroupRules",
        "SecurityGroupRuleId.N Filter.N MaxResults NextToken DryRun",
        &RULES,
        "securityGroupRuleSet[]: securityGroupRuleId securityGroupRuleArn groupId groupOwnerId isEgress ipProtocol \
         fromPort toPort cidrIpv4 referencedGroupInfo{groupId userId vpcId vpcPeeringConnectionId peeringStatus} \
         description tagSet[]; nextToken",
        |asked| RULES.answer(asked),
    ),
    change(
        "ModifySecurityGroupRules",
        &["revoke-security-group", "authorize-security-group"],
        "GroupId* SecurityGroupRule.N.SecurityGroupRuleId SecurityGroupRule.N.SecurityGroupRule.IpProtocol \
         SecurityGroupRule.N.SecurityGroupRule.FromPort SecurityGroupRule.N.SecurityGroupRule.ToPort \
         SecurityGroupRule.N.SecurityGroupRule.CidrIpv4 SecurityGroupRule.N.SecurityGroupRule.ReferencedGroupId \
         SecurityGroupRule.N.SecurityGroupRule.Description DryRun",
        "return",
        modify_rules,
    ),
    change("UpdateSecurityGroupRuleDescriptionsIngress", &[], DESCRIBED, "return", |change| {
        describe_anew(change, Direction::Ingress)
    }),
    change("UpdateSecurityGroupRuleDescriptionsEgress", &[], DESCRIBED, "return", |change| {
        describe_anew(change, Direction::Egress)
    }),
    describe(
        "DescribeStaleSecurityGroups",
        "VpcId* MaxResults NextToken DryRun",
        "staleSecurityGroupSet[]: groupId groupName description vpcId staleIpPermissions[] and \
         staleIpPermissionsEgress[]{ipProtocol fromPort toPort groups[]{groupId userId vpcId vpcPeeringConnectionId \
         peeringStatus} ipRanges[] prefixListIds[]}; nextToken",
        describe_stale,
    ),
    describe(
        "DescribeSecurityGroupReferences",
        "GroupId.N* DryRun",
        "securityGroupReferenceSet[]: groupId referencingVpcId vpcPeeringConnectionId",
        describe_references,
    ),
];

pub(super) const GROUPS: Listing = Listing {
    set: "securityGroupInfo",
    ids: "GroupId",
    id: "groupId",
    unknown: "InvalidGroup.NotFound",
    filters: &[
        ("group-id", "groupId"),
        ("group-name", "groupName"),
        ("description", "groupDescription"),
        ("vpc-id", "vpcId"),
        ("owner-id", "ownerId"),
        ("ip-permission.cidr", "ipPermissions.ipRanges.cidrIp"),
        ("ip-permission.from-port", "ipPermissions.fromPort"),
        ("ip-permission.to-port", "ipPermissions.toPort"),
        ("ip-permission.protocol", "ipPermissions.ipProtocol"),
        ("ip-permission.group-id", "ipPermissions.groups.groupId"),
        ("ip-permission.group-name", "ipPermissions.groups.groupName"),
        ("ip-permission.user-id", "ipPermissions.groups.userId"),
        ("ip-permission.ipv6-cidr", "ipPermissions.ipv6Ranges.cidrIpv6"),
        ("ip-permission.prefix-list-id", "ipPermissions.prefixListIds.prefixListId"),
        ("egress.ip-permission.cidr", "ipPermissionsEgress.ipRanges.cidrIp"),
        ("egress.ip-permission.from-port", "ipPermissionsEgress.fromPort"),
        ("egress.ip-permission.to-port", "ipPermissionsEgress.toPort"),
        ("egress.ip-permission.protocol", "ipPermissionsEgress.ipProtocol"),
        ("egress.ip-permission.group-id", "ipPermissionsEgress.groups.groupId"),
        ("egress.ip-permission.group-name", "ipPermissionsEgress.groups.groupName"),
        ("egress.ip-permission.user-id", "ipPermissionsEgress.groups.userId"),
        ("egress.ip-permission.ipv6-cidr", "ipPermissionsEgress.ipv6Ranges.cidrIpv6"),
        ("egress.ip-permission.prefix-list-id", "ipPermissionsEgress.prefixListIds.prefixListId"),
    ],
    all: |asked, wanted| mine(asked).filter(|it| wanted.takes(&it.id.0)).map(|it| group_shown(asked, it)).collect(),
};

pub(super) const RULES: Listing = Listing {
    set: "securityGroupRuleSet",
    ids: "SecurityGroupRuleId",
    id: "securityGroupRuleId",
    unknown: "InvalidSecurityGroupRuleId.NotFound",
    filters: &[("group-id", "groupId"), ("security-group-rule-id", "securityGroupRuleId")],
    all: |asked, wanted| {
        let rules = mine(asked).flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        let rules = rules.filter(|(group, rule)| wanted.takes(&rule_id(asked, group, rule)));
        rules.map(|(group, rule)| rule_shown(asked, group, rule)).collect()
    },
};

/// The caller's groups in the request's region.
fn mine<'a>(asked: &Asked<'a>) -> impl Iterator<Item = &'a SecurityGroup> {
    asked.cloud.security_groups().filter(|group| asked.is_in_sight(&group.vpc))
}

/// What a group is called: its tag `Name` is another thing.
pub(super) fn name_of(asked: &Asked<'_>, group: &SecurityGroup) -> String {
    let own = if group.is_default() { "default" } else { group.name.as_str() };
    asked.kept.word(&group.id.0, NAME).unwrap_or(own).to_owned()
}

/// The group of a request, by id or name.
fn group<'a>(asked: &Asked<'a>, operation: &str) -> Result<&'a SecurityGroup, Refused> {
    let parameters = asked.parameters();
    match (parameters.get("GroupId"), parameters.get("GroupName")) {
        (Some(_), _) => asked.group("GroupId", operation),
        (None, Some(name)) => {
            let named = mine(asked).find(|group| name_of(asked, group) == name);
            named.ok_or_else(|| GROUPS.not_found(name))
        }
        (None, None) => Err(missing("GroupId")),
    }
}

/// The id of a rule. The Cloud has none, so it follows from the rule, unless the rule came to be by a change of another,
/// whose id it has.
fn rule_id(asked: &Asked<'_>, group: &SecurityGroup, rule: &Rule) -> String {
    let id = original_id(group, rule);
    asked.kept.word(&id, ID).map_or(id, str::to_owned)
}

fn original_id(group: &SecurityGroup, rule: &Rule) -> String {
    derived("sgr-0", &[&group.id.0, &rule.to_string(), &format!("{:?}", arguments_of(rule).group)])
}

/// The word with the id of a rule that came to be by a change of another.
const ID: &str = "id";

fn group_shown(asked: &Asked<'_>, group: &SecurityGroup) -> Value {
    let owner = asked.account_id(&group.account);
    json!({
        "groupId": group.id.to_string(),
        "groupName": name_of(asked, group),
        "groupDescription": description_of(asked, group),
        "ownerId": owner,
        "vpcId": asked.vpc_id(&group.vpc),
        "securityGroupArn": arn(asked, group, "security-group", &group.id.0),
        "ipPermissions": permissions_shown(asked, group, Direction::Ingress, |_| true),
        "ipPermissionsEgress": permissions_shown(asked, group, Direction::Egress, |_| true),
        "tagSet": tagged::shown(asked, &group.id.0, ""),
    })
}

fn arn(asked: &Asked<'_>, group: &SecurityGroup, kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{}:{}:{kind}/{id}", asked.region(&group.vpc), asked.account_id(&group.account))
}

fn description_of(asked: &Asked<'_>, group: &SecurityGroup) -> String {
    let own = if group.is_default() { "default VPC security group" } else { group.name.as_str() };
    asked.kept.word(&group.id.0, DESCRIPTION).unwrap_or(own).to_owned()
}

/// The protocol of a rule: a name, or `-1`.
fn protocol_of(rule: &Rule) -> String {
    if rule.protocol == RuleProtocol::All {
        "-1".to_owned()
    } else if rule.protocol == RuleProtocol::Gre {
        "47".to_owned()
    } else {
        rule.protocol.to_string()
    }
}

/// The first and last port; -1 for ICMP, `None` for all protocols.
fn ports_of(rule: &Rule) -> (Option<i32>, Option<i32>) {
    match (rule.ports, rule.protocol) {
        (Some(ports), _) => (Some(lowest(ports).into()), Some(ports.high.into())),
        (None, RuleProtocol::Icmp) => (Some(-1), Some(-1)),
        (None, _) => (None, None),
    }
}

/// The other side of a rule that is a group, with the connection that leads there.
fn peer_shown(asked: &Asked<'_>, group: &SecurityGroup, rule: &Rule) -> Option<Value> {
    let RulePeer::Group { account, group: name, id } = &rule.peer else { return None };
    let there = asked.cloud.security_group(name).filter(|there| there.id == *id);
    let elsewhere = there.filter(|there| there.vpc != group.vpc);
    let ends = || asked.cloud.peerings_of(&group.vpc);
    let leads = |end: &peerlab_cloud::Peering| {
        elsewhere.is_some_and(|there| end.far.as_ref().is_some_and(|far| far.vpc == there.vpc))
    };
    let end = ends().find(|end| end.carries && leads(end)).or_else(|| ends().find(leads));
    Some(json!({
        "groupId": id.to_string(),
        "userId": asked.account_id(account),
        "vpcId": elsewhere.map(|there| asked.vpc_id(&there.vpc)),
        "vpcPeeringConnectionId": end.as_ref().map(|end| end.id.to_string()),
        "peeringStatus": end.map(|end| end.status),
    }))
}

/// What the rules of a permission share: the protocol, the first and the last port.
type Key = (String, (Option<i32>, Option<i32>));

/// Rules as permissions: those of the same protocol and ports are one.
fn permissions_shown(
    asked: &Asked<'_>,
    group: &SecurityGroup,
    direction: Direction,
    shown: impl Fn(&Rule) -> bool,
) -> Vec<Value> {
    let mut permissions: Vec<(Key, Vec<Value>, Vec<Value>)> = Vec::new();
    for rule in group.rules.iter().filter(|rule| rule.direction == direction && shown(rule)) {
        let key = (protocol_of(rule), ports_of(rule));
        let at = permissions.iter().position(|(known, ..)| *known == key).unwrap_or_else(|| {
            permissions.push((key, Vec::new(), Vec::new()));
            permissions.len() - 1
        });
        let (_, ranges, groups) = &mut permissions[at];
        let description = asked.kept.word(&rule_id(asked, group, rule), DESCRIPTION);
        match (&rule.peer, peer_shown(asked, group, rule)) {
            (_, Some(mut peer)) => {
                peer["description"] = description.into();
                groups.push(peer);
            }
            (RulePeer::Cidr(cidr), _) => {
                ranges.push(json!({"cidrIp": cidr.to_string(), "description": description}));
            }
            _ => {}
        }
    }
    let whole = |((protocol, (from, to)), ranges, groups): (Key, _, _)| {
        json!({
            "ipProtocol": protocol, "fromPort": from, "toPort": to, "ipRanges": ranges, "groups": groups,
            "ipv6Ranges": [], "prefixListIds": [],
        })
    };
    permissions.into_iter().map(whole).collect()
}

fn rule_shown(asked: &Asked<'_>, group: &SecurityGroup, rule: &Rule) -> Value {
    let (id, (from, to)) = (rule_id(asked, group, rule), ports_of(rule));
    let cidr = match &rule.peer {
        RulePeer::Cidr(cidr) => Some(cidr.to_string()),
        RulePeer::Group { .. } => None,
    };
    json!({
        "securityGroupRuleArn": arn(asked, group, "security-group-rule", &id),
        "groupId": group.id.to_string(),
        "groupOwnerId": asked.account_id(&group.account),
        "isEgress": rule.direction == Direction::Egress,
        "ipProtocol": protocol_of(rule),
        "fromPort": from.unwrap_or(-1),
        "toPort": to.unwrap_or(-1),
        "cidrIpv4": cidr,
        "referencedGroupInfo": peer_shown(asked, group, rule),
        "description": asked.kept.word(&id, DESCRIPTION),
        "tagSet": tagged::shown(asked, &id, ""),
        "securityGroupRuleId": id,
    })
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["security-group"])?;
    let asked = change.asked();
    let parameters = change.parameters();
    let (name, description) = (parameters.needed("GroupName"), parameters.needed("GroupDescription"));
    let default = default_of(&asked).filter(|_| parameters.get("VpcId").is_none());
    if parameters.get("VpcId").is_none() && default.is_none() {
        let message = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.";
        return Err(Refused::new(400, "VPCIdNotSpecified", message));
    }
    let vpc = default.map_or_else(|| asked.vpc("VpcId", "create-security-group"), Ok)?;
    let provider = asked.cloud.provider();
    if provider.groups().reserved_name.is_some_and(|reserved| reserved.eq_ignore_ascii_case(name)) {
        let code = provider.code(Fault::ReservedGroupName, "create-security-group").to_string();
        return Err(Refused::new(400, code, format!("The security group name '{name}' is reserved")));
    }
    if name.starts_with("sg-") || name.chars().count() > 255 {
        return Err(invalid(name, "groupName", "A name has up to 255 characters and does not begin with sg-."));
    }
    if mine(&asked).any(|group| group.vpc == vpc.name && name_of(&asked, group) == name) {
        let code = provider.code(Fault::AlreadyExists, "create-security-group").to_string();
        let message = format!("The security group '{name}' already exists for VPC '{}'", vpc.id);
        return Err(Refused::new(400, code, message));
    }
    let vpc = vpc.name.to_string();
    let id = change
        .create(ResourceKind::SecurityGroup, |name| call("create-security-group", &[("name", &name), ("vpc", &vpc)]))?;
    change.keep_word(&id.0, NAME, name);
    change.keep_word(&id.0, DESCRIPTION, description);
    tagged::keep(change, &id.0, "security-group")?;
    let shown = GROUPS.one(&change.asked(), &id.0)?;
    Ok(json!({"groupId": shown["groupId"], "securityGroupArn": shown["securityGroupArn"], "tagSet": shown["tagSet"]}))
}

/// A rule of a request.
struct Asking {
    rule: RuleArguments,
    description: Option<String>,
}

/// The rules of a request: `IpPermissions.N`, or one without.
fn wanted(asked: &Asked<'_>, group: &SecurityGroup) -> Result<Vec<Asking>, Refused> {
    let parameters = asked.parameters();
    let mut parts = parameters.parts("IpPermissions");
    if parts.is_empty() {
        parts.push(parameters.clone());
    }
    let mut all = Vec::new();
    for part in &parts {
        let text = part.get("IpProtocol").ok_or_else(|| missing("IpProtocol"))?;
        let (protocol, port) = protocol_and_ports(part, text)?;
        if part.has("Ipv6Ranges") || part.has("PrefixListIds") {
            let message = "peerlab's rules have IPv4 blocks and groups: no IPv6, no prefix lists.";
            return Err(Refused::new(400, "InvalidParameterValue", message));
        }
        let rule = |cidr: Option<String>, group: Option<String>, group_account: Option<String>| RuleArguments {
            protocol: protocol.to_string(),
            port: port.clone(),
            cidr,
            group,
            group_account,
            policy: None,
            priority: None,
        };
        let before = all.len();
        for range in part.parts("IpRanges") {
            let cidr = range.get("CidrIp").ok_or_else(|| missing("CidrIp"))?;
            let cidr = block(cidr, "cidrIp")?.to_owned();
            all.push(Asking { rule: rule(Some(cidr), None, None), description: range.text("Description") });
        }
        if let Some(cidr) = part.get("CidrIp") {
            let cidr = block(cidr, "cidrIp")?.to_owned();
            all.push(Asking { rule: rule(Some(cidr), None, None), description: None });
        }
        let mut groups = part.parts("Groups");
        if let Some(name) = part.get("SourceSecurityGroupName") {
            let owner = part.text("SourceSecurityGroupOwnerId").map(|owner| ("UserId".to_owned(), owner));
            let pairs = [("GroupName".to_owned(), name.to_owned())].into_iter().chain(owner);
            groups.push(Parameters::new(pairs, Value::Null));
        }
        for peer in groups {
            let id = match (peer.text("GroupId"), peer.get("GroupName")) {
                (Some(id), _) => id,
                (None, Some(name)) => {
                    let named = mine(asked).find(|it| it.vpc == group.vpc && name_of(asked, it) == name);
                    named.ok_or_else(|| GROUPS.not_found(name))?.id.to_string()
                }
                (None, None) => return Err(missing("GroupId")),
            };
            let account = peer.text("UserId");
            all.push(Asking { rule: rule(None, Some(id), account), description: peer.text("Description") });
        }
        if all.len() == before {
            return Err(missing("CidrIp or a source group"));
        }
    }
    Ok(all)
}

fn protocol_and_ports(part: &Parameters, text: &str) -> Result<(RuleProtocol, Option<String>), Refused> {
    let protocol = protocol(text).ok_or_else(|| invalid(text, "IP protocol", "Unknown protocol."))?;
    check_icmp(protocol, part.get("FromPort"))?;
    Ok((protocol, ports(protocol, part.get("FromPort"), part.get("ToPort"))?))
}

fn authorization(direction: Direction, security_group: String, rule: RuleArguments) -> Call {
    match direction {
        Direction::Ingress => Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule }),
        Direction::Egress => Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule }),
    }
}

fn revocation(direction: Direction, security_group: String, rule: RuleArguments) -> Call {
    match direction {
        Direction::Ingress => Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule }),
        Direction::Egress => Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule }),
    }
}

/// Authorizes a rule, and returns its id.
fn add(change: &mut Change<'_>, id: &str, direction: Direction, wanted: Asking) -> Result<String, Refused> {
    let name = change.asked().group_with(id, "authorize-security-group")?.name.to_string();
    change.operate(authorization(direction, name, wanted.rule))?;
    let asked = change.asked();
    let group = asked.group_with(id, "authorize-security-group")?;
    let made = group.rules.last().map_or_else(String::new, |rule| original_id(group, rule));
    // What an equal rule was called before is past.
    forget(change, &made);
    change.keep_word(&made, DESCRIPTION, wanted.description.as_deref().unwrap_or_default());
    Ok(made)
}

/// Forgets the words of a rule.
fn forget(change: &mut Change<'_>, id: &str) {
    let words: Vec<_> = change.asked().kept.words(id, "").keys().map(|word| (*word).to_owned()).collect();
    for word in words {
        change.keep_word(id, &word, "");
    }
}

fn authorize(change: &mut Change<'_>, direction: Direction) -> Result<Value, Refused> {
    tagged::check(change, &["security-group-rule"])?;
    let asked = change.asked();
    let group = group(&asked, "authorize-security-group")?;
    let (id, wanted) = (group.id.to_string(), wanted(&asked, group)?);
    let mut made = Vec::new();
    for rule in wanted {
        let rule = add(change, &id, direction, rule)?;
        tagged::keep(change, &rule, "security-group-rule")?;
        made.push(rule);
    }
    let shown = (RULES.all)(&change.asked(), &Wanted::These(&made.iter().map(|id| &**id).collect::<Vec<_>>()));
    Ok(json!({"return": true, "securityGroupRuleSet": shown}))
}

/// The rule with this id in a group.
fn rule_with<'g>(asked: &Asked<'_>, group: &'g SecurityGroup, id: &str) -> Result<&'g Rule, Refused> {
    let found = group.rules.iter().find(|rule| rule_id(asked, group, rule) == id);
    found.ok_or_else(|| RULES.not_found(id))
}

/// Revokes a rule.
fn remove(change: &mut Change<'_>, id: &str, direction: Direction, rule: RuleArguments) -> Result<(), Refused> {
    let asked = change.asked();
    let group = asked.group_with(id, "revoke-security-group")?;
    let ids = |change: &Change<'_>| -> Result<Vec<(String, String)>, Refused> {
        let asked = change.asked();
        let group = asked.group_with(id, "revoke-security-group")?;
        Ok(group.rules.iter().map(|rule| (original_id(group, rule), rule_id(&asked, group, rule))).collect())
    };
    let before = ids(change)?;
    let name = group.name.to_string();
    change.operate(revocation(direction, name, rule))?;
    let after = ids(change)?;
    for (original, id) in before.into_iter().filter(|rule| !after.contains(rule)) {
        forget(change, &original);
        forget(change, &id);
    }
    Ok(())
}

fn revoke(change: &mut Change<'_>, direction: Direction) -> Result<Value, Refused> {
    let asked = change.asked();
    let group = group(&asked, "revoke-security-group")?;
    let id = group.id.to_string();
    let ids = asked.parameters().list("SecurityGroupRuleId");
    let mut rules = Vec::new();
    for id in &ids {
        let rule = rule_with(&asked, group, id)?;
        if rule.direction != direction {
            return Err(RULES.not_found(id));
        }
        rules.push(without_priority(rule));
    }
    if ids.is_empty() {
        rules.extend(wanted(&asked, group)?.into_iter().map(|wanted| wanted.rule));
    }
    for rule in rules {
        remove(change, &id, direction, rule)?;
    }
    done()
}

/// The arguments that mean a rule: its rules have no priorities.
fn without_priority(rule: &Rule) -> RuleArguments {
    RuleArguments { priority: None, policy: None, ..arguments_of(rule) }
}

/// Each rule becomes another, and keeps its id.
fn modify_rules(change: &mut Change<'_>) -> Result<Value, Refused> {
    let group = change.asked().group("GroupId", "authorize-security-group")?.id.to_string();
    for part in change.parameters().parts("SecurityGroupRule") {
        let asked = change.asked();
        let own = asked.group_with(&group, "authorize-security-group")?;
        let id = part.get("SecurityGroupRuleId").ok_or_else(|| missing("SecurityGroupRuleId"))?;
        let found = rule_with(&asked, own, id)?;
        let (direction, before) = (found.direction, without_priority(found));
        let text = |name: &str| part.text(&format!("SecurityGroupRule.{name}"));
        let named = |name: &str| (name.to_owned(), text(name).unwrap_or_default());
        let head = Parameters::new(["IpProtocol", "FromPort", "ToPort"].map(named), Value::Null);
        let protocol_text = text("IpProtocol").ok_or_else(|| missing("IpProtocol"))?;
        let (protocol, port) = protocol_and_ports(&head, &protocol_text)?;
        let (cidr, peer) = (text("CidrIpv4"), text("ReferencedGroupId"));
        if let Some(cidr) = &cidr {
            block(cidr, "cidrIpv4")?;
        }
        if cidr.is_some() == peer.is_some() {
            let message = "A rule has a CidrIpv4 or a ReferencedGroupId.";
            return Err(Refused::new(400, "InvalidParameterCombination", message));
        }
        let account = peer.as_ref().and_then(|id| {
            let name = asked.cloud.with_id(ResourceKind::SecurityGroup, id).map(GroupName::trusted)?;
            asked.cloud.security_group(&name).map(|it| asked.account_id(&it.account))
        });
        let tags = asked.kept.words(id, "tag:");
        let tags: Vec<_> = tags.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
        let rule = RuleArguments {
            protocol: protocol.to_string(),
            port,
            cidr,
            group: peer,
            group_account: account,
            policy: None,
            priority: None,
        };
        remove(change, &group, direction, before)?;
        let made = add(change, &group, direction, Asking { rule, description: None })?;
        if made != id {
            change.keep_word(&made, ID, id);
        }
        change.keep_word(id, DESCRIPTION, text("Description").as_deref().unwrap_or_default());
        for (key, text) in tags {
            change.keep_word(id, &format!("tag:{key}"), &text);
        }
    }
    done()
}

fn describe_anew(change: &mut Change<'_>, direction: Direction) -> Result<Value, Refused> {
    let asked = change.asked();
    let group = group(&asked, "authorize-security-group")?;
    let mut texts = Vec::new();
    for part in asked.parameters().parts("SecurityGroupRuleDescription") {
        let id = part.needed("SecurityGroupRuleId");
        rule_with(&asked, group, id)?;
        texts.push((id.to_owned(), part.text("Description").unwrap_or_default()));
    }
    if texts.is_empty() {
        for Asking { rule, description } in wanted(&asked, group)? {
            let is = |own: &&Rule| {
                let own_arguments = without_priority(own);
                let same_side = own_arguments.cidr == rule.cidr && own_arguments.group == rule.group;
                own.direction == direction
                    && own_arguments.protocol == rule.protocol
                    && same_side
                    && (own_arguments.port == rule.port
                        || rule.port.is_none() && own.ports.is_none_or(|it| it.is_all()))
            };
            let found = group.rules.iter().find(is).ok_or_else(|| {
                let message = "The specified rule does not exist in this security group.";
                Refused::new(400, "InvalidPermission.NotFound", message)
            })?;
            texts.push((rule_id(&asked, group, found), description.unwrap_or_default()));
        }
    }
    for (id, text) in texts {
        change.keep_word(&id, DESCRIPTION, &text);
    }
    done()
}

fn describe_stale(asked: &Asked<'_>) -> Result<Value, Refused> {
    let vpc = asked.vpc("VpcId", "delete-vpc")?;
    let stale = |group: &SecurityGroup| {
        let shown =
            |direction| permissions_shown(asked, group, direction, |rule| asked.cloud.stale(group, rule).is_some());
        let (ingress, egress) = (shown(Direction::Ingress), shown(Direction::Egress));
        let text = |permissions: Vec<Value>| -> Vec<Value> {
            let without = |mut permission: Value| {
                if let Value::Object(members) = &mut permission {
                    members.remove("ipv6Ranges");
                }
                for peer in permission["groups"].as_array_mut().into_iter().flatten() {
                    peer["peeringStatus"] = peer["peeringStatus"].as_str().unwrap_or("deleted").into();
                }
                permission
            };
            permissions.into_iter().map(without).collect()
        };
        (!ingress.is_empty() || !egress.is_empty()).then(|| {
            json!({
                "groupId": group.id.to_string(),
                "groupName": name_of(asked, group),
                "description": description_of(asked, group),
                "vpcId": vpc.id.to_string(),
                "staleIpPermissions": text(ingress),
                "staleIpPermissionsEgress": text(egress),
            })
        })
    };
    let all = mine(asked).filter(|group| group.vpc == vpc.name).filter_map(stale).collect();
    super::list::page(asked.parameters(), "staleSecurityGroupSet", all)
}

/// The VPCs on the other side of connections whose groups' rules name a group.
fn describe_references(asked: &Asked<'_>) -> Result<Value, Refused> {
    let mut all = Vec::new();
    for id in asked.parameters().list("GroupId") {
        let group = asked.group_with(id, "delete-security-group")?;
        let names = |other: &&SecurityGroup| {
            let named = |rule: &Rule| matches!(&rule.peer, RulePeer::Group { id, .. } if *id == group.id);
            other.vpc != group.vpc && other.rules.iter().any(named)
        };
        for other in asked.cloud.security_groups().filter(names) {
            let mut ends = asked.cloud.peerings_of(&group.vpc);
            let end = ends.find(|end| end.far.as_ref().is_some_and(|far| far.vpc == other.vpc));
            let shown = json!({
                "groupId": id,
                "referencingVpcId": asked.vpc_id(&other.vpc),
                "vpcPeeringConnectionId": end.map(|end| end.id.to_string()),
            });
            if !all.contains(&shown) {
                all.push(shown);
            }
        }
    }
    Ok(json!({"securityGroupReferenceSet": all}))
}
