//! Parses a frame's bytes.

use std::fmt;
use std::net::Ipv4Addr;

use etherparse::icmpv4::{DestUnreachableHeader, TimeExceededCode};
use etherparse::{
    ArpEthIpv4Packet, ArpOperation, EtherType, Icmpv4Slice, Icmpv4Type, IpNumber, LaxIpv4Slice, LaxNetSlice,
    LaxSlicedPacket, LinkSlice, TcpSlice, UdpSlice,
};

/// The content of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// IPv4.
    Ip(Ip),
    /// ARP.
    Arp(Arp),
    /// Anything else, by the number of its protocol.
    Other(u16),
    /// A frame that is truncated before its protocol is known.
    Broken,
}

/// An IPv4 packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ip {
    /// The sender's address.
    pub from: Ipv4Addr,
    /// The receiver's address.
    pub to: Ipv4Addr,
    /// The time to live, in hops.
    pub ttl: u8,
    /// Its position in a larger packet, if it is a fragment.
    pub fragment: Option<Fragment>,
    /// Its payload.
    pub payload: Payload,
}

/// A fragment of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The id, the same for all fragments of a packet.
    pub id: u16,
    /// The offset of its first byte.
    pub offset: u16,
    /// Its length in bytes.
    pub length: u16,
    /// Whether more fragments follow.
    pub more: bool,
}

/// The payload of an IPv4 packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// ICMP.
    Icmp {
        /// The message.
        message: Icmp,
        /// Its length in bytes, with its header.
        length: usize,
    },
    /// TCP.
    Tcp(Tcp),
    /// UDP.
    Udp {
        /// The sender's port.
        source_port: u16,
        /// The receiver's port.
        destination_port: u16,
        /// The bytes after the header.
        length: usize,
    },
    /// A later fragment, or another protocol, by its number.
    Other {
        /// The protocol's number.
        protocol: u8,
        /// The bytes after the IP header.
        length: usize,
    },
}

/// An ICMP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Icmp {
    /// A ping.
    EchoRequest {
        /// The identifier of the sender.
        id: u16,
        /// The sequence number.
        sequence: u16,
    },
    /// Its answer.
    EchoReply {
        /// The value of the request.
        id: u16,
        /// The value of the request.
        sequence: u16,
    },
    /// An error about a packet that did not arrive.
    Error {
        /// The reason.
        why: String,
        /// The sender and the receiver of that packet.
        about: Option<(Ipv4Addr, Ipv4Addr)>,
    },
    /// Anything else.
    Other {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
    },
}

/// A TCP segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// SYN, ACK and so on.
    pub flags: Flags,
    /// The sequence number of its first byte.
    pub sequence: u32,
    /// The next expected byte; only if ACK is set.
    pub acknowledgment: u32,
    /// The window, unscaled.
    pub window: u16,
    /// The bytes after the header.
    pub length: usize,
}

/// The flags of a TCP segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// SYN.
    pub syn: bool,
    /// ACK.
    pub ack: bool,
    /// FIN.
    pub fin: bool,
    /// RST.
    pub rst: bool,
    /// PSH.
    pub psh: bool,
}

/// An ARP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// Whether it is a request; else it is a reply.
    pub request: bool,
    /// The sender's address.
    pub from: Ipv4Addr,
    /// The target address.
    pub to: Ipv4Addr,
    /// The sender's hardware address.
    pub mac: [u8; 6],
}

impl Packet {
    /// Parses a frame, which may be truncated.
    pub fn read(frame: &[u8]) -> Self {
        let Ok(sliced) = LaxSlicedPacket::from_ethernet(frame) else { return Packet::Broken };
        match sliced.net {
            Some(LaxNetSlice::Ipv4(ip)) => Packet::Ip(Ip::read(&ip)),
            Some(LaxNetSlice::Arp(arp)) => match arp.to_packet().try_eth_ipv4() {
                Ok(arp) => Packet::Arp(Arp::read(&arp)),
                Err(_) => Packet::Other(EtherType::ARP.0),
            },
            Some(LaxNetSlice::Ipv6(_)) => Packet::Other(EtherType::IPV6.0),
            None => match sliced.link {
                Some(LinkSlice::Ethernet2(ethernet)) => Packet::Other(ethernet.ether_type().0),
                _ => Packet::Broken,
            },
        }
    }
}

