//! Internet gateways. The Cloud's are all attached to a VPC; those that are attached to none are kept beside it.

use peerlab_cloud::{Gateway, GatewayName, ResourceKind};
use serde_json::{Value, json};

use super::list::{Listing, Wanted};
use super::row::{change, done, list};
use super::{region, tagged};
use crate::Refused;
use crate::action::{Action, Asked, Change};
use crate::aside::Aside;
use crate::derived::derived;
use crate::kept::MADE;
use crate::made::call;

pub(super) const ACTIONS: &[Action] = &[
    change("CreateInternetGateway", &[], "TagSpecification.N DryRun", "internetGateway", create),
    list(
        "DescribeInternetGateways",
        "InternetGatewayId.N Filter.N MaxResults NextToken DryRun",
        &GATEWAYS,
        "internetGatewaySet[]: internetGatewayId ownerId attachmentSet[]{vpcId state} tagSet[]{key value}; nextToken",
        |asked| GATEWAYS.answer(asked),
    ),
    change("AttachInternetGateway", &["create-gateway"], "InternetGatewayId* VpcId* DryRun", "return", attach),
    change("DetachInternetGateway", &["delete-gateway"], "InternetGatewayId* VpcId* DryRun", "return", detach),
    change("DeleteInternetGateway", &[], "InternetGatewayId* DryRun", "return", |change| {
        let id = change.parameters().needed("InternetGatewayId");
        if attached(&change.asked(), id).is_some() {
            let message = format!("The internetGateway '{id}' has dependencies and cannot be deleted.");
            return Err(Refused::new(400, "DependencyViolation", message));
        }
        GATEWAYS.one(&change.asked(), id)?;
        DETACHED.take(change, id);
        done()
    }),
];

pub(super) const GATEWAYS: Listing = Listing {
    set: "internetGatewaySet",
    ids: "InternetGatewayId",
    id: "internetGatewayId",
    unknown: "InvalidInternetGatewayID.NotFound",
    filters: &[
        ("internet-gateway-id", "internetGatewayId"),
        ("attachment.vpc-id", "attachmentSet.vpcId"),
        ("attachment.state", "attachmentSet.state"),
        ("owner-id", "ownerId"),
    ],
    all: |asked, wanted| {
        let mine = asked.cloud.gateways().filter(|it| wanted.takes(&it.id.0) && asked.is_in_sight(&it.vpc));
        let mut all: Vec<_> = mine.map(|it| shown(asked, &it.id.0, Some(it))).collect();
        all.extend(detached(asked, wanted).iter().map(|id| shown(asked, id, None)));
        all
    },
};

/// Those that are attached to no VPC, with their region.
const DETACHED: Aside = Aside("detached internet gateways");

fn detached(asked: &Asked<'_>, wanted: &Wanted<'_>) -> Vec<String> {
    let here = DETACHED.all(asked).into_iter().filter(|(_, region)| *region == region::here(asked)).map(|(id, _)| id);
    let free = here.filter(|id| asked.cloud.with_id(ResourceKind::Gateway, id).is_none());
    free.filter(|id| wanted.takes(id)).map(str::to_owned).collect()
}

/// The caller's gateway with this id that is attached to a VPC.
pub(super) fn attached<'a>(asked: &Asked<'a>, id: &str) -> Option<&'a Gateway> {
    let name = asked.cloud.with_id(ResourceKind::Gateway, id).map(GatewayName::trusted)?;
    asked.cloud.gateway(&name).filter(|it| asked.is_in_sight(&it.vpc))
}

fn shown(asked: &Asked<'_>, id: &str, it: Option<&Gateway>) -> Value {
    let attachment = |it: &Gateway| json!({"vpcId": asked.vpc_id(&it.vpc), "state": "available"});
    json!({
        "internetGatewayId": id,
        "ownerId": asked.account_id(asked.caller.account),
        "attachmentSet": it.map(attachment).into_iter().collect::<Vec<_>>(),
        "tagSet": tagged::shown(asked, id, it.map_or("", |it| it.name.as_str())),
    })
}

fn create(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["internet-gateway"])?;
    let asked = change.asked();
    let region = region::here(&asked).to_owned();
    let is_new = |id: &String| asked.kept.word(id, MADE).is_none();
    let account = asked.caller.account.as_str();
    let ids = (0..).map(|number: usize| derived("igw-0", &[account, &region, &number.to_string()]));
    let (id, now) = (ids.into_iter().find(is_new).unwrap_or_default(), asked.caller.now.to_string());
    DETACHED.put(change, &id, &region);
    change.keep_word(&id, MADE, &now);
    tagged::keep(change, &id, "internet-gateway")?;
    Ok(json!({"internetGateway": GATEWAYS.one(&change.asked(), &id)?}))
}

fn attach(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let id = change.parameters().needed("InternetGatewayId");
    GATEWAYS.one(&asked, id)?;
    let vpc = asked.vpc("VpcId", "create-gateway")?;
    if let Some(it) = attached(&asked, id) {
        let message = format!("resource {id} is already attached to network {}", asked.vpc_id(&it.vpc));
        return Err(Refused::new(400, "Resource.AlreadyAssociated", message));
    }
    let vpc = vpc.name.to_string();
    change.operate(call("create-gateway", &[("name", id), ("vpc", &vpc), ("id", id)]))?;
    DETACHED.take(change, id);
    done()
}

fn detach(change: &mut Change<'_>) -> Result<Value, Refused> {
    let asked = change.asked();
    let id = change.parameters().needed("InternetGatewayId");
    GATEWAYS.one(&asked, id)?;
    let vpc = change.parameters().needed("VpcId");
    let found = attached(&asked, id).filter(|it| asked.vpc_id(&it.vpc) == vpc).ok_or_else(|| {
        Refused::new(400, "Gateway.NotAttached", format!("resource {id} is not attached to network {vpc}"))
    })?;
    let (region, name) = (region::here(&asked).to_owned(), found.name.to_string());
    change.operate(call("delete-gateway", &[("name", &name)]))?;
    DETACHED.put(change, id, &region);
    done()
}
