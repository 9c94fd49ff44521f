//! Rows of actions.

use serde_json::{Value, json};

use super::list::Listing;
use crate::Refused;
use crate::action::{self, Action, Asked, Change};

/// The services, as rows and scopes have them.
pub(super) const EC2: &str = "ec2";
pub(super) const STS: &str = "sts";
pub(super) const SSM: &str = "ssm";
/// What ids of elastic IP addresses begin with.
pub(super) const EIP: &str = "eipalloc-0";

/// A row that changes something.
pub(super) const fn change(
    name: &'static str,
    operations: &'static [&'static str],
    parameters: &'static str,
    reply: &'static str,
    does: fn(&mut Change<'_>) -> Result<Value, Refused>,
) -> Action {
    action::change(EC2, name, operations, parameters, reply, does)
}

/// A row that describes something.
pub(super) const fn describe(
    name: &'static str,
    parameters: &'static str,
    reply: &'static str,
    does: fn(&Asked<'_>) -> Result<Value, Refused>,
) -> Action {
    action::describe(EC2, name, parameters, reply, does)
}

/// A row that lists things, by ids, filters and pages.
pub(super) const fn list(
    name: &'static str,
    parameters: &'static str,
    listing: &'static Listing,
    reply: &'static str,
    does: fn(&Asked<'_>) -> Result<Value, Refused>,
) -> Action {
    Action { filters: listing.filters, ..describe(name, parameters, reply, does) }
}

/// The reply of what gives nothing back.
pub(super) fn done() -> Result<Value, Refused> {
    Ok(json!({"return": true}))
}
