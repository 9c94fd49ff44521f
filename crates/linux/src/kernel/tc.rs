//! Sets bandwidth by tbf and latency by netem.
//!
//! tbf is at the link's root, netem below it (or at the root without a bandwidth).

use std::time::Duration;

use netlink_packet_core::DefaultNla;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage, TcOption};

use super::netlink::{Attributes, attribute, put};
use crate::cloud::Bandwidth;
use crate::network::model::{Shaping, USUAL_MTU};

const TBF: &str = "tbf";
const NETEM: &str = "netem";
const TBF_HANDLE: TcHandle = TcHandle { major: 1, minor: 0 };
const NETEM_HANDLE: TcHandle = TcHandle { major: 2, minor: 0 };

/// The size of a frame's header, and of a usual frame.
const HEADER: u64 = 14;
const FRAME: u64 = USUAL_MTU as u64 + HEADER;
/// The burst after a pause. The timer's resolution (some 100 µs) must not reduce bandwidth at 10 Gbit/s, and the first
/// second of a flow must not look more than a percent faster.
const BURST: Duration = Duration::from_millis(5);
/// How long a packet may wait before it is dropped.
const QUEUE: Duration = Duration::from_millis(50);

/// TCA_TBF_PARMS, TCA_TBF_RATE64 and TCA_NETEM_LATENCY64.
const PARAMETERS: u16 = 1;
const RATE64: u16 = 4;
const LATENCY64: u16 = 10;

/// The parameters of tbf for a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tbf {
    /// Bytes per second.
    rate: u64,
    /// Bytes.
    limit: u32,
    /// The time in which a burst is sent, in ticks of 64 ns.
    buffer: u32,
}

impl Tbf {
    fn new(bandwidth: Bandwidth, mtu: u32) -> Self {
        let rate = (bandwidth.0 / 8).max(1);
        let in_time =
            |time: Duration| u64::try_from(u128::from(rate) * time.as_nanos() / 1_000_000_000).unwrap_or(u64::MAX);
        // A frame must fit; tbf itself splits segmented packets into frames. With a larger burst, senders that measure
        // the path (BBR) would overestimate it and lose packets.
        let burst = in_time(BURST).max(2 * (u64::from(mtu) + HEADER));
        // A flow begins with ten frames at once, and a segmented packet of 64 KiB arrives as one.
        let limit = burst + in_time(QUEUE).max(64 * 1024);
        let ticks = u128::from(burst) * 1_000_000_000 / u128::from(rate) / 64;
        Tbf { rate, limit: u32::try_from(limit).unwrap_or(u32::MAX), buffer: u32::try_from(ticks).unwrap_or(u32::MAX) }
    }

    /// `struct tc_tbf_qopt`, and the rate in 64 bits if 32 are not enough.
    fn options(self) -> Vec<(u16, Vec<u8>)> {
        const ETHERNET: u8 = 1;
        let mut parameters = Vec::with_capacity(36);
        // struct tc_ratespec: cell_log, linklayer, overhead, cell_align, mpu, rate; then the unused peak rate.
        parameters.extend([0, ETHERNET, 0, 0, 0, 0, 0, 0]);
        parameters.extend(u32::try_from(self.rate).unwrap_or(u32::MAX).to_ne_bytes());
        parameters.extend([0; 12]);
        parameters.extend(self.limit.to_ne_bytes());
        parameters.extend(self.buffer.to_ne_bytes());
        parameters.extend([0; 4]);
        let mut options = vec![(PARAMETERS, parameters)];
        if self.rate > u64::from(u32::MAX) {
            options.push((RATE64, self.rate.to_ne_bytes().to_vec()));
        }
        options
    }

    fn read(options: Attributes) -> Option<Self> {
        let parameters = attribute(options, PARAMETERS)?;
        let word = |at: usize| Some(u32::from_ne_bytes(*parameters.get(at..)?.first_chunk()?));
        let wide = attribute(options, RATE64).and_then(|value| Some(u64::from_ne_bytes(*value.first_chunk()?)));
        Some(Tbf { rate: wide.unwrap_or(u64::from(word(8)?)), limit: word(24)?, buffer: word(28)? })
    }
}

/// `struct tc_netem_qopt`, followed by the latency in nanoseconds.
fn netem(delay: Duration, rate: Option<Bandwidth>) -> Vec<u8> {
    let nanos = i64::try_from(delay.as_nanos()).unwrap_or(i64::MAX);
    let rate = u128::from(rate.map_or(10_000_000_000, |rate| rate.0) / 8);
    let waiting = rate * (delay + QUEUE).as_nanos() / 1_000_000_000 / u128::from(FRAME);
    let mut bytes = Vec::new();
    // latency (in ticks), limit (in packets), loss, gap, duplicate, jitter.
    bytes.extend(u32::try_from(nanos / 64).unwrap_or(u32::MAX).to_ne_bytes());
    bytes.extend(u32::try_from(waiting).unwrap_or(u32::MAX).max(1000).to_ne_bytes());
    bytes.extend([0; 16]);
    put(&mut bytes, LATENCY64, &nanos.to_ne_bytes());
    bytes
}

