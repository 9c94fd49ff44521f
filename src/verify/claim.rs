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
    let claim = |check, (from, to): (&Endpoint, &Endpoint)| Claim { check, from: from.clone(), to: to.clone() };
    checks.iter().flat_map(|check| check.ways().map(move |ends| claim(check, ends))).collect()
}
