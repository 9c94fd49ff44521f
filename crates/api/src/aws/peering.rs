//! VPC peering connections: seen by both accounts, in both regions.

use peerlab_cloud::{
    AcceptVpcPeeringConnection, Call, ConnectedVpc, ConnectionSide, ConnectionStatus, DeleteVpcPeeringConnection,
    PeeringConnection, PeeringName, RejectVpcPeeringConnection, ResourceKind,
};
use serde_json::{Value, json};

use super::list::Listing;
use super::refused::invalid;
use super::row::{change, done, list};
use super::{region, tagged, vpc};
use crate::action::{Action, Asked, Change};
use crate::made::call;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateVpcPeeringConnection",
        &["create-vpc-peering-connection"],
        "VpcId* PeerVpcId* PeerOwnerId PeerRegion TagSpecification.N DryRun",
        "vpcPeeringConnection",
        create,
    ),
    change(
        "AcceptVpcPeeringConnection",
        &["accept-vpc-peering-connection"],
        "VpcPeeringConnectionId* DryRun",
        "vpcPeeringConnection",
        |change| {
            let (id, name) = connection(change)?;
            let region = Some(region::here(&change.asked()).to_owned());
            change.operate(Call::AcceptVpcPeeringConnection(AcceptVpcPeeringConnection { name, region }))?;
            Ok(json!({"vpcPeeringConnection": CONNECTIONS.one(&change.asked(), &id)?}))
        },
    ),
    change(
        "RejectVpcPeeringConnection",
        &["reject-vpc-peering-connection"],
        "VpcPeeringConnectionId* DryRun",
        "return",
        |change| {
            let (_, name) = connection(change)?;
            let region = Some(region::here(&change.asked()).to_owned());
            change.operate(Call::RejectVpcPeeringConnection(RejectVpcPeeringConnection { name, region }))?;
            done()
        },
    ),
    change(
        "DeleteVpcPeeringConnection",
        &["delete-vpc-peering-connection"],
        "VpcPeeringConnectionId* DryRun",
        "return",
        |change| {
            let (id, name) = connection(change)?;
            let account = change.asked().account_id(change.asked().caller.account);
            change.operate(Call::DeleteVpcPeeringConnection(DeleteVpcPeeringConnection { name, force: None }))?;
            change.keep_word(&id, DELETED_BY, &account);
            done()
        },
    ),
    list(
        "DescribeVpcPeeringConnections",
        "VpcPeeringConnectionId.N Filter.N MaxResults NextToken DryRun",
        &CONNECTIONS,
        "vpcPeeringConnectionSet[]: vpcPeeringConnectionId requesterVpcInfo and accepterVpcInfo{ownerId vpcId region \
         cidrBlock cidrBlockSet[]{cidrBlock} ipv6CidrBlockSet[] peeringOptions} status{code message} expirationTime \
         tagSet[]{key value}; nextToken",
        |asked| CONNECTIONS.answer(asked),
    ),
    change(
        "ModifyVpcPeeringConnectionOptions",
        &[],
        "VpcPeeringConnectionId* RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc \
         AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc DryRun",
        "requesterPeeringConnectionOptions and accepterPeeringConnectionOptions{allowDnsResolutionFromRemoteVpc \
         allowEgressFromLocalClassicLinkToRemoteVpc allowEgressFromLocalVpcToRemoteClassicLink}",
        modify_options,
    ),
];

pub(super) const CONNECTIONS: Listing = Listing {
    set: "vpcPeeringConnectionSet",
    ids: "VpcPeeringConnectionId",
    id: "vpcPeeringConnectionId",
    unknown: "InvalidVpcPeeringConnectionID.NotFound",
    filters: &[
        ("vpc-peering-connection-id", "vpcPeeringConnectionId"),
        ("status-code", "status.code"),
        ("status-message", "status.message"),
        ("requester-vpc-info.vpc-id", "requesterVpcInfo.vpcId"),
        ("requester-vpc-info.owner-id", "requesterVpcInfo.ownerId"),
        ("requester-vpc-info.cidr-block", "requesterVpcInfo.cidrBlock"),
        ("accepter-vpc-info.vpc-id", "accepterVpcInfo.vpcId"),
        ("accepter-vpc-info.owner-id", "accepterVpcInfo.ownerId"),
        ("accepter-vpc-info.cidr-block", "accepterVpcInfo.cidrBlock"),
        ("expiration-time", "expirationTime"),
    ],
    all: |asked, wanted| {
        let seen = |it: &&PeeringConnection| wanted.takes(&it.id.0) && is_seen(asked, it);
        asked.cloud.peering_connections().filter(seen).map(|it| shown(asked, it)).collect()
    },
};

