//! Sends echo requests, all at once, over raw sockets.
//!
//! With 9,900 pings between 100 namespaces on a busy machine with two CPUs, raw sockets took 19 µs of CPU per ping: 0.4 µs
//! here, and the rest in the kernel, where two packets pass four veth pairs and a bridge. A library with a task, a timer
//! and a registration for each ping (surge-ping 0.9) took 31 µs. sendmmsg and recvmmsg would gain nothing: with 999,000
//! pings that all arrive, 86 % of the time went into `sendto` and 4 % into `recv`. One read after each send leaves no
//! reply in a buffer and makes every round trip exact. See `figures` in the tests.

use std::io::{self, ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::setsockopt;
use nix::{setsockopt_impl, sockopt_impl};
use socket2::{Domain, Socket, Type};

use super::account::{Account, Sending};
use super::echo::{self, ECHO_REPLY, ECHO_REQUEST, IcmpFilter};
use super::host::{nonce, trouble};
use super::job::Patience;
use super::messages::Said;
use super::sweep::{Ping, Sender};
use super::witness::Witness;
use crate::error::Result;
use crate::kernel::threads::{join, start};
use crate::kernel::{buffers, cost, exists, visit};
use crate::progress::Progress;

sockopt_impl!(
    /// How a socket sets "don't fragment", as one of `IP_PMTUDISC_…`.
    DontFragment,
    SetOnly,
    libc::IPPROTO_IP,
    libc::IP_MTU_DISCOVER,
    i32
);

/// The most outstanding pings with expected replies before the sender waits: beyond 1000 packets, a slow CPU drops
/// those sent to it (net.core.netdev_max_backlog).
const WINDOW: usize = 256;

/// How long the sender waits for the window before it continues anyway.
const LAG: Duration = Duration::from_millis(5);

/// The number of pings without expected replies after which a socket is read anyway.
const UNREAD: usize = 16;

/// The number of pings after which all sockets are read: requests gather also where nobody waits for replies.
const GATHERED: usize = 4096;

/// The number of pings between progress reports.
const TOLD: usize = 256;

/// The buffer space of a received packet, including the kernel's overhead.
const BUFFERED: usize = 1024;

/// The buffer space for requests that gather.
const REQUESTS: usize = 1 << 20;

/// Sends every echo request, each CPU its share, and collects the replies. `pings` are in the order of their senders;
/// each contains the run's token and its index. The sockets also hear the requests that their namespaces get, for the
/// witness.
pub(super) fn run(
    lab: &str,
    senders: &[Sender],
    mut pings: &mut [Ping],
    (token, witness): (u32, &Witness),
    patience: Patience,
    account: &Account<'_>,
    (progress, await_ears, await_others): (&dyn Progress, &dyn Fn(), &dyn Fn()),
) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let size = pings.len().div_ceil(threads).max(SMALL);
    let mut first = 0;
    // All sockets are open before the first request is sent: each hears those of all threads.
    let shards = std::thread::scope(|scope| {
        let mut shards = Vec::with_capacity(threads);
        while !pings.is_empty() {
            let share = share(pings, size);
            let (share, rest) = std::mem::take(&mut pings).split_at_mut(share);
            pings = rest;
            let number = (token, first);
            first += share.len() as u32;
            shards.push(start(scope, move || Shard::open(lab, senders, share, number, witness, account, progress))?);
        }
        shards.into_iter().map(join).collect::<Result<Vec<_>>>()
    })?;
    await_ears();
    // Until all have begun.
    let beginning = account.send();
    std::thread::scope(|scope| {
        let mut running = Vec::with_capacity(threads);
        for shard in shards {
            let sending = account.send();
            running.push(start(scope, move || shard.run(patience, sending))?);
        }
        drop(beginning);
        // A socket may have heard requests of other threads, until the last of them is done.
        let shards: Vec<_> = running.into_iter().map(join).collect();
        await_others();
        shards.into_iter().for_each(Shard::finish);
        Ok(())
    })
}

