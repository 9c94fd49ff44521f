//! Minimal netlink: writes messages into one buffer, and sends it at once.
//!
//! The kernel has handled all messages when send returns, and answers only failures, because no message asks for an
//! acknowledgement.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, setsockopt, socket, sockopt,
};

const REQUEST: u16 = 0x1;
const CREATE: u16 = 0x400;
const EXCLUSIVE: u16 = 0x200;
const APPEND: u16 = 0x800;
const NESTED: u16 = 1 << 15;

/// A socket for rtnetlink in the calling thread's namespace.
pub fn route_socket() -> io::Result<OwnedFd> {
    open(SockProtocol::NetlinkRoute)
}

/// A socket for nfnetlink in the calling thread's namespace.
pub fn netfilter_socket() -> io::Result<OwnedFd> {
    open(SockProtocol::NetlinkNetFilter)
}

fn open(protocol: SockProtocol) -> io::Result<OwnedFd> {
    let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
    setsockopt(&socket, sockopt::SndBufForce, &(1 << 20))?;
    Ok(socket)
}

/// Messages for one namespace.
#[derive(Default)]
pub struct Batch(Vec<u8>);

impl Batch {
    /// One message: `body` writes what follows its header.
    pub fn message(&mut self, kind: u16, flags: u16, body: impl FnOnce(&mut Batch)) {
        let start = self.0.len();
        self.0.extend([0; 4]);
        self.0.extend(kind.to_ne_bytes());
        self.0.extend((REQUEST | flags).to_ne_bytes());
        self.0.extend([0; 8]);
        body(self);
        let length = (self.0.len() - start) as u32;
        self.0[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }

    /// A message that creates something that must not exist.
    pub fn create(&mut self, kind: u16, body: impl FnOnce(&mut Batch)) {
        self.message(kind, CREATE | EXCLUSIVE, body);
    }

    /// A message that adds to the end of something.
    pub fn append(&mut self, kind: u16, body: impl FnOnce(&mut Batch)) {
        self.message(kind, CREATE | APPEND, body);
    }

    /// Raw bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    /// An attribute.
    pub fn attribute(&mut self, kind: u16, value: &[u8]) {
        self.length_of(kind, |batch| batch.bytes(value));
    }

    /// An attribute with a text and a NUL.
    pub fn text(&mut self, kind: u16, text: &str) {
        self.length_of(kind, |batch| {
            batch.bytes(text.as_bytes());
            batch.bytes(&[0]);
        });
    }

    /// An attribute that contains others.
    pub fn nested(&mut self, kind: u16, body: impl FnOnce(&mut Batch)) {
        self.length_of(kind | NESTED, body);
    }

    fn length_of(&mut self, kind: u16, body: impl FnOnce(&mut Batch)) {
        let start = self.0.len();
        self.0.extend([0; 2]);
        self.0.extend(kind.to_ne_bytes());
        body(self);
        let length = (self.0.len() - start) as u16;
        self.0[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    /// Sends all messages over a socket of their namespace.
    pub fn send(self, socket: &OwnedFd) -> io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        send(socket.as_raw_fd(), &self.0, MsgFlags::empty())?;
        let mut answer = [0; 512];
        match recv(socket.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT) {
            Ok(length) if length >= 36 => {
                let word = |at: usize| i32::from_ne_bytes([answer[at], answer[at + 1], answer[at + 2], answer[at + 3]]);
                let kind = u16::from_ne_bytes([answer[24], answer[25]]);
                let error = io::Error::from_raw_os_error(-word(16));
                Err(io::Error::other(format!("netlink message {kind:#x}: {error}")))
            }
            _ => Ok(()),
        }
    }
}

const NEW_LINK: u16 = 16;
const NEW_ADDRESS: u16 = 20;
const NEW_ROUTE: u16 = 24;
const NEW_NEIGHBOUR: u16 = 28;
const UP: u32 = 1;
const INET: u8 = nix::libc::AF_INET as u8;

/// An end of a link: its index, its name, and the address from which its MAC is derived.
pub struct End<'a> {
    pub index: u32,
    pub name: &'a str,
    pub address: [u8; 4],
}

/// The MAC of an interface: 02:00 and its IPv4 address.
fn mac(address: [u8; 4]) -> [u8; 6] {
    let [a, b, c, d] = address;
    [2, 0, a, b, c, d]
}

/// rtnetlink.
impl Batch {
    fn link(&mut self, index: u32, flags: u32) {
        self.bytes(&[0; 4]);
        for word in [index, flags, flags] {
            self.bytes(&word.to_ne_bytes());
        }
    }

    fn end(&mut self, end: &End, flags: u32) {
        self.link(end.index, flags);
        self.text(3, end.name); // IFLA_IFNAME
        self.attribute(1, &mac(end.address)); // IFLA_ADDRESS
    }

    pub fn set_up(&mut self, index: u32) {
        self.message(NEW_LINK, 0, |link| link.link(index, UP));
    }

    pub fn bridge(&mut self, end: &End) {
        self.create(NEW_LINK, |link| {
            link.end(end, UP);
            link.nested(18, |info| info.text(1, "bridge")); // IFLA_LINKINFO, IFLA_INFO_KIND
        });
    }

    /// Both ends at once: `near` here and up, a port of `bridge` if given; `far` in another namespace and down, because
    /// the kernel does not set it up before `near` exists.
    pub fn veth(&mut self, near: &End, bridge: Option<u32>, far: &End, namespace: BorrowedFd) {
        self.create(NEW_LINK, |link| {
            link.end(near, UP);
            if let Some(bridge) = bridge {
                link.attribute(10, &bridge.to_ne_bytes()); // IFLA_MASTER
            }
            link.nested(18, |info| {
                info.text(1, "veth");
                info.nested(2, |data| {
                    // VETH_INFO_PEER
                    data.nested(1, |peer| {
                        peer.end(far, 0);
                        peer.attribute(28, &(namespace.as_raw_fd() as u32).to_ne_bytes()); // IFLA_NET_NS_FD
                    });
                });
            });
        });
    }

    pub fn address(&mut self, index: u32, address: [u8; 4], prefix: u8) {
        self.create(NEW_ADDRESS, |message| {
            message.bytes(&[INET, prefix, 0, 0]);
            message.bytes(&index.to_ne_bytes());
            message.attribute(2, &address); // IFA_LOCAL
            message.attribute(1, &address); // IFA_ADDRESS
        });
    }

    /// A route by a gateway, which need not be in a network of the link.
    pub fn route(&mut self, (network, prefix): ([u8; 4], u8), gateway: [u8; 4], index: u32) {
        self.create(NEW_ROUTE, |message| {
            // Source 0, tos 0, table main, by boot, scope universe, unicast; RTNH_F_ONLINK.
            message.bytes(&[INET, prefix, 0, 0, 254, 3, 0, 1]);
            message.bytes(&4_u32.to_ne_bytes());
            if prefix > 0 {
                message.attribute(1, &network); // RTA_DST
            }
            message.attribute(5, &gateway); // RTA_GATEWAY
            message.attribute(4, &index.to_ne_bytes()); // RTA_OIF
        });
    }

    /// A permanent neighbour: needs no ARP, and does not count against the host's limit.
    pub fn neighbour(&mut self, index: u32, address: [u8; 4]) {
        self.create(NEW_NEIGHBOUR, |message| {
            message.bytes(&[INET, 0, 0, 0]);
            message.bytes(&index.to_ne_bytes());
            message.bytes(&[0x80, 0, 0, 0]); // NUD_PERMANENT
            message.attribute(1, &address);
            message.attribute(2, &mac(address));
        });
    }
}
