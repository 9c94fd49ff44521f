//! Counts of the kernel.

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::error::Errors;
use crate::flow::{Disposition, Reason};
use crate::target;

/// Packets dropped so far, in the whole lab, by reason.
pub(super) type Counts = BTreeMap<Reason, u64>;

/// Reads every counter of the lab; `None` if nobody counts.
pub(super) fn read(lab: &str, cloud: &Cloud) -> Result<Option<Counts>, Errors> {
    let mut counts = Counts::new();
    let Some(drops) = target::of(lab).drops(lab, cloud)? else { return Ok(None) };
    for ((_, reason), packets) in drops {
        *counts.entry(reason).or_default() += packets;
    }
    Ok(Some(counts))
}

/// The number of packets dropped in between, for any reason.
pub(super) fn rise(before: &Counts, after: &Counts) -> u64 {
    Reason::DROPS.into_iter().map(|reason| risen(before, after, reason)).sum()
}

/// By how much a counter rose; one that was made anew meanwhile begins at 0.
pub(super) fn risen(before: &Counts, after: &Counts, reason: Reason) -> u64 {
    let of = |counts: &Counts| counts.get(&reason).copied().unwrap_or(0);
    of(after).saturating_sub(of(before))
}

/// The reason for which a flow is dropped, there or back: the counters do not distinguish the two.
pub(super) fn reason(disposition: Disposition) -> Option<Reason> {
    match disposition {
        Disposition::Reach | Disposition::ANSWERED_BY_ANOTHER => None,
        Disposition::Drop { reason, .. } => Some(reason),
    }
}
