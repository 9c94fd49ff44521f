//! Subnets.

use peerlab_cloud::{Call, DeleteSubnet, ResourceKind, Subnet};
use serde_json::{Value, json};

use super::list::Listing;
use super::refused::{block, invalid};
use super::row::{change, done, list};
use super::vpc::{self};
use super::{region, tagged};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::made::call;

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateSubnet",
        &["create-subnet"],
        "VpcId* CidrBlock* AvailabilityZone AvailabilityZoneId TagSpecification.N DryRun",
        "subnet",
        create_subnet,
    ),
    list(
        "DescribeSubnets",
        "SubnetId.N Filter.N MaxResults NextToken DryRun",
        &SUBNETS,
        "subnetSet[]: subnetId subnetArn vpcId ownerId cidrBlock availableIpAddressCount availabilityZone \
         availabilityZoneId state defaultForAz mapPublicIpOnLaunch assignIpv6AddressOnCreation \
         ipv6CidrBlockAssociationSet[] mapCustomerOwnedIpOnLaunch enableDns64 ipv6Native \
         privateDnsNameOptionsOnLaunch tagSet[]{key value}; nextToken",
        |asked| SUBNETS.answer(asked),
    ),
    change("DeleteSubnet", &["delete-subnet"], "SubnetId* DryRun", "return", |change| {
        let name = change.asked().subnet("SubnetId", "delete-subnet")?.name.to_string();
        change.operate(Call::DeleteSubnet(DeleteSubnet { name }))?;
        done()
    }),
    change("CreateDefaultSubnet", &["create-subnet"], "AvailabilityZone* DryRun", "subnet", create_default_subnet),
    change(
        "ModifySubnetAttribute",
        &[],
        "SubnetId* MapPublicIpOnLaunch.Value PrivateDnsHostnameTypeOnLaunch EnableResourceNameDnsARecordOnLaunch.Value \
         EnableResourceNameDnsAAAARecordOnLaunch.Value",
        "return",
        |change| {
            let id = change.asked().subnet("SubnetId", "delete-subnet")?.id.to_string();
            for (word, parameter) in WORDS {
                change.keep(&id, word, parameter);
            }
            done()
        },
    ),
];

/// The words of a subnet's attributes, each with its parameter.
const WORDS: [(&str, &str); 4] = [
    (PUBLIC, "MapPublicIpOnLaunch.Value"),
    (NAMES, "PrivateDnsHostnameTypeOnLaunch"),
    (A, "EnableResourceNameDnsARecordOnLaunch.Value"),
    (AAAA, "EnableResourceNameDnsAAAARecordOnLaunch.Value"),
];
const NAMES: &str = "hostnameType";
const A: &str = "enableResourceNameDnsARecord";
const AAAA: &str = "enableResourceNameDnsAAAARecord";

/// The word that says whether instances in a subnet get public addresses.
const PUBLIC: &str = "mapPublicIpOnLaunch";

/// Whether instances in a subnet get public addresses with them.
pub(super) fn is_public(asked: &Asked<'_>, subnet: &Subnet) -> bool {
    match asked.kept.word(&subnet.id.0, PUBLIC) {
        Some(text) => text.eq_ignore_ascii_case("true"),
        None => asked.cloud.vpc(&subnet.name.vpc).is_some_and(vpc::is_default),
    }
}

pub(super) const SUBNETS: Listing = Listing {
    set: "subnetSet",
    ids: "SubnetId",
    id: "subnetId",
    unknown: "InvalidSubnetID.NotFound",
    filters: &[
        ("subnet-id", "subnetId"),
        ("subnet-arn", "subnetArn"),
        ("vpc-id", "vpcId"),
        ("availability-zone", "availabilityZone"),
        ("availabilityZone", "availabilityZone"),
        ("availability-zone-id", "availabilityZoneId"),
        ("availabilityZoneId", "availabilityZoneId"),
        ("available-ip-address-count", "availableIpAddressCount"),
        ("cidr", "cidrBlock"),
        ("cidr-block", "cidrBlock"),
        ("cidrBlock", "cidrBlock"),
        ("default-for-az", "defaultForAz"),
        ("defaultForAz", "defaultForAz"),
        ("map-public-ip-on-launch", "mapPublicIpOnLaunch"),
        ("map-customer-owned-ip-on-launch", "mapCustomerOwnedIpOnLaunch"),
        ("ipv6-cidr-block-association.association-id", "ipv6CidrBlockAssociationSet.associationId"),
        ("ipv6-cidr-block-association.ipv6-cidr-block", "ipv6CidrBlockAssociationSet.ipv6CidrBlock"),
        ("ipv6-cidr-block-association.state", "ipv6CidrBlockAssociationSet.ipv6CidrBlockState.state"),
        ("ipv6-native", "ipv6Native"),
        ("enable-dns64", "enableDns64"),
        ("outpost-arn", "outpostArn"),
        ("owner-id", "ownerId"),
        ("state", "state"),
    ],
    all: |asked, wanted| {
        let here = |subnet: &&Subnet| wanted.takes(&subnet.id.0) && asked.is_in_sight(&subnet.name.vpc);
        asked.cloud.subnets().filter(here).map(|subnet| subnet_shown(asked, subnet)).collect()
    },
};

