//! Regions and zones.

use serde_json::{Value, json};

use super::row::{ECS, VPC, describe};
use crate::Refused;
use crate::action::{Action, Asked};

pub(super) const ACTIONS: &[Action] = &[
    describe(VPC, "DescribeRegions", "", "Regions.Region[]: RegionId LocalName RegionEndpoint", describe_regions),
    describe(VPC, "DescribeZones", "RegionId*", "Zones.Zone[]: ZoneId LocalName", describe_zones),
    describe(ECS, "DescribeRegions", "", "Regions.Region[]: RegionId LocalName RegionEndpoint", describe_regions),
    describe(ECS, "DescribeZones", "RegionId*", "Zones.Zone[]: ZoneId LocalName", describe_zones),
];

fn describe_regions(asked: &Asked<'_>) -> Result<Value, Refused> {
    let used = asked.cloud.vpcs().map(|vpc| vpc.region.to_string());
    let known = asked.cloud.provider().regions.iter().map(|region| (*region).to_owned());
    let all: std::collections::BTreeSet<_> = used.chain(known).collect();
    let regions: Vec<_> = all
        .iter()
        .map(|region| {
            json!({"RegionId": region, "LocalName": region, "RegionEndpoint": format!("vpc.{region}.aliyuncs.com"), "Status": "available"})
        })
        .collect();
    Ok(json!({"Regions": {"Region": regions}}))
}

fn describe_zones(asked: &Asked<'_>) -> Result<Value, Refused> {
    let region = asked.parameters().get("RegionId").unwrap_or_default();
    let zones: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|letter| {
            let zone = format!("{region}-{letter}");
            json!({"ZoneId": zone, "LocalName": zone})
        })
        .collect();
    Ok(json!({"Zones": {"Zone": zones}}))
}
