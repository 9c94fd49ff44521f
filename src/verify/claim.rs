//! Claims of the lab's checks.

use crate::flow::Endpoint;
use crate::lab::Check;

/// A check, in one of its directions.
pub(super) struct Claim<'a> {
    /// The check.
    pub(super) check: &'a Check,
    /// The sender.
    pub(super) from: Endpoint,
    /// The receiver.
    pub(super) to: Endpoint,
}

/// The checks; those with `both_ways` count as two.
pub(super) fn claims(checks: &[Check]) -> Vec<Claim<'_>> {
    let mut claims = Vec::with_capacity(checks.len());
    for check in checks {
        let Check { from, to, both_ways, .. } = check;
        claims.push(Claim { check, from: from.clone(), to: to.clone() });
        if *both_ways {
            claims.push(Claim { check, from: to.clone(), to: from.clone() });
        }
    }
    claims
}
