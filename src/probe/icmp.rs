//! Echo requests, all at once, by raw sockets.
//!
//! The matrix does not go through surge-ping, as [`ping`](super::ping()) does. Of 9,900 pings between 100 namespaces on
//! a busy machine of two CPUs, each cost 31 µs of CPU that way (a task, a timer and a registration for each, on one
//! thread), and 19 µs by raw sockets: 0.4 µs here, the rest on the kernel's way of two packets through four veth pairs
//! and a bridge. So sendmmsg and recvmmsg have nothing to gain (to read after every 32nd ping only was within the
//! noise), and one read after each send leaves no reply in a buffer and makes every round trip exact. See `figures` in
//! the tests.

use std::io::{self, ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
use nix::{setsockopt_impl, sockopt_impl};
use socket2::{Domain, Socket, Type};

use super::{Job, Observation, Patience, enter, nonce, trouble};
use crate::error::Result;
use crate::network::model::NamespaceName;

sockopt_impl!(
    /// The ICMP types that a raw socket does not want to see, one bit each.
    IcmpFilter,
    SetOnly,
    libc::SOL_RAW,
    ICMP_FILTER,
    u32
);

pub(super) const NO_SOCKET: &str = "no socket for pings could be opened";

/// From linux/icmp.h.
const ICMP_FILTER: libc::c_int = 1;
pub(super) const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;

/// Header, the run's token, and the flight's number.
const PACKET: usize = 16;

/// So many may be out that should come back before the sender waits for them: past 1000 packets, a CPU that lags
/// behind drops what is sent to it (net.core.netdev_max_backlog).
const WINDOW: usize = 256;

/// So long the sender waits for the window before it goes on all the same.
const LAG: Duration = Duration::from_millis(5);

/// What a received packet costs a socket's buffer, with its bookkeeping.
const BUFFERED: usize = 1024;

/// Sends every echo request, from each CPU its share, and collects the replies.
pub(super) fn run(lab: &str, jobs: Vec<Job<'_>>, patience: Patience) -> Result<Vec<(usize, Observation)>> {
    let shares = shares(jobs, std::thread::available_parallelism().map_or(1, usize::from));
    std::thread::scope(|scope| {
        let shards: Vec<_> =
            shares.into_iter().map(|share| scope.spawn(move || Ok(Shard::open(lab, share)?.run(patience)))).collect();
        let mut seen = Vec::new();
        for shard in shards {
            seen.extend(shard.join().expect("a thread of pings does not panic")?);
        }
        Ok(seen)
    })
}

/// Whole sources, about the same number of probes in each share. None is so small that a thread is not worth it.
fn shares(mut jobs: Vec<Job<'_>>, threads: usize) -> Vec<Vec<Job<'_>>> {
    const SMALL: usize = 64;
    jobs.sort_by_key(|job| &job.probe.from);
    let size = jobs.len().div_ceil(threads).max(SMALL);
    let mut shares: Vec<Vec<Job<'_>>> = Vec::new();
    for source in jobs.chunk_by(|a, b| a.probe.from == b.probe.from) {
        match shares.last_mut() {
            Some(share) if share.len() + source.len() / 2 < size => share.extend_from_slice(source),
            _ => shares.push(source.to_vec()),
        }
    }
    shares
}

/// What one thread sends.
struct Shard {
    sources: Vec<Source>,
    flights: Vec<Flight>,
    /// Tells this run's replies from any other's.
    token: u32,
    began: Instant,
    /// The last time that something was sent or arrived.
    last: Instant,
    /// Replies that should come and have not.
    missing: usize,
}

/// A socket in a namespace, with the address it sends from.
struct Source {
    socket: Socket,
    /// New in every run: with an old one, conntrack would take a request for part of an old flow, and no group would
    /// be asked.
    identifier: u16,
    /// Sent from here and not answered.
    out: usize,
}

struct Flight {
    index: usize,
    source: usize,
    to: Ipv4Addr,
    expected: bool,
    due: Duration,
    sent: Option<Instant>,
    rtt: Option<Duration>,
    resent: bool,
}

impl Shard {
    /// Opens the sockets, one per namespace and source address.
    fn open(lab: &str, mut jobs: Vec<Job<'_>>) -> Result<Self> {
        let key = |job: &Job<'_>| (job.probe.from.clone(), job.probe.source);
        jobs.sort_by_cached_key(key);
        let (mut sources, mut flights) = (Vec::new(), Vec::with_capacity(jobs.len()));
        for group in jobs.chunk_by(|a, b| key(a) == key(b)) {
            let (namespace, address) = key(&group[0]);
            let socket = open(lab, &namespace, address, group.len())?;
            flights.extend(group.iter().map(|job| Flight {
                index: job.index,
                source: sources.len(),
                to: job.probe.to,
                expected: job.probe.expected,
                due: job.due,
                sent: None,
                rtt: None,
                resent: false,
            }));
            sources.push(Source { socket, identifier: nonce() as u16, out: 0 });
        }
        let now = Instant::now();
        Ok(Shard { sources, flights, token: nonce() as u32, began: now, last: now, missing: 0 })
    }

    fn run(mut self, patience: Patience) -> Vec<(usize, Observation)> {
        let mut order: Vec<_> = (0..self.flights.len()).collect();
        order.sort_by_key(|flight| self.flights[*flight].due);
        self.send_all(&order);
        self.wait(patience.quiet, false);

        let lost: Vec<_> = order.into_iter().filter(|flight| self.flights[*flight].is_missing()).collect();
        if !lost.is_empty() {
            self.send_again(&lost);
            self.wait(patience.timeout, true);
        }
        let seen = |flight: Flight| {
            let observation = Observation { reached: flight.rtt.is_some(), rtt: flight.rtt, resent: flight.resent };
            (flight.index, observation)
        };
        self.flights.into_iter().map(seen).collect()
    }

    /// Sends each when it is due, and reads what has arrived in between.
    fn send_all(&mut self, order: &[usize]) {
        self.began = Instant::now();
        for &flight in order {
            let due = self.began + self.flights[flight].due;
            while let Some(early) = due.checked_duration_since(Instant::now()).filter(|early| !early.is_zero()) {
                self.poll(early.min(Duration::from_millis(1)));
            }
            self.send(flight);
            // A reply that nothing held back is there already: reading it now makes its round trip exact.
            self.drain(self.flights[flight].source);
            if self.missing > WINDOW {
                let until = Instant::now() + LAG;
                while self.missing > WINDOW && Instant::now() < until {
                    self.poll(Duration::from_millis(1));
                }
            }
        }
    }

    /// Sends what was lost once more, at the pace of its lane.
    fn send_again(&mut self, lost: &[usize]) {
        for &flight in lost {
            self.flights[flight].resent = true;
        }
        self.send_all(lost);
    }

    fn send(&mut self, index: usize) {
        let flight = &mut self.flights[index];
        let source = &mut self.sources[flight.source];
        let packet = request(source.identifier, self.token, index as u32);
        let to = SocketAddrV4::new(flight.to, 0).into();
        if flight.sent.is_none() {
            source.out += 1;
            self.missing += usize::from(flight.expected);
        }
        self.last = Instant::now();
        flight.sent = Some(self.last);
        // What the own namespace refuses to send (no route, a rule of its output chain) is lost like any other.
        if let Err(error) = source.socket.send_to(&packet, &to)
            && matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::ENOBUFS))
        {
            std::thread::sleep(Duration::from_millis(1));
            let _ = source.socket.send_to(&packet, &to);
        }
    }

    /// Reads all that has arrived at a source.
    fn drain(&mut self, source: usize) {
        let mut buffer = [0; 128];
        while self.sources[source].out > 0 {
            let length = match (&self.sources[source].socket).read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let Some((from, identifier, flight)) = reply(&buffer[..length], self.token) else { continue };
            let Some(flight) = self.flights.get_mut(flight as usize) else { continue };
            let its_own = flight.source == source && flight.to == from;
            if its_own && self.sources[source].identifier == identifier && flight.rtt.is_none() {
                self.last = Instant::now();
                flight.rtt = flight.sent.map(|sent| self.last - sent);
                self.sources[source].out -= 1;
                self.missing -= usize::from(flight.expected);
            }
        }
    }

    /// Waits until everything is answered, or until nothing has arrived for `quiet`; where `expected_only`, no longer
    /// than for those that should come.
    fn wait(&mut self, quiet: Duration, expected_only: bool) {
        let done = |shard: &Shard| {
            if expected_only { shard.missing == 0 } else { shard.sources.iter().all(|source| source.out == 0) }
        };
        while !done(self) {
            let waited = self.last.elapsed();
            match quiet.checked_sub(waited) {
                Some(left) if !left.is_zero() => self.poll(left),
                _ => return,
            }
        }
    }

    /// Waits for anything to arrive, and reads it.
    fn poll(&mut self, timeout: Duration) {
        let waiting: Vec<_> = (0..self.sources.len()).filter(|source| self.sources[*source].out > 0).collect();
        let mut sockets: Vec<_> =
            waiting.iter().map(|s| PollFd::new(self.sources[*s].socket.as_fd(), PollFlags::POLLIN)).collect();
        let timeout = PollTimeout::try_from(timeout.max(Duration::from_millis(1))).unwrap_or(PollTimeout::MAX);
        // An interrupted poll is tried again by the caller, who looks at the clock.
        let _ = poll(&mut sockets, timeout);
        let ready: Vec<_> =
            sockets.iter().zip(&waiting).filter(|(s, _)| s.any() == Some(true)).map(|(_, s)| *s).collect();
        for source in ready {
            self.drain(source);
        }
    }
}

