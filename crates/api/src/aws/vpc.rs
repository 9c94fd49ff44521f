//! VPCs and their blocks.

use peerlab_cloud::{AccountName, Call, DeleteVpc, ResourceKind, Vpc};
use serde_json::{Value, json};

use super::list::Listing;
use super::refused::{block, invalid};
use super::row::{change, describe, done, list};
use super::{region, tagged};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::derived::derived;
use crate::made::call;
use crate::parameters::Parameters;

/// What lists show of a VPC.
const SHOWN: &str = "vpcSet[]: vpcId ownerId cidrBlock cidrBlockAssociationSet[]{associationId cidrBlock \
    cidrBlockState{state}} ipv6CidrBlockAssociationSet[] state isDefault dhcpOptionsId instanceTenancy \
    tagSet[]{key value}; nextToken";

pub(super) const ACTIONS: &[Action] = &[
    change("CreateVpc", &["create-vpc"], "CidrBlock* InstanceTenancy TagSpecification.N DryRun", "vpc", create_vpc),
    list("DescribeVpcs", "VpcId.N Filter.N MaxResults NextToken DryRun", &VPCS, SHOWN, |asked| VPCS.answer(asked)),
    change(
        "CreateDefaultVpc",
        &["create-vpc", "create-subnet", "create-gateway", "create-route-entry"],
        "DryRun",
        "vpc",
        create_default_vpc,
    ),
    change("ModifyVpcTenancy", &[], "VpcId* InstanceTenancy* DryRun", "return", |change| {
        let id = change.asked().vpc("VpcId", "delete-vpc")?.id.to_string();
        check_tenancy(change.parameters(), &["default"])?;
        change.keep(&id, "tenancy", "InstanceTenancy");
        done()
    }),
    change("DeleteVpc", &["delete-vpc"], "VpcId* DryRun", "return", |change| {
        let name = change.asked().vpc("VpcId", "delete-vpc")?.name.to_string();
        change.operate(Call::DeleteVpc(DeleteVpc { name }))?;
        done()
    }),
    describe(
        "DescribeVpcAttribute",
        "VpcId* Attribute* DryRun",
        "vpcId, enableDnsSupport or enableDnsHostnames or enableNetworkAddressUsageMetrics{value}",
        describe_vpc_attribute,
    ),
    change(
        "ModifyVpcAttribute",
        &[],
        "VpcId* EnableDnsSupport.Value EnableDnsHostnames.Value EnableNetworkAddressUsageMetrics.Value",
        "return",
        modify_vpc_attribute,
    ),
    change(
        "AssociateVpcCidrBlock",
        &["add-cidr"],
        "VpcId* CidrBlock*",
        "vpcId cidrBlockAssociation{associationId cidrBlock cidrBlockState{state}}",
        associate_vpc_cidr_block,
    ),
    change(
        "DisassociateVpcCidrBlock",
        &["remove-cidr"],
        "AssociationId*",
        "vpcId cidrBlockAssociation{associationId cidrBlock cidrBlockState{state}}",
        disassociate_vpc_cidr_block,
    ),
];

pub(super) const VPCS: Listing = Listing {
    set: "vpcSet",
    ids: "VpcId",
    id: "vpcId",
    unknown: "InvalidVpcID.NotFound",
    filters: &[
        ("vpc-id", "vpcId"),
        ("cidr", "cidrBlock"),
        ("cidr-block", "cidrBlock"),
        ("cidrBlock", "cidrBlock"),
        ("cidr-block-association.association-id", "cidrBlockAssociationSet.associationId"),
        ("cidr-block-association.cidr-block", "cidrBlockAssociationSet.cidrBlock"),
        ("cidr-block-association.state", "cidrBlockAssociationSet.cidrBlockState.state"),
        ("ipv6-cidr-block-association.association-id", "ipv6CidrBlockAssociationSet.associationId"),
        ("ipv6-cidr-block-association.ipv6-cidr-block", "ipv6CidrBlockAssociationSet.ipv6CidrBlock"),
        ("ipv6-cidr-block-association.state", "ipv6CidrBlockAssociationSet.ipv6CidrBlockState.state"),
        ("dhcp-options-id", "dhcpOptionsId"),
        ("dhcpOptionsId", "dhcpOptionsId"),
        ("is-default", "isDefault"),
        ("isDefault", "isDefault"),
        ("owner-id", "ownerId"),
        ("state", "state"),
    ],
    all: |asked, wanted| {
        let all = asked.cloud.vpcs().filter(|vpc| wanted.takes(&vpc.id.0) && asked.is_in_sight(&vpc.name));
        all.map(|vpc| vpc_shown(asked, vpc)).collect()
    },
};

