//! Finds out who receives a packet: a raw socket receives a copy of what the kernel delivers to its namespace.
//!
//! Every sender of echo requests has such a socket already, for the replies, and hears with it the requests delivered to
//! its own namespace, too. For other namespaces, and for servers of the user, there are ears.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::setsockopt;
use socket2::{Domain, Socket, Type};

use super::echo::{self, ECHO_REQUEST, IcmpFilter};
use super::host::trouble;
use super::messages::Said;
use super::sweep::{GotBy, Sender};
use crate::error::Result;
use crate::flow::Protocol;
use crate::kernel::privilege::make_room_for_descriptors;
use crate::kernel::threads::apart;
use crate::kernel::{buffers, cost, exists, visit};
use crate::network::model::NamespaceName;

/// A mark that identifies a packet of a run for another program's server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// The beginning of a connection: its local and remote port.
    Tcp(u16, u16),
    /// A datagram: its local and remote port.
    Udp(u16, u16),
}

/// Who received the packets of a run.
pub(super) struct Witness {
    /// The token of the run's echo requests.
    token: u32,
    /// Everybody who listens.
    places: Vec<NamespaceName>,
    /// By the sender's index: its place; `None`: its socket does not hear everything that its namespace gets.
    of_senders: Vec<Option<u32>>,
    /// By flight: the place that got the echo request, from 1; 0: none.
    echoes: Vec<AtomicU32>,
    /// The place that got the packet.
    marks: Mutex<BTreeMap<Mark, u32>>,
    ears: Vec<Ear>,
}

/// A raw socket in a namespace that sends nothing.
struct Ear {
    place: u32,
    kind: Kind,
    socket: Socket,
}

/// The packets that an ear hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Icmp,
    Tcp,
    Udp,
}

impl From<Protocol> for Kind {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Icmp => Kind::Icmp,
            Protocol::Tcp(_) => Kind::Tcp,
            Protocol::Udp(_) => Kind::Udp,
        }
    }
}

/// The longest delay, in ms, until the end of a run is noticed.
const GLANCE: u16 = 5;

/// How long packets gather before the ears are read again.
const NAP: Duration = Duration::from_millis(1);

/// The buffer of an ear: room for a thousand packets, with the kernel's overhead.
const BUFFER: usize = 1 << 20;

/// TCP's flags (RFC 9293).
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

impl Witness {
    /// Opens the ears. `senders` says which of the senders have a socket in the run, `flights` is the number of pings.
    pub(super) fn open(
        lab: &str,
        token: u32,
        senders: &[(&Sender, bool)],
        flights: usize,
        listening: &BTreeSet<(NamespaceName, Kind)>,
    ) -> Result<Self> {
        let mut places = Vec::with_capacity(senders.len());
        let mut numbers = BTreeMap::new();
        let mut number = |name: &NamespaceName| {
            *numbers.entry(name.clone()).or_insert_with(|| {
                places.push(name.clone());
                places.len() as u32 - 1
            })
        };
        // The senders first, so that they have the same numbers here.
        let of_senders = senders.iter().map(|(it, _)| (number(&it.namespace), it.source.is_none()));
        let of_senders: Vec<_> = of_senders.map(|(place, hears_all)| hears_all.then_some(place)).collect();
        let hears = |(place, (_, sends)): (&Option<u32>, &(&Sender, bool))| place.filter(|_| *sends);
        let heard: BTreeSet<_> = of_senders.iter().zip(senders).filter_map(hears).collect();
        let mut wanted = Vec::new();
        for (namespace, kind) in listening {
            let place = number(namespace);
            if !(*kind == Kind::Icmp && heard.contains(&place)) && exists(lab, namespace) {
                wanted.push((namespace, place, *kind));
            }
        }
        make_room_for_descriptors(wanted.len());
        let open = |(namespace, place, kind): (&NamespaceName, u32, Kind)| {
            visit(lab, namespace)?;
            let socket = ear(kind).map_err(|error| trouble(lab, namespace, Said::NoWitness, error))?;
            Ok(Ear { place, kind, socket })
        };
        let ears = match wanted.is_empty() {
            true => Vec::new(),
            false => apart(|| wanted.into_iter().map(open).collect::<Result<Vec<_>>>())??,
        };
        let echoes = (0..flights).map(|_| AtomicU32::new(0)).collect();
        Ok(Witness { token, places, of_senders, echoes, marks: Mutex::default(), ears })
    }

