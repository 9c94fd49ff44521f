//! Tags. The tag `Name` is what a thing is called; without one it is the name in the lab's file.

use serde_json::{Value, json};

use super::list::{Listing, Wanted, page};
use super::{
    change, done, gateway, group, insights, instance, invalid, list, network_acl, peering, route_table, subnet, vpc,
};
use crate::Refused;
use crate::action::{Action, Asked, Change};
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
    ("instance", "i-", &instance::INSTANCES),
    ("network-interface", "eni-", &instance::INTERFACES),
    ("network-insights-path", "nip-", &insights::PATHS),
    ("network-insights-analysis", "nia-", &insights::ANALYSES),
];

/// The most tags of a thing.
const MOST: usize = 50;
/// What the words of tags begin with.
const TAG: &str = "tag:";

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

/// The tags of a thing, whose name in the lab's file is this, or nothing.
pub(super) fn shown(asked: &Asked<'_>, id: &str, name: &str) -> Value {
    let own = if name == id { "" } else { name };
    let words = asked.kept.words(id, TAG);
    let label = asked.kept.word(id, NAME).unwrap_or(own);
    let named = (!label.is_empty() && !has_own_name(id)).then_some(("Name", label));
    let mut all: Vec<_> = words.iter().map(|(key, text)| (*key, text.strip_prefix('=').unwrap_or(text))).collect();
    all.extend(named);
    all.sort_unstable();
    all.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

/// Whether what a thing is called is not its tag `Name`.
fn has_own_name(id: &str) -> bool {
    id.starts_with("sg-")
}

/// Keeps the tags that a request has for a thing of a kind that it creates.
pub(super) fn keep(change: &mut Change<'_>, id: &str, kind: &str) -> Result<(), Refused> {
    let parameters = change.parameters();
    for part in parameters.parts("TagSpecification") {
        if part.get("ResourceType").is_some_and(|wanted| wanted == kind) {
            let tags = part.parts("Tag");
            let pairs: Vec<_> = tags.iter().map(|tag| (tag.needed("Key"), tag.needed("Value"))).collect();
            set(change, id, &pairs)?;
        }
    }
    Ok(())
}

/// Refuses tags of a request for things of other kinds than those that it creates.
pub(super) fn check(change: &Change<'_>, kinds: &[&str]) -> Result<(), Refused> {
    for part in change.parameters().parts("TagSpecification") {
        let kind = part.needed("ResourceType");
        if !kinds.contains(&kind) {
            let message = format!("'{kind}' is not a valid taggable resource type for this operation.");
            return Err(Refused::new(400, "InvalidParameterValue", message));
        }
    }
    Ok(())
}

fn set(change: &mut Change<'_>, id: &str, pairs: &[(&str, &str)]) -> Result<(), Refused> {
    for (key, value) in pairs {
        if key.is_empty() || key.chars().count() > 128 || key.starts_with("aws:") {
            let why = "Tag keys have 1 to 128 characters and do not begin with aws:";
            return Err(invalid(key, "Tag.Key", why));
        }
        if value.chars().count() > 256 {
            return Err(invalid(value, "Tag.Value", "Tag values have up to 256 characters."));
        }
        match *key == "Name" && !has_own_name(id) {
            true => change.keep_word(id, NAME, value),
            false => change.keep_word(id, &format!("{TAG}{key}"), &format!("={value}")),
        }
    }
    let count = change.asked().kept.words(id, TAG).len();
    if count > MOST {
        return Err(Refused::new(400, "TagLimitExceeded", format!("{id} has {count} tags; the limit is {MOST}.")));
    }
    Ok(())
}

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