/// Whether a VPC is its account's default one: the lab's file asks for it by the account.
pub(super) fn is_default(vpc: &Vpc) -> bool {
    vpc.name.as_str() == default_name(&vpc.account)
}

fn default_name(account: &AccountName) -> String {
    format!("default-{account}")
}

/// The caller's default VPC in the request's region.
pub(super) fn default_of<'a>(asked: &Asked<'a>) -> Option<&'a Vpc> {
    asked.cloud.vpcs().find(|vpc| is_default(vpc) && asked.is_in_sight(&vpc.name))
}

fn block_shown(vpc: &Vpc, block: &str, state: &str) -> Value {
    let id = derived("vpc-cidr-assoc-0", &[&vpc.id.0, block]);
    json!({"associationId": id, "cidrBlock": block, "cidrBlockState": {"state": state}})
}

fn vpc_shown(asked: &Asked<'_>, vpc: &Vpc) -> Value {
    let blocks: Vec<_> = vpc.blocks().map(|block| block_shown(vpc, &block.to_string(), "associated")).collect();
    json!({
        "vpcId": vpc.id.to_string(),
        "ownerId": asked.account_id(&vpc.account),
        "cidrBlock": vpc.cidr.to_string(),
        "cidrBlockAssociationSet": blocks,
        "ipv6CidrBlockAssociationSet": [],
        "state": "available",
        "isDefault": is_default(vpc),
        "dhcpOptionsId": region::dhcp_options(asked, &vpc.region.0),
        "instanceTenancy": asked.kept.word(&vpc.id.0, "tenancy").unwrap_or("default"),
        "tagSet": tagged::shown(asked, &vpc.id.0, vpc.name.as_str()),
    })
}

fn create_vpc(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["vpc"])?;
    let parameters = change.parameters();
    check_tenancy(parameters, &["default", "dedicated"])?;
    let cidr = block(parameters.needed("CidrBlock"), "cidrBlock")?;
    let id = change.create(ResourceKind::Vpc, |name| {
        let region = parameters.needed(crate::action::REGION);
        call("create-vpc", &[("name", &name), ("region", region), ("cidr", cidr)])
    })?;
    change.keep(&id.0, "tenancy", "InstanceTenancy");
    tagged::keep(change, &id.0, "vpc")?;
    Ok(json!({"vpc": VPCS.one(&change.asked(), &id.0)?}))
}

fn check_tenancy(parameters: &Parameters, known: &[&str]) -> Result<(), Refused> {
    match parameters.get("InstanceTenancy").filter(|it| !known.contains(it)) {
        None => Ok(()),
        Some(tenancy) => {
            let message = format!("The tenancy value {tenancy} is not supported.");
            Err(Refused::new(400, "UnsupportedTenancy", message))
        }
    }
}

/// Makes the default VPC of the caller in the request's region, as a lab's file does: subnets in three zones, a gateway to
/// the internet and a route to it.
fn create_default_vpc(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    if let Some(vpc) = default_of(&asked) {
        let message = format!("A Default VPC already exists for this account in this region: {}", vpc.id);
        return Err(Refused::new(400, "DefaultVpcAlreadyExists", message));
    }
    let (name, region) = (default_name(asked.caller.account), region::here(&asked).to_owned());
    let (cidr, zones) = (asked.cloud.provider().default_vpc, region::zones(&region));
    let Some(cidr) = cidr.filter(|_| !asked.cloud.vpcs().any(|vpc| vpc.name.as_str() == name)) else {
        let message = "An account has a default VPC in one region of a lab.";
        return Err(Refused::new(400, "OperationNotPermitted", message));
    };
    change.operate(call("create-vpc", &[("name", &name), ("region", &region), ("cidr", &cidr.to_string())]))?;
    for (letter, (block, zone)) in ["a", "b", "c"].iter().zip(cidr.subnets(20).into_iter().flatten().zip(zones)) {
        let texts = [("name", *letter), ("vpc", &*name), ("cidr", &*block.to_string()), ("zone", &*zone)];
        change.operate(call("create-subnet", &texts))?;
    }
    change.operate(call("create-gateway", &[("name", &name), ("vpc", &name)]))?;
    change.operate(call("create-route-entry", &[("vpc", &name), ("destination", "0.0.0.0/0"), ("next_hop", &name)]))?;
    let asked = change.asked();
    let made = default_of(&asked).map(|vpc| vpc_shown(&asked, vpc));
    Ok(json!({"vpc": made}))
}

