//! What is to be sent, and how long its answer is waited for.

use std::time::Duration;

use super::question::Probe;
use super::schedule::Lane;

/// How long to wait in all for those that were expected to arrive and did not.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// For so long nothing must have arrived before what is still out counts as dropped, plus the longest latency. A
/// packet that no qdisc holds back has gone its way, and its answer the way back, before `sendto` returns; this is for
/// a host that is busy with other things.
const QUIET: Duration = Duration::from_millis(200);

/// A probe that is to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// Its place among the probes of the run.
    pub(super) index: usize,
    /// What is sent.
    pub(super) probe: &'a Probe,
    /// When, from the run's beginning.
    pub(super) due: Duration,
}

/// How long is waited, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Silence after which what is still out is dropped, or, where it was expected, sent again.
    pub(super) quiet: Duration,
    /// From the second sending to giving up.
    pub(super) timeout: Duration,
    /// The longest that a lane adds to a round trip; the other two have it in them.
    pub(super) latency: Duration,
}

impl Patience {
    /// For what is sent over these lanes.
    pub(super) fn new<'a>(lanes: impl Iterator<Item = &'a Lane>, timeout: Duration) -> Self {
        let latency = lanes.map(|lane| lane.latency).max().unwrap_or_default();
        Patience { quiet: QUIET.min(timeout) + latency, timeout: timeout + latency, latency }
    }
}