    /// Whether somebody must [`listen`](Self::listen).
    pub(super) fn has_ears(&self) -> bool {
        !self.ears.is_empty()
    }

    /// The place of a sender whose socket hears everything that its namespace gets.
    pub(super) fn place_of(&self, sender: usize) -> Option<u32> {
        self.of_senders.get(sender).copied().flatten()
    }

    /// Listens until the run is `over`, then reads what is still buffered: a receiver hears a packet before it answers.
    pub(super) fn listen(&self, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            let mut sockets: Vec<_> =
                self.ears.iter().map(|ear| PollFd::new(ear.socket.as_fd(), PollFlags::POLLIN)).collect();
            // Treat an interrupted poll like one without packets.
            if poll(&mut sockets, PollTimeout::from(GLANCE)).is_ok_and(|ready| ready > 0) {
                let ready = sockets.iter().zip(&self.ears).filter(|(socket, _)| socket.any() == Some(true));
                ready.for_each(|(_, ear)| self.drain(ear));
                std::thread::sleep(NAP);
            }
        }
        self.ears.iter().for_each(|ear| self.drain(ear));
    }

    fn drain(&self, ear: &Ear) {
        let mut buffer = [0; 128];
        loop {
            match (&ear.socket).read(&mut buffer) {
                Ok(length) => self.hear(ear, &buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn hear(&self, ear: &Ear, packet: &[u8]) {
        match ear.kind {
            Kind::Icmp => drop(self.hear_echo(packet, ear.place)),
            Kind::Tcp | Kind::Udp => {
                if let (Some(mark), Ok(mut marks)) = (mark(ear.kind, packet), self.marks.lock()) {
                    marks.insert(mark, ear.place);
                }
            }
        }
    }

    /// Records where a packet arrived, if it is an echo request of the run; returns whether it is one.
    pub(super) fn hear_echo(&self, packet: &[u8], place: u32) -> bool {
        let flight = payload(packet).and_then(|echo| echo::flight_of(echo, ECHO_REQUEST, self.token));
        let Some(slot) = flight.and_then(|flight| self.echoes.get(flight as usize)) else { return false };
        slot.store(place + 1, Ordering::Relaxed);
        true
    }

    /// The namespace that got a packet for a server; `None`: none of the listening ones.
    pub(super) fn got(&self, mark: Mark) -> Option<NamespaceName> {
        let place = *self.marks.lock().ok()?.get(&mark)?;
        self.places.get(place as usize).cloned()
    }

    /// Who got the echo requests, by the place of the flight's ping, which `place` returns.
    pub(super) fn echoes(self, place: impl Fn(usize) -> usize) -> GotBy {
        let mut by = vec![0; self.echoes.len()];
        for (flight, got_by) in self.echoes.into_iter().enumerate() {
            by[place(flight)] = got_by.into_inner();
        }
        GotBy::new(self.places, by)
    }
}

/// Opens a raw socket in the calling thread's namespace.
fn ear(kind: Kind) -> io::Result<Socket> {
    cost::socket();
    let number = match kind {
        Kind::Icmp => socket2::Protocol::ICMPV4,
        Kind::Tcp => socket2::Protocol::TCP,
        Kind::Udp => socket2::Protocol::UDP,
    };
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(number))?;
    socket.set_nonblocking(true)?;
    if kind == Kind::Icmp {
        setsockopt(&socket, IcmpFilter, &!(1 << ECHO_REQUEST))?;
    }
    buffers::to_receive(&socket, BUFFER)?;
    Ok(socket)
}

/// What follows the header of an IPv4 packet.
fn payload(packet: &[u8]) -> Option<&[u8]> {
    packet.get(usize::from(packet.first()? & 0xf) * 4..)
}

/// The mark of a delivered packet, if it may be one of the run.
fn mark(kind: Kind, packet: &[u8]) -> Option<Mark> {
    let payload = payload(packet)?;
    let port = |at: usize| Some(u16::from_be_bytes([*payload.get(at)?, *payload.get(at + 1)?]));
    match kind {
        Kind::Icmp => None,
        Kind::Tcp => {
            let begins = payload.get(13)? & (SYN | ACK) == SYN;
            begins.then_some(Mark::Tcp(port(0)?, port(2)?))
        }
        Kind::Udp => Some(Mark::Udp(port(0)?, port(2)?)),
    }
}
