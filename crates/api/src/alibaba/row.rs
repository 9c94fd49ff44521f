//! Rows of actions, and what many of them do alike.

use serde_json::{Value, json};

use crate::Refused;
use crate::action::{Asked, Change};
pub(super) use crate::action::{change, describe};
use crate::kept::{DESCRIPTION, NAME};
use crate::paging::{Page, Paging};

/// The products, by their versions.
pub(super) const VPC: &str = "2016-04-28";
pub(super) const ECS: &str = "2014-05-26";
pub(super) const STS: &str = "2015-04-01";
pub(super) const PEER: &str = "2022-01-01";
/// What ids of elastic IP addresses begin with.
pub(super) const EIP: &str = "eip-";

/// Pages of the list of elastic IP addresses.
pub(super) const PAGES_OF_EIPS: Paging = Paging { names: ("PageNumber", "PageSize"), tokens: None, sizes: (10, 100) };

/// Pages of ECS's lists.
pub(super) const PAGES_OF_ECS: Paging =
    Paging { names: ("PageNumber", "PageSize"), tokens: Some(("NextToken", "MaxResults")), sizes: (10, 100) };

/// Pages of VPC's lists.
pub(super) const PAGES: Paging = Paging { names: ("PageNumber", "PageSize"), tokens: None, sizes: (10, 50) };

/// A list in its double wrapper, with the numbers of its page.
pub(super) fn listed<T>(outer: &str, inner: &str, page: Page<T>, show: impl Fn(&T) -> Value) -> Value {
    let items: Vec<_> = page.items.iter().map(show).collect();
    json!({outer: {inner: items}, "TotalCount": page.total, "PageNumber": page.number, "PageSize": page.size})
}

/// Keeps name and description of a thing.
pub(super) fn keep_words(change: &mut Change<'_>, id: &str, name: &str) -> Result<Value, Refused> {
    change.keep(id, NAME, name);
    change.keep(id, DESCRIPTION, "Description");
    Ok(json!({}))
}

/// The number of the caller's account.
pub(super) fn owner_of(asked: &Asked<'_>) -> Value {
    let id = asked.account_id(asked.caller.account);
    id.parse::<u64>().map_or(json!(0), Value::from)
}

/// Whether a name fits a pattern, in which `*` is anything.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || name.ends_with(part),
    }
}
