//! Peerings of VPCs: each side's half.

use peerlab_cloud::{Call, DeleteVpcPeering, PeeringName, ResourceKind, Vpc, VpcPeering};
use serde_json::{Value, json};

use super::row::{LIST, VPC, at, change, describe, keep_words, listed, made};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::made::call;

pub(super) const ACTIONS: &[Action] = &[
    change(
        VPC,
        ("createVpcPeering", "POST", at!("/vpcPeerings/")),
        &["create-vpc-peering"],
        "vpcPeeringName* vpcId* remoteVpcId* description",
        "vpcPeering{vpcPeeringId vpcPeeringName vpcPeeringState description vpcInfo{vpcId vpcName addressPrefix[]} \
         remoteVpcInfo createdTime}",
        |change| {
            let vpc = change.asked().vpc("vpcId", "create-vpc-peering")?.name.to_string();
            let peer = change.parameters().needed("remoteVpcId").to_owned();
            // The other side's VPC is of any account, but is known by its id only.
            if change.cloud().with_id(ResourceKind::Vpc, &peer).is_none() {
                return Err(change.asked().not_found(ResourceKind::Vpc, &peer, "create-vpc-peering"));
            }
            let id = change.create(ResourceKind::VpcPeering, |name| {
                call("create-vpc-peering", &[("name", &name), ("vpc", &vpc), ("peer_vpc_id", &peer)])
            })?;
            keep_words(change, &id.0, "vpcPeeringName");
            let name = change.parameters().text("vpcPeeringName");
            peering_now(change, &id.0, name)
        },
    ),
    describe(VPC, ("describeVpcPeerings", at!("/vpcPeerings/")), LIST, "vpcPeerings[] totalCount", |asked| {
        let all = asked.cloud.vpc_peerings().filter(|it| asked.is_in_sight(&it.vpc)).collect();
        listed(
            asked,
            "vpcPeerings",
            all,
            |it, filter| match filter {
                "vpcPeeringIds" | "vpcPeeringId" => Some(it.id.to_string()),
                "vpcPeeringNames" | "vpcPeeringName" => Some(asked.label(&it.id, it.name.as_str())),
                "vpcId" => Some(asked.vpc_id(&it.vpc)),
                "remoteVpcId" => Some(it.peer_vpc_id.to_string()),
                _ => None,
            },
            |it| peering_shown(asked, it, None),
        )
    }),
    describe(VPC, ("describeVpcPeering", at!("/vpcPeerings/{vpcPeeringId}")), "", "vpcPeering", |asked| {
        Ok(json!({"vpcPeering": peering_shown(asked, peering(asked, "vpcPeeringId")?, None)}))
    }),
    change(
        VPC,
        ("modifyVpcPeering", "PUT", at!("/vpcPeerings/{vpcPeeringId}")),
        &[],
        "vpcPeeringName description",
        "vpcPeering",
        |change| {
            let id = peering(&change.asked(), "vpcPeeringId")?.id.to_string();
            keep_words(change, &id, "vpcPeeringName");
            let name = change.parameters().text("vpcPeeringName");
            peering_now(change, &id, name)
        },
    ),
    change(
        VPC,
        ("deleteVpcPeering", "DELETE", at!("/vpcPeerings/{vpcPeeringId}")),
        &["delete-vpc-peering"],
        "",
        "",
        |change| {
            let name = peering(&change.asked(), "vpcPeeringId")?.name.to_string();
            change.done(Call::DeleteVpcPeering(DeleteVpcPeering { name }))
        },
    ),
];

fn peering<'a>(asked: &Asked<'a>, parameter: &str) -> Result<&'a VpcPeering, Refused> {
    let id = asked.parameters().needed(parameter);
    let name = asked.cloud.with_id(ResourceKind::VpcPeering, id).map(PeeringName::trusted);
    let half = name.and_then(|name| asked.cloud.vpc_peering(&name));
    half.filter(|half| asked.is_in_sight(&half.vpc))
        .ok_or_else(|| asked.not_found(ResourceKind::VpcPeering, id, "delete-vpc-peering"))
}

/// A peering as it is after a change, with the name that the change gives it.
fn peering_now(change: &Change<'_>, id: &str, name: Option<String>) -> Result<Value, Refused> {
    let asked = change.asked();
    let found = asked.cloud.vpc_peerings().find(|it| *it.id.0 == *id);
    let found = found.ok_or_else(|| asked.not_found(ResourceKind::VpcPeering, id, "create-vpc-peering"))?;
    Ok(json!({"vpcPeering": peering_shown(&asked, found, name)}))
}

fn peering_shown(asked: &Asked<'_>, it: &VpcPeering, name: Option<String>) -> Value {
    let info = |vpc: Option<&Vpc>, id: &str| {
        let mine = vpc.filter(|vpc| asked.is_mine(&vpc.account));
        json!({
            "vpcId": id,
            "vpcName": mine.map_or_else(String::new, |vpc| asked.label(&vpc.id, vpc.name.as_str())),
            "addressPrefix": vpc.map(|vpc| vpc.cidr.to_string()).into_iter().collect::<Vec<_>>(),
        })
    };
    let own = asked.cloud.vpc(&it.vpc);
    json!({
        "vpcPeeringId": it.id.to_string(),
        "vpcPeeringName": name.unwrap_or_else(|| asked.label(&it.id, it.name.as_str())),
        "vpcPeeringState": asked.cloud.peering(&it.name).map_or("", |end| end.status),
        "description": asked.description(&it.id),
        "vpcInfo": info(own, own.map_or("", |vpc| &vpc.id.0)),
        "remoteVpcInfo": info(asked.cloud.peer_of_half(it), &it.peer_vpc_id.0),
        "createdTime": made(asked, &it.id.0),
    })
}
