//! Schedules probes: all at once, unless a narrow peering would drop a burst of them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cloud::Bandwidth;

/// A path that many probes share, such as a peering, with its bandwidth and latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Its number: probes with the same number share the lane.
    pub id: usize,
    /// Its cap in each direction.
    pub bandwidth: Option<Bandwidth>,
    /// The latency that it adds to a round trip.
    pub latency: Duration,
}

/// The size of a probe per direction, with its Ethernet header, rounded up: an ICMP probe has 50 bytes, a TCP
/// conversation about ten packets, half of them in each direction.
const BITS_PER_PROBE: u64 = 8 * 64;

/// The share of a lane that probes use; the rest is for other traffic.
const SHARE: (u64, u64) = (3, 4);

/// The time of each lane's next probe, from the run's beginning.
///
/// tbf delays packets above its rate, and drops those that do not fit in its queue: of 2,000 pings sent at once through
/// a peering of 2 Mbit/s, many would be lost although nothing is wrong.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// By the lane's number.
    next: BTreeMap<usize, Duration>,
}

impl Schedule {
    /// When the next probe of a lane is due.
    pub(super) fn due(&mut self, lane: &Lane) -> Duration {
        let Some(Bandwidth(rate)) = lane.bandwidth else { return Duration::ZERO };
        let nanoseconds = 1_000_000_000 * BITS_PER_PROBE * SHARE.1 / (rate.max(1) * SHARE.0);
        let next = self.next.entry(lane.id).or_default();
        let due = *next;
        *next += Duration::from_nanos(nanoseconds);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_of_a_lane_without_a_cap_are_sent_at_once() {
        let mut schedule = Schedule::default();
        let lane = Lane { id: 1, bandwidth: None, latency: Duration::ZERO };
        assert_eq!([schedule.due(&lane), schedule.due(&lane)], [Duration::ZERO; 2]);
    }

    #[test]
    fn probes_of_a_lane_stay_below_its_bandwidth() {
        let mut schedule = Schedule::default();
        let lane = |id| Lane { id, bandwidth: Some(Bandwidth(2_000_000)), latency: Duration::ZERO };
        let due: Vec<_> = (0..1000).map(|_| schedule.due(&lane(1))).collect();
        let sent = 999.0 * 50.0 * 8.0 / due[999].as_secs_f64();
        assert!((1_000_000.0..1_600_000.0).contains(&sent), "{sent} bit/s");
        assert_eq!(schedule.due(&lane(2)), Duration::ZERO, "another lane does not wait for it");
    }
}
