//! Network ACLs, their entries and associations.

use peerlab_cloud::{
    AclEntry, AssociateNetworkAcl, Call, CreateNetworkAclEntry, DeleteNetworkAcl, DeleteNetworkAclEntry, Direction,
    NetworkAcl, Policy, PortRange, ResourceKind, RuleProtocol, Subnet,
};
use serde_json::{Value, json};

use super::list::Listing;
use super::refused::{block, invalid};
use super::row::{change, done, list};
use super::tagged;
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::derived;
use crate::made::call;

/// The parameters of an entry.
const ENTRY: &str = "NetworkAclId* RuleNumber* Protocol* RuleAction* Egress* CidrBlock* PortRange.From PortRange.To \
    Icmp.Type Icmp.Code DryRun";

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateNetworkAcl",
        &["create-network-acl"],
        "VpcId* TagSpecification.N ClientToken DryRun",
        "networkAcl",
        create,
    ),
    list(
        "DescribeNetworkAcls",
        "NetworkAclId.N Filter.N MaxResults NextToken DryRun",
        &ACLS,
        "networkAclSet[]: networkAclId vpcId ownerId default entrySet[]{ruleNumber protocol ruleAction egress \
         cidrBlock portRange{from to} icmpTypeCode{type code}} associationSet[]{networkAclAssociationId networkAclId \
         subnetId} tagSet[]{key value}; nextToken",
        |asked| ACLS.answer(asked),
    ),
    change("DeleteNetworkAcl", &["delete-network-acl"], "NetworkAclId* DryRun", "return", |change| {
        let name = change.asked().acl("NetworkAclId", "delete-network-acl")?.name.to_string();
        change.operate(Call::DeleteNetworkAcl(DeleteNetworkAcl { name }))?;
        done()
    }),
    change("CreateNetworkAclEntry", &["create-network-acl-entry"], ENTRY, "return", |change| {
        let call = entry(&change.asked())?;
        change.operate(call)?;
        done()
    }),
    change(
        "ReplaceNetworkAclEntry",
        &["delete-network-acl-entry", "create-network-acl-entry"],
        ENTRY,
        "return",
        |change| {
            let (call, deletion) = (entry(&change.asked())?, deletion(&change.asked())?);
            change.operate(deletion)?;
            change.operate(call)?;
            done()
        },
    ),
    change(
        "DeleteNetworkAclEntry",
        &["delete-network-acl-entry"],
        "NetworkAclId* RuleNumber* Egress* DryRun",
        "return",
        |change| {
            let call = deletion(&change.asked())?;
            change.operate(call)?;
            done()
        },
    ),
    change(
        "ReplaceNetworkAclAssociation",
        &["associate-network-acl"],
        "AssociationId* NetworkAclId* DryRun",
        "newAssociationId",
        replace_association,
    ),
];

pub(super) const ACLS: Listing = Listing {
    set: "networkAclSet",
    ids: "NetworkAclId",
    id: "networkAclId",
    unknown: "InvalidNetworkAclID.NotFound",
    filters: &[
        ("network-acl-id", "networkAclId"),
        ("vpc-id", "vpcId"),
        ("owner-id", "ownerId"),
        ("default", "default"),
        ("association.association-id", "associationSet.networkAclAssociationId"),
        ("association.network-acl-id", "associationSet.networkAclId"),
        ("association.subnet-id", "associationSet.subnetId"),
        ("entry.cidr", "entrySet.cidrBlock"),
        ("entry.ipv6-cidr", "entrySet.ipv6CidrBlock"),
        ("entry.egress", "entrySet.egress"),
        ("entry.icmp.code", "entrySet.icmpTypeCode.code"),
        ("entry.icmp.type", "entrySet.icmpTypeCode.type"),
        ("entry.port-range.from", "entrySet.portRange.from"),
        ("entry.port-range.to", "entrySet.portRange.to"),
        ("entry.protocol", "entrySet.protocol"),
        ("entry.rule-action", "entrySet.ruleAction"),
        ("entry.rule-number", "entrySet.ruleNumber"),
    ],
    all: |asked, wanted| {
        let here = |acl: &&NetworkAcl| wanted.takes(&acl.id.0) && asked.is_in_sight(&acl.vpc);
        asked.cloud.network_acls().filter(here).map(|acl| acl_shown(asked, acl)).collect()
    },
};

