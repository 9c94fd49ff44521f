//! Subnets.

use peerlab_cloud::{Call, DeleteSubnet, ResourceKind, Subnet};
use serde_json::{Value, json};

use super::list::Listing;
use super::refused::invalid;
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
    change("ModifySubnetAttribute", &[], "SubnetId* MapPublicIpOnLaunch.Value", "return", |change| {
        let id = change.asked().subnet("SubnetId", "delete-subnet")?.id.to_string();
        change.keep(&id, PUBLIC, "MapPublicIpOnLaunch.Value");
        done()
    }),
];

/// The word that says whether instances in a subnet get public addresses.
const PUBLIC: &str = "mapPublicIpOnLaunch";

/// Whether instances in a subnet get public addresses with them.
pub(super) fn is_public(asked: &Asked<'_>, subnet: &Subnet) -> bool {
    asked.kept.word(&subnet.id.0, PUBLIC).is_some_and(|text| text.eq_ignore_ascii_case("true"))
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
        "mapPublicIpOnLaunch": asked.kept.word(&subnet.id.0, PUBLIC).is_some_and(|it| it.eq_ignore_ascii_case("true")),
        "mapCustomerOwnedIpOnLaunch": false,
        "assignIpv6AddressOnCreation": false,
        "ipv6CidrBlockAssociationSet": [],
        "ipv6Native": false,
        "enableDns64": false,
        "privateDnsNameOptionsOnLaunch": {
            "hostnameType": "ip-name",
            "enableResourceNameDnsARecord": false,
            "enableResourceNameDnsAAAARecord": false,
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

fn create_subnet(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["subnet"])?;
    let parameters = change.parameters();
    let vpc = change.asked().vpc("VpcId", "create-subnet")?.name.to_string();
    let zone = wanted_zone(&change.asked())?;
    let id = change.create(ResourceKind::Subnet, |name| {
        let (cidr, zone) = (parameters.needed("CidrBlock"), zone.as_deref().unwrap_or_default());
        call("create-subnet", &[("name", &name), ("vpc", &vpc), ("cidr", cidr), ("zone", zone)])
    })?;
    tagged::keep(change, &id.0, "subnet")?;
    Ok(json!({"subnet": SUBNETS.one(&change.asked(), &id.0)?}))
}