/// The attributes of a VPC, each with its value before it is changed.
const ATTRIBUTES: [(&str, &str); 3] =
    [("enableDnsSupport", "true"), ("enableDnsHostnames", "false"), ("enableNetworkAddressUsageMetrics", "false")];

/// Whether an attribute of a VPC is set.
pub(super) fn has(asked: &Asked<'_>, vpc: &str, attribute: &str) -> bool {
    let usual = ATTRIBUTES.iter().find(|(name, _)| *name == attribute).map_or("false", |(_, usual)| usual);
    let is_of_default = attribute == "enableDnsHostnames" && default_of(asked).is_some_and(|it| *it.id.0 == *vpc);
    let usual = if is_of_default { "true" } else { usual };
    asked.kept.word(vpc, attribute).unwrap_or(usual) == "true"
}

fn describe_vpc_attribute(asked: &Asked<'_>) -> Result<Value, Refused> {
    let vpc = asked.vpc("VpcId", "delete-vpc")?;
    let attribute = asked.parameters().needed("Attribute");
    if !ATTRIBUTES.iter().any(|(name, _)| *name == attribute) {
        return Err(invalid(attribute, "attribute", "There is no such attribute."));
    }
    Ok(json!({"vpcId": vpc.id.to_string(), attribute: {"value": has(asked, &vpc.id.0, attribute)}}))
}

fn modify_vpc_attribute(change: &mut Change<'_>) -> Result<Value, Refused> {
    let vpc = change.asked().vpc("VpcId", "delete-vpc")?.id.to_string();
    for (attribute, _) in ATTRIBUTES {
        let parameter = format!("{}{}.Value", attribute[..1].to_uppercase(), &attribute[1..]);
        if let Some(value) = change.parameters().get(&parameter) {
            let value = value.to_lowercase();
            if !["true", "false"].contains(&&*value) {
                return Err(invalid(&value, &parameter, "It is true or false."));
            }
            change.keep_word(&vpc, attribute, &value);
        }
    }
    done()
}

fn associate_vpc_cidr_block(change: &mut Change<'_>) -> Result<Value, Refused> {
    let vpc = change.asked().vpc("VpcId", "add-cidr")?.name.to_string();
    let cidr = block(change.parameters().needed("CidrBlock"), "cidrBlock")?;
    change.operate(call("add-cidr", &[("vpc", &vpc), ("cidr", cidr)]))?;
    let asked = change.asked();
    let vpc = asked.vpc("VpcId", "add-cidr")?;
    let block = vpc.blocks().last().map_or_else(String::new, |block| block.to_string());
    // As the reply says; lists have it associated.
    Ok(json!({"vpcId": vpc.id.to_string(), "cidrBlockAssociation": block_shown(vpc, &block, "associating")}))
}

/// The VPC and the block of an association.
fn associated<'a>(asked: &Asked<'a>, id: &str) -> Result<(&'a Vpc, String), Refused> {
    let mine = asked.cloud.vpcs().filter(|vpc| asked.is_in_sight(&vpc.name));
    let mut blocks = mine.flat_map(|vpc| vpc.blocks().map(move |block| (vpc, block.to_string())));
    let found = blocks.find(|(vpc, block)| block_shown(vpc, block, "")["associationId"] == *id);
    found.ok_or_else(|| {
        let message = format!("The vpc CIDR block association ID '{id}' does not exist");
        Refused::new(400, "InvalidVpcCidrBlockAssociationID.NotFound", message)
    })
}

fn disassociate_vpc_cidr_block(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let id = asked.parameters().needed("AssociationId");
    let (vpc, block) = associated(&asked, id)?;
    if block == vpc.cidr.to_string() {
        let message = format!(
            "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
        );
        return Err(Refused::new(400, "OperationNotPermitted", message));
    }
    let shown =
        json!({"vpcId": vpc.id.to_string(), "cidrBlockAssociation": block_shown(vpc, &block, "disassociating")});
    let name = vpc.name.to_string();
    change.operate(call("remove-cidr", &[("vpc", &name), ("cidr", &block)]))?;
    Ok(shown)
}
