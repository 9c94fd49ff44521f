//! Sends raw frames from inside an instance, and finds out who sees them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::net::if_::{if_nameindex, if_nametoindex};
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrLike, recvfrom, sendto, socket,
};
use peerlab::kernel;
use peerlab::network::model::NamespaceName;

/// A hardware address.
pub type Mac = [u8; 6];

pub const BROADCAST: Mac = [0xff; 6];
pub const IPV4: u16 = 0x0800;
pub const ARP: u16 = 0x0806;
pub const IPV6: u16 = 0x86dd;

pub const ICMP: u8 = 1;
pub const UDP: u8 = 17;

/// The hardware address of an instance or a gateway.
pub fn mac_of(ip: Ipv4Addr) -> Mac {
    let [a, b, c, d] = ip.octets();
    [2, 0, a, b, c, d]
}

/// An Ethernet frame.
pub fn frame(to: Mac, from: Mac, kind: u16, payload: &[u8]) -> Vec<u8> {
    [&to[..], &from, &kind.to_be_bytes(), payload].concat()
}

/// A frame with a VLAN tag.
pub fn tagged(to: Mac, from: Mac, tag: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    frame(to, from, 0x8100, &[&tag.to_be_bytes(), &kind.to_be_bytes(), payload].concat())
}

/// An IPv4 packet.
#[derive(Clone)]
pub struct Packet {
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    pub protocol: u8,
    pub ttl: u8,
    /// Identification; flags and offset.
    pub fragment: (u16, u16),
    pub options: Vec<u8>,
    pub payload: Vec<u8>,
}

/// More fragments follow.
pub const MORE: u16 = 0x2000;

impl Packet {
    pub fn new(from: Ipv4Addr, to: Ipv4Addr, protocol: u8, payload: Vec<u8>) -> Self {
        Packet { from, to, protocol, ttl: 64, fragment: (0, 0), options: Vec::new(), payload }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let header = 20 + self.options.len();
        assert!(header.is_multiple_of(4), "options come in words");
        let mut bytes = vec![0x40 | (header / 4) as u8, 0];
        bytes.extend(((header + self.payload.len()) as u16).to_be_bytes());
        bytes.extend(self.fragment.0.to_be_bytes());
        bytes.extend(self.fragment.1.to_be_bytes());
        bytes.extend([self.ttl, self.protocol, 0, 0]);
        bytes.extend(self.from.octets());
        bytes.extend(self.to.octets());
        bytes.extend(&self.options);
        let sum = checksum(&bytes);
        bytes[10..12].copy_from_slice(&sum);
        bytes.extend(&self.payload);
        bytes
    }

    /// Cut into fragments of `size` bytes (a multiple of eight).
    pub fn fragments(&self, id: u16, size: usize) -> Vec<Packet> {
        let last = self.payload.len().div_ceil(size) - 1;
        let pieces = self.payload.chunks(size).enumerate();
        let piece = |(n, payload): (usize, &[u8])| {
            let more = if n == last { 0 } else { MORE };
            Packet { fragment: (id, (n * size / 8) as u16 | more), payload: payload.to_vec(), ..self.clone() }
        };
        pieces.map(piece).collect()
    }
}

/// UDP without a checksum.
pub fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    [&from.to_be_bytes()[..], &to.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload].concat()
}

/// ICMP: its type and code, the four bytes after the checksum, and the payload.
pub fn icmp(kind: u8, code: u8, rest: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = [&[kind, code, 0, 0][..], &rest, payload].concat();
    let sum = checksum(&bytes);
    bytes[2..4].copy_from_slice(&sum);
    bytes
}

/// ARP: 1 is a request, 2 a reply.
pub fn arp(operation: u16, sender: (Mac, Ipv4Addr), target: (Mac, Ipv4Addr)) -> Vec<u8> {
    let mut bytes = vec![0, 1, 8, 0, 6, 4];
    bytes.extend(operation.to_be_bytes());
    for (mac, ip) in [sender, target] {
        bytes.extend(mac);
        bytes.extend(ip.octets());
    }
    bytes
}

/// ICMPv6 in IPv6, with the checksum that receivers require.
pub fn icmp6(from: std::net::Ipv6Addr, to: std::net::Ipv6Addr, message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u16).to_be_bytes();
    let pseudo = [&from.octets()[..], &to.octets(), &[0, 0], &length, &[0, 0, 0, 58], message].concat();
    let mut message = message.to_vec();
    message[2..4].copy_from_slice(&checksum(&pseudo));
    [&[0x60, 0, 0, 0][..], &length, &[58, 255], &from.octets(), &to.octets(), &message].concat()
}

fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes.chunks(2).map(|word| u32::from(u16::from_be_bytes([word[0], *word.get(1).unwrap_or(&0)])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

/// A packet socket of a namespace, which sends raw frames and sees everything that passes.
pub struct Wire {
    /// The namespace, or `host`.
    pub name: String,
    socket: OwnedFd,
    index: u32,
    /// The links of the namespace when it was opened.
    links: BTreeMap<usize, String>,
}

/// A frame that came in by a link.
pub struct Received {
    pub link: String,
    pub bytes: Vec<u8>,
}

impl Wire {
    /// Opens one in a namespace, at one of its links.
    pub fn inside(lab: &str, name: &str, link: &str) -> Self {
        kernel::enter(lab, &NamespaceName::from(name), || Wire::here(&format!("{lab}.{name}"), link)).unwrap()
    }

    /// Opens a socket in the calling thread's namespace.
    pub fn here(name: &str, link: &str) -> Self {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll).unwrap();
        let links = if_nameindex().unwrap();
        let links = links.iter().map(|it| (it.index() as usize, it.name().to_str().unwrap().to_owned())).collect();
        Wire { name: name.into(), socket, index: if_nametoindex(link).unwrap(), links }
    }

    /// Sends a frame.
    pub fn send(&self, frame: &[u8]) -> Result<(), Errno> {
        // SAFETY: all zeros is a valid sockaddr_ll.
        let mut to: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        to.sll_family = libc::AF_PACKET as u16;
        to.sll_ifindex = self.index as i32;
        let size = size_of_val(&to) as u32;
        // SAFETY: `to` is a sockaddr_ll of this size.
        let to = unsafe { LinkAddr::from_raw((&raw const to).cast(), Some(size)) }.unwrap();
        sendto(self.socket.as_raw_fd(), frame, &to, MsgFlags::empty()).map(drop)
    }

    /// The frames that came in, not those that went out, since the last call.
    pub fn received(&self) -> Vec<Received> {
        let mut frames = Vec::new();
        let mut buffer = vec![0; 65536];
        loop {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut buffer) {
                Ok((_, Some(from))) if from.pkttype() == libc::PACKET_OUTGOING => {}
                Ok((length, from)) => {
                    let link = from.and_then(|from| self.links.get(&from.ifindex()).cloned()).unwrap_or_default();
                    frames.push(Received { link, bytes: buffer[..length].to_vec() });
                }
                Err(Errno::EAGAIN) => return frames,
                Err(errno) => panic!("{}: {errno}", self.name),
            }
        }
    }
}

/// Waits until `seen` is true; fails after a timeout.
#[track_caller]
pub fn wait_for(what: &str, mut seen: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !seen() {
        assert!(Instant::now() < until, "{what}: not within ten seconds");
        std::thread::sleep(Duration::from_millis(1));
    }
}
