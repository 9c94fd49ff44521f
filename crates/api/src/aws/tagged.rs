//! The tags of a thing. The tag `Name` is what it is called; without one it is the name in the lab's file.

use serde_json::{Value, json};

use super::refused::invalid;
use crate::Refused;
use crate::action::{Asked, Change};
use crate::kept::NAME;

/// The most tags of a thing.
const MOST: usize = 50;
/// What the words of tags begin with.
pub(super) const TAG: &str = "tag:";

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
pub(super) fn has_own_name(id: &str) -> bool {
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

/// Keeps tags of a thing.
pub(super) fn set(change: &mut Change<'_>, id: &str, pairs: &[(&str, &str)]) -> Result<(), Refused> {
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