/// The word with the account that deleted a connection.
const DELETED_BY: &str = "deleted-by";

/// A request that fails is the requester's only.
fn is_seen(asked: &Asked<'_>, it: &PeeringConnection) -> bool {
    let by = |side: &ConnectedVpc| asked.is_mine(&side.account) && asked.is_here(&side.region);
    by(&it.requester) || by(&it.accepter) && it.status != ConnectionStatus::Failed
}

/// The connection with this id that the caller sees.
pub(super) fn with_id<'a>(asked: &Asked<'a>, id: &str) -> Result<&'a PeeringConnection, Refused> {
    let name = asked.cloud.with_id(ResourceKind::PeeringConnection, id).map(PeeringName::trusted);
    let found = name.and_then(|name| asked.cloud.peering_connection(&name));
    found.filter(|it| is_seen(asked, it)).ok_or_else(|| CONNECTIONS.not_found(id))
}

/// The id and the name of the request's connection. Its region is checked by the operation.
fn connection(change: &Change<'_>) -> Result<(String, String), Refused> {
    let id = change.parameters().needed("VpcPeeringConnectionId");
    let mut all = change.cloud().peering_connections();
    let asked = change.asked();
    let mine = |side: &ConnectedVpc| asked.is_mine(&side.account);
    let found = all.find(|it| *it.id.0 == *id && (mine(&it.requester) || mine(&it.accepter)));
    let found = found.ok_or_else(|| CONNECTIONS.not_found(id))?;
    Ok((id.to_owned(), found.name.to_string()))
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["vpc-peering-connection"])?;
    let parameters = change.parameters();
    let vpc = change.asked().vpc("VpcId", "create-vpc-peering-connection")?.name.to_string();
    if let Some(owner) =
        parameters.get("PeerOwnerId").filter(|id| id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(invalid(owner, "peerOwnerId", "An account's ID has 12 digits."));
    }
    let id = change.create(ResourceKind::PeeringConnection, |name| {
        let text = |name: &str| parameters.get(name).unwrap_or_default();
        let texts = [
            ("name", &*name),
            ("vpc", &vpc),
            ("peer_vpc", text("PeerVpcId")),
            ("peer_account", text("PeerOwnerId")),
            ("peer_region", text("PeerRegion")),
        ];
        call("create-vpc-peering-connection", &texts)
    });
    // A request that is pending is answered again: nothing is made.
    let id = match id {
        Err(refused) if refused.status == 500 => pending(&change.asked()).ok_or(refused)?,
        id => id?.to_string(),
    };
    tagged::keep(change, &id, "vpc-peering-connection")?;
    Ok(json!({"vpcPeeringConnection": CONNECTIONS.one(&change.asked(), &id)?}))
}

/// The pending request that a request repeats.
fn pending(asked: &Asked<'_>) -> Option<String> {
    let parameters = asked.parameters();
    let mut all = asked.cloud.peering_connections();
    let same = all.find(|it| {
        it.status == ConnectionStatus::Pending
            && *it.requester.vpc_id.0 == *parameters.needed("VpcId")
            && *it.accepter.vpc_id.0 == *parameters.needed("PeerVpcId")
    });
    same.map(|it| it.id.to_string())
}

/// The options of a side, each with the word by which it is kept.
fn options(asked: &Asked<'_>, id: &str, side: ConnectionSide) -> Value {
    json!({
        "allowDnsResolutionFromRemoteVpc": asked.kept.word(id, word(side)) == Some("true"),
        "allowEgressFromLocalClassicLinkToRemoteVpc": false,
        "allowEgressFromLocalVpcToRemoteClassicLink": false,
    })
}

fn word(side: ConnectionSide) -> &'static str {
    match side {
        ConnectionSide::Requester => "dns-of-requester",
        ConnectionSide::Accepter => "dns-of-accepter",
    }
}

