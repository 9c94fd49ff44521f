//! A packet as a line of text, and as an object of JSON.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use etherparse::{EtherType, IpNumber};
use serde::{Serialize, Serializer};

use super::names::Names;
use super::packet::{Arp, Fragment, Icmp, Ip, Packet, Payload, Tcp};
use crate::terminal::{Terminal, Tone};

/// The number of TCP flows that are remembered, to number their bytes from 0.
const FLOWS: usize = 4096;

/// The most columns reserved for the two ends of packets.
const ENDS: usize = 36;

/// Formats packets, one after another.
#[derive(Debug, Default)]
pub struct Teller {
    names: Names,
    /// Whether more than one link is captured, so that lines name the link.
    several: bool,
    /// The time of the first packet.
    begun: Option<Duration>,
    /// The first sequence number of each flow.
    flows: BTreeMap<(Ipv4Addr, u16, Ipv4Addr, u16), u32>,
    /// The width of the widest link name and of the widest pair of ends so far.
    widths: (usize, usize),
}

/// A packet that passed a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Since 1970, in seconds to the nanosecond.
    #[serde(serialize_with = "seconds")]
    pub time: Duration,
    /// The link, as in `ecs-a:eth0`.
    pub interface: String,
    /// `in` or `out`, seen from the link's namespace.
    pub direction: &'static str,
    /// The sender: a name, else an address.
    pub from: Option<String>,
    /// The receiver: a name, else an address.
    pub to: Option<String>,
    /// The address of the sender.
    pub source: Option<Ipv4Addr>,
    /// The address of the receiver.
    pub destination: Option<Ipv4Addr>,
    /// `icmp`, `tcp`, `udp`, `arp`, or another protocol's name or number.
    pub protocol: String,
    /// For TCP and UDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
    /// For TCP and UDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_port: Option<u16>,
    /// The time to live, in hops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u8>,
    /// A description, as in the line of text.
    pub info: String,
    /// The length of the whole frame, in bytes.
    pub length: usize,
    /// Whether it reports an error.
    #[serde(skip)]
    pub bad: bool,
}

impl Teller {
    /// Creates one with the names of addresses; `several`: lines name the link.
    pub fn new(names: Names, several: bool) -> Self {
        Teller { names, several, ..Teller::default() }
    }

    /// Announces packets of this link, so that the column fits its name.
    pub fn expect(&mut self, interface: &str) {
        self.widths.0 = self.widths.0.max(short(interface).chars().count());
    }

    /// Replaces the names.
    pub fn rename(&mut self, names: Names) {
        self.names = names;
    }

    /// The names of addresses.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The record of a packet.
    pub fn record(
        &mut self,
        interface: &str,
        outgoing: bool,
        time: Duration,
        packet: &Packet,
        length: usize,
    ) -> Record {
        let mut record = Record {
            time,
            interface: interface.to_owned(),
            direction: if outgoing { "out" } else { "in" },
            from: None,
            to: None,
            source: None,
            destination: None,
            protocol: String::new(),
            source_port: None,
            destination_port: None,
            ttl: None,
            info: String::new(),
            length,
            bad: false,
        };
        match packet {
            Packet::Ip(ip) => self.ip(ip, &mut record),
            Packet::Arp(arp) => {
                self.ends(arp.from, arp.to, &mut record);
                (record.protocol, record.info) = ("arp".into(), arp_info(arp));
            }
            Packet::Other(number) => {
                record.protocol = match EtherType(*number) {
                    EtherType::IPV6 => "ipv6".to_owned(),
                    EtherType::ARP => "arp".to_owned(),
                    _ => format!("ethernet {number:#06x}"),
                };
                record.info = bytes(length);
            }
            Packet::Broken => (record.protocol, record.info) = ("?".into(), bytes(length)),
        }
        record
    }

    fn ends(&self, from: Ipv4Addr, to: Ipv4Addr, record: &mut Record) {
        (record.source, record.destination) = (Some(from), Some(to));
        (record.from, record.to) = (Some(self.names.of_address(from)), Some(self.names.of_address(to)));
    }

    fn ip(&mut self, ip: &Ip, record: &mut Record) {
        self.ends(ip.from, ip.to, record);
        record.ttl = Some(ip.ttl);
        if let Some((source, destination)) = ip.payload.ports() {
            (record.source_port, record.destination_port) = (Some(source), Some(destination));
        }
        (record.protocol, record.info) = match &ip.payload {
            Payload::Icmp { message, length } => {
                record.bad = matches!(message, Icmp::Error { .. });
                ("icmp".to_owned(), format!("{}, {}", self.icmp(message), bytes(*length)))
            }
            Payload::Tcp(tcp) => {
                record.bad = tcp.flags.rst;
                ("tcp".to_owned(), self.tcp(ip, tcp))
            }
            Payload::Udp { length, .. } => ("udp".to_owned(), bytes(*length)),
            Payload::Other { protocol, length } => {
                let number = IpNumber(*protocol);
                let name = number.keyword_str().map_or_else(|| format!("ip {protocol}"), str::to_lowercase);
                (name, bytes(*length))
            }
        };
        if let Some(fragment) = &ip.fragment {
            record.info = match fragment.offset {
                0 => format!("{}, {}", record.info, piece(fragment)),
                _ => piece(fragment),
            };
        }
    }

