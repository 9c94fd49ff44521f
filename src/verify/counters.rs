//! Counts of the kernel.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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

/// As long as probes wait for dropped packets.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// How late the switches of several hosts may count: they do so now and then, and later while they have much to do.
const LATE: Duration = Duration::from_secs(3);

/// Reads counters; again until they are enough, or can no longer be late. (A kernel with much to do drops what was sent to it
/// a little later.)
pub(super) fn awaited<T>(
    is_spread: bool,
    mut read: impl FnMut() -> Result<Option<T>, Errors>,
    is_enough: impl Fn(&T) -> bool,
) -> Result<Option<T>, Errors> {
    let until = Instant::now() + if is_spread { LATE } else { PAUSE };
    loop {
        let counts = read()?;
        if Instant::now() >= until || counts.as_ref().is_none_or(&is_enough) {
            return Ok(counts);
        }
        std::thread::sleep(PAUSE);
    }
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
