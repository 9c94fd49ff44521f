//! Regions, availability zones, and what an account has in one.

use serde_json::{Value, json};

use super::list::{Listing, page};
use super::row::{describe, list};
use super::tagged;
use crate::Refused;
use crate::action::{Action, Asked, REGION};
use crate::derived::derived;

/// A row that lists what no lab has: its name, its parameters, the empty set, the parameter of ids, and the code of an id.
macro_rules! none {
    ($name:literal, $parameters:literal, $set:literal, $ids:literal, $unknown:literal) => {
        describe($name, $parameters, $set, |asked| nothing(asked, $set, $ids, $unknown))
    };
}

pub(super) const ACTIONS: &[Action] = &[
    list(
        "DescribeRegions",
        "RegionName.N AllRegions Filter.N DryRun",
        &REGIONS,
        "regionInfo[]: regionName regionEndpoint optInStatus",
        |asked| REGIONS.answer(asked),
    ),
    list(
        "DescribeAvailabilityZones",
        "ZoneName.N ZoneId.N AllAvailabilityZones Filter.N DryRun",
        &ZONES,
        "availabilityZoneInfo[]: zoneName zoneId zoneState regionName zoneType optInStatus groupName \
         networkBorderGroup messageSet",
        |asked| {
            let mut chosen = ZONES.chosen(asked)?;
            let ids = asked.parameters().list("ZoneId");
            chosen.retain(|zone| ids.is_empty() || ids.iter().any(|id| zone["zoneId"] == **id));
            Ok(json!({ZONES.set: chosen}))
        },
    ),
    describe(
        "DescribeAccountAttributes",
        "AttributeName.N DryRun",
        "accountAttributeSet[]: attributeName attributeValueSet[]{attributeValue}",
        describe_account_attributes,
    ),
    list(
        "DescribeDhcpOptions",
        "DhcpOptionsId.N Filter.N MaxResults NextToken DryRun",
        &DHCP_OPTIONS,
        "dhcpOptionsSet[]: dhcpOptionsId ownerId dhcpConfigurationSet[]{key valueSet[]{value}} tagSet; nextToken",
        |asked| DHCP_OPTIONS.answer(asked),
    ),
    none!(
        "DescribeEgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId.N Filter.N MaxResults NextToken DryRun",
        "egressOnlyInternetGatewaySet",
        "EgressOnlyInternetGatewayId",
        "InvalidGatewayID.NotFound"
    ),
    none!(
        "DescribeVpcEndpoints",
        "VpcEndpointId.N Filter.N MaxResults NextToken DryRun",
        "vpcEndpointSet",
        "VpcEndpointId",
        "InvalidVpcEndpointId.NotFound"
    ),
    none!(
        "DescribeVpnGateways",
        "VpnGatewayId.N Filter.N DryRun",
        "vpnGatewaySet",
        "VpnGatewayId",
        "InvalidVpnGatewayID.NotFound"
    ),
    none!(
        "DescribeVpnConnections",
        "VpnConnectionId.N Filter.N DryRun",
        "vpnConnectionSet",
        "VpnConnectionId",
        "InvalidVpnConnectionID.NotFound"
    ),
    none!(
        "DescribeManagedPrefixLists",
        "PrefixListId.N Filter.N MaxResults NextToken DryRun",
        "prefixListSet",
        "PrefixListId",
        "InvalidPrefixListID.NotFound"
    ),
    none!(
        "DescribePrefixLists",
        "PrefixListId.N Filter.N MaxResults NextToken DryRun",
        "prefixListSet",
        "PrefixListId",
        "InvalidPrefixListId.NotFound"
    ),
    none!("DescribeKeyPairs", "KeyPairId.N KeyName.N Filter.N DryRun", "keySet", "KeyName", "InvalidKeyPair.NotFound"),
    none!(
        "DescribeVolumes",
        "VolumeId.N Filter.N MaxResults NextToken DryRun",
        "volumeSet",
        "VolumeId",
        "InvalidVolume.NotFound"
    ),
    none!(
        "DescribeFlowLogs",
        "FlowLogId.N Filter.N MaxResults NextToken DryRun",
        "flowLogSet",
        "FlowLogId",
        "InvalidFlowLogId.NotFound"
    ),
];

/// An empty list; an id is unknown.
fn nothing(asked: &Asked<'_>, set: &str, ids: &str, unknown: &str) -> Result<Value, Refused> {
    match asked.parameters().list(ids).first() {
        Some(id) => Err(Refused::new(400, unknown, format!("The ID '{id}' does not exist"))),
        None => page(asked.parameters(), set, Vec::new()),
    }
}

const REGIONS: Listing = Listing {
    set: "regionInfo",
    ids: "RegionName",
    id: "regionName",
    unknown: "InvalidParameterValue",
    filters: &[("region-name", "regionName"), ("endpoint", "regionEndpoint"), ("opt-in-status", "optInStatus")],
    all: |asked, wanted| {
        let all = asked.cloud.provider().regions.iter().filter(|region| wanted.takes(region));
        let shown = |region: &&str| {
            json!({
                "regionName": region,
                "regionEndpoint": format!("ec2.{region}.amazonaws.com"),
                "optInStatus": "opt-in-not-required",
            })
        };
        all.map(shown).collect()
    },
};