/// The zone of a subnet: the one it was created in, else the first of its region.
pub(super) fn zone_of(asked: &Asked<'_>, subnet: &Subnet) -> String {
    let usual = || format!("{}a", asked.region(&subnet.name.vpc));
    subnet.zone.as_deref().map_or_else(usual, str::to_owned)
}

fn subnet_shown(asked: &Asked<'_>, subnet: &Subnet) -> Value {
    let zone = zone_of(asked, subnet);
    let owner = asked.cloud.vpc(&subnet.name.vpc).map_or_else(String::new, |vpc| asked.account_id(&vpc.account));
    let region = asked.region(&subnet.name.vpc);
    json!({
        "subnetId": subnet.id.to_string(),
        "subnetArn": format!("arn:aws:ec2:{region}:{owner}:subnet/{}", subnet.id),
        "vpcId": asked.vpc_id(&subnet.name.vpc),
        "ownerId": owner,
        "cidrBlock": subnet.cidr.to_string(),
        "availableIpAddressCount": asked.free_addresses(subnet),
        "availabilityZoneId": region::zone_id(&zone),
        "availabilityZone": zone,
        "state": "available",
        "defaultForAz": asked.cloud.vpc(&subnet.name.vpc).is_some_and(vpc::is_default),
        "mapPublicIpOnLaunch": is_public(asked, subnet),
        "mapCustomerOwnedIpOnLaunch": false,
        "assignIpv6AddressOnCreation": false,
        "ipv6CidrBlockAssociationSet": [],
        "ipv6Native": false,
        "enableDns64": false,
        "privateDnsNameOptionsOnLaunch": {
            NAMES: asked.kept.word(&subnet.id.0, NAMES).unwrap_or("ip-name"),
            A: asked.kept.word(&subnet.id.0, A).is_some_and(|it| it.eq_ignore_ascii_case("true")),
            AAAA: asked.kept.word(&subnet.id.0, AAAA).is_some_and(|it| it.eq_ignore_ascii_case("true")),
        },
        "tagSet": tagged::shown(asked, &subnet.id.0, &subnet.name.subnet),
    })
}

/// The zone that a request names, by name or id.
fn wanted_zone(asked: &Asked<'_>) -> Result<Option<String>, Refused> {
    let zones = region::zones(region::here(asked));
    let parameters = asked.parameters();
    let (name, id) = (parameters.get("AvailabilityZone"), parameters.get("AvailabilityZoneId"));
    let Some(text) = name.or(id) else { return Ok(None) };
    let found = zones.iter().find(|zone| match name {
        Some(name) => **zone == name,
        None => region::zone_id(zone) == text,
    });
    found.cloned().map(Some).ok_or_else(|| {
        let why =
            format!("Subnets can currently only be created in the following availability zones: {}.", zones.join(", "));
        invalid(text, "availabilityZone", &why)
    })
}

/// Makes the subnet of the caller's default VPC in a zone that has none.
fn create_default_subnet(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let zone = wanted_zone(&asked)?.unwrap_or_default();
    let Some(vpc) = vpc::default_of(&asked) else {
        let message = "There is no default VPC in this region. Please specify a subnet, or create a default VPC first.";
        return Err(Refused::new(400, "DefaultVpcDoesNotExist", message));
    };
    if let Some(subnet) = asked.cloud.subnets_of(&vpc.name).find(|subnet| zone_of(&asked, subnet) == zone) {
        let message = format!("'{}' is already the default subnet in {zone}.", subnet.id);
        return Err(Refused::new(400, "DefaultSubnetAlreadyExistsInAvailabilityZone", message));
    }
    let is_free = |block: &ipnet::Ipv4Net| {
        let mut own = asked.cloud.subnets_of(&vpc.name);
        !own.any(|subnet| subnet.cidr.contains(block) || block.contains(&subnet.cidr))
    };
    let Some(block) = vpc.cidr.subnets(20).into_iter().flatten().find(is_free) else {
        let message = format!("The VPC {} has no free block for another subnet.", vpc.id);
        return Err(Refused::new(400, "InsufficientFreeAddressesInSubnet", message));
    };
    let (name, letter) = (vpc.name.to_string(), zone.chars().last().map(String::from).unwrap_or_default());
    let texts = [("name", &*letter), ("vpc", &*name), ("cidr", &*block.to_string()), ("zone", &*zone)];
    change.operate(call("create-subnet", &texts))?;
    let asked = change.asked();
    let mut all = vpc::default_of(&asked).into_iter().flat_map(|vpc| asked.cloud.subnets_of(&vpc.name));
    let made = all.find(|subnet| *subnet.name.subnet == *letter).map(|subnet| subnet_shown(&asked, subnet));
    Ok(json!({"subnet": made}))
}

fn create_subnet(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["subnet"])?;
    let parameters = change.parameters();
    let vpc = change.asked().vpc("VpcId", "create-subnet")?.name.to_string();
    let cidr = block(parameters.needed("CidrBlock"), "cidrBlock")?;
    let zone = wanted_zone(&change.asked())?;
    let id = change.create(ResourceKind::Subnet, |name| {
        let zone = zone.as_deref().unwrap_or_default();
        call("create-subnet", &[("name", &name), ("vpc", &vpc), ("cidr", cidr), ("zone", zone)])
    })?;
    tagged::keep(change, &id.0, "subnet")?;
    Ok(json!({"subnet": SUBNETS.one(&change.asked(), &id.0)?}))
}
