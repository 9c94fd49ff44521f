//! VpcPeer 2022-01-01: VPC peering connections.

use peerlab_cloud::{
    AcceptVpcPeeringConnection, Call, ConnectionStatus, DeleteVpcPeeringConnection, ModifyVpcPeeringConnection,
    PeeringConnection, PeeringName, RejectVpcPeeringConnection, ResourceKind,
};
use serde_json::{Value, json};

use super::row::{PEER, change, describe};
use crate::action::{Action, Asked, Change};
use crate::kept::{DESCRIPTION, NAME};
use crate::made::call;
use crate::paging::Paging;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        PEER,
        "CreateVpcPeerConnection",
        &["create-vpc-peering-connection"],
        "RegionId* VpcId* AcceptingVpcId* AcceptingAliUid AcceptingRegionId* Name Description Bandwidth LinkType ClientToken DryRun",
        "InstanceId",
        create,
    ),
    change(
        PEER,
        "AcceptVpcPeerConnection",
        &["accept-vpc-peering-connection"],
        "InstanceId* ClientToken DryRun",
        "",
        |change| {
            let (id, name) = connection(change, "accept-vpc-peering-connection")?;
            change.operate(Call::AcceptVpcPeeringConnection(AcceptVpcPeeringConnection { name, region: None }))?;
            Ok(json!({"InstanceId": id}))
        },
    ),
    change(
        PEER,
        "RejectVpcPeerConnection",
        &["reject-vpc-peering-connection"],
        "InstanceId* ClientToken DryRun",
        "",
        |change| {
            let (_, name) = connection(change, "reject-vpc-peering-connection")?;
            change.operate(Call::RejectVpcPeeringConnection(RejectVpcPeeringConnection { name, region: None }))?;
            Ok(json!({}))
        },
    ),
    change(
        PEER,
        "DeleteVpcPeerConnection",
        &["delete-vpc-peering-connection"],
        "InstanceId* Force ClientToken DryRun",
        "",
        |change| {
            let (_, name) = connection(change, "delete-vpc-peering-connection")?;
            let force = change.parameters().is_set("Force").then(|| "true".to_owned());
            change.operate(Call::DeleteVpcPeeringConnection(DeleteVpcPeeringConnection { name, force }))?;
            Ok(json!({}))
        },
    ),
    change(
        PEER,
        "ModifyVpcPeerConnection",
        &["modify-vpc-peering-connection"],
        "InstanceId* Name Description Bandwidth LinkType ClientToken DryRun",
        "",
        |change| {
            let (id, name) = connection(change, "modify-vpc-peering-connection")?;
            check_link(change)?;
            if let Some(mbit) = change.parameters().get("Bandwidth") {
                let bandwidth = format!("{mbit}Mbit");
                change.operate(Call::ModifyVpcPeeringConnection(ModifyVpcPeeringConnection { name, bandwidth }))?;
            }
            change.keep(&id, NAME, "Name");
            change.keep(&id, DESCRIPTION, "Description");
            change.keep(&id, LINK, "LinkType");
            Ok(json!({}))
        },
    ),
    describe(
        PEER,
        "GetVpcPeerConnectionAttribute",
        "InstanceId*",
        "InstanceId Name Description Status BizStatus RegionId OwnerId Vpc{VpcId Ipv4Cidrs[]} AcceptingRegionId \
         AcceptingOwnerUid AcceptingVpc Bandwidth GmtCreate GmtModified LinkType",
        |asked| {
            let id = asked.parameters().needed("InstanceId");
            let found = mine(asked).find(|it| *it.id.0 == *id);
            found
                .map(|it| shown(asked, it))
                .ok_or_else(|| asked.not_found(ResourceKind::PeeringConnection, id, "delete-vpc-peering-connection"))
        },
    ),
    describe(
        PEER,
        "ListVpcPeerConnections",
        "RegionId InstanceId Name VpcId.N NextToken MaxResults",
        "VpcPeerConnects[] as above, TotalCount MaxResults NextToken",
        list,
    ),
];

/// The connections with the caller on either side.
fn mine<'a>(asked: &Asked<'a>) -> impl Iterator<Item = &'a PeeringConnection> {
    let caller = asked.caller.account;
    asked
        .cloud
        .peering_connections()
        .filter(move |it| it.requester.account == *caller || it.accepter.account == *caller)
}

/// The id and the name of the request's connection.
fn connection(change: &Change<'_>, operation: &str) -> Result<(String, String), Refused> {
    let asked = change.asked();
    let id = change.parameters().needed("InstanceId");
    let found = mine(&asked).find(|it| *it.id.0 == *id);
    let found = found.ok_or_else(|| asked.not_found(ResourceKind::PeeringConnection, id, operation))?;
    Ok((id.to_owned(), found.name.to_string()))
}

