//! Tags of all kinds of things: made, removed, listed.

use serde_json::{Value, json};

use super::list::{Listing, Wanted, page};
use super::row::{change, done, list};
use super::tagged::{TAG, has_own_name, set};
use super::{
    address, gateway, group, insights, instance, interface, nat_gateway, network_acl, peering, route_table, subnet, vpc,
};
use crate::Refused;
use crate::action::{Action, Change};
use crate::kept::NAME;

/// The kinds of things that have tags: as tags name them, what their ids begin with, and their lists.
const KINDS: &[(&str, &str, &Listing)] = &[
    ("vpc", "vpc-", &vpc::VPCS),
    ("subnet", "subnet-", &subnet::SUBNETS),
    ("route-table", "rtb-", &route_table::TABLES),
    ("vpc-peering-connection", "pcx-", &peering::CONNECTIONS),
    ("security-group", "sg-", &group::GROUPS),
    ("security-group-rule", "sgr-", &group::RULES),
    ("network-acl", "acl-", &network_acl::ACLS),
    ("internet-gateway", "igw-", &gateway::GATEWAYS),
    ("elastic-ip", "eipalloc-", &address::ADDRESSES),
    ("natgateway", "nat-", &nat_gateway::GATEWAYS),
    ("instance", "i-", &instance::INSTANCES),
    ("network-interface", "eni-", &interface::INTERFACES),
    ("network-insights-path", "nip-", &insights::PATHS),
    ("network-insights-analysis", "nia-", &insights::ANALYSES),
];

pub(super) const ACTIONS: &[Action] = &[
    change("CreateTags", &[], "ResourceId.N* Tag.N* Tag.N.Key Tag.N.Value DryRun", "return", create_tags),
    change("DeleteTags", &[], "ResourceId.N* Tag.N.Key Tag.N.Value DryRun", "return", delete_tags),
    list(
        "DescribeTags",
        "Filter.N MaxResults NextToken DryRun",
        &TAGS,
        "tagSet[]: resourceId resourceType key value; nextToken",
        |asked| page(asked.parameters(), TAGS.set, TAGS.chosen(asked)?),
    ),
];

const TAGS: Listing = Listing {
    set: "tagSet",
    ids: "",
    id: "resourceId",
    unknown: "InvalidID",
    filters: &[
        ("key", "key"),
        ("value", "value"),
        ("resource-id", "resourceId"),
        ("resource-type", "resourceType"),
        ("tag", "key"),
    ],
    all: |asked, _| {
        let of_kind = |(kind, _, listing): &(&str, &str, &Listing)| {
            let things = (listing.all)(asked, &Wanted::Any);
            let (kind, id) = (kind.to_string(), listing.id);
            let of_thing = move |it: Value| -> Vec<Value> {
                let tags = it["tagSet"].as_array().into_iter().flatten();
                let shown = |tag: &Value| {
                    json!({"resourceId": it[id], "resourceType": kind, "key": tag["key"], "value": tag["value"],
                           "tagSet": [tag]})
                };
                tags.map(shown).collect()
            };
            things.into_iter().flat_map(of_thing).collect::<Vec<_>>()
        };
        let mut all: Vec<Value> = KINDS.iter().flat_map(of_kind).collect();
        all.sort_by_cached_key(|tag| (tag["resourceId"].to_string(), tag["key"].to_string()));
        all.dedup();
        for tag in &mut all {
            if let Value::Object(members) = tag {
                members.remove("tagSet");
            }
        }
        all
    },
};

/// The request's things, which are there.
fn things(change: &Change<'_>) -> Result<Vec<String>, Refused> {
    let asked = change.asked();
    let mut ids = Vec::new();
    for id in asked.parameters().list("ResourceId") {
        let kind = KINDS.iter().find(|(_, prefix, _)| id.starts_with(prefix));
        let (_, _, listing) =
            kind.ok_or_else(|| Refused::new(400, "InvalidID", format!("The ID '{id}' is not valid")))?;
        listing.one(&asked, id)?;
        ids.push(id.to_owned());
    }
    Ok(ids)
}

fn create_tags(change: &mut Change<'_>) -> Result<Value, Refused> {
    let tags = change.parameters().parts("Tag");
    let pairs: Vec<_> = tags.iter().map(|tag| (tag.needed("Key"), tag.needed("Value"))).collect();
    for id in things(change)? {
        set(change, &id, &pairs)?;
    }
    done()
}

/// Without keys, all tags go; with a value, a tag goes that has it.
fn delete_tags(change: &mut Change<'_>) -> Result<Value, Refused> {
    let tags = change.parameters().parts("Tag");
    for id in things(change)? {
        let words = change.asked().kept.words(&id, TAG);
        let mut own: Vec<_> = words.iter().map(|(key, text)| ((*key).to_owned(), text[1..].to_owned())).collect();
        if !has_own_name(&id) {
            own.extend(change.asked().kept.word(&id, NAME).map(|name| ("Name".to_owned(), name.to_owned())));
        }
        for (key, value) in own {
            let goes = |tag: &&crate::parameters::Parameters| {
                tag.needed("Key") == key && tag.get("Value").is_none_or(|wanted| wanted == value)
            };
            if tags.is_empty() || tags.iter().any(|tag| goes(&tag)) {
                let word = if key == "Name" && !has_own_name(&id) { NAME.to_owned() } else { format!("{TAG}{key}") };
                change.keep_word(&id, &word, "");
            }
        }
    }
    done()
}
