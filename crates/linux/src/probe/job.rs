//! Probes to send, and how long to wait for their answers.

use std::time::Duration;

use super::question::Probe;
use super::schedule::Lane;

/// How long to wait in total for expected packets that did not arrive.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// If nothing arrives for this time plus the longest latency, outstanding packets count as dropped. Unless a qdisc
/// delays it, a packet and its answer have arrived before `sendto` returns; this time is for a busy host.
pub(super) const QUIET: Duration = Duration::from_millis(200);

/// A probe to send.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// Its index among the run's probes.
    pub(super) index: usize,
    /// The packets to send.
    pub(super) probe: &'a Probe,
    /// When to send it, from the run's beginning.
    pub(super) due: Duration,
}

/// How long to wait, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The silence after which outstanding probes count as dropped, or, if expected, are sent again.
    pub(super) quiet: Duration,
    /// From the second sending to giving up.
    pub(super) timeout: Duration,
    /// The longest latency that a lane adds to a round trip; the other two include it.
    pub(super) latency: Duration,
}

impl Patience {
    /// The patience for probes over these lanes.
    pub(super) fn new<'a>(lanes: impl Iterator<Item = &'a Lane>, timeout: Duration) -> Self {
        let latency = lanes.map(|lane| lane.latency).max().unwrap_or_default();
        Patience { quiet: QUIET.min(timeout) + latency, timeout: timeout + latency, latency }
    }
}
