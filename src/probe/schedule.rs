//! When each probe is sent: at once, unless a narrow peering would drop a burst of them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Probe;
use crate::cloud::Bandwidth;

/// A way that many probes share, such as a peering: no faster than its bandwidth, no sooner than its latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Which one: probes with the same number share it.
    pub id: usize,
    /// Its cap in each direction.
    pub bandwidth: Option<Bandwidth>,
    /// What it adds to a round trip.
    pub latency: Duration,
}

/// One probe in a lane, in each direction, with its Ethernet header, rounded up: an ICMP probe has 50 bytes, a TCP
/// conversation about ten packets, of which half go each way.
const BITS_PER_PROBE: u64 = 8 * 64;

/// What is left of a lane for others: probes take three quarters of it.
const SHARE: (u64, u64) = (3, 4);

/// For each probe, how long after the run's beginning it may be sent.
///
/// tbf holds back what is over its rate, and drops what does not fit in its queue: 2,000 pings at once through a
/// peering of 2 Mbit/s would be lost in great part without anything being wrong.
pub(super) fn due(probes: &[Probe]) -> Vec<Duration> {
    let mut next: BTreeMap<usize, Duration> = BTreeMap::new();
    let at = |probe: &Probe| {
        let Some(Lane { id, bandwidth: Some(Bandwidth(rate)), .. }) = probe.lane else { return Duration::ZERO };
        let nanoseconds = 1_000_000_000 * BITS_PER_PROBE * SHARE.1 / (rate.max(1) * SHARE.0);
        let next = next.entry(id).or_default();
        let due = *next;
        *next += Duration::from_nanos(nanoseconds);
        due
    };
    probes.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Protocol;

    fn probe(lane: Option<Lane>) -> Probe {
        Probe {
            from: "a".into(),
            source: None,
            to: [10, 0, 0, 1].into(),
            protocol: Protocol::Icmp,
            listener: None,
            expected: true,
            lane,
        }
    }

    #[test]
    fn probes_without_a_lane_are_sent_at_once() {
        assert_eq!(due(&[probe(None), probe(None)]), [Duration::ZERO; 2]);
    }

    #[test]
    fn probes_of_a_lane_stay_below_its_bandwidth() {
        let lane = |id| Some(Lane { id, bandwidth: Some(Bandwidth(2_000_000)), latency: Duration::ZERO });
        let probes: Vec<_> = (0..1000).map(|_| probe(lane(1))).chain([probe(lane(2))]).collect();
        let due = due(&probes);
        let sent = 999.0 * 50.0 * 8.0 / due[999].as_secs_f64();
        assert!((1_000_000.0..1_600_000.0).contains(&sent), "{sent} bit/s");
        assert_eq!(due[1000], Duration::ZERO, "another lane does not wait for it");
    }
}