/// The smallest share that is worth a thread.
const SMALL: usize = 64;

/// About `size` of the first pings, without splitting a sender.
fn share(pings: &[Ping], size: usize) -> usize {
    let mut share = 0;
    for sender in pings.chunk_by(|a, b| a.sender == b.sender) {
        if share > 0 && share + sender.len() / 2 >= size {
            break;
        }
        share += sender.len();
    }
    share
}

/// One thread's share.
struct Shard<'a> {
    sources: Vec<Source>,
    pings: &'a mut [Ping],
    witness: &'a Witness,
    account: &'a Account<'a>,
    progress: &'a dyn Progress,
    /// Sent, and not yet reported to the account.
    sent: usize,
    /// Answered, and not yet reported to the account.
    back: usize,
    /// Identifies this run's replies.
    token: u32,
    /// The index of its first ping in the run.
    first: u32,
    began: Instant,
    /// The time of the last send or receipt.
    last: Instant,
    /// The number of expected replies that are missing.
    missing: usize,
    /// Sent since the last progress report.
    untold: usize,
    /// Sent since all sockets were read.
    gathered: usize,
}

/// A socket in a namespace with its source address.
struct Source {
    /// `None`: its namespace is gone, and nothing can be sent from there.
    socket: Option<Socket>,
    /// Its index among all senders.
    sender: u32,
    /// Its number for the witness, if it hears everything that its namespace gets.
    place: Option<u32>,
    /// The size of its packets with the IP header; `None`: no larger than needed.
    size: Option<u16>,
    /// The identifier, new in every run: with an old one, conntrack would treat a request as part of an old flow, and
    /// no group would apply.
    identifier: u16,
    /// Sent from here and not answered yet.
    out: usize,
    /// Sent from here since its socket was read.
    unread: usize,
}

impl<'a> Shard<'a> {
    /// Opens a socket for each sender whose namespace exists. The calling thread stays in the last one's namespace.
    fn open(
        lab: &str,
        senders: &[Sender],
        pings: &'a mut [Ping],
        (token, first): (u32, u32),
        witness: &'a Witness,
        account: &'a Account<'a>,
        progress: &'a dyn Progress,
    ) -> Result<Self> {
        let mut sources = Vec::new();
        for of_sender in pings.chunk_by_mut(|a, b| a.sender == b.sender) {
            let sender = of_sender[0].sender;
            let from = &senders[sender as usize];
            let place = witness.place_of(sender as usize);
            let socket = match exists(lab, &from.namespace) {
                true => Some(open(lab, from, of_sender.len(), place.is_some())?),
                false => None,
            };
            of_sender.iter_mut().for_each(|ping| ping.sender = sources.len() as u32);
            let (size, identifier) = (from.size, nonce() as u16);
            sources.push(Source { socket, sender, place, size, identifier, out: 0, unread: 0 });
        }
        let now = Instant::now();
        Ok(Shard {
            sources,
            pings,
            witness,
            account,
            progress,
            sent: 0,
            back: 0,
            token,
            first,
            began: now,
            last: now,
            missing: 0,
            untold: 0,
            gathered: 0,
        })
    }

    fn run(mut self, patience: Patience, sending: Sending) -> Self {
        self.send_all(|_| true, sending);
        self.wait(patience.quiet, false);
        let is_lost =
            |shard: &Self, ping: &Ping| ping.is_missing() && shard.sources[ping.sender as usize].socket.is_some();
        let lost: Vec<_> = (0..self.pings.len()).filter(|at| is_lost(&self, &self.pings[*at])).collect();
        if !lost.is_empty() {
            lost.into_iter().for_each(|at| self.pings[at].resent = true);
            self.send_all(|ping| ping.is_missing() && ping.resent, self.account.send());
            self.wait(patience.timeout, true);
        }
        self
    }

    /// Reads what the sockets have heard since.
    fn finish(mut self) {
        self.drain_all();
        self.pings.iter_mut().for_each(|ping| ping.sender = self.sources[ping.sender as usize].sender);
    }

