//! One question put to the kernel, and its answer.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::schedule::Lane;
use crate::flow::Protocol;
use crate::network::model::NamespaceName;

/// One question put to the kernel: does this get there, and does the answer come back?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Where it is sent from.
    pub from: NamespaceName,
    /// The address to send from; `None`: the one that the kernel chooses.
    pub source: Option<Ipv4Addr>,
    /// The address to send to.
    pub to: Ipv4Addr,
    /// What is sent.
    pub protocol: Protocol,
    /// Where a listener is put up while the probes run (TCP and UDP). Where the port is taken there, whoever has it is
    /// spoken with. `None`: nobody listens.
    pub listener: Option<NamespaceName>,
    /// It should arrive: if it does not, it is sent once more.
    pub expected: bool,
    /// What narrows its way, if anything does: it is sent no faster than that allows.
    pub lane: Option<Lane>,
    /// Every namespace that has the address, where it is not one alone: it is found out which of them gets the packet.
    pub claimants: Vec<NamespaceName>,
}

/// What became of a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// The answer came back: an echo reply, or the listener's.
    pub reached: bool,
    /// From sending to the answer; `None` where there was none.
    pub rtt: Option<Duration>,
    /// It was sent twice.
    pub resent: bool,
    /// Which of the claimants got it; `None`: none of them, or there are none.
    pub got_by: Option<NamespaceName>,
}
