//! A probe or a flow, and its result.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::schedule::Lane;
use crate::cloud::Bandwidth;
use crate::flow::Protocol;
use crate::network::model::NamespaceName;

/// A probe: does a packet arrive, and does the answer come back?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The sender's namespace.
    pub from: NamespaceName,
    /// The address to send from; `None`: the kernel's choice.
    pub source: Option<Ipv4Addr>,
    /// The port to send from (TCP and UDP); `None`: the kernel's choice.
    pub source_port: Option<SourcePort>,
    /// The address to send to.
    pub to: Ipv4Addr,
    /// The packets to send.
    pub protocol: Protocol,
    /// The size of an echo request with its headers, sent with "don't fragment"; `None`: small, and without.
    pub size: Option<u16>,
    /// The namespace of a listener during the run (TCP and UDP). If the port is in use there, the program that uses it
    /// answers. `None`: no listener.
    pub listener: Option<NamespaceName>,
    /// What arrives there, if that is not what is sent: a NAT gateway may change the port.
    pub received: Option<Protocol>,
    /// Whether it is expected to arrive; if it does not, it is sent once more.
    pub expected: bool,
    /// The lane that limits its path, if any; it is sent no faster than the lane allows.
    pub lane: Option<Lane>,
    /// The namespaces that listen: the named receiver's, and all others with its address. The run finds out which of them
    /// receives the packet, or else, if it is answered, who does. None for a probe that names nobody.
    pub claimants: Vec<NamespaceName>,
}

/// The port from which a probe is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePort {
    /// The port.
    pub port: u16,
    /// The ports that the lab does not tell apart from it, one of which is used where this one is taken.
    pub alike: RangeInclusive<u16>,
    /// Whether only one sender may have it: if addresses are translated on the way, two senders with one port would be
    /// one flow, and the translator would give one of them another port.
    pub alone: bool,
}

impl SourcePort {
    /// One of the ports that are alike, chosen by this number.
    pub(super) fn any(&self, number: u64) -> u16 {
        let (first, last) = (u64::from(*self.alike.start()), u64::from(*self.alike.end()));
        u16::try_from(first + number % (last - first + 1)).unwrap_or(self.port)
    }
}

/// The result of a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Whether the answer came back: an echo reply, or the listener's.
    pub reached: bool,
    /// The time from sending to the answer; `None` if there was none.
    pub rtt: Option<Duration>,
    /// Whether it was sent twice.
    pub resent: bool,
    /// Whether it was refused: somebody answered, but not a listener (TCP and UDP).
    pub refused: bool,
    /// Whether the sender's kernel did not send it, because it is too big for the sender's own link.
    pub unsent: bool,
    /// The namespace that received it; `None`: it names nobody, or it is unknown.
    pub got_by: Option<NamespaceName>,
}

/// A flow to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The sender's namespace.
    pub from: NamespaceName,
    /// The address to send from; `None`: the kernel's choice.
    pub source: Option<Ipv4Addr>,
    /// The port to send from; `None`: the kernel's choice.
    pub source_port: Option<SourcePort>,
    /// The address to send to.
    pub to: Ipv4Addr,
    /// The TCP port to send to.
    pub port: u16,
    /// The intended receiver, where a listener runs on the port.
    pub listener: NamespaceName,
    /// The other namespaces that may get it: each has a listener. If they all do not, everybody gets one. None for a flow that
    /// names nobody.
    pub claimants: Vec<NamespaceName>,
    /// The lane that limits its path, if any.
    pub lane: Option<Lane>,
    /// Whether it is expected to arrive; if not, a connection is awaited no longer than the answer to a probe.
    pub expected: bool,
}

/// The result: the throughput, and where the flow arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The TCP goodput.
    pub goodput: Bandwidth,
    /// The namespace that accepted the connection.
    pub got_by: NamespaceName,
}
