//! Counts of the kernel.

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::error::Errors;
use crate::flow::{Disposition, Reason};
use crate::kernel;
use crate::network::compile;

/// Packets dropped so far, in the whole lab, by reason.
pub(super) type Counts = BTreeMap<Reason, u64>;

/// Reads every counter of the lab: the VPCs' routers drop, and the internet.
pub(super) fn read(lab: &str, cloud: &Cloud) -> Result<Counts, Errors> {
    let vpcs = cloud.vpcs().map(|vpc| compile::of_vpc(&vpc.name));
    let names: Vec<_> = vpcs.chain(["internet".into()]).collect();
    let mut counts = Counts::new();
    for counters in kernel::counters(lab, &names)?.into_values() {
        for reason in Reason::DROPS {
            *counts.entry(reason).or_default() += counters.get(reason.as_str()).copied().unwrap_or(0);
        }
    }
    Ok(counts)
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
