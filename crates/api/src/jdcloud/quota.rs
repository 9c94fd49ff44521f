//! Quotas.

use peerlab_cloud::VpcName;
use serde_json::{Value, json};

use super::row::{VPC, at, describe};
use crate::Refused;
use crate::action::{Action, Asked};

pub(super) const ACTIONS: &[Action] = &[describe(
    VPC,
    ("describeQuota", at!("/quotas/")),
    "type* parentResourceId",
    "quota{type parentResourceId maxLimit count}",
    describe_quota,
)];

fn describe_quota(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let (kind, parent) = (parameters.needed("type"), parameters.get("parentResourceId").unwrap_or_default());
    let provider = asked.cloud.provider();
    let mine = |vpc: &VpcName| asked.is_in_sight(vpc);
    let of_parent = |vpc: &VpcName| parent.is_empty() || asked.vpc_id(vpc) == parent;
    let cloud = asked.cloud;
    let (most, count) = match kind {
        "vpc" => (100, cloud.vpcs().filter(|vpc| mine(&vpc.name)).count()),
        "subnet" => (50, cloud.subnets().filter(|it| mine(&it.name.vpc) && of_parent(&it.name.vpc)).count()),
        "vpcpeering" | "vpcPeering" => {
            let families = provider.families.iter();
            let most = families.filter_map(|family| match family {
                peerlab_cloud::Family::Halves(halves) => Some(halves.per_vpc),
                _ => None,
            });
            (most.max().unwrap_or(10), cloud.vpc_peerings().filter(|it| mine(&it.vpc) && of_parent(&it.vpc)).count())
        }
        "routeTable" | "route_table" => {
            (20, cloud.route_tables().filter(|it| mine(&it.vpc) && of_parent(&it.vpc)).count())
        }
        "routeTableRule" | "route_table_rule" => {
            let table = cloud.route_tables().find(|it| mine(&it.vpc) && *it.id.0 == *parent);
            (provider.entries_per_table, table.map_or(0, |table| table.entries.len()))
        }
        "security_group" | "networkSecurityGroup" => {
            (50, cloud.security_groups().filter(|it| mine(&it.vpc) && of_parent(&it.vpc)).count())
        }
        "securityGroupRule" | "networkSecurityGroupRule" | "security_group_rule" => {
            let group = cloud.security_groups().find(|it| mine(&it.vpc) && *it.id.0 == *parent);
            (provider.groups().rules, group.map_or(0, |group| group.rules.len()))
        }
        other => return Err(Refused::new(400, "INVALID_ARGUMENT", format!("There is no type '{other}'"))),
    };
    Ok(json!({"quota": {"type": kind, "parentResourceId": parent, "maxLimit": most, "count": count}}))
}