/// The numbers of protocols.
const PROTOCOLS: [(RuleProtocol, &str); 5] = [
    (RuleProtocol::All, "-1"),
    (RuleProtocol::Tcp, "6"),
    (RuleProtocol::Udp, "17"),
    (RuleProtocol::Icmp, "1"),
    (RuleProtocol::Gre, "47"),
];

/// The protocol with this number or name.
pub(super) fn protocol(text: &str) -> Option<RuleProtocol> {
    let text = text.to_lowercase();
    let named = |(protocol, number): &&(RuleProtocol, &str)| *number == text || protocol.to_string() == text;
    PROTOCOLS.iter().find(named).map(|(protocol, _)| *protocol)
}

/// The number of the entry after all others, which denies everything.
const LAST: u32 = 32_767;

fn association_id(subnet: &Subnet, acl: &NetworkAcl) -> String {
    derived("aclassoc-0", &[&subnet.id.0, &acl.id.0])
}

fn acl_shown(asked: &Asked<'_>, acl: &NetworkAcl) -> Value {
    let last = |egress: bool| json!({"ruleNumber": LAST, "protocol": "-1", "ruleAction": "deny", "egress": egress, "cidrBlock": "0.0.0.0/0"});
    let entries = acl.entries.iter().map(entry_shown).chain([false, true].map(last));
    let association = |subnet: &Subnet| {
        json!({
            "networkAclAssociationId": association_id(subnet, acl),
            "networkAclId": acl.id.to_string(),
            "subnetId": subnet.id.to_string(),
        })
    };
    let name = if acl.is_default() { "" } else { acl.name.as_str() };
    json!({
        "networkAclId": acl.id.to_string(),
        "vpcId": asked.vpc_id(&acl.vpc),
        "ownerId": asked.account_id(&acl.account),
        "default": acl.is_default(),
        "entrySet": entries.collect::<Vec<_>>(),
        "associationSet": asked.cloud.subnets_behind(acl).map(association).collect::<Vec<_>>(),
        "tagSet": tagged::shown(asked, &acl.id.0, name),
    })
}

fn entry_shown(entry: &AclEntry) -> Value {
    let number = PROTOCOLS.iter().find(|(protocol, _)| *protocol == entry.protocol).map(|(_, number)| *number);
    let is_icmp = entry.protocol == RuleProtocol::Icmp;
    json!({
        "ruleNumber": entry.number,
        "protocol": number,
        "ruleAction": if entry.policy == Policy::Accept { "allow" } else { "deny" },
        "egress": entry.direction == Direction::Egress,
        "cidrBlock": entry.cidr.to_string(),
        "portRange": entry.ports.map(|ports| json!({"from": lowest(ports), "to": ports.high})),
        "icmpTypeCode": is_icmp.then(|| json!({"type": -1, "code": -1})),
    })
}

/// The first of a range of ports; all ports are those from 0, where peerlab's begin at 1, because no packet has port 0.
pub(super) fn lowest(ports: PortRange) -> u16 {
    if ports.is_all() { 0 } else { ports.low }
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["network-acl"])?;
    let vpc = change.asked().vpc("VpcId", "create-network-acl")?.name.to_string();
    let id = change
        .create(ResourceKind::NetworkAcl, |name| call("create-network-acl", &[("name", &name), ("vpc", &vpc)]))?;
    tagged::keep(change, &id.0, "network-acl")?;
    Ok(json!({"networkAcl": ACLS.one(&change.asked(), &id.0)?}))
}

fn direction(asked: &Asked<'_>) -> String {
    let egress = asked.parameters().is_set("Egress");
    if egress { Direction::Egress } else { Direction::Ingress }.to_string()
}