const ZONES: Listing = Listing {
    set: "availabilityZoneInfo",
    ids: "ZoneName",
    id: "zoneName",
    unknown: "InvalidParameterValue",
    filters: &[
        ("zone-name", "zoneName"),
        ("zone-id", "zoneId"),
        ("zone-type", "zoneType"),
        ("state", "zoneState"),
        ("region-name", "regionName"),
        ("group-name", "groupName"),
        ("opt-in-status", "optInStatus"),
        ("message", "messageSet.message"),
    ],
    all: |asked, wanted| {
        let region = here(asked);
        let zones = zones(region).into_iter().filter(|zone| wanted.takes(zone));
        let shown = |zone: String| {
            json!({
                "zoneName": zone,
                "zoneId": zone_id(&zone),
                "zoneState": "available",
                "regionName": region,
                "zoneType": "availability-zone",
                "optInStatus": "opt-in-not-required",
                "groupName": region,
                "networkBorderGroup": region,
                "messageSet": [],
            })
        };
        zones.map(shown).collect()
    },
};

const DHCP_OPTIONS: Listing = Listing {
    set: "dhcpOptionsSet",
    ids: "DhcpOptionsId",
    id: "dhcpOptionsId",
    unknown: "InvalidDhcpOptionID.NotFound",
    filters: &[
        ("dhcp-options-id", "dhcpOptionsId"),
        ("key", "dhcpConfigurationSet.key"),
        ("value", "dhcpConfigurationSet.valueSet.value"),
        ("owner-id", "ownerId"),
    ],
    all: |asked, wanted| {
        let (id, region) = (dhcp_options(asked, here(asked)), here(asked));
        let domain =
            if region == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") };
        let pair = |key: &str, value: &str| json!({"key": key, "valueSet": [{"value": value}]});
        let shown = json!({
            "dhcpOptionsId": id,
            "ownerId": asked.account_id(asked.caller.account),
            "dhcpConfigurationSet": [pair("domain-name", &domain), pair("domain-name-servers", "AmazonProvidedDNS")],
            "tagSet": tagged::shown(asked, &id, ""),
        });
        if wanted.takes(&id) { vec![shown] } else { Vec::new() }
    },
};

/// The region of the request.
pub(super) fn here<'a>(asked: &Asked<'a>) -> &'a str {
    asked.parameters().needed(REGION)
}

/// The DHCP options of an account in a region, which every VPC has.
pub(super) fn dhcp_options(asked: &Asked<'_>, region: &str) -> String {
    derived("dopt-0", &[asked.caller.account.as_str(), region])
}

/// The zones of a region: six in the first, three elsewhere.
pub(super) fn zones(region: &str) -> Vec<String> {
    let letters = if region == "us-east-1" { 'a'..='f' } else { 'a'..='c' };
    letters.map(|letter| format!("{region}{letter}")).collect()
}

/// The id of a zone: `use1-az1` of us-east-1a.
pub(super) fn zone_id(zone: &str) -> String {
    let (region, letter) = zone.split_at(zone.len().saturating_sub(1));
    let mut parts = region.split('-');
    let first = parts.next().unwrap_or_default();
    let number = region.rsplit('-').next().unwrap_or_default();
    let middle: String = parts.take_while(|part| *part != number).map(short).collect();
    let at = letter.bytes().next().map_or(1, |letter| u32::from(letter.saturating_sub(b'a')) + 1);
    format!("{first}{middle}{number}-az{at}")
}

/// A direction in short: `ne` of northeast.
fn short(direction: &str) -> String {
    let known = ["north", "south", "east", "west", "central"];
    let mut rest = direction;
    let mut letters = String::new();
    while let Some(word) = known.iter().find(|word| rest.starts_with(**word)) {
        letters.push_str(&word[..1]);
        rest = &rest[word.len()..];
    }
    if rest.is_empty() { letters } else { direction.to_owned() }
}

fn describe_account_attributes(asked: &Asked<'_>) -> Result<Value, Refused> {
    let wanted = asked.parameters().list("AttributeName");
    let all = [
        ("supported-platforms", "VPC"),
        ("default-vpc", "none"),
        ("max-instances", "20"),
        ("vpc-max-security-groups-per-interface", "5"),
        ("max-elastic-ips", "5"),
        ("vpc-max-elastic-ips", "5"),
    ];
    let chosen = all.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    let shown = |(name, value)| json!({"attributeName": name, "attributeValueSet": [{"attributeValue": value}]});
    Ok(json!({"accountAttributeSet": chosen.map(shown).collect::<Vec<_>>()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_the_ids_of_the_reference() {
        for (zone, id) in [
            ("us-east-1a", "use1-az1"),
            ("ap-northeast-2c", "apne2-az3"),
            ("eu-central-1b", "euc1-az2"),
            ("me-south-1a", "mes1-az1"),
            ("", "-az1"),
        ] {
            assert_eq!(zone_id(zone), id);
        }
    }
}