fn shown(asked: &Asked<'_>, it: &PeeringConnection) -> Value {
    let status = asked.cloud.provider().families.iter().find_map(|family| match family {
        peerlab_cloud::Family::Requests(requests) => Some((requests.status)(it.status)),
        _ => None,
    });
    let account = |side: &ConnectedVpc| asked.account_id(&side.account);
    let message = match it.status {
        ConnectionStatus::Creating => format!("Initiating request to {}", account(&it.accepter)),
        ConnectionStatus::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        ConnectionStatus::Pending => format!("Pending Acceptance by {}", account(&it.accepter)),
        ConnectionStatus::Updating => "Provisioning".to_owned(),
        ConnectionStatus::Active => "Active".to_owned(),
        ConnectionStatus::Rejected => format!("Rejected by {}", account(&it.accepter)),
        ConnectionStatus::Expired => "Expired".to_owned(),
        ConnectionStatus::Deleting => "Deleting".to_owned(),
        ConnectionStatus::Deleted => match asked.kept.word(&it.id.0, DELETED_BY) {
            Some(account) => format!("Deleted by {account}"),
            None => "Deleted".to_owned(),
        },
    };
    let was_accepted = matches!(it.status, ConnectionStatus::Active | ConnectionStatus::Updating);
    let info = |side: ConnectionSide| {
        let own = it.side(side);
        let vpc = asked
            .cloud
            .with_id(ResourceKind::Vpc, &own.vpc_id.0)
            .and_then(|name| asked.cloud.vpc(&peerlab_cloud::VpcName::trusted(name)));
        // The accepter's blocks are shown once it has accepted.
        let vpc = vpc.filter(|_| side == ConnectionSide::Requester || was_accepted);
        let blocks: Option<Vec<_>> =
            vpc.map(|vpc| vpc.blocks().map(|it| json!({"cidrBlock": it.to_string()})).collect());
        let named = if own.vpc_id.0.is_empty() { own.vpc.as_str() } else { &*own.vpc_id.0 };
        json!({
            "ownerId": account(own),
            "vpcId": named,
            "region": own.region.to_string(),
            "cidrBlock": vpc.map(|vpc| vpc.cidr.to_string()),
            "cidrBlockSet": blocks,
            "ipv6CidrBlockSet": vpc.map(|_| json!([])),
            "peeringOptions": was_accepted.then(|| options(asked, &it.id.0, side)),
        })
    };
    let expires = asked.kept.made(&it.id.0) + 7 * 86_400;
    json!({
        "vpcPeeringConnectionId": it.id.to_string(),
        "requesterVpcInfo": info(ConnectionSide::Requester),
        "accepterVpcInfo": info(ConnectionSide::Accepter),
        "status": {"code": status, "message": message},
        "expirationTime": (it.status == ConnectionStatus::Pending).then(|| time::at_second(expires)),
        "tagSet": tagged::shown(asked, &it.id.0, it.name.as_str()),
    })
}

/// The options are kept and shown; no lab has names to resolve.
fn modify_options(change: &mut Change<'_>) -> Result<Value, Refused> {
    let (id, _) = connection(change)?;
    let asked = change.asked();
    let it = with_id(&asked, &id)?;
    if it.status != ConnectionStatus::Active {
        let message = format!("The peering connection {id} is not active.");
        return Err(Refused::new(400, "InvalidStateTransition", message));
    }
    let mut set = Vec::new();
    for (side, parameter) in [
        (ConnectionSide::Requester, "RequesterPeeringConnectionOptions"),
        (ConnectionSide::Accepter, "AccepterPeeringConnectionOptions"),
    ] {
        let Some(value) = asked.parameters().get(&format!("{parameter}.AllowDnsResolutionFromRemoteVpc")) else {
            continue;
        };
        let own = it.side(side);
        if !(asked.is_mine(&own.account) && asked.is_here(&own.region)) {
            let message = format!("{parameter} of {id} are set by the owner of {}, in its region.", own.vpc_id);
            return Err(Refused::new(400, "OperationNotPermitted", message));
        }
        let value = value.eq_ignore_ascii_case("true");
        if value
            && !(vpc::has(&asked, &own.vpc_id.0, "enableDnsHostnames")
                && vpc::has(&asked, &own.vpc_id.0, "enableDnsSupport"))
        {
            let message = format!("The VPC {} needs DNS hostnames and DNS support.", own.vpc_id);
            return Err(Refused::new(400, "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled", message));
        }
        set.push((side, value));
    }
    let mut reply = json!({});
    for (side, value) in set {
        change.keep_word(&id, word(side), if value { "true" } else { "" });
        let member = match side {
            ConnectionSide::Requester => "requesterPeeringConnectionOptions",
            ConnectionSide::Accepter => "accepterPeeringConnectionOptions",
        };
        reply[member] = options(&change.asked(), &id, side);
    }
    Ok(reply)
}