    fn icmp(&self, message: &Icmp) -> String {
        match message {
            Icmp::EchoRequest { id, sequence } => format!("echo request id {id} seq {sequence}"),
            Icmp::EchoReply { id, sequence } => format!("echo reply id {id} seq {sequence}"),
            Icmp::Error { why, about: None } => why.clone(),
            Icmp::Error { why, about: Some((from, to)) } => {
                format!("{why}: {} → {}", self.names.of_address(*from), self.names.of_address(*to))
            }
            Icmp::Other { kind, code } => format!("type {kind} code {code}"),
        }
    }

    /// Describes a segment. Numbers bytes from the first one seen, or after the SYN.
    fn tcp(&mut self, ip: &Ip, tcp: &Tcp) -> String {
        if self.flows.len() >= FLOWS {
            self.flows.clear();
        }
        let there = (ip.from, tcp.source_port, ip.to, tcp.destination_port);
        let back = (ip.to, tcp.destination_port, ip.from, tcp.source_port);
        let first = if tcp.flags.syn {
            self.flows.insert(there, tcp.sequence);
            tcp.sequence
        } else {
            *self.flows.entry(there).or_insert(tcp.sequence)
        };
        let mut text = format!("{} seq {}", tcp.flags, tcp.sequence.wrapping_sub(first));
        if tcp.flags.ack {
            let first = *self.flows.entry(back).or_insert(tcp.acknowledgment);
            text += &format!(" ack {}", tcp.acknowledgment.wrapping_sub(first));
        }
        format!("{text} win {}, {}", tcp.window, bytes(tcp.length))
    }

    /// The line of a packet.
    pub fn line(&mut self, record: &Record, out: &Terminal) -> String {
        let begun = *self.begun.get_or_insert(record.time);
        let time = record.time.saturating_sub(begun).as_secs_f64();
        let mut text = out.paint(Tone::Faint, format!("{time:>10.6}"));
        if self.several {
            let link = short(&record.interface);
            text += &format!(" {link:width$}", width = self.widths.0);
        }
        text += &format!(" {:3} ", record.direction);
        if let (Some(from), Some(to)) = (&record.from, &record.to) {
            let end = |name: &str, port: Option<u16>| port.map_or(name.to_owned(), |port| format!("{name}:{port}"));
            let ends = format!("{} → {}", end(from, record.source_port), end(to, record.destination_port));
            self.widths.1 = self.widths.1.max(ends.chars().count().min(ENDS));
            text += &format!("{ends:width$}  ", width = self.widths.1);
        }
        let info = if record.bad { out.paint(Tone::Bad, &record.info) } else { record.info.clone() };
        format!("{text}{} {info}\n", record.protocol)
    }
}

/// A link's name without its namespace: the place is known, and the two ends of a peering have different names.
fn short(interface: &str) -> &str {
    interface.split_once(':').map_or(interface, |(_, link)| link)
}

fn arp_info(arp: &Arp) -> String {
    let [a, b, c, d, e, f] = arp.mac;
    match arp.request {
        true => format!("who has {}?", arp.to),
        false => format!("{} is at {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}", arp.from),
    }
}

fn piece(fragment: &Fragment) -> String {
    let Fragment { id, offset, length, more } = *fragment;
    let last = usize::from(offset) + usize::from(length);
    let end = if more { "" } else { ", the last" };
    format!("fragment of {id}: bytes {offset} to {last}{end}")
}