impl Ip {
    fn read(ip: &LaxIpv4Slice<'_>) -> Self {
        let (header, payload) = (ip.header(), ip.payload());
        // The length in the header, not the captured length.
        let said = header.payload_len().map_or(payload.payload.len(), usize::from);
        let offset = header.fragments_offset().byte_offset();
        let fragment = header.is_fragmenting_payload().then(|| Fragment {
            id: header.identification(),
            offset,
            length: said as u16,
            more: header.more_fragments(),
        });
        Ip {
            from: header.source_addr(),
            to: header.destination_addr(),
            ttl: header.ttl(),
            fragment,
            payload: Payload::read(payload.ip_number, payload.payload, said, offset == 0),
        }
    }
}

impl Payload {
    /// `said`: the payload's length by the IP header. Only a packet's first fragment has the payload's header.
    fn read(protocol: IpNumber, bytes: &[u8], said: usize, first: bool) -> Self {
        let read = match protocol {
            IpNumber::ICMP if first => Icmpv4Slice::from_slice(bytes)
                .ok()
                .map(|icmp| Payload::Icmp { message: Icmp::read(&icmp), length: said }),
            IpNumber::TCP if first => TcpSlice::from_slice(bytes).ok().map(|tcp| Payload::Tcp(Tcp::read(&tcp, said))),
            IpNumber::UDP if first => UdpSlice::from_slice_lax(bytes).ok().map(|udp| Payload::Udp {
                source_port: udp.source_port(),
                destination_port: udp.destination_port(),
                length: usize::from(udp.length()).saturating_sub(8),
            }),
            _ => None,
        };
        read.unwrap_or(Payload::Other { protocol: protocol.0, length: said })
    }

    /// The ports of the sender and the receiver, if there are any.
    pub fn ports(&self) -> Option<(u16, u16)> {
        match *self {
            Payload::Tcp(Tcp { source_port, destination_port, .. })
            | Payload::Udp { source_port, destination_port, .. } => Some((source_port, destination_port)),
            Payload::Icmp { .. } | Payload::Other { .. } => None,
        }
    }

    /// The number of the protocol (RFC 790).
    pub fn protocol(&self) -> u8 {
        match self {
            Payload::Icmp { .. } => IpNumber::ICMP.0,
            Payload::Tcp(_) => IpNumber::TCP.0,
            Payload::Udp { .. } => IpNumber::UDP.0,
            Payload::Other { protocol, .. } => *protocol,
        }
    }
}

impl Icmp {
    fn read(icmp: &Icmpv4Slice<'_>) -> Self {
        let error = |why: &str| Icmp::Error { why: why.into(), about: quoted(icmp.payload()) };
        match icmp.icmp_type() {
            Icmpv4Type::EchoRequest(echo) => Icmp::EchoRequest { id: echo.id, sequence: echo.seq },
            Icmpv4Type::EchoReply(echo) => Icmp::EchoReply { id: echo.id, sequence: echo.seq },
            Icmpv4Type::DestinationUnreachable(why) => match why {
                DestUnreachableHeader::Network => error("network unreachable"),
                DestUnreachableHeader::Host => error("host unreachable"),
                DestUnreachableHeader::Protocol => error("protocol unreachable"),
                DestUnreachableHeader::Port => error("port unreachable"),
                DestUnreachableHeader::FragmentationNeeded { next_hop_mtu } => {
                    error(&format!("too large, at most {next_hop_mtu} bytes"))
                }
                DestUnreachableHeader::NetworkProhibited
                | DestUnreachableHeader::HostProhibited
                | DestUnreachableHeader::FilterProhibited => error("prohibited"),
                _ => error("unreachable"),
            },
            Icmpv4Type::TimeExceeded(TimeExceededCode::TtlExceededInTransit) => error("ttl exceeded"),
            Icmpv4Type::TimeExceeded(TimeExceededCode::FragmentReassemblyTimeExceeded) => error("fragments missing"),
            Icmpv4Type::Redirect(_) => error("redirect"),
            _ => Icmp::Other { kind: icmp.type_u8(), code: icmp.code_u8() },
        }
    }
}

/// The sender and the receiver of the packet that an error quotes.
fn quoted(bytes: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (ip, _) = LaxIpv4Slice::from_slice(bytes).ok()?;
    Some((ip.header().source_addr(), ip.header().destination_addr()))
}

impl Tcp {
    fn read(tcp: &TcpSlice<'_>, said: usize) -> Self {
        let flags = Flags { syn: tcp.syn(), ack: tcp.ack(), fin: tcp.fin(), rst: tcp.rst(), psh: tcp.psh() };
        Tcp {
            source_port: tcp.source_port(),
            destination_port: tcp.destination_port(),
            flags,
            sequence: tcp.sequence_number(),
            acknowledgment: tcp.acknowledgment_number(),
            window: tcp.window_size(),
            length: said.saturating_sub(usize::from(tcp.data_offset()) * 4),
        }
    }