/// The word with the kind of a connection's link: a label, as all links of a lab are what its file says.
const LINK: &str = "link";

fn check_link(change: &Change<'_>) -> Result<(), Refused> {
    match change.parameters().get("LinkType").filter(|kind| !["Gold", "Platinum", "Silver"].contains(kind)) {
        Some(kind) => {
            let message = format!("The specified LinkType {kind} is not valid: Gold, Platinum or Silver.");
            Err(Refused::new(400, "IllegalParam.LinkType", message))
        }
        None => Ok(()),
    }
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    let parameters = change.parameters();
    check_link(change)?;
    let vpc = change.asked().vpc("VpcId", "create-vpc-peering-connection")?.name.to_string();
    let mbit = parameters.get("Bandwidth").map(|mbit| format!("{mbit}Mbit"));
    let id = change.create(ResourceKind::PeeringConnection, |name| {
        let text = |name: &str| parameters.get(name).unwrap_or_default();
        let texts = [
            ("name", &*name),
            ("vpc", &vpc),
            ("peer_vpc", text("AcceptingVpcId")),
            ("peer_account", text("AcceptingAliUid")),
            ("peer_region", text("AcceptingRegionId")),
            ("bandwidth", mbit.as_deref().unwrap_or_default()),
        ];
        call("create-vpc-peering-connection", &texts)
    })?;
    change.keep(&id.0, NAME, "Name");
    change.keep(&id.0, DESCRIPTION, "Description");
    change.keep(&id.0, LINK, "LinkType");
    Ok(json!({"InstanceId": id.to_string()}))
}

fn list(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let vpcs = parameters.json_list("VpcId")?;
    let all = mine(asked).filter(|it| {
        let vpc = |id: &str| *it.requester.vpc_id.0 == *id || *it.accepter.vpc_id.0 == *id;
        let is_here = asked.is_here(&it.requester.region) || asked.is_here(&it.accepter.region);
        is_here
            && parameters.get("InstanceId").is_none_or(|id| *it.id.0 == *id)
            && parameters.get("Name").is_none_or(|name| asked.label(&it.id, it.name.as_str()) == name)
            && vpcs.as_ref().is_none_or(|vpcs| vpcs.iter().any(|id| vpc(id)))
    });
    let paging =
        Paging { names: ("PageNumber", "PageSize"), tokens: Some(("NextToken", "MaxResults")), sizes: (20, 100) };
    let page = paging.page(parameters, all.collect())?;
    let items: Vec<_> = page.items.iter().map(|it| shown(asked, it)).collect();
    let mut reply = json!({"VpcPeerConnects": items, "TotalCount": page.total, "MaxResults": page.size});
    if let Some(next) = page.next {
        reply["NextToken"] = next.into();
    }
    Ok(reply)
}

fn shown(asked: &Asked<'_>, it: &PeeringConnection) -> Value {
    let number = |account| asked.account_id(account).parse::<u64>().ok();
    let cidrs = |name: &peerlab_cloud::VpcName| -> Vec<String> {
        asked.cloud.vpc(name).map(|vpc| vpc.cidr.to_string()).into_iter().collect()
    };
    let made = time::at_second(asked.kept.made(&it.id.0));
    let status = asked.cloud.peering(&PeeringName::trusted(it.name.as_str())).map_or("Deleted", |end| end.status);
    json!({
        "InstanceId": it.id.to_string(),
        "Name": asked.label(&it.id, it.name.as_str()),
        "Description": asked.description(&it.id),
        "Status": status,
        "BizStatus": "Normal",
        "RegionId": it.requester.region.to_string(),
        "OwnerId": number(&it.requester.account),
        "Vpc": {"VpcId": it.requester.vpc_id.to_string(), "Ipv4Cidrs": cidrs(&it.requester.vpc), "Ipv6Cidrs": []},
        "AcceptingRegionId": it.accepter.region.to_string(),
        "AcceptingOwnerUid": number(&it.accepter.account),
        "AcceptingVpc": {"VpcId": it.accepter.vpc_id.to_string(), "Ipv4Cidrs": cidrs(&it.accepter.vpc), "Ipv6Cidrs": []},
        "Bandwidth": it.bandwidth.filter(|_| it.status == ConnectionStatus::Active).map_or(-1, |bandwidth| (bandwidth.0 / 1_000_000) as i64),
        "GmtCreate": made,
        "GmtModified": made,
        "GmtExpired": "",
        "LinkType": asked.kept.word(&it.id.0, LINK).unwrap_or("Gold"),
        "ResourceGroupId": "",
        "Tags": [],
    })
}
