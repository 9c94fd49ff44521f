//! Millions of echo requests, in a few bytes each.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::question::{Observation, Probe};
use super::schedule::Lane;
use crate::flow::Protocol;
use crate::network::model::NamespaceName;

/// Echo requests to send at once.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// The senders, with one socket each.
    pub senders: Vec<Sender>,
    /// The lanes that limit their paths.
    pub lanes: Vec<Lane>,
    /// The pings.
    pub pings: Vec<Ping>,
    /// The namespaces that listen for the pings: those of the named receivers, and others with their addresses.
    pub claimants: BTreeSet<NamespaceName>,
}

/// The result of a sweep.
#[derive(Debug, Default)]
pub struct Swept {
    /// The pings, in their order.
    pub pings: Vec<Ping>,
    /// Who got them. The sweep's senders have their own numbers.
    pub got_by: GotBy,
}

/// Who got each of many packets, in four bytes each.
#[derive(Clone, Debug, Default)]
pub struct GotBy {
    places: Vec<NamespaceName>,
    /// By the packet's index: the number of its place, from 1; 0: nobody who listens.
    by: Vec<u32>,
}

impl GotBy {
    pub(super) fn new(places: Vec<NamespaceName>, by: Vec<u32>) -> Self {
        GotBy { places, by }
    }

    /// The number of the namespace that got the packet; `None`: nobody who listens.
    pub fn number(&self, at: usize) -> Option<usize> {
        (self.by.get(at)?).checked_sub(1).map(|number| number as usize)
    }

    /// The namespace that got the packet; `None`: nobody who listens.
    pub fn get(&self, at: usize) -> Option<&NamespaceName> {
        self.places.get(self.number(at)?)
    }

    pub(super) fn set(&mut self, at: usize, namespace: &NamespaceName) {
        let known = self.places.iter().position(|place| place == namespace);
        let number = known.unwrap_or_else(|| {
            self.places.push(namespace.clone());
            self.places.len() - 1
        });
        self.by[at] = number as u32 + 1;
    }

    /// Splits off the packets from this one on.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        GotBy { places: self.places.clone(), by: self.by.split_off(at) }
    }
}

/// A sender of echo requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sender {
    /// The namespace.
    pub namespace: NamespaceName,
    /// The address; `None`: the kernel's choice.
    pub source: Option<Ipv4Addr>,
    /// The size of its packets with their headers, sent with "don't fragment"; `None`: small, and without.
    pub size: Option<u16>,
}

/// One echo request and its result, in 32 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Ping {
    /// The sender's index; while it is sent, among those of its thread.
    pub(super) sender: u32,
    /// The destination address.
    pub(super) to: Ipv4Addr,
    /// The lane's index, from 1.
    lane: Option<NonZeroU32>,
    /// Its index in the sweep.
    pub(super) place: u32,
    /// When to send it, in microseconds from the run's beginning.
    due: u32,
    /// When it was sent, in ticks from the run's beginning, which wrap after seven minutes.
    sent: u32,
    rtt: Option<Rtt>,
    /// Whether it is expected to arrive; if it does not, it is sent once more.
    pub(super) expected: bool,
    pub(super) resent: bool,
    /// Whether the sender's own link cannot carry it.
    pub(super) unsent: bool,
}

impl Sweep {
    /// Adds the echo requests among some probes; returns their indices there.
    pub(super) fn join(&mut self, probes: &[Probe]) -> Vec<usize> {
        let mut senders = BTreeMap::new();
        let echoes = probes.iter().enumerate().filter(|(_, probe)| probe.protocol == Protocol::Icmp);
        let join = |(place, probe): (usize, &Probe)| {
            let sender = Sender { namespace: probe.from.clone(), source: probe.source, size: probe.size };
            let sender = *senders.entry(sender).or_insert_with_key(|sender| {
                self.senders.push(sender.clone());
                self.senders.len() - 1
            });
            self.lanes.extend(probe.lane);
            let lane = probe.lane.map(|_| self.lanes.len() - 1);
            self.pings.push(Ping::new(sender, probe.to, lane, probe.expected));
            place
        };
        echoes.map(join).collect()
    }
}

/// A round trip, in four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtt(NonZeroU32);

impl From<Rtt> for Duration {
    fn from(rtt: Rtt) -> Self {
        TICK * rtt.0.get()
    }
}

impl From<Duration> for Rtt {
    fn from(time: Duration) -> Self {
        Rtt(NonZeroU32::new(ticks(time)).unwrap_or(NonZeroU32::MIN))
    }
}

/// The unit of times.
const TICK: Duration = Duration::from_nanos(100);

impl Ping {
    /// An echo request from one of the senders, through one of the lanes or none.
    pub fn new(sender: usize, to: Ipv4Addr, lane: Option<usize>, expected: bool) -> Self {
        let lane = lane.and_then(|lane| NonZeroU32::new(lane as u32 + 1));
        Ping {
            sender: sender as u32,
            to,
            lane,
            place: 0,
            due: 0,
            sent: 0,
            rtt: None,
            expected,
            resent: false,
            unsent: false,
        }
    }

    /// Its result.
    pub fn seen(&self) -> Observation {
        let rtt = self.rtt.map(Duration::from);
        let unsent = self.unsent;
        Observation { reached: rtt.is_some(), rtt, resent: self.resent, unsent, ..Observation::default() }
    }

    /// The round trip; `None` if no answer came.
    pub fn rtt(&self) -> Option<Rtt> {
        self.rtt
    }

    /// The same once more, as if it were not sent yet; nobody expects an answer.
    pub(super) fn again(&self) -> Self {
        Ping { due: 0, sent: 0, rtt: None, expected: false, resent: false, ..*self }
    }

    /// The number of its lane.
    pub(super) fn lane_number(&self) -> Option<usize> {
        Some(self.lane?.get() as usize - 1)
    }

    /// Its answer came, after this time.
    pub(super) fn took(&mut self, rtt: Rtt) {
        self.rtt = Some(rtt);
    }

    pub(super) fn lane<'a>(&self, lanes: &'a [Lane]) -> Option<&'a Lane> {
        lanes.get(self.lane?.get() as usize - 1)
    }

    pub(super) fn put_off(&mut self, due: Duration) {
        self.due = due.as_micros() as u32;
    }

    pub(super) fn due(&self) -> Duration {
        Duration::from_micros(self.due.into())
    }

    /// Records when it was sent, from the run's beginning.
    pub(super) fn leaves(&mut self, at: Duration) {
        self.sent = ticks(at);
    }

    /// Records when its answer arrived, from the run's beginning.
    pub(super) fn answered(&mut self, at: Duration) {
        self.rtt = Some(Rtt(NonZeroU32::new(ticks(at).wrapping_sub(self.sent)).unwrap_or(NonZeroU32::MIN)));
    }

    pub(super) fn is_answered(&self) -> bool {
        self.rtt.is_some()
    }

    pub(super) fn is_missing(&self) -> bool {
        self.expected && self.rtt.is_none()
    }
}

fn ticks(time: Duration) -> u32 {
    (time.as_nanos() / TICK.as_nanos()) as u32
}