    /// How far it advances its sender's sequence number.
    pub fn span(&self) -> u32 {
        self.length as u32 + u32::from(self.flags.syn) + u32::from(self.flags.fin)
    }
}

impl Arp {
    fn read(arp: &ArpEthIpv4Packet) -> Self {
        Arp {
            request: arp.operation == ArpOperation::REQUEST,
            from: arp.sender_ipv4.into(),
            to: arp.target_ipv4.into(),
            mac: arp.sender_mac,
        }
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flags { syn, ack, fin, rst, psh } = *self;
        let all = [(syn, "SYN"), (fin, "FIN"), (rst, "RST"), (psh, "PSH"), (ack, "ACK")];
        let set: Vec<_> = all.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect();
        f.pad(&if set.is_empty() { "no flags".to_owned() } else { set.join(" ") })
    }
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;

    const FROM: [u8; 4] = [10, 0, 0, 1];
    const TO: [u8; 4] = [10, 0, 0, 2];

    fn builder() -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
        PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(FROM, TO, 64)
    }

    fn ip(frame: &[u8]) -> Ip {
        match Packet::read(frame) {
            Packet::Ip(ip) => ip,
            other => panic!("no IPv4: {other:?}"),
        }
    }

    #[test]
    fn a_ping_has_its_number_also_where_it_is_cut_off() {
        let mut frame = Vec::new();
        builder().icmpv4_echo_request(7, 3).write(&mut frame, &[0; 56]).unwrap();
        for frame in [&frame[..], &frame[..60]] {
            let ip = ip(frame);
            assert_eq!((ip.from, ip.to, ip.ttl, ip.fragment), (FROM.into(), TO.into(), 64, None));
            let message = Icmp::EchoRequest { id: 7, sequence: 3 };
            assert_eq!(ip.payload, Payload::Icmp { message, length: 64 });
        }
    }

    #[test]
    fn a_segment_has_its_flags_and_the_length_of_what_it_carries() {
        let mut frame = Vec::new();
        builder().tcp(40000, 22, 1000, 65535).syn().ack(77).write(&mut frame, b"hello").unwrap();
        let Payload::Tcp(tcp) = ip(&frame).payload else { panic!("it is TCP") };
        assert_eq!(tcp.flags.to_string(), "SYN ACK");
        assert_eq!((tcp.source_port, tcp.destination_port, tcp.length, tcp.span()), (40000, 22, 5, 6));
        assert_eq!((tcp.sequence, tcp.acknowledgment), (1000, 77));
    }

    #[test]
    fn a_piece_of_a_packet_says_which() {
        let mut frame = Vec::new();
        builder().udp(1, 2).write(&mut frame, &[0; 16]).unwrap();
        // More fragments; then offset 8 bytes and none more.
        for (word, offset, more, ports) in [(0x2000_u16, 0, true, Some((1, 2))), (1, 8, false, None)] {
            frame[20..22].copy_from_slice(&word.to_be_bytes());
            let ip = ip(&frame);
            let id = ip.fragment.unwrap().id;
            assert_eq!(ip.fragment, Some(Fragment { id, offset, length: 24, more }));
            assert_eq!((ip.payload.ports(), ip.payload.protocol()), (ports, 17));
        }
    }

    #[test]
    fn an_error_says_about_which_packet() {
        let mut lost = Vec::new();
        builder().udp(1, 2).write(&mut lost, &[0; 4]).unwrap();
        let mut frame = Vec::new();
        let error = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(TO, FROM, 64);
        let port = Icmpv4Type::DestinationUnreachable(DestUnreachableHeader::Port);
        error.icmpv4(port).write(&mut frame, &lost[14..]).unwrap();
        let Payload::Icmp { message, .. } = ip(&frame).payload else { panic!("it is ICMP") };
        let about = Some((FROM.into(), TO.into()));
        assert_eq!(message, Icmp::Error { why: "port unreachable".into(), about });
    }

    #[test]
    fn whatever_the_bytes_are_they_are_read() {
        let mut frame = Vec::new();
        builder().tcp(1, 2, 3, 4).write(&mut frame, &[0; 20]).unwrap();
        for length in 0..frame.len() {
            Packet::read(&frame[..length]);
        }
        assert_eq!(Packet::read(&[]), Packet::Broken);
        let mut state = 1_u64;
        for length in 0..500 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 56) as u8
                })
                .collect();
            frame.splice(14.., bytes);
            Packet::read(&frame);
        }
    }
}