/// The ports of an entry or a rule, as calls take them: `None` is all.
pub(super) fn ports(protocol: RuleProtocol, from: Option<&str>, to: Option<&str>) -> Result<Option<String>, Refused> {
    if !protocol.has_ports() {
        return Ok(None);
    }
    let missing = || {
        let message = "Must specify both from and to ports with TCP/UDP.";
        Refused::new(400, "InvalidParameterValue", message)
    };
    let number = |text: &str| {
        let number: Option<u16> = text.parse().ok();
        number.ok_or_else(|| invalid(text, "port", "A port is a number from 0 to 65535."))
    };
    let (from, to) = (number(from.ok_or_else(missing)?)?, number(to.ok_or_else(missing)?)?);
    if from > to {
        return Err(invalid(&from.to_string(), "port", "The range of ports runs backwards."));
    }
    // No packet has port 0.
    Ok((from > 1 || to < u16::MAX).then(|| format!("{}/{}", from.max(1), to.max(1))))
}

/// The call that makes the request's entry.
fn entry(asked: &Asked<'_>) -> Result<Call, Refused> {
    let parameters = asked.parameters();
    let acl = asked.acl("NetworkAclId", "create-network-acl-entry")?.name.to_string();
    let text = parameters.needed("Protocol");
    let protocol = protocol(text).ok_or_else(|| invalid(text, "protocol", "peerlab knows -1, 1, 6, 17 and 47."))?;
    let port = ports(protocol, parameters.get("PortRange.From"), parameters.get("PortRange.To"))?;
    check_icmp(protocol, parameters.get("Icmp.Type"))?;
    let policy = match &*parameters.needed("RuleAction").to_lowercase() {
        "allow" => Policy::Accept,
        "deny" => Policy::Drop,
        other => return Err(invalid(other, "ruleAction", "It is allow or deny.")),
    };
    Ok(Call::CreateNetworkAclEntry(CreateNetworkAclEntry {
        acl,
        number: parameters.needed("RuleNumber").to_owned(),
        direction: direction(asked),
        protocol: protocol.to_string(),
        port,
        cidr: block(parameters.needed("CidrBlock"), "cidrBlock")?.to_owned(),
        policy: Some(policy.to_string()),
    }))
}

/// Rules for ICMP are for all of it; those for echo requests and replies are too, which are all that labs send.
pub(super) fn check_icmp(protocol: RuleProtocol, kind: Option<&str>) -> Result<(), Refused> {
    match kind {
        Some(kind) if protocol == RuleProtocol::Icmp && !["-1", "8", "0"].contains(&kind) => {
            let message =
                format!("peerlab has no rules for ICMP type {kind}: all types (-1), echo requests (8) or replies (0).");
            Err(Refused::new(400, "InvalidParameterValue", message))
        }
        _ => Ok(()),
    }
}

fn deletion(asked: &Asked<'_>) -> Result<Call, Refused> {
    let acl = asked.acl("NetworkAclId", "delete-network-acl-entry")?.name.to_string();
    let (number, direction) = (asked.parameters().needed("RuleNumber").to_owned(), direction(asked));
    Ok(Call::DeleteNetworkAclEntry(DeleteNetworkAclEntry { acl, number, direction }))
}

/// The subnet of an association.
fn associated<'a>(asked: &Asked<'a>, id: &str) -> Result<&'a Subnet, Refused> {
    let mut all = asked.cloud.subnets().filter(|subnet| asked.is_in_sight(&subnet.name.vpc));
    let found = all.find(|subnet| asked.cloud.acl_of(subnet).is_some_and(|acl| association_id(subnet, acl) == id));
    found.ok_or_else(|| {
        let message = format!("The association ID '{id}' does not exist");
        Refused::new(400, "InvalidAssociationID.NotFound", message)
    })
}

fn replace_association(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let id = asked.parameters().needed("AssociationId");
    let subnet = associated(&asked, id)?;
    let acl = asked.acl("NetworkAclId", "associate-network-acl")?;
    let new = association_id(subnet, acl);
    let call = AssociateNetworkAcl { acl: acl.name.to_string(), subnet: subnet.name.to_string() };
    change.operate(Call::AssociateNetworkAcl(call))?;
    Ok(json!({"newAssociationId": new}))
}