    /// Sends each ping when it is due, and reads replies in between.
    fn send_all(&mut self, which: impl Fn(&Ping) -> bool, sending: Sending) {
        let chosen = |(index, ping): (usize, &Ping)| (which(ping) && !ping.due().is_zero()).then_some(index as u32);
        let mut later: Vec<u32> = self.pings.iter().enumerate().filter_map(chosen).collect();
        later.sort_by_key(|index| self.pings[*index as usize].due());
        let mut later = later.into_iter().map(|index| index as usize).peekable();
        let began = Instant::now();
        for index in 0..self.pings.len() {
            while let Some(due) = later.next_if(|index| self.pings[*index].due() <= began.elapsed()) {
                self.send(due);
            }
            if self.pings[index].due().is_zero() && which(&self.pings[index]) {
                self.send(index);
            }
        }
        for index in later {
            let due = began + self.pings[index].due();
            while let Some(early) = due.checked_duration_since(Instant::now()).filter(|early| !early.is_zero()) {
                self.poll(early.min(Duration::from_millis(1)));
            }
            self.send(index);
        }
        sending.leave(std::mem::take(&mut self.sent));
    }

    fn send(&mut self, index: usize) {
        let ping = &mut self.pings[index];
        let expected = ping.expected;
        let source = &mut self.sources[ping.sender as usize];
        let Some(socket) = &source.socket else { return };
        let request = echo::request(source.identifier, self.token, self.first + index as u32);
        let filled = source.size.map(|size| echo::filled(&request, size));
        let packet = filled.as_deref().unwrap_or(&request);
        let to = SocketAddrV4::new(ping.to, 0).into();
        if !ping.resent {
            source.out += 1;
            self.missing += usize::from(expected);
            self.untold += 1;
        }
        if self.untold == TOLD {
            self.progress.advance(std::mem::take(&mut self.untold));
        }
        source.unread += 1;
        self.last = Instant::now();
        ping.leaves(self.last - self.began);
        let mut sent = socket.send_to(packet, &to);
        if sent.as_ref().is_err_and(|error| matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::ENOBUFS))) {
            std::thread::sleep(Duration::from_millis(1));
            sent = socket.send_to(packet, &to);
        }
        // An error about an earlier packet (a router's link was too small) comes with the next one.
        if sent.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EMSGSIZE)) {
            sent = socket.send_to(packet, &to);
            ping.unsent = sent.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EMSGSIZE));
        }
        // A packet that the sender's namespace refuses (no route, a rule of its output chain) is lost without being
        // counted.
        self.sent += usize::from(sent.is_ok());
        // A reply that was not delayed is there already; reading it now makes its round trip exact.
        if expected || source.unread >= UNREAD {
            let source = self.pings[index].sender as usize;
            self.drain(source, Some(index));
        }
        self.gathered += 1;
        if self.gathered == GATHERED {
            self.drain_all();
        }
        if self.missing > WINDOW {
            let until = Instant::now() + LAG;
            while self.missing > WINDOW && Instant::now() < until {
                self.poll(Duration::from_millis(1));
            }
        }
    }

    /// Reads everything at all sources.
    fn drain_all(&mut self) {
        self.gathered = 0;
        (0..self.sources.len()).for_each(|source| self.drain(source, None));
    }

    /// Reads the replies and requests at a source: all of them, or up to the answer to one ping.
    fn drain(&mut self, source: usize, up_to: Option<usize>) {
        self.sources[source].unread = 0;
        let mut buffer = [0; 128];
        loop {
            let Some(mut socket) = self.sources[source].socket.as_ref() else { return };
            let length = match socket.read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            if self.sources[source].place.is_some_and(|place| self.witness.hear_echo(&buffer[..length], place)) {
                continue;
            }
            let Some((from, identifier, index)) = echo::reply(&buffer[..length], self.token) else { continue };
            let index = index.wrapping_sub(self.first) as usize;
            let Some(ping) = self.pings.get_mut(index) else { continue };
            let its_own = ping.sender as usize == source && ping.to == from;
            if its_own && self.sources[source].identifier == identifier && !ping.is_answered() {
                self.last = Instant::now();
                ping.answered(self.last - self.began);
                self.sources[source].out -= 1;
                self.back += 1;
                self.missing -= usize::from(ping.expected);
            }
            if up_to == Some(index) {
                return;
            }
        }
    }

    /// Waits until all pings are answered or known to be dropped, or until nothing has arrived for `quiet`; with
    /// `expected_only`, only until the expected replies are there.
    fn wait(&mut self, quiet: Duration, expected_only: bool) {
        let done = |shard: &Shard<'_>| {
            if expected_only { shard.missing == 0 } else { shard.sources.iter().all(|source| source.out == 0) }
        };
        loop {
            self.account.back(std::mem::take(&mut self.back));
            if done(self) || self.account.balances() {
                return;
            }
            let waited = self.last.elapsed();
            match quiet.checked_sub(waited) {
                Some(left) if !left.is_zero() => self.poll(left.min(self.account.pause())),
                _ => {
                    // A thread that was not scheduled for so long checks before it gives up.
                    let last = self.last;
                    self.poll(Duration::ZERO);
                    if self.last == last {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for anything to arrive, and reads it.
    fn poll(&mut self, timeout: Duration) {
        let waiting: Vec<_> = (0..self.sources.len()).filter(|source| self.sources[*source].out > 0).collect();
        let mut sockets: Vec<_> = waiting
            .iter()
            .filter_map(|s| Some(PollFd::new(self.sources[*s].socket.as_ref()?.as_fd(), PollFlags::POLLIN)))
            .collect();
        wait(&mut sockets, timeout);
        let ready: Vec<_> =
            sockets.iter().zip(&waiting).filter(|(s, _)| s.any() == Some(true)).map(|(_, s)| *s).collect();
        for source in ready {
            self.drain(source, None);
        }
    }
}

/// Opens a sender's socket in its namespace, with buffer space for this many replies, and for echo requests if it
/// `hears` them.
fn open(lab: &str, sender: &Sender, replies: usize, hears: bool) -> Result<Socket> {
    visit(lab, &sender.namespace)?;
    let open = || {
        let socket = socket(sender.source, hears)?;
        let room = replies * (BUFFERED + 2 * usize::from(sender.size.unwrap_or_default()));
        buffers::to_receive(&socket, room.max(1 << 18) + usize::from(hears) * REQUESTS)?;
        buffers::to_send(&socket, room.max(1 << 18))?;
        if sender.size.is_some() {
            // "Don't fragment", whatever the kernel remembers of the path.
            setsockopt(&socket, DontFragment, &libc::IP_PMTUDISC_PROBE)?;
        }
        Ok(socket)
    };
    open().map_err(|error: io::Error| trouble(lab, &sender.namespace, Said::NoSocketForPings, error))
}

/// Opens a raw socket in the thread's namespace that hears echo replies, and echo requests if it `hears` them. Reading it
/// does not wait.
pub(super) fn socket(source: Option<Ipv4Addr>, hears: bool) -> io::Result<Socket> {
    cost::socket();
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(socket2::Protocol::ICMPV4))?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, IcmpFilter, &!(1 << ECHO_REPLY | u32::from(hears) << ECHO_REQUEST))?;
    if let Some(source) = source {
        // Somebody may have removed the address; then nothing arrives, which is the result.
        socket.set_freebind_v4(true)?;
        socket.bind(&SocketAddrV4::new(source, 0).into())?;
    }
    Ok(socket)
}

/// Waits for anything to arrive, a millisecond at least. The caller checks the clock, and waits again after an interrupt.
pub(super) fn wait(sockets: &mut [PollFd<'_>], timeout: Duration) {
    let timeout = PollTimeout::try_from(timeout.max(Duration::from_millis(1))).unwrap_or(PollTimeout::MAX);
    let _ = poll(sockets, timeout);
}

#[cfg(test)]
mod tests;