impl Flight {
    fn is_missing(&self) -> bool {
        self.expected && self.rtt.is_none()
    }
}

/// A raw socket in a namespace that hears echo replies only, with room for all of them.
fn open(lab: &str, namespace: &NamespaceName, source: Option<Ipv4Addr>, replies: usize) -> Result<Socket> {
    enter(lab, namespace, || {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(socket2::Protocol::ICMPV4))?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, IcmpFilter, &!(1 << ECHO_REPLY))?;
        setsockopt(&socket, sockopt::RcvBufForce, &(replies * BUFFERED).max(1 << 18))?;
        setsockopt(&socket, sockopt::SndBufForce, &(replies * BUFFERED).max(1 << 18))?;
        if let Some(source) = source {
            socket.bind(&SocketAddrV4::new(source, 0).into())?;
        }
        Ok(socket)
    })?
    .map_err(|error: io::Error| trouble(lab, namespace, NO_SOCKET, error))
}

/// An echo request.
fn request(identifier: u16, token: u32, flight: u32) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = ECHO_REQUEST;
    packet[4..6].copy_from_slice(&identifier.to_be_bytes());
    packet[6..8].copy_from_slice(&(flight as u16).to_be_bytes());
    packet[8..12].copy_from_slice(&token.to_be_bytes());
    packet[12..16].copy_from_slice(&flight.to_be_bytes());
    let checksum = checksum(&packet);
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// Who sent an echo reply with this token, its identifier, and the flight it answers. The kernel has checked the sum.
fn reply(packet: &[u8], token: u32) -> Option<(Ipv4Addr, u16, u32)> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    let source: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    let echo: &[u8; PACKET] = packet.get(header..header + PACKET)?.try_into().ok()?;
    let word = |at: usize| u32::from_be_bytes([echo[at], echo[at + 1], echo[at + 2], echo[at + 3]]);
    let identifier = u16::from_be_bytes([echo[4], echo[5]]);
    let sequence = u16::from_be_bytes([echo[6], echo[7]]);
    let flight = word(12);
    (echo[0] == ECHO_REPLY && word(8) == token && sequence == flight as u16).then_some((
        source.into(),
        identifier,
        flight,
    ))
}

/// The internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

#[cfg(test)]
mod tests;
