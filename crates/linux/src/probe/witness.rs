//! Finds out who receives a packet. If several namespaces have an address, each of them listens for packets delivered
//! to it, in addition to the program that answers there.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::setsockopt;
use socket2::{Domain, Socket, Type};

use super::host::trouble;
use super::icmp::{self, ECHO_REQUEST, IcmpFilter};
use super::messages::Said;
use super::question::Probe;
use crate::error::Result;
use crate::flow::Protocol;
use crate::kernel::privilege::make_room_for_descriptors;
use crate::kernel::threads::apart;
use crate::kernel::{buffers, cost, visit};
use crate::network::model::NamespaceName;

/// A mark that identifies a packet of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// The number of an echo request of this run.
    Echo(u32),
    /// The beginning of a connection: its local and remote port.
    Tcp(u16, u16),
    /// A datagram: its local and remote port.
    Udp(u16, u16),
}

/// The listening namespaces.
#[derive(Default)]
pub(super) struct Witness {
    /// The token of the run's echo requests.
    token: u32,
    ears: Vec<Ear>,
}

/// The packets received, and by which namespace.
#[derive(Default)]
pub(super) struct Heard(BTreeMap<Mark, NamespaceName>);

impl Heard {
    /// The namespace that received the packet; `None`: none of the listening ones.
    pub(super) fn by(&self, mark: Mark) -> Option<&NamespaceName> {
        self.0.get(&mark)
    }
}

/// A raw socket in a namespace, which receives packets delivered there and sends nothing.
struct Ear {
    namespace: NamespaceName,
    protocol: Kind,
    socket: Socket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Icmp,
    Tcp,
    Udp,
}

impl Kind {
    fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Icmp => Kind::Icmp,
            Protocol::Tcp(_) => Kind::Tcp,
            Protocol::Udp(_) => Kind::Udp,
        }
    }
}

/// The longest delay, in ms, until the end of a run is noticed.
const GLANCE: u16 = 5;

/// A packet's buffer space in a socket, with the kernel's overhead.
const BUFFERED: usize = 1024;

/// TCP's flags (RFC 9293).
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

impl Witness {
    /// Opens ears wherever a probe or a ping has several possible receivers; `pinged` gives the number of pings that
    /// each namespace may receive. There are none if every address is unique.
    pub(super) fn open(
        lab: &str,
        token: u32,
        pinged: &BTreeMap<NamespaceName, usize>,
        probes: &[Probe],
    ) -> Result<Self> {
        let mut places: BTreeMap<(&NamespaceName, Kind), usize> = BTreeMap::new();
        for (namespace, pings) in pinged {
            *places.entry((namespace, Kind::Icmp)).or_default() += pings;
        }
        for probe in probes {
            for namespace in &probe.claimants {
                *places.entry((namespace, Kind::of(probe.protocol))).or_default() += 1;
            }
        }
        if places.is_empty() {
            return Ok(Witness::default());
        }
        make_room_for_descriptors(places.len());
        let open = |((namespace, protocol), packets): ((&NamespaceName, Kind), usize)| {
            visit(lab, namespace)?;
            let socket = ear(protocol, packets).map_err(|error| trouble(lab, namespace, Said::NoWitness, error))?;
            Ok(Ear { namespace: namespace.clone(), protocol, socket })
        };
        let ears = apart(|| places.into_iter().map(open).collect::<Result<Vec<_>>>())??;
        Ok(Witness { token, ears })
    }

    pub(super) fn is_needed(&self) -> bool {
        !self.ears.is_empty()
    }

    /// Listens until the run is `over`, then reads what is still buffered: a receiver hears a packet before it answers.
    pub(super) fn listen(&self, over: &AtomicBool) -> Heard {
        let mut heard = Heard::default();
        loop {
            let last = over.load(Ordering::SeqCst);
            if !last {
                let mut sockets: Vec<_> =
                    self.ears.iter().map(|ear| PollFd::new(ear.socket.as_fd(), PollFlags::POLLIN)).collect();
                // Treat an interrupted poll like one without packets.
                let _ = poll(&mut sockets, PollTimeout::from(GLANCE));
            }
            self.ears.iter().for_each(|ear| self.drain(ear, &mut heard));
            if last {
                return heard;
            }
        }
    }

    fn drain(&self, ear: &Ear, heard: &mut Heard) {
        let mut buffer = [0; 128];
        loop {
            match (&ear.socket).read(&mut buffer) {
                Ok(length) => {
                    if let Some(mark) = mark(ear.protocol, &buffer[..length], self.token) {
                        heard.0.insert(mark, ear.namespace.clone());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

/// Opens a raw socket in the calling thread's namespace, with buffer space for this many packets, each twice.
fn ear(protocol: Kind, packets: usize) -> io::Result<Socket> {
    cost::socket();
    let number = match protocol {
        Kind::Icmp => socket2::Protocol::ICMPV4,
        Kind::Tcp => socket2::Protocol::TCP,
        Kind::Udp => socket2::Protocol::UDP,
    };
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(number))?;
    socket.set_nonblocking(true)?;
    if protocol == Kind::Icmp {
        setsockopt(&socket, IcmpFilter, &!(1 << ECHO_REQUEST))?;
    }
    buffers::to_receive(&socket, (2 * packets * BUFFERED).clamp(1 << 18, 1 << 28))?;
    Ok(socket)
}

/// The mark of a delivered packet, if it is one of the run.
fn mark(protocol: Kind, packet: &[u8], token: u32) -> Option<Mark> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    let payload = packet.get(header..)?;
    let port = |at: usize| Some(u16::from_be_bytes([*payload.get(at)?, *payload.get(at + 1)?]));
    match protocol {
        Kind::Icmp => icmp::flight_of(payload, ECHO_REQUEST, token).map(Mark::Echo),
        Kind::Tcp => {
            let begins = payload.get(13)? & (SYN | ACK) == SYN;
            begins.then_some(Mark::Tcp(port(0)?, port(2)?))
        }
        Kind::Udp => Some(Mark::Udp(port(0)?, port(2)?)),
    }
}