fn bytes(number: usize) -> String {
    format!("{number} byte{}", if number == 1 { "" } else { "s" })
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // As text, because a float cannot represent nanoseconds since 1970.
    serializer.collect_str(&format_args!("{}.{:09}", time.as_secs(), time.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::printable::is_hidden;

    const A: [u8; 4] = [10, 0, 0, 1];
    const B: [u8; 4] = [10, 0, 0, 2];

    fn tcp(from: [u8; 4], to: [u8; 4], ports: (u16, u16), flags: &str, numbers: (u32, u32), payload: &[u8]) -> Packet {
        let mut builder =
            PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(from, to, 64).tcp(ports.0, ports.1, numbers.0, 512);
        if flags.contains('S') {
            builder = builder.syn();
        }
        if flags.contains('A') {
            builder = builder.ack(numbers.1);
        }
        let mut frame = Vec::new();
        builder.write(&mut frame, payload).unwrap();
        Packet::read(&frame)
    }

    fn told(teller: &mut Teller, packets: &[Packet]) -> String {
        let line = |(n, packet): (usize, &Packet)| {
            let time = Duration::from_micros(1_000_000 + 1500 * n as u64);
            let record = teller.record("a:eth0", n % 2 == 0, time, packet, 100);
            teller.line(&record, &Terminal::PLAIN)
        };
        packets.iter().enumerate().map(line).collect()
    }

    #[test]
    fn a_handshake_is_numbered_from_0() {
        let packets = [
            tcp(A, B, (40000, 22), "S", (u32::MAX, 0), &[]),
            tcp(B, A, (22, 40000), "SA", (7000, 0), &[]),
            tcp(A, B, (40000, 22), "A", (0, 7001), b"hello"),
        ];
        let expected = "  0.000000 out 10.0.0.1:40000 → 10.0.0.2:22  tcp SYN seq 0 win 512, 0 bytes\n  \
              0.001500 in  10.0.0.2:22 → 10.0.0.1:40000  tcp SYN ACK seq 0 ack 1 win 512, 0 bytes\n  \
              0.003000 out 10.0.0.1:40000 → 10.0.0.2:22  tcp ACK seq 1 ack 1 win 512, 5 bytes\n";
        assert_eq!(told(&mut Teller::default(), &packets), expected);
    }

    #[test]
    fn lines_of_several_links_say_which() {
        let packets = [tcp(A, B, (1, 2), "S", (1, 0), &[])];
        let mut teller = Teller::new(Names::default(), true);
        assert!(told(&mut teller, &packets).starts_with("  0.000000 eth0 out 10.0.0.1:1 → 10.0.0.2:2  tcp SYN"));
    }

    #[test]
    fn arp_and_what_is_unknown_have_a_line_too() {
        let arp = Arp { request: true, from: A.into(), to: B.into(), mac: [2; 6] };
        let packets =
            [Packet::Arp(arp), Packet::Arp(Arp { request: false, ..arp }), Packet::Other(0x88cc), Packet::Broken];
        let expected = "  0.000000 out 10.0.0.1 → 10.0.0.2  arp who has 10.0.0.2?\n  \
              0.001500 in  10.0.0.1 → 10.0.0.2  arp 10.0.0.1 is at 02:02:02:02:02:02\n  \
              0.003000 out ethernet 0x88cc 100 bytes\n  \
              0.004500 in  ? 100 bytes\n";
        assert_eq!(told(&mut Teller::default(), &packets), expected);
    }

    /// A complete packet of each kind that an instance may send.
    fn frames() -> Vec<Vec<u8>> {
        let ip = || PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(A, B, 64);
        let error = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 0, 8, 0, 0];
        let mut frames = vec![Vec::new(); 5];
        ip().tcp(1, 2, u32::MAX, 512).syn().ack(7).write(&mut frames[0], b"hello").unwrap();
        ip().udp(1, 2).write(&mut frames[1], b"hello").unwrap();
        ip().icmpv4_echo_request(1, 2).write(&mut frames[2], b"hello").unwrap();
        ip().icmpv4_raw(3, 4, [0; 4]).write(&mut frames[3], &error).unwrap();
        let arp = etherparse::ArpPacket::new(
            etherparse::ArpHardwareId::ETHERNET,
            EtherType::IPV4,
            etherparse::ArpOperation::REQUEST,
            &[1; 6],
            &A,
            &[0; 6],
            &B,
        );
        PacketBuilder::ethernet2([1; 6], [2; 6]).arp(arp.unwrap()).write(&mut frames[4]).unwrap();
        frames
    }

    proptest! {
        /// Root inside an instance can send any bytes; each packet has one line, without control characters.
        #[test]
        fn whatever_passes_is_told_in_a_line(
            sent in prop::collection::vec(
                (
                    any::<Index>(),
                    prop::collection::vec((any::<Index>(), any::<u8>()), 0..8),
                    any::<Index>(),
                    prop::collection::vec(any::<u8>(), 0..100),
                ),
                1..6,
            ),
        ) {
            let (frames, mut teller) = (frames(), Teller::default());
            for (which, damage, end, tail) in sent {
                let mut frame = which.get(&frames).clone();
                for (at, byte) in damage {
                    let at = at.index(frame.len());
                    frame[at] = byte;
                }
                if tail.len() > 50 {
                    frame.truncate(end.index(frame.len() + 1));
                    frame.extend(tail);
                }
                let record = teller.record("a:eth0", true, Duration::ZERO, &Packet::read(&frame), frame.len());
                let line = teller.line(&record, &Terminal::PLAIN);
                prop_assert!(line.ends_with('\n') && !line.trim_end().contains(is_hidden), "{:?}", line);
                prop_assert!(serde_json::to_string(&record).is_ok());
            }
        }
    }
}
