//! Rows of actions, and what many of them do alike.

use serde_json::{Value, json};

use crate::action::{self, Action, Asked, Change};
use crate::kept::{DESCRIPTION, NAME};
use crate::paging::Paging;
use crate::{Refused, time};

/// A row that changes something.
pub(super) const fn change(
    product: &'static str,
    (name, method, path): (&'static str, &'static str, &'static str),
    operations: &'static [&'static str],
    parameters: &'static str,
    reply: &'static str,
    does: fn(&mut Change<'_>) -> Result<Value, Refused>,
) -> Action {
    Action { path: Some((method, path)), ..action::change(product, name, operations, parameters, reply, does) }
}

/// A row that describes something.
pub(super) const fn describe(
    product: &'static str,
    (name, path): (&'static str, &'static str),
    parameters: &'static str,
    reply: &'static str,
    does: fn(&Asked<'_>) -> Result<Value, Refused>,
) -> Action {
    Action { path: Some(("GET", path)), ..action::describe(product, name, parameters, reply, does) }
}

/// The services.
pub(super) const VPC: &str = "vpc";
pub(super) const VM: &str = "vm";
/// What ids of elastic IP addresses begin with.
pub(super) const EIP: &str = "fip-";
/// The parameters of a list.
pub(super) const LIST: &str = "filters.N.name filters.N.values.M pageNumber pageSize";

/// A path of this service.
macro_rules! at {
    ($path:literal) => {
        concat!("/v1/regions/{regionId}", $path)
    };
}
pub(super) use at;

/// Keeps name and description of a thing.
pub(super) fn keep_words(change: &mut Change<'_>, id: &str, name: &str) {
    change.keep(id, NAME, name);
    change.keep(id, DESCRIPTION, "description");
}

/// A list with its filters, by the text that each filter looks at, and its page.
pub(super) fn listed<T>(
    asked: &Asked<'_>,
    name: &str,
    mut all: Vec<&T>,
    text: impl Fn(&T, &str) -> Option<String>,
    show: impl Fn(&T) -> Value,
) -> Result<Value, Refused> {
    for filter in asked.parameters().parts("filters") {
        let (wanted, values) = (filter.get("name").unwrap_or_default(), filter.list("values"));
        let mut known = true;
        all.retain(|it| match text(it, wanted) {
            Some(own) => values.contains(&&*own),
            None => {
                known = false;
                true
            }
        });
        if !known {
            return Err(Refused::new(400, "INVALID_ARGUMENT", format!("There is no filter '{wanted}'")));
        }
    }
    let paging = Paging { names: ("pageNumber", "pageSize"), tokens: None, sizes: (20, 100) };
    let page = paging.page(asked.parameters(), all)?;
    let items: Vec<_> = page.items.into_iter().map(show).collect();
    Ok(json!({name: items, "totalCount": page.total}))
}

/// When a thing was made.
pub(super) fn made(asked: &Asked<'_>, id: &str) -> String {
    time::at_second(asked.kept.made(id))
}