fn read_netem(bytes: &[u8]) -> Option<Duration> {
    let nanos = attribute(Attributes(bytes.get(24..)?), LATENCY64)?;
    u64::try_from(i64::from_ne_bytes(*nanos.first_chunk()?)).ok().map(Duration::from_nanos)
}

/// The messages that set a link's shaping, regardless of its previous one. Those that clear may find nothing to remove
/// (ENOENT, EINVAL).
pub(super) struct Messages {
    pub(super) clear: [RouteNetlinkMessage; 2],
    pub(super) rate: Option<RouteNetlinkMessage>,
    pub(super) delay: Option<RouteNetlinkMessage>,
}

/// `mtu`: the link's.
pub(super) fn shape(index: u32, mtu: u32, shaping: Shaping) -> Messages {
    let rate = shaping.rate.map(|rate| {
        let options = Tbf::new(rate, mtu).options();
        let options = options.into_iter().map(|(kind, value)| TcOption::Other(DefaultNla::new(kind, value))).collect();
        RouteNetlinkMessage::NewQueueDiscipline(message(
            index,
            TBF_HANDLE,
            TcHandle::ROOT,
            vec![TcAttribute::Kind(TBF.into()), TcAttribute::Options(options)],
        ))
    });
    let delay = shaping.delay.map(|delay| {
        const OPTIONS: u16 = 2;
        let parent = if rate.is_some() { TcHandle { major: TBF_HANDLE.major, minor: 1 } } else { TcHandle::ROOT };
        let options = TcAttribute::Other(DefaultNla::new(OPTIONS, netem(delay, shaping.rate)));
        let attributes = vec![TcAttribute::Kind(NETEM.into()), options];
        RouteNetlinkMessage::NewQueueDiscipline(message(index, NETEM_HANDLE, parent, attributes))
    });
    // The egress discipline, and the ingress filters (`ingress`, `clsact`).
    let clear = [TcHandle::ROOT, TcHandle::INGRESS]
        .map(|parent| RouteNetlinkMessage::DelQueueDiscipline(message(index, TcHandle::UNSPEC, parent, Vec::new())));
    Messages { clear, rate, delay }
}

fn message(index: u32, handle: TcHandle, parent: TcHandle, attributes: Vec<TcAttribute>) -> TcMessage {
    let mut message = TcMessage::with_index(index as i32);
    message.header.handle = handle;
    message.header.parent = parent;
    message.attributes = attributes;
    message
}

/// Asks for all queueing disciplines.
pub(super) fn list() -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetQueueDiscipline(TcMessage::default())
}

/// A link's disciplines as the kernel lists them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Listed {
    rate: Option<Tbf>,
    delay: Option<Duration>,
    foreign: bool,
}

impl Listed {
    /// Both of them.
    pub(super) fn and(self, other: Listed) -> Listed {
        Listed {
            rate: self.rate.or(other.rate),
            delay: self.delay.or(other.delay),
            foreign: self.foreign || other.foreign,
        }
    }

    /// The shaping of a link with this MTU. A bandwidth with another burst or queue is foreign.
    pub(super) fn shaping(self, mtu: u32) -> Shaping {
        let bandwidth = |found: Tbf| Some(Bandwidth(found.rate.checked_mul(8)?));
        let rate = self.rate.and_then(|found| bandwidth(found).filter(|rate| found == Tbf::new(*rate, mtu)));
        Shaping { rate, delay: self.delay, foreign: self.foreign || rate.is_none() && self.rate.is_some() }
    }
}

/// Parses a discipline of the list: the link's index, and its part of the link's shaping.
pub(super) fn listed(message: RouteNetlinkMessage) -> Option<(u32, Listed)> {
    let RouteNetlinkMessage::NewQueueDiscipline(message) = message else { return None };
    let mut kind = "";
    let mut options: &[TcOption] = &[];
    for attribute in &message.attributes {
        match attribute {
            TcAttribute::Kind(name) => kind = name,
            TcAttribute::Options(found) => options = found,
            _ => {}
        }
    }
    let mut bytes = Vec::new();
    if let Some(TcOption::Other(options)) = options.first() {
        bytes.resize(netlink_packet_core::Nla::value_len(options), 0);
        netlink_packet_core::Nla::emit_value(options, &mut bytes);
    }
    let shaping = match kind {
        TBF => {
            let rate = Tbf::read(Attributes(&bytes));
            Listed { rate, delay: None, foreign: rate.is_none() }
        }
        NETEM => Listed { delay: read_netem(&bytes), ..Listed::default() },
        // The default of veths and bridges.
        "noqueue" => return None,
        _ => Listed { foreign: true, ..Listed::default() },
    };
    Some((u32::try_from(message.header.index).ok()?, shaping))
}
